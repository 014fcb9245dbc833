//! Estates of any size, made up, as `aws ec2 describe-*` prints them.
//!
//! The distributions are those of real estates as far as they are known: many
//! small VPCs and a few huge ones, groups that refer to groups, ACLs of which
//! some forget the reply, peers whose routes forget a range. Everything follows
//! from the seed. Listings are written element by element, so that the size of
//! an estate is bounded by the disk.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::Outcome;

mod acls;
mod counts;
mod groups;
mod interfaces;
mod layout;
mod listing;
mod load_balancers;
mod plan;
mod prefix_lists;
mod random;
mod routing;
mod shapes;
mod transit_gateways;
mod vpcs;

pub(crate) use counts::{Counts, beside, path as counts_path};
use listing::Listings;
pub(crate) use plan::LARGEST_OF_ALL;
use plan::{Estate, Vpc};
use prefix_lists::PrefixList;

/// Changes when the same seed gives another estate, so that kept ones are made anew.
pub(crate) const VERSION: u32 = 5;

/// What to generate
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Network interfaces in all
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=16_000_000))]
    pub(crate) interfaces: u32,
    /// The same seed gives the same estate
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Directory to write to; must be absent or empty
    #[arg(long)]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) shape: Shape,
}

/// How the interfaces are spread, and how they are written.
#[derive(Args, Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Shape {
    /// Accounts; one for about 8,000 interfaces unless given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) accounts: Option<u32>,
    /// One account and one region: each listing is one file
    #[arg(long, conflicts_with = "accounts")]
    pub(crate) one_file: bool,
    /// All interfaces in one VPC, at most 256,000 (the quota of network addresses)
    #[arg(long)]
    pub(crate) one_vpc: bool,
    /// As the CLI prints it: about twice the bytes
    #[arg(long)]
    pub(crate) indented: bool,
}

impl Shape {
    /// A name for kept estates.
    pub(crate) fn name(self) -> String {
        let accounts = self.accounts.map(|accounts| format!("-{accounts}-accounts"));
        let flags = [
            (self.one_file, "-one-file"),
            (self.one_vpc, "-one-vpc"),
            (self.indented, "-indented"),
        ];
        let flags = flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned());
        accounts.into_iter().chain(flags).collect()
    }
}

/// What is known while one VPC is written.
#[derive(Clone, Copy, Debug)]
struct Site<'a> {
    estate: &'a Estate,
    vpc: &'a Vpc,
    account: &'a str,
    subnets: &'a [layout::Subnet],
    lists: &'a [PrefixList],
}

impl Site<'_> {
    fn vpc_id(&self) -> String {
        self.estate.vpc_id(self.vpc.number)
    }

    /// An id within this VPC.
    fn id(&self, prefix: &str, number: u32) -> String {
        self.estate.id(prefix, &[self.vpc.number, number])
    }

    /// A stream of numbers for one part of this VPC.
    fn random(&self, part: u64) -> random::Random {
        random::Random::of(&[self.estate.seed, u64::from(self.vpc.number), part])
    }
}

/// Generates the estate, says on stderr what it holds, and writes the same beside it.
pub(crate) fn run(args: &GenerateArgs) -> Outcome {
    fs::create_dir_all(&args.out)?;
    if fs::read_dir(&args.out)?.next().is_some() {
        return Err(format!("`{}` is not empty", args.out.display()).into());
    }
    if args.shape.one_vpc && args.interfaces > LARGEST_OF_ALL {
        return Err(format!("a VPC holds at most {LARGEST_OF_ALL} interfaces").into());
    }
    let estate = Estate::plan(args.seed, args.interfaces, args.shape);
    let counts = write(&estate, &args.out)?;
    fs::write(counts_path(&args.out), serde_json::to_vec_pretty(&counts)?)?;
    eprintln!("generate: seed {}: {counts}", args.seed);
    Ok(true)
}

/// Writes `<out>/<account>/<region>/<listing>.json` for every account and region.
fn write(estate: &Estate, out: &Path) -> Result<Counts, Box<dyn Error>> {
    let mut counts = Counts::default();
    let mut by_place: Vec<&Vpc> = estate.vpcs.iter().collect();
    by_place.sort_by_key(|vpc| (vpc.account, vpc.region, vpc.number));
    for neighbours in by_place.chunk_by(|a, b| (a.account, a.region) == (b.account, b.region)) {
        let Some(first) = neighbours.first() else { continue };
        let account = estate.account_id(first.account);
        let folder = out.join(&account).join(first.region);
        fs::create_dir_all(&folder)?;
        let mut listings = Listings::create(&folder, estate.shape.indented)?;
        let lists = prefix_lists::of(estate, first.account, first.region);
        prefix_lists::write(&lists, &account, first.region, &mut listings)?;
        for vpc in neighbours {
            let subnets = layout::subnets(estate, vpc);
            let site = Site { estate, vpc, account: &account, subnets: &subnets, lists: &lists };
            vpcs::write(&site, &mut listings, &mut counts)?;
            routing::write(&site, &mut listings, &mut counts)?;
            acls::write(&site, &mut listings, &mut counts)?;
            groups::write(&site, &mut listings, &mut counts)?;
            interfaces::write(&site, &mut listings, &mut counts)?;
            transit_gateways::write_attachment(&site, &mut listings)?;
        }
        let (account, region) = (first.account, first.region);
        transit_gateways::write(estate, account, region, &mut listings, &mut counts)?;
        vpcs::write_peerings(estate, neighbours, &mut listings, &mut counts)?;
        listings.finish()?;
    }
    Ok(counts)
}

/// `Name`, as a tag.
fn name_tag(name: impl Into<String>) -> Vec<shapes::Tag> {
    vec![shapes::Tag { key: "Name".to_owned(), value: name.into() }]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn generate(seed: u64, interfaces: u32, name: &str) -> (PathBuf, Counts) {
        let out = std::env::temp_dir().join(format!("portolan-{name}-{}", std::process::id()));
        fs::create_dir_all(&out).unwrap();
        let shape = Shape::default();
        let counts = write(&Estate::plan(seed, interfaces, shape), &out).unwrap();
        (out, counts)
    }

    fn contents(dir: &Path) -> Vec<(PathBuf, String)> {
        let mut files = crate::floor::json_files(dir).unwrap();
        files.sort();
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(dir).unwrap().to_owned(), text)
        };
        let mut contents: Vec<_> = files.into_iter().map(|(_, path)| read(path)).collect();
        contents.sort();
        contents
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let (first, counts) = generate(5, 1_500, "same-a");
        let (second, _) = generate(5, 1_500, "same-b");
        let (other, _) = generate(6, 1_500, "same-c");
        assert_eq!(counts.interfaces, 1_500);
        assert_eq!(contents(&first), contents(&second));
        assert_ne!(contents(&first), contents(&other));
        for dir in [first, second, other] {
            fs::remove_dir_all(dir).unwrap();
        }
    }

    /// The values of `"key":"…"` in one listing of all places.
    fn values(contents: &[(PathBuf, String)], listing: &str, key: &str) -> BTreeSet<String> {
        let needle = format!("\"{key}\":\"");
        contents
            .iter()
            .filter(|(path, _)| path.file_stem().is_some_and(|name| name == listing))
            .flat_map(|(_, text)| text.split(&needle).skip(1))
            .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn what_is_referred_to_is_there() {
        let (dir, _) = generate(5, 20_000, "whole");
        let all = contents(&dir);
        fs::remove_dir_all(dir).unwrap();
        for (from, key, to) in [
            ("NetworkInterfaces", "SubnetId", "Subnets"),
            ("NetworkInterfaces", "InstanceId", "Reservations"),
            ("NetworkInterfaces", "GroupId", "SecurityGroups"),
            ("RouteTables", "SubnetId", "Subnets"),
            ("NetworkAcls", "SubnetId", "Subnets"),
            ("SecurityGroups", "VpcPeeringConnectionId", "VpcPeeringConnections"),
            ("SecurityGroups", "PrefixListId", "ManagedPrefixListEntries"),
            ("NatGateways", "NetworkInterfaceId", "NetworkInterfaces"),
            ("Addresses", "NetworkInterfaceId", "NetworkInterfaces"),
            ("RouteTables", "TransitGatewayId", "TransitGateways"),
            ("TransitGatewayVpcAttachments", "VpcId", "Vpcs"),
            ("TransitGatewayRoutes", "TransitGatewayAttachmentId", "TransitGatewayAttachments"),
            (
                "TransitGatewayVpcAttachments",
                "TransitGatewayAttachmentId",
                "TransitGatewayAttachments",
            ),
            ("LoadBalancers", "SubnetId", "Subnets"),
            ("LoadBalancerListeners", "LoadBalancerArn", "LoadBalancers"),
            ("LoadBalancerListeners", "TargetGroupArn", "TargetGroups"),
            ("ListenerRules", "ListenerArn", "LoadBalancerListeners"),
        ] {
            let (named, described) = (values(&all, from, key), values(&all, to, key));
            assert!(!named.is_empty(), "{from} names no {key}");
            assert!(named.is_subset(&described), "{key} of {from} that {to} does not hold");
        }
    }

    #[test]
    fn whoever_reads_the_estate_misses_nothing() {
        // Small VPCs, whose public subnets are often too few for their NAT gateways.
        for (seed, interfaces) in [(7, 4_000), (8, 1_000), (9, 1_000)] {
            let (dir, counts) = generate(seed, interfaces, "known");
            let options = portolan_ingest::LoadOptions::default();
            let loaded = portolan_ingest::load(&[&dir], &options).unwrap();
            fs::remove_dir_all(dir).unwrap();
            assert_eq!(loaded.network.limitations.len(), 0, "seed {seed}");
            assert_eq!(loaded.report.elements["NetworkInterfaces"], u64::from(counts.interfaces));
        }
    }

    #[test]
    fn targets_of_load_balancers_and_what_their_zones_name_are_there() {
        let (dir, counts) = generate(5, 20_000, "targets");
        let all = contents(&dir);
        fs::remove_dir_all(dir).unwrap();
        let mut known = values(&all, "Reservations", "InstanceId");
        known.extend(values(&all, "NetworkInterfaces", "PrivateIpAddress"));
        let targets = values(&all, "LoadBalancerTargetHealth", "Id");
        assert!(targets.len() > 500 && counts.targets > 500, "{counts}");
        assert!(targets.is_subset(&known));
        let nodes = values(&all, "NetworkInterfaces", "Description");
        assert!(nodes.iter().filter(|it| it.starts_with("ELB ")).count() > 100);
    }

    #[test]
    fn no_address_is_given_twice() {
        let (dir, counts) = generate(9, 20_000, "addresses");
        let all = contents(&dir);
        fs::remove_dir_all(dir).unwrap();
        let public = values(&all, "NetworkInterfaces", "PublicIp");
        assert_eq!(public.len(), usize::try_from(counts.public_addresses).unwrap());
        let interfaces = values(&all, "NetworkInterfaces", "MacAddress");
        assert_eq!(interfaces.len(), 20_000);
    }
}
