//! The hot paths, one at a time, for a machine that counts instructions.
//!
//! `instructions WORKLOAD ESTATE` prepares what the workload needs and then does
//! it inside [`measured_region`], the one function that `xtask instructions` lets
//! valgrind count. Everything is the same in each run: one thread, fixed seeds,
//! no clock.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use portolan::model::{ComponentId, Direction, Interface, Network};
use portolan::net::{IpSet, IpSetId, IpSets, Ipv4Set, Protocol};
use portolan::reach::engine::Chart;
use portolan::reach::explain::explain;
use portolan::reach::exposure::{self, PortsOptions};
use portolan::reach::place::Zones;
use portolan::record::{Audience, Port};
use portolan_ingest::{LoadOptions, Loaded, load, load_bytes_with};
use portolan_report::json;
use random::Random;

#[path = "../../../xtask/src/generate/random.rs"]
#[expect(dead_code, reason = "the generator's numbers, of which few are needed here")]
mod random;

/// What is done in here is counted, and nothing else.
#[inline(never)]
fn measured_region(work: &mut dyn FnMut()) {
    work();
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [workload, estate] = arguments.as_slice() else {
        return Err("usage: instructions WORKLOAD ESTATE".into());
    };
    // One VPC of a few hundred interfaces.
    let estate = Path::new(estate);
    match workload.as_str() {
        "sets" => sets(),
        "group-set" => group_set()?,
        "interfaces" => interfaces(estate)?,
        "evaluation" => evaluation(&loaded(estate)?),
        "records" => records(&loaded(estate)?),
        "explain" => explanations(&loaded(estate)?)?,
        other => return Err(format!("there is no workload `{other}`").into()),
    }
    Ok(())
}

/// One thread, so that all work is done in the one that is counted.
fn options() -> LoadOptions<'static> {
    LoadOptions { threads: Some(NonZeroUsize::MIN), ..LoadOptions::default() }
}

fn loaded(estate: &Path) -> Result<Loaded, Box<dyn Error>> {
    Ok(load(&[estate], &options())?)
}

/// Union, intersection, difference and interning, of every pair of sets of about
/// twenty ranges.
fn sets() {
    let mut random = Random::of(&[7]);
    let sets: Vec<Ipv4Set> = (0..60)
        .map(|_| {
            let ranges = (0..random.between(10, 30)).map(|_| {
                let first = random.between(10 << 24, (11 << 24) - 1);
                (first, first.saturating_add(random.below(1 << 16)))
            });
            Ipv4Set::from_ranges(ranges.collect::<Vec<_>>())
        })
        .collect();
    let mut arena = IpSets::new();
    measured_region(&mut || {
        let ids: Vec<IpSetId> = sets
            .iter()
            .map(|v4| arena.intern(IpSet { v4: v4.clone(), ..IpSet::default() }))
            .collect();
        for (at, &one) in ids.iter().enumerate() {
            for &other in ids.iter().skip(at) {
                let union = arena.union(one, other);
                let common = arena.intersection(one, other);
                black_box(arena.difference(union, common));
            }
        }
    });
}

/// All open ports, by class.
fn evaluation(loaded: &Loaded) {
    let options = PortsOptions::default();
    measured_region(&mut || {
        let (network, sources) = (&loaded.network, &loaded.sources);
        exposure::port_classes(
            network,
            sources,
            &options,
            &|classes| drop(black_box(classes)),
            &mut drop,
        );
    });
}

/// What the first question takes: a subnet with one interface in five groups of 150 rules.
fn group_set() -> Result<(), Box<dyn Error>> {
    let network = load_bytes_with(of_long_groups()?, &options())?.network;
    let (component, interface) = some_interfaces(&network).next().ok_or("no interface")?;
    let own = address(interface).ok_or("no address")?;
    let mut chart = Chart::of(&network, component);
    let peer = IpAddr::V4(Ipv4Addr::new(10, 0, 9, 9));
    measured_region(&mut || {
        let place = (interface.index(), own);
        let port = (Protocol::Tcp, 443);
        black_box(chart.judge(Direction::Ingress, place, peer, Audience::Estate, port));
    });
    Ok(())
}

fn of_long_groups() -> Result<Vec<(String, Vec<u8>)>, std::fmt::Error> {
    let mut random = Random::of(&[8]);
    let mut groups = String::new();
    for group in 0..5 {
        let mut permissions = String::new();
        for rule in 0..150 {
            let (first, length) = (random.below(1 << 16), random.between(20, 32));
            let range = (10 << 24 | first << 8) & (u32::MAX << (32 - length));
            let port = random.pick(&[22_u32, 80, 443, 5432, 8080, 9090]);
            let comma = if rule == 0 { "" } else { "," };
            write!(
                permissions,
                r#"{comma}{{"IpProtocol":"tcp","FromPort":{port},"ToPort":{},"IpRanges":[{{"CidrIp":"{}/{length}"}}]}}"#,
                port + random.below(3) * 10,
                Ipv4Addr::from(range),
            )?;
        }
        let comma = if group == 0 { "" } else { "," };
        write!(
            groups,
            r#"{comma}{{"GroupId":"sg-{group}","VpcId":"vpc-1","IpPermissions":[{permissions}],"IpPermissionsEgress":[]}}"#
        )?;
    }
    let worn = r#"[{"GroupId":"sg-0"},{"GroupId":"sg-1"},{"GroupId":"sg-2"},{"GroupId":"sg-3"},{"GroupId":"sg-4"}]"#;
    let files = [
        ("Vpcs", r#"[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}]"#.to_owned()),
        (
            "Subnets",
            r#"[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}]"#.to_owned(),
        ),
        ("SecurityGroups", format!("[{groups}]")),
        (
            "NetworkInterfaces",
            format!(
                r#"[{{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","PrivateIpAddresses":[{{"PrivateIpAddress":"10.0.1.5","Primary":true}}],"Groups":{worn}}}]"#
            ),
        ),
    ];
    let file = |(key, elements): (&str, String)| {
        (format!("{key}.json"), format!("{{\"{key}\":{elements}}}").into_bytes())
    };
    Ok(files.into_iter().map(file).collect())
}

/// Reading the network interfaces of the estate.
fn interfaces(estate: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(listing(estate, "NetworkInterfaces.json").ok_or("no listing")?)?;
    let mut files = Some(vec![("NetworkInterfaces.json".to_owned(), bytes)]);
    let mut outcome = Ok(());
    measured_region(&mut || {
        let read = files.take().map(|files| load_bytes_with(files, &options()));
        outcome = black_box(read).transpose().map(drop);
    });
    Ok(outcome?)
}

/// The listing of this name, in whatever account and region.
fn listing(estate: &Path, name: &str) -> Option<PathBuf> {
    let inside = |folder: PathBuf| fs::read_dir(folder).ok()?.next()?.ok().map(|it| it.path());
    inside(inside(estate.to_owned())?).map(|region| region.join(name))
}

/// Records as lines of JSON.
fn records(loaded: &Loaded) {
    let mut records: Vec<Port> = Vec::new();
    let options = PortsOptions::default();
    exposure::ports(&loaded.network, &loaded.sources, &options, &|ports| ports, &mut |ports| {
        let room = 500_usize.saturating_sub(records.len());
        records.extend(ports.into_iter().take(room));
    });
    let mut out = Vec::with_capacity(4 << 20);
    measured_region(&mut || {
        // As the command prints them. A vector takes everything.
        drop(json::Printed::lines(&records).and_then(|printed| printed.write(&mut out)));
    });
    black_box(out);
}

/// A few questions, every hop.
fn explanations(loaded: &Loaded) -> Result<(), Box<dyn Error>> {
    let network = &loaded.network;
    let all: Vec<String> =
        some_interfaces(network).map(|(_, it)| network.text(it.id()).to_owned()).collect();
    let pairs: Vec<(&String, &String)> =
        all.iter().step_by(37).zip(all.iter().skip(11).step_by(41)).take(10).collect();
    let mut asked = 0;
    measured_region(&mut || {
        for (from, to) in &pairs {
            let zones = Zones::default();
            let answer = explain(network, &zones, &loaded.sources, from, to, "tcp/443");
            asked += usize::from(black_box(answer).is_ok());
        }
    });
    if asked == pairs.len() { Ok(()) } else { Err("a question has no answer".into()) }
}

/// All interfaces that the source describes.
fn some_interfaces(network: &Network) -> impl Iterator<Item = (ComponentId, Interface<'_>)> {
    network.components.entries().flat_map(|(id, component)| {
        component.interfaces.iter().filter(|it| it.seen()).map(move |it| (id, it))
    })
}

fn address(interface: Interface<'_>) -> Option<IpAddr> {
    interface.ipv4().first().map(|held| IpAddr::V4(Ipv4Addr::from_bits(held.first)))
}
