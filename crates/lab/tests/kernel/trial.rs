//! One network, built and probed.

use std::collections::BTreeMap;
use std::time::Instant;

use portolan::model::Network;
use portolan::reach::spec::judge;
use portolan_lab::compare::{Comparison, Expected, Question};
use portolan_lab::kernel::{Lab, Rights, become_root};
use portolan_lab::plan::{Options, Plan, Vantage, compile};
use portolan_lab::probe::{self, Outcome, Patience, Probe};
use portolan_lab::sample::{Sampler, addresses_outside, askable};

/// Ways of which it is counted how many packets took them.
const WAYS: [(&str, &str); 3] = [
    ("transit-gateway-attachment", "transit gateway"),
    ("nat-gateway", "NAT gateway"),
    ("load-balancer", "load balancer"),
];

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    pub(crate) features: BTreeMap<String, u64>,
    pub(crate) unknown: BTreeMap<&'static str, u64>,
    pub(crate) skipped: BTreeMap<&'static str, u64>,
    /// What the kernel sees otherwise than the specification.
    pub(crate) wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn probes(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// Percent of probes that arrived.
    pub(crate) fn arrived(&self) -> u64 {
        let arrived: u64 = self
            .outcomes
            .iter()
            .filter(|(outcome, _)| outcome.arrived())
            .map(|(_, count)| count)
            .sum();
        arrived * 100 / self.probes().max(1)
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        for (feature, count) in other.features {
            *self.features.entry(feature).or_default() += count;
        }
        for (reason, count) in other.unknown {
            *self.unknown.entry(reason).or_default() += count;
        }
        for (reason, count) in other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        self.wrong.extend(other.wrong);
    }

    pub(crate) fn print(&self) {
        println!("{} probes compared, {} % arrived", self.probes(), self.arrived());
        for (outcome, count) in &self.outcomes {
            println!("  {:<60} {count}", outcome.as_str());
        }
        for (feature, count) in &self.features {
            println!("  {feature:<60} {count}");
        }
        for (reason, count) in &self.unknown {
            println!("  not compared: {reason:<46} {count}");
        }
        for (reason, count) in &self.skipped {
            println!("  not asked: {reason:<49} {count}");
        }
    }
}

/// The right to build labs, or a word that there is none.
pub(crate) fn rights() -> Option<Rights> {
    if !nix::unistd::geteuid().is_root() {
        println!("SKIPPED: lab not available: these tests are root's");
        return None;
    }
    match become_root() {
        Ok(rights) if std::process::Command::new("nft").arg("--version").output().is_ok() => {
            Some(rights)
        }
        Ok(_) => {
            println!("SKIPPED: lab not available: there is no nft");
            None
        }
        Err(error) => {
            println!("SKIPPED: lab not available: {error}");
            None
        }
    }
}

/// What is asked of one network: questions, and the plan in which they can be asked.
pub(crate) struct Trial<'n> {
    pub(crate) network: &'n Network,
    pub(crate) plan: Plan,
    pub(crate) questions: Vec<Question>,
}

impl<'n> Trial<'n> {
    pub(crate) fn new(network: &'n Network, seed: u64, wanted: usize) -> Self {
        let hosts = compile(network, &Options::default());
        let questions = Sampler::new(network, &hosts, seed).questions(wanted);
        let outside =
            Vantage { name: "outside".to_owned(), addresses: addresses_outside(&questions) };
        let options = Options { vantages: vec![outside], ..Options::default() };
        Self { network, plan: compile(network, &options), questions }
    }

    /// Builds, asks, compares.
    pub(crate) fn run(&self, rights: Rights, patience: Patience) -> Tally {
        let comparison = Comparison::new(self.network, &self.plan);
        let (asked, skipped) = askable(&comparison, &self.questions);
        let mut tally = Tally { skipped, ..Tally::default() };
        let mut compared: Vec<(Question, Probe, Expected)> = Vec::new();
        for (question, probe) in asked {
            match comparison.expected(&question) {
                Expected::Unknown(reason) => *tally.unknown.entry(reason).or_default() += 1,
                expected @ (Expected::Arrives | Expected::Filtered) => {
                    compared.push((question, probe, expected));
                }
            }
        }
        let probes: Vec<Probe> = compared.iter().map(|&(_, probe, _)| probe).collect();
        let begun = Instant::now();
        let lab = match Lab::build(&self.plan, rights) {
            Ok(lab) => lab,
            Err(error) => panic!("{error}"),
        };
        let built = begun.elapsed();
        let outcomes = match probe::send(&lab, &probes, patience) {
            Ok(outcomes) => outcomes,
            Err(error) => panic!("{error}"),
        };
        if std::env::var_os("LAB_TIMES").is_some() {
            println!(
                "{} spaces up in {built:?}, all in {:?}",
                self.plan.spaces.len(),
                begun.elapsed()
            );
        }
        for ((question, probe, expected), outcome) in compared.into_iter().zip(outcomes) {
            *tally.outcomes.entry(outcome).or_default() += 1;
            let family = if probe.source.is_ipv4() { "IPv4" } else { "IPv6" };
            let arrived = if outcome.arrived() { "arrived" } else { "filtered" };
            let feature = format!("{family} {} {arrived}", probe.protocol);
            *tally.features.entry(feature).or_default() += 1;
            let trace = judge(self.network, &question.flow).trace;
            for (component, way) in WAYS {
                if trace.forward.iter().any(|step| step.component == component) {
                    *tally.features.entry(format!("over a {way} {arrived}")).or_default() += 1;
                }
            }
            if expected.agrees(outcome) == Some(false) {
                let name = |space: usize| &self.plan.spaces[space].name;
                tally.wrong.push(format!(
                    "{} {}:{} -> {} {} {}/{}: expected {expected:?}, the kernel says {outcome:?}\n    {:?}\n    the specification refuses: {:?}",
                    name(probe.from),
                    probe.source,
                    probe.source_port,
                    probe.receiver.map_or("nobody", |(space, _)| name(space)),
                    probe.destination,
                    probe.protocol,
                    probe.selector,
                    question.flow,
                    trace.blocks.iter().map(|block| (block.code, block.step.id)).collect::<Vec<_>>(),
                ));
            }
        }
        tally
    }
}
