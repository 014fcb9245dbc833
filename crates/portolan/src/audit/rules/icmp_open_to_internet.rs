//! ICMP, open to everyone.

use crate::audit::rule::{Check, Claim, Rule, Slice};
use crate::audit::traffic::Kind;
use crate::net::Protocol;
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "icmp-open-to-internet",
    title: "ICMP is open to the internet",
    why: "Echo requests tell strangers that the host is there; other types tell more. It helps \
          to find faults too, so this is information. Messages that path MTU discovery needs \
          come with tracked connections and need no rule.",
    fix: "If nobody has to ping the host, remove the rule.",
    severity: Severity::Info,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    let icmp = matches!(slice.whole.kind, Kind::Of(Protocol::Icmp | Protocol::Icmpv6));
    let claim = Claim { ports: slice.left.ports, severity: RULE.severity };
    Vec::from_iter(icmp.then_some(claim))
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn a_ping_is_information() {
        check(
            &web("group g v1 in icmp/8 any4"),
            "info icmp-open-to-internet a ingress icmp/8 0.0.0.0/0",
        );
    }
}
