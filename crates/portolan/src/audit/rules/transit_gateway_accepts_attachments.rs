//! Transit gateways that take in whoever they are shared with.

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::AttachmentState;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "transit-gateway-accepts-attachments",
    title: "A transit gateway accepts shared attachments unasked",
    why: "Whoever can make attachments in an account that the gateway is shared with joins his VPC \
          to those that are attached already, and with the default route table it is routed to them \
          at once: nobody on this side looks at it first. The title says how many VPCs are \
          attached.",
    fix: "Turn `AutoAcceptSharedAttachments` off and accept attachments one by one; give those of \
          others a route table of their own.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for component in context.network.components.iter() {
        for (id, gateway) in component.transit_gateways.entries() {
            if !gateway.seen || gateway.auto_accept != Some(true) {
                continue;
            }
            let of = |it: &&crate::model::TransitGatewayAttachment| {
                it.state != AttachmentState::Gone && it.ends.iter().any(|end| end.gateway == id)
            };
            let count = component.transit_gateway_attachments.iter().filter(of).count();
            let Some(scope) = component.vpcs.iter().find(|vpc| vpc.seen).map(|vpc| vpc.scope)
            else {
                continue;
            };
            let about =
                context.thing(component, "transit-gateway", gateway.id, scope, gateway.place);
            let mut finding = context.finding(rule, &about);
            finding.title = format!(
                "{} accepts shared attachments unasked, beside the {count} that it has",
                called(&about)
            );
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    #[test]
    fn only_one_that_accepts_is_found() {
        let estate = |accepts: &str| {
            format!(
                "vpc v1 10.0.0.0/16
                 subnet s v1 10.0.1.0/24 route 10.1.0.0/16->tgw:t
                 tgw t {accepts}
                 tgw-table r t
                 attachment a t subnets:s r"
            )
        };
        check_all(
            &estate("accepts"),
            RULE.code,
            "medium transit-gateway-accepts-attachments t: t accepts shared attachments unasked, \
             beside the 1 that it has",
        );
        check_all(&estate(""), RULE.code, "");
    }
}
