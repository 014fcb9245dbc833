//! A public address through which nothing comes and goes.

use crate::audit::alone::leads_online;
use crate::audit::idle::stands_still;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::InterfaceKind;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "public-address-without-use",
    title: "A public address is of no use",
    why: "Nothing on the internet can open a connection to the interface, and the interface opens \
          none from this address: groups, network ACLs or routes are in the way, or connections go \
          out through a NAT gateway and have its address. AWS charges for the address, and one rule \
          or route later the host is exposed.",
    fix: "Take the address away: release the Elastic IP address, or launch without a public one.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            let host =
                interface.kind() == InterfaceKind::Host && !stands_still(component, interface);
            let public = interface.ipv4().iter().find_map(|held| held.public);
            let Some(public) = public.filter(|_| host) else { continue };
            let at = reached.get(context.network.text(interface.id()));
            let out = || leads_online(component, interface.subnet());
            if at.is_some_and(|at| !at.anyone.is_empty() || at.connects && out()) {
                continue;
            }
            let mut finding =
                context.finding(rule, &context.about_interface(id, interface.index()));
            let unanswered = at.is_some_and(|at| !at.unanswered.is_empty());
            let use_of_it = match unanswered {
                true => "what comes in has no answer, and nothing goes out through it",
                false => "nothing comes or goes through it",
            };
            finding.title = format!(
                "{} has the public address {}, and {use_of_it}",
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
    use crate::audit::tests::{check_code, web};

    #[test]
    fn an_address_that_nobody_uses() {
        check_code(
            &web("group g v1 in tcp/22 10.0.0.0/8; out all 10.0.0.0/8"),
            RULE.code,
            "low public-address-without-use a",
        );
    }

    #[test]
    fn one_way_is_use_enough() {
        check_code(&web("group g v1 in tcp/22 203.0.113.0/24"), RULE.code, "");
        check_code(&web("group g v1 out tcp/443 any4"), RULE.code, "");
    }

    #[test]
    fn behind_a_nat_gateway_an_own_address_is_of_no_use() {
        check_code(
            "vpc v1 10.0.0.0/16 igw
             subnet n v1 10.0.9.0/24 route 0.0.0.0/0->igw
             nat nat n private=10.0.9.9 public=198.51.100.99
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->nat:nat
             group g v1 in tcp/22 any4
             interface a s 10.0.1.10 public=198.51.100.7 groups=g",
            RULE.code,
            "low public-address-without-use a",
        );
    }

    #[test]
    fn what_stands_still_is_told_elsewhere() {
        check_code(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24
             interface a s 10.0.1.10 public=198.51.100.7 stopped
             interface b s 10.0.1.11 public=198.51.100.8 detached
             interface c s 10.0.1.12 public=198.51.100.9 kind=nat",
            RULE.code,
            "",
        );
    }
}
