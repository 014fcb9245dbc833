//! A whole run: build, ask, compare, report.

use std::collections::BTreeMap;
use std::time::Instant;

use portolan::model::Network;
use serde::Serialize;

use crate::compare::{Comparison, Expected};
use crate::kernel::{Lab, LabError, Rights};
use crate::plan::{Options, Plan, Vantage, compile};
use crate::probe::{Outcome, Patience, Probe, send};
use crate::sample::{Sampler, addresses_outside, askable};

/// What a run shall do.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// What to build.
    pub plan: Options,
    /// How many packets to send, at most.
    pub probes: usize,
    /// Which: the same seed asks the same.
    pub seed: u64,
    /// How long answers are waited for.
    pub patience: Patience,
}

/// What a run found: `portolan.lab/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// `portolan.lab/1`.
    pub format: &'static str,
    /// The seed of the questions.
    pub seed: u64,
    /// Hosts that were built, those on the internet included.
    pub hosts: usize,
    /// Namespaces that were built.
    pub namespaces: usize,
    /// Packets whose fate was compared.
    pub compared: usize,
    /// What the kernel did with them.
    pub outcomes: Outcomes,
    /// Where it differs from the model.
    pub differences: Vec<Difference>,
    /// What was not compared, and why.
    pub not_compared: BTreeMap<&'static str, u64>,
    /// What the network holds and the lab does not.
    pub not_compiled: Vec<LeftOut>,
    /// How long it took, in seconds.
    pub seconds: Seconds,
}

/// Packets by what came back.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Outcomes {
    /// Answered by somebody who listens.
    pub open: u64,
    /// Refused by the host itself.
    pub closed: u64,
    /// Not answered.
    pub filtered: u64,
}

/// How long the parts of a run took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Seconds {
    /// Building.
    pub up: f64,
    /// Sending, and waiting for answers.
    pub probes: f64,
    /// Taking down.
    pub down: f64,
}

/// A packet that went otherwise than the model says.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The host that sends.
    pub from: String,
    /// The address and port that it sends from.
    pub source: String,
    /// The host that should receive; empty: nobody.
    pub to: String,
    /// The address that it sends to.
    pub destination: String,
    /// `tcp/443`.
    pub port: String,
    /// `arrives` or `filtered`.
    pub model: &'static str,
    /// `open`, `closed` or `filtered`.
    pub lab: &'static str,
}

/// Something that the network holds and the lab does not.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: &'static str,
}

/// Builds a network, sends packets on the edges of its rules, and compares.
///
/// # Errors
///
/// The machine does not do what the lab needs.
pub fn run(network: &Network, options: &RunOptions, rights: Rights) -> Result<Report, LabError> {
    let hosts = compile(network, &options.plan);
    let questions = Sampler::new(network, &hosts, options.seed).questions(options.probes);
    let mut planned = options.plan.clone();
    let addresses = addresses_outside(&questions);
    if !addresses.is_empty() {
        planned.vantages.push(Vantage { name: "outside".to_owned(), addresses });
    }
    let plan = compile(network, &planned);
    let comparison = Comparison::new(network, &plan);
    let (asked, mut not_compared) = askable(&comparison, &questions);
    let mut compared: Vec<(Probe, Expected)> = Vec::new();
    for (question, probe) in asked {
        match comparison.expected(&question) {
            Expected::Unknown(reason) => {
                let count: &mut u64 = not_compared.entry(reason).or_insert(0);
                *count = count.saturating_add(1);
            }
            expected @ (Expected::Arrives | Expected::Filtered) => compared.push((probe, expected)),
        }
    }
    let probes: Vec<Probe> = compared.iter().map(|&(probe, _)| probe).collect();

    let begun = Instant::now();
    let lab = Lab::build(&plan, rights)?;
    let up = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let results = send(&lab, &probes, options.patience)?;
    let sent = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    drop(lab);
    let down = begun.elapsed().as_secs_f64();

    let mut outcomes = Outcomes::default();
    let mut differences = Vec::new();
    for ((probe, expected), outcome) in compared.iter().zip(&results) {
        let count = match outcome {
            Outcome::Open => &mut outcomes.open,
            Outcome::Closed => &mut outcomes.closed,
            Outcome::Filtered => &mut outcomes.filtered,
        };
        *count = count.saturating_add(1);
        if expected.agrees(*outcome) == Some(false) {
            differences.push(difference(&plan, probe, expected, *outcome));
        }
    }
    let not_compiled = plan
        .not_compiled
        .iter()
        .map(|note| LeftOut { id: network.text(note.id).to_owned(), reason: note.reason })
        .collect();
    Ok(Report {
        format: "portolan.lab/1",
        seed: options.seed,
        hosts: plan.hosts.len(),
        namespaces: plan.spaces.len(),
        compared: compared.len(),
        outcomes,
        differences,
        not_compared,
        not_compiled,
        seconds: Seconds { up, probes: sent, down },
    })
}

fn difference(plan: &Plan, probe: &Probe, expected: &Expected, outcome: Outcome) -> Difference {
    let name = |space| {
        let host = plan.hosts.iter().find(|host| host.space == space);
        host.map(|host| host.name.clone()).unwrap_or_default()
    };
    let port = if probe.protocol.is_icmp() {
        let kind = portolan::net::IcmpType::from_key(probe.selector);
        format!("{}/{}/{}", probe.protocol, kind.kind, kind.code)
    } else {
        format!("{}/{}", probe.protocol, probe.selector)
    };
    let source = if probe.protocol.has_ports() {
        std::net::SocketAddr::new(probe.source, probe.source_port).to_string()
    } else {
        probe.source.to_string()
    };
    Difference {
        from: name(probe.from),
        source,
        to: probe.receiver.map(|(space, _)| name(space)).unwrap_or_default(),
        destination: probe.destination.to_string(),
        port,
        model: match expected {
            Expected::Arrives => "arrives",
            Expected::Filtered | Expected::Unknown(_) => "filtered",
        },
        lab: outcome.as_str(),
    }
}
