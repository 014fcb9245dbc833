//! Interface endpoints with their interfaces, and endpoint services with load balancers.

use serde_json::{Value, json};

use super::layout::Plan;
use super::{v4, v6};

/// After the load balancers, some of which become endpoint services.
pub(crate) fn endpoints(plan: &mut Plan) {
    let services = services(plan);
    for vpc in 0..plan.vpcs.len() {
        for _ in 0..plan.random.weighted(&[(70, 0), (25, 1), (5, 2)]) {
            endpoint(plan, vpc, &services);
        }
    }
}

/// The names of the services of the estate.
fn services(plan: &mut Plan) -> Vec<String> {
    let mut names = Vec::new();
    for home in plan.homes() {
        let listed = plan.estate.elements(&home.path("LoadBalancers"), "LoadBalancers");
        let arns: Vec<String> = listed
            .into_iter()
            .flatten()
            .filter_map(|it| it["LoadBalancerArn"].as_str())
            .filter(|arn| arn.contains("/net/lb"))
            .map(str::to_owned)
            .collect();
        for arn in arns {
            if !plan.random.chance(75) {
                continue;
            }
            let id = plan.id("vpce-svc");
            let name = format!("com.amazonaws.vpce.{}.{id}", home.region);
            names.push(name.clone());
            let mut behind = vec![arn];
            if plan.random.chance(8) {
                behind.push("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/x/1".into());
            }
            let state = plan.random.weighted(&[(92, "Available"), (4, "Deleting"), (4, "odd")]);
            let element = json!({
                "ServiceId": id, "ServiceName": name, "ServiceState": state,
                "AcceptanceRequired": true, "NetworkLoadBalancerArns": behind,
            });
            if plan.random.chance(90) {
                plan.estate.push(home, "ServiceConfigurations", element);
            }
        }
    }
    names
}

fn endpoint(plan: &mut Plan, vpc: usize, services: &[String]) {
    let home = plan.vpcs[vpc].home;
    let id = plan.id("vpce");
    let own: Vec<String> =
        plan.groups.iter().filter(|group| group.vpc == vpc).map(|group| group.id.clone()).collect();
    let groups = vec![plan.random.pick(&own).clone()];
    let mut subnets = plan.subnets_of(vpc);
    plan.random.shuffle(&mut subnets);
    subnets.truncate(plan.random.between(1, 2));
    let mut interfaces = Vec::new();
    for &subnet in &subnets {
        interfaces.extend(interface(plan, subnet, &id, &groups));
    }
    let service = match (plan.random.below(100), plan.random.pick_maybe(services)) {
        (0..60, Some(service)) => service.clone(),
        (0..80, _) => format!("com.amazonaws.{}.ec2", home.region),
        (80..90, _) => format!("com.amazonaws.{}.email-smtp", home.region),
        (_, _) => "com.amazonaws.vpce.us-east-1.vpce-svc-0fffffff".to_owned(),
    };
    let kind = plan.random.weighted(&[(94, "Interface"), (3, "Resource"), (3, "odd")]);
    let state = plan.random.weighted(&[(88, "available"), (6, "deleting"), (6, "odd")]);
    let worn: Vec<Value> = groups.iter().map(|id| json!({"GroupId": id})).collect();
    let element = json!({
        "VpcEndpointId": id, "VpcEndpointType": kind, "VpcId": plan.vpcs[vpc].id,
        "OwnerId": home.account, "ServiceName": service, "State": state,
        "SubnetIds": subnets.iter().map(|&it| plan.subnets[it].id.clone()).collect::<Vec<_>>(),
        "NetworkInterfaceIds": interfaces, "Groups": worn, "RouteTableIds": [],
        "PrivateDnsEnabled": true, "PolicyDocument": "{}",
    });
    if plan.random.chance(94) {
        plan.estate.push(home, "VpcEndpoints", element);
    }
}

fn interface(plan: &mut Plan, subnet: usize, endpoint: &str, groups: &[String]) -> Option<String> {
    let vpc = plan.subnets[subnet].vpc;
    let home = plan.vpcs[vpc].home;
    let offset = plan.subnets[subnet].used + 1;
    if offset > 13 {
        return None;
    }
    plan.subnets[subnet].used = offset;
    let private = v4(plan.subnets[subnet].v4.0 + offset);
    let own = plan.subnets[subnet].v6.filter(|_| plan.random.chance(50));
    let ipv6: Vec<Value> = own
        .iter()
        .map(|first| json!({"Ipv6Address": v6(first + 0x200 + u128::from(offset))}))
        .collect();
    let worn: Vec<Value> = groups.iter().map(|id| json!({"GroupId": id})).collect();
    let id = plan.id("eni");
    let mut element = json!({
        "NetworkInterfaceId": id, "OwnerId": home.account, "VpcId": plan.vpcs[vpc].id,
        "SubnetId": plan.subnets[subnet].id, "AvailabilityZone": plan.subnets[subnet].zone,
        "Description": format!("VPC Endpoint Interface {endpoint}"), "Status": "in-use",
        "InterfaceType": "vpc_endpoint", "SourceDestCheck": true, "Groups": worn,
        "Attachment": {"InstanceOwnerId": "amazon-aws", "Status": "attached"},
        "PrivateIpAddress": private,
        "PrivateIpAddresses": [{"PrivateIpAddress": private, "Primary": true}],
        "Ipv6Addresses": ipv6,
    });
    if plan.random.chance(10) {
        element["DenyAllIgwTraffic"] = json!(true);
    }
    if plan.random.chance(97) {
        plan.estate.push(home, "NetworkInterfaces", element);
    }
    Some(id)
}
