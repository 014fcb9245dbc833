//! The default group of a VPC, worn.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::things::wearer_counts;
use crate::audit::{Context, called};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "default-group-in-use",
    title: "The default security group is in use",
    why: "What is launched without a group wears the default group, with everything else that \
          was. A rule that is added for one of them opens all.",
    fix: "Give each interface a group made for it, then remove the default group's rules.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let wearers = wearer_counts(component);
        let groups = component.security_groups.entries();
        let default =
            groups.filter(|(_, group)| group.seen && context.network.text(group.name) == "default");
        let worn = default.filter(|&(id, _)| wearers[id] > 0).map(|(id, _)| {
            let count = wearers[id];
            let mut finding = context.finding(rule, &context.about_group(component, id));
            let interfaces = if count == 1 { "interface wears" } else { "interfaces wear" };
            finding.title = format!("{count} {interfaces} {}", called(&finding.about));
            finding
        });
        worn.collect()
    })
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check_all, web};

    #[test]
    fn the_default_group_in_use_is_found() {
        check_all(
            &web("group g v1 name=default in tcp/22 203.0.113.1"),
            "default-group-in-use",
            "low default-group-in-use g: 1 interface wears default (g)",
        );
    }
}
