//! Denies of network ACLs that come too late.

use super::network_acl_entry_shadowed::entries;
use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "network-acl-deny-ineffective",
    title: "A deny of a network ACL comes after an allow for the same packets",
    why: "The lowest number that matches decides. Earlier entries match every packet of this deny \
          and let at least some of them pass, so what somebody meant to shut is open as far as \
          the ACL goes.",
    fix: "Give the deny a lower number than the allow.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    entries(context, rule, true)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::codes;

    fn found(entries: &str, used: &str) -> Vec<String> {
        let mut found = codes(&format!(
            "vpc v1 10.0.0.0/16
             acl x v1 {entries}
             subnet s v1 10.0.1.0/24 {used}"
        ));
        found.retain(|line| line.contains("deny-ineffective") || line.contains("shadowed"));
        found
    }

    #[test]
    fn a_deny_after_its_allow_is_none() {
        assert_eq!(
            found("in 100 allow all any4; in 110 deny tcp/22 203.0.113.0/24", "acl=x"),
            ["medium network-acl-deny-ineffective x"]
        );
        assert_eq!(
            found("in 100 allow all any4; in 110 deny tcp/22 203.0.113.0/24", ""),
            ["low network-acl-deny-ineffective x unattached"]
        );
    }

    #[test]
    fn a_deny_before_it_is_one() {
        assert!(found("in 100 deny tcp/22 any4; in 110 allow all any4", "acl=x").is_empty());
        assert!(found("in 100 allow tcp/443 any4; in 110 deny all any4", "acl=x").is_empty());
    }

    #[test]
    fn a_deny_that_was_denied_already_is_merely_shadowed() {
        assert!(found("in 100 deny all any4; in 110 deny tcp/22 any4", "acl=x").is_empty());
    }
}
