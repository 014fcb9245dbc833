//! Rules that don't say what they are for.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::things::wearer_counts;
use crate::audit::{Context, called};
use crate::model::{Direction, Peer, SecurityGroupRule};
use crate::net::Match;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "rule-without-description",
    title: "Rules of a security group have no description",
    why: "In a year nobody knows whose address that was and whether it may go, so it stays. One \
          finding for each group, with how many of its rules say nothing; the outbound rule that \
          AWS makes with every group is left out.",
    fix: "Describe each rule: who, what for, and until when or by which ticket.",
    severity: Severity::Info,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let wearers = wearer_counts(component);
        let mut found = Vec::new();
        for (id, group) in component.security_groups.entries().filter(|(_, group)| group.seen) {
            let silent: Vec<usize> = group
                .rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| rule.description.is_empty() && !is_made_by_aws(rule))
                .map(|(number, _)| number)
                .collect();
            if silent.is_empty() {
                continue;
            }
            let mut finding = context.finding(rule, &context.about_group(component, id));
            finding.attached = wearers[id] > 0;
            finding.title = match silent.len() {
                1 => format!("a rule of {} has no description", called(&finding.about)),
                many => format!("{many} rules of {} have no description", called(&finding.about)),
            };
            finding.because = silent
                .into_iter()
                .map(|number| context.cause_of_rule(component, id, number))
                .collect();
            found.push(finding);
        }
        found
    })
}

/// Everything out to everyone: a new group has that rule, without a description.
fn is_made_by_aws(rule: &SecurityGroupRule) -> bool {
    let everyone = match rule.peer {
        Peer::Ipv4(prefix) => prefix.length() == 0,
        Peer::Ipv6(prefix) => prefix.length() == 0,
        Peer::PrefixList(_) | Peer::SecurityGroup { .. } | Peer::Unknown(_) => false,
    };
    rule.direction == Direction::Egress && rule.traffic == Some(Match::All) && everyone
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check_all, web};

    #[test]
    fn rules_that_say_nothing_are_counted() {
        check_all(
            &web(
                "group g v1 in tcp/22 203.0.113.1 description=office; in tcp/443 203.0.113.2,203.0.113.3; out all any",
            ),
            "rule-without-description",
            "info rule-without-description g: 2 rules of g have no description",
        );
    }
}
