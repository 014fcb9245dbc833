//! A component: the VPCs that peering, group references and shared hosts tie together.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use super::build::EntryPoint;
use super::index::Named;
use super::{
    BlockPublicAccess, EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, GroupSetId, IdVec,
    InstanceId, Interface, Interfaces, InternetGateway, InternetGatewayId, LoadBalancer,
    LoadBalancerId, NatGateway, NatGatewayId, NetworkAcl, NetworkAclId, NetworkInterfaceId, Place,
    PrefixList, PrefixListId, RemoteAccess, RouteTable, RouteTableId, ScopeId, SecurityGroup,
    SecurityGroupId, Service, SubnetId, TargetGroup, TargetGroupId, TextId, TransitGateway,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, VpcEndpoint, VpcEndpointId, VpcId,
    VpcPeeringConnection, VpcPeeringConnectionId,
};
use crate::net::Prefix;

/// What a component holds. Each vector is in the order of the AWS ids.
///
/// A component is closed under peering, group references and hosts with
/// interfaces in several VPCs: nothing in one component refers to another, so
/// components are evaluated apart.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// Accounts in regions.
    pub scopes: IdVec<ScopeId, Scope>,
    /// VPCs.
    pub vpcs: IdVec<VpcId, Vpc>,
    /// Subnets.
    pub subnets: IdVec<SubnetId, Subnet>,
    /// Network interfaces.
    pub interfaces: Interfaces,
    /// Instances.
    pub instances: IdVec<InstanceId, Instance>,
    /// Security groups.
    pub security_groups: IdVec<SecurityGroupId, SecurityGroup>,
    /// The distinct sets of groups that interfaces wear, each ascending.
    pub group_sets: IdVec<GroupSetId, Vec<SecurityGroupId>>,
    /// Network ACLs.
    pub network_acls: IdVec<NetworkAclId, NetworkAcl>,
    /// Route tables.
    pub route_tables: IdVec<RouteTableId, RouteTable>,
    /// Internet gateways.
    pub internet_gateways: IdVec<InternetGatewayId, InternetGateway>,
    /// Egress-only internet gateways.
    pub egress_only_internet_gateways:
        IdVec<EgressOnlyInternetGatewayId, EgressOnlyInternetGateway>,
    /// NAT gateways.
    pub nat_gateways: IdVec<NatGatewayId, NatGateway>,
    /// VPC peering connections.
    pub peerings: IdVec<VpcPeeringConnectionId, VpcPeeringConnection>,
    /// VPC endpoints.
    pub vpc_endpoints: IdVec<VpcEndpointId, VpcEndpoint>,
    /// Transit gateways that VPCs here are attached to, or that routes name.
    pub transit_gateways: IdVec<TransitGatewayId, TransitGateway>,
    /// What is attached to them.
    pub transit_gateway_attachments: IdVec<TransitGatewayAttachmentId, TransitGatewayAttachment>,
    /// Their route tables.
    pub transit_gateway_route_tables: IdVec<TransitGatewayRouteTableId, TransitGatewayRouteTable>,
    /// Load balancers.
    pub load_balancers: IdVec<LoadBalancerId, LoadBalancer>,
    /// Target groups.
    pub target_groups: IdVec<TargetGroupId, TargetGroup>,
    /// Prefix lists that something here refers to.
    pub prefix_lists: IdVec<PrefixListId, PrefixList>,
    /// Ways in for networks and people that are not of AWS, of the whole network.
    pub remote_access: Arc<RemoteAccess>,
    /// Which interface holds an IPv4 address, by (VPC, first address): ranges, disjoint within a VPC
    /// but for contradictions of the source.
    pub(super) ipv4_holders: Vec<Holding<u32>>,
    /// The same for IPv6.
    pub(super) ipv6_holders: Vec<Holding<u128>>,
    /// The load balancer of each interface that has one, by interface.
    pub(super) balanced: Vec<(NetworkInterfaceId, LoadBalancerId)>,
    /// The endpoint of each interface that has one, by interface.
    pub(super) behind_endpoints: Vec<(NetworkInterfaceId, VpcEndpointId)>,
    /// The Client VPN or Instance Connect Endpoint of each interface that has one, by
    /// interface: the number of it among those of its kind.
    pub(super) entered: Vec<(NetworkInterfaceId, EntryPoint)>,
    /// Interfaces that a service must have and nobody listed.
    pub(super) unlisted: Vec<NetworkInterfaceId>,
    /// The services of interfaces that have some, by interface.
    pub(super) served: Vec<(NetworkInterfaceId, Arc<Service>)>,
    /// What ACLs and route tables name.
    pub(super) named: OnceLock<Named>,
}

/// An account in a region, and which listings of it the source holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scope {
    /// The account's id, or empty.
    pub account: TextId,
    /// The region, or empty.
    pub region: TextId,
    /// The listings that were seen.
    pub listings: Listings,
    /// Block Public Access; `None`: its options were not in the source.
    pub block_public_access: Option<BlockPublicAccess>,
}

macro_rules! listings {
    ($($name:ident = $command:literal,)+) => {
        /// A call whose presence or absence matters.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Listing {
            $(#[doc = concat!("`", $command, "`.")] $name,)+
        }

        impl Listing {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The command that collects it, behind `aws ec2`; of another service, that
            /// service and its command.
            #[must_use]
            pub fn command(self) -> &'static str {
                match self { $(Self::$name => $command),+ }
            }
        }
    };
}

listings! {
    Vpcs = "describe-vpcs",
    Subnets = "describe-subnets",
    NetworkInterfaces = "describe-network-interfaces",
    Instances = "describe-instances",
    SecurityGroups = "describe-security-groups",
    NetworkAcls = "describe-network-acls",
    RouteTables = "describe-route-tables",
    InternetGateways = "describe-internet-gateways",
    EgressOnlyInternetGateways = "describe-egress-only-internet-gateways",
    NatGateways = "describe-nat-gateways",
    Addresses = "describe-addresses",
    VpcPeeringConnections = "describe-vpc-peering-connections",
    VpcEndpoints = "describe-vpc-endpoints",
    Firewalls = "network-firewall describe-firewall",
    FirewallPolicies = "network-firewall describe-firewall-policy",
    RuleGroups = "network-firewall describe-rule-group",
    ManagedPrefixLists = "describe-managed-prefix-lists",
    SecurityGroupVpcAssociations = "describe-security-group-vpc-associations",
    VpcEndpointServiceConfigurations = "describe-vpc-endpoint-service-configurations",
    TransitGateways = "describe-transit-gateways",
    TransitGatewayAttachments = "describe-transit-gateway-attachments",
    TransitGatewayVpcAttachments = "describe-transit-gateway-vpc-attachments",
    TransitGatewayRouteTables = "describe-transit-gateway-route-tables",
    VpnGateways = "describe-vpn-gateways",
    VpnConnections = "describe-vpn-connections",
    CustomerGateways = "describe-customer-gateways",
    ClientVpnEndpoints = "describe-client-vpn-endpoints",
    ClientVpnTargetNetworks = "describe-client-vpn-target-networks",
    ClientVpnAuthorizationRules = "describe-client-vpn-authorization-rules",
    InstanceConnectEndpoints = "describe-instance-connect-endpoints",
    DirectConnectGateways = "directconnect describe-direct-connect-gateways",
    DirectConnectGatewayAssociations = "directconnect describe-direct-connect-gateway-associations",
    VirtualInterfaces = "directconnect describe-virtual-interfaces",
    BlockPublicAccessOptions = "describe-vpc-block-public-access-options",
    BlockPublicAccessExclusions = "describe-vpc-block-public-access-exclusions",
    LoadBalancers = "elbv2 describe-load-balancers",
    LoadBalancerAttributes = "elbv2 describe-load-balancer-attributes",
    Listeners = "elbv2 describe-listeners",
    ListenerRules = "elbv2 describe-rules",
    TargetGroups = "elbv2 describe-target-groups",
    TargetGroupAttributes = "elbv2 describe-target-group-attributes",
    TargetHealth = "elbv2 describe-target-health",
    ClassicLoadBalancers = "elb describe-load-balancers",
    ClassicLoadBalancerAttributes = "elb describe-load-balancer-attributes",
    DbInstances = "rds describe-db-instances",
    DbClusters = "rds describe-db-clusters",
    DbSubnetGroups = "rds describe-db-subnet-groups",
    CacheClusters = "elasticache describe-cache-clusters",
    CacheSubnetGroups = "elasticache describe-cache-subnet-groups",
    RedshiftClusters = "redshift describe-clusters",
    RedshiftSubnetGroups = "redshift describe-cluster-subnet-groups",
    ReplicationInstances = "dms describe-replication-instances",
    Workgroups = "redshift-serverless list-workgroups",
    OpenSearchDomains = "opensearch describe-domains",
    KafkaClusters = "kafka list-clusters-v2",
    MountTargets = "efs describe-mount-targets",
    Functions = "lambda list-functions",
    EksClusters = "eks describe-cluster",
}

/// A set of listings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Listings(u128);

impl Listings {
    /// Adds a listing.
    pub fn insert(&mut self, listing: Listing) {
        self.0 |= Self::bit(listing);
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the listing is in the set.
    #[must_use]
    pub fn contains(self, listing: Listing) -> bool {
        self.0 & Self::bit(listing) != 0
    }

    fn bit(listing: Listing) -> u128 {
        Listing::ALL.iter().position(|&other| other == listing).map_or(0, |place| 1 << place)
    }
}

/// A VPC (`describe-vpcs`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `OwnerId`.
    pub owner: TextId,
    /// The region, where known.
    pub region: TextId,
    /// The owner's account in the region (set when the network is built).
    pub scope: ScopeId,
    /// `CidrBlockAssociationSet` that are associated, the primary block first.
    pub ipv4: Vec<Prefix<u32>>,
    /// `Ipv6CidrBlockAssociationSet` that are associated.
    pub ipv6: Vec<Prefix<u128>>,
    /// The Name tag.
    pub name: TextId,
    /// `Tags`.
    pub tags: Vec<(TextId, TextId)>,
    /// `false`: something refers to it, the source does not hold it.
    pub seen: bool,
    /// Seen twice with different content.
    pub contested: bool,
}

/// A subnet (`describe-subnets`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subnet {
    /// `subnet-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its VPC.
    pub vpc: VpcId,
    /// `OwnerId`.
    pub owner: TextId,
    /// The region, where known.
    pub region: TextId,
    /// The owner's account in the region (set when the network is built).
    pub scope: ScopeId,
    /// `AvailabilityZone`: what the account that listed the subnet calls its zone.
    pub zone: TextId,
    /// `AvailabilityZoneId`, which is the same for all accounts; empty: not said.
    pub zone_id: TextId,
    /// `CidrBlock`.
    pub ipv4: Option<Prefix<u32>>,
    /// `Ipv6CidrBlockAssociationSet` that are associated.
    pub ipv6: Vec<Prefix<u128>>,
    /// `MapPublicIpOnLaunch`: what is launched here gets a public IPv4 address
    /// unless it says otherwise; `None`: not said.
    pub assigns_public_ipv4: Option<bool>,
    /// `AssignIpv6AddressOnCreation`; `None`: not said.
    pub assigns_ipv6: Option<bool>,
    /// The Name tag.
    pub name: TextId,
    /// `Tags`.
    pub tags: Vec<(TextId, TextId)>,
    /// `false`: something refers to it, the source does not hold it.
    pub seen: bool,
    /// Seen twice with different content.
    pub contested: bool,
}

/// `State.Name` of an instance.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum InstanceState {
    /// `pending` or `running`.
    Running,
    /// `stopping`, `stopped`, `shutting-down` or `terminated`.
    Stopped,
    /// A word that we do not know, or two listings that differ.
    Unknown,
    /// An interface names the instance and its account's describe-instances
    /// was not in the source.
    NotCollected,
}

/// An instance (`describe-instances`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Instance {
    /// `i-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its state.
    pub state: InstanceState,
    /// The Name tag.
    pub name: TextId,
    /// `Tags`.
    pub tags: Vec<(TextId, TextId)>,
    /// `false`: an interface names it, the source does not hold it.
    pub seen: bool,
}

impl Component {
    /// One interface.
    #[must_use]
    pub fn interface(&self, id: NetworkInterfaceId) -> Interface<'_> {
        self.interfaces.get(id)
    }

    /// The load balancer that an interface is a node of; `None`: it is not one of a load
    /// balancer that the source describes.
    #[must_use]
    pub fn load_balancer_of(&self, interface: NetworkInterfaceId) -> Option<LoadBalancerId> {
        let at = self.balanced.binary_search_by_key(&interface, |&(of, _)| of).ok()?;
        self.balanced.get(at).map(|&(_, load_balancer)| load_balancer)
    }

    /// The endpoint that an interface belongs to; `None`: it is not one of an endpoint that
    /// the source describes.
    #[must_use]
    pub fn endpoint_of(&self, interface: NetworkInterfaceId) -> Option<VpcEndpointId> {
        let at = self.behind_endpoints.binary_search_by_key(&interface, |&(of, _)| of).ok()?;
        self.behind_endpoints.get(at).map(|&(_, endpoint)| endpoint)
    }

    /// The services that an interface may be one of: mostly one or none.
    pub fn services_of(&self, interface: NetworkInterfaceId) -> impl Iterator<Item = &Service> {
        let start = self.served.partition_point(|&(of, _)| of < interface);
        let rest = self.served.get(start..).unwrap_or_default();
        rest.iter().take_while(move |(of, _)| *of == interface).map(|(_, service)| &**service)
    }

    /// The interfaces of `vpc` that a service must have, that nobody listed, and that may
    /// hold the address.
    pub fn unlisted_holders(
        &self,
        vpc: VpcId,
        address: IpAddr,
    ) -> impl Iterator<Item = Interface<'_>> {
        let unlisted = self.unlisted.iter().map(|&id| self.interface(id));
        unlisted.filter(move |it| it.vpc() == vpc && may_hold(*it, address))
    }

    /// The interfaces that a service must have and nobody listed.
    pub fn unlisted(&self) -> impl Iterator<Item = Interface<'_>> {
        self.unlisted.iter().map(|&id| self.interface(id))
    }

    /// The interfaces of `vpc` that hold the IPv4 address: none, one, or several if the source contradicts itself.
    pub fn ipv4_holders(&self, vpc: VpcId, address: u32) -> impl Iterator<Item = Interface<'_>> {
        holders(&self.ipv4_holders, vpc, address).map(|id| self.interface(id))
    }

    /// The interfaces of `vpc` that hold the IPv6 address.
    pub fn ipv6_holders(&self, vpc: VpcId, address: u128) -> impl Iterator<Item = Interface<'_>> {
        holders(&self.ipv6_holders, vpc, address).map(|id| self.interface(id))
    }
}

fn may_hold(interface: Interface<'_>, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(at) => {
            let at = at.to_bits();
            interface.ipv4().iter().any(|held| held.first <= at && at <= held.last)
        }
        IpAddr::V6(at) => {
            let at = at.to_bits();
            interface.ipv6().iter().any(|held| held.first <= at && at <= held.last)
        }
    }
}

/// Addresses that an interface holds.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Holding<A> {
    vpc: VpcId,
    first: A,
    last: A,
    interface: NetworkInterfaceId,
    /// The highest `last` of this and all earlier holdings of the VPC: where a
    /// search may stop.
    reach: A,
}

/// The holdings, in order, ready to be searched.
pub(super) fn sorted_holdings<A: Copy + Ord>(
    holdings: impl IntoIterator<Item = (VpcId, A, A, NetworkInterfaceId)>,
) -> Vec<Holding<A>> {
    let mut table: Vec<Holding<A>> = holdings
        .into_iter()
        .map(|(vpc, first, last, interface)| Holding { vpc, first, last, interface, reach: last })
        .collect();
    table.sort_unstable();
    let mut before: Option<(VpcId, A)> = None;
    for holding in &mut table {
        if let Some((vpc, reach)) = before
            && vpc == holding.vpc
        {
            holding.reach = holding.reach.max(reach);
        }
        before = Some((holding.vpc, holding.reach));
    }
    table
}

fn holders<A: Copy + Ord>(
    table: &[Holding<A>],
    vpc: VpcId,
    address: A,
) -> impl Iterator<Item = NetworkInterfaceId> {
    let end = table.partition_point(|holding| (holding.vpc, holding.first) <= (vpc, address));
    table
        .get(..end)
        .unwrap_or(&[])
        .iter()
        .rev()
        .take_while(move |holding| holding.vpc == vpc && holding.reach >= address)
        .filter(move |holding| holding.last >= address)
        .map(|holding| holding.interface)
}
