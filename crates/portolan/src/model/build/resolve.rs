//! One component: its references become numbers, and what is not there a placeholder.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::assemble::{Facts, Shared};
use super::{Given, NetworkBuilder};
use crate::model::component::sorted_holdings;
use crate::model::id::Id;
use crate::model::lookup::Lookup;
use crate::model::{
    BlockPublicAccess, Component, EgressOnlyInternetGateway, EndpointService, GroupSetId, Instance,
    InstanceId, InstanceState, Interface, InterfaceFacts, InterfaceKind, InternetGateway,
    Limitation, LimitationCode, Listing, LoadBalancer, NatGateway, NatState, NetworkAcl,
    NetworkInterfaceId, Peer, PeeringStatus, Place, PrefixList, PrefixListId, RouteTable, Scope,
    ScopeId, SecurityGroup, SecurityGroupId, Subnet, SubnetId, TargetGroup, TextId, TransitGateway,
    TransitGatewayAttachment, TransitGatewayRouteTable, Vpc, VpcEndpoint, VpcId,
    VpcPeeringConnection,
};

/// Things of one kind and the number of each by its AWS id.
pub(super) struct Table<T> {
    pub(super) items: Vec<T>,
    pub(super) number: Lookup<TextId, usize>,
}

impl<T> Table<T> {
    fn of(items: Vec<T>, id: fn(&T) -> TextId) -> Self {
        let number = items.iter().enumerate().map(|(number, item)| (id(item), number)).collect();
        Self { items, number }
    }

    /// The number of a thing; what is not there yet is made.
    pub(super) fn number_or(&mut self, id: TextId, make: impl FnOnce() -> T) -> usize {
        if let Some(&number) = self.number.get(&id) {
            return number;
        }
        let number = self.items.len();
        self.items.push(make());
        self.number.insert(id, number);
        number
    }
}

/// A component, and what is to be said of it.
pub(super) struct Assembled {
    pub(super) component: Component,
    pub(super) limitations: Vec<Limitation>,
    /// The accounts and regions of its VPCs.
    pub(super) homes: BTreeSet<(TextId, TextId)>,
}

/// One component in the making.
pub(super) struct Assembly<'b> {
    builder: &'b NetworkBuilder,
    pub(super) shared: &'b Shared,
    limitations: Vec<Limitation>,
    /// Owner and region of the facts that lie in a VPC, for VPCs that are not in the source.
    homes: Lookup<TextId, (TextId, TextId)>,
    scopes: Vec<(TextId, TextId)>,
    pub(super) vpcs: Table<Vpc>,
    pub(super) subnets: Table<Subnet>,
    groups: Table<SecurityGroup>,
    /// Groups that nothing but stale references name so far, and that are not there.
    stale_groups: BTreeSet<TextId>,
    /// Instances that no interface named so far.
    unnamed_instances: Lookup<TextId, Instance>,
    instances: Table<Instance>,
    pub(super) interfaces: Table<InterfaceFacts>,
    prefix_lists: Table<PrefixList>,
    pub(super) internet_gateways: Table<InternetGateway>,
    pub(super) egress_only: Table<EgressOnlyInternetGateway>,
    pub(super) nat_gateways: Table<NatGateway>,
    pub(super) peerings: Table<VpcPeeringConnection>,
    pub(super) vpc_endpoints: Table<VpcEndpoint>,
    pub(super) transit_gateways: Table<TransitGateway>,
    pub(super) transit_gateway_attachments: Table<TransitGatewayAttachment>,
    pub(super) transit_gateway_route_tables: Table<TransitGatewayRouteTable>,
    pub(super) load_balancers: Table<LoadBalancer>,
    pub(super) target_groups: Table<TargetGroup>,
}

impl<'b> Assembly<'b> {
    pub(super) fn new(builder: &'b NetworkBuilder, shared: &'b Shared) -> Self {
        Self {
            builder,
            shared,
            limitations: Vec::new(),
            homes: Lookup::default(),
            scopes: Vec::new(),
            vpcs: Table::of(Vec::new(), |vpc| vpc.id),
            subnets: Table::of(Vec::new(), |subnet| subnet.id),
            groups: Table::of(Vec::new(), |group| group.id),
            stale_groups: BTreeSet::new(),
            unnamed_instances: Lookup::default(),
            instances: Table::of(Vec::new(), |instance| instance.id),
            interfaces: Table::of(Vec::new(), |interface| interface.id),
            prefix_lists: Table::of(Vec::new(), |list| list.id),
            internet_gateways: Table::of(Vec::new(), |gateway| gateway.id),
            egress_only: Table::of(Vec::new(), |gateway| gateway.id),
            nat_gateways: Table::of(Vec::new(), |nat| nat.id),
            peerings: Table::of(Vec::new(), |peering| peering.id),
            vpc_endpoints: Table::of(Vec::new(), |endpoint| endpoint.id),
            transit_gateways: Table::of(Vec::new(), |gateway| gateway.id),
            transit_gateway_attachments: Table::of(Vec::new(), |attachment| attachment.id),
            transit_gateway_route_tables: Table::of(Vec::new(), |table| table.id),
            load_balancers: Table::of(Vec::new(), |balancer| balancer.id),
            target_groups: Table::of(Vec::new(), |group| group.id),
        }
    }

    pub(super) fn run(mut self, facts: Facts) -> Assembled {
        // Whose VPC a peering's other side is says nothing of where we looked.
        let nothing = |_: &VpcPeeringConnection| None;
        self.vpcs =
            self.table(facts.vpcs, |vpc| vpc.id, |vpc| Some((VpcId::named(vpc.id), vpc.owner)));
        self.subnets = self.table(
            facts.subnets,
            |subnet| subnet.id,
            |subnet| Some((subnet.vpc, subnet.owner)),
        );
        self.interfaces = self.table(
            facts.interfaces,
            |interface| interface.id,
            |interface| Some((interface.vpc, interface.owner)),
        );
        self.groups = self.table(
            facts.security_groups,
            |group| group.id,
            |group| Some((group.vpc, group.owner)),
        );
        let unowned = TextId::EMPTY;
        let mut network_acls =
            self.sorted(facts.network_acls, |acl| acl.id, |acl| Some((acl.vpc, unowned)));
        let route_tables =
            self.sorted(facts.route_tables, |table| table.id, |table| Some((table.vpc, unowned)));
        self.nat_gateways =
            self.table(facts.nat_gateways, |nat| nat.id, |nat| Some((nat.vpc, unowned)));
        self.vpc_endpoints = self.table(
            facts.vpc_endpoints,
            |endpoint| endpoint.id,
            |endpoint| Some((endpoint.vpc, unowned)),
        );
        self.load_balancers = self.table(
            facts.load_balancers,
            |balancer| balancer.id,
            |balancer| Some((balancer.vpc, unowned)),
        );
        self.target_groups = self.table(
            facts.target_groups,
            |group| group.id,
            |group| group.vpc.map(|vpc| (vpc, unowned)),
        );
        self.peerings = self.table(facts.peerings, |peering| peering.id, nothing);
        self.internet_gateways = Table::of(facts.internet_gateways, |gateway| gateway.id);
        self.egress_only = Table::of(facts.egress_only, |gateway| gateway.id);
        self.transit_gateways = Table::of(facts.transit_gateways, |gateway| gateway.id);
        self.transit_gateway_attachments =
            Table::of(facts.transit_gateway_attachments, |attachment| attachment.id);
        self.transit_gateway_route_tables =
            Table::of(facts.transit_gateway_route_tables, |table| table.id);
        self.unnamed_instances = facts.instances;

        for number in 0..self.vpcs.items.len() {
            let Some((owner, region)) =
                self.vpcs.items.get(number).map(|vpc| (vpc.owner, vpc.region))
            else {
                continue;
            };
            let scope = self.scope(owner, region);
            if let Some(vpc) = self.vpcs.items.get_mut(number) {
                vpc.scope = scope;
            }
        }
        self.resolve_subnets();
        self.resolve_gateways();
        self.resolve_transit_gateways();
        self.resolve_groups();
        self.resolve_interfaces();
        self.limit_endpoints();
        for acl in &mut network_acls {
            acl.vpc = self.vpc(acl.vpc, acl.place);
            for subnet in &mut acl.subnets {
                *subnet = self.subnet(*subnet, acl.vpc, acl.place);
            }
        }
        let route_tables = self.resolve_route_tables(route_tables);
        self.report_transit_gateways();
        self.resolve_load_balancing();
        let homes = self.seen_homes();
        let limitations = std::mem::take(&mut self.limitations);
        Assembled { component: self.finish(network_acls, route_tables), limitations, homes }
    }

    /// The facts of one kind in the order of their AWS ids, the first of a VPC
    /// (of `home`) having said whose it is.
    fn sorted<T>(
        &mut self,
        mut given: Vec<Given<T>>,
        id: fn(&T) -> TextId,
        home: impl Fn(&T) -> Option<(VpcId, TextId)>,
    ) -> Vec<T> {
        let text = &self.builder.text;
        given.sort_by_cached_key(|given| SortKey::of(text.get(id(&given.fact))));
        let facts = given.into_iter().map(|Given { fact, origin }| {
            if let Some((vpc, owner)) = home(&fact) {
                let owner = if owner.is_empty() { origin.account } else { owner };
                self.homes.entry(vpc.as_text()).or_insert((owner, origin.region));
            }
            fact
        });
        facts.collect()
    }

    fn table<T>(
        &mut self,
        given: Vec<Given<T>>,
        id: fn(&T) -> TextId,
        home: impl Fn(&T) -> Option<(VpcId, TextId)>,
    ) -> Table<T> {
        Table::of(self.sorted(given, id, home), id)
    }

    pub(super) fn limit(&mut self, code: LimitationCode, about: TextId, place: Place) {
        let place = Some(place);
        self.limitations.push(Limitation { code, about, scope: TextId::EMPTY, place });
    }

    pub(super) fn text(&self, id: TextId) -> &'b str {
        self.builder.text.get(id)
    }

    fn scope(&mut self, account: TextId, region: TextId) -> ScopeId {
        let known = self.scopes.iter().position(|&scope| scope == (account, region));
        let index = known.unwrap_or_else(|| {
            self.scopes.push((account, region));
            self.scopes.len() - 1
        });
        ScopeId::from_index(index)
    }

    pub(super) fn vpc(&mut self, named: VpcId, place: Place) -> VpcId {
        let id = named.as_text();
        if !self.vpcs.number.contains_key(&id) {
            let (owner, region) = self.homes.get(&id).copied().unwrap_or_default();
            self.placeholder_vpc(id, owner, region, place);
        }
        VpcId::from_index(self.vpcs.number.get(&id).copied().unwrap_or_default())
    }

    fn placeholder_vpc(&mut self, id: TextId, owner: TextId, region: TextId, place: Place) {
        let scope = self.scope(owner, region);
        // Where no VPC is named, the reader of the source has said so.
        if !id.is_empty() {
            self.limit(LimitationCode::UnknownVpc, id, place);
        }
        self.vpcs.number_or(id, || Vpc {
            id,
            place,
            owner,
            region,
            scope,
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            name: TextId::EMPTY,
            tags: Vec::new(),
            seen: false,
            contested: false,
        });
    }

    pub(super) fn subnet(&mut self, named: SubnetId, vpc: VpcId, place: Place) -> SubnetId {
        let id = named.as_text();
        if !id.is_empty() && !self.subnets.number.contains_key(&id) {
            self.limit(LimitationCode::UnknownSubnet, id, place);
        }
        let home = self.vpcs.items.get(vpc.index()).map(|vpc| (vpc.owner, vpc.region, vpc.scope));
        let number = self.subnets.number_or(id, || {
            let (owner, region, scope) =
                home.unwrap_or((TextId::EMPTY, TextId::EMPTY, ScopeId::from_index(0)));
            Subnet {
                id,
                place,
                vpc,
                owner,
                region,
                scope,
                zone: TextId::EMPTY,
                zone_id: TextId::EMPTY,
                ipv4: None,
                ipv6: Vec::new(),
                assigns_public_ipv4: None,
                assigns_ipv6: None,
                name: TextId::EMPTY,
                tags: Vec::new(),
                seen: false,
                contested: false,
            }
        });
        SubnetId::from_index(number)
    }

    pub(super) fn group(
        &mut self,
        named: SecurityGroupId,
        vpc: VpcId,
        place: Place,
    ) -> SecurityGroupId {
        let id = named.as_text();
        if !self.groups.number.contains_key(&id) || self.stale_groups.remove(&id) {
            self.limit(LimitationCode::UnknownSecurityGroup, id, place);
        }
        self.placeholder(id, vpc, place)
    }

    /// A group that a stale reference names. It matches nothing, so that nobody
    /// misses the group unless something else names it too.
    fn stale_group(&mut self, named: SecurityGroupId, vpc: VpcId, place: Place) -> SecurityGroupId {
        let id = named.as_text();
        if !self.groups.number.contains_key(&id) {
            self.stale_groups.insert(id);
        }
        self.placeholder(id, vpc, place)
    }

    fn placeholder(&mut self, id: TextId, vpc: VpcId, place: Place) -> SecurityGroupId {
        let number = self.groups.number_or(id, || SecurityGroup {
            id,
            place,
            name: TextId::EMPTY,
            description: TextId::EMPTY,
            vpc,
            owner: TextId::EMPTY,
            associated: Vec::new(),
            rules: Vec::new(),
            seen: false,
        });
        SecurityGroupId::from_index(number)
    }

    pub(super) fn prefix_list(&mut self, named: PrefixListId, place: Place) -> PrefixListId {
        let id = named.as_text();
        let known = self.shared.prefix_lists.get(&id);
        if !self.prefix_lists.number.contains_key(&id)
            && known.is_none_or(|list| list.entries.is_none())
        {
            self.limit(LimitationCode::UnknownPrefixList, id, place);
        }
        let number = self.prefix_lists.number_or(id, || {
            known.cloned().unwrap_or(PrefixList { id, place, name: TextId::EMPTY, entries: None })
        });
        PrefixListId::from_index(number)
    }

    fn resolve_subnets(&mut self) {
        let mut subnets = std::mem::take(&mut self.subnets.items);
        for subnet in &mut subnets {
            subnet.vpc = self.vpc(subnet.vpc, subnet.place);
            subnet.scope = self.scope(subnet.owner, subnet.region);
        }
        self.subnets.items = subnets;
    }

    fn resolve_gateways(&mut self) {
        let mut gateways = std::mem::take(&mut self.internet_gateways.items);
        for gateway in &mut gateways {
            for attachment in &mut gateway.attachments {
                attachment.vpc = self.vpc(attachment.vpc, gateway.place);
            }
        }
        self.internet_gateways.items = gateways;
        let mut gateways = std::mem::take(&mut self.egress_only.items);
        for gateway in &mut gateways {
            for attachment in &mut gateway.attachments {
                attachment.vpc = self.vpc(attachment.vpc, gateway.place);
            }
        }
        self.egress_only.items = gateways;
        let mut nat_gateways = std::mem::take(&mut self.nat_gateways.items);
        for nat in &mut nat_gateways {
            nat.vpc = self.vpc(nat.vpc, nat.place);
            // The subnet of a gateway that is gone may be gone too.
            nat.subnet = nat
                .subnet
                .filter(|subnet| {
                    nat.state != NatState::Gone
                        || self.subnets.number.contains_key(&subnet.as_text())
                })
                .map(|subnet| self.subnet(subnet, nat.vpc, nat.place));
            for address in &mut nat.addresses {
                let known = address
                    .interface
                    .and_then(|named| self.interfaces.number.get(&named.as_text()));
                address.interface = known.map(|&number| NetworkInterfaceId::from_index(number));
            }
        }
        self.nat_gateways.items = nat_gateways;
        let mut peerings = std::mem::take(&mut self.peerings.items);
        for peering in &mut peerings {
            for side in [&mut peering.requester, &mut peering.accepter] {
                let Some(named) = side.vpc else { continue };
                let id = named.as_text();
                // Nothing depends on the far side of a peering that is over.
                if peering.status == PeeringStatus::Inactive && !self.vpcs.number.contains_key(&id)
                {
                    side.vpc = None;
                    continue;
                }
                if !self.vpcs.number.contains_key(&id) {
                    match self.homes.get(&id).copied() {
                        Some((owner, region)) => {
                            self.placeholder_vpc(id, owner, region, peering.place);
                        }
                        None => self.placeholder_vpc(id, side.owner, side.region, peering.place),
                    }
                }
                side.vpc = Some(self.vpc(named, peering.place));
            }
        }
        self.peerings.items = peerings;
        let mut endpoints = std::mem::take(&mut self.vpc_endpoints.items);
        for endpoint in &mut endpoints {
            let place = endpoint.place;
            endpoint.vpc = self.vpc(endpoint.vpc, place);
            // What an endpoint had that is gone may be gone too.
            if endpoint.available == Some(false) {
                let (subnets, groups) = (&self.subnets.number, &self.groups.number);
                endpoint.subnets.retain(|subnet| subnets.contains_key(&subnet.as_text()));
                endpoint.security_groups.retain(|group| groups.contains_key(&group.as_text()));
            }
            for subnet in &mut endpoint.subnets {
                *subnet = self.subnet(*subnet, endpoint.vpc, place);
            }
            for group in &mut endpoint.security_groups {
                *group = self.group(*group, endpoint.vpc, place);
            }
            if let EndpointService::Provided(provider) = &mut endpoint.behind {
                for balancer in &mut provider.load_balancers {
                    *balancer = self.load_balancer(*balancer, Some(endpoint.vpc), provider.place);
                }
            }
            for named in std::mem::take(&mut endpoint.interfaces) {
                match self.interfaces.number.get(&named.as_text()) {
                    Some(&number) => {
                        endpoint.interfaces.push(NetworkInterfaceId::from_index(number));
                    }
                    None => endpoint.unseen_interfaces.push(named.as_text()),
                }
            }
        }
        self.vpc_endpoints.items = endpoints;
    }

    fn resolve_groups(&mut self) {
        let mut groups = std::mem::take(&mut self.groups.items);
        let seen = groups.len();
        for group in &mut groups {
            group.vpc = self.vpc(group.vpc, group.place);
        }
        self.groups.items = groups;
        let builder = self.builder;
        for &(group, vpc) in &builder.associations {
            let Some(&number) = self.groups.number.get(&group) else { continue };
            let place =
                self.groups.items.get(number).map_or_else(Place::default, |group| group.place);
            let vpc = self.vpc(VpcId::named(vpc), place);
            if let Some(group) = self.groups.items.get_mut(number)
                && !group.associated.contains(&vpc)
            {
                group.associated.push(vpc);
            }
        }
        for number in 0..seen {
            let Some(group) = self.groups.items.get_mut(number) else { continue };
            let (vpc, place) = (group.vpc, group.place);
            let mut rules = std::mem::take(&mut group.rules);
            for rule in &mut rules {
                rule.peer = match rule.peer {
                    Peer::PrefixList(list) => Peer::PrefixList(self.prefix_list(list, place)),
                    Peer::SecurityGroup { group, stale } => {
                        let group = match stale {
                            true => self.stale_group(group, vpc, place),
                            false => self.group(group, vpc, place),
                        };
                        Peer::SecurityGroup { group, stale }
                    }
                    peer @ (Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::Unknown(_)) => peer,
                };
            }
            if let Some(group) = self.groups.items.get_mut(number) {
                group.rules = rules;
            }
        }
    }

    fn resolve_interfaces(&mut self) {
        let mut interfaces = std::mem::take(&mut self.interfaces.items);
        for interface in &mut interfaces {
            interface.vpc = self.vpc(interface.vpc, interface.place);
            interface.subnet = self.subnet(interface.subnet, interface.vpc, interface.place);
            for group in &mut interface.groups {
                *group = self.group(*group, interface.vpc, interface.place);
            }
            interface.groups.sort_unstable();
            interface.groups.dedup();
            let home = (interface.owner, interface.region);
            interface.instance =
                interface.instance.map(|named| self.instance(named, interface.place, home));
            let unmodelled = match interface.kind {
                InterfaceKind::Managed => Some(LimitationCode::ManagedInterface),
                InterfaceKind::RemoteAccess => {
                    let worn = interface.groups.iter();
                    let worn = worn.filter_map(|group| self.groups.items.get(group.index()));
                    let worn = worn.map(|group| group.id).collect();
                    let described = self.shared.remote.describes(interface, worn, &self.subnets);
                    (!described).then_some(LimitationCode::RemoteAccess)
                }
                InterfaceKind::Host
                | InterfaceKind::NatGateway
                | InterfaceKind::TransitGateway
                // They are if nobody describes the load balancer or the endpoint.
                | InterfaceKind::LoadBalancer
                | InterfaceKind::VpcEndpoint => None,
            };
            if let Some(code) = unmodelled {
                self.limit(code, interface.id, interface.place);
            }
        }
        self.interfaces.items = interfaces;
    }

    /// The number of an instance that something of this account and region, at `place`, names.
    pub(super) fn instance(
        &mut self,
        named: InstanceId,
        place: Place,
        (account, region): (TextId, TextId),
    ) -> InstanceId {
        let id = named.as_text();
        let (builder, known) = (self.builder, &mut self.unnamed_instances);
        let number = self.instances.number_or(id, || {
            known.remove(&id).unwrap_or_else(|| Instance {
                id,
                place,
                // Describe-instances was taken at another moment than
                // describe-network-interfaces: the instance may run or not.
                state: if builder.listings_of(account, region).contains(Listing::Instances) {
                    InstanceState::Unknown
                } else {
                    InstanceState::NotCollected
                },
                name: TextId::EMPTY,
                tags: Vec::new(),
                seen: false,
            })
        });
        InstanceId::from_index(number)
    }

    /// The accounts and regions of the VPCs of which something was seen.
    fn seen_homes(&self) -> BTreeSet<(TextId, TextId)> {
        self.vpcs
            .items
            .iter()
            .filter(|vpc| vpc.seen || self.homes.contains_key(&vpc.id))
            .map(|vpc| (vpc.owner, vpc.region))
            .collect()
    }

    fn finish(mut self, network_acls: Vec<NetworkAcl>, route_tables: Vec<RouteTable>) -> Component {
        let mut component = Component::default();
        for &(account, region) in &self.scopes {
            let listings = self.builder.listings_of(account, region);
            let block_public_access = self.block_public_access(account, region);
            component.scopes.push(Scope { account, region, listings, block_public_access });
        }
        let mut sets: Lookup<Vec<SecurityGroupId>, GroupSetId> = Lookup::default();
        for interface in std::mem::take(&mut self.interfaces.items) {
            let set = match sets.get(&interface.groups) {
                Some(&set) => set,
                None => {
                    let set = component.group_sets.push(interface.groups.clone());
                    sets.insert(interface.groups.clone(), set);
                    set
                }
            };
            component.interfaces.push(&interface, set);
        }
        component.vpcs = self.vpcs.items.into_iter().collect();
        component.subnets = self.subnets.items.into_iter().collect();
        component.instances = self.instances.items.into_iter().collect();
        component.security_groups = self.groups.items.into_iter().collect();
        component.network_acls = network_acls.into_iter().collect();
        component.route_tables = route_tables.into_iter().collect();
        component.internet_gateways = self.internet_gateways.items.into_iter().collect();
        component.egress_only_internet_gateways = self.egress_only.items.into_iter().collect();
        component.nat_gateways = self.nat_gateways.items.into_iter().collect();
        component.peerings = self.peerings.items.into_iter().collect();
        component.vpc_endpoints = self.vpc_endpoints.items.into_iter().collect();
        component.transit_gateways = self.transit_gateways.items.into_iter().collect();
        component.transit_gateway_attachments =
            self.transit_gateway_attachments.items.into_iter().collect();
        component.transit_gateway_route_tables =
            self.transit_gateway_route_tables.items.into_iter().collect();
        component.load_balancers = self.load_balancers.items.into_iter().collect();
        component.target_groups = self.target_groups.items.into_iter().collect();
        let balancers = component.load_balancers.entries();
        let balanced = balancers.flat_map(|(id, it)| it.interfaces.iter().map(move |&of| (of, id)));
        component.balanced = balanced.collect();
        component.balanced.sort_unstable();
        component.join_endpoints();
        component.remote_access = Arc::clone(&self.shared.remote);
        component.join_remote_access();
        component.prefix_lists = self.prefix_lists.items.into_iter().collect();
        component.unlisted = component
            .interfaces
            .iter()
            .filter(|interface| interface.unlisted().is_some())
            .map(Interface::index)
            .collect();
        let of = &self.builder.services.of;
        if !of.is_empty() {
            let all = component.interfaces.iter();
            let served = all.filter_map(|it| Some((it.index(), of.get(&it.id())?)));
            component.served = served
                .flat_map(|(id, services)| services.iter().map(move |it| (id, Arc::clone(it))))
                .collect();
        }
        component.ipv4_holders = sorted_holdings(listed(&component).flat_map(|interface| {
            interface
                .ipv4()
                .iter()
                .map(move |held| (interface.vpc(), held.first, held.last, interface.index()))
        }));
        component.ipv6_holders = sorted_holdings(listed(&component).flat_map(|interface| {
            interface
                .ipv6()
                .iter()
                .map(move |held| (interface.vpc(), held.first, held.last, interface.index()))
        }));
        component
    }

    fn block_public_access(&self, account: TextId, region: TextId) -> Option<BlockPublicAccess> {
        let fits =
            |known: TextId, asked: TextId| known.is_empty() || asked.is_empty() || known == asked;
        self.builder
            .block_public_access
            .iter()
            .find(|given| fits(given.origin.account, account) && fits(given.origin.region, region))
            .map(|given| given.fact.clone())
    }
}

/// The interfaces of which it is known where they are.
fn listed(component: &Component) -> impl Iterator<Item = Interface<'_>> {
    component.interfaces.iter().filter(|interface| interface.unlisted().is_none())
}

/// What AWS ids are sorted by: the first bytes of a text as a number, which
/// nearly always decide, then the text.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct SortKey<'t> {
    first: u128,
    text: &'t str,
}

impl<'t> SortKey<'t> {
    fn of(text: &'t str) -> Self {
        let mut first = [0; 16];
        for (to, &byte) in first.iter_mut().zip(text.as_bytes()) {
            *to = byte;
        }
        Self { first: u128::from_be_bytes(first), text }
    }
}
