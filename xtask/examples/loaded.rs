//! An estate, loaded once and asked from inside: what `make bench` can't see of
//! a process from outside.
//!
//! Prints one JSON object: processor time of evaluation alone, the number of
//! records, sampled flows on which engine and specification differ, and how long
//! single questions take. `xtask bench` runs it (see `xtask/src/bench/inside.rs`).
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

// The questions that the laws ask of small random estates, asked of a large one.
#[path = "../../crates/ingest/tests/estate"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    reason = "parts of the tests of portolan-ingest, which use all of them"
)]
mod estate {
    pub(crate) mod ask;
    pub(crate) mod edits;
    pub(crate) mod flows;
    pub(crate) mod random;
    pub(crate) mod twice;
}

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use estate::ask::{Answer, Question, Spot, answer};
use estate::flows::{Edges, sample};
use estate::random::Random;
use estate::twice;
use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use portolan::model::{ComponentId, Direction, Network, NetworkInterfaceId, SecurityGroupId};
use portolan::net::Protocol;
use portolan::reach::engine::{Chart, World};
use portolan::reach::explain::explain;
use portolan::reach::exposure::{self, PortsOptions};
use portolan::reach::place::Zones;
use portolan::reach::spec::Flow;
use portolan::reach::what_if::WhatIf;
use portolan::record::Port;
use portolan_ingest::{LoadOptions, Loaded};
use serde_json::{Map, Value, json};

// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What took so long is not done again: noise matters to what is short.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// So many flows are asked of one component before another one is drawn.
const FLOWS_OF_A_COMPONENT: u64 = 50;

/// Figures of a loaded estate
#[derive(Parser)]
struct Asked {
    /// Folder of an estate
    estate: PathBuf,
    /// Evaluate all classes so many times; the least processor time counts
    #[arg(long, default_value_t = 0)]
    evaluate: u32,
    /// Count the records of all interfaces
    #[arg(long)]
    records: bool,
    /// Ask the engine and the specification about so many flows
    #[arg(long, default_value_t = 0)]
    flows: u64,
    /// Explain so many flows
    #[arg(long, default_value_t = 0)]
    explain: u64,
    /// Edit so many rules, one after the other, and judge anew what each touches
    #[arg(long, default_value_t = 0)]
    edits: u64,
    /// Of the flows and edits
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let asked = Asked::parse();
    let loaded = portolan_ingest::load(&[&asked.estate], &LoadOptions::default())?;
    let coverage = exposure::coverage(&loaded.network);
    let mut figures = Map::new();
    let mut add = |name: &str, value: Value| drop(figures.insert(name.to_owned(), value));
    add("interfaces", json!(coverage.interfaces));
    add("limitations", json!(coverage.limitations));
    if asked.evaluate > 0 {
        add("evaluation", evaluation(&loaded, asked.evaluate)?);
    }
    if asked.records {
        let mut records = 0_u64;
        let options = PortsOptions::default();
        let count = |all: Vec<Port>| u64::try_from(all.len()).unwrap_or(u64::MAX);
        exposure::ports(&loaded.network, &loaded.sources, &options, &count, &mut |more| {
            records += more;
        });
        add("records", json!(records));
    }
    if asked.flows > 0 {
        add("flows", flows(&loaded.network, asked.flows, asked.seed));
    }
    if asked.explain > 0 {
        let (by_address, by_id) = questions(&loaded.network, asked.explain, asked.seed);
        add("explain_by_address", delays(&loaded, &by_address)?);
        add("explain_by_id", delays(&loaded, &by_id)?);
    }
    if asked.edits > 0 {
        add("what_if", edits(loaded.network, asked.edits, asked.seed)?);
    }
    println!("{}", Value::from(figures));
    Ok(())
}

/// The classes of the whole estate, computed and dropped.
fn evaluation(loaded: &Loaded, times: u32) -> Result<Value, Box<dyn Error>> {
    let mut least: Option<Duration> = None;
    for _ in 0..times {
        let before = processor()?;
        let options = PortsOptions::default();
        let (network, sources) = (&loaded.network, &loaded.sources);
        exposure::port_classes(network, sources, &options, &drop, &mut drop);
        let took = processor()?.saturating_sub(before);
        least = Some(least.map_or(took, |least| least.min(took)));
        if took > LONG_ENOUGH {
            break;
        }
    }
    Ok(json!({ "processor_seconds": least.unwrap_or_default().as_secs_f64() }))
}

/// User and system time of this process so far.
fn processor() -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let mut all = Duration::ZERO;
    for time in [usage.user_time(), usage.system_time()] {
        all += Duration::from_secs(time.tv_sec().try_into()?);
        all += Duration::from_micros(time.tv_usec().try_into()?);
    }
    Ok(all)
}

/// How many flows each component is asked about: the more interfaces, the more.
fn shares(network: &Network, flows: u64, random: &mut Random) -> BTreeMap<ComponentId, u64> {
    let interfaces: Vec<(ComponentId, NetworkInterfaceId)> = network
        .components
        .entries()
        .flat_map(|(id, component)| component.interfaces.iter().map(move |it| (id, it.index())))
        .collect();
    let mut shares = BTreeMap::new();
    let mut left = flows;
    while left > 0 {
        let share = left.min(FLOWS_OF_A_COMPONENT);
        let Some((component, _)) = random.pick_maybe(&interfaces) else { break };
        *shares.entry(*component).or_default() += share;
        left -= share;
    }
    shares
}

/// Engine and specification, asked the same.
fn flows(network: &Network, wanted: u64, seed: u64) -> Value {
    let mut random = Random::new(seed);
    let world = World::of(network);
    let (mut asked, mut open, mut wrong) = (0_u64, 0_u64, 0_u64);
    let mut first_wrong = None;
    for (component, share) in shares(network, wanted, &mut random) {
        let edges = Edges::within(network, [component]);
        let mut chart = Chart::within(network, &world, component);
        let (mut left, mut tries) = (share, 20 * share);
        while left > 0 && tries > 0 {
            tries -= 1;
            let Some(flow) = sample(network, &edges, &mut random) else { continue };
            // Of a receiver in another component nothing can be asked here.
            let questions = twice::questions(network, &flow);
            let mut here = questions.iter().filter(|about| about.component == component).peekable();
            if here.peek().is_none() {
                continue;
            }
            left -= 1;
            asked += 1;
            open += u64::from(answer(network, &flow) == Answer::Open);
            let differs = here.any(|about| {
                let (specified, loose) = twice::specified(network, about);
                let engine = twice::computed(&mut chart, about);
                !twice::agree(about, &specified, &engine, loose)
            });
            if differs {
                wrong += 1;
                first_wrong.get_or_insert_with(|| format!("{:?}", Question::of(network, &flow)));
            }
        }
    }
    json!({ "asked": asked, "open": open, "wrong": wrong, "first_wrong": first_wrong })
}

/// FROM, TO and PORT, as people write them.
type Words = (String, String, String);

/// Flows as questions, with ends given by address and by id.
fn questions(network: &Network, wanted: u64, seed: u64) -> (Vec<Words>, Vec<Words>) {
    let mut random = Random::new(!seed);
    let (mut by_address, mut by_id) = (Vec::new(), Vec::new());
    for (component, share) in shares(network, wanted, &mut random) {
        let edges = Edges::within(network, [component]);
        let flows = (0..share).filter_map(|_| sample(network, &edges, &mut random));
        for flow in flows {
            let question = Question::of(network, &flow);
            let port = port(&flow);
            let (from, to) = (address(&question.from), address(&question.to));
            by_address.push((from, to, port.clone()));
            by_id.push((id(&question.from), id(&question.to), port));
        }
    }
    (by_address, by_id)
}

fn port(flow: &Flow) -> String {
    let kind = flow.selector >> 8;
    match flow.protocol {
        Protocol::Tcp => format!("tcp/{}", flow.selector),
        Protocol::Udp => format!("udp/{}", flow.selector),
        Protocol::Icmp => format!("icmp/{kind}"),
        Protocol::Icmpv6 => format!("icmpv6/{kind}"),
        Protocol::Other(number) => format!("proto/{number}"),
    }
}

/// An end by its address, with the VPC where several may have it.
fn address(spot: &Spot) -> String {
    match spot {
        Spot::Interface { vpc, address, .. } | Spot::Vpc { id: vpc, address } => {
            format!("{vpc}/{address}")
        }
        Spot::Public(public) => std::net::Ipv4Addr::from_bits(*public).to_string(),
        Spot::NatGateway { address, .. }
        | Spot::Internet(address)
        | Spot::Network(address)
        | Spot::AmazonService(address) => address.to_string(),
    }
}

/// An end by its id, if it is an interface.
fn id(spot: &Spot) -> String {
    match spot {
        Spot::Interface { id, .. } => id.clone(),
        Spot::NatGateway { .. }
        | Spot::Vpc { .. }
        | Spot::Public(_)
        | Spot::Internet(_)
        | Spot::Network(_)
        | Spot::AmazonService(_) => address(spot),
    }
}

/// How long each question takes.
fn delays(loaded: &Loaded, questions: &[Words]) -> Result<Value, Box<dyn Error>> {
    let zones = Zones::default();
    let mut took = Vec::with_capacity(questions.len());
    for (from, to, port) in questions {
        let delay = Delay::begin()?;
        let answer = explain(&loaded.network, &zones, &loaded.sources, from, to, port);
        took.push(delay.end()?);
        answer.map_err(|error| format!("{from} {to} {port}: {error}"))?;
    }
    Ok(spread(&took))
}

/// One rule after the other is edited, any as likely as another, and taken back:
/// the time until all answers of the estate are those of the edited one.
fn edits(network: Network, wanted: u64, seed: u64) -> Result<Value, Box<dyn Error>> {
    let mut random = Random::new(seed);
    let mut rules: Vec<(ComponentId, SecurityGroupId)> = Vec::new();
    for (id, component) in network.components.entries() {
        for (group, facts) in component.security_groups.entries() {
            rules.extend(facts.rules.iter().map(|_| (id, group)));
        }
    }
    let mut estate = WhatIf::of(network, Direction::Ingress);
    let (mut took, mut changed) = (Vec::new(), 0);
    for _ in 0..wanted {
        let Some(&(component, group)) = random.pick_maybe(&rules) else { break };
        let facts = &estate.network().components[component];
        let edit = estate::edits::rules_of(facts, group, &mut random);
        let Some(mut edit) = edit else { continue };
        // There and back again.
        for _ in 0..2 {
            let delay = Delay::begin()?;
            let edited = estate.edit(component, edit)?;
            took.push(delay.end()?);
            changed += edited.changed.len();
            edit = edited.before;
        }
    }
    let mut figures = spread(&took);
    if let Some(figures) = figures.as_object_mut() {
        figures.insert("changed".to_owned(), json!(changed));
    }
    Ok(figures)
}

/// How long one thing takes: by the clock, and of the processor alone, which
/// does not count what other processes do meanwhile.
struct Delay {
    started: Instant,
    processor: Duration,
}

impl Delay {
    fn begin() -> Result<Self, Box<dyn Error>> {
        let processor = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into();
        Ok(Self { started: Instant::now(), processor })
    }

    fn end(self) -> Result<[Duration; 2], Box<dyn Error>> {
        let clock = self.started.elapsed();
        let processor: Duration = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into();
        Ok([clock, processor.saturating_sub(self.processor)])
    }
}

/// How many there are, and how long they take.
fn spread(took: &[[Duration; 2]]) -> Value {
    let (mut clock, mut processor): (Vec<_>, Vec<_>) =
        took.iter().map(|&[clock, processor]| (clock, processor)).unzip();
    let at = |all: &mut Vec<Duration>, percent: usize| {
        all.sort_unstable();
        let place = (all.len() * percent / 100).min(all.len().saturating_sub(1));
        all.get(place).map_or(0.0, |delay| 1e3 * delay.as_secs_f64())
    };
    json!({
        "asked": took.len(),
        "median_ms": at(&mut clock, 50),
        "p99_ms": at(&mut clock, 99),
        "processor_median_ms": at(&mut processor, 50),
        "processor_p99_ms": at(&mut processor, 99),
    })
}
