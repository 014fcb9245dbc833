//! The default group of a VPC, with rules.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::things::wearer_counts;
use crate::audit::{Context, called};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "default-group-with-rules",
    title: "The default security group has rules",
    why: "AWS gives each VPC a default group whose members may send each other everything. It \
          can't be deleted; without rules it lets nothing through, so that whatever is launched \
          without a group is closed. Low while nothing wears it, medium if something does.",
    fix: "Remove all inbound and outbound rules of the default group.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let wearers = wearer_counts(component);
        let groups = component.security_groups.entries();
        let default =
            groups.filter(|(_, group)| group.seen && context.network.text(group.name) == "default");
        let with_rules = default.filter(|(_, group)| !group.rules.is_empty());
        let found = with_rules.map(|(id, group)| {
            let mut finding = context.finding(rule, &context.about_group(component, id));
            finding.attached = wearers[id] > 0;
            if !finding.attached {
                finding.severity = Severity::Low.min(context.options.unattached());
            }
            let rules = if group.rules.len() == 1 { "rule" } else { "rules" };
            finding.title = format!("{} has {} {rules}", called(&finding.about), group.rules.len());
            finding.because = (0..group.rules.len())
                .map(|number| context.cause_of_rule(component, id, number))
                .collect();
            finding
        });
        found.collect()
    })
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check_all, web};

    #[test]
    fn rules_of_a_default_group_are_found_and_worse_in_use() {
        check_all(
            &web("group g v1 name=default in tcp/22 203.0.113.1
                  group e v1 name=default in all group:e"),
            "default-group-with-rules",
            "low default-group-with-rules e unattached: default (e) has 1 rule
             medium default-group-with-rules g: default (g) has 1 rule",
        );
    }

    #[test]
    fn an_empty_one_is_as_it_should_be() {
        check_all(
            &web("group g v1 in tcp/22 203.0.113.1
                  group e v1 name=default out none"),
            "default-group-with-rules",
            "",
        );
    }
}
