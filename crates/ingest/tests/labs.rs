//! The scoreboard: real AWS networks that were really probed with nmap, against the specification.
//!
//! The inputs are not part of the project; `PORTOLAN_TEST_DATA` names the
//! folder that holds them. Without it these tests say so and pass.
#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test prints its score and may panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use portolan::reach::explain::explain;
use portolan::reach::place::Zones;
use portolan::record::Verdict;

fn data() -> Option<PathBuf> {
    let data = std::env::var_os("PORTOLAN_TEST_DATA").map(PathBuf::from);
    if data.is_none() {
        eprintln!(
            "SKIPPED: PORTOLAN_TEST_DATA is not set, so the real AWS probes were not compared"
        );
    }
    data
}

#[derive(Clone, Copy, Default)]
struct Score {
    agree: usize,
    false_deny: usize,
    false_allow: usize,
    unknown: usize,
}

#[test]
fn real_probes_agree_with_the_specification() {
    let Some(data) = data() else { return };
    let mut labs: BTreeMap<String, portolan_ingest::Loaded> = BTreeMap::new();
    let mut scores: BTreeMap<(String, String), Score> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut undecided = BTreeSet::new();
    let table = std::fs::read_to_string(data.join("expected/A1-observed.csv")).unwrap();
    let mut rows = table.lines();
    let header: Vec<&str> = rows.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|known| *known == name).unwrap();
    let verbose = std::env::var_os("PORTOLAN_VERBOSE").is_some();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let cell = |name: &str| cells[column(name)];
        let lab = cell("lab").to_owned();
        let loaded = labs
            .entry(lab.clone())
            .or_insert_with(|| load(&data.join("A1-labs").join(&lab).join("aws_configs")));
        let port = match cell("proto") {
            "icmp" => "icmp/8".to_owned(),
            protocol => format!("{protocol}/{}", cell("dst_port")),
        };
        let (from, to) = (cell("src_ip"), cell("dst_ip"));
        let answer = explain(&loaded.network, &Zones::default(), &(), from, to, &port).unwrap();
        let score = scores.entry((cell("scope").to_owned(), lab.clone())).or_default();
        let reachable = cell("reachable") == "yes";
        match answer.verdict {
            Verdict::Unknown => score.unknown += 1,
            Verdict::Open if reachable => score.agree += 1,
            Verdict::Closed if !reachable => score.agree += 1,
            Verdict::Open => score.false_allow += 1,
            Verdict::Closed => score.false_deny += 1,
        }
        let agrees = (answer.verdict == Verdict::Open) == reachable;
        if cell("scope") == "network" && answer.verdict != Verdict::Unknown && !agrees {
            wrong.push(format!(
                "{lab}: {from} -> {to} {port}: said {:?}, was {}",
                answer.verdict,
                cell("observed_state")
            ));
        }
        if answer.verdict == Verdict::Unknown && cell("scope") == "network" {
            undecided.insert(format!("{lab} {from} {to} {port}"));
        }
        if verbose && answer.verdict == Verdict::Unknown && cell("scope") == "network" {
            let why: Vec<String> =
                answer.limitations.iter().map(|l| format!("{} {}", l.code, l.about)).collect();
            eprintln!(
                "unknown {lab}: {from} -> {to} {port} was {} {why:?}",
                cell("observed_state")
            );
        }
    }
    let mut total = Score::default();
    println!(
        "{:<22} {:<38} {:>6} {:>11} {:>12} {:>8}",
        "scope", "lab", "agree", "false deny", "false allow", "unknown"
    );
    for ((scope, lab), score) in &scores {
        println!(
            "{scope:<22} {lab:<38} {:>6} {:>11} {:>12} {:>8}",
            score.agree, score.false_deny, score.false_allow, score.unknown
        );
        if scope == "network" {
            total.agree += score.agree;
            total.false_deny += score.false_deny;
            total.false_allow += score.false_allow;
            total.unknown += score.unknown;
        }
    }
    println!(
        "network: {} agree, {} false deny, {} false allow, {} unknown",
        total.agree, total.false_deny, total.false_allow, total.unknown
    );
    assert_eq!(wrong, Vec::<String>::new(), "verdicts that AWS itself contradicts");
    let listed = include_str!("labs_unknown.txt").lines();
    let listed = listed.filter_map(|line| line.split('#').next().map(|row| row.trim().to_owned()));
    let listed: BTreeSet<String> = listed.filter(|row| !row.is_empty()).collect();
    assert_eq!(undecided, listed, "what is not decided, and what labs_unknown.txt lists");
    assert_eq!(total.agree + listed.len(), 1227, "probes of these networks");
}

fn load(folder: &Path) -> portolan_ingest::Loaded {
    portolan_ingest::load(&[folder], &portolan_ingest::LoadOptions::default()).unwrap()
}
