//! Interfaces that may send and take packets of others.

use std::collections::BTreeMap;

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::{
    Component, Direction, InterfaceKind, NetworkInterfaceId, RouteTableId, RouteTarget,
};
use crate::reach::exposure::Reason;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "source-destination-check-off",
    title: "A host may pass on packets of others",
    why: "With the source/destination check off a host may send packets with any source address and \
          take packets for any destination: NAT instances, firewalls and VPN gateways need that. \
          It is medium where a route leads to the interface, so that traffic of others really goes \
          through the host: whoever takes it over reads, changes and forges it. Without such a route \
          it is low: nothing needs it, and the host can forge addresses.",
    fix: "Turn the check on where nothing is passed on. Replace a NAT instance by a NAT gateway.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        let routes = routes(component);
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            let off = interface.source_dest_check() == Some(false) && !interface.contested();
            if !off || interface.kind() != InterfaceKind::Host {
                continue;
            }
            let mut finding =
                context.finding(rule, &context.about_interface(id, interface.index()));
            let routes = routes.get(&interface.index()).map_or(&[][..], Vec::as_slice);
            let reasons = routes.iter().map(|&(table, number)| Reason::Route(table, number));
            finding.because = reasons
                .map(|reason| context.cause(component, reason, Direction::Ingress))
                .collect();
            let name = called(&finding.about);
            finding.title = match routes.len() {
                0 => {
                    finding.severity = Severity::Low;
                    format!("{name} may pass on packets of others, and no route leads to it")
                }
                1 => format!("{name} passes on packets of others: a route leads to it"),
                many => format!("{name} passes on packets of others: {many} routes lead to it"),
            };
            found.push(finding);
        }
    }
    found
}

/// The routes that name an interface.
fn routes(component: &Component) -> BTreeMap<NetworkInterfaceId, Vec<(RouteTableId, usize)>> {
    let mut routes: BTreeMap<NetworkInterfaceId, Vec<_>> = BTreeMap::new();
    for (id, table) in component.route_tables.entries() {
        for (number, route) in table.routes.iter().enumerate() {
            if let RouteTarget::NetworkInterface(interface) = route.target {
                routes.entry(interface).or_default().push((id, number));
            }
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check_code, of_code};

    #[test]
    fn a_route_makes_the_difference() {
        let text = "vpc v1 10.0.0.0/16 igw
            subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
            subnet p v1 10.0.2.0/24 route 0.0.0.0/0->eni:a
            interface a s 10.0.1.10 public=198.51.100.7 forwards
            interface b s 10.0.1.11 forwards
            interface c s 10.0.1.12
            interface d s 10.0.1.13 check-unknown
            interface e s 10.0.1.14 kind=nat forwards";
        check_code(
            text,
            RULE.code,
            "medium source-destination-check-off a
             low source-destination-check-off b",
        );
        assert_eq!(of_code(text, RULE.code)[0].because[0].id, "0.0.0.0/0");
    }
}
