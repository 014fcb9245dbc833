//! Transit gateways: attachments in zones, associations, propagations, routes of every kind.

use serde_json::{Value, json};

use super::layout::{ON_PREMISES, Plan};
use super::{Home, v4, v6};

/// A transit gateway of the plan.
pub(crate) struct Transit {
    pub(crate) id: String,
    home: Home,
    /// Attachments with what is attached: a VPC, or something else.
    pub(crate) attached: Vec<(String, Option<usize>)>,
    tables: Vec<String>,
}

pub(crate) fn transit_gateways(plan: &mut Plan) {
    let count = plan.random.weighted(&[(45, 0), (35, 1), (20, 2)]);
    for number in 0..count {
        let home = plan.vpcs[if number == 0 { 0 } else { plan.vpcs.len() - 1 }].home;
        let id = format!("tgw-0000000{}", number + 1);
        gateway(plan, id, home);
    }
    if plan.transits.len() == 2 && plan.random.chance(50) {
        peering(plan);
    }
    for number in 0..plan.transits.len() {
        routes(plan, number);
    }
}

fn enable(plan: &mut Plan, chance: usize) -> &'static str {
    if plan.random.chance(chance) { "enable" } else { "disable" }
}

fn gateway(plan: &mut Plan, id: String, home: Home) {
    let mut element = json!({
        "TransitGatewayId": id, "OwnerId": home.account, "State": "available",
        "Options": {"AmazonSideAsn": 64512},
    });
    if plan.random.chance(85) {
        element["Options"]["SecurityGroupReferencingSupport"] = json!(enable(plan, 70));
    }
    if plan.random.chance(95) {
        plan.estate.push(home, "TransitGateways", element);
    }
    let mut transit = Transit { id, home, attached: Vec::new(), tables: Vec::new() };
    for _ in 0..plan.random.weighted(&[(70, 1), (30, 2)]) {
        transit.tables.push(plan.id("tgw-rtb"));
    }
    for vpc in 0..plan.vpcs.len() {
        if plan.vpcs[vpc].home.region == home.region && plan.random.chance(80) {
            attach(plan, &mut transit, vpc);
        }
    }
    if plan.random.chance(30) {
        let id = plan.id("tgw-attach");
        let kind =
            plan.random.weighted(&[(60, "vpn"), (20, "connect"), (20, "direct-connect-gateway")]);
        listed(plan, &transit, &id, (kind, "vpn-00000001"), home.account, "available");
        transit.attached.push((id, None));
    }
    plan.transits.push(transit);
}

/// An element of describe-transit-gateway-attachments.
fn listed(
    plan: &mut Plan,
    transit: &Transit,
    id: &str,
    (kind, resource): (&str, &str),
    owner: &str,
    state: &str,
) {
    let table = plan.random.pick(&transit.tables).clone();
    let mut element = json!({
        "TransitGatewayAttachmentId": id, "TransitGatewayId": transit.id,
        "TransitGatewayOwnerId": transit.home.account, "ResourceOwnerId": owner,
        "ResourceType": kind, "ResourceId": resource, "State": state,
    });
    let association = match plan.random.below(100) {
        0..90 => json!({"TransitGatewayRouteTableId": table, "State": "associated"}),
        90..93 => json!({"TransitGatewayPolicyTableId": "tgw-ptb-1", "State": "associated"}),
        _ => Value::Null,
    };
    if !association.is_null() {
        element["Association"] = association;
    }
    plan.estate.push(transit.home, "TransitGatewayAttachments", element);
}

fn attach(plan: &mut Plan, transit: &mut Transit, vpc: usize) {
    let id = plan.id("tgw-attach");
    let state = plan.random.weighted(&[(90, "available"), (5, "deleted"), (5, "deleting")]);
    let mut subnets = plan.subnets_of(vpc);
    plan.random.shuffle(&mut subnets);
    let mut zones: Vec<String> = Vec::new();
    subnets.retain(|&subnet| {
        let zone = &plan.subnets[subnet].zone;
        let new = !zones.contains(zone);
        zones.push(zone.clone());
        new
    });
    if plan.random.chance(35) {
        subnets.truncate(1);
    }
    let named: Vec<&str> = subnets.iter().map(|&at| plan.subnets[at].id.as_str()).collect();
    let mut element = json!({
        "TransitGatewayAttachmentId": id, "TransitGatewayId": transit.id,
        "VpcId": plan.vpcs[vpc].id, "VpcOwnerId": plan.vpcs[vpc].home.account,
        "SubnetIds": named, "State": state, "Options": {},
    });
    let options = [
        ("ApplianceModeSupport", 20, 80),
        ("Ipv6Support", 70, 90),
        ("SecurityGroupReferencingSupport", 70, 90),
    ];
    for (option, on, said) in options {
        if plan.random.chance(said) {
            element["Options"][option] = json!(enable(plan, on));
        }
    }
    let home = plan.vpcs[vpc].home;
    if plan.random.chance(96) {
        plan.estate.push(home, "TransitGatewayVpcAttachments", element);
    }
    let resource = plan.vpcs[vpc].id.clone();
    listed(plan, transit, &id, ("vpc", &resource), home.account, state);
    transit.attached.push((id, Some(vpc)));
}

fn peering(plan: &mut Plan) {
    let id = plan.id("tgw-attach");
    for (near, far) in [(0, 1), (1, 0)] {
        // Sometimes the other side's account was not collected.
        if near == 1 && plan.random.chance(12) {
            continue;
        }
        let resource = plan.transits[far].id.clone();
        let owner = plan.transits[far].home.account;
        let transit = Transit {
            id: plan.transits[near].id.clone(),
            home: plan.transits[near].home,
            attached: Vec::new(),
            tables: plan.transits[near].tables.clone(),
        };
        listed(plan, &transit, &id, ("peering", &resource), owner, "available");
    }
    for transit in &mut plan.transits {
        transit.attached.push((id.clone(), None));
    }
}

/// The tables of a transit gateway, and their routes in one of the shapes.
fn routes(plan: &mut Plan, number: usize) {
    let (id, home) = (plan.transits[number].id.clone(), plan.transits[number].home);
    for table in plan.transits[number].tables.clone() {
        if plan.random.chance(92) {
            let element = json!({
                "TransitGatewayRouteTableId": table, "TransitGatewayId": id, "State": "available",
            });
            plan.estate.push(home, "TransitGatewayRouteTables", element);
        }
        match plan.random.below(100) {
            0..45 => {
                let mut routes = statics(plan, number);
                routes.extend(propagated(plan, number));
                let element = json!({"TransitGatewayRouteTableId": table, "Routes": routes});
                plan.estate.push(home, "TransitGatewayRoutes", element);
            }
            45..94 => {
                let routes = statics(plan, number);
                let element = json!({"TransitGatewayRouteTableId": table, "Routes": routes});
                plan.estate.push(home, "TransitGatewayStaticRoutes", element);
                if plan.random.chance(94) {
                    propagations(plan, number, &table);
                }
            }
            _ => {}
        }
    }
}

fn blocks(plan: &Plan, vpc: usize) -> Vec<String> {
    let vpc = &plan.vpcs[vpc];
    let ipv4 = vpc.v4.iter().map(|&(first, length)| format!("{}/{length}", v4(first)));
    ipv4.chain(vpc.v6.iter().map(|&first| format!("{}/56", v6(first)))).collect()
}

fn route(block: &str, attachments: &[&str], kind: &str) -> Value {
    let attachments: Vec<Value> =
        attachments.iter().map(|id| json!({"TransitGatewayAttachmentId": id})).collect();
    json!({
        "DestinationCidrBlock": block, "TransitGatewayAttachments": attachments,
        "Type": kind, "State": "active",
    })
}

fn statics(plan: &mut Plan, number: usize) -> Vec<Value> {
    let attached = plan.transits[number].attached.clone();
    let mut routes = Vec::new();
    for (attachment, vpc) in &attached {
        match vpc {
            Some(vpc) => {
                for block in blocks(plan, *vpc) {
                    if plan.random.chance(25) {
                        routes.push(route(&block, &[attachment], "static"));
                    }
                }
                // All that is not known elsewhere, for the internet too.
                if plan.random.chance(30) {
                    routes.push(route("0.0.0.0/0", &[attachment], "static"));
                }
            }
            None => {
                let mut targets: Vec<String> =
                    ON_PREMISES.iter().map(|&it| it.to_owned()).collect();
                let far: Vec<usize> = (0..plan.vpcs.len()).collect();
                targets.extend(far.into_iter().flat_map(|vpc| blocks(plan, vpc)));
                for block in targets {
                    if plan.random.chance(30) {
                        routes.push(route(&block, &[attachment], "static"));
                    }
                }
            }
        }
    }
    if plan.random.chance(12)
        && let [(one, _), (other, _), ..] = attached.as_slice()
    {
        routes.push(route("10.0.0.0/8", &[one, other], "static"));
    }
    if plan.random.chance(12) {
        let vpc = plan.random.below(plan.vpcs.len());
        let (first, _) = plan.vpcs[vpc].v4[0];
        let mut hole = route(&format!("{}/24", v4(first)), &[], "static");
        hole["State"] = json!(plan.random.weighted(&[(70, "blackhole"), (30, "pending")]));
        routes.push(hole);
    }
    if plan.random.chance(8)
        && let Some((attachment, _)) = plan.random.pick_maybe(&attached).cloned()
    {
        let home = plan.transits[number].home;
        let own: Vec<String> =
            plan.lists.iter().filter(|(at, _)| *at == home).map(|(_, it)| it.clone()).collect();
        if let Some(list) = plan.random.pick_maybe(&own).cloned() {
            let mut listed = route("", &[&attachment], "static");
            listed.as_object_mut().unwrap().remove("DestinationCidrBlock");
            listed["PrefixListId"] = json!(list);
            routes.push(listed);
        }
    }
    routes
}

fn propagated(plan: &mut Plan, number: usize) -> Vec<Value> {
    let attached = plan.transits[number].attached.clone();
    let mut routes = Vec::new();
    for (attachment, vpc) in &attached {
        if !plan.random.chance(80) {
            continue;
        }
        match vpc {
            Some(vpc) => {
                for block in blocks(plan, *vpc) {
                    routes.push(route(&block, &[attachment], "propagated"));
                }
            }
            None => {
                let block = *plan.random.pick(ON_PREMISES);
                routes.push(route(block, &[attachment], "propagated"));
            }
        }
    }
    routes
}

fn propagations(plan: &mut Plan, number: usize, table: &str) {
    let (attached, home) = (plan.transits[number].attached.clone(), plan.transits[number].home);
    let mut all = Vec::new();
    for (attachment, vpc) in &attached {
        if plan.random.chance(if vpc.is_some() { 85 } else { 25 }) {
            let state = plan.random.weighted(&[(94, "enabled"), (6, "disabled")]);
            all.push(json!({"TransitGatewayAttachmentId": attachment, "State": state}));
        }
    }
    let element = json!({
        "TransitGatewayRouteTableId": table, "TransitGatewayRouteTablePropagations": all,
    });
    plan.estate.push(home, "TransitGatewayPropagations", element);
}
