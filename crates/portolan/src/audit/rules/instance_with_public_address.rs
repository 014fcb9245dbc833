//! Instances that face the internet by themselves.

use crate::audit::alone::leads_online;
use crate::audit::idle::stands_still;
use crate::audit::reached::{At, Reached};
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::InterfaceKind;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "instance-with-public-address",
    title: "An instance has a public address",
    why: "The host faces the internet by itself, so that its security groups are all that is \
          between. A load balancer in front of servers, a NAT gateway for what they fetch, and \
          Session Manager for those who log in make the address unnecessary. What is open to whom \
          has findings of its own, so this is information.",
    fix: "Move the host to a private subnet behind a load balancer or a NAT gateway.",
    severity: Severity::Info,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            let of_instance = interface.kind() == InterfaceKind::Host
                && interface.instance().is_some()
                && !stands_still(component, interface);
            let public = interface.ipv4().iter().find_map(|held| held.public);
            let Some(public) = public.filter(|_| of_instance) else { continue };
            let at = reached.get(context.network.text(interface.id()));
            // Without any use it has another finding.
            let out = || leads_online(component, interface.subnet());
            let in_use = |at: &&At| !at.anyone.is_empty() || at.connects && out();
            let Some(at) = at.filter(in_use) else { continue };
            let use_of_it = match (at.everyone.is_empty(), at.anyone.is_empty()) {
                (false, _) => "everyone on the internet reaches something there",
                (true, false) => "only some addresses of the internet reach something there",
                (true, true) if !at.unanswered.is_empty() => {
                    "it opens connections, and what comes in has no answer"
                }
                (true, true) => "it only opens connections: a NAT gateway would do",
            };
            let mut finding =
                context.finding(rule, &context.about_interface(id, interface.index()));
            finding.title = format!(
                "{} has the public address {}: {use_of_it}",
                called(&finding.about),
                std::net::Ipv4Addr::from_bits(public),
            );
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::of_code;

    fn titles(group: &str) -> Vec<String> {
        let text = format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             group g v1 {group}
             interface a s 10.0.1.10 public=198.51.100.7 groups=g running
             interface b s 10.0.1.11 public=198.51.100.8 groups=g"
        );
        of_code(&text, RULE.code).into_iter().map(|it| it.title).collect()
    }

    #[test]
    fn what_the_address_is_for_is_told() {
        let all = [
            ("in tcp/443 any4", "everyone on the internet reaches something there"),
            (
                "in tcp/443 203.0.113.0/24",
                "only some addresses of the internet reach something there",
            ),
            ("out tcp/443 any4", "it only opens connections: a NAT gateway would do"),
        ];
        for (group, wanted) in all {
            let wanted = format!("i-a (a) has the public address 198.51.100.7: {wanted}");
            assert_eq!(titles(group), [wanted], "{group}");
        }
        assert_eq!(titles("out none"), Vec::<String>::new());
    }
}
