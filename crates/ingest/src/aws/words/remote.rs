//! The words of VPN, Direct Connect, Client VPN and Instance Connect Endpoints. Direct
//! Connect spells them with a small first letter.

use super::super::field::{Field, List, Shape, Str};
use super::{GatewayAttachment, StatusCode, Tag};
use crate::document::Cursor;
use crate::json::{self, Malformed, are_distinct};

words! {
    VpnGateway {
        vpn_gateway_id: Str<'a> = "VpnGatewayId",
        state: Str<'a> = "State",
        vpc_attachments: List<GatewayAttachment<'a>> = "VpcAttachments",
        tags: List<Tag<'a>> = "Tags",
    }
    VpnConnection {
        vpn_connection_id: Str<'a> = "VpnConnectionId",
        state: Str<'a> = "State",
        customer_gateway_id: Str<'a> = "CustomerGatewayId",
        vpn_gateway_id: Str<'a> = "VpnGatewayId",
        transit_gateway_id: Str<'a> = "TransitGatewayId",
        options: Field<VpnOptions<'a>> = "Options",
        routes: List<VpnRoute<'a>> = "Routes",
        telemetry: List<Telemetry<'a>> = "VgwTelemetry",
        tags: List<Tag<'a>> = "Tags",
    }
    VpnOptions {
        static_routes_only: Field<bool> = "StaticRoutesOnly",
        customer_block: Str<'a> = "LocalIpv4NetworkCidr",
    }
    VpnRoute { destination_cidr_block: Str<'a> = "DestinationCidrBlock", state: Str<'a> = "State", }
    Telemetry { status: Str<'a> = "Status", }
    CustomerGateway {
        customer_gateway_id: Str<'a> = "CustomerGatewayId",
        device_name: Str<'a> = "DeviceName",
        tags: List<Tag<'a>> = "Tags",
    }
    /// An element of `directconnect describe-direct-connect-gateways`.
    DirectConnectGateway {
        id: Str<'a> = "directConnectGatewayId",
        name: Str<'a> = "directConnectGatewayName",
    }
    /// An element of `directconnect describe-direct-connect-gateway-associations`.
    Association {
        direct_connect_gateway_id: Str<'a> = "directConnectGatewayId",
        state: Str<'a> = "associationState",
        gateway: Field<AssociatedGateway<'a>> = "associatedGateway",
        virtual_gateway_id: Str<'a> = "virtualGatewayId",
    }
    AssociatedGateway { id: Str<'a> = "id", }
    /// That listing, with the virtual private gateway about which it was asked.
    AssociationsOf {
        vpn_gateway_id: Str<'a> = "VpnGatewayId",
        associations: List<Association<'a>> = "directConnectGatewayAssociations",
    }
    /// An element of `directconnect describe-virtual-interfaces`.
    VirtualInterface {
        id: Str<'a> = "virtualInterfaceId",
        name: Str<'a> = "virtualInterfaceName",
        state: Str<'a> = "virtualInterfaceState",
        virtual_gateway_id: Str<'a> = "virtualGatewayId",
    }
    ClientVpnEndpoint {
        client_vpn_endpoint_id: Str<'a> = "ClientVpnEndpointId",
        description: Str<'a> = "Description",
        status: Field<StatusCode<'a>> = "Status",
        vpc_id: Str<'a> = "VpcId",
        security_group_ids: List<std::borrow::Cow<'a, str>> = "SecurityGroupIds",
        tags: List<Tag<'a>> = "Tags",
    }
    TargetNetwork {
        client_vpn_endpoint_id: Str<'a> = "ClientVpnEndpointId",
        target_network_id: Str<'a> = "TargetNetworkId",
        status: Field<StatusCode<'a>> = "Status",
    }
    AuthorizationRule {
        client_vpn_endpoint_id: Str<'a> = "ClientVpnEndpointId",
        destination_cidr: Str<'a> = "DestinationCidr",
        status: Field<StatusCode<'a>> = "Status",
    }
    InstanceConnectEndpoint {
        id: Str<'a> = "InstanceConnectEndpointId",
        state: Str<'a> = "State",
        network_interface_ids: List<std::borrow::Cow<'a, str>> = "NetworkInterfaceIds",
        preserve_client_ip: Field<bool> = "PreserveClientIp",
        tags: List<Tag<'a>> = "Tags",
    }
}
