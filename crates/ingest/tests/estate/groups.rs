//! Security groups and their rules, in every form that the API knows.

use serde_json::{Value, json};

use super::gateways::any_block;
use super::layout::{Group, Plan};

/// Names the groups, before anybody wears them.
pub(crate) fn name(plan: &mut Plan) {
    for vpc in 0..plan.vpcs.len() {
        for _ in 0..plan.random.between(2, 4) {
            let id = plan.id("sg");
            plan.groups.push(Group { id, vpc });
        }
    }
}

/// Gives each group its rules.
pub(crate) fn rules(plan: &mut Plan) {
    for number in 0..plan.groups.len() {
        let (id, vpc) = (plan.groups[number].id.clone(), plan.groups[number].vpc);
        let home = plan.vpcs[vpc].home;
        let ingress: Vec<Value> = (0..plan.random.weighted(&[(2, 0), (22, 1), (38, 2), (38, 3)]))
            .map(|_| permission(plan, number))
            .collect();
        let egress = egress(plan, number);
        let element = json!({
            "GroupId": id,
            "GroupName": format!("group {number}"),
            "VpcId": plan.vpcs[vpc].id,
            "OwnerId": home.account,
            "IpPermissions": ingress,
            "IpPermissionsEgress": egress,
        });
        if plan.random.chance(3) {
            // Another listing of the same group has one rule more.
            let mut again = element.clone();
            let more = permission(plan, number);
            again["IpPermissions"].as_array_mut().unwrap().push(more);
            plan.estate.push(home, "SecurityGroups", again);
        }
        plan.estate.push(home, "SecurityGroups", element);
    }
}

fn egress(plan: &mut Plan, group: usize) -> Vec<Value> {
    match plan.random.below(100) {
        // What AWS makes by itself.
        0..82 => vec![json!({
            "IpProtocol": "-1",
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            "PrefixListIds": [],
            "UserIdGroupPairs": [],
        })],
        82..85 => Vec::new(),
        _ => (0..plan.random.between(1, 3)).map(|_| permission(plan, group)).collect(),
    }
}

/// `IpProtocol`, `FromPort`, `ToPort`.
type Traffic = (&'static str, Option<(i64, i64)>);

fn traffic(plan: &mut Plan) -> Traffic {
    let port = plan.random.weighted(&[(30, 22), (30, 443), (20, 80), (10, 8080), (10, 65535)]);
    let random = i64::try_from(plan.random.below(65_000)).unwrap();
    plan.random.weighted(&[
        (26, ("tcp", Some((port, port)))),
        (6, ("tcp", Some((1000, 2000)))),
        (6, ("tcp", Some((0, 65535)))),
        (4, ("tcp", Some((random, random + 500)))),
        (4, ("tcp", Some((0, 0)))),
        (8, ("udp", Some((53, 53)))),
        (4, ("udp", Some((1024, 65535)))),
        (4, ("icmp", Some((8, -1)))),
        (2, ("icmp", Some((8, 0)))),
        (2, ("icmp", Some((3, 4)))),
        (3, ("icmp", Some((-1, -1)))),
        (3, ("icmpv6", None)),
        (2, ("icmpv6", Some((-1, -1)))),
        (3, ("icmpv6", Some((128, 0)))),
        (21, ("-1", None)),
        (2, ("-1", Some((0, 0)))),
        (4, ("50", Some((1, 2)))),
        (2, ("47", None)),
        (1, ("58", Some((128, -1)))),
        (1, ("6", Some((port, port)))),
        // Values that no reader knows: they may stand for anything.
        (1, ("tcp", None)),
        (1, ("odd", Some((22, 22)))),
    ])
}

/// One permission: protocol and ports, and one to three peers.
fn permission(plan: &mut Plan, group: usize) -> Value {
    let (protocol, ports) = traffic(plan);
    let mut permission = json!({
        "IpProtocol": protocol,
        "IpRanges": [],
        "Ipv6Ranges": [],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    });
    if let Some((from, to)) = ports {
        permission["FromPort"] = json!(from);
        permission["ToPort"] = json!(to);
    }
    for _ in 0..plan.random.weighted(&[(55, 1), (30, 2), (15, 3)]) {
        peer(plan, group, protocol, &mut permission);
    }
    permission
}

fn push(permission: &mut Value, key: &str, peer: Value) {
    permission[key].as_array_mut().unwrap().push(peer);
}

fn peer(plan: &mut Plan, group: usize, protocol: &str, permission: &mut Value) {
    let vpc = plan.groups[group].vpc;
    let ipv6 = protocol == "icmpv6" || protocol == "58" || plan.random.chance(30);
    let ipv6 = ipv6 && protocol != "icmp";
    match plan.random.below(100) {
        0..56 if ipv6 => {
            let block = any_block(plan, vpc, true);
            push(permission, "Ipv6Ranges", json!({"CidrIpv6": block}));
        }
        0..56 => {
            let block = any_block(plan, vpc, false);
            push(permission, "IpRanges", json!({"CidrIp": block}));
        }
        // Everything, in two halves.
        56..61 => {
            push(permission, "IpRanges", json!({"CidrIp": "0.0.0.0/1"}));
            push(permission, "IpRanges", json!({"CidrIp": "128.0.0.0/1"}));
        }
        61..65 => {
            push(permission, "Ipv6Ranges", json!({"CidrIpv6": "::/1"}));
            push(permission, "Ipv6Ranges", json!({"CidrIpv6": "8000::/1"}));
        }
        65..75 => {
            let home = plan.vpcs[vpc].home;
            let lists: Vec<String> = plan
                .lists
                .iter()
                .filter(|(at, _)| *at == home)
                .map(|(_, list)| list.clone())
                .collect();
            let list = plan.random.pick(&lists).clone();
            push(permission, "PrefixListIds", json!({"PrefixListId": list}));
        }
        75 => push(permission, "IpRanges", json!({"CidrIp": "10.0.0/8"})),
        _ => {
            let pair = pair(plan, group);
            push(permission, "UserIdGroupPairs", pair);
        }
    }
}

/// A reference to a group: itself, a neighbour, one of a peered VPC, a stale
/// one, one of a stranger.
fn pair(plan: &mut Plan, group: usize) -> Value {
    let own = &plan.groups[group];
    let vpc = own.vpc;
    let account = plan.vpcs[vpc].home.account;
    let own_pair = json!({"GroupId": own.id, "UserId": account});
    match plan.random.below(100) {
        0..30 => own_pair,
        30..58 => {
            let same: Vec<String> = plan
                .groups
                .iter()
                .filter(|other| other.vpc == vpc)
                .map(|other| other.id.clone())
                .collect();
            json!({"GroupId": plan.random.pick(&same), "UserId": account})
        }
        58..90 => {
            let ways: Vec<(String, usize)> = plan
                .peerings
                .iter()
                .filter_map(|peering| match (peering.one, peering.other) {
                    (one, Some(other)) if one == vpc => Some((peering.id.clone(), other)),
                    (one, Some(other)) if other == vpc => Some((peering.id.clone(), one)),
                    _ => None,
                })
                .collect();
            let Some((peering, far)) = plan.random.pick_maybe(&ways).cloned() else {
                return own_pair;
            };
            let there: Vec<String> = plan
                .groups
                .iter()
                .filter(|other| other.vpc == far)
                .map(|other| other.id.clone())
                .collect();
            let status = plan.random.weighted(&[(80, "active"), (20, "deleted")]);
            json!({
                "GroupId": plan.random.pick(&there),
                "UserId": plan.vpcs[far].home.account,
                "VpcId": plan.vpcs[far].id,
                "VpcPeeringConnectionId": peering,
                "PeeringStatus": status,
            })
        }
        90..95 => {
            let far: Vec<String> = plan.groups.iter().map(|other| other.id.clone()).collect();
            json!({
                "GroupId": plan.random.pick(&far),
                "UserId": account,
                "PeeringStatus": "deleted",
                "VpcPeeringConnectionId": "pcx-0fffffff",
            })
        }
        _ => json!({"GroupId": "sg-0fffffff", "UserId": "999988887777"}),
    }
}
