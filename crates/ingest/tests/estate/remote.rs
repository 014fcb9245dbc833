//! Ways in from outside of AWS: virtual private gateways that routes name, VPN connections
//! and Direct Connect; Client VPN and Instance Connect Endpoints with their interfaces.
//!
//! Random numbers are the module's own, so that everything else of a seed stays as it is.

use serde_json::{Value, json};

use super::layout::{ON_PREMISES, Plan};
use super::random::Random;
use super::v4;

pub(crate) fn remote_access(plan: &mut Plan) {
    let mut random = Random::new(plan.estate.seed ^ 0x7e1e_9a7e);
    // Those that routes name.
    for id in ["vgw-00000001", "vgw-00000002"] {
        if random.chance(75) {
            vpn_gateway(plan, &mut random, id);
        }
    }
    for number in 0..random.weighted(&[(70, 0), (22, 1), (8, 2)]) {
        client_vpn(plan, &mut random, number);
    }
    for number in 0..random.weighted(&[(75, 0), (25, 1)]) {
        instance_connect(plan, &mut random, number);
    }
}

fn vpn_gateway(plan: &mut Plan, random: &mut Random, id: &str) {
    let vpc = random.below(plan.vpcs.len());
    let home = plan.vpcs[vpc].home;
    let attached = random.weighted(&[(88, "attached"), (6, "detached"), (6, "detaching")]);
    let element = json!({
        "VpnGatewayId": id,
        "State": random.weighted(&[(92, "available"), (4, "deleted"), (4, "odd")]),
        "VpcAttachments": [{"VpcId": plan.vpcs[vpc].id, "State": attached}],
        "Tags": [{"Key": "Name", "Value": "office"}],
    });
    if random.chance(3) {
        let mut again = element.clone();
        again["VpcAttachments"] = json!([]);
        plan.estate.push(home, "VpnGateways", again);
    }
    plan.estate.push(home, "VpnGateways", element);
    if random.chance(80) {
        let joined: Vec<Value> = match random.chance(8) {
            true => vec![json!({
                "directConnectGatewayId": "5f294f92-bafb-4011-916d-9b0bexample",
                "associationState": "associated",
                "associatedGateway": {"id": id, "type": "virtualPrivateGateway"},
            })],
            false => Vec::new(),
        };
        let element = json!({"VpnGatewayId": id, "directConnectGatewayAssociations": joined});
        plan.estate.push(home, "DirectConnectGatewayAssociations", element);
    }
    if random.chance(6) {
        let element = json!({
            "virtualInterfaceId": "dxvif-1", "virtualInterfaceState": "available",
            "virtualGatewayId": id,
        });
        plan.estate.push(home, "virtualInterfaces", element);
    }
    for number in 0..random.weighted(&[(15, 0), (50, 1), (35, 2)]) {
        let routes: Vec<Value> = (0..random.below(3))
            .map(|_| {
                let block = *random.pick(&[ON_PREMISES, &["0.0.0.0/0", "10.0.0.0/8"]].concat());
                let state = random.weighted(&[(90, "available"), (10, "deleted")]);
                json!({"DestinationCidrBlock": block, "State": state})
            })
            .collect();
        let learns = random.weighted(&[(78, Some(true)), (14, Some(false)), (8, None)]);
        let mut options = json!({});
        if let Some(only) = learns {
            options["StaticRoutesOnly"] = json!(only);
        }
        if random.chance(25) {
            options["LocalIpv4NetworkCidr"] = json!(ON_PREMISES[0]);
        }
        let element = json!({
            "VpnConnectionId": format!("vpn-{}{number}", &id[4..]),
            "State": random.weighted(&[(86, "available"), (8, "deleted"), (6, "pending")]),
            "VpnGatewayId": id,
            "Options": options,
            "Routes": routes,
            "VgwTelemetry": [{"Status": random.weighted(&[(50, "UP"), (50, "DOWN")])}],
        });
        plan.estate.push(home, "VpnConnections", element);
    }
}

/// An interface through which people come in, where nobody else is.
fn interface(
    plan: &mut Plan,
    subnet: usize,
    id: &str,
    groups: &[String],
    (offset, kind, description): (u32, &str, &str),
) -> bool {
    let (first, length) = plan.subnets[subnet].v4;
    // In a small subnet others may have the address, or a prefix that holds it.
    if length > 24 {
        return false;
    }
    let home = plan.vpcs[plan.subnets[subnet].vpc].home;
    let address = first + offset;
    let worn: Vec<Value> = groups.iter().map(|group| json!({"GroupId": group})).collect();
    plan.estate.push(
        home,
        "NetworkInterfaces",
        json!({
            "NetworkInterfaceId": id,
            "OwnerId": home.account,
            "VpcId": plan.vpcs[plan.subnets[subnet].vpc].id,
            "SubnetId": plan.subnets[subnet].id,
            "Description": description,
            "InterfaceType": kind,
            "RequesterId": "AROA:ClientVPN",
            "RequesterManaged": true,
            "Status": "in-use",
            "SourceDestCheck": true,
            "Groups": worn,
            "PrivateIpAddress": v4(address),
            "PrivateIpAddresses": [{"PrivateIpAddress": v4(address), "Primary": true}],
        }),
    );
    true
}

fn worn(plan: &Plan, random: &mut Random, vpc: usize) -> Vec<String> {
    let own: Vec<String> =
        plan.groups.iter().filter(|group| group.vpc == vpc).map(|group| group.id.clone()).collect();
    vec![random.pick(&own).clone()]
}

fn client_vpn(plan: &mut Plan, random: &mut Random, number: u32) {
    let id = format!("cvpn-endpoint-{number}");
    let vpc = random.below(plan.vpcs.len());
    let home = plan.vpcs[vpc].home;
    let groups = worn(plan, random, vpc);
    plan.estate.push(
        home,
        "ClientVpnEndpoints",
        json!({
            "ClientVpnEndpointId": id,
            "Description": "people",
            "Status": {"Code": random.weighted(&[(90, "available"), (5, "deleting"), (5, "deleted")])},
            "VpcId": plan.vpcs[vpc].id,
            "SecurityGroupIds": groups,
        }),
    );
    let mut subnets = plan.subnets_of(vpc);
    random.shuffle(&mut subnets);
    subnets.truncate(random.between(1, 2));
    let own = plan.vpcs[vpc].v4[0];
    let other = plan.vpcs[random.below(plan.vpcs.len())].v4[0];
    let whole = |(first, length): (u32, u8)| format!("{}/{length}", v4(first));
    let blocks = [
        whole(own),
        whole(other),
        whole(plan.subnets[subnets[0]].v4),
        ON_PREMISES[1].to_owned(),
        "0.0.0.0/0".to_owned(),
    ];
    for (at, &subnet) in subnets.iter().enumerate() {
        let name = format!("eni-cvpn{number}{at}");
        // Interfaces take the first addresses, databases the last ones.
        let offset = 200 + 2 * number + u32::try_from(at).unwrap();
        let shape = (offset, "interface", "ClientVPN Endpoint resource");
        if !interface(plan, subnet, &name, &groups, shape) {
            continue;
        }
        let subnet_id = plan.subnets[subnet].id.clone();
        plan.estate.push(
            home,
            "ClientVpnTargetNetworks",
            json!({
                "ClientVpnEndpointId": id, "TargetNetworkId": subnet_id,
                "Status": {"Code": random.weighted(&[(92, "associated"), (8, "disassociated")])},
            }),
        );
        for _ in 0..random.below(3) {
            let element = json!({
                "ClientVpnEndpointId": id, "DestinationCidr": random.pick(&blocks),
                "TargetSubnet": subnet_id,
                "Status": {"Code": random.weighted(&[(88, "active"), (6, "creating"), (6, "failed")])},
            });
            plan.estate.push(home, "Routes", element);
        }
    }
    for _ in 0..random.below(4) {
        let element = json!({
            "ClientVpnEndpointId": id, "DestinationCidr": random.pick(&blocks),
            "Status": {"Code": random.weighted(&[(88, "active"), (6, "authorizing"), (6, "failed")])},
        });
        plan.estate.push(home, "AuthorizationRules", element);
    }
}

fn instance_connect(plan: &mut Plan, random: &mut Random, number: u32) {
    let vpc = random.below(plan.vpcs.len());
    let home = plan.vpcs[vpc].home;
    let groups = worn(plan, random, vpc);
    let subnet = *random.pick(&plan.subnets_of(vpc));
    let name = format!("eni-eice{number}");
    let shape = (210 + number, "ec2_instance_connect_endpoint", "EC2 Instance Connect Endpoint");
    if !interface(plan, subnet, &name, &groups, shape) {
        return;
    }
    plan.estate.push(
        home,
        "InstanceConnectEndpoints",
        json!({
            "InstanceConnectEndpointId": format!("eice-{number}"),
            "State": random.weighted(&[(85, "create-complete"), (8, "delete-complete"), (7, "odd")]),
            "PreserveClientIp": random.chance(15),
            "NetworkInterfaceIds": [name],
            "SubnetId": plan.subnets[subnet].id,
        }),
    );
}
