//! A group that no interface wears.

use crate::audit::alone::wearers_are_known;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::things::wearer_counts;
use crate::audit::{Context, called};
use crate::model::{Component, Peer, SecurityGroupId};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "unused-security-group",
    title: "A security group is worn by nothing",
    why: "Forgotten groups are worn again one day, with rules that nobody looked at for years. \
          The group is judged by the interfaces of the source: a launch template or another \
          account may still name it. Default groups can't be deleted and are not found here.",
    fix: "Delete the group. If other groups name it in their rules, remove those rules first.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let wearers = wearer_counts(component);
        let unused = component
            .security_groups
            .ids()
            .filter(|&id| wearers[id] == 0 && is_judged(context, component, id));
        let found = unused.map(|id| {
            let mut finding = context.finding(rule, &context.about_group(component, id));
            finding.attached = false;
            let named = named_by(component, id);
            let also = match named {
                0 => String::new(),
                1 => "; a rule of another group names it".to_owned(),
                many => format!("; {many} rules of other groups name it"),
            };
            finding.title = format!("nothing wears {}{also}", called(&finding.about));
            finding
        });
        found.collect()
    })
}

/// Whether the source can tell that nothing wears the group, and it could be deleted.
fn is_judged(context: &Context<'_>, component: &Component, id: SecurityGroupId) -> bool {
    let group = &component.security_groups[id];
    let default = context.network.text(group.name) == "default";
    group.seen && !default && wearers_are_known(component, id)
}

/// How many rules of other groups name the group.
fn named_by(component: &Component, id: SecurityGroupId) -> usize {
    let others = component.security_groups.entries().filter(|&(other, _)| other != id);
    let rules = others.flat_map(|(_, group)| &group.rules);
    rules
        .filter(|rule| matches!(rule.peer, Peer::SecurityGroup { group, .. } if group == id))
        .count()
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check_all, web};

    #[test]
    fn a_group_that_nothing_wears_is_found() {
        check_all(
            &web("group g v1 in tcp/22 group:old
                  group old v1 in tcp/443 203.0.113.1"),
            "unused-security-group",
            "low unused-security-group old unattached: nothing wears old; a rule of another group names it",
        );
    }

    #[test]
    fn without_the_interfaces_nobody_knows() {
        check_all(
            "missing describe-network-interfaces
             vpc v1 10.0.0.0/16
             group old v1 in tcp/443 203.0.113.1",
            "unused-security-group",
            "",
        );
    }

    #[test]
    fn a_load_balancer_wears_its_groups_though_nobody_lists_its_interfaces() {
        let estate = |balancer: &str| {
            format!(
                "vpc v1 10.0.0.0/16
                 subnet s v1 10.0.1.0/24
                 interface a s 10.0.1.10 groups=g
                 interface n s 10.0.1.11 groups=g kind=lb description=ELB_app/other
                 group g v1 in tcp/80 group:front; out none
                 group front v1 out none
                 {balancer}"
            )
        };
        let found = |text: &str| {
            let found = crate::audit::tests::findings_of(text).into_iter();
            let codes = found
                .map(|it| it.code)
                .filter(|code| code == super::RULE.code || code == "reference-to-nobody");
            codes.collect::<Vec<_>>()
        };
        assert_eq!(found(&estate("")), ["unused-security-group", "reference-to-nobody"]);
        assert!(found(&estate("balancer front application v1 groups=front")).is_empty());
        // Its interfaces are listed and wear another group.
        assert_eq!(found(&estate("balancer other application v1 groups=front")).len(), 2);
    }
}
