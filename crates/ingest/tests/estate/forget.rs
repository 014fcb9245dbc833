//! Taking knowledge away: a listing that was not collected, a resource that
//! something refers to and no listing holds.
//!
//! What AWS has off by default is assumed to be off where its listing is
//! missing, and says so (`assumptions`): Block Public Access, instances that are
//! stopped, associations of groups. Their listings are therefore not among what
//! may be forgotten without turning an answer round. Nor is an element that
//! nothing refers to: a listing without it describes another world. Nor are
//! interfaces that deny all traffic of internet gateways: describe-instances,
//! which stands in for their listing, does not tell.

use serde_json::Value;

use super::random::Random;
use super::{Estate, Plan};

/// Listings that may be missing, as one step of a collector.
const LISTINGS: &[&[&str]] = &[
    &["Vpcs"],
    &["Subnets"],
    &["NetworkInterfaces"],
    &["Reservations"],
    &["SecurityGroups"],
    &["NetworkAcls"],
    &["RouteTables"],
    &["InternetGateways"],
    &["EgressOnlyInternetGateways"],
    &["NatGateways"],
    &["Addresses"],
    &["VpcPeeringConnections"],
    &["VpcEndpoints"],
    &["ManagedPrefixLists", "ManagedPrefixListEntries"],
    &["SecurityGroupVpcAssociations"],
    &["VpcBlockPublicAccessOptions"],
    &["VpcBlockPublicAccessExclusions"],
];

/// The same of load balancers, which few questions touch.
const BALANCING: &[&[&str]] = &[
    &["LoadBalancers"],
    &["LoadBalancerListeners"],
    &["LoadBalancerAttributes"],
    &["TargetGroups"],
    &["TargetGroupAttributes"],
    &["LoadBalancerTargetHealth"],
    &["ServiceConfigurations"],
];

/// The same of ways in from outside of AWS.
const REMOTE: &[&[&str]] = &[
    &["VpnGateways"],
    &["VpnConnections"],
    &["DirectConnectGatewayAssociations"],
    &["virtualInterfaces"],
    &["ClientVpnEndpoints"],
    &["ClientVpnTargetNetworks"],
    &["AuthorizationRules"],
    &["Routes"],
    &["InstanceConnectEndpoints"],
];

/// Those whose absence is taken for AWS's default, or for nothing at all.
const ASSUMED: &[&str] = &[
    "Reservations",
    "Addresses",
    "SecurityGroupVpcAssociations",
    "VpcBlockPublicAccessOptions",
    "TargetGroupAttributes",
];

/// Some estates lack a listing or two from the start.
pub(crate) fn absences(plan: &mut Plan) {
    if !plan.random.chance(36) {
        return;
    }
    let homes = plan.homes();
    for _ in 0..plan.random.between(1, 2) {
        let keys = *plan.random.pick(LISTINGS);
        let everywhere = plan.random.chance(75);
        let one = *plan.random.pick(&homes);
        for home in homes.iter().copied().filter(|&home| everywhere || home == one) {
            for key in keys {
                plan.estate.files.remove(&home.path(key));
            }
        }
    }
    if plan.random.chance(40) {
        let keys = *plan.random.pick(BALANCING);
        for path in homes.iter().flat_map(|home| keys.iter().map(|key| home.path(key))) {
            plan.estate.files.remove(&path);
        }
    }
}

/// The estate with a piece of knowledge less, and which.
pub(crate) fn forget(estate: &Estate, random: &mut Random) -> Option<(Estate, String)> {
    let mut poorer = estate.clone();
    let what = match random.below(100) {
        0..40 => listing(&mut poorer, random)?,
        40..55 => {
            element(&mut poorer, random, "ManagedPrefixListEntries", "PrefixListId", |_, _| true)?
        }
        55..70 => element(&mut poorer, random, "SecurityGroups", "GroupId", referred)?,
        70..75 => element(&mut poorer, random, "InternetGateways", "InternetGatewayId", routed)?,
        75..80 => element(&mut poorer, random, "NatGateways", "NatGatewayId", routed)?,
        80..85 => {
            element(&mut poorer, random, "VpcPeeringConnections", "VpcPeeringConnectionId", routed)?
        }
        85..88 => element(&mut poorer, random, "VpcEndpoints", "VpcEndpointId", routed)?,
        88..91 => element(&mut poorer, random, "Subnets", "SubnetId", referred)?,
        91..94 => element(&mut poorer, random, "Vpcs", "VpcId", referred)?,
        94..97 => main_table(&mut poorer, random)?,
        _ => element(
            &mut poorer,
            random,
            "EgressOnlyInternetGateways",
            "EgressOnlyInternetGatewayId",
            routed,
        )?,
    };
    Some((poorer, what))
}

fn listing(estate: &mut Estate, random: &mut Random) -> Option<String> {
    let listings = random.weighted(&[(60, LISTINGS), (20, BALANCING), (20, REMOTE)]);
    let keys = *random.pick(listings);
    let untold = keys.contains(&"NetworkInterfaces") && denies_some(estate);
    if untold || keys.iter().any(|key| ASSUMED.contains(key)) {
        return None;
    }
    let of_key = |path: &str| keys.iter().any(|key| path.ends_with(&format!("/{key}.json")));
    let paths: Vec<String> = estate.files.keys().filter(|path| of_key(path)).cloned().collect();
    let one = random.pick_maybe(&paths)?;
    let home = one.rsplit_once('/')?.0.to_owned();
    let everywhere = random.chance(50);
    for path in &paths {
        if everywhere || path.starts_with(&home) {
            estate.files.remove(path);
        }
    }
    let whose = if everywhere { "of all" } else { home.as_str() };
    Some(format!("the listing {} {whose}", keys[0]))
}

fn denies_some(estate: &Estate) -> bool {
    let listings = estate.files.values().filter_map(|reply| reply["NetworkInterfaces"].as_array());
    listings.flatten().any(|interface| interface["DenyAllIgwTraffic"] == Value::Bool(true))
}

/// Takes one element out of a listing, if the rest of the estate asks for it.
fn element(
    estate: &mut Estate,
    random: &mut Random,
    key: &str,
    id: &str,
    asked_for: fn(&Estate, &str) -> bool,
) -> Option<String> {
    let mut ids: Vec<String> = Vec::new();
    for reply in estate.files.values().filter_map(|reply| reply[key].as_array()) {
        ids.extend(reply.iter().filter_map(|element| element[id].as_str()).map(str::to_owned));
    }
    ids.sort_unstable();
    ids.dedup();
    let gone = random.pick_maybe(&ids)?.clone();
    for reply in estate.files.values_mut() {
        if let Some(elements) = reply[key].as_array_mut() {
            elements.retain(|element| element[id].as_str() != Some(&gone));
        }
    }
    asked_for(estate, &gone).then(|| format!("{gone} of {key}"))
}

/// Whether a route leads to it.
fn routed(estate: &Estate, id: &str) -> bool {
    let tables = estate.files.values().filter_map(|reply| reply["RouteTables"].as_array());
    tables
        .flatten()
        .filter_map(|table| table["Routes"].as_array())
        .flatten()
        .filter_map(Value::as_object)
        .any(|route| route.values().any(|value| value.as_str() == Some(id)))
}

/// Whether anything at all names it.
fn referred(estate: &Estate, id: &str) -> bool {
    let quoted = format!("\"{id}\"");
    estate.files.values().any(|reply| reply.to_string().contains(&quoted))
}

/// A main table that no subnet names: those that use it have none then.
fn main_table(estate: &mut Estate, random: &mut Random) -> Option<String> {
    let mut ids = Vec::new();
    let is_main = |table: &Value| {
        table["Associations"].as_array().is_some_and(|associations| {
            !associations.is_empty()
                && associations.iter().all(|association| association["Main"] == Value::Bool(true))
        })
    };
    for reply in estate.files.values().filter_map(|reply| reply["RouteTables"].as_array()) {
        let mains = reply.iter().filter(|table| is_main(table));
        ids.extend(mains.filter_map(|table| table["RouteTableId"].as_str()).map(str::to_owned));
    }
    let gone = random.pick_maybe(&ids)?.clone();
    for reply in estate.files.values_mut() {
        if let Some(tables) = reply["RouteTables"].as_array_mut() {
            tables.retain(|table| table["RouteTableId"].as_str() != Some(&gone));
        }
    }
    Some(format!("the main table {gone}"))
}

/// Forgets in a smaller estate what was forgotten in the one that it came from:
/// whatever `poorer` no longer has.
pub(crate) fn again(estate: &Estate, poorer: &Estate) -> Estate {
    let mut again = estate.clone();
    again.files.retain(|path, _| poorer.files.contains_key(path));
    for (path, reply) in &mut again.files {
        for (key, elements) in reply.as_object_mut().into_iter().flatten() {
            let kept = poorer.files.get(path).and_then(|reply| reply[key.as_str()].as_array());
            if let (Some(elements), Some(kept)) = (elements.as_array_mut(), kept) {
                elements.retain(|element| kept.iter().any(|kept| id_of(kept) == id_of(element)));
            }
        }
    }
    again
}

/// What tells an element from others: the first of its fields that names it.
fn id_of(element: &Value) -> Option<&Value> {
    [
        "NetworkInterfaceId",
        "ReservationId",
        "GroupId",
        "NetworkAclId",
        "RouteTableId",
        "InternetGatewayId",
        "EgressOnlyInternetGatewayId",
        "NatGatewayId",
        "PublicIp",
        "VpcPeeringConnectionId",
        "VpcEndpointId",
        "PrefixListId",
        "ExclusionId",
        "SubnetId",
        "VpcId",
    ]
    .into_iter()
    .map(|key| &element[key])
    .find(|value| !value.is_null())
}
