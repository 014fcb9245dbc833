//! How rules are tested: a network, and the findings that it must give.

use super::{AuditOptions, audit};
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
    let network = network(text).unwrap();
    let found = findings(&network, &AuditOptions::default());
    let packets: Vec<&Finding> = found.iter().filter(|it| !it.direction.is_empty()).collect();
    compare(packets.into_iter().map(line).collect(), expected);
}

/// The findings of one code, each with its title.
#[track_caller]
pub(super) fn check_all(text: &str, code: &str, expected: &str) {
    let network = network(text).unwrap();
    let found = findings(&network, &AuditOptions::default());
    let lines = found.iter().filter(|it| it.code == code);
    compare(lines.map(|it| format!("{}: {}", line(it), it.title)).collect(), expected);
}

/// The same, of a source that says what will be.
#[track_caller]
pub(super) fn check_declared(text: &str, expected: &str) {
    let network = network(text).unwrap();
    let options = AuditOptions { declared: true, ..AuditOptions::default() };
    let found = findings(&network, &options);
    let packets: Vec<&Finding> = found.iter().filter(|it| !it.direction.is_empty()).collect();
    compare(&packets, expected);
}

/// All findings of a code, those that are about no packets too.
#[track_caller]
pub(super) fn check_code(text: &str, code: &str, expected: &str) {
    let found = findings(&network(text).unwrap(), &AuditOptions::default());
    let of_code: Vec<&Finding> = found.iter().filter(|it| it.code == code).collect();
    compare(&of_code, expected);
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
