//! Entries of network ACLs that decide nothing.

use crate::audit::Context;
use crate::audit::acl::{DIRECTIONS, shadowed};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::net::IpSets;
use crate::reach::exposure::Reason;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "network-acl-entry-shadowed",
    title: "An entry of a network ACL decides nothing",
    why: "Earlier entries match every packet that this one matches, so it never decides. Whoever \
          reads the ACL takes it for a rule, and it becomes one as soon as an earlier entry goes. A \
          deny that comes after an allow for the same packets is `network-acl-deny-ineffective`.",
    fix: "Remove the entry, or give it a number before those that cover it.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    entries(context, rule, false)
}

/// Findings about entries that decide nothing: denies that an allow overrules, or
/// the others.
pub(super) fn entries(context: &Context<'_>, rule: &Rule, overruled: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for (component_id, component, id, acl) in context.acls().filter(|(.., acl)| !acl.contested) {
        let used = context.is_used(component_id, id);
        let mut sets = IpSets::new();
        for (direction, word, adjective) in DIRECTIONS {
            for shadowed in shadowed(acl, direction, &mut sets) {
                let Some(entry) = acl.entries.get(shadowed.entry) else { continue };
                if shadowed.overruled != overruled {
                    continue;
                }
                let mut finding = context.finding(rule, &context.about_acl(component, id));
                let by: Vec<String> = shadowed
                    .by
                    .iter()
                    .filter_map(|&at| Some(acl.entries.get(at)?.number.to_string()))
                    .collect();
                finding.title = format!(
                    "The {adjective} entry {} of {} {}, since {} {} before it",
                    entry.number,
                    finding.about.id,
                    if overruled { "denies nothing" } else { "decides nothing" },
                    by.join(" and "),
                    if by.len() == 1 { "comes" } else { "come" },
                );
                finding.direction = word.to_owned();
                if let Some(traffic) = entry.traffic {
                    let traffic = crate::audit::traffic::Traffic::of(traffic);
                    finding.protocol = traffic.protocol_text();
                    finding.ports = traffic.ports_text();
                }
                finding.sources = entry.cidr.iter().map(ToString::to_string).collect();
                finding.attached = used;
                if !used {
                    finding.severity = finding.severity.min(context.options.unattached());
                }
                let all = std::iter::once(shadowed.entry).chain(shadowed.by);
                let reasons = all.map(|at| Reason::Entry(id, at));
                context.because(&mut finding, component, direction, reasons);
                found.push(finding);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::codes;

    fn found(entries: &str) -> Vec<String> {
        let mut found = codes(&format!(
            "vpc v1 10.0.0.0/16
             acl x v1 {entries}
             subnet s v1 10.0.1.0/24 acl=x"
        ));
        found.retain(|line| line.contains("network-acl-entry"));
        found
    }

    #[test]
    fn halves_together_shadow_the_whole() {
        assert_eq!(
            found(
                "in 100 allow tcp/443 0.0.0.0/1; in 110 allow tcp/443 128.0.0.0/1; in 120 allow tcp/443 0.0.0.0/0; out 100 allow all any"
            ),
            ["low network-acl-entry-shadowed x"]
        );
        assert!(found("in 100 allow tcp/443 0.0.0.0/1; in 120 allow tcp/443 0.0.0.0/0").is_empty());
    }

    #[test]
    fn families_and_protocols_are_kept_apart() {
        assert!(found("in 100 allow all any4; in 110 allow all any6").is_empty());
        assert!(found("in 100 allow tcp any4; in 110 allow all any4").is_empty());
        assert_eq!(
            found("in 100 allow all any4; in 110 allow icmp/8 10.0.0.0/8"),
            ["low network-acl-entry-shadowed x"]
        );
    }

    #[test]
    fn the_last_entry_of_aws_is_none() {
        assert!(found("in 100 allow all any; in 32767 deny all any4").is_empty());
    }

    #[test]
    fn what_can_not_be_read_shadows_nothing() {
        assert!(found("in 100 unknown all any4; in 110 allow tcp/22 any4").is_empty());
        assert!(found("in 100 allow ? any4; in 110 allow tcp/22 any4").is_empty());
    }
}
