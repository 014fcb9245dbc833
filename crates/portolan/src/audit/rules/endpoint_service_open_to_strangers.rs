//! Endpoint services that other accounts may use.

use crate::audit::offers::few;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "endpoint-service-open-to-strangers",
    title: "An endpoint service is open to accounts beyond the estate",
    why: "An endpoint is a door through the border of the network that no route table, peering \
          connection or address shows: its owner's hosts reach the targets behind the load \
          balancer. Medium where anybody in AWS may ask for one; low where named accounts may or \
          do. Accounts of the estate are those that the source holds.",
    fix: "Remove principals that are not customers or partners, and reject the connections that are \
          left of them.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let own = context.own_accounts();
    let mut found = Vec::new();
    for service in &context.network.outside.offered_services {
        let strangers = context.strangers_to(service, &own);
        let mut told = Vec::new();
        if strangers.anybody {
            told.push("anybody in AWS may ask for an endpoint".to_owned());
        } else if !strangers.accounts.is_empty() {
            told.push(format!("{} may make endpoints", few(&strangers.accounts)));
        }
        if !strangers.connected.is_empty() {
            told.push(format!("endpoints of {} are connected", few(&strangers.connected)));
        }
        if told.is_empty() {
            continue;
        }
        let mut finding = context.finding(rule, &context.about_offer(service));
        finding.severity = if strangers.anybody { rule.severity } else { Severity::Low };
        finding.title = format!("{}: {}", called(&finding.about), told.join("; "));
        found.push(finding);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    fn offer(words: &str) -> String {
        format!("vpc v1 10.0.0.0/16\nservice shop {words}")
    }

    #[test]
    fn strangers_are_named() {
        check_all(
            &offer("principal=* connected=444455556666"),
            RULE.code,
            "medium endpoint-service-open-to-strangers shop: shop: anybody in AWS may ask for an \
             endpoint; endpoints of 444455556666 are connected",
        );
        check_all(
            &offer("principal=arn:aws:iam::444455556666:root"),
            RULE.code,
            "low endpoint-service-open-to-strangers shop: shop: 444455556666 may make endpoints",
        );
    }

    #[test]
    fn the_estate_is_no_stranger_to_itself() {
        let own = "principal=arn:aws:iam::111122223333:root connected=111122223333";
        check_all(&offer(own), RULE.code, "");
        check_all(&offer(""), RULE.code, "");
    }
}
