//! Interfaces and the instances behind them.

use serde_json::{Value, json};

use super::layout::{Interface, Plan};
use super::{v4, v6};

pub(crate) fn interfaces(plan: &mut Plan) {
    let count = plan.random.between(2, 12).max(plan.vpcs.len());
    let mut instances: Vec<(String, usize)> = Vec::new();
    for number in 0..count {
        let vpc =
            if number < plan.vpcs.len() { number } else { plan.random.below(plan.vpcs.len()) };
        interface(plan, vpc, number, &mut instances);
    }
    if plan.random.chance(12) {
        seen_twice(plan);
    }
}

fn interface(plan: &mut Plan, vpc: usize, number: usize, instances: &mut Vec<(String, usize)>) {
    let id = plan.id("eni");
    let home = plan.vpcs[vpc].home;
    let subnet = *plan.random.pick(&plan.subnets_of(vpc));
    let kind = plan.random.weighted(&[
        (82, "interface"),
        (4, "lambda"),
        (4, "network_load_balancer"),
        (5, "vpc_endpoint"),
        (4, "transit_gateway"),
        (2, "branch"),
    ]);
    let is_host = matches!(kind, "interface" | "lambda" | "branch");
    let mut held = Vec::new();
    let mut addresses = Vec::new();
    for more in 0..plan.random.weighted(&[(75, 1_u32), (25, 2)]) {
        let Some(address) = free_address(plan, subnet).filter(|free| !held.contains(free)) else {
            break;
        };
        held.push(address);
        let mut given = json!({"PrivateIpAddress": v4(address), "Primary": more == 0});
        if is_host && plan.random.chance(if more == 0 { 66 } else { 45 }) {
            let public = 0x3402_0000 + u32::try_from(number).unwrap() * 4 + more;
            given["Association"] = json!({"PublicIp": v4(public)});
        }
        addresses.push(given);
    }
    if held.is_empty() {
        return;
    }
    let ordinal = u128::try_from(number).unwrap();
    let ipv6 = plan.subnets[subnet].v6.filter(|_| plan.random.chance(75));
    let ipv6 = ipv6.map(|first| first + 0x10 + ordinal);
    let ipv6_addresses: Vec<Value> =
        ipv6.iter().map(|&held| json!({"Ipv6Address": v6(held)})).collect();
    let (status, attachment) = attachment(plan, kind, vpc, instances);
    let groups = groups(plan, kind, vpc);
    let forwards = !is_host || plan.random.chance(22);
    let mut element = json!({
        "NetworkInterfaceId": id,
        "OwnerId": home.account,
        "VpcId": plan.vpcs[vpc].id,
        "SubnetId": plan.subnets[subnet].id,
        "AvailabilityZone": format!("{}a", home.region),
        "InterfaceType": kind,
        "Status": status,
        "SourceDestCheck": !forwards,
        "Groups": groups,
        "PrivateIpAddress": v4(held[0]),
        "PrivateIpAddresses": addresses,
        "Ipv6Addresses": ipv6_addresses,
    });
    if let Some(attachment) = attachment {
        element["Attachment"] = attachment;
    }
    if plan.random.chance(2) {
        element.as_object_mut().unwrap().remove("SourceDestCheck");
    }
    let wide = plan.subnets[subnet].v4.1 < 28;
    if wide && plan.random.chance(12) && number < 11 {
        let step = u32::try_from(number).unwrap();
        let room = if plan.subnets[subnet].v4.1 == 26 { 1 + step % 3 } else { 1 + step };
        let first = plan.subnets[subnet].v4.0 + room * 16;
        if !taken(plan, first) && held.iter().all(|held| held & !15 != first) {
            element["Ipv4Prefixes"] = json!([{"Ipv4Prefix": format!("{}/28", v4(first))}]);
            held.push(first);
        }
    }
    if let Some(first) = plan.subnets[subnet].v6
        && plan.random.chance(12)
    {
        let prefix = first | ((ordinal + 1) << 48);
        element["Ipv6Prefixes"] = json!([{"Ipv6Prefix": format!("{}/80", v6(prefix))}]);
    }
    if ipv6.is_some() && plan.random.chance(10) {
        element["DenyAllIgwTraffic"] = json!(true);
    }
    // An Elastic IP address that only describe-addresses gives away.
    let silent = element["PrivateIpAddresses"][0].get("Association").is_none();
    if is_host && silent && plan.random.chance(8) {
        let public = v4(0x3403_0000 + u32::try_from(number).unwrap());
        let address = json!({
            "PublicIp": public, "NetworkInterfaceId": id, "PrivateIpAddress": v4(held[0]),
        });
        plan.estate.push(home, "Addresses", address);
    }
    within_instance(plan, &element);
    plan.estate.push(home, "NetworkInterfaces", element);
    plan.interfaces.push(Interface { id, vpc, v4: held, v6: ipv6, forwards });
}

/// describe-instances tells most of the interface too.
fn within_instance(plan: &mut Plan, interface: &Value) {
    let Some(instance) = interface["Attachment"]["InstanceId"].as_str() else { return };
    let mut given = interface.clone();
    for absent in ["DenyAllIgwTraffic", "AvailabilityZone"] {
        given.as_object_mut().unwrap().remove(absent);
    }
    for home in plan.homes() {
        let path = home.path("Reservations");
        let reservations = plan.estate.elements(&path, "Reservations").into_iter().flatten();
        for found in reservations.map(|reservation| &mut reservation["Instances"][0]) {
            if found["InstanceId"].as_str() != Some(instance) {
                continue;
            }
            match found.get_mut("NetworkInterfaces").and_then(Value::as_array_mut) {
                Some(interfaces) => interfaces.push(given.clone()),
                None => found["NetworkInterfaces"] = json!([given.clone()]),
            }
        }
    }
}

/// Whether somebody holds an address of the same sixteen.
fn taken(plan: &Plan, address: u32) -> bool {
    let mut held = plan.interfaces.iter().flat_map(|interface| &interface.v4);
    held.any(|&held| held & !15 == address & !15)
}

/// A free address among the first sixteen of a subnet, sometimes its last but one.
fn free_address(plan: &mut Plan, subnet: usize) -> Option<u32> {
    let (first, length) = plan.subnets[subnet].v4;
    let last = first + (1 << (32 - length)) - 2;
    if plan.random.chance(15) && length < 28 && !taken(plan, last) {
        return Some(last);
    }
    let offset = plan.subnets[subnet].used + 1;
    if offset > 13 {
        return None;
    }
    plan.subnets[subnet].used = offset;
    Some(first + offset)
}

/// `Status`, and what the interface is attached to.
fn attachment(
    plan: &mut Plan,
    kind: &str,
    vpc: usize,
    instances: &mut Vec<(String, usize)>,
) -> (&'static str, Option<Value>) {
    let home = plan.vpcs[vpc].home;
    if kind != "interface" {
        let attachment = json!({"InstanceOwnerId": "amazon-aws", "Status": "attached"});
        return ("in-use", Some(attachment));
    }
    match plan.random.below(100) {
        0..3 => return ("available", None),
        3..5 => return ("detaching", None),
        5..13 => {
            return (
                "in-use",
                Some(json!({"InstanceOwnerId": home.account, "Status": "attached"})),
            );
        }
        _ => {}
    }
    let same: Vec<String> = instances
        .iter()
        .filter(|(_, at)| *at == vpc)
        .map(|(instance, _)| instance.clone())
        .collect();
    let shared = plan.random.chance(12).then(|| plan.random.pick_maybe(&same).cloned()).flatten();
    let instance = shared.unwrap_or_else(|| {
        let id = plan.id("i");
        let state = plan.random.weighted(&[
            (92, "running"),
            (3, "stopped"),
            (2, "terminated"),
            (2, "pending"),
            (1, "odd"),
        ]);
        let element = json!({
            "ReservationId": format!("r-{id}"),
            "OwnerId": home.account,
            "Instances": [{
                "InstanceId": id,
                "State": {"Name": state},
                "Placement": {"AvailabilityZone": format!("{}a", home.region)},
            }],
        });
        plan.estate.push(home, "Reservations", element);
        instances.push((id.clone(), vpc));
        id
    });
    let attachment = json!({
        "InstanceId": instance, "InstanceOwnerId": home.account, "Status": "attached",
    });
    ("in-use", Some(attachment))
}

fn groups(plan: &mut Plan, kind: &str, vpc: usize) -> Vec<Value> {
    if matches!(kind, "transit_gateway")
        || kind == "network_load_balancer" && plan.random.chance(50)
    {
        return Vec::new();
    }
    let own: Vec<String> =
        plan.groups.iter().filter(|group| group.vpc == vpc).map(|group| group.id.clone()).collect();
    let mut worn = vec![plan.random.pick(&own).clone()];
    if plan.random.chance(35) {
        worn.push(plan.random.pick(&own).clone());
    }
    // A group may be worn in another VPC of its account and region.
    if plan.random.chance(14) {
        let home = plan.vpcs[vpc].home;
        let foreign: Vec<String> = plan
            .groups
            .iter()
            .filter(|group| group.vpc != vpc && plan.vpcs[group.vpc].home == home)
            .map(|group| group.id.clone())
            .collect();
        if let Some(group) = plan.random.pick_maybe(&foreign).cloned() {
            let association = json!({
                "GroupId": group, "VpcId": plan.vpcs[vpc].id, "VpcOwnerId": home.account,
                "State": "associated",
            });
            plan.estate.push(home, "SecurityGroupVpcAssociations", association);
            worn.push(group);
        }
    }
    // And one that is in no listing.
    if plan.random.chance(3) {
        worn.push("sg-0eeeeeee".to_owned());
    }
    worn.sort_unstable();
    worn.dedup();
    worn.into_iter().map(|group| json!({"GroupId": group, "GroupName": "group"})).collect()
}

/// Two listings that disagree about an interface.
fn seen_twice(plan: &mut Plan) {
    let Some(interface) = plan.random.pick_maybe(&plan.interfaces) else { return };
    let (id, home) = (interface.id.clone(), plan.vpcs[interface.vpc].home);
    let path = home.path("NetworkInterfaces");
    let elements = plan.estate.elements(&path, "NetworkInterfaces").unwrap();
    let mut again = elements
        .iter()
        .find(|element| element["NetworkInterfaceId"] == json!(id))
        .cloned()
        .unwrap();
    again["Groups"] = json!([]);
    plan.estate.push(home, "NetworkInterfaces", again);
}
