//! A rule that names a group which lets nobody in.

use crate::audit::alone::wearers_are_known;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::things::wearer_counts;
use crate::audit::{Context, called};
use crate::model::{Direction, Peer};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "reference-to-nobody",
    title: "A rule names a security group that has no members",
    why: "A reference whose peering connection is gone is stale, and matches nothing. One to a \
          group that nothing wears waits: whoever wears that group next is let in, and nobody \
          will think of this rule then.",
    fix: "Remove the rule.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let wearers = wearer_counts(component);
        let mut found = Vec::new();
        for (id, group) in component.security_groups.entries() {
            for (number, facts) in group.rules.iter().enumerate() {
                let Peer::SecurityGroup { group: named, stale } = facts.peer else { continue };
                let empty = wearers[named] == 0
                    && component.security_groups[named].seen
                    && wearers_are_known(component, named);
                if named == id || !(stale || empty) {
                    continue;
                }
                let mut finding = context.finding(rule, &context.about_group(component, id));
                finding.attached = wearers[id] > 0;
                let far = context.about_group(component, named);
                let (way, why) = match (facts.direction, stale) {
                    (Direction::Ingress, true) => ("lets in", "a stale reference"),
                    (Direction::Egress, true) => ("lets out to", "a stale reference"),
                    (Direction::Ingress, false) => ("lets in", "which nothing wears"),
                    (Direction::Egress, false) => ("lets out to", "which nothing wears"),
                };
                finding.title = format!("{} {way} {}, {why}", called(&finding.about), called(&far));
                finding.source_groups = vec![far.id];
                finding.because = vec![context.cause_of_rule(component, id, number)];
                found.push(finding);
            }
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check_all, web};

    #[test]
    fn stale_and_empty_references_are_found() {
        check_all(
            &web("group g v1 in tcp/22 group:old; in tcp/23 stale:gone; in tcp/24 group:g
                  group old v1
                  group gone v1"),
            "reference-to-nobody",
            "low reference-to-nobody g: g lets in gone, a stale reference
             low reference-to-nobody g: g lets in old, which nothing wears",
        );
    }

    #[test]
    fn a_group_that_was_not_seen_may_have_members() {
        check_all(&web("group g v1 in tcp/22 group:sg-elsewhere"), "reference-to-nobody", "");
    }
}
