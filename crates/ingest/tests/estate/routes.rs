//! Route tables: every target, and every way in which routes get into each other's way.

use serde_json::{Value, json};

use super::layout::{INTERNET, ON_PREMISES, Plan, UNSEEN};
use super::{firewalls, v4, v6};

pub(crate) fn routes(plan: &mut Plan) {
    for vpc in 0..plan.vpcs.len() {
        if plan.random.chance(11) && firewalls::inspected(plan, vpc) {
            continue;
        }
        let mut free = plan.subnets_of(vpc);
        plan.random.shuffle(&mut free);
        // Some subnets stay with the main table.
        while !free.is_empty() && plan.random.chance(55) {
            let take = plan.random.between(1, free.len());
            let subnets: Vec<usize> = free.drain(..take).collect();
            table(plan, vpc, &subnets, false);
        }
        if plan.random.chance(97) {
            table(plan, vpc, &[], true);
        }
        if plan.random.chance(14) {
            gateway_table(plan, vpc);
        }
    }
}

fn route(key: &str, destination: &str, target: (&str, &str)) -> Value {
    json!({ key: destination, target.0: target.1, "State": "active", "Origin": "CreateRoute" })
}

pub(super) fn to(destination: &str, target: (&str, &str)) -> Value {
    let key = match destination {
        list if list.starts_with("pl-") => "DestinationPrefixListId",
        block if block.contains(':') => "DestinationIpv6CidrBlock",
        _ => "DestinationCidrBlock",
    };
    route(key, destination, target)
}

pub(super) fn locals(plan: &Plan, vpc: usize) -> Vec<Value> {
    let vpc = &plan.vpcs[vpc];
    let ipv4 = vpc.v4.iter().map(|&(first, length)| format!("{}/{length}", v4(first)));
    let ipv6 = vpc.v6.iter().map(|&first| format!("{}/56", v6(first)));
    ipv4.chain(ipv6)
        .map(|block| {
            let mut local = to(&block, ("GatewayId", "local"));
            local["Origin"] = json!("CreateRouteTable");
            local
        })
        .collect()
}

fn table(plan: &mut Plan, vpc: usize, subnets: &[usize], main: bool) {
    let id = plan.id("rtb");
    let home = plan.vpcs[vpc].home;
    let mut routes = locals(plan, vpc);
    defaults(plan, vpc, &mut routes);
    peered(plan, vpc, &mut routes);
    over_transit(plan, vpc, &mut routes);
    specific(plan, vpc, &mut routes);
    if plan.random.chance(8) {
        let at = plan.random.below(routes.len());
        routes[at]["State"] = json!(plan.random.weighted(&[(50, "blackhole"), (50, "filtered")]));
    }
    if plan.random.chance(2) {
        routes.push(json!({
            "DestinationCidrBlock": "odd", "GatewayId": "local", "State": "active",
        }));
    }
    if plan.random.chance(50) {
        plan.random.shuffle(&mut routes);
    }
    let mut associations: Vec<Value> = subnets
        .iter()
        .map(|&subnet| {
            json!({
                "Main": false, "SubnetId": plan.subnets[subnet].id,
                "AssociationState": {"State": "associated"},
            })
        })
        .collect();
    if main {
        associations.push(json!({"Main": true, "AssociationState": {"State": "associated"}}));
    }
    // Two tables for one subnet: a source that contradicts itself.
    if !main && plan.random.chance(2) {
        let subnet = *plan.random.pick(&plan.subnets_of(vpc));
        associations.push(json!({"Main": false, "SubnetId": plan.subnets[subnet].id}));
    }
    let element = json!({
        "RouteTableId": id,
        "VpcId": plan.vpcs[vpc].id,
        "OwnerId": home.account,
        "Associations": associations,
        "Routes": routes,
    });
    if plan.random.chance(2) {
        let mut again = element.clone();
        again["Routes"]
            .as_array_mut()
            .unwrap()
            .push(to("8.8.8.0/24", ("GatewayId", "igw-0fffffff")));
        plan.estate.push(home, "RouteTables", again);
    }
    plan.estate.push(home, "RouteTables", element);
}

/// Where everything else goes.
fn defaults(plan: &mut Plan, vpc: usize, routes: &mut Vec<Value>) {
    let igw = plan.vpcs[vpc].internet_gateway.clone();
    let eigw = plan.vpcs[vpc].egress_only.clone();
    match plan.random.below(100) {
        0..56 => {
            if let Some(igw) = &igw {
                routes.push(to("0.0.0.0/0", ("GatewayId", igw)));
            }
        }
        56..72 => {
            if let Some(nat) = nat_of(plan, vpc) {
                routes.push(to("0.0.0.0/0", ("NatGatewayId", &nat)));
            }
        }
        72..76 => routes.push(to("0.0.0.0/0", ("TransitGatewayId", "tgw-00000001"))),
        76..79 => routes.push(to("0.0.0.0/0", ("GatewayId", "vgw-00000001"))),
        79..84 => {
            if let Some(interface) = interface_of(plan, vpc) {
                routes.push(to("0.0.0.0/0", ("NetworkInterfaceId", &interface)));
            }
        }
        // Only these clients get answers.
        84..90 => {
            if let Some(igw) = &igw {
                routes.push(to("203.0.113.7/32", ("GatewayId", igw)));
                routes.push(to("203.0.113.128/25", ("GatewayId", igw)));
            }
        }
        90..92 => routes.push(to("0.0.0.0/0", ("GatewayId", "igw-0fffffff"))),
        92..94 => {
            let other = plan.vpcs.iter().rev().find_map(|vpc| vpc.internet_gateway.clone());
            if let Some(other) = other {
                routes.push(to("0.0.0.0/0", ("GatewayId", &other)));
            }
        }
        94..96 => routes.push(to("0.0.0.0/0", ("NatGatewayId", "nat-0fffffff"))),
        _ => {}
    }
    if plan.vpcs[vpc].v6.is_none() {
        return;
    }
    match plan.random.below(100) {
        0..60 => {
            if let Some(igw) = &igw {
                routes.push(to("::/0", ("GatewayId", igw)));
            }
        }
        60..80 => {
            if let Some(eigw) = &eigw {
                routes.push(to("::/0", ("EgressOnlyInternetGatewayId", eigw)));
            }
        }
        80..84 => routes.push(to("::/0", ("EgressOnlyInternetGatewayId", "eigw-0fffffff"))),
        84..88 => {
            routes.push(to("2001:db8::/32", ("GatewayId", igw.as_deref().unwrap_or("local"))));
        }
        88..90 => {
            if let Some(nat) = nat_of(plan, vpc) {
                routes.push(to("64:ff9b::/96", ("NatGatewayId", &nat)));
            }
        }
        _ => {}
    }
}

fn nat_of(plan: &mut Plan, vpc: usize) -> Option<String> {
    let own: Vec<String> =
        plan.nat_gateways.iter().filter(|nat| nat.vpc == vpc).map(|nat| nat.id.clone()).collect();
    plan.random.pick_maybe(&own).cloned()
}

/// An interface that a route may name: rather one that forwards.
fn interface_of(plan: &mut Plan, vpc: usize) -> Option<String> {
    let wanted = plan.random.chance(65);
    let own: Vec<String> = plan
        .interfaces
        .iter()
        .filter(|interface| interface.vpc == vpc && interface.forwards == wanted)
        .map(|interface| interface.id.clone())
        .collect();
    if plan.random.chance(9) {
        return Some("eni-0ddddddd".to_owned());
    }
    plan.random.pick_maybe(&own).cloned()
}

fn peered(plan: &mut Plan, vpc: usize, routes: &mut Vec<Value>) {
    let ways: Vec<(String, Option<usize>)> = plan
        .peerings
        .iter()
        .filter_map(|peering| match (peering.one, peering.other) {
            (one, other) if one == vpc => Some((peering.id.clone(), other)),
            (one, Some(other)) if other == vpc => Some((peering.id.clone(), Some(one))),
            _ => None,
        })
        .collect();
    for (peering, far) in ways {
        // Sometimes only the other side has its route.
        if plan.random.chance(14) {
            continue;
        }
        let via = ("VpcPeeringConnectionId", peering.as_str());
        let Some(far) = far else {
            routes.push(to(UNSEEN, via));
            continue;
        };
        for (first, length) in plan.vpcs[far].v4.clone() {
            let length = if plan.random.chance(85) { length } else { 24 };
            routes.push(to(&format!("{}/{length}", v4(first)), via));
        }
        if let Some(first) = plan.vpcs[far].v6
            && plan.random.chance(75)
        {
            routes.push(to(&format!("{}/56", v6(first)), via));
        }
        // Wider than what the peering carries.
        if plan.random.chance(5) {
            routes.push(to("10.0.0.0/8", via));
        }
    }
    if plan.random.chance(4) {
        routes.push(to("10.98.0.0/16", ("VpcPeeringConnectionId", "pcx-0ddddddd")));
    }
}

/// To the other VPCs of transit gateways, and to everything by one of them.
fn over_transit(plan: &mut Plan, vpc: usize, routes: &mut Vec<Value>) {
    let all: Vec<(String, bool)> = plan
        .transits
        .iter()
        .map(|transit| {
            let here = transit.attached.iter().any(|(_, at)| *at == Some(vpc));
            (transit.id.clone(), here)
        })
        .collect();
    for (gateway, attached) in all {
        let via = ("TransitGatewayId", gateway.as_str());
        if !plan.random.chance(if attached { 85 } else { 10 }) {
            continue;
        }
        for far in (0..plan.vpcs.len()).filter(|&far| far != vpc) {
            for (first, length) in plan.vpcs[far].v4.clone() {
                if plan.random.chance(60) {
                    let length = if plan.random.chance(90) { length } else { 24 };
                    routes.push(to(&format!("{}/{length}", v4(first)), via));
                }
            }
            if let Some(first) = plan.vpcs[far].v6
                && plan.random.chance(60)
            {
                routes.push(to(&format!("{}/56", v6(first)), via));
            }
        }
        if plan.random.chance(25)
            && !routes.iter().any(|it| it["DestinationCidrBlock"] == "0.0.0.0/0")
        {
            routes.push(to("0.0.0.0/0", via));
        }
        if plan.random.chance(15) {
            routes.push(to("10.0.0.0/8", via));
        }
        if plan.random.chance(20) {
            routes.push(to(ON_PREMISES[0], via));
        }
    }
}

/// Routes that win over others, or should not.
fn specific(plan: &mut Plan, vpc: usize, routes: &mut Vec<Value>) {
    let igw = plan.vpcs[vpc].internet_gateway.clone();
    let on_premises = *plan.random.pick(ON_PREMISES);
    if plan.random.chance(16) {
        routes.push(to(on_premises, ("GatewayId", "vgw-00000001")));
    }
    if plan.random.chance(12) {
        let mut propagated = to(on_premises, ("GatewayId", "vgw-00000002"));
        propagated["Origin"] = json!("EnableVgwRoutePropagation");
        routes.push(propagated);
    }
    if plan.random.chance(12) {
        routes.push(to("172.16.0.0/12", ("TransitGatewayId", "tgw-00000001")));
    }
    // Propagated inside the local route: longer, and loses all the same.
    if plan.random.chance(12) {
        let (first, _) = plan.vpcs[vpc].v4[0];
        let mut propagated = to(&format!("{}/24", v4(first)), ("GatewayId", "vgw-00000001"));
        propagated["Origin"] = json!("EnableVgwRoutePropagation");
        routes.push(propagated);
    }
    // A whole subnet by way of a middlebox or a firewall.
    if plan.random.chance(14) {
        let subnet = *plan.random.pick(&plan.subnets_of(vpc));
        let (first, length) = plan.subnets[subnet].v4;
        let block = format!("{}/{length}", v4(first));
        match (plan.random.below(3), plan.vpcs[vpc].firewall_endpoint.clone()) {
            (0, Some(endpoint)) => routes.push(to(&block, ("GatewayId", &endpoint))),
            (1, _) => {
                if let Some(nat) = nat_of(plan, vpc) {
                    routes.push(to(&block, ("NatGatewayId", &nat)));
                }
            }
            _ => {
                if let Some(interface) = interface_of(plan, vpc) {
                    routes.push(to(&block, ("NetworkInterfaceId", &interface)));
                }
            }
        }
    }
    if plan.random.chance(9) {
        let block = *plan.random.pick(INTERNET);
        let mut hole = to(block, ("GatewayId", igw.as_deref().unwrap_or("igw-0fffffff")));
        hole["State"] = json!("blackhole");
        routes.push(hole);
    }
    if plan.random.chance(8) {
        let block = *plan.random.pick(INTERNET);
        let target = plan.random.weighted(&[
            (3, ("CarrierGatewayId", "cagw-1")),
            (3, ("TransitGatewayId", "tgw-00000002")),
            (2, ("GatewayId", "vpce-0fffffff")),
        ]);
        routes.push(to(block, target));
    }
    if plan.random.chance(4) {
        routes.push(to("10.97.0.0/16", ("NetworkInterfaceId", "eni-0ddddddd")));
    }
    lists(plan, vpc, routes);
}

/// Routes through prefix lists: a gateway endpoint's, and others of the same length.
fn lists(plan: &mut Plan, vpc: usize, routes: &mut Vec<Value>) {
    let home = plan.vpcs[vpc].home;
    let own: Vec<String> =
        plan.lists.iter().filter(|(at, _)| *at == home).map(|(_, list)| list.clone()).collect();
    if let Some(endpoint) = plan.vpcs[vpc].gateway_endpoint.clone()
        && plan.random.chance(50)
    {
        let list = plan.random.pick(&own).clone();
        routes.push(to(&list, ("GatewayId", &endpoint)));
    }
    for list in &own {
        if !plan.random.chance(8) {
            continue;
        }
        match plan.random.below(4) {
            0 => routes.push(to(list, ("TransitGatewayId", "tgw-00000001"))),
            1 => {
                if let Some(igw) = plan.vpcs[vpc].internet_gateway.clone() {
                    routes.push(to(list, ("GatewayId", &igw)));
                }
            }
            2 => {
                if let Some(nat) = nat_of(plan, vpc) {
                    routes.push(to(list, ("NatGatewayId", &nat)));
                }
            }
            _ => {
                // The same prefix by block: static before prefix list.
                if let Some(igw) = plan.vpcs[vpc].internet_gateway.clone() {
                    routes.push(to("203.0.113.64/26", ("GatewayId", &igw)));
                }
                routes.push(to(list, ("GatewayId", "vgw-00000001")));
            }
        }
    }
}

/// The table that an internet gateway is associated with.
fn gateway_table(plan: &mut Plan, vpc: usize) {
    let Some(igw) = plan.vpcs[vpc].internet_gateway.clone() else { return };
    let id = plan.id("rtb");
    let home = plan.vpcs[vpc].home;
    let mut routes = locals(plan, vpc);
    let subnet = *plan.random.pick(&plan.subnets_of(vpc));
    let (first, length) = plan.subnets[subnet].v4;
    let block = format!("{}/{length}", v4(first));
    match (plan.random.below(3), plan.vpcs[vpc].firewall_endpoint.clone()) {
        (0, Some(endpoint)) => routes.push(to(&block, ("GatewayId", &endpoint))),
        (1, _) => {
            if let Some(interface) = interface_of(plan, vpc) {
                routes.push(to(&block, ("NetworkInterfaceId", &interface)));
            }
        }
        _ => {}
    }
    let element = json!({
        "RouteTableId": id,
        "VpcId": plan.vpcs[vpc].id,
        "OwnerId": home.account,
        "Associations": [{
            "Main": false, "GatewayId": igw, "AssociationState": {"State": "associated"},
        }],
        "Routes": routes,
    });
    plan.estate.push(home, "RouteTables", element);
}
