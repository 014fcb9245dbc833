//! Endpoint services that take in endpoints unasked.

use crate::audit::offers::few;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "endpoint-service-accepts-endpoints",
    title: "An endpoint service accepts endpoints unasked",
    why: "Whoever its principals are makes an endpoint and stands before the load balancer at once, \
          from a network that nobody here has seen. High where anybody in AWS may; medium where \
          other accounts may, or where the source does not hold the principals; low where they are \
          all accounts of the estate.",
    fix: "Require acceptance, and name as principals the accounts that are meant.",
    severity: Severity::High,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let own = context.own_accounts();
    let services = context.network.outside.offered_services.iter();
    let found = services.filter(|it| it.acceptance_required == Some(false)).map(|service| {
        let strangers = context.strangers_to(service, &own);
        let mut finding = context.finding(rule, &context.about_offer(service));
        let (severity, whom) = if strangers.anybody {
            (rule.severity, "anybody in AWS".to_owned())
        } else if !strangers.accounts.is_empty() {
            (Severity::Medium, few(&strangers.accounts))
        } else if strangers.listed {
            (Severity::Low, "accounts of the estate alone".to_owned())
        } else {
            (Severity::Medium, "principals that the source does not hold".to_owned())
        };
        finding.severity = severity;
        finding.title = format!("{} accepts endpoints unasked, of {whom}", called(&finding.about));
        finding
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    fn offer(words: &str) -> String {
        format!("vpc v1 10.0.0.0/16\nservice shop {words}")
    }

    #[test]
    fn whose_endpoints_they_are_decides() {
        let own = "principal=arn:aws:iam::111122223333:root";
        check_all(
            &offer(&format!("accepts {own}")),
            RULE.code,
            "low endpoint-service-accepts-endpoints shop: shop accepts endpoints unasked, of accounts \
             of the estate alone",
        );
        check_all(
            &offer(&format!("accepts {own} principal=arn:aws:iam::444455556666:role/x")),
            RULE.code,
            "medium endpoint-service-accepts-endpoints shop: shop accepts endpoints unasked, of \
             444455556666",
        );
        check_all(
            &offer("accepts principal=*"),
            RULE.code,
            "high endpoint-service-accepts-endpoints shop: shop accepts endpoints unasked, of anybody \
             in AWS",
        );
        check_all(
            &offer("accepts"),
            RULE.code,
            "medium endpoint-service-accepts-endpoints shop: shop accepts endpoints unasked, of \
             principals that the source does not hold",
        );
        check_all(&offer("principal=*"), RULE.code, "");
    }
}
