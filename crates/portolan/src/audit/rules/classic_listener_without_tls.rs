//! Listeners of Classic Load Balancers that do not end TLS.

use crate::audit::Context;
use crate::audit::balancing::{called, ends_tls, ports_of};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{Listener, ListenerProtocol, LoadBalancerKind};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "classic-listener-without-tls",
    title: "A listener of a Classic Load Balancer does not end TLS",
    why: "What comes in by HTTP can be read and changed on the way, and a Classic Load Balancer \
          can't redirect by itself. Medium where everyone on the internet reaches an HTTP listener \
          and there is no HTTPS listener beside it to send clients to; low where there is one. A \
          TCP listener passes bytes on, and only its targets know whether TLS is in them: \
          information.",
    fix: "Listen with HTTPS or SSL and a certificate; better, move to an Application Load Balancer, \
          which redirects HTTP by itself.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for balancer in context.load_balancers() {
        if balancer.facts.kind != LoadBalancerKind::Classic {
            continue;
        }
        let clear: Vec<&Listener> = balancer.listeners().filter(|it| is_clear(it)).collect();
        let Some(first) = clear.first() else { continue };
        let http = clear.iter().filter(|it| it.protocol == Some(ListenerProtocol::Http));
        let crowd = http.map(|it| balancer.crowd(context, reached, it)).max();
        let at_worst =
            if balancer.listeners().any(ends_tls) { Severity::Low } else { rule.severity };
        let mut finding =
            context.finding(rule, &context.about_load_balancer(&balancer, Some(first)));
        finding.severity = crowd.map_or(Severity::Info, |crowd| crowd.severity(at_worst));
        finding.title = format!(
            "{} listens at {} without TLS{}",
            called(&balancer, &finding.about),
            ports_of(&clear),
            crowd.map_or("", |crowd| crowd.words()),
        );
        found.push(finding);
    }
    found
}

fn is_clear(listener: &Listener) -> bool {
    matches!(listener.protocol, Some(ListenerProtocol::Http | ListenerProtocol::Tcp))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    fn front(listeners: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_front groups=lb
             group lb v1 in tcp any4; out none
             balancer front classic v1 groups=lb internet-facing
             {listeners}"
        )
    }

    #[test]
    fn http_alone_is_worse_than_http_beside_https() {
        check_all(
            &front("listener front http/80 instances=80"),
            RULE.code,
            "medium classic-listener-without-tls front: front (Classic Load Balancer) listens at \
             tcp/80 without TLS, and everyone on the internet reaches it",
        );
        check_all(
            &front("listener front http/80 instances=80\nlistener front https/443 instances=80"),
            RULE.code,
            "low classic-listener-without-tls front: front (Classic Load Balancer) listens at \
             tcp/80 without TLS, and everyone on the internet reaches it",
        );
    }

    #[test]
    fn bytes_are_passed_on_and_tls_is_ended() {
        check_all(
            &front("listener front tcp/443 instances=443"),
            RULE.code,
            "info classic-listener-without-tls front: front (Classic Load Balancer) listens at \
             tcp/443 without TLS",
        );
        check_all(&front("listener front https/443 instances=80"), RULE.code, "");
    }
}
