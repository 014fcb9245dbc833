//! Dashboards, message brokers, directories and other inner services, open to everyone.

use crate::audit::rule::{Check, Claim, Rule, Slice, claims};
use crate::audit::service::{Use, of_use};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "internal-service-open-to-internet",
    title: "A service that is meant for the inside is open to the internet",
    why: "Dashboards, brokers, directories and development servers are rarely made to face strangers: \
          many ask for no password, and some answer in a way that floods a third party.",
    fix: "Name the networks or the security group that needs it, or put a load balancer that \
          authenticates before it.",
    severity: Severity::High,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    claims(of_use(slice.left, Use::Internal), RULE.severity)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn a_dashboard_open_to_everyone_is_high() {
        check(
            &web("group g v1 in tcp/5601 any4"),
            "high internal-service-open-to-internet a ingress tcp/5601 0.0.0.0/0",
        );
    }
}
