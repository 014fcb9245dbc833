//! Ways in from outside of AWS: virtual private gateways, VPN connections, Direct Connect,
//! Client VPN endpoints and what belongs to them, Instance Connect Endpoints.

use portolan::model::{
    ClientVpnEndpoint, ClientVpnRoute, ClientVpnRule, CustomerGateway, DirectConnect,
    InstanceConnectEndpoint, TextId, VpnConnection, VpnEnd, VpnGateway, VpnGatewayAttachment,
};
use portolan::net::{Cidr, Prefix};

use super::field::Str;
use super::network::id;
use super::sink::Cx;
use super::words;
use super::words::remote as own;

pub(crate) fn vpn_gateway(cx: &mut Cx<'_>, given: &own::VpnGateway<'_>) {
    let id = id(cx, "VpnGatewayId");
    let available = available(cx, &given.state);
    let mut contested = given.vpc_attachments.is_damaged();
    if contested {
        cx.unreadable("VpcAttachments");
    }
    let mut attachments = Vec::new();
    for attachment in given.vpc_attachments.items() {
        let vpc = cx.text("VpcId", &attachment.vpc_id);
        contested |= vpc.is_empty();
        let attached = match attachment.state.as_str() {
            "attached" => Some(true),
            "detached" => Some(false),
            // Packets may pass.
            "attaching" | "detaching" => None,
            other => {
                cx.unknown("State", other);
                None
            }
        };
        attachments.push(VpnGatewayAttachment { vpc, attached });
    }
    let (name, _) = cx.tags(&given.tags);
    let gateway = VpnGateway { id, place: cx.place, name, available, attachments, contested };
    cx.builder().add_vpn_gateway(gateway);
}

/// Whether a gateway or connection is there. One that is being deleted may still carry.
fn available(cx: &mut Cx<'_>, given: &Str<'_>) -> Option<bool> {
    match given.as_str() {
        "available" => Some(true),
        "deleted" => Some(false),
        "pending" | "modifying" | "deleting" => None,
        other => {
            cx.unknown("State", other);
            None
        }
    }
}

pub(crate) fn vpn_connection(cx: &mut Cx<'_>, given: &own::VpnConnection<'_>) {
    let id = id(cx, "VpnConnectionId");
    let available = available(cx, &given.state);
    let mut contested = false;
    let end = match (given.vpn_gateway_id.as_str(), given.transit_gateway_id.as_str()) {
        ("", "") => VpnEnd::Other,
        ("", transit) => VpnEnd::TransitGateway(cx.intern(transit)),
        (gateway, _) => VpnEnd::VpnGateway(cx.intern(gateway)),
    };
    for (field, is_wrong) in [
        ("VpnGatewayId", given.vpn_gateway_id.is_wrong()),
        ("Options", given.options.is_wrong()),
        ("Routes", given.routes.is_damaged()),
    ] {
        if is_wrong {
            cx.unreadable(field);
            contested = true;
        }
    }
    let options = given.options.get();
    let static_routes_only = options.and_then(|options| options.static_routes_only.get().copied());
    let mut routes = Vec::new();
    for route in given.routes.items() {
        if route.state.as_str() == "deleted" {
            continue;
        }
        match block_v4(cx, "DestinationCidrBlock", &route.destination_cidr_block) {
            Some(prefix) => routes.push(prefix),
            None => contested = true,
        }
    }
    let customer_block = match options.map(|options| &options.customer_block) {
        Some(block) if !block.is_absent() => {
            let block = block_v4(cx, "LocalIpv4NetworkCidr", block);
            contested |= block.is_none();
            block
        }
        Some(_) | None => None,
    };
    let tunnels = given.telemetry.items().map(|it| it.status.as_str() == "UP").collect();
    let (name, _) = cx.tags(&given.tags);
    let customer_gateway = cx.intern(given.customer_gateway_id.as_str());
    let connection = VpnConnection {
        id,
        place: cx.place,
        name,
        end,
        customer_gateway,
        available,
        static_routes_only,
        routes,
        customer_block,
        tunnels,
        contested,
    };
    cx.builder().add_vpn_connection(connection);
}

fn block_v4(cx: &mut Cx<'_>, field: &str, given: &Str<'_>) -> Option<Prefix<u32>> {
    match cx.cidr(field, given)? {
        Cidr::V4(prefix) => Some(prefix),
        Cidr::V6(_) => {
            cx.unknown(field, given.as_str());
            None
        }
    }
}

pub(crate) fn customer_gateway(cx: &mut Cx<'_>, given: &own::CustomerGateway<'_>) {
    let id = id(cx, "CustomerGatewayId");
    let (name, _) = cx.tags(&given.tags);
    let name = if name.is_empty() { cx.intern(given.device_name.as_str()) } else { name };
    let gateway = CustomerGateway { id, place: cx.place, name };
    cx.builder().add_customer_gateway(gateway);
}

pub(crate) fn direct_connect_gateway(cx: &mut Cx<'_>, given: &own::DirectConnectGateway<'_>) {
    let id = id(cx, "directConnectGatewayId");
    let name = cx.intern(given.name.as_str());
    let fact = DirectConnect { id, place: cx.place, name, gateways: Vec::new() };
    cx.builder().add_direct_connect(fact);
}

pub(crate) fn association(cx: &mut Cx<'_>, given: &own::Association<'_>) {
    let id = id(cx, "directConnectGatewayId");
    if given.state.as_str() == "disassociated" {
        return;
    }
    let gateway = match given.gateway.get().map(|gateway| gateway.id.as_str()) {
        Some(gateway) if !gateway.is_empty() => gateway,
        Some(_) | None => given.virtual_gateway_id.as_str(),
    };
    let gateways = vec![cx.intern(gateway)];
    let fact = DirectConnect { id, place: cx.place, name: TextId::EMPTY, gateways };
    cx.builder().add_direct_connect(fact);
}

/// All associations of a virtual private gateway.
pub(crate) fn associations_of(cx: &mut Cx<'_>, given: &own::AssociationsOf<'_>) {
    let gateway = id(cx, "VpnGatewayId");
    if given.associations.get().is_none() || given.associations.is_damaged() {
        cx.unreadable("directConnectGatewayAssociations");
        return;
    }
    cx.builder().add_asked_for_direct_connect(gateway);
    for one in given.associations.items() {
        cx.about = cx.intern(one.direct_connect_gateway_id.as_str());
        association(cx, one);
    }
}

/// A private virtual interface leads to a virtual private gateway, or to a Direct Connect
/// gateway, which says by its associations where it leads.
pub(crate) fn virtual_interface(cx: &mut Cx<'_>, given: &own::VirtualInterface<'_>) {
    let id = id(cx, "virtualInterfaceId");
    let gone = matches!(given.state.as_str(), "deleted" | "rejected");
    let gateway = given.virtual_gateway_id.as_str();
    if gone || gateway.is_empty() {
        return;
    }
    let gateways = vec![cx.intern(gateway)];
    let name = cx.intern(given.name.as_str());
    let fact = DirectConnect { id, place: cx.place, name, gateways };
    cx.builder().add_direct_connect(fact);
}

/// What belongs to a Client VPN endpoint of which nothing else is said.
fn of_client_vpn(cx: &mut Cx<'_>, id: TextId) -> ClientVpnEndpoint {
    ClientVpnEndpoint {
        id,
        place: cx.place,
        name: TextId::EMPTY,
        available: None,
        vpc: TextId::EMPTY,
        security_groups: Vec::new(),
        networks: Vec::new(),
        authorization_rules: Vec::new(),
        routes: Vec::new(),
        seen: false,
        contested: false,
    }
}

pub(crate) fn client_vpn_endpoint(cx: &mut Cx<'_>, given: &own::ClientVpnEndpoint<'_>) {
    let id = id(cx, "ClientVpnEndpointId");
    let mut endpoint = of_client_vpn(cx, id);
    endpoint.seen = true;
    endpoint.available = match given.status.get().map_or("", |status| status.code.as_str()) {
        "available" => Some(true),
        // It has no association yet, and so no interface.
        "pending-associate" | "deleted" => Some(false),
        "deleting" => None,
        other => {
            cx.unknown("Status", other);
            None
        }
    };
    if given.security_group_ids.is_damaged() {
        cx.unreadable("SecurityGroupIds");
        endpoint.contested = true;
    }
    endpoint.vpc = cx.intern(given.vpc_id.as_str());
    endpoint.security_groups =
        given.security_group_ids.items().map(|group| cx.intern(group)).collect();
    let (name, _) = cx.tags(&given.tags);
    endpoint.name = if name.is_empty() { cx.intern(given.description.as_str()) } else { name };
    cx.builder().add_client_vpn_endpoint(endpoint);
}

pub(crate) fn target_network(cx: &mut Cx<'_>, given: &own::TargetNetwork<'_>) {
    let id = id(cx, "ClientVpnEndpointId");
    let state = given.status.get().map_or("", |status| status.code.as_str());
    if matches!(state, "disassociated" | "association-failed") {
        return;
    }
    let mut endpoint = of_client_vpn(cx, id);
    endpoint.networks.push(cx.text("TargetNetworkId", &given.target_network_id));
    cx.builder().add_client_vpn_endpoint(endpoint);
}

/// Whether something of an endpoint is surely in force; `None`: it is not.
fn in_force(state: &str) -> Option<bool> {
    match state {
        "active" => Some(true),
        "failed" => None,
        // `authorizing`, `revoking`, `creating`, `deleting`, and what we do not know.
        _ => Some(false),
    }
}

pub(crate) fn authorization_rule(cx: &mut Cx<'_>, given: &own::AuthorizationRule<'_>) {
    let id = id(cx, "ClientVpnEndpointId");
    let state = given.status.get().map_or("", |status| status.code.as_str());
    let Some(sure) = in_force(state) else { return };
    let mut endpoint = of_client_vpn(cx, id);
    match cx.cidr("DestinationCidr", &given.destination_cidr) {
        Some(destination) => {
            endpoint.authorization_rules.push(ClientVpnRule { destination, sure });
        }
        None => endpoint.contested = true,
    }
    cx.builder().add_client_vpn_endpoint(endpoint);
}

/// A route of a Client VPN endpoint, in a listing of the same name as that of transit
/// gateways.
pub(crate) fn client_vpn_route(cx: &mut Cx<'_>, given: &words::TransitGatewayRoute<'_>) {
    let id = cx.text("ClientVpnEndpointId", &given.client_vpn_endpoint_id);
    let state = given.status.get().map_or("", |status| status.code.as_str());
    let Some(sure) = in_force(state) else { return };
    let mut endpoint = of_client_vpn(cx, id);
    let subnet = cx.text("TargetSubnet", &given.target_subnet);
    match cx.cidr("DestinationCidr", &given.destination_cidr) {
        Some(destination) => endpoint.routes.push(ClientVpnRoute { destination, subnet, sure }),
        None => endpoint.contested = true,
    }
    cx.builder().add_client_vpn_endpoint(endpoint);
}

pub(crate) fn instance_connect_endpoint(cx: &mut Cx<'_>, given: &own::InstanceConnectEndpoint<'_>) {
    let id = id(cx, "InstanceConnectEndpointId");
    let available = match given.state.as_str() {
        "create-complete" | "update-complete" | "update-failed" => Some(true),
        "create-failed" | "delete-complete" => Some(false),
        "create-in-progress" | "delete-in-progress" | "delete-failed" | "update-in-progress" => {
            None
        }
        other => {
            cx.unknown("State", other);
            None
        }
    };
    let contested = given.network_interface_ids.is_damaged();
    if contested {
        cx.unreadable("NetworkInterfaceIds");
    }
    let interfaces = given.network_interface_ids.items().map(|id| cx.intern(id)).collect();
    let (name, _) = cx.tags(&given.tags);
    let endpoint = InstanceConnectEndpoint {
        id,
        place: cx.place,
        name,
        available,
        preserves_client: given.preserve_client_ip.get().copied(),
        interfaces,
        contested,
    };
    cx.builder().add_instance_connect_endpoint(endpoint);
}
