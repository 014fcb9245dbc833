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
/// protocol/ports, sources. Those that are about no packets are left out: see [`check_all`].
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
    let packets = found.iter().filter(|it| !it.direction.is_empty());
    // The default ACLs of the notation allow all.
    let packets: Vec<&Finding> = packets.filter(|it| !it.about.id.starts_with("acl-")).collect();
    compare(&packets, expected);
}

#[track_caller]
fn compare(found: &[&Finding], expected: &str) {
    let lines: Vec<String> = found.iter().map(|finding| line(finding)).collect();
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

/// All findings, one a line: severity, code, thing, witness. The default ACLs
/// of the notation, which allow all, are left out.
#[track_caller]
pub(super) fn codes(text: &str) -> Vec<String> {
    let mut found = findings_of(text);
    found.retain(|finding| !finding.about.id.starts_with("acl-"));
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
