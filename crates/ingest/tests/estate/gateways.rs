//! Prefix lists, gateways of all kinds, peering connections, Block Public Access.

use serde_json::{Value, json};

use super::layout::{INTERNET, Nat, ON_PREMISES, Peering, Plan, UNSEEN};
use super::{v4, v6};

/// Lists of one family each; one in five is named and its entries are not there.
pub(crate) fn prefix_lists(plan: &mut Plan) {
    for home in plan.homes() {
        for number in 0..3 {
            let id = plan.id("pl");
            plan.lists.push((home, id.clone()));
            let blocks: Vec<String> = match (number, plan.random.below(4)) {
                (0, 0) => vec!["0.0.0.0/0".into()],
                (0, _) => vec!["203.0.113.0/25".into(), ON_PREMISES[0].into()],
                (1, 0) => vec!["::/0".into(), "2001:db8::/33".into()],
                (1, _) => vec!["2001:db8::/40".into(), "2600:1f18::/40".into()],
                (_, 0) => Vec::new(),
                (_, _) => vec!["203.0.113.64/26".into(), "10.0.0.0/24".into(), "8.8.8.8/32".into()],
            };
            let named =
                json!({"PrefixListId": id, "PrefixListName": "list", "OwnerId": home.account});
            plan.estate.push(home, "ManagedPrefixLists", named);
            if plan.random.chance(85) {
                let entries: Vec<Value> =
                    blocks.iter().map(|block| json!({"Cidr": block})).collect();
                let element = json!({"PrefixListId": id, "Entries": entries});
                plan.estate.push(home, "ManagedPrefixListEntries", element);
            }
        }
    }
}

pub(crate) fn gateways(plan: &mut Plan) {
    for vpc in 0..plan.vpcs.len() {
        let home = plan.vpcs[vpc].home;
        let vpc_id = plan.vpcs[vpc].id.clone();
        if plan.random.chance(93) {
            let id = plan.id("igw");
            let state = plan.random.weighted(&[(95, "available"), (2, "detaching"), (3, "odd")]);
            let element = json!({
                "InternetGatewayId": id,
                "OwnerId": home.account,
                "Attachments": [{"VpcId": vpc_id, "State": state}],
            });
            plan.estate.push(home, "InternetGateways", element);
            plan.vpcs[vpc].internet_gateway = Some(id);
        }
        if plan.random.chance(40) {
            let id = plan.id("eigw");
            let element = json!({
                "EgressOnlyInternetGatewayId": id,
                "Attachments": [{"VpcId": vpc_id, "State": "attached"}],
            });
            plan.estate.push(home, "EgressOnlyInternetGateways", element);
            plan.vpcs[vpc].egress_only = Some(id);
        }
        for _ in 0..plan.random.weighted(&[(35, 0), (45, 1), (20, 2)]) {
            nat_gateway(plan, vpc);
        }
        if plan.random.chance(40) {
            plan.vpcs[vpc].gateway_endpoint = Some(endpoint(plan, vpc, "Gateway"));
        }
        if plan.random.chance(50) {
            plan.vpcs[vpc].firewall_endpoint = Some(endpoint(plan, vpc, "GatewayLoadBalancer"));
        }
    }
    loose_addresses(plan);
}

fn endpoint(plan: &mut Plan, vpc: usize, kind: &str) -> String {
    let id = plan.id("vpce");
    let state = plan.random.weighted(&[(85, "available"), (10, "deleting"), (5, "odd")]);
    let element = json!({
        "VpcEndpointId": id,
        "VpcEndpointType": kind,
        "VpcId": plan.vpcs[vpc].id,
        "OwnerId": plan.vpcs[vpc].home.account,
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "State": state,
    });
    plan.estate.push(plan.vpcs[vpc].home, "VpcEndpoints", element);
    id
}

fn nat_gateway(plan: &mut Plan, vpc: usize) {
    let id = plan.id("nat");
    let interface = plan.id("eni");
    let home = plan.vpcs[vpc].home;
    let subnet = *plan.random.pick(&plan.subnets_of(vpc));
    let offset = plan.subnets[subnet].used + 1;
    plan.subnets[subnet].used = offset;
    let private = v4(plan.subnets[subnet].v4.0 + offset);
    let number = u32::try_from(plan.nat_gateways.len()).unwrap();
    let regional = plan.random.chance(13);
    let connectivity = plan.random.weighted(&[(84, "public"), (12, "private"), (4, "odd")]);
    let state = plan.random.weighted(&[(84, "available"), (11, "deleted"), (5, "odd")]);
    let mut addresses = Vec::new();
    for more in 0..plan.random.weighted(&[(85, 1_u32), (15, 2)]) {
        // Its further addresses are where nobody else has one.
        let private = if more == 0 {
            private.clone()
        } else {
            plan.subnets[subnet].used += 1;
            v4(plan.subnets[subnet].v4.0 + plan.subnets[subnet].used)
        };
        let mut address = json!({"PrivateIp": private, "NetworkInterfaceId": interface});
        if connectivity != "private" {
            address["PublicIp"] = json!(v4(0x3401_0000 + number * 4 + more));
        }
        addresses.push(address);
    }
    let mut element = json!({
        "NatGatewayId": id,
        "VpcId": plan.vpcs[vpc].id,
        "SubnetId": plan.subnets[subnet].id,
        "ConnectivityType": connectivity,
        "State": state,
        "NatGatewayAddresses": addresses,
    });
    if regional {
        element["AvailabilityMode"] = json!("regional");
        element.as_object_mut().unwrap().remove("SubnetId");
    }
    plan.estate.push(home, "NatGateways", element);
    plan.nat_gateways.push(Nat { id, vpc });
    // Its own interface is often not in a dump.
    if plan.random.chance(70) && state != "deleted" {
        let association =
            (connectivity != "private").then(|| json!({"PublicIp": v4(0x3401_0000 + number * 4)}));
        let element = json!({
            "NetworkInterfaceId": interface,
            "OwnerId": home.account,
            "VpcId": plan.vpcs[vpc].id,
            "SubnetId": plan.subnets[subnet].id,
            "AvailabilityZone": format!("{}a", home.region),
            "Description": "Interface for NAT Gateway",
            "InterfaceType": "nat_gateway",
            "Status": "in-use",
            "SourceDestCheck": false,
            "Groups": [],
            "PrivateIpAddress": private,
            "PrivateIpAddresses": [
                {"PrivateIpAddress": private, "Primary": true, "Association": association},
            ],
            "Ipv6Addresses": [],
        });
        plan.estate.push(home, "NetworkInterfaces", element);
    }
}

/// Elastic IP addresses that lead nowhere, elsewhere, or to a load balancer.
fn loose_addresses(plan: &mut Plan) {
    let home = plan.vpcs[0].home;
    let unassociated = json!({"PublicIp": "52.3.0.1", "AllocationId": "eipalloc-1"});
    plan.estate.push(home, "Addresses", unassociated);
    let elsewhere = json!({
        "PublicIp": "52.3.0.2", "NetworkInterfaceId": "eni-0fffffff", "PrivateIpAddress": "10.9.9.9",
    });
    plan.estate.push(home, "Addresses", elsewhere);
    let balancer = json!({
        "LoadBalancerArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/front/1",
        "LoadBalancerName": "front",
        "AvailabilityZones": [{"LoadBalancerAddresses": [{"IpAddress": "52.3.0.3"}]}],
    });
    plan.estate.push(home, "LoadBalancers", balancer);
}

pub(crate) fn peerings(plan: &mut Plan) {
    // Some estates are of VPCs that nothing joins.
    if plan.random.chance(15) {
        return;
    }
    let count = plan.vpcs.len();
    for one in 0..count {
        for other in one + 1..count {
            if plan.vpcs[one].v4[0] != plan.vpcs[other].v4[0] && plan.random.chance(60) {
                peering(plan, one, Some(other));
                // A second one, that was replaced.
                if plan.random.chance(6) {
                    peering(plan, one, Some(other));
                }
            }
        }
        if plan.random.chance(25) {
            peering(plan, one, None);
        }
    }
}

fn peering(plan: &mut Plan, one: usize, other: Option<usize>) {
    let id = plan.id("pcx");
    let status = plan.random.weighted(&[(82, "active"), (9, "deleted"), (9, "deleting")]);
    let with_blocks = plan.random.chance(75);
    let side = |vpc: usize| {
        let vpc = &plan.vpcs[vpc];
        let mut info =
            json!({"VpcId": vpc.id, "OwnerId": vpc.home.account, "Region": vpc.home.region});
        if with_blocks {
            let blocks: Vec<Value> = vpc
                .v4
                .iter()
                .map(|&(first, length)| json!({"CidrBlock": format!("{}/{length}", v4(first))}))
                .collect();
            info["CidrBlock"] = blocks[0]["CidrBlock"].clone();
            info["CidrBlockSet"] = json!(blocks);
            let blocks: Vec<Value> = vpc
                .v6
                .iter()
                .map(|&first| json!({"Ipv6CidrBlock": format!("{}/56", v6(first))}))
                .collect();
            info["Ipv6CidrBlockSet"] = json!(blocks);
        }
        info
    };
    let requester = side(one);
    let accepter = match other {
        Some(other) => side(other),
        None if with_blocks => json!({
            "VpcId": "vpc-0fffffff", "OwnerId": "999988887777", "Region": "us-east-1",
            "CidrBlock": UNSEEN, "CidrBlockSet": [{"CidrBlock": UNSEEN}],
        }),
        None => json!({"VpcId": "vpc-0fffffff", "OwnerId": "999988887777"}),
    };
    let swapped = plan.random.chance(30);
    let (requester, accepter) = if swapped { (accepter, requester) } else { (requester, accepter) };
    let element = json!({
        "VpcPeeringConnectionId": id,
        "Status": {"Code": status},
        "RequesterVpcInfo": requester,
        "AccepterVpcInfo": accepter,
    });
    plan.estate.push(plan.vpcs[one].home, "VpcPeeringConnections", element.clone());
    // Both accounts list it.
    if let Some(other) = other
        && plan.vpcs[other].home != plan.vpcs[one].home
    {
        plan.estate.push(plan.vpcs[other].home, "VpcPeeringConnections", element);
    }
    plan.peerings.push(Peering { id, one, other });
}

pub(crate) fn block_public_access(plan: &mut Plan) {
    for home in plan.homes() {
        let mode = plan.random.weighted(&[
            (84, "off"),
            (7, "block-bidirectional"),
            (6, "block-ingress"),
            (3, "odd"),
        ]);
        let key = "VpcBlockPublicAccessOptions";
        let options = json!({
            "AwsAccountId": home.account,
            "AwsRegion": home.region,
            "State": "update-complete",
            "InternetGatewayBlockMode": mode,
        });
        plan.estate.files.insert(home.path(key), json!({ key: options }));
        let mut arns: Vec<String> = Vec::new();
        for vpc in plan.vpcs.iter().filter(|vpc| vpc.home == home) {
            arns.push(format!("arn:aws:ec2:{}:{}:vpc/{}", home.region, home.account, vpc.id));
        }
        for subnet in plan.subnets.iter().filter(|subnet| plan.vpcs[subnet.vpc].home == home) {
            arns.push(format!("arn:aws:ec2:{}:{}:subnet/{}", home.region, home.account, subnet.id));
        }
        for arn in arns {
            if !plan.random.chance(if mode == "off" { 3 } else { 35 }) {
                continue;
            }
            let id = plan.id("vpcbpa-exclude");
            let allowed = plan.random.weighted(&[
                (60, "allow-bidirectional"),
                (35, "allow-egress"),
                (5, "odd"),
            ]);
            let state = plan.random.weighted(&[
                (85, "create-complete"),
                (10, "delete-complete"),
                (5, "odd"),
            ]);
            let element = json!({
                "ExclusionId": id,
                "InternetGatewayExclusionMode": allowed,
                "ResourceArn": arn,
                "State": state,
            });
            plan.estate.push(home, "VpcBlockPublicAccessExclusions", element);
        }
    }
}

/// A block that rules and entries may name: of the internet, on premises, of a
/// VPC, a subnet, one interface, or everything.
pub(crate) fn any_block(plan: &mut Plan, vpc: usize, ipv6: bool) -> String {
    let kind = plan.random.weighted(&[
        (26, 0),
        (8, 1),
        (14, 2),
        (12, 3),
        (14, 4),
        (20, 5),
        (6, 6),
        (4, 7),
    ]);
    let other = if plan.random.chance(65) { vpc } else { plan.random.below(plan.vpcs.len()) };
    let subnets = plan.subnets_of(other);
    let subnet = *plan.random.pick(&subnets);
    if ipv6 {
        let all = "::/0".to_owned();
        return match kind {
            0 => all,
            1 => (*plan.random.pick(&["::/1", "8000::/1"])).to_owned(),
            2 => plan.vpcs[other].v6.map_or(all, |first| format!("{}/56", v6(first))),
            3 => plan.subnets[subnet].v6.map_or(all, |first| format!("{}/64", v6(first))),
            4 => {
                let held: Vec<u128> =
                    plan.interfaces.iter().filter_map(|interface| interface.v6).collect();
                plan.random.pick_maybe(&held).map_or(all, |&held| format!("{}/128", v6(held)))
            }
            _ => {
                let block = loop {
                    let block = *plan.random.pick(INTERNET);
                    if block.contains(':') {
                        break block;
                    }
                };
                block.to_owned()
            }
        };
    }
    match kind {
        0 => "0.0.0.0/0".to_owned(),
        1 => (*plan.random.pick(&["0.0.0.0/1", "128.0.0.0/1"])).to_owned(),
        2 => {
            let (first, length) = *plan.random.pick(&plan.vpcs[other].v4);
            format!("{}/{length}", v4(first))
        }
        3 => {
            let (first, length) = plan.subnets[subnet].v4;
            format!("{}/{length}", v4(first))
        }
        4 => {
            let held: Vec<u32> =
                plan.interfaces.iter().flat_map(|interface| interface.v4.iter().copied()).collect();
            let held = plan.random.pick_maybe(&held).copied().unwrap_or(0x0a00_0004);
            let length = plan.random.weighted(&[(70, 32), (15, 31), (15, 29)]);
            let mask = u32::MAX << (32 - length);
            format!("{}/{length}", v4(held & mask))
        }
        5 => {
            let block = loop {
                let block = *plan.random.pick(INTERNET);
                if !block.contains(':') {
                    break block;
                }
            };
            block.to_owned()
        }
        6 => (*plan.random.pick(ON_PREMISES)).to_owned(),
        _ => UNSEEN.to_owned(),
    }
}
