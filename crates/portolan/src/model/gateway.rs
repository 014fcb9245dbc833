//! Gateways, peering connections, endpoints, prefix lists, Block Public Access.

use std::sync::Arc;

use super::{
    Firewall, IpAddressType, LoadBalancerId, NetworkInterfaceId, Place, SecurityGroupId, SubnetId,
    TextId, VpcId,
};
use crate::net::{Cidr, Prefix};

/// To which VPC a gateway is attached.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct GatewayAttachment {
    /// The VPC.
    pub vpc: VpcId,
    /// `available` or `attached`.
    pub attached: bool,
}

/// An internet gateway (`describe-internet-gateways`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InternetGateway {
    /// `igw-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its attachment; at most one in practice.
    pub attachments: Vec<GatewayAttachment>,
    /// `false`: a route names it, the source does not hold it.
    pub seen: bool,
}

/// An egress-only internet gateway (`describe-egress-only-internet-gateways`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EgressOnlyInternetGateway {
    /// `eigw-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its attachment.
    pub attachments: Vec<GatewayAttachment>,
    /// `false`: a route names it, the source does not hold it.
    pub seen: bool,
}

/// `ConnectivityType` of a NAT gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NatConnectivity {
    /// Translates to an Elastic IP address.
    Public,
    /// Translates to its private address; an internet gateway drops that.
    Private,
    /// A word that we do not know.
    Unknown,
}

/// `State` of a NAT gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NatState {
    /// `available`.
    Available,
    /// `pending`, `failed`, `deleting`, `deleted`.
    Gone,
    /// A word that we do not know.
    Unknown,
}

/// A NAT gateway (`describe-nat-gateways`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NatGateway {
    /// `nat-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet; `None` for a regional NAT gateway, which is not modelled.
    pub subnet: Option<SubnetId>,
    /// Public or private.
    pub connectivity: NatConnectivity,
    /// Whether it works.
    pub state: NatState,
    /// Its addresses.
    pub addresses: Vec<NatAddress>,
    /// `false`: a route names it, the source does not hold it.
    pub seen: bool,
}

/// An address of a NAT gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NatAddress {
    /// `PrivateIp`.
    pub private: Option<u32>,
    /// `PublicIp`.
    pub public: Option<u32>,
    /// `NetworkInterfaceId`.
    pub interface: Option<NetworkInterfaceId>,
}

/// `Status.Code` of a peering connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PeeringStatus {
    /// `active`.
    Active,
    /// Pending, rejected, failed, expired, deleted.
    Inactive,
    /// A word that we do not know.
    Unknown,
}

/// A VPC peering connection (`describe-vpc-peering-connections`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VpcPeeringConnection {
    /// `pcx-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Whether it works.
    pub status: PeeringStatus,
    /// The requester's side.
    pub requester: PeeringSide,
    /// The accepter's side.
    pub accepter: PeeringSide,
    /// `false`: a route names it, the source does not hold it.
    pub seen: bool,
}

/// One side of a peering connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeeringSide {
    /// The VPC (perhaps a placeholder: `Vpc::seen`); `None` if the source does
    /// not say (a peering that only a route names).
    pub vpc: Option<VpcId>,
    /// `OwnerId`.
    pub owner: TextId,
    /// `Region`.
    pub region: TextId,
    /// `CidrBlockSet` and `CidrBlock`; given only while active.
    pub ipv4: Vec<Prefix<u32>>,
    /// `Ipv6CidrBlockSet`.
    pub ipv6: Vec<Prefix<u128>>,
}

/// `VpcEndpointType`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VpcEndpointKind {
    /// S3 or DynamoDB, as the target of a prefix-list route.
    Gateway,
    /// An interface with a service behind it.
    Interface,
    /// A bump in the wire: what passes it is inspected and may be dropped.
    GatewayLoadBalancer,
    /// An interface with a resource of another VPC behind it (VPC Lattice): not modelled yet.
    Resource,
    /// An interface with a service network behind it (VPC Lattice): not modelled yet.
    ServiceNetwork,
    /// Another type, or not in the source.
    Unknown,
}

/// A VPC endpoint (`describe-vpc-endpoints`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its VPC.
    pub vpc: VpcId,
    /// What it is.
    pub kind: VpcEndpointKind,
    /// `available`; `None`: a word that we do not know.
    pub available: Option<bool>,
    /// `ServiceName`.
    pub service: TextId,
    /// `SubnetIds`: where it has an interface each.
    pub subnets: Vec<SubnetId>,
    /// `NetworkInterfaceIds`, those that the source holds.
    pub interfaces: Vec<NetworkInterfaceId>,
    /// The others.
    pub unseen_interfaces: Vec<TextId>,
    /// `Groups`: what its interfaces wear.
    pub security_groups: Vec<SecurityGroupId>,
    /// `IpAddressType`.
    pub ip_address_type: IpAddressType,
    /// `PrivateDnsEnabled`: the service's own name leads here within the VPC; `None`:
    /// not said.
    pub private_dns: Option<bool>,
    /// `PolicyDocument` is there. What it allows is no matter of the network.
    pub has_policy: bool,
    /// What answers behind an interface endpoint (set when the network is built).
    pub behind: EndpointService,
    /// The firewall of AWS Network Firewall that inspects what passes it (set when the
    /// network is built); `None`: none, or not in the source.
    pub firewall: Option<Arc<Firewall>>,
    /// `false`: a route names it, the source does not hold it.
    pub seen: bool,
}

/// What answers behind an interface endpoint.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum EndpointService {
    /// A service of which the source does not say which ports it has.
    #[default]
    Unknown,
    /// An API of AWS, which speaks HTTPS and perhaps HTTP.
    Api,
    /// An endpoint service of the estate.
    Provided(EndpointProvider),
}

/// The provider's side of an endpoint service
/// (`describe-vpc-endpoint-service-configurations`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndpointProvider {
    /// `ServiceId`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `ServiceState` is `Available`; `None`: a word that we do not know.
    pub available: Option<bool>,
    /// `NetworkLoadBalancerArns`.
    pub load_balancers: Vec<LoadBalancerId>,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// A managed prefix list with its entries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrefixList {
    /// `pl-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `PrefixListName`.
    pub name: TextId,
    /// Its entries; `None`: no file gives them.
    pub entries: Option<Arc<[Cidr]>>,
}

/// `InternetGatewayBlockMode`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BlockMode {
    /// `off`.
    Off,
    /// `block-bidirectional`.
    Bidirectional,
    /// `block-ingress`.
    Ingress,
    /// A word that we do not know: may block, may not.
    Unknown,
}

/// VPC Block Public Access of one account in one region
/// (`describe-vpc-block-public-access-options`, `…-exclusions`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BlockPublicAccess {
    /// What is blocked.
    pub mode: BlockMode,
    /// Where it stands.
    pub place: Place,
    /// What is excluded; `None`: the exclusions were not in the source.
    pub exclusions: Option<Vec<Exclusion>>,
}

/// A VPC or subnet that Block Public Access leaves alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exclusion {
    /// `vpc-…` or `subnet-…`.
    pub resource: TextId,
    /// How far.
    pub mode: ExclusionMode,
}

/// `InternetGatewayExclusionMode` (of exclusions that are in force).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExclusionMode {
    /// `allow-bidirectional`.
    Bidirectional,
    /// `allow-egress`.
    Egress,
    /// A mode or state that we do not know.
    Unknown,
}
