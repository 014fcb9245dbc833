//! Route tables.

use portolan::model::{
    Destination, EgressOnlyInternetGatewayId, GatewayAssociation, InternetGatewayId, NatGatewayId,
    NetworkInterfaceId, Route, RouteOrigin, RouteState, RouteTable, RouteTarget, SubnetId, TextId,
    TransitGatewayId, VpcEndpointId, VpcPeeringConnectionId,
};
use portolan::net::Cidr;

use super::field::{Field, Str};
use super::network::{id, vpc_id};
use super::sink::Cx;
use super::words;

pub(crate) fn table(cx: &mut Cx<'_>, given: &words::RouteTable<'_>) {
    let id = id(cx, "RouteTableId");
    let vpc = vpc_id(cx, &given.vpc_id);
    cx.owner(&given.owner_id);
    let mut table = RouteTable {
        id,
        place: cx.place,
        vpc,
        main: false,
        subnets: Vec::new(),
        gateways: Vec::new(),
        routes: Vec::new(),
        contested: false,
    };
    if given.associations.is_damaged() {
        cx.unreadable("Associations");
        table.contested = true;
    }
    for association in given.associations.items() {
        associate(cx, association, &mut table);
    }
    // Every table has its local route: a list that is not there was cut off.
    if given.routes.get().is_none() || given.routes.is_damaged() {
        cx.unreadable("Routes");
        table.contested = true;
    }
    for (ordinal, given) in given.routes.get().into_iter().flatten().enumerate() {
        if let Field::Given(given) = given {
            let route = route(cx, given, u32::try_from(ordinal).unwrap_or(u32::MAX));
            table.routes.push(route);
        }
    }
    cx.add(table);
}

fn associate(cx: &mut Cx<'_>, given: &words::RouteTableAssociation<'_>, table: &mut RouteTable) {
    let state = given.association_state.get().map_or("", |state| state.state.as_str());
    match state {
        "associated" | "" => {}
        "disassociated" | "failed" => return,
        other => {
            cx.unknown("AssociationState", other);
            table.contested = true;
        }
    }
    if given.main.is_wrong() {
        cx.unreadable("Main");
        table.contested = true;
    }
    table.main |= given.main == Field::Given(true);
    if !given.subnet_id.is_absent() {
        table.subnets.push(SubnetId::named(cx.text("SubnetId", &given.subnet_id)));
    }
    if !given.gateway_id.is_absent() {
        let gateway = cx.text("GatewayId", &given.gateway_id);
        table.gateways.push(GatewayAssociation { gateway });
    }
}

fn route(cx: &mut Cx<'_>, given: &words::Route<'_>, ordinal: u32) -> Route {
    Route {
        destination: destination(cx, given),
        target: target(cx, given),
        state: state(cx, &given.state),
        origin: origin(cx, &given.origin),
        ordinal,
    }
}

fn destination(cx: &mut Cx<'_>, given: &words::Route<'_>) -> Option<Destination> {
    let block = if !given.destination_cidr_block.is_absent() {
        cx.cidr("DestinationCidrBlock", &given.destination_cidr_block)?
    } else if !given.destination_ipv6_cidr_block.is_absent() {
        cx.cidr("DestinationIpv6CidrBlock", &given.destination_ipv6_cidr_block)?
    } else if !given.destination_prefix_list_id.as_str().is_empty() {
        let list = cx.prefix_list(given.destination_prefix_list_id.as_str());
        return Some(Destination::PrefixList(list));
    } else {
        cx.unreadable("DestinationCidrBlock");
        return None;
    };
    Some(match block {
        Cidr::V4(prefix) => Destination::Ipv4(prefix),
        Cidr::V6(prefix) => Destination::Ipv6(prefix),
    })
}

fn target(cx: &mut Cx<'_>, given: &words::Route<'_>) -> RouteTarget {
    let mut named = |value: &Str<'_>| match value.as_str() {
        "" => None,
        id => Some(cx.intern(id)),
    };
    if let Some(id) = named(&given.gateway_id) {
        return match given.gateway_id.as_str() {
            "local" => RouteTarget::Local,
            text if text.starts_with("igw-") => {
                RouteTarget::InternetGateway(InternetGatewayId::named(id))
            }
            text if text.starts_with("vpce-") => RouteTarget::VpcEndpoint(VpcEndpointId::named(id)),
            text if text.starts_with("vgw-") => RouteTarget::VpnGateway(id),
            _ => RouteTarget::Other(id),
        };
    }
    if let Some(id) = named(&given.nat_gateway_id) {
        return RouteTarget::NatGateway(NatGatewayId::named(id));
    }
    if let Some(id) = named(&given.transit_gateway_id) {
        return RouteTarget::TransitGateway(TransitGatewayId::named(id));
    }
    if let Some(id) = named(&given.vpc_peering_connection_id) {
        return RouteTarget::VpcPeeringConnection(VpcPeeringConnectionId::named(id));
    }
    // With an instance, if it is one's: the interface is what counts.
    if let Some(id) = named(&given.network_interface_id) {
        return RouteTarget::NetworkInterface(NetworkInterfaceId::named(id));
    }
    if let Some(id) = named(&given.egress_only_internet_gateway_id) {
        return RouteTarget::EgressOnlyInternetGateway(EgressOnlyInternetGatewayId::named(id));
    }
    let others = [
        &given.carrier_gateway_id,
        &given.local_gateway_id,
        &given.core_network_arn,
        &given.odb_network_arn,
        &given.instance_id,
        &given.ip_address,
    ];
    if let Some(id) = others.into_iter().find_map(named) {
        return RouteTarget::Other(id);
    }
    // An instance that is gone leaves a black hole without a target.
    if given.state.as_str() != "blackhole" {
        cx.unreadable("GatewayId");
    }
    RouteTarget::Other(TextId::EMPTY)
}

fn state(cx: &mut Cx<'_>, given: &Str<'_>) -> RouteState {
    match given.as_str() {
        "active" => RouteState::Active,
        "blackhole" => RouteState::Blackhole,
        other => {
            cx.unknown("State", other);
            RouteState::Unknown
        }
    }
}

fn origin(cx: &mut Cx<'_>, given: &Str<'_>) -> RouteOrigin {
    match given.as_str() {
        "CreateRouteTable" | "CreateRoute" | "" => RouteOrigin::Static,
        "EnableVgwRoutePropagation" | "Advertisement" => RouteOrigin::Propagated,
        other => {
            cx.unknown("Origin", other);
            RouteOrigin::Static
        }
    }
}
