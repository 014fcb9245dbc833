//! A group with more rules than anybody reads.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::record::{Finding, Severity};

/// Prowler's limit.
const MANY: usize = 50;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "group-with-many-rules",
    title: "A security group has more than 50 rules",
    why: "Nobody sees at a glance what such a group lets through, so nobody removes what is no \
          longer needed. Each address of each rule counts, as AWS counts them.",
    fix: "Put addresses that belong together into a prefix list, and name groups instead of \
          addresses.",
    severity: Severity::Info,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let groups = component.security_groups.entries();
        let many = groups.filter(|(_, group)| group.rules.len() > MANY);
        let found = many.map(|(id, group)| {
            let mut finding = context.finding(rule, &context.about_group(component, id));
            finding.title = format!("{} has {} rules", called(&finding.about), group.rules.len());
            finding
        });
        found.collect()
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::audit::tests::{check_all, web};

    #[test]
    fn more_than_fifty_rules_are_found() {
        let mut group = "group g v1".to_owned();
        for host in 0..50 {
            write!(group, " in tcp/443 192.0.2.{host};").unwrap();
        }
        check_all(&web(&group), "group-with-many-rules", "");
        group.push_str(" in tcp/443 192.0.2.50");
        check_all(
            &web(&group),
            "group-with-many-rules",
            "info group-with-many-rules g: g has 51 rules",
        );
    }
}
