//! How long a lab of fifty hosts takes: up, a thousand packets, down.

use std::time::Instant;

use portolan_lab::compare::Comparison;
use portolan_lab::kernel::{Lab, Rights};
use portolan_lab::probe::{self, Patience, Probe};
use portolan_lab::sample::askable;

use crate::estates;
use crate::trial::Trial;

/// What is promised, in seconds: a second of it is waited for what is dropped.
pub(crate) const PROMISED: f64 = 1.5;
const HOSTS: u64 = 50;
const PROBES: usize = 1_000;

/// The median of five rounds, in seconds.
pub(crate) struct Rounds {
    pub(crate) all: f64,
    /// Of which to build it, to send and wait, and to take it down.
    pub(crate) parts: [f64; 3],
    pub(crate) hosts: usize,
    pub(crate) spaces: usize,
}

/// Builds, probes and takes down five times.
pub(crate) fn fifty_hosts(rights: Rights) -> Rounds {
    let network = estates::random(7, HOSTS + 10);
    let trial = Trial::new(&network, 7, PROBES * 2);
    let comparison = Comparison::new(&network, &trial.plan);
    let (asked, _) = askable(&comparison, &trial.questions);
    let probes: Vec<Probe> = asked.iter().map(|&(_, probe)| probe).take(PROBES).collect();
    assert_eq!(probes.len(), PROBES);
    assert!(trial.plan.hosts.len() >= 50, "{} hosts", trial.plan.hosts.len());
    let mut rounds: Vec<[f64; 4]> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            let lab = Lab::build(&trial.plan, rights).unwrap();
            let up = begun.elapsed().as_secs_f64();
            probe::send(&lab, &probes, Patience::default()).unwrap();
            let sent = begun.elapsed().as_secs_f64();
            drop(lab);
            let all = begun.elapsed().as_secs_f64();
            [all, up, sent - up, all - sent]
        })
        .collect();
    rounds.sort_by(|one, other| one[0].total_cmp(&other[0]));
    let [all, parts @ ..] = rounds[2];
    Rounds { all, parts, hosts: trial.plan.hosts.len(), spaces: trial.plan.spaces.len() }
}
