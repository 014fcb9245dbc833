//! The traps of AWS networking: one small network and its true answers for
//! each sentence of the AWS documentation that decides whether a port is open.
//!
//! `docs/semantics.md` names the sentence, its page and the test here. A
//! question and its answer are one line:
//!
//! ```text
//! 8.8.8.8 -> a tcp/443 = open
//! 8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
//! b -> a tcp/443 = open to clients 49152-65535
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::reach::explain::explain;
use crate::reach::place::Zones;
use crate::record::{Clients, Explanation, Verdict};
use crate::testing::{self, Lines};
use engine::Agreement;

mod access;
mod document;
mod endpoints;
mod engine;
mod firewalls;
mod groups;
mod hosts;
mod interface_endpoints;
mod internet;
mod ipv6;
mod load_balancers;
mod middleboxes;
mod nat;
mod network_acls;
mod peering;
mod references;
mod remote_access;
mod routes;
mod services;
mod through;
mod torture;
mod transit_gateways;
mod unmodelled;

/// Asks a network questions and compares the answers. The engine must agree with
/// the specification about each, and about every other pair of places.
#[track_caller]
fn check(network: &str, questions: &str) {
    ask(network, questions, Agreement::Exact);
}

#[track_caller]
fn ask(network: &str, questions: &str, wanted: Agreement) {
    let network = testing::network(network).unwrap();
    let (mut expected, mut actual) = (String::new(), String::new());
    let (mut asked, mut ports) = (BTreeSet::new(), BTreeSet::new());
    for line in questions.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (question, answer) = line.split_once(" = ").unwrap();
        let (from, rest) = question.split_once(" -> ").unwrap();
        let (to, port) = rest.split_once(' ').unwrap();
        let explanation = explain(&network, &Zones::default(), &Lines, from, to, port).unwrap();
        asked.extend([from, to]);
        ports.insert(port);
        writeln!(expected, "{question} = {answer}").unwrap();
        writeln!(actual, "{question} = {}", rendered(&explanation)).unwrap();
    }
    assert!(!expected.is_empty(), "nothing was asked");
    assert_eq!(actual, expected, "\nanswered:\n{actual}\nexpected:\n{expected}");

    let mut exact = true;
    let mut charts = engine::Charts::new();
    let places = engine::places(&network, &asked);
    for from in &places {
        for to in &places {
            for port in &ports {
                exact &= engine::agrees(&network, &mut charts, (from, to, port), wanted);
            }
        }
    }
    let apart = wanted == Agreement::Bounds;
    assert!(!(apart && exact), "the engine agrees now: `check` says so");
}

/// An answer in a line: the verdict, for which clients, and what decided.
fn rendered(explanation: &Explanation) -> String {
    let also = match explanation.also.as_str() {
        "" => String::new(),
        also => format!(", also {also}"),
    };
    match explanation.verdict {
        Verdict::Open => match explanation.clients {
            Clients::All => "open".to_owned(),
            Clients::Some => format!("open to clients {}", explanation.client_ports),
            Clients::Unknown | Clients::None => "open to unknown clients".to_owned(),
        },
        Verdict::Closed => {
            let codes: BTreeSet<&str> =
                explanation.blocked_by.iter().map(|blocker| blocker.code.as_str()).collect();
            format!("closed by {}{also}", joined(&codes))
        }
        Verdict::Unknown => {
            let codes: BTreeSet<&str> =
                explanation.limitations.iter().map(|known| known.code.as_str()).collect();
            format!("unknown for {}{also}", joined(&codes))
        }
    }
}

fn joined(words: &BTreeSet<&str>) -> String {
    if words.is_empty() {
        return "nothing".to_owned();
    }
    words.iter().copied().collect::<Vec<_>>().join(", ")
}

/// A host on the internet in IPv4 and IPv6, `a`, whose group is `g`: the lines
/// that follow say what the group is.
fn web(rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 2001:db8::/56 igw
         subnet web v1 10.0.1.0/24 2001:db8:0:1::/64 route any->igw
         interface a web 10.0.1.10 public=198.51.100.7 2001:db8:0:1::a groups=g
         {rest}"
    )
}
