//! Every port of a protocol, or of all, open to everyone.

use crate::audit::rule::{Check, Claim, Rule, Slice};
use crate::audit::traffic::Kind;
use crate::net::{PortRange, Protocol};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "all-ports-open-to-internet",
    title: "Every port is open to the internet",
    why: "A rule for everything, often made to \"ensure connectivity\", opens each service that \
          listens on the host now or ever will: administration, databases, agents that nobody \
          remembers. The security group protects nothing.",
    fix: "Replace the rule by one for each port that the service needs. Flow logs and the host's \
          own list of listeners tell which those are.",
    severity: Severity::Critical,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    let all = match slice.whole.kind {
        Kind::Any => true,
        Kind::Of(Protocol::Tcp | Protocol::Udp) => slice.whole.ports == PortRange::ALL,
        Kind::Of(_) | Kind::Other => false,
    };
    let claim = Claim { ports: slice.left.ports, severity: RULE.severity };
    Vec::from_iter(all.then_some(claim))
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn a_rule_for_all_protocols_is_one_finding() {
        check(
            &web("group g v1 in all any"),
            "critical all-ports-open-to-internet a ingress any/any 0.0.0.0/0 ::/0",
        );
    }

    #[test]
    fn all_of_tcp_is_all_too() {
        check(
            &web("group g v1 in tcp any4"),
            "critical all-ports-open-to-internet a ingress tcp/0-65535 0.0.0.0/0",
        );
    }
}
