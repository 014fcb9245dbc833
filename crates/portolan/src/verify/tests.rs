//! Two views of small networks side by side.

use expect_test::{Expect, expect};

use super::*;
use crate::testing;

/// Observations as `address tcp/80-90 state`, a line each.
fn scan(text: &str) -> Scan {
    let observations = text.lines().filter(|line| !line.trim().is_empty()).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (protocol, ports) = words[1].split_once('/').unwrap();
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        let state = [
            PortState::Open,
            PortState::Closed,
            PortState::Filtered,
            PortState::OpenOrFiltered,
            PortState::Unknown,
        ];
        Observation {
            address: words[0].parse().unwrap(),
            protocol: protocol.parse().unwrap(),
            ports: PortRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap(),
            state: state.into_iter().find(|state| state.as_str() == words[2]).unwrap(),
            reason: "test".into(),
            service: "".into(),
            tls: None,
            file: 0,
            line: None,
        }
    });
    Scan { files: vec!["s".into()], observations: observations.collect(), ..Scan::default() }
}

fn lines(records: &[Verification], about: &Compared) -> String {
    let mut text = String::new();
    for it in records {
        let why: Vec<String> = it
            .because
            .iter()
            .map(|cause| format!("{} {}", cause.of, cause.id))
            .chain(it.blocked_by.iter().map(|by| format!("!{} {}", by.id, by.code)))
            .chain(it.limitations.iter().map(|it| format!("?{}", it.code)))
            .collect();
        text.push_str(&format!(
            "{} {} {}/{} {}: {} {}\n",
            it.outcome.as_str(),
            it.to,
            it.protocol,
            it.ports,
            it.interface,
            it.expected.as_str(),
            why.join("; ")
        ));
    }
    if !about.not_scanned.is_empty() {
        text.push_str(&format!("not scanned: {}\n", about.not_scanned.join(" ")));
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn check(network: &str, from: &str, seen: &str, expected: &Expect) {
    let network = testing::network(network).unwrap();
    let zones = Zones::default();
    let from = Vantage::parse(&network, &zones, from).unwrap();
    let (records, about) = verify(&network, &zones, &(), &from, &scan(seen));
    expected.assert_eq(&lines(&records, &about));
}

const WEB: &str = "vpc v 10.0.0.0/16 igw
     subnet web v 10.0.1.0/24 route 0.0.0.0/0->igw
     group front v in tcp/443 any; in tcp/8000-8010 any; in tcp/22 203.0.113.0/24
     interface a web 10.0.1.10 public=198.51.100.7 groups=front
     interface b web 10.0.1.11 public=198.51.100.8 groups=front";

#[test]
fn every_difference_is_told_with_its_rules() {
    check(
        WEB,
        "internet",
        "198.51.100.7 tcp/1-1000 filtered
         198.51.100.7 tcp/443 open
         198.51.100.7 tcp/25 open
         198.51.100.7 tcp/26 closed
         198.51.100.7 tcp/8000-8004 closed
         192.0.2.1 tcp/1 open",
        &expect![[r#"
            open-unexpectedly 198.51.100.7 tcp/25 a: closed !front ENI_SG_RULES_MISMATCH
            answers-unexpectedly 198.51.100.7 tcp/26 a: closed !front ENI_SG_RULES_MISMATCH
            nobody-listens 198.51.100.7 tcp/8000-8004 a: open acl-v 100; front front.3
            unproven 198.51.100.7 tcp/22 a: partly
            not-scanned 198.51.100.7 tcp/8005-8010 a: open
            not-in-source 192.0.2.1 tcp/1 : unknown
            agrees 198.51.100.7 tcp/1-21 a: closed
            agrees 198.51.100.7 tcp/23-24 a: closed
            agrees 198.51.100.7 tcp/27-442 a: closed
            agrees 198.51.100.7 tcp/443 a: open
            agrees 198.51.100.7 tcp/444-1000 a: closed
            not scanned: 198.51.100.8
        "#]],
    );
}

#[test]
fn from_an_office_what_is_open_to_it_must_answer() {
    let seen = "198.51.100.7 tcp/22 filtered\n198.51.100.8 tcp/22 open";
    check(
        WEB,
        "203.0.113.9",
        seen,
        &expect![[r#"
            no-answer 198.51.100.7 tcp/22 a: open acl-v 100; front front.5
            not-scanned 198.51.100.7 tcp/443 a: open
            not-scanned 198.51.100.7 tcp/8000-8010 a: open
            not-scanned 198.51.100.8 tcp/443 b: open
            not-scanned 198.51.100.8 tcp/8000-8010 b: open
            agrees 198.51.100.8 tcp/22 b: open
        "#]],
    );
}

#[test]
fn from_inside_a_public_address_is_asked_of_the_specification() {
    check(
        WEB,
        "10.0.1.11",
        "198.51.100.7 tcp/440-450 filtered\n198.51.100.7 tcp/443 open\n10.0.1.10 tcp/443 open",
        &expect![[r#"
            not-scanned 10.0.1.10 tcp/8000-8010 a: open
            agrees 10.0.1.10 tcp/443 a: open
            agrees 198.51.100.7 tcp/440-442 a: closed
            agrees 198.51.100.7 tcp/443 a: open
            agrees 198.51.100.7 tcp/444-450 a: closed
        "#]],
    );
}

#[test]
fn what_the_source_lacks_is_resolved_by_what_answers() {
    check(
        "vpc v 10.0.0.0/16 igw
         subnet web v 10.0.1.0/24 route 0.0.0.0/0->igw
         interface a web 10.0.1.10 public=198.51.100.7 groups=gone",
        "internet",
        "198.51.100.7 tcp/443 open\n198.51.100.7 tcp/80 closed\n198.51.100.7 tcp/22 filtered
         198.51.100.7 udp/53 open-or-filtered",
        &expect![[r#"
            resolved-open 198.51.100.7 tcp/80 a: unknown acl-v 100; ?unknown-security-group
            resolved-open 198.51.100.7 tcp/443 a: unknown acl-v 100; ?unknown-security-group
            resolved-closed 198.51.100.7 tcp/22 a: unknown acl-v 100; ?unknown-security-group
            unproven 198.51.100.7 udp/53 a: unknown acl-v 100; ?unknown-security-group
        "#]],
    );
}

#[test]
fn ipv6_and_answers_for_some_clients() {
    check(
        "vpc v 10.0.0.0/16 2001:db8::/56 igw
         acl tight v in 100 allow all any; in 101 allow all ::/0; out 100 allow tcp/32768-60999 ::/0
         subnet web v 10.0.1.0/24 2001:db8:0:1::/64 acl=tight route ::/0->igw
         group front v in tcp/443 ::/0
         interface a web 10.0.1.10 2001:db8:0:1::a groups=front",
        "internet",
        "2001:db8:0:1::a tcp/443 filtered\n2001:db8:0:1::a tcp/80 filtered",
        &expect![[r#"
            unproven 2001:db8:0:1::a tcp/443 a: partly
            agrees 2001:db8:0:1::a tcp/80 a: closed
        "#]],
    );
}

#[test]
fn what_nobody_listens_at_is_to_be_closed() {
    let network = testing::network(WEB).unwrap();
    let seen = scan("10.0.1.10 tcp/0-65535 closed\n10.0.1.10 tcp/443 open\n10.0.1.10 tcp/25 open");
    let (records, about) = verify_listeners(&network, &Zones::default(), &(), &seen);
    let told: Vec<Verification> =
        records.into_iter().filter(|it| it.outcome != Outcome::Agrees).collect();
    expect![[r#"
        nobody-listens 10.0.1.10 tcp/22 a: partly acl-v 100; front front.5
        nobody-listens 10.0.1.10 tcp/8000-8010 a: partly acl-v 100; front front.3
    "#]]
    .assert_eq(&lines(&told, &about));
}

#[test]
fn targets_are_what_can_be_reached_from_there_and_know_their_equals() {
    let network = testing::network(WEB).unwrap();
    let zones = Zones::default();
    let of = |from: &str| {
        let from = Vantage::parse(&network, &zones, from).unwrap();
        let targets = targets(&network, &zones, &(), &from);
        let line = |it: &Target| format!("{} {}", it.address, it.class);
        targets.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(of("internet"), "198.51.100.7 0, 198.51.100.8 0");
    assert_eq!(of("10.0.1.11"), "10.0.1.10 0");
}

#[test]
fn moments_are_those_of_the_calendar() {
    assert_eq!(moment(0), "1970-01-01T00:00:00Z");
    assert_eq!(moment(951_782_400), "2000-02-29T00:00:00Z");
    assert_eq!(moment(1_607_282_135), "2020-12-06T19:15:35Z");
}
