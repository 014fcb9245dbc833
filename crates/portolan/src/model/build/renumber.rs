//! New ids for the strings of facts that were collected apart.

use super::{ElasticAddress, NetworkBuilder};
use crate::model::{
    AttachedResource, AttachmentEnd, BlockPublicAccess, Certificate, ClientVpnEndpoint,
    ClientVpnRoute, CustomerGateway, Destination, DirectConnect, EgressOnlyInternetGateway,
    EgressOnlyInternetGatewayId, EndpointConnection, EndpointPrincipal, EndpointProvider,
    EndpointService, Exclusion, GatewayAssociation, GatewayAttachment, Instance,
    InstanceConnectEndpoint, InstanceId, InterfaceFacts, InternetGateway, InternetGatewayId,
    Limitation, Listener, ListenerRule, LoadBalancer, LoadBalancerId, LoadBalancerZone, NatAddress,
    NatGateway, NatGatewayId, NetworkAcl, NetworkInterfaceId, OfferedService, Peer, PeeringSide,
    PrefixList, PrefixListId, PublicEndpoint, RemoteAccess, Route, RouteTable, RouteTarget,
    SecurityGroup, SecurityGroupId, SecurityGroupRule, Service, Subnet, SubnetGroup, SubnetId,
    Target, TargetGroup, TargetGroupId, Text, TextId, TransitGateway, TransitGatewayAssociation,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, Vpc, VpcEndpoint, VpcEndpointId, VpcId,
    VpcPeeringConnection, VpcPeeringConnectionId, VpnConnection, VpnEnd, VpnGateway,
    VpnGatewayAttachment, Warning, WeightedTargetGroup,
};

/// For each string of one [`Text`] its id in another.
#[derive(Clone, Debug)]
pub struct Renumbering(Vec<TextId>);

impl Renumbering {
    pub(super) fn new(from: &Text, to: &mut Text) -> Self {
        Self(from.iter().map(|string| to.intern(string)).collect())
    }

    /// The new id of a string.
    #[must_use]
    pub fn of(&self, id: TextId) -> TextId {
        self.0.get(id.index()).copied().unwrap_or(id)
    }
}

/// What holds ids of strings, or ids that name them.
pub trait Renumber {
    /// Replaces each id of a string by its new one.
    fn renumber(&mut self, new: &Renumbering);
}

impl Renumber for TextId {
    fn renumber(&mut self, new: &Renumbering) {
        *self = new.of(*self);
    }
}

macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl Renumber for $id {
            fn renumber(&mut self, new: &Renumbering) {
                *self = Self::named(new.of(self.as_text()));
            }
        }
    )+};
}

ids!(
    VpcId,
    SubnetId,
    NetworkInterfaceId,
    InstanceId,
    SecurityGroupId,
    InternetGatewayId,
    EgressOnlyInternetGatewayId,
    NatGatewayId,
    VpcPeeringConnectionId,
    VpcEndpointId,
    PrefixListId,
    TransitGatewayId,
    TransitGatewayAttachmentId,
    TransitGatewayRouteTableId,
    LoadBalancerId,
    TargetGroupId,
);

impl<T: Renumber> Renumber for Option<T> {
    fn renumber(&mut self, new: &Renumbering) {
        if let Some(given) = self {
            given.renumber(new);
        }
    }
}

impl<T: Renumber> Renumber for Vec<T> {
    fn renumber(&mut self, new: &Renumbering) {
        self.iter_mut().for_each(|item| item.renumber(new));
    }
}

impl<T: Renumber> Renumber for super::Chunks<T> {
    fn renumber(&mut self, new: &Renumbering) {
        self.iter_mut().for_each(|item| item.renumber(new));
    }
}

impl<T: Renumber, U: Renumber> Renumber for (T, U) {
    fn renumber(&mut self, new: &Renumbering) {
        self.0.renumber(new);
        self.1.renumber(new);
    }
}

impl<T: Renumber> Renumber for super::Given<T> {
    fn renumber(&mut self, new: &Renumbering) {
        self.fact.renumber(new);
    }
}

/// The fields that hold ids of strings, and behind the semicolon those that stay as
/// they are. All must be named: an id that kept its old number would be another string.
macro_rules! fields {
    ($($fact:ident { $($field:ident),+ $(; $($other:ident),+)? })+) => {$(
        impl Renumber for $fact {
            fn renumber(&mut self, new: &Renumbering) {
                let Self { $($field,)+ $($($other: _,)+)? } = self;
                $($field.renumber(new);)+
            }
        }
    )+};
}

fields! {
    Vpc { id, owner, region, name, tags; place, scope, ipv4, ipv6, seen, contested }
    Subnet {
        id, vpc, owner, region, zone, zone_id, name, tags;
        place, scope, ipv4, ipv6, assigns_public_ipv4, assigns_ipv6, seen, contested
    }
    InterfaceFacts {
        id, owner, region, vpc, subnet, instance, name, description, interface_type, requester,
        groups, tags;
        place, requester_managed, kind, attachment, source_dest_check, deny_all_igw_traffic, ipv4, ipv6, contested, seen, unlisted
    }
    Instance { id, name, tags; place, state, seen }
    SecurityGroup { id, name, description, vpc, owner, associated, rules; place, seen }
    SecurityGroupRule { peer, id, description; direction, traffic, ordinal, contested }
    NetworkAcl { id, vpc, subnets; place, is_default, entries, contested }
    RouteTable { id, vpc, subnets, gateways, routes; place, main, contested }
    GatewayAssociation { gateway }
    Route { destination, target; state, origin, ordinal }
    InternetGateway { id, attachments; place, seen }
    EgressOnlyInternetGateway { id, attachments; place, seen }
    GatewayAttachment { vpc; attached }
    NatGateway { id, vpc, subnet, addresses; place, connectivity, state, seen }
    NatAddress { interface; private, public }
    VpcPeeringConnection { id, requester, accepter; place, status, seen }
    PeeringSide { vpc, owner, region; ipv4, ipv6 }
    VpcEndpoint {
        id, vpc, service, subnets, interfaces, unseen_interfaces, security_groups, behind;
        place, kind, available, ip_address_type, private_dns, has_policy, firewall, seen
    }
    TransitGateway { id; place, group_references, auto_accept, seen }
    TransitGatewayAttachment {
        id, resource, ends, subnets; place, state, ipv6, appliance_mode, group_references, seen
    }
    AttachmentEnd { gateway, association }
    TransitGatewayRouteTable { id, gateway, routes, propagations; place, given, contested }
    TransitGatewayRoute { destination, attachments; state, origin, place, ordinal }
    EndpointProvider { id, load_balancers; place, available, contested }
    LoadBalancer {
        id, name, dns_name, vpc, security_groups, zones, listeners, instances, interfaces;
        place, kind, scheme, ip_address_type, state, filters_private_link, attributes, seen,
        contested
    }
    LoadBalancerZone { subnet, zone; addresses }
    Listener {
        id, ssl_policy, certificates, default_actions, rules;
        place, ordinal, port, protocol, contested
    }
    ListenerRule { id, conditions, actions; place, ordinal, priority, contested }
    WeightedTargetGroup { target_group; weight }
    TargetGroup {
        id, name, vpc, load_balancers, targets;
        place, kind, protocol, port, ip_address_type, health_check, attributes, seen, contested
    }
    Service {
        id, name, engine, vpc, subnet_group, subnets, zones, security_groups, interfaces;
        place, kind, ports, publicly_accessible, addresses, only_ipv4
    }
    SubnetGroup { name, vpc, subnets; kind }
    Certificate { id, name, status; place, not_after }
    PublicEndpoint { id, name; place, kind, sources, origin }
    OfferedService { id, name; place, acceptance_required, origin }
    EndpointPrincipal { service, principal }
    EndpointConnection { service, endpoint, owner; available }
    RemoteAccess {
        vpn_gateways, vpn_connections, customer_gateways, direct_connects,
        asked_for_direct_connect, client_vpn_endpoints, instance_connect_endpoints
    }
    VpnGateway { id, name, attachments; place, available, contested }
    VpnGatewayAttachment { vpc; attached }
    VpnConnection {
        id, name, end, customer_gateway;
        place, available, static_routes_only, routes, customer_block, tunnels, contested
    }
    CustomerGateway { id, name; place }
    DirectConnect { id, name, gateways; place }
    ClientVpnEndpoint {
        id, name, vpc, security_groups, networks, routes;
        place, available, authorization_rules, seen, contested
    }
    ClientVpnRoute { subnet; destination, sure }
    InstanceConnectEndpoint {
        id, name, interfaces; place, available, preserves_client, contested
    }
    Target { id, zone; place, ordinal, port, health, contested }
    PrefixList { id, name; place, entries }
    BlockPublicAccess { exclusions; mode, place }
    Exclusion { resource; mode }
    ElasticAddress { allocation, account, region, holder, load_balancer; public, private, place }
    Limitation { about, scope; code, place }
    Warning { about; place, message }
    NetworkBuilder {
        vpcs, subnets, interfaces, instances, security_groups, rules, associations, network_acls,
        route_tables, internet_gateways, egress_only_internet_gateways, nat_gateways, peerings,
        vpc_endpoints, endpoint_services, transit_gateways, transit_gateway_attachments,
    transit_gateway_route_tables, transit_gateway_routes, load_balancing, services, outside, prefix_lists, block_public_access, remote,
        addresses, limitations, warnings;
        text, listings, firewalls
    }
}

impl Renumber for Peer {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::PrefixList(list) => list.renumber(new),
            Self::SecurityGroup { group, .. } => group.renumber(new),
            Self::Unknown(text) => text.renumber(new),
            Self::Ipv4(_) | Self::Ipv6(_) => {}
        }
    }
}

impl Renumber for Destination {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::PrefixList(list) => list.renumber(new),
            Self::Ipv4(_) | Self::Ipv6(_) => {}
        }
    }
}

impl Renumber for EndpointService {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::Provided(provider) => provider.renumber(new),
            Self::Unknown | Self::Api => {}
        }
    }
}

impl Renumber for VpnEnd {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::VpnGateway(id) | Self::TransitGateway(id) => id.renumber(new),
            Self::Other => {}
        }
    }
}

impl Renumber for AttachedResource {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::Vpc(vpc) => vpc.renumber(new),
            Self::Network(text) | Self::Unknown(text) => text.renumber(new),
            Self::TransitGateway => {}
        }
    }
}

impl Renumber for TransitGatewayAssociation {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::RouteTable(id) => id.renumber(new),
            Self::PolicyTable(text) => text.renumber(new),
            Self::None | Self::Unknown => {}
        }
    }
}

impl Renumber for RouteTarget {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::InternetGateway(id) => id.renumber(new),
            Self::EgressOnlyInternetGateway(id) => id.renumber(new),
            Self::NatGateway(id) => id.renumber(new),
            Self::VpcPeeringConnection(id) => id.renumber(new),
            Self::NetworkInterface(id) => id.renumber(new),
            Self::VpcEndpoint(id) => id.renumber(new),
            Self::TransitGateway(id) => id.renumber(new),
            Self::VpnGateway(id) | Self::Other(id) => id.renumber(new),
            Self::Local => {}
        }
    }
}
