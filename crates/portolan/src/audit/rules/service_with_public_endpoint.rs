//! Services that answer on addresses of AWS's own, outside of any VPC.

use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{PublicEndpoint, ServiceKind};
use crate::net::IpSet;
use crate::record::{About, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "service-with-public-endpoint",
    title: "A service answers the internet beside the VPC",
    why: "The API of an EKS cluster with public access, and an OpenSearch domain outside of a VPC, \
          answer on addresses of AWS's own: no security group, ACL or route of the estate is \
          between them and a stranger, only who may ask for what. Medium where everyone may \
          connect, low where a list of blocks says who.",
    fix: "Turn public access of the cluster off, or name the office's blocks in \
          `publicAccessCidrs`; put the domain into a VPC.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let endpoints = context.network.outside.public_endpoints.iter();
    let found = endpoints.map(|endpoint| {
        let mut finding = context.finding(rule, &about(context, endpoint));
        let api = endpoint.kind == ServiceKind::Eks;
        let what = if api { "The API of EKS" } else { endpoint.kind.words() };
        let everyone = is_everyone(context, endpoint);
        finding.severity = if everyone { rule.severity } else { Severity::Low };
        let whom = match &endpoint.sources {
            Some(blocks) if !everyone => {
                let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
                blocks.join(", ")
            }
            Some(_) | None => "everyone on the internet".to_owned(),
        };
        finding.title =
            format!("{what} {} answers {whom} beside the VPC", context.network.text(endpoint.name));
        finding
    });
    found.collect()
}

fn is_everyone(context: &Context<'_>, endpoint: &PublicEndpoint) -> bool {
    let Some(blocks) = &endpoint.sources else { return true };
    let sources: IpSet = blocks.iter().copied().collect();
    context.is_everyone(&sources.intersection(&context.world.internet))
}

fn about(context: &Context<'_>, endpoint: &PublicEndpoint) -> About {
    let text = |id| context.network.text(id).to_owned();
    let mut about = About {
        kind: endpoint.kind.as_str().to_owned(),
        id: text(endpoint.id),
        name: text(endpoint.name),
        account: text(endpoint.origin.account),
        region: text(endpoint.origin.region),
        ..About::default()
    };
    context.stands(&mut about, endpoint.place);
    about
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    #[test]
    fn who_may_connect_decides() {
        let found = "service-with-public-endpoint eks/shop: The API of EKS shop answers";
        check_all(
            "public shop eks",
            RULE.code,
            &format!("medium {found} everyone on the internet beside the VPC"),
        );
        check_all(
            "public shop eks 0.0.0.0/1 128.0.0.0/1",
            RULE.code,
            &format!("medium {found} everyone on the internet beside the VPC"),
        );
        check_all(
            "public shop eks 203.0.113.0/24",
            RULE.code,
            &format!("low {found} 203.0.113.0/24 beside the VPC"),
        );
        check_all(
            "public logs opensearch",
            RULE.code,
            "medium service-with-public-endpoint opensearch/logs: OpenSearch logs answers everyone on \
             the internet beside the VPC",
        );
    }
}
