//! Listeners of Application Load Balancers that serve pages in the clear.

use crate::audit::Context;
use crate::audit::balancing::{called, ports_of};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{Listener, ListenerAction, ListenerProtocol, LoadBalancerKind};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "http-listener-without-redirect",
    title: "An HTTP listener does not send clients to HTTPS",
    why: "Whoever is on the way reads and changes what an HTTP listener passes on, sessions and \
          passwords among it. Its default action and all of its rules have to redirect to HTTPS, \
          or answer by themselves; one that redirects to HTTP does not help. Medium where everyone \
          on the internet reaches the listener, low where some do, else information.",
    fix: "Give the listener a default action that redirects to `HTTPS://#{host}:443/#{path}?#{query}`, \
          and move its rules to the HTTPS listener.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for balancer in context.load_balancers() {
        if balancer.facts.kind != LoadBalancerKind::Application {
            continue;
        }
        let clear: Vec<&Listener> =
            balancer.listeners().filter(|it| serves_in_the_clear(it)).collect();
        let crowd = clear.iter().map(|it| balancer.crowd(context, reached, it)).max();
        let (Some(first), Some(crowd)) = (clear.first(), crowd) else { continue };
        let mut finding =
            context.finding(rule, &context.about_load_balancer(&balancer, Some(first)));
        finding.severity = crowd.severity(rule.severity);
        finding.title = format!(
            "{} passes HTTP on at {} without a redirect to HTTPS{}",
            called(&balancer, &finding.about),
            ports_of(&clear),
            crowd.words(),
        );
        found.push(finding);
    }
    found
}

/// Whether some request gets from an HTTP listener to a target, or to another HTTP listener.
fn serves_in_the_clear(listener: &Listener) -> bool {
    let rules = listener.rules.iter().flatten().filter(|rule| !rule.contested);
    listener.protocol == Some(ListenerProtocol::Http)
        && (passes_on(&listener.default_actions)
            || rules.into_iter().any(|it| passes_on(&it.actions)))
}

fn passes_on(actions: &[ListenerAction]) -> bool {
    actions.iter().any(|action| match action {
        ListenerAction::Forward(_)
        | ListenerAction::ForwardToInstances { .. }
        | ListenerAction::Redirect { protocol: None | Some(ListenerProtocol::Http) } => true,
        ListenerAction::Redirect { .. }
        | ListenerAction::FixedResponse
        | ListenerAction::Authenticate
        | ListenerAction::Unknown(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    /// A load balancer with listeners, whose node everyone reaches at 80 and 443.
    fn front(listeners: &str, from: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_app/front groups=lb
             group lb v1 in tcp/80 {from}; in tcp/443 {from}; out none
             targets web v1 ip tcp/8080 10.0.1.20
             balancer front application v1 groups=lb internet-facing
             {listeners}"
        )
    }

    #[test]
    fn what_forwards_in_the_clear_is_found() {
        check_all(
            &front("listener front http/80 web", "any4"),
            RULE.code,
            "medium http-listener-without-redirect loadbalancer/app/front: front (Application Load \
             Balancer) passes HTTP on at tcp/80 without a redirect to HTTPS, and everyone on the \
             internet reaches it",
        );
        check_all(
            &front("listener front http/80 web", "192.0.2.0/24"),
            RULE.code,
            "low http-listener-without-redirect loadbalancer/app/front: front (Application Load \
             Balancer) passes HTTP on at tcp/80 without a redirect to HTTPS, and some addresses of \
             the internet may reach it",
        );
        check_all(
            &front("listener front http/80 web", "10.0.0.0/8"),
            RULE.code,
            "info http-listener-without-redirect loadbalancer/app/front: front (Application Load \
             Balancer) passes HTTP on at tcp/80 without a redirect to HTTPS",
        );
    }

    #[test]
    fn what_redirects_is_not() {
        check_all(&front("listener front http/80 redirect", "any4"), RULE.code, "");
        check_all(&front("listener front https/443 web", "any4"), RULE.code, "");
    }

    #[test]
    fn a_rule_that_forwards_counts() {
        let rule = "listener front http/80 redirect\nrule front path forward:web";
        check_all(
            &front(rule, "any4"),
            RULE.code,
            "medium http-listener-without-redirect loadbalancer/app/front: front (Application Load \
             Balancer) passes HTTP on at tcp/80 without a redirect to HTTPS, and everyone on the \
             internet reaches it",
        );
    }
}
