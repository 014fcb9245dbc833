//! A group that the console made when an instance was launched.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::things::wearer_counts;
use crate::audit::{Context, called};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "launch-wizard-group",
    title: "A security group was made by the launch wizard",
    why: "The console makes a group `launch-wizard-N` when somebody launches an instance by hand, \
          usually with SSH open to everyone. Nobody gave it a purpose or an owner.",
    fix: "Replace it by a group with a name and rules that say what it is for, and delete it.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let wearers = wearer_counts(component);
        let groups = component.security_groups.entries().filter(|(_, group)| group.seen);
        let wizard = groups
            .filter(|(_, group)| context.network.text(group.name).starts_with("launch-wizard-"));
        let found = wizard.map(|(id, _)| {
            let mut finding = context.finding(rule, &context.about_group(component, id));
            finding.attached = wearers[id] > 0;
            finding.severity = if finding.attached { Severity::Low } else { Severity::Info };
            finding.title = format!("{} was made by the launch wizard", called(&finding.about));
            finding
        });
        found.collect()
    })
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check_all, web};

    #[test]
    fn the_wizards_groups_are_known_by_their_names() {
        check_all(
            &web("group g v1 name=launch-wizard-3 in tcp/22 203.0.113.1
                  group h v1 name=wizard in tcp/22 203.0.113.1"),
            "launch-wizard-group",
            "low launch-wizard-group g: launch-wizard-3 (g) was made by the launch wizard",
        );
    }
}
