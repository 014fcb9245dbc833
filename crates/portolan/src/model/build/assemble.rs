//! Distributes the facts over the components, and puts the network together.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::partition::Partition;
use super::resolve::{Assembled, Assembly};
use super::{Chunks, ElasticAddress, Given, NetworkBuilder, assumptions};
use crate::model::lookup::Lookup;
use crate::model::{
    Component, ComponentId, EgressOnlyInternetGateway, IdVec, Instance, InterfaceFacts,
    InternetGateway, Limitation, LimitationCode, Listing, Listings, LoadBalancer, NatGateway,
    Network, NetworkAcl, Origin, PrefixList, PublicOwner, RemoteAccess, RouteTable, SecurityGroup,
    Subnet, TargetGroup, TextId, TransitGateway, TransitGatewayAssociation,
    TransitGatewayAttachment, TransitGatewayId, TransitGatewayRouteTable,
    TransitGatewayRouteTableId, Vpc, VpcEndpoint, VpcId, VpcPeeringConnection,
};
use crate::parallel;

/// Everything that is looked up by reference, whichever component it is in.
pub(super) struct Shared {
    pub(super) prefix_lists: BTreeMap<TextId, PrefixList>,
    pub(super) internet_gateways: BTreeMap<TextId, InternetGateway>,
    pub(super) egress_only: BTreeMap<TextId, EgressOnlyInternetGateway>,
    pub(super) remote: Arc<RemoteAccess>,
}

/// The facts of one component, still with unresolved references and in no order.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) vpcs: Vec<Given<Vpc>>,
    pub(super) subnets: Vec<Given<Subnet>>,
    pub(super) interfaces: Vec<Given<InterfaceFacts>>,
    /// Those that its interfaces name, by id.
    pub(super) instances: Lookup<TextId, Instance>,
    pub(super) security_groups: Vec<Given<SecurityGroup>>,
    pub(super) network_acls: Vec<Given<NetworkAcl>>,
    pub(super) route_tables: Vec<Given<RouteTable>>,
    pub(super) internet_gateways: Vec<InternetGateway>,
    pub(super) egress_only: Vec<EgressOnlyInternetGateway>,
    pub(super) nat_gateways: Vec<Given<NatGateway>>,
    pub(super) peerings: Vec<Given<VpcPeeringConnection>>,
    pub(super) vpc_endpoints: Vec<Given<VpcEndpoint>>,
    pub(super) transit_gateways: Vec<TransitGateway>,
    pub(super) transit_gateway_attachments: Vec<TransitGatewayAttachment>,
    pub(super) transit_gateway_route_tables: Vec<TransitGatewayRouteTable>,
    pub(super) load_balancers: Vec<Given<LoadBalancer>>,
    pub(super) target_groups: Vec<Given<TargetGroup>>,
}

impl NetworkBuilder {
    pub(super) fn assemble(mut self, partition: &Partition, threads: NonZeroUsize) -> Network {
        self.join_addresses();
        let elastic_addresses = self.elastic_addresses();
        let (facts, shared) = self.distribute(partition);
        let builder = &self;
        let assembled: Vec<Assembled> = parallel::each(
            threads,
            facts,
            |facts| facts.interfaces.len() + facts.security_groups.len(),
            |facts| Assembly::new(builder, &shared).run(facts),
        );
        let mut components: IdVec<ComponentId, Arc<Component>> = IdVec::default();
        let mut listings = Vec::new();
        for Assembled { component, limitations, homes } in assembled {
            self.limitations.extend(limitations);
            self.report_listings(&homes);
            listings.extend(component.scopes.iter().map(|scope| scope.listings));
            components.push(Arc::new(component));
        }
        let public_ipv4 = self.public_owners(&components);
        let outside = std::mem::take(&mut self.outside).finished(&self.text);
        self.limitations.sort_unstable();
        self.limitations.dedup_by(|one, other| {
            (one.code, one.about, one.scope) == (other.code, other.about, other.scope)
        });
        Network {
            by_id: Default::default(),
            components,
            text: self.text,
            public_ipv4,
            elastic_addresses,
            outside,
            remote_access: shared.remote,
            listings: by_origin(&self.listings),
            limitations: self.limitations,
            assumptions: assumptions(listings.into_iter()),
            warnings: self.warnings,
        }
    }

    /// Listings without which answers about a component are not certain.
    fn report_listings(&mut self, homes: &BTreeSet<(TextId, TextId)>) {
        for &(account, region) in homes {
            let seen = self.listings_of(account, region);
            let scope = format!("{}/{}", self.text.get(account), self.text.get(region));
            let scope = self.text.intern(&scope);
            for listing in [
                Listing::Vpcs,
                Listing::Subnets,
                Listing::NetworkInterfaces,
                Listing::SecurityGroups,
                Listing::NetworkAcls,
                Listing::RouteTables,
            ] {
                if !seen.contains(listing) {
                    let about = self.text.intern(listing.command());
                    let code = LimitationCode::NotCollected;
                    self.add_limitation(Limitation { code, about, scope, place: None });
                }
            }
        }
    }

    /// An Elastic IP address that `describe-addresses` gives to an interface
    /// leads there, also where the interface's own listing is silent.
    fn join_addresses(&mut self) {
        // The first word on an address counts: a load balancer's is the better one.
        let mut addresses: Vec<_> = std::mem::take(&mut self.addresses).into_iter().collect();
        addresses.sort_by_key(|address| address.fact.load_balancer.is_empty());
        self.addresses = addresses.into();
        let mut by_interface: Lookup<TextId, Vec<(Option<u32>, u32)>> = Lookup::default();
        for Given { fact: address, .. } in self.addresses.iter() {
            by_interface.entry(address.holder).or_default().push((address.private, address.public));
        }
        for Given { fact: interface, .. } in self.interfaces.iter_mut() {
            let Some(addresses) = by_interface.get(&interface.id) else { continue };
            for &(private, public) in addresses {
                if interface.ipv4.iter().any(|held| held.public == Some(public)) {
                    continue;
                }
                let behind = interface.ipv4.iter_mut().find(|held| {
                    held.first == held.last && private.is_none_or(|private| held.first == private)
                });
                if let Some(held) = behind
                    && held.public.is_none()
                {
                    held.public = Some(public);
                }
            }
        }
    }

    /// What describe-addresses lists, each address once.
    fn elastic_addresses(&self) -> Vec<ElasticAddress> {
        let listed = self.addresses.iter().map(|given| &given.fact);
        let listed = listed.filter(|address| address.load_balancer.is_empty());
        let mut elastic: Vec<ElasticAddress> = listed.cloned().collect();
        elastic.sort_by_key(|address| address.public);
        elastic.dedup_by_key(|address| address.public);
        elastic
    }

    fn distribute(&mut self, partition: &Partition) -> (Vec<Facts>, Shared) {
        let mut all: Vec<Facts> = (0..partition.components).map(|_| Facts::default()).collect();
        // Every VPC that a fact names has a component: `partition` noted it.
        let place = |vpc: VpcId| partition.component_of(vpc.as_text());
        // An instance ties the VPCs of its interfaces: it is in one component.
        let mut component_of_instance: Lookup<TextId, usize> = Lookup::default();
        for Given { fact, .. } in self.interfaces.iter() {
            if let (Some(instance), Some(number)) = (fact.instance, place(fact.vpc)) {
                component_of_instance.insert(instance.as_text(), number);
            }
        }
        for (instance, number) in self.load_balancing.instances(partition) {
            component_of_instance.entry(instance).or_insert(number);
        }
        self.load_balancing.distribute(partition, &mut all);
        for Given { fact, .. } in std::mem::take(&mut self.instances) {
            let number = component_of_instance.get(&fact.id);
            if let Some(facts) = number.and_then(|&number| all.get_mut(number)) {
                facts.instances.insert(fact.id, fact);
            }
        }
        drop(component_of_instance);
        macro_rules! spread {
            ($($field:ident: |$fact:ident| $vpc:expr;)+) => {$(
                // Room for all of a component at once, so that nothing is copied to grow.
                let mut counts = vec![0; all.len()];
                for given in self.$field.iter() {
                    let $fact = &given.fact;
                    if let Some(count) = place($vpc).and_then(|number| counts.get_mut(number)) {
                        *count += 1;
                    }
                }
                for (facts, count) in all.iter_mut().zip(counts) {
                    facts.$field = Vec::with_capacity(count);
                }
                for given in std::mem::take(&mut self.$field) {
                    let $fact = &given.fact;
                    if let Some(facts) = place($vpc).and_then(|number| all.get_mut(number)) {
                        facts.$field.push(given);
                    }
                }
            )+};
        }
        // A gateway that is gone, and its VPC with it: nothing answers at its addresses.
        for Given { fact: nat, origin } in
            self.nat_gateways.iter().filter(|nat| place(nat.fact.vpc).is_none())
        {
            for public in nat.addresses.iter().filter_map(|address| address.public) {
                let fact = ElasticAddress {
                    public,
                    allocation: TextId::EMPTY,
                    account: origin.account,
                    region: origin.region,
                    holder: TextId::EMPTY,
                    private: None,
                    load_balancer: TextId::EMPTY,
                    place: nat.place,
                };
                self.addresses.push(Given { fact, origin: *origin });
            }
        }
        spread! {
            vpcs: |vpc| VpcId::named(vpc.id);
            subnets: |subnet| subnet.vpc;
            interfaces: |interface| interface.vpc;
            security_groups: |group| group.vpc;
            network_acls: |acl| acl.vpc;
            route_tables: |table| table.vpc;
            nat_gateways: |nat| nat.vpc;
            vpc_endpoints: |endpoint| endpoint.vpc;
        }
        for given in std::mem::take(&mut self.peerings) {
            let sides = [given.fact.requester.vpc, given.fact.accepter.vpc];
            let number = sides.into_iter().flatten().find_map(place);
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.peerings.push(given);
            }
        }
        self.distribute_transit_gateways(partition, &mut all);
        let shared = Shared {
            prefix_lists: take(&mut self.prefix_lists, |list| list.id),
            internet_gateways: take(&mut self.internet_gateways, |gateway| gateway.id),
            egress_only: take(&mut self.egress_only_internet_gateways, |gateway| gateway.id),
            remote: Arc::new(std::mem::take(&mut self.remote)),
        };
        for gateway in shared.internet_gateways.values() {
            let number = gateway.attachments.first().and_then(|attachment| place(attachment.vpc));
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.internet_gateways.push(gateway.clone());
            }
        }
        for gateway in shared.egress_only.values() {
            let number = gateway.attachments.first().and_then(|attachment| place(attachment.vpc));
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.egress_only.push(gateway.clone());
            }
        }
        (all, shared)
    }

    /// What no VPC of the source has to do with is left out.
    fn distribute_transit_gateways(&mut self, partition: &Partition, all: &mut [Facts]) {
        let mut gateway_of: BTreeMap<TransitGatewayRouteTableId, TransitGatewayId> =
            BTreeMap::new();
        for Given { fact, .. } in std::mem::take(&mut self.transit_gateways) {
            let number = partition.component_of(fact.id);
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.transit_gateways.push(fact);
            }
        }
        for Given { fact, .. } in std::mem::take(&mut self.transit_gateway_attachments) {
            for end in &fact.ends {
                if let TransitGatewayAssociation::RouteTable(table) = end.association {
                    gateway_of.insert(table, end.gateway);
                }
            }
            let end = fact.ends.first().map(|end| end.gateway.as_text());
            let number = end.and_then(|gateway| partition.component_of(gateway));
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.transit_gateway_attachments.push(fact);
            }
        }
        for Given { mut fact, .. } in std::mem::take(&mut self.transit_gateway_route_tables) {
            // A table that only its routes were asked of is known by who uses it.
            let named = TransitGatewayRouteTableId::named(fact.id);
            fact.gateway = fact.gateway.or_else(|| gateway_of.get(&named).copied());
            let gateway = fact.gateway.map(TransitGatewayId::as_text);
            let number = gateway.and_then(|gateway| partition.component_of(gateway));
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.transit_gateway_route_tables.push(fact);
            }
        }
    }

    fn public_owners(
        &self,
        components: &IdVec<ComponentId, Arc<Component>>,
    ) -> Vec<(u32, PublicOwner)> {
        let mut owners = Vec::new();
        for (id, component) in components.entries() {
            for interface in component.interfaces.iter() {
                for held in interface.ipv4() {
                    if let Some(public) = held.public {
                        let owner = PublicOwner::Interface {
                            component: id,
                            interface: interface.index(),
                            private: held.first,
                        };
                        owners.push((public, owner));
                    }
                }
            }
        }
        owners.sort_unstable();
        let known = |owners: &[(u32, PublicOwner)], public: u32| {
            owners.binary_search_by_key(&public, |&(at, _)| at).is_ok()
        };
        let mut more = Vec::new();
        let mut named: Lookup<u32, ()> = Lookup::default();
        for (id, component) in components.entries() {
            for (number, nat_gateway) in component.nat_gateways.entries() {
                for public in nat_gateway.addresses.iter().filter_map(|address| address.public) {
                    if !known(&owners, public) {
                        named.insert(public, ());
                        more.push((
                            public,
                            PublicOwner::NatGateway { component: id, nat_gateway: number },
                        ));
                    }
                }
            }
        }
        for Given { fact: address, .. } in self.addresses.iter() {
            if known(&owners, address.public) || named.insert(address.public, ()).is_some() {
                continue;
            }
            let owner = if !address.load_balancer.is_empty() {
                PublicOwner::LoadBalancer { name: address.load_balancer }
            } else if address.holder.is_empty() {
                PublicOwner::Unassociated
            } else {
                PublicOwner::Elsewhere { id: address.holder }
            };
            more.push((address.public, owner));
        }
        owners.extend(more);
        owners.sort_unstable();
        owners.dedup();
        owners
    }
}

/// Which listings were seen of each account and region.
fn by_origin(seen: &[(Origin, Listing)]) -> Vec<(Origin, Listings)> {
    let mut all: BTreeMap<Origin, Listings> = BTreeMap::new();
    for &(origin, listing) in seen {
        all.entry(origin).or_default().insert(listing);
    }
    all.into_iter().collect()
}

fn take<T>(given: &mut Chunks<Given<T>>, id: fn(&T) -> TextId) -> BTreeMap<TextId, T> {
    std::mem::take(given).into_iter().map(|given| (id(&given.fact), given.fact)).collect()
}
