//! Route tables as given.

use super::{
    EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, Place,
    PrefixListId, SubnetId, TextId, TransitGatewayId, VpcEndpointId, VpcId, VpcPeeringConnectionId,
};
use crate::net::Prefix;

/// A route table (`describe-route-tables`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteTable {
    /// `rtb-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its VPC.
    pub vpc: VpcId,
    /// Whether subnets without an association use it.
    pub main: bool,
    /// The subnets that it is associated with.
    pub subnets: Vec<SubnetId>,
    /// Gateways that it is associated with (edge associations).
    pub gateways: Vec<GatewayAssociation>,
    /// The routes, in the order of the source.
    pub routes: Vec<Route>,
    /// Seen twice with different content: nothing it says is certain.
    pub contested: bool,
}

/// An edge association: packets that enter through the gateway use the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GatewayAssociation {
    /// `igw-…` or `vgw-…`.
    pub gateway: TextId,
}

/// One route.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// Where to; `None`: a destination that can't be read.
    pub destination: Option<Destination>,
    /// Through what.
    pub target: RouteTarget,
    /// Whether it works.
    pub state: RouteState,
    /// Who made it.
    pub origin: RouteOrigin,
    /// Which route of the table it is in its file, from 0.
    pub ordinal: u32,
}

/// What a route is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Destination {
    /// `DestinationCidrBlock`.
    Ipv4(Prefix<u32>),
    /// `DestinationIpv6CidrBlock`.
    Ipv6(Prefix<u128>),
    /// `DestinationPrefixListId`.
    PrefixList(PrefixListId),
}

/// Where a route sends packets.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RouteTarget {
    /// Within the VPC.
    Local,
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// An egress-only internet gateway (IPv6).
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
    /// A peering connection.
    VpcPeeringConnection(VpcPeeringConnectionId),
    /// A network interface: a middlebox or NAT instance.
    NetworkInterface(NetworkInterfaceId),
    /// `GatewayId = vpce-…`: a gateway endpoint or a Gateway Load Balancer endpoint.
    VpcEndpoint(VpcEndpointId),
    /// A transit gateway.
    TransitGateway(TransitGatewayId),
    /// A virtual private gateway.
    VpnGateway(TextId),
    /// A carrier, local or core network gateway, or what else AWS has: not modelled.
    Other(TextId),
}

/// `State` of a route.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RouteState {
    /// `active`.
    Active,
    /// `blackhole`: matches, and drops.
    Blackhole,
    /// `filtered`, or a word that we do not know.
    Unknown,
}

/// `Origin` of a route: decides between routes of equal length.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RouteOrigin {
    /// `CreateRouteTable` or `CreateRoute`: static.
    Static,
    /// `EnableVgwRoutePropagation` or `Advertisement`: propagated.
    Propagated,
}
