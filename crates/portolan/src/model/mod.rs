//! The one model of an AWS network: facts as AWS gives them, ids resolved.
//!
//! Every source (describe-* dumps today, Terraform and CloudFormation later)
//! becomes a [`Network`]. The model holds *facts*: which route table a subnet
//! uses, who is a member of a group, which ACL applies by default are
//! *meanings*, and those are decided in `reach`, twice.
//!
//! What a source refers to but does not hold is kept as a placeholder with
//! `seen == false` and reported as a [`Limitation`]; it is never dropped and
//! never empty.

mod build;
mod component;
mod firewall;
mod gateway;
mod id;
mod index;
mod interface;
mod limitation;
mod load_balancer;
mod lookup;
mod network;
mod network_acl;
mod outside;
mod provenance;
mod remote;
mod routing;
mod security_group;
mod service;
mod text;
mod transit_gateway;

pub use build::{
    ElasticAddress, FirewallFact, NetworkBuilder, Origin, PolicyFacts, ReferenceFacts, Renumber,
    Renumbering,
};
pub use component::{Component, Instance, InstanceState, Listing, Listings, Scope, Subnet, Vpc};
pub use firewall::{
    Asked, Firewall, FirewallAction, FirewallPolicy, FirewallRule, RuleGroup, RuleGroupReference,
    StatefulDefault,
};
pub use gateway::{
    BlockMode, BlockPublicAccess, EgressOnlyInternetGateway, EndpointProvider, EndpointService,
    Exclusion, ExclusionMode, GatewayAttachment, InternetGateway, NatAddress, NatConnectivity,
    NatGateway, NatState, PeeringSide, PeeringStatus, PrefixList, VpcEndpoint, VpcEndpointKind,
    VpcPeeringConnection,
};
pub use id::{
    ComponentId, EgressOnlyInternetGatewayId, GroupSetId, Id, IdVec, InstanceId, InternetGatewayId,
    LoadBalancerId, NatGatewayId, NetworkAclId, NetworkInterfaceId, PrefixListId, RouteTableId,
    ScopeId, SecurityGroupId, SubnetId, TargetGroupId, TransitGatewayAttachmentId,
    TransitGatewayId, TransitGatewayRouteTableId, VpcEndpointId, VpcId, VpcPeeringConnectionId,
};
pub use interface::{
    Attachment, HeldV4, HeldV6, Interface, InterfaceFacts, InterfaceKind, Interfaces, Unlisted,
};
pub use limitation::{Assumption, Limitation, LimitationCode, Warning};
pub use load_balancer::{
    CrossZone, HealthCheck, HealthCheckPort, IpAddressType, Listener, ListenerAction,
    ListenerProtocol, ListenerRule, LoadBalancer, LoadBalancerAddress, LoadBalancerAttributes,
    LoadBalancerKind, LoadBalancerState, LoadBalancerZone, RuleCondition, Scheme, Target,
    TargetGroup, TargetGroupAttributes, TargetHealth, TargetId, TargetKind, WeightedTargetGroup,
};
pub use network::{AddressHolder, Network, PublicOwner};
pub use network_acl::{NetworkAcl, NetworkAclEntry};
pub use outside::{
    Certificate, EndpointConnection, EndpointPrincipal, OfferedService, Outside, PublicEndpoint,
};
pub use provenance::{FileId, Locate, Located, Place};
pub use remote::{
    ClientVpnEndpoint, ClientVpnRoute, ClientVpnRule, CustomerGateway, DirectConnect,
    InstanceConnectEndpoint, RemoteAccess, RemoteEndpoint, VpnConnection, VpnEnd, VpnGateway,
    VpnGatewayAttachment,
};
pub use routing::{
    Destination, GatewayAssociation, Route, RouteOrigin, RouteState, RouteTable, RouteTarget,
};
pub use security_group::{Direction, Peer, SecurityGroup, SecurityGroupRule};
pub use service::{Service, ServiceKind, SubnetGroup, engine_words};
pub use text::{Text, TextId};
pub use transit_gateway::{
    AttachedResource, AttachmentEnd, AttachmentState, RoutesGiven, TransitGateway,
    TransitGatewayAssociation, TransitGatewayAttachment, TransitGatewayRoute,
    TransitGatewayRouteTable,
};
