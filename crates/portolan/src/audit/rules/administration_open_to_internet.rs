//! SSH, RDP and other ways to command a host, open to everyone.

use crate::audit::rule::{Check, Claim, Rule, Slice, claims};
use crate::audit::service::{Use, of_use};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "administration-open-to-internet",
    title: "A way to administer the host is open to the internet",
    why: "Whoever logs in owns the host. Open administration ports are tried around the clock by \
          machines with lists of passwords and stolen keys, and a flaw in the service itself needs \
          no password at all.",
    fix: "Let only the office, a bastion or a VPN in: name their addresses or the security group of \
          the bastion. Session Manager and EC2 Instance Connect Endpoint need no open port.",
    severity: Severity::Critical,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    claims(of_use(slice.left, Use::Administration), RULE.severity)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn ssh_open_to_everyone_is_critical() {
        check(
            &web("group g v1 in tcp/22 any"),
            "critical administration-open-to-internet a ingress tcp/22 0.0.0.0/0 ::/0",
        );
    }

    #[test]
    fn halves_and_prefix_lists_are_everyone() {
        check(
            &web("group g v1 in tcp/22 0.0.0.0/1,128.0.0.0/1"),
            "critical administration-open-to-internet a ingress tcp/22 0.0.0.0/0
             medium internet-in-pieces g ingress tcp/22 0.0.0.0/0",
        );
        check(
            &web("list pl 0.0.0.0/0
                  group g v1 in tcp/22 list:pl"),
            "critical administration-open-to-internet a ingress tcp/22 0.0.0.0/0",
        );
        check(
            &web("group g v1 in tcp/22 2000::/3"),
            "critical administration-open-to-internet a ingress tcp/22 ::/0
             medium internet-in-pieces g ingress tcp/22 ::/0
             medium ipv6-open-while-ipv4-closed a ingress tcp/22 ::/0",
        );
    }

    #[test]
    fn udp_22_is_not_ssh() {
        check(
            &web("group g v1 in udp/22 any4"),
            "medium port-open-to-internet a ingress udp/22 0.0.0.0/0",
        );
    }
}
