//! What exceptions allow, and what they don't.

use super::*;
use crate::audit::tests::web;
use crate::audit::{AuditOptions, audit};
use crate::testing::{Lines, network};

/// `until` decides whether it has lapsed: today is 2026-06-01.
fn exception(code: &str, thing: &str, ports: &str, sources: &str, until: &str) -> Exception {
    let packets = (!ports.is_empty()).then(|| Packets {
        ports: ports.split(' ').map(|it| PortFilter::filter(it).unwrap()).collect(),
        sources: sources.split(' ').map(|it| Selector::parse(it).unwrap()).collect(),
    });
    Exception {
        code: code.to_owned(),
        thing: thing.to_owned(),
        place: Selector::parse(thing).unwrap(),
        direction: None,
        packets,
        reason: "until the move".to_owned(),
        owner: "team".to_owned(),
        until: until.to_owned(),
        expired: until < "2026-06-01",
        file: "portolan.exceptions.toml".to_owned(),
        line: Some(3),
    }
}

const SSH: &str = "administration-open-to-internet";

/// A network, the exceptions, and what is said of each finding about packets and
/// each exception that is found, one a line.
#[track_caller]
fn check(text: &str, exceptions: Vec<Exception>, expected: &str) {
    let network = network(&web(text)).unwrap();
    let mut findings = audit(&network, &Lines, &AuditOptions::default());
    let excuses = Excuses { exceptions, ..Excuses::default() };
    assert_eq!(except(&network, &excuses, &mut findings), []);
    let said = |it: &Finding| {
        let state = match (&it.exception, it.beyond.as_slice()) {
            (Some(by), _) => format!("excepted until {}", by.until),
            (None, []) => "found".to_owned(),
            (None, beyond) => {
                let part = |it: &Beyond| {
                    let groups = it.source_groups.iter().map(String::as_str);
                    let sources: Vec<&str> = it.sources.iter().chain(groups).collect();
                    format!("{} from {}", it.ports.join(","), sources.join(","))
                };
                let parts: Vec<String> = beyond.iter().map(part).collect();
                format!("beyond: {}", parts.join("; "))
            }
        };
        if it.direction.is_empty() {
            return format!("{} {}", it.severity.as_str(), it.title);
        }
        format!("{} {} {}/{} {state}", it.severity.as_str(), it.about.id, it.protocol, it.ports)
    };
    // The default ACL of the notation admits all.
    let said: Vec<String> = findings
        .iter()
        .filter(|it| it.about.kind != "network-acl")
        .filter(|it| !it.direction.is_empty() || it.code.ends_with("-exception"))
        .map(said)
        .collect();
    let expected: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(said, expected);
}

#[test]
fn exactly_what_is_allowed_is_excepted() {
    for thing in ["a", "vpc-none", "198.51.100.7", "10.0.1.10", "sg-none"] {
        let found = thing.ends_with("none");
        let state = if found { "found" } else { "excepted until 2026-12-31" };
        let unused = format!(
            "low the exception of {SSH} for {thing} allows nothing: no such finding is there"
        );
        check(
            "group g v1 in tcp/22 any4",
            vec![exception(SSH, thing, "tcp/22", "0.0.0.0/0", "2026-12-31")],
            &format!("critical a tcp/22 {state}\n{}", if found { &unused } else { "" }),
        );
    }
}

#[test]
fn every_public_address_is_the_internet_however_it_is_written() {
    for sources in ["internet", "0.0.0.0/0", "0.0.0.0/1 128.0.0.0/1"] {
        check(
            "group g v1 in tcp/22 any4",
            vec![exception(SSH, "a", "tcp/22", sources, "2026-12-31")],
            "critical a tcp/22 excepted until 2026-12-31",
        );
    }
}

#[test]
fn more_ports_or_more_peers_than_allowed_are_found_and_told() {
    check(
        "group g v1 in tcp/22 any",
        vec![exception(SSH, "a", "tcp/22", "0.0.0.0/0", "2026-12-31")],
        "critical a tcp/22 beyond: tcp/22 from ::/0",
    );
    check(
        "group g v1 in tcp/22 any4",
        vec![exception(SSH, "a", "tcp/22", "0.0.0.0/1", "2026-12-31")],
        "critical a tcp/22 beyond: tcp/22 from 128.0.0.0/1",
    );
    check(
        "group g v1 in all any4",
        vec![exception(
            "all-ports-open-to-internet",
            "a",
            "tcp/1-65535",
            "0.0.0.0/0",
            "2026-12-31",
        )],
        "critical a any/any beyond: tcp/0,other from 0.0.0.0/0",
    );
}

#[test]
fn exceptions_add_up_and_the_first_to_lapse_is_named() {
    check(
        "group g v1 in tcp/22 any4",
        vec![
            exception(SSH, "a", "tcp/22", "0.0.0.0/1", "2026-12-31"),
            exception(SSH, "a", "tcp/20-30", "128.0.0.0/1", "2026-11-30"),
        ],
        "critical a tcp/22 excepted until 2026-11-30",
    );
}

#[test]
fn what_was_lapsed_allows_nothing_and_is_found() {
    check(
        "group g v1 in tcp/22 any4",
        vec![
            exception(SSH, "a", "tcp/22", "0.0.0.0/0", "2026-05-31"),
            exception(SSH, "b", "tcp/22", "0.0.0.0/0", "2026-05-30"),
        ],
        &format!(
            "critical a tcp/22 found
             medium the exception of {SSH} for a lapsed after 2026-05-31, and team has to decide
             low the exception of {SSH} for b lapsed after 2026-05-30, and nothing needs it"
        ),
    );
}

#[test]
fn what_allows_nothing_says_why() {
    check(
        "group g v1 in tcp/22 any4",
        vec![
            exception(SSH, "a", "udp/22", "0.0.0.0/0", "2026-12-31"),
            exception(SSH, "a", "tcp/22", "::/0", "2026-12-31"),
            exception(SSH, "a", "", "", "2026-12-31"),
        ],
        &format!(
            "critical a tcp/22 found
             low the exception of {SSH} for a allows nothing: what is found there is about other ports or other sources
             low the exception of {SSH} for a allows nothing: what is found there is about other ports or other sources
             low the exception of {SSH} for a allows nothing: what is found there is about packets, and it names no ports and sources"
        ),
    );
}

#[test]
fn the_other_direction_is_not_allowed() {
    let code = "egress-open-to-internet";
    let of = |direction| Exception {
        direction: Some(direction),
        ..exception(code, "a", "any", "0.0.0.0/0", "2026-12-31")
    };
    let lines = "group g v1 out all any4";
    check(lines, vec![of(Direction::Egress)], "low a any/any excepted until 2026-12-31");
    let unused = "low the exception of egress-open-to-internet for a allows nothing: no such finding is there";
    check(lines, vec![of(Direction::Ingress)], &format!("low a any/any found\n{unused}"));
}

#[test]
fn a_group_is_allowed_by_its_id_or_with_everybody() {
    let peers = |sources: &[&str], groups: &[&str]| Peers {
        addresses: sources.iter().map(|it| Cidr::parse(it).unwrap().0).collect(),
        groups: groups.iter().map(|&it| it.to_owned()).collect(),
    };
    let of_group = peers(&[], &["sg-1"]);
    assert!(of_group.difference(&peers(&[], &["sg-1"])).is_empty());
    assert!(!of_group.difference(&peers(&["0.0.0.0/0"], &["sg-2"])).is_empty());
    assert!(of_group.difference(&peers(&["0.0.0.0/0", "::/0"], &[])).is_empty());
}

fn baseline(findings: &[Finding], severity: Severity) -> Baseline {
    let known = |it: &Finding| Known {
        fingerprint: it.fingerprint.clone(),
        code: it.code.clone(),
        thing: it.about.id.clone(),
        severity,
        line: None,
    };
    Baseline {
        file: "portolan.baseline.toml".to_owned(),
        until: "2026-08-30".to_owned(),
        expired: false,
        findings: findings.iter().map(known).collect(),
    }
}

#[test]
fn a_baseline_excuses_what_was_there_and_nothing_worse() {
    let before = network(&web("group g v1 in tcp/22 any4")).unwrap();
    let after = network(&web("group g v1 in tcp/22 any4; in tcp/3306 any4")).unwrap();
    let [found, mut now] =
        [&before, &after].map(|network| audit(network, &Lines, &AuditOptions::default()));
    let mut excuses =
        Excuses { baseline: Some(baseline(&found, Severity::Critical)), ..Excuses::default() };
    assert_eq!(except(&after, &excuses, &mut now), []);
    let left = |now: &[Finding]| -> Vec<String> {
        now.iter().filter(|it| it.exception.is_none()).map(|it| it.code.clone()).collect()
    };
    assert_eq!(left(&now), ["database-open-to-internet", "database-in-public-subnet"]);

    // What was high and is critical now is found.
    excuses.baseline = Some(baseline(&found, Severity::High));
    let mut now = found.clone();
    assert_eq!(except(&before, &excuses, &mut now), []);
    assert_eq!(left(&now), [SSH]);

    // What is gone can be struck.
    let mut now = Vec::new();
    assert_eq!(except(&before, &excuses, &mut now).len(), found.len());

    // After its last day it excuses nothing.
    excuses.baseline = Some(Baseline { expired: true, ..baseline(&found, Severity::Critical) });
    let mut now = found.clone();
    assert_eq!(except(&before, &excuses, &mut now), []);
    let worst = left(&now);
    assert!(worst.starts_with(&[SSH.to_owned(), "expired-exception".to_owned()]), "{worst:?}");
}
