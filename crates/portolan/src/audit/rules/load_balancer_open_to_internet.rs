//! Load balancers that face the internet, and what stands behind them.

use std::collections::BTreeSet;

use crate::audit::Context;
use crate::audit::balancing::{Balancer, Crowd, called, ports_of};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{Listener, Scheme};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "load-balancer-open-to-internet",
    title: "A load balancer is open to the internet",
    why: "Its targets answer strangers though they are private: whoever finds a hole in what they \
          serve is inside. The title names those that everyone's connections really get to. What is \
          open at which port has findings of its own, so this is information; low where the load \
          balancer is meant to be internal. One that has public addresses that nobody reaches is \
          told too: its groups or routes are all that keeps it closed.",
    fix: "Make it internal if its clients are. Else let it have the listeners that are needed and \
          no other, with a web ACL where its targets are not made for strangers.",
    severity: Severity::Low,
    check: Check::Network(check),
};

/// So many targets are named.
const FEW: usize = 3;

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for balancer in context.load_balancers() {
        let with = |wanted: Crowd| {
            let listeners = balancer.listeners();
            let met = listeners.filter(|it| balancer.crowd(context, reached, it) == wanted);
            met.collect::<Vec<&Listener>>()
        };
        let faces = balancer.facts.scheme == Scheme::InternetFacing;
        if balancer.facts.interfaces.is_empty() {
            continue;
        }
        let told = [
            ("open to everyone on the internet", with(Crowd::Everyone)),
            ("possibly open to everyone on the internet", with(Crowd::Perhaps)),
            ("open to some addresses of the internet", with(Crowd::Some)),
        ];
        let open: Vec<&Listener> =
            told.iter().flat_map(|(_, listeners)| listeners).copied().collect();
        if open.is_empty() && !faces {
            continue;
        }
        let mut finding =
            context.finding(rule, &context.about_load_balancer(&balancer, open.first().copied()));
        let internal = balancer.facts.scheme == Scheme::Internal;
        finding.severity =
            if internal && !open.is_empty() { Severity::Low } else { Severity::Info };
        let whom = told.iter().find(|(_, listeners)| !listeners.is_empty());
        finding.title = match whom {
            None => format!(
                "{} has public addresses, and nobody on the internet reaches a listener",
                called(&balancer, &finding.about)
            ),
            Some((how, listeners)) => format!(
                "{} is {how} at {}{}",
                called(&balancer, &finding.about),
                ports_of(listeners),
                behind(context, &balancer, reached),
            ),
        };
        found.push(finding);
    }
    found
}

/// `; behind it stand web-1 (i-…), web-2 (i-…) and 3 more`.
fn behind(context: &Context<'_>, balancer: &Balancer<'_>, reached: &Reached) -> String {
    let targets = reached.behind(context.network.text(balancer.facts.id));
    let mut names = BTreeSet::new();
    for (component, interface) in targets.flat_map(|id| context.network.interfaces_of(id)) {
        let mut about = context.about_interface(component, interface);
        if !about.instance.is_empty() {
            about.id.clone_from(&about.instance);
        }
        names.insert(crate::audit::called(&about));
    }
    let count = names.len();
    let few: Vec<String> = names.into_iter().take(FEW).collect();
    let more = count.saturating_sub(few.len());
    match (few.as_slice(), more) {
        ([], _) => "; nothing behind it is reached".to_owned(),
        ([one], 0) => format!("; behind it stands {one}"),
        ([all @ .., last], 0) => format!("; behind it stand {} and {last}", all.join(", ")),
        (few, more) => format!("; behind it stand {} and {more} more", few.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    fn front(scheme: &str, from: &str, target: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             subnet p v1 10.0.2.0/24
             interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_app/front groups=lb
             interface w p 10.0.2.20 groups=web
             interface x p 10.0.2.21 groups=web
             group lb v1 in tcp/80 {from}
             group web v1 in tcp/8080 {target}; out none
             targets web v1 ip http/8080 10.0.2.20 10.0.2.21
             balancer front application v1 groups=lb {scheme}
             listener front http/80 web"
        )
    }

    #[test]
    fn the_targets_that_are_reached_are_named() {
        check_all(
            &front("internet-facing", "any4", "group:lb"),
            RULE.code,
            "info load-balancer-open-to-internet loadbalancer/app/front: front (Application Load \
             Balancer) is open to everyone on the internet at tcp/80; behind it stand w and x",
        );
        check_all(
            &front("internet-facing", "any4", "192.0.2.0/24"),
            RULE.code,
            "info load-balancer-open-to-internet loadbalancer/app/front: front (Application Load \
             Balancer) is open to everyone on the internet at tcp/80; nothing behind it is reached",
        );
        check_all(
            &front("internal", "192.0.2.0/24", "group:lb"),
            RULE.code,
            "low load-balancer-open-to-internet loadbalancer/app/front: front (Application Load \
             Balancer) is open to some addresses of the internet at tcp/80; behind it stand w and x",
        );
    }

    #[test]
    fn one_that_nobody_reaches_is_told() {
        check_all(
            &front("internet-facing", "10.0.0.0/8", "group:lb"),
            RULE.code,
            "info load-balancer-open-to-internet loadbalancer/app/front: front (Application Load \
             Balancer) has public addresses, and nobody on the internet reaches a listener",
        );
        check_all(&front("internal", "10.0.0.0/8", "group:lb"), RULE.code, "");
    }
}
