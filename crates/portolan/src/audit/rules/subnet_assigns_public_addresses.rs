//! A subnet that gives whatever is launched in it a public address.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "subnet-assigns-public-addresses",
    title: "A subnet gives new hosts public addresses",
    why: "Whatever is launched there is one rule away from the internet, also what nobody meant \
          to be public. Default subnets do so. It is low where the subnet's routes lead to an \
          internet gateway, and information where they don't: then the address is of no use \
          until a route changes.",
    fix: "Turn off `MapPublicIpOnLaunch`, and give the few hosts that need one an Elastic IP \
          address, or put a load balancer before them.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        let grounds = context.layout.component(id);
        for (subnet, facts) in component.subnets.entries() {
            if !facts.seen || facts.contested || facts.assigns_public_ipv4 != Some(true) {
                continue;
            }
            let mut about = context.thing(component, "subnet", facts.id, facts.scope, facts.place);
            context.network.text(facts.name).clone_into(&mut about.name);
            context.network.text(component.vpcs[facts.vpc].id).clone_into(&mut about.vpc);
            let mut finding = context.finding(rule, &about);
            let public = grounds.subnets[subnet].public.is_some();
            finding.severity = if public { rule.severity } else { Severity::Info };
            finding.title = format!("{} gives new hosts public addresses", called(&finding.about));
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::check_code;

    #[test]
    fn subnets_that_give_public_addresses_are_found() {
        check_code(
            "vpc v1 10.0.0.0/16 igw
             subnet a v1 10.0.1.0/24 assigns=ipv4 route 0.0.0.0/0->igw
             subnet b v1 10.0.2.0/24 assigns=ipv4
             subnet c v1 10.0.3.0/24 assigns=ipv6 route 0.0.0.0/0->igw
             subnet d v1 10.0.4.0/24 assigns=? route 0.0.0.0/0->igw",
            "subnet-assigns-public-addresses",
            "low subnet-assigns-public-addresses a
             info subnet-assigns-public-addresses b",
        );
    }
}
