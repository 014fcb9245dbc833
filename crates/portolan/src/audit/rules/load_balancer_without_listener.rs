//! Load balancers that listen nowhere.

use crate::audit::Context;
use crate::audit::balancing::called;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "load-balancer-without-listener",
    title: "A load balancer has no listener",
    why: "It does nothing, costs money, keeps addresses and security groups in use, and whoever \
          gives it a listener opens what its groups let in.",
    fix: "Delete it, or give it the listener that is missing.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let idle = context.load_balancers().filter(|it| {
        // Nobody says that there are none where a listing is missing or can't be read.
        it.facts.listeners.as_ref().is_some_and(Vec::is_empty) && !it.facts.contested
    });
    let found = idle.map(|balancer| {
        let mut finding = context.finding(rule, &context.about_load_balancer(&balancer, None));
        finding.title = format!("{} has no listener", called(&balancer, &finding.about));
        finding
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_code;

    #[test]
    fn only_where_the_listing_says_so() {
        let front = "vpc v1 10.0.0.0/16\nbalancer front network v1";
        check_code(front, RULE.code, "low load-balancer-without-listener loadbalancer/net/front");
        check_code(&format!("{front} unlisted"), RULE.code, "");
        let some = format!("{front}\ntargets t v1 ip tcp/80\nlistener front tcp/80 t");
        check_code(&some, RULE.code, "");
    }
}
