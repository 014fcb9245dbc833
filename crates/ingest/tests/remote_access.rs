//! VPN, Direct Connect, Client VPN and Instance Connect Endpoints as AWS lists them; subnets
//! of one account in which another has interfaces.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "what a helper of a test can't do fails the test; words are written where they are used"
)]

use portolan::model::{InterfaceKind, Network, RemoteEndpoint};
use portolan::reach::explain::explain;
use portolan::reach::place::Zones;
use serde_json::{Value, json};

fn load(files: &[(&str, Value)]) -> Network {
    let bytes = files
        .iter()
        .map(|(path, reply)| (format!("accounts/{path}.json"), serde_json::to_vec(reply).unwrap()));
    portolan_ingest::load_bytes(bytes.collect::<Vec<_>>()).unwrap().network
}

/// A VPC with two subnets, and an interface of these words in the first.
fn estate(interface: Value, more: &[(&'static str, Value)]) -> Network {
    let home = "111122223333";
    let path = |key: &str| format!("{home}/eu-west-1/{key}");
    let host = |id: &str, subnet: &str, address: &str, group: &str| {
        json!({
            "NetworkInterfaceId": id, "OwnerId": home, "VpcId": "vpc-1", "SubnetId": subnet,
            "InterfaceType": "interface", "Status": "in-use", "SourceDestCheck": true,
            "Groups": [{"GroupId": group}], "PrivateIpAddress": address,
            "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": true}],
        })
    };
    let mut entry = host("eni-2", "subnet-1", "10.0.1.5", "sg-people");
    for (key, value) in interface.as_object().unwrap() {
        entry[key] = value.clone();
    }
    let entries = [false, true].map(|egress| {
        json!({
            "RuleNumber": 100, "Egress": egress, "Protocol": "-1", "RuleAction": "allow",
            "CidrBlock": "0.0.0.0/0",
        })
    });
    let anyone = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    let mut files = vec![
        (
            path("Vpcs"),
            json!({"Vpcs": [{
                "VpcId": "vpc-1", "OwnerId": home, "CidrBlock": "10.0.0.0/16",
                "CidrBlockAssociationSet": [
                    {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
                ],
            }]}),
        ),
        (
            path("Subnets"),
            json!({"Subnets": [
                {"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": home, "CidrBlock": "10.0.1.0/24",
                 "AvailabilityZone": "eu-west-1a", "AvailabilityZoneId": "euw1-az1"},
                {"SubnetId": "subnet-2", "VpcId": "vpc-1", "OwnerId": home, "CidrBlock": "10.0.2.0/24",
                 "AvailabilityZone": "eu-west-1b", "AvailabilityZoneId": "euw1-az2"},
            ]}),
        ),
        (
            path("RouteTables"),
            json!({"RouteTables": [{
                "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": true}],
                "Routes": [
                    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active",
                     "Origin": "CreateRouteTable"},
                    {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "vgw-1", "State": "active",
                     "Origin": "CreateRoute"},
                ],
            }]}),
        ),
        (
            path("NetworkAcls"),
            json!({"NetworkAcls": [{
                "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Associations": [],
                "Entries": entries,

            }]}),
        ),
        (
            path("SecurityGroups"),
            json!({"SecurityGroups": [
                {"GroupId": "sg-people", "VpcId": "vpc-1", "OwnerId": home, "IpPermissions": [],
                 "IpPermissionsEgress": anyone},
                {"GroupId": "sg-web", "VpcId": "vpc-1", "OwnerId": home, "IpPermissionsEgress": anyone,
                 "IpPermissions": [
                    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [
                        {"GroupId": "sg-people", "UserId": home}]},
                    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [
                        {"CidrIp": "192.168.0.0/16"}]},
                 ]},
            ]}),
        ),
        (
            path("NetworkInterfaces"),
            json!({"NetworkInterfaces": [
                entry, host("eni-1", "subnet-2", "10.0.2.10", "sg-web"),
            ]}),
        ),
    ];
    files.extend(more.iter().map(|(key, reply)| (path(key), reply.clone())));
    let files: Vec<(&str, Value)> =
        files.iter().map(|(path, reply)| (&**path, reply.clone())).collect();
    load(&files)
}

#[track_caller]
fn check(network: &Network, from: &str, to: &str, port: &str, expected: &str) {
    let told = explain(network, &Zones::default(), &(), from, to, port).unwrap();
    assert_eq!(format!("{:?}", told.verdict).to_lowercase(), expected, "{from} -> {to} {port}");
}

fn vpn() -> Vec<(&'static str, Value)> {
    vec![
        (
            "VpnGateways",
            json!({"VpnGateways": [{
                "VpnGatewayId": "vgw-1", "State": "available", "Type": "ipsec.1",
                "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}],
            }]}),
        ),
        (
            "VpnConnections",
            json!({"VpnConnections": [{
                "VpnConnectionId": "vpn-1", "State": "available", "VpnGatewayId": "vgw-1",
                "CustomerGatewayId": "cgw-1",
                "Options": {"StaticRoutesOnly": true, "LocalIpv4NetworkCidr": "0.0.0.0/0"},
                "Routes": [{"DestinationCidrBlock": "192.168.50.0/24", "State": "available"}],
                "VgwTelemetry": [{"Status": "UP"}, {"Status": "DOWN"}],
            }]}),
        ),
        (
            "CustomerGateways",
            json!({"CustomerGateways": [{
                "CustomerGatewayId": "cgw-1", "Tags": [{"Key": "Name", "Value": "plant"}],
            }]}),
        ),
        ("VirtualInterfaces", json!({"virtualInterfaces": []})),
        (
            "DirectConnectGatewayAssociations/vgw-1",
            json!({"DirectConnectGatewayAssociations": [
                {"VpnGatewayId": "vgw-1", "directConnectGatewayAssociations": []},
            ]}),
        ),
    ]
}

#[test]
fn a_vpn_connection_is_read_with_its_static_routes() {
    let network = estate(json!({}), &vpn());
    for from in ["192.168.50.9", "vpn-1", "cgw-1", "plant"] {
        check(&network, from, "eni-1", "tcp/443", "unknown");
    }
    check(&network, "192.168.51.9", "eni-1", "tcp/443", "closed");
    let connection = &network.remote_access.vpn_connections[0];
    assert_eq!((&connection.tunnels[..], connection.contested), (&[true, false][..], false));
}

#[test]
fn what_joins_a_gateway_to_direct_connect_may_bring_any_address() {
    let joined = json!({"directConnectGatewayAssociations": [{
        "directConnectGatewayId": "5f294f92-bafb-4011-916d-9b0bexample",
        "associationState": "associated",
        "associatedGateway": {"id": "vgw-1", "type": "virtualPrivateGateway"},
    }]});
    let interface = json!({"virtualInterfaces": [{
        "virtualInterfaceId": "dxvif-1", "virtualInterfaceState": "available",
        "virtualGatewayId": "vgw-1",
    }]});
    for (path, reply) in [("Loose", joined), ("VirtualInterfaces", interface)] {
        let mut files = vpn();
        files.retain(|(known, _)| *known != path);
        files.push((path, reply));
        check(&estate(json!({}), &files), "192.168.51.9", "eni-1", "tcp/443", "unknown");
    }
}

#[test]
fn what_can_not_be_read_of_a_vpn_connection_widens() {
    for odd in [
        json!({"Routes": [{"DestinationCidrBlock": "odd"}]}),
        json!({"Routes": 1}),
        json!({"Options": {"StaticRoutesOnly": true, "LocalIpv4NetworkCidr": "odd"}}),
        json!({"Options": "odd"}),
        json!({"VpnGatewayId": 1.5}),
    ] {
        let mut files = vpn();
        for (key, value) in odd.as_object().unwrap() {
            files[1].1["VpnConnections"][0][key] = value.clone();
        }
        check(&estate(json!({}), &files), "192.168.51.9", "eni-1", "tcp/443", "unknown");
    }
}

#[test]
fn clients_of_a_client_vpn_are_read_from_four_listings() {
    let people = json!({
        "Description": "ClientVPN Endpoint resource", "RequesterId": "AROA:ClientVPN",
        "RequesterManaged": true,
    });
    let network = estate(
        people,
        &[
            (
                "ClientVpnEndpoints",
                json!({"ClientVpnEndpoints": [{
                    "ClientVpnEndpointId": "cvpn-endpoint-1", "Status": {"Code": "available"},
                    "VpcId": "vpc-1", "SecurityGroupIds": ["sg-people"], "ClientCidrBlock": "172.16.0.0/22",
                    "Tags": [{"Key": "Name", "Value": "people"}],
                }]}),
            ),
            (
                "ClientVpnTargetNetworks/cvpn-endpoint-1",
                json!({"ClientVpnTargetNetworks": [{
                    "AssociationId": "cvpn-assoc-1", "VpcId": "vpc-1", "TargetNetworkId": "subnet-1",
                    "ClientVpnEndpointId": "cvpn-endpoint-1", "Status": {"Code": "associated"},
                }]}),
            ),
            (
                "ClientVpnAuthorizationRules/cvpn-endpoint-1",
                json!({"AuthorizationRules": [{
                    "ClientVpnEndpointId": "cvpn-endpoint-1", "AccessAll": true,
                    "DestinationCidr": "10.0.2.0/24", "Status": {"Code": "active"},
                }]}),
            ),
            (
                "ClientVpnRoutes/cvpn-endpoint-1",
                json!({"Routes": [{
                    "ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.0.0.0/16",
                    "TargetSubnet": "subnet-1", "Type": "Nat", "Origin": "associate",
                    "Status": {"Code": "active"},
                }]}),
            ),
        ],
    );
    check(&network, "people", "eni-1", "tcp/22", "open");
    check(&network, "cvpn-endpoint-1", "eni-1", "tcp/443", "closed");
    check(&network, "eni-1", "cvpn-endpoint-1", "tcp/22", "closed");
}

#[test]
fn an_instance_connect_endpoint_is_read_with_its_interface() {
    let network = estate(
        json!({"InterfaceType": "ec2_instance_connect_endpoint"}),
        &[(
            "InstanceConnectEndpoints",
            json!({"InstanceConnectEndpoints": [{
                "InstanceConnectEndpointId": "eice-1", "State": "create-complete",
                "NetworkInterfaceIds": ["eni-2"], "SubnetId": "subnet-1", "VpcId": "vpc-1",
                "PreserveClientIp": false, "SecurityGroupIds": ["sg-people"],
            }]}),
        )],
    );
    let component = network.components.iter().next().unwrap();
    let mut entries = component.remote_endpoints();
    let (interface, endpoint) = entries.next().unwrap();
    assert_eq!(interface.kind(), InterfaceKind::RemoteAccess);
    assert!(matches!(endpoint, RemoteEndpoint::InstanceConnect(_)));
    check(&network, "eice-1", "eni-1", "tcp/22", "open");
    check(&network, "eice-1", "eni-1", "tcp/443", "closed");
}

/// A subnet as an account lists it, whoever owns it.
fn shared(zone: &str, id: Option<&str>) -> Value {
    let mut subnet = json!({
        "SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": "111122223333",
        "CidrBlock": "10.0.1.0/24", "AvailabilityZone": zone,
    });
    if let Some(id) = id {
        subnet["AvailabilityZoneId"] = json!(id);
    }
    json!({"Subnets": [subnet]})
}

#[test]
fn a_shared_subnet_is_one_whatever_participants_call_its_zone() {
    // The owner's own listing is not there.
    let contested = |ids: [Option<&str>; 2]| {
        let network = load(&[
            ("222233334444/eu-west-1/Subnets", shared("eu-west-1a", ids[0])),
            ("333344445555/eu-west-1/Subnets", shared("eu-west-1b", ids[1])),
        ]);
        let component = network.components.iter().next().unwrap().clone();
        component.subnets.iter().next().unwrap().contested
    };
    assert!(!contested([Some("euw1-az1"), Some("euw1-az1")]));
    assert!(contested([Some("euw1-az1"), Some("euw1-az2")]));
    assert!(contested([None, None]));
}
