//! Hosts that reach S3 or DynamoDB over the internet, where a gateway endpoint would serve.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{
    Component, ComponentId, RouteState, RouteTable, RouteTarget, SubnetId, VpcEndpointKind, VpcId,
};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "service-over-internet",
    title: "S3 or DynamoDB is reached over the internet",
    why: "Hosts of the VPC open HTTPS connections to the internet, and their route tables have no \
          gateway endpoint for S3 or DynamoDB. What they send there leaves through the NAT or \
          internet gateway, is paid for by the byte behind a NAT gateway, and needs an outbound \
          rule for the whole internet. Gateway endpoints cost nothing. Said once for each VPC.",
    fix: "Add gateway endpoints for S3 and DynamoDB to the subnets' route tables, and let outbound \
          rules name their prefix lists.",
    severity: Severity::Info,
    check: Check::Network(check),
};

/// The services that have gateway endpoints:
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>.
const SERVICES: [(&str, &str); 2] = [("S3", "s3"), ("DynamoDB", "dynamodb")];

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut vpcs: BTreeMap<(ComponentId, VpcId), BTreeSet<SubnetId>> = BTreeMap::new();
    for (id, subnet, _) in reached.subnets_online() {
        let vpc = context.network.components[id].subnets[subnet].vpc;
        vpcs.entry((id, vpc)).or_default().insert(subnet);
    }
    let found = vpcs.into_iter().filter_map(|((id, vpc), subnets)| {
        let component = &context.network.components[id];
        let grounds = context.layout.component(id);
        let mut missing: Vec<(&str, usize)> = Vec::new();
        for (name, service) in SERVICES {
            let without = subnets.iter().filter(|&&subnet| {
                let table = grounds.subnets[subnet].table;
                table.is_some_and(|it| !serves(context, component, it, service))
            });
            match without.count() {
                0 => {}
                count => missing.push((name, count)),
            }
        }
        let names: Vec<String> = missing
            .iter()
            .map(|(name, count)| {
                format!("{name} ({count} {})", if *count == 1 { "subnet" } else { "subnets" })
            })
            .collect();
        if names.is_empty() {
            return None;
        }
        let mut finding = context.finding(rule, &context.about_vpc(component, vpc));
        finding.title = format!(
            "Hosts of {} reach {} over the internet, without a gateway endpoint",
            super::called(&finding.about),
            names.join(" and "),
        );
        Some(finding)
    });
    found.collect()
}

/// Whether a table leads to a gateway endpoint of a service, or may.
fn serves(
    context: &Context<'_>,
    component: &Component,
    table: crate::model::RouteTableId,
    service: &str,
) -> bool {
    let table: &RouteTable = &component.route_tables[table];
    table.contested
        || table.routes.iter().any(|route| {
            let RouteTarget::VpcEndpoint(endpoint) = route.target else { return false };
            let endpoint = &component.vpc_endpoints[endpoint];
            let name = context.network.text(endpoint.service);
            let gateway =
                matches!(endpoint.kind, VpcEndpointKind::Gateway | VpcEndpointKind::Unknown);
            let named = name.is_empty() || name.rsplit('.').next() == Some(service);
            gateway && named && route.state != RouteState::Blackhole
        })
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::findings_of;

    fn titles(more: &str) -> Vec<String> {
        let found = findings_of(&format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw {more}
             list pl 192.0.2.0/28
             endpoint e v1 gateway service=com.amazonaws.us-east-1.s3
             interface a s 10.0.1.10 public=198.51.100.7 groups=g
             group g v1 out tcp/443 any4"
        ));
        let found = found.into_iter().filter(|it| it.code == "service-over-internet");
        found.map(|it| it.title).collect()
    }

    #[test]
    fn a_vpc_without_endpoints_is_named_once() {
        assert_eq!(
            titles(""),
            [
                "Hosts of v1 reach S3 (1 subnet) and DynamoDB (1 subnet) over the internet, without a gateway endpoint"
            ]
        );
        assert_eq!(
            titles("route list:pl->vpce:e"),
            ["Hosts of v1 reach DynamoDB (1 subnet) over the internet, without a gateway endpoint"]
        );
    }

    #[test]
    fn hosts_that_send_nowhere_reach_nothing() {
        let found = findings_of(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface a s 10.0.1.10 public=198.51.100.7 groups=g
             group g v1 out tcp/80 any4",
        );
        assert!(!found.iter().any(|it| it.code == "service-over-internet"));
    }
}
