//! Network Load Balancers that leave TLS to their targets.

use crate::audit::Context;
use crate::audit::balancing::{called, ports_of, traffic};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::service::{Use, of_use};
use crate::audit::traffic::Traffic;
use crate::model::{Listener, ListenerProtocol, LoadBalancerKind};
use crate::net::{PortRange, PortSet};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "network-listener-without-tls",
    title: "A TCP listener of a Network Load Balancer does not end TLS",
    why: "A TCP listener passes bytes on, and only its targets know whether TLS is in them: then \
          each target has its own certificate to renew and its own versions of TLS to keep \
          current. Information; low where everyone on the internet reaches a port whose protocol \
          is in the clear, such as HTTP at 80.",
    fix: "Listen with TLS and a certificate of ACM, unless the targets have to see the client's own \
          handshake.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for balancer in context.load_balancers() {
        if balancer.facts.kind != LoadBalancerKind::Network {
            continue;
        }
        let tcp: Vec<&Listener> = balancer.listeners().filter(|it| passes_bytes(it)).collect();
        let Some(first) = tcp.first() else { continue };
        let clear = tcp.iter().filter(|it| traffic(it).is_some_and(is_clear));
        let crowd = clear.map(|it| balancer.crowd(context, reached, it)).max();
        let mut finding =
            context.finding(rule, &context.about_load_balancer(&balancer, Some(first)));
        finding.severity = crowd.map_or(Severity::Info, |crowd| crowd.severity(rule.severity));
        finding.title = format!(
            "{} passes what comes in at {} on without ending TLS{}",
            called(&balancer, &finding.about),
            ports_of(&tcp),
            crowd.map_or("", |crowd| crowd.words()),
        );
        found.push(finding);
    }
    found
}

fn passes_bytes(listener: &Listener) -> bool {
    matches!(
        listener.protocol,
        Some(ListenerProtocol::Tcp | ListenerProtocol::TcpUdp | ListenerProtocol::TcpQuic)
    )
}

/// Whether what comes in at a port is in the clear as a rule.
fn is_clear(traffic: Traffic) -> bool {
    let http = PortSet::from_iter([PortRange::single(80), PortRange::single(8080)]);
    !traffic.within(&http).is_empty() || !of_use(traffic, Use::Plaintext).is_empty()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check_all, of_code};

    fn front(listeners: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_net/front groups=lb
             group lb v1 in tcp any4; out all any4
             targets web v1 ip tcp/8080 10.0.1.20
             interface w s 10.0.1.20 groups=web
             group web v1 in tcp/8080 any4; out none
             balancer front network v1 groups=lb internet-facing
             {listeners}"
        )
    }

    #[test]
    fn it_is_said_whether_the_internet_reaches_a_port_in_the_clear() {
        let found =
            of_code(&front("listener front tcp/443 web\nlistener front tcp/80 web"), RULE.code);
        let [found] = found.as_slice() else { panic!("{found:?}") };
        assert!(found.title.contains("at tcp/80, tcp/443 on"), "{}", found.title);
        assert!(found.title.contains("everyone on the internet"), "{}", found.title);
    }

    #[test]
    fn others_are_information() {
        check_all(
            &front("listener front tcp/443 web"),
            RULE.code,
            "info network-listener-without-tls loadbalancer/net/front: front (Network Load \
             Balancer) passes what comes in at tcp/443 on without ending TLS",
        );
        check_all(&front("listener front tls/443 web"), RULE.code, "");
        check_all(&front("listener front udp/53 web"), RULE.code, "");
    }
}
