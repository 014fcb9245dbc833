//! Hosts that reach AWS's APIs over the internet, where interface endpoints would serve.

use std::collections::BTreeSet;

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::{Component, ComponentId, VpcEndpointKind, VpcId};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "api-over-internet",
    title: "APIs of AWS are reached over the internet",
    why: "Hosts of the VPC open HTTPS connections to the internet, and there is no interface \
          endpoint for APIs that instances call as a rule: EC2, the registry of containers (ECR), \
          Systems Manager. With endpoints the hosts need no way to the internet for them, and \
          outbound rules can name the endpoints' groups instead of everyone. An endpoint costs \
          money by the hour, so this is information: which of them are worth it depends on what \
          the hosts call. Said once for each VPC.",
    fix: "Add interface endpoints with private DNS for the APIs that are called, and then close what \
          leads to the internet.",
    severity: Severity::Info,
    check: Check::Network(check),
};

/// What instances call, by what the names of the services end with: the endpoints of
/// Security Hub's EC2.10, EC2.55 to EC2.58 and EC2.60.
const APIS: [&str; 6] = ["ec2", "ecr.api", "ecr.dkr", "ssm", "ssm-contacts", "ssm-incidents"];

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut vpcs: BTreeSet<(ComponentId, VpcId)> = BTreeSet::new();
    for (id, subnet, host) in reached.subnets_online() {
        let component = &context.network.components[id];
        // What AWS runs calls APIs in its own way.
        if component.interface(host).instance().is_some() {
            vpcs.insert((id, component.subnets[subnet].vpc));
        }
    }
    let found = vpcs.into_iter().filter_map(|(id, vpc)| {
        let component = &context.network.components[id];
        let missing: Vec<&str> =
            APIS.into_iter().filter(|api| !has_endpoint(context, component, vpc, api)).collect();
        if missing.is_empty() {
            return None;
        }
        let mut finding = context.finding(rule, &context.about_vpc(component, vpc));
        finding.title = format!(
            "Hosts of {} reach APIs of AWS over the internet, without interface endpoints: {}",
            called(&finding.about),
            missing.join(", "),
        );
        Some(finding)
    });
    found.collect()
}

/// Whether a VPC has an interface endpoint for an API, or may.
fn has_endpoint(context: &Context<'_>, component: &Component, vpc: VpcId, api: &str) -> bool {
    component.vpc_endpoints.iter().any(|endpoint| {
        let interface =
            matches!(endpoint.kind, VpcEndpointKind::Interface | VpcEndpointKind::Unknown);
        let name = context.network.text(endpoint.service);
        let named = match name.strip_prefix("com.amazonaws.") {
            // Of an endpoint that only a route names nobody knows the service.
            None => name.is_empty(),
            Some(rest) => {
                let service = rest.split_once('.').map_or(rest, |(_, service)| service);
                service.strip_suffix("-fips").unwrap_or(service) == api
            }
        };
        endpoint.vpc == vpc && interface && named && endpoint.available != Some(false)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::of_code;

    fn titles(more: &str, group: &str) -> Vec<String> {
        let found = of_code(
            &format!(
                "vpc v1 10.0.0.0/16 igw
                 subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
                 interface a s 10.0.1.10 public=198.51.100.7 groups=g running
                 group g v1 {group}
                 {more}"
            ),
            RULE.code,
        );
        found.into_iter().map(|it| it.title).collect()
    }

    #[test]
    fn what_is_missing_is_named_once_for_a_vpc() {
        let before =
            "Hosts of v1 reach APIs of AWS over the internet, without interface endpoints: ";
        let all = format!("{before}ec2, ecr.api, ecr.dkr, ssm, ssm-contacts, ssm-incidents");
        assert_eq!(titles("", "out tcp/443 any4"), [all]);
        let some = "endpoint e v1 interface service=com.amazonaws.us-east-1.ec2
             endpoint f v1 interface service=com.amazonaws.us-east-1.ecr.api
             endpoint g v1 interface service=com.amazonaws.us-east-1.ssm-fips
             endpoint h v1 interface service=com.amazonaws.us-east-1.ecr.dkr unavailable
             endpoint i v1 gateway service=com.amazonaws.us-east-1.ssm-contacts";
        let rest = format!("{before}ecr.dkr, ssm-contacts, ssm-incidents");
        assert_eq!(titles(some, "out tcp/443 any4"), [rest]);
    }

    #[test]
    fn hosts_that_send_nowhere_reach_nothing() {
        assert!(titles("", "out tcp/80 any4").is_empty());
    }
}
