//! How rules are tested: a network, and the findings that it must give.

use std::collections::BTreeSet;
use std::panic::Location;
use std::path::Path;

use super::rule::Check;
use super::{AuditOptions, RULES, audit};
use crate::model::Network;
use crate::reach::explain::explain;
use crate::reach::place::Zones;
use crate::record::{Finding, Verdict};
use crate::testing::{Lines, network};

/// A host `a` with public addresses that wears the group `g`; without `out`
/// rules `g` lets nothing out, so that only what a test is about is found.
pub(super) fn web(lines: &str) -> String {
    let lines: Vec<String> = lines
        .lines()
        .map(|line| {
            let group = line.trim_start().starts_with("group ");
            if group && !line.contains(" out ") {
                format!("{line}; out none")
            } else {
                line.to_owned()
            }
        })
        .collect();
    format!(
        "vpc v1 10.0.0.0/16 2001:db8::/56 igw
         subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 route 0.0.0.0/0->igw route ::/0->igw
         interface a s 10.0.1.10 public=198.51.100.7 2001:db8:0:1::a groups=g
         {}",
        lines.join("\n")
    )
}

/// The findings about what is open, one a line: severity, code, thing, direction,
/// protocol/ports, sources. Those that are about no packets are left out: see [`check_code`].
#[track_caller]
pub(super) fn check(text: &str, expected: &str) {
    check_with_zones(text, &[], expected);
}

/// The same, with zones of one selector each.
#[track_caller]
pub(super) fn check_with_zones(text: &str, zones: &[(&str, &str)], expected: &str) {
    let network = network(text).unwrap();
    let mut options = AuditOptions::default();
    for &(name, selector) in zones {
        options.zones.zones.insert(name.to_owned(), vec![selector.parse().unwrap()]);
    }
    let found = findings(&network, &options);
    compare(packets(&found, &told(Location::caller(), expected)), expected);
}

/// The findings of one code, each with its title.
#[track_caller]
pub(super) fn check_all(text: &str, code: &str, expected: &str) {
    let network = network(text).unwrap();
    let found = findings(&network, &AuditOptions::default());
    let lines = found.iter().filter(|it| it.code == code);
    compare(lines.map(|it| format!("{}: {}", line(it), it.title)).collect(), expected);
}

/// What [`check`] has, of a source that says what will be.
#[track_caller]
pub(super) fn check_declared(text: &str, expected: &str) {
    let network = network(text).unwrap();
    let options = AuditOptions { declared: true, ..AuditOptions::default() };
    let found = findings(&network, &options);
    compare(packets(&found, &told(Location::caller(), expected)), expected);
}

/// The findings of some codes about packets.
fn packets(found: &[Finding], codes: &BTreeSet<&str>) -> Vec<String> {
    let packets = found.iter().filter(|it| !it.direction.is_empty());
    packets.filter(|it| codes.contains(it.code.as_str())).map(line).collect()
}

/// What a test tells of: what is open to everyone, the rule in whose file the test
/// stands, and what it expects.
fn told(test: &Location<'_>, expected: &str) -> BTreeSet<&'static str> {
    let own = Path::new(test.file()).file_stem().unwrap().to_str().unwrap().replace('_', "-");
    let told = RULES.iter().filter(|rule| {
        let everyone = matches!(rule.check, Check::Everyone(_));
        everyone || rule.code == own || expected.contains(rule.code)
    });
    told.map(|rule| rule.code).collect()
}

/// All findings of a code, those that are about no packets too.
#[track_caller]
pub(super) fn check_code(text: &str, code: &str, expected: &str) {
    let found = findings(&network(text).unwrap(), &AuditOptions::default());
    compare(found.iter().filter(|it| it.code == code).map(line).collect(), expected);
}

/// The findings of a code themselves.
pub(super) fn of_code(text: &str, code: &str) -> Vec<Finding> {
    let mut found = findings(&network(text).unwrap(), &AuditOptions::default());
    found.retain(|it| it.code == code);
    found
}

#[track_caller]
fn compare(lines: Vec<String>, expected: &str) {
    let expected: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (mut lines, mut wanted) = (lines, expected);
    lines.sort();
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
}

/// All findings of a network.
#[track_caller]
pub(super) fn findings_of(text: &str) -> Vec<Finding> {
    findings(&network(text).unwrap(), &AuditOptions::default())
}

/// The findings that a test tells of, one a line: severity, code, thing, witness.
#[track_caller]
pub(super) fn codes(text: &str) -> Vec<String> {
    let mut found = findings_of(text);
    let told = told(Location::caller(), "");
    found.retain(|finding| told.contains(finding.code.as_str()));
    let lines = found.iter().map(|finding| {
        let Finding { severity, code, about, .. } = finding;
        let witness = match &finding.witness {
            Some(witness) => format!(" {}>{} {}", witness.from, witness.to, witness.port),
            None if finding.direction == "ingress"
                && finding.audience.is_some()
                && about.kind == "network-interface" =>
            {
                format!(" {}/{}", finding.protocol, finding.ports)
            }
            None => String::new(),
        };
        let unattached = if finding.attached { "" } else { " unattached" };
        format!("{} {code} {}{witness}{unattached}", severity.as_str(), about.id)
    });
    lines.collect()
}

fn line(finding: &Finding) -> String {
    let packets = if finding.direction.is_empty() {
        String::new()
    } else {
        let Finding { direction, protocol, ports, sources, .. } = finding;
        format!(" {direction} {protocol}/{ports} {}", sources.joined())
    };
    let unattached = if finding.attached { "" } else { " unattached" };
    format!(
        "{} {} {}{packets}{unattached}",
        finding.severity.as_str(),
        finding.code,
        finding.about.id
    )
    .trim_end()
    .to_owned()
}

/// All findings; that each witness is really open is checked on the way.
#[track_caller]
pub(super) fn findings(network: &Network, options: &AuditOptions) -> Vec<Finding> {
    let found = audit(network, &Lines, options);
    for finding in &found {
        let Some(witness) = &finding.witness else { continue };
        let ask =
            explain(network, &Zones::default(), &(), &witness.from, &witness.to, &witness.port);
        assert_eq!(ask.unwrap().verdict, Verdict::Open, "{finding:#?}");
    }
    found
}

#[test]
fn a_closed_estate_has_no_findings() {
    check(&web("group g v1 in tcp/22 203.0.113.0/24"), "");
}
