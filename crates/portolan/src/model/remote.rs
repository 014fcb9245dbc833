//! Ways in for networks and people that are not of AWS: virtual private gateways with
//! their VPN connections and Direct Connect, Client VPN endpoints, Instance Connect
//! Endpoints.
//!
//! There are few, and they name each other, VPCs, subnets and groups by their AWS ids: all
//! components share them.

use super::{Place, TextId};
use crate::net::{Cidr, Prefix};

/// All of them, each kind in the order of the AWS ids.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RemoteAccess {
    /// Virtual private gateways.
    pub vpn_gateways: Vec<VpnGateway>,
    /// VPN connections.
    pub vpn_connections: Vec<VpnConnection>,
    /// What is at the other end of VPN connections.
    pub customer_gateways: Vec<CustomerGateway>,
    /// Direct Connect gateways and virtual interfaces.
    pub direct_connects: Vec<DirectConnect>,
    /// Virtual private gateways of which it was asked whether Direct Connect gateways are
    /// associated with them.
    pub asked_for_direct_connect: Vec<TextId>,
    /// Client VPN endpoints.
    pub client_vpn_endpoints: Vec<ClientVpnEndpoint>,
    /// Instance Connect Endpoints.
    pub instance_connect_endpoints: Vec<InstanceConnectEndpoint>,
}

/// A virtual private gateway (`describe-vpn-gateways`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VpnGateway {
    /// `vgw-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// The Name tag.
    pub name: TextId,
    /// Whether it is there; `None`: a word that we do not know.
    pub available: Option<bool>,
    /// The VPCs that it is attached to, one in practice.
    pub attachments: Vec<VpnGatewayAttachment>,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// To which VPC a virtual private gateway is attached.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct VpnGatewayAttachment {
    /// `VpcId`.
    pub vpc: TextId,
    /// Whether it is; `None`: that is changing, or a word that we do not know.
    pub attached: Option<bool>,
}

/// What a VPN connection ends at, on the side of AWS.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum VpnEnd {
    /// A virtual private gateway.
    VpnGateway(TextId),
    /// A transit gateway.
    TransitGateway(TextId),
    /// Something else, or nothing yet.
    Other,
}

/// A VPN connection (`describe-vpn-connections`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VpnConnection {
    /// `vpn-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// The Name tag.
    pub name: TextId,
    /// What it ends at.
    pub end: VpnEnd,
    /// `CustomerGatewayId`.
    pub customer_gateway: TextId,
    /// Whether it is there; `None`: a word that we do not know.
    pub available: Option<bool>,
    /// `Options.StaticRoutesOnly`: no BGP; `None`: not said.
    pub static_routes_only: Option<bool>,
    /// `Routes`: the static ones.
    pub routes: Vec<Prefix<u32>>,
    /// `Options.LocalIpv4NetworkCidr`: which addresses of the customer's side it carries;
    /// `None`: not said, which is all.
    pub customer_block: Option<Prefix<u32>>,
    /// Of each tunnel whether it is up (`VgwTelemetry`).
    pub tunnels: Vec<bool>,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// A customer gateway (`describe-customer-gateways`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CustomerGateway {
    /// `cgw-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// The Name tag, else `DeviceName`.
    pub name: TextId,
}

/// A Direct Connect gateway or a private virtual interface
/// (`directconnect describe-direct-connect-gateways`,
/// `describe-direct-connect-gateway-associations`, `describe-virtual-interfaces`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectConnect {
    /// The id of the gateway, or `dxvif-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub name: TextId,
    /// The virtual private and transit gateways that it is joined to.
    pub gateways: Vec<TextId>,
}

/// A Client VPN endpoint (`describe-client-vpn-endpoints`, `…-target-networks`,
/// `…-authorization-rules`, `…-routes`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientVpnEndpoint {
    /// `cvpn-endpoint-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// The Name tag, else the description.
    pub name: TextId,
    /// Whether it is there; `None`: not said, or a word that we do not know.
    pub available: Option<bool>,
    /// `VpcId`.
    pub vpc: TextId,
    /// `SecurityGroupIds`.
    pub security_groups: Vec<TextId>,
    /// The subnets that it is associated with: in each it has an interface.
    pub networks: Vec<TextId>,
    /// To where clients may go, all that were given.
    pub authorization_rules: Vec<ClientVpnRule>,
    /// Where the endpoint leads them, all that were given.
    pub routes: Vec<ClientVpnRoute>,
    /// `false`: only what belongs to it was seen.
    pub seen: bool,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// An authorization rule of a Client VPN endpoint.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ClientVpnRule {
    /// `DestinationCidr`.
    pub destination: Cidr,
    /// Whether it is surely in force.
    pub sure: bool,
}

/// A route of a Client VPN endpoint.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ClientVpnRoute {
    /// `DestinationCidr`.
    pub destination: Cidr,
    /// `TargetSubnet`: by the interface in this subnet.
    pub subnet: TextId,
    /// Whether it is surely in force.
    pub sure: bool,
}

/// An Instance Connect Endpoint (`describe-instance-connect-endpoints`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceConnectEndpoint {
    /// `eice-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// The Name tag.
    pub name: TextId,
    /// Whether it is there; `None`: a word that we do not know.
    pub available: Option<bool>,
    /// `PreserveClientIp`: targets see the address of whoever opened the tunnel; `None`: not
    /// said.
    pub preserves_client: Option<bool>,
    /// `NetworkInterfaceIds`.
    pub interfaces: Vec<TextId>,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// Whose an interface is through which people come in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RemoteEndpoint<'r> {
    /// One of a Client VPN endpoint.
    ClientVpn(&'r ClientVpnEndpoint),
    /// One of an Instance Connect Endpoint.
    InstanceConnect(&'r InstanceConnectEndpoint),
}

impl RemoteEndpoint<'_> {
    /// Its id.
    #[must_use]
    pub fn id(self) -> TextId {
        match self {
            Self::ClientVpn(endpoint) => endpoint.id,
            Self::InstanceConnect(endpoint) => endpoint.id,
        }
    }

    /// Its name, or empty.
    #[must_use]
    pub fn name(self) -> TextId {
        match self {
            Self::ClientVpn(endpoint) => endpoint.name,
            Self::InstanceConnect(endpoint) => endpoint.name,
        }
    }
}

impl RemoteAccess {
    /// A virtual private gateway; `None`: the source does not hold it.
    #[must_use]
    pub fn vpn_gateway(&self, id: TextId) -> Option<&VpnGateway> {
        self.vpn_gateways.iter().find(|gateway| gateway.id == id)
    }

    /// Whether there is nothing of all this.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
