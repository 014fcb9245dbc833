//! Databases, by their own listings: their interfaces are mostly listed too.
//!
//! Random numbers are the module's own, so that everything else of a seed stays as it is.

use serde_json::{Value, json};

use super::layout::Plan;
use super::random::Random;
use super::v4;

pub(crate) fn services(plan: &mut Plan) {
    let mut random = Random::new(plan.estate.seed ^ 0x5eed_da7a);
    for number in 0..random.weighted(&[(90, 0), (7, 1), (3, 2)]) {
        let vpc = random.below(plan.vpcs.len());
        database(plan, &mut random, vpc, number);
    }
}

fn database(plan: &mut Plan, random: &mut Random, vpc: usize, number: u32) {
    let home = plan.vpcs[vpc].home;
    let own: Vec<String> =
        plan.groups.iter().filter(|group| group.vpc == vpc).map(|group| group.id.clone()).collect();
    let groups: Vec<String> = match random.chance(8) {
        true => Vec::new(),
        false => vec![random.pick(&own).clone()],
    };
    let mut subnets = plan.subnets_of(vpc);
    random.shuffle(&mut subnets);
    subnets.truncate(random.between(1, 2));
    let public = random.weighted(&[(50, Some(false)), (35, Some(true)), (15, None)]);
    let mut element = json!({
        "DBInstanceIdentifier": format!("db{number}"),
        "DBInstanceArn": format!("arn:aws:rds:{}:{}:db:db{number}", home.region, home.account),
        "Engine": "postgres",
        "Endpoint": {"Address": "db.rds.amazonaws.com", "Port": 443},
        "DBSubnetGroup": {
            "DBSubnetGroupName": "db",
            "VpcId": plan.vpcs[vpc].id,
            "Subnets": subnets.iter().map(|&subnet| {
                json!({"SubnetIdentifier": plan.subnets[subnet].id})
            }).collect::<Vec<_>>(),
        },
        "VpcSecurityGroups": groups.iter().map(|group| {
            json!({"VpcSecurityGroupId": group, "Status": "active"})
        }).collect::<Vec<_>>(),
    });
    if let Some(public) = public {
        element["PubliclyAccessible"] = json!(public);
    }
    if random.chance(50) {
        element["NetworkType"] = json!("IPV4");
    }
    plan.estate.push(home, "DBInstances", element);
    // In a small subnet others may have the address, or a prefix that holds it.
    let subnet = subnets[0];
    if random.chance(30) && plan.subnets[subnet].v4.1 < 26 {
        let interface = interface(plan, vpc, subnet, &groups, number);
        plan.estate.push(home, "NetworkInterfaces", interface);
    }
}

/// The interface of a database, as AWS lists it.
fn interface(plan: &Plan, vpc: usize, subnet: usize, groups: &[String], number: u32) -> Value {
    let home = plan.vpcs[vpc].home;
    let (first, length) = plan.subnets[subnet].v4;
    // Interfaces take the first sixteen addresses and the last but one.
    let address = first + (1 << (32 - length)) - 3 - number;
    let groups: Vec<Value> = groups.iter().map(|group| json!({"GroupId": group})).collect();
    json!({
        "NetworkInterfaceId": format!("eni-db{number}"),
        "OwnerId": home.account,
        "VpcId": plan.vpcs[vpc].id,
        "SubnetId": plan.subnets[subnet].id,
        "Description": "RDSNetworkInterface",
        "InterfaceType": "interface",
        "RequesterId": "amazon-rds",
        "RequesterManaged": true,
        "Status": "in-use",
        "SourceDestCheck": true,
        "Groups": groups,
        "PrivateIpAddress": v4(address),
        "PrivateIpAddresses": [{"PrivateIpAddress": v4(address), "Primary": true}],
    })
}
