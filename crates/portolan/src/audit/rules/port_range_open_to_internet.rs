//! A range of many ports, open to everyone.

use crate::audit::open::severity_of;
use crate::audit::rule::{Check, Claim, Rule, Slice};
use crate::audit::service::MANY;
use crate::audit::traffic::Kind;
use crate::net::{PortRange, Protocol};
use crate::record::Severity;

/// The UDP ports that traceroute sends to, because nothing listens there:
/// <https://man7.org/linux/man-pages/man8/traceroute.8.html>.
const TRACEROUTE: (u16, u16) = (33434, 33534);

pub(in crate::audit) const RULE: Rule = Rule {
    code: "port-range-open-to-internet",
    title: "A range of more than 100 ports is open to the internet",
    why: "Few services use so many ports. A wide range opens whatever else listens in it, now or \
          later: databases and administration ports stand between 1024 and 65535 too. It is \
          critical if ports of such services are in the range, and low if it is that of \
          traceroute (UDP 33434-33534), where nothing listens as a rule.",
    fix: "Open the ports that the service uses. Passive FTP and similar services can be told \
          to use a short range.",
    severity: Severity::Critical,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    let ports = matches!(slice.whole.kind, Kind::Of(Protocol::Tcp | Protocol::Udp));
    let many = ports && slice.whole.ports.size() > MANY;
    let severity = if is_traceroute(slice) { Severity::Low } else { severity_of(slice.whole) };
    let claim = Claim { ports: slice.left.ports, severity };
    Vec::from_iter(many.then_some(claim))
}

fn is_traceroute(slice: &Slice) -> bool {
    let within = |ports: PortRange| TRACEROUTE.0 <= ports.first() && ports.last() <= TRACEROUTE.1;
    slice.whole.kind == Kind::Of(Protocol::Udp) && within(slice.whole.ports)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn the_ports_of_traceroute_are_low() {
        check(
            &web("group g v1 in udp/33434-33534 any4"),
            "low port-range-open-to-internet a ingress udp/33434-33534 0.0.0.0/0",
        );
        check(
            &web("group g v1 in udp/33434-33535 any4"),
            "high port-range-open-to-internet a ingress udp/33434-33535 0.0.0.0/0",
        );
    }

    #[test]
    fn a_wide_range_is_one_finding() {
        check(
            &web("group g v1 in tcp/1024-65535 any4"),
            "critical port-range-open-to-internet a ingress tcp/1024-65535 0.0.0.0/0",
        );
        check(
            &web("group g v1 in tcp/50200-50400 any4"),
            "high port-range-open-to-internet a ingress tcp/50200-50400 0.0.0.0/0",
        );
    }
}
