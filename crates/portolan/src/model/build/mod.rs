//! From facts to a [`Network`]: merges what was seen twice, splits the whole
//! into components, resolves references, and reports what it did not find.
//!
//! Facts come in with ids that name texts (`VpcId::named(text)`); `build`
//! replaces them by the numbers of the component's vectors. A reference to
//! something that is not there gets a placeholder with `seen == false` and a
//! [`Limitation`].

mod assemble;
mod chunks;
mod endpoints;
mod firewalls;
mod load_balancers;
mod merge;
mod outside;
mod partition;
mod remote;
mod renumber;
mod resolve;
mod services;
mod targets;
mod transit;

use std::num::NonZeroUsize;

use chunks::Chunks;
pub use firewalls::{FirewallFact, PolicyFacts, ReferenceFacts};
use load_balancers::LoadBalancing;
pub(in crate::model) use remote::EntryPoint;
pub use renumber::{Renumber, Renumbering};
use services::Services;

use super::{
    Assumption, BlockPublicAccess, EgressOnlyInternetGateway, EndpointProvider, Instance,
    InterfaceFacts, InternetGateway, Limitation, LimitationCode, Listing, Listings, NatGateway,
    Network, NetworkAcl, Outside, Place, PrefixList, RemoteAccess, RouteTable, SecurityGroup,
    SecurityGroupRule, Subnet, Text, TextId, TransitGateway, TransitGatewayAttachment,
    TransitGatewayRoute, TransitGatewayRouteTable, Vpc, VpcEndpoint, VpcPeeringConnection, Warning,
};

/// From whose account and region a listing was taken; empty where unknown.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Origin {
    /// The account.
    pub account: TextId,
    /// The region.
    pub region: TextId,
}

/// A fact and the listing's origin.
#[derive(Clone, Debug)]
struct Given<T> {
    fact: T,
    origin: Origin,
}

/// An Elastic IP address (`describe-addresses`), or another public address
/// that a listing gives away from its interface.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ElasticAddress {
    /// `PublicIp`.
    pub public: u32,
    /// `AllocationId`, empty where the listing gives none.
    pub allocation: TextId,
    /// The account whose it is, where known (set when the facts are put together).
    pub account: TextId,
    /// The region, where known (set when the facts are put together).
    pub region: TextId,
    /// `NetworkInterfaceId`, else `InstanceId`, else empty.
    pub holder: TextId,
    /// `PrivateIpAddress`.
    pub private: Option<u32>,
    /// The load balancer that it belongs to, where a listing says so, else empty.
    pub load_balancer: TextId,
    /// Where it stands.
    pub place: Place,
}

/// Things that contradict each other, to be reported.
type Conflicts = Vec<(TextId, Place)>;

/// Collects facts from any number of files, in any order.
#[derive(Debug, Default)]
pub struct NetworkBuilder {
    /// The strings of the network to be.
    pub text: Text,
    vpcs: Chunks<Given<Vpc>>,
    subnets: Chunks<Given<Subnet>>,
    interfaces: Chunks<Given<InterfaceFacts>>,
    instances: Chunks<Given<Instance>>,
    security_groups: Chunks<Given<SecurityGroup>>,
    rules: Vec<(TextId, SecurityGroupRule)>,
    associations: Vec<(TextId, TextId)>,
    network_acls: Chunks<Given<NetworkAcl>>,
    route_tables: Chunks<Given<RouteTable>>,
    internet_gateways: Chunks<Given<InternetGateway>>,
    egress_only_internet_gateways: Chunks<Given<EgressOnlyInternetGateway>>,
    nat_gateways: Chunks<Given<NatGateway>>,
    peerings: Chunks<Given<VpcPeeringConnection>>,
    vpc_endpoints: Chunks<Given<VpcEndpoint>>,
    endpoint_services: Vec<(TextId, EndpointProvider)>,
    firewalls: Vec<(Place, FirewallFact)>,
    transit_gateways: Chunks<Given<TransitGateway>>,
    transit_gateway_attachments: Chunks<Given<TransitGatewayAttachment>>,
    transit_gateway_route_tables: Chunks<Given<TransitGatewayRouteTable>>,
    transit_gateway_routes: Vec<(TextId, TransitGatewayRoute)>,
    load_balancing: LoadBalancing,
    services: Services,
    outside: Outside,
    remote: RemoteAccess,
    prefix_lists: Chunks<Given<PrefixList>>,
    block_public_access: Chunks<Given<BlockPublicAccess>>,
    addresses: Chunks<Given<ElasticAddress>>,
    listings: Vec<(Origin, Listing)>,
    limitations: Vec<Limitation>,
    warnings: Vec<Warning>,
}

macro_rules! adders {
    ($($(#[$doc:meta])* $name:ident: $field:ident, $fact:ty;)+) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, fact: $fact, origin: Origin) {
            self.$field.push(Given { fact, origin });
        }
    )+};
}

impl NetworkBuilder {
    adders! {
        /// Adds a VPC.
        add_vpc: vpcs, Vpc;
        /// Adds a subnet.
        add_subnet: subnets, Subnet;
        /// Adds a network interface.
        add_interface: interfaces, InterfaceFacts;
        /// Adds an instance.
        add_instance: instances, Instance;
        /// Adds a security group with its rules.
        add_security_group: security_groups, SecurityGroup;
        /// Adds a network ACL.
        add_network_acl: network_acls, NetworkAcl;
        /// Adds a route table.
        add_route_table: route_tables, RouteTable;
        /// Adds an internet gateway.
        add_internet_gateway: internet_gateways, InternetGateway;
        /// Adds an egress-only internet gateway.
        add_egress_only_internet_gateway: egress_only_internet_gateways, EgressOnlyInternetGateway;
        /// Adds a NAT gateway.
        add_nat_gateway: nat_gateways, NatGateway;
        /// Adds a peering connection.
        add_peering: peerings, VpcPeeringConnection;
        /// Adds a VPC endpoint.
        add_vpc_endpoint: vpc_endpoints, VpcEndpoint;
        /// Adds a transit gateway.
        add_transit_gateway: transit_gateways, TransitGateway;
        /// Adds what one listing says of an attachment; the listings are put together.
        add_transit_gateway_attachment: transit_gateway_attachments, TransitGatewayAttachment;
        /// Adds what one listing says of a route table; the listings are put together.
        add_transit_gateway_route_table: transit_gateway_route_tables, TransitGatewayRouteTable;
        /// Adds a prefix list, with entries or without: a file that names the
        /// list without entries never erases those of another file.
        add_prefix_list: prefix_lists, PrefixList;
        /// Adds the Block Public Access options of an account and region, or
        /// its exclusions (then with `BlockMode::Off`): both are put together.
        add_block_public_access: block_public_access, BlockPublicAccess;
        /// Adds a public address.
        add_address: addresses, ElasticAddress;
    }

    /// Adds a rule of `describe-security-group-rules`: it gives the rule of the
    /// group's own listing its id, or stands for it.
    pub fn add_security_group_rule(&mut self, group: TextId, rule: SecurityGroupRule) {
        self.rules.push((group, rule));
    }

    /// Adds a route of `search-transit-gateway-routes`; [`add_transit_gateway_route_table`]
    /// says when all of them were given.
    ///
    /// [`add_transit_gateway_route_table`]: Self::add_transit_gateway_route_table
    pub fn add_transit_gateway_route(&mut self, table: TextId, route: TransitGatewayRoute) {
        self.transit_gateway_routes.push((table, route));
    }

    /// Counts the rules of `describe-security-group-rules` and the routes of
    /// `search-transit-gateway-routes` from `first`: those before them were given to
    /// another builder.
    pub fn count_elements_from(&mut self, first: u32) {
        for (_, route) in &mut self.transit_gateway_routes {
            route.ordinal = route.ordinal.saturating_add(first);
        }
        for (_, rule) in &mut self.rules {
            rule.ordinal = rule.ordinal.saturating_add(first);
        }
    }

    /// Adds an association of a security group with a VPC that is not its own.
    pub fn add_security_group_vpc_association(&mut self, group: TextId, vpc: TextId) {
        self.associations.push((group, vpc));
    }

    /// Says that a listing was in the source (perhaps an empty one).
    pub fn add_listing(&mut self, origin: Origin, listing: Listing) {
        self.listings.push((origin, listing));
    }

    /// Adds a limitation that the reader of the source found.
    pub fn add_limitation(&mut self, limitation: Limitation) {
        self.limitations.push(limitation);
    }

    /// Adds a warning that the reader of the source found.
    pub fn add_warning(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    /// The network of all facts.
    #[must_use]
    pub fn build(self) -> Network {
        self.build_on(NonZeroUsize::MIN)
    }

    /// The same on several threads: how many makes no difference to the network.
    #[must_use]
    pub fn build_on(mut self, threads: NonZeroUsize) -> Network {
        self.merge();
        self.attach_endpoint_services();
        self.attach_firewalls();
        let partition = self.partition();
        self.assemble(&partition, threads)
    }

    /// Makes the strings of `part` this network's, and takes over what does not
    /// depend on the account and region that the part is of. Gives how the ids of
    /// strings changed; the part's facts have the new ones.
    ///
    /// Parts that are adopted one after the other give the same ids as one builder
    /// that is given all of their facts in that order.
    pub fn adopt(&mut self, part: &mut Self) -> Renumbering {
        let text = std::mem::take(&mut part.text);
        let new = Renumbering::new(&text, &mut self.text);
        part.renumber(&new);
        self.rules.append(&mut part.rules);
        self.transit_gateway_routes.append(&mut part.transit_gateway_routes);
        self.associations.append(&mut part.associations);
        self.endpoint_services.append(&mut part.endpoint_services);
        self.firewalls.append(&mut part.firewalls);
        self.load_balancing.adopt(&mut part.load_balancing);
        self.remote.append(&mut part.remote);
        self.limitations.append(&mut part.limitations);
        self.warnings.append(&mut part.warnings);
        new
    }

    /// Adds the facts of a part that was adopted, now that it is known whose they are.
    pub fn append(&mut self, mut part: Self, origin: Origin) {
        let home = |region: &mut TextId, owner: &mut TextId| {
            if !origin.region.is_empty() {
                *region = origin.region;
            }
            // Answers that do not say are older than sharing.
            if owner.is_empty() {
                *owner = origin.account;
            }
        };
        for Given { fact, .. } in part.vpcs.iter_mut() {
            home(&mut fact.region, &mut fact.owner);
        }
        for Given { fact, .. } in part.subnets.iter_mut() {
            home(&mut fact.region, &mut fact.owner);
        }
        for Given { fact, .. } in part.interfaces.iter_mut() {
            home(&mut fact.region, &mut fact.owner);
        }
        for Given { fact, .. } in part.addresses.iter_mut() {
            home(&mut fact.region, &mut fact.account);
        }
        macro_rules! append {
            ($($field:ident),+ $(,)?) => {$(
                part.$field.iter_mut().for_each(|given| given.origin = origin);
                self.$field.append(part.$field);
            )+};
        }
        append!(
            vpcs,
            subnets,
            interfaces,
            instances,
            security_groups,
            network_acls,
            route_tables,
            internet_gateways,
            egress_only_internet_gateways,
            nat_gateways,
            peerings,
            vpc_endpoints,
            transit_gateways,
            transit_gateway_attachments,
            transit_gateway_route_tables,
            prefix_lists,
            block_public_access,
            addresses,
        );
        self.load_balancing.append(part.load_balancing, origin);
        self.services.append(part.services, origin);
        self.outside.append(part.outside, origin);
        self.listings.extend(part.listings.into_iter().map(|(_, listing)| (origin, listing)));
    }

    fn limit(&mut self, code: LimitationCode, about: TextId, place: Option<Place>) {
        self.limitations.push(Limitation { code, about, scope: TextId::EMPTY, place });
    }

    /// Which listings were seen of an account in a region. What the source
    /// does not say of a listing's origin counts for all.
    fn listings_of(&self, account: TextId, region: TextId) -> Listings {
        let fits =
            |known: TextId, asked: TextId| known.is_empty() || asked.is_empty() || known == asked;
        let mut seen = Listings::default();
        for &(origin, listing) in &self.listings {
            if fits(origin.account, account) && fits(origin.region, region) {
                seen.insert(listing);
            }
        }
        seen
    }
}

/// Assumptions that hold for a network with these listings.
fn assumptions(scopes: impl Iterator<Item = Listings>) -> Vec<Assumption> {
    let mut assumed = std::collections::BTreeSet::new();
    for listings in scopes {
        for (listing, assumption) in [
            (Listing::Instances, Assumption::InstancesRunning),
            (Listing::BlockPublicAccessOptions, Assumption::BlockPublicAccessOff),
            (Listing::SecurityGroupVpcAssociations, Assumption::NoSecurityGroupVpcAssociations),
        ] {
            if !listings.contains(listing) {
                assumed.insert(assumption);
            }
        }
    }
    assumed.into_iter().collect()
}
