//! Whatever else is open to everyone.

use crate::audit::rule::{Check, Claim, Rule, Slice, claims};
use crate::audit::traffic::{Kind, Traffic};
use crate::net::{PortRange, PortSet, Protocol};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "port-open-to-internet",
    title: "A port is open to the internet",
    why: "Everything that is open to everyone is named, so that nothing is overlooked: what no \
          other finding covers stands here. HTTP and HTTPS (TCP 80 and 443, and UDP 443) are \
          information, since that is what most hosts with a public address are for.",
    fix: "If it is meant to be public, say so in an exception with a reason, an owner and an end \
          date. If not, name those who need it.",
    severity: Severity::Medium,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    let left = PortSet::from_iter([slice.left.ports]);
    let web = web(slice.left);
    let other: Vec<PortRange> = left.difference(&web).ranges().collect();
    let mut found = claims(web.ranges().collect(), Severity::Info);
    found.extend(claims(other, RULE.severity));
    found.sort_by_key(|claim| claim.ports);
    found
}

/// The ports of the web in some traffic.
fn web(traffic: Traffic) -> PortSet {
    let ports: &[u16] = match traffic.kind {
        Kind::Of(Protocol::Tcp) => &[80, 443],
        Kind::Of(Protocol::Udp) => &[443],
        Kind::Of(_) | Kind::Any | Kind::Other => &[],
    };
    let ports = ports.iter().map(|&port| PortRange::single(port));
    ports.filter_map(|port| port.intersection(traffic.ports)).collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn https_is_information() {
        check(
            &web("group g v1 in tcp/443 any4"),
            "info port-open-to-internet a ingress tcp/443 0.0.0.0/0",
        );
    }

    #[test]
    fn what_nobody_knows_is_medium() {
        check(
            &web("group g v1 in tcp/8443 any4; in proto/50 any4"),
            "medium port-open-to-internet a ingress proto/50/any 0.0.0.0/0
             medium port-open-to-internet a ingress tcp/8443 0.0.0.0/0",
        );
    }

    #[test]
    fn the_neighbours_of_the_web_are_not_the_web() {
        check(
            &web("group g v1 in tcp/79-81 any4"),
            "medium port-open-to-internet a ingress tcp/79 0.0.0.0/0
             medium port-open-to-internet a ingress tcp/81 0.0.0.0/0
             info port-open-to-internet a ingress tcp/80 0.0.0.0/0
             low http-without-https a ingress tcp/80 0.0.0.0/0",
        );
    }
}
