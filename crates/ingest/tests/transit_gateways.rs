//! What is read of transit gateways, from every shape in which it is kept.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a helper of a test can't do fails the test")]

use portolan::model::{
    AttachedResource, Component, LimitationCode, RoutesGiven, TransitGatewayAssociation,
};
use serde_json::{Value, json};

/// Files in one folder of an account and region.
fn load(files: &[(&str, Value)]) -> portolan_ingest::Loaded {
    let files = files.iter().map(|(name, reply)| {
        let path = format!("accounts/111122223333/us-east-1/{name}.json");
        (path, serde_json::to_vec(reply).unwrap())
    });
    portolan_ingest::load_bytes(files.collect::<Vec<_>>()).unwrap()
}

fn vpc() -> (&'static str, Value) {
    ("Vpcs", json!({"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}))
}

fn attachments() -> [(&'static str, Value); 2] {
    [
        (
            "TransitGatewayAttachments",
            json!({"TransitGatewayAttachments": [{
                "TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1",
                "TransitGatewayOwnerId": "111122223333", "ResourceOwnerId": "111122223333",
                "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available",
                "Association": {
                    "TransitGatewayRouteTableId": "tgw-rtb-0001", "State": "associated",
                },
            }]}),
        ),
        (
            "TransitGatewayVpcAttachments",
            json!({"TransitGatewayVpcAttachments": [{
                "TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1",
                "VpcId": "vpc-1", "State": "available", "SubnetIds": ["subnet-1"],
                "Options": {"Ipv6Support": "disable", "ApplianceModeSupport": "enable"},
            }]}),
        ),
    ]
}

fn route() -> Value {
    json!({
        "DestinationCidrBlock": "10.1.0.0/16", "Type": "static", "State": "active",
        "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1"}],
    })
}

fn only(loaded: &portolan_ingest::Loaded) -> &Component {
    assert_eq!(loaded.network.components.len(), 1);
    loaded.network.components.iter().next().unwrap()
}

fn limited(loaded: &portolan_ingest::Loaded) -> Vec<(&str, &str)> {
    let limitations = loaded.network.limitations.iter();
    limitations
        .filter(|it| it.code != LimitationCode::NotCollected)
        .map(|it| (it.code.as_str(), loaded.network.text(it.about)))
        .collect()
}

#[test]
fn two_listings_say_what_an_attachment_is() {
    let [first, second] = attachments();
    for files in [[vpc(), first.clone(), second.clone()], [second, vpc(), first]] {
        let loaded = load(&files);
        let component = only(&loaded);
        let attachment = component.transit_gateway_attachments.iter().next().unwrap();
        assert_eq!(component.transit_gateway_attachments.len(), 1);
        assert!(matches!(attachment.resource, AttachedResource::Vpc(_)));
        assert!(matches!(attachment.ends[0].association, TransitGatewayAssociation::RouteTable(_)));
        assert_eq!(attachment.subnets.as_ref().map(Vec::len), Some(1));
        assert_eq!((attachment.ipv6, attachment.appliance_mode), (Some(false), Some(true)));
    }
}

#[test]
fn routes_come_in_a_reply_that_the_path_attributes_or_in_a_list() {
    let [first, second] = attachments();
    let files = |name: &'static str, reply: Value| {
        load(&[vpc(), first.clone(), second.clone(), (name, reply)])
    };
    let loose = json!({"Routes": [route()], "AdditionalRoutesAvailable": false});
    let listed = json!({"TransitGatewayRoutes": [
        {"TransitGatewayRouteTableId": "tgw-rtb-0001", "Routes": [route()]},
    ]});
    for loaded in
        [files("TransitGatewayRoutes/tgw-rtb-0001", loose), files("TransitGatewayRoutes", listed)]
    {
        let table = only(&loaded).transit_gateway_route_tables.iter().next().unwrap();
        assert_eq!((table.given, table.routes.len()), (RoutesGiven::All, 1));
        assert_eq!(limited(&loaded), [("unknown-subnet", "subnet-1")]);
    }
}

#[test]
fn a_reply_that_is_cut_off_is_not_all() {
    let [first, second] = attachments();
    let cut = json!({"Routes": [route()], "AdditionalRoutesAvailable": true});
    let loaded = load(&[vpc(), first, second, ("TransitGatewayRoutes/tgw-rtb-0001", cut)]);
    let table = only(&loaded).transit_gateway_route_tables.iter().next().unwrap();
    assert_eq!(table.given, RoutesGiven::None);
    assert!(limited(&loaded).contains(&("transit-gateway", "tgw-rtb-0001")));
}

#[test]
fn static_routes_need_what_is_propagated() {
    let [first, second] = attachments();
    let statics = json!({"TransitGatewayStaticRoutes": [
        {"TransitGatewayRouteTableId": "tgw-rtb-0001", "Routes": [route()]},
    ]});
    let files = [vpc(), first, second, ("TransitGatewayStaticRoutes", statics)];
    assert!(limited(&load(&files)).contains(&("transit-gateway", "tgw-rtb-0001")));
    let propagations = json!({"TransitGatewayPropagations": [{
        "TransitGatewayRouteTableId": "tgw-rtb-0001",
        "TransitGatewayRouteTablePropagations": [
            {"TransitGatewayAttachmentId": "tgw-attach-1", "State": "enabled"},
        ],
    }]});
    let files = [files.as_slice(), &[("TransitGatewayPropagations", propagations)]].concat();
    let loaded = load(&files);
    let table = only(&loaded).transit_gateway_route_tables.iter().next().unwrap();
    assert_eq!((table.given, table.routes.len()), (RoutesGiven::Static, 1));
    assert_eq!(table.propagations.as_ref().map(Vec::len), Some(1));
    assert_eq!(limited(&loaded), [("unknown-subnet", "subnet-1")]);
}

#[test]
fn listings_that_contradict_each_other_are_not_believed() {
    let [first, mut second] = attachments();
    second.1["TransitGatewayVpcAttachments"][0]["State"] = json!("deleted");
    let loaded = load(&[vpc(), first, second]);
    assert!(limited(&loaded).contains(&("conflicting-listings", "tgw-attach-1")));
}

#[test]
fn routes_of_something_else_are_left_alone() {
    let other = json!({"Routes": [{"DestinationCidrBlock": "odd", "State": "odd"}]});
    let loaded = load(&[vpc(), ("Routes", other)]);
    assert_eq!(limited(&loaded), []);
    // Of a transit gateway, and nobody knows of which table.
    let loaded = load(&[vpc(), ("Routes", json!({"Routes": [route()]}))]);
    assert_eq!(limited(&loaded)[0].0, "unattributed-file");
}
