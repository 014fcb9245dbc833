//! Distributes the facts over the components, and puts the network together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::partition::Partition;
use super::resolve::Assembly;
use super::{ElasticAddress, Given, NetworkBuilder, assumptions};
use crate::model::{
    Component, ComponentId, EgressOnlyInternetGateway, IdVec, Instance, InterfaceFacts,
    InternetGateway, NatGateway, Network, NetworkAcl, PrefixList, PublicOwner, RouteTable,
    SecurityGroup, Subnet, TextId, Vpc, VpcEndpoint, VpcId, VpcPeeringConnection,
};

/// Everything that is looked up by reference, whichever component it is in.
pub(super) struct Shared {
    pub(super) instances: BTreeMap<TextId, Instance>,
    pub(super) prefix_lists: BTreeMap<TextId, PrefixList>,
    pub(super) internet_gateways: BTreeMap<TextId, InternetGateway>,
    pub(super) egress_only: BTreeMap<TextId, EgressOnlyInternetGateway>,
}

/// The facts of one component, still with unresolved references.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) vpcs: Vec<Vpc>,
    pub(super) subnets: Vec<Subnet>,
    pub(super) interfaces: Vec<InterfaceFacts>,
    pub(super) security_groups: Vec<SecurityGroup>,
    pub(super) network_acls: Vec<NetworkAcl>,
    pub(super) route_tables: Vec<RouteTable>,
    pub(super) internet_gateways: Vec<InternetGateway>,
    pub(super) egress_only: Vec<EgressOnlyInternetGateway>,
    pub(super) nat_gateways: Vec<NatGateway>,
    pub(super) peerings: Vec<VpcPeeringConnection>,
    pub(super) vpc_endpoints: Vec<VpcEndpoint>,
    /// Region and owner of the facts that lie in a VPC, for VPCs that are not in the source.
    pub(super) homes: BTreeMap<TextId, (TextId, TextId)>,
}

impl NetworkBuilder {
    pub(super) fn assemble(mut self, partition: &Partition) -> Network {
        self.join_addresses();
        let (facts, shared) = self.distribute(partition);
        let mut components: IdVec<ComponentId, Arc<Component>> = IdVec::default();
        let mut listings = Vec::new();
        for facts in facts {
            let component = Assembly::new(&mut self, &shared).run(facts);
            listings.extend(component.scopes.iter().map(|scope| scope.listings));
            components.push(Arc::new(component));
        }
        let public_ipv4 = self.public_owners(&components);
        self.limitations.sort_unstable();
        self.limitations.dedup_by(|one, other| {
            (one.code, one.about, one.scope) == (other.code, other.about, other.scope)
        });
        Network {
            components,
            text: self.text,
            public_ipv4,
            limitations: self.limitations,
            assumptions: assumptions(listings.into_iter()),
            warnings: self.warnings,
        }
    }

    /// An Elastic IP address that `describe-addresses` gives to an interface
    /// leads there, also where the interface's own listing is silent.
    fn join_addresses(&mut self) {
        let mut by_interface: BTreeMap<TextId, Vec<(Option<u32>, u32)>> = BTreeMap::new();
        for address in &self.addresses {
            by_interface.entry(address.holder).or_default().push((address.private, address.public));
        }
        for Given { fact: interface, .. } in &mut self.interfaces {
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

    fn distribute(&mut self, partition: &Partition) -> (Vec<Facts>, Shared) {
        let mut all: Vec<Facts> = (0..partition.components).map(|_| Facts::default()).collect();
        let nowhere = TextId::EMPTY;
        // Every VPC that a fact names has a component: `partition` noted it.
        let place = |vpc: VpcId| partition.component_of.get(&vpc.as_text()).copied();
        macro_rules! spread {
            ($field:ident, $into:ident, $vpc:expr, $owner:expr) => {
                for Given { fact, origin } in std::mem::take(&mut self.$field) {
                    let vpc: Option<VpcId> = $vpc(&fact);
                    let Some(facts) = vpc.and_then(place).and_then(|number| all.get_mut(number))
                    else {
                        continue;
                    };
                    if let Some(vpc) = vpc {
                        let owner: TextId = $owner(&fact);
                        let owner = if owner.is_empty() { origin.account } else { owner };
                        facts.homes.entry(vpc.as_text()).or_insert((owner, origin.region));
                    }
                    facts.$into.push(fact);
                }
            };
        }
        spread!(vpcs, vpcs, |vpc: &Vpc| Some(VpcId::named(vpc.id)), |vpc: &Vpc| vpc.owner);
        spread!(subnets, subnets, |subnet: &Subnet| Some(subnet.vpc), |subnet: &Subnet| subnet
            .owner);
        spread!(
            interfaces,
            interfaces,
            |interface: &InterfaceFacts| Some(interface.vpc),
            |interface: &InterfaceFacts| { interface.owner }
        );
        spread!(
            security_groups,
            security_groups,
            |group: &SecurityGroup| Some(group.vpc),
            |group: &SecurityGroup| { group.owner }
        );
        spread!(network_acls, network_acls, |acl: &NetworkAcl| Some(acl.vpc), |_| { nowhere });
        spread!(route_tables, route_tables, |table: &RouteTable| Some(table.vpc), |_| nowhere);
        // A gateway that is gone, and its VPC with it: nothing answers at its addresses.
        for Given { fact: nat, .. } in
            self.nat_gateways.iter().filter(|nat| place(nat.fact.vpc).is_none())
        {
            self.addresses.extend(nat.addresses.iter().filter_map(|address| {
                Some(ElasticAddress {
                    public: address.public?,
                    holder: nowhere,
                    private: None,
                    load_balancer: nowhere,
                    place: nat.place,
                })
            }));
        }
        spread!(nat_gateways, nat_gateways, |nat: &NatGateway| Some(nat.vpc), |_| nowhere);
        spread!(vpc_endpoints, vpc_endpoints, |endpoint: &VpcEndpoint| Some(endpoint.vpc), |_| {
            nowhere
        });
        // Whose VPC a peering's other side is says nothing of where we looked.
        for Given { fact, .. } in std::mem::take(&mut self.peerings) {
            let sides = [fact.requester.vpc, fact.accepter.vpc];
            let number = sides.into_iter().flatten().find_map(place);
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.peerings.push(fact);
            }
        }
        let shared = Shared {
            instances: take(&mut self.instances, |instance| instance.id),
            prefix_lists: take(&mut self.prefix_lists, |list| list.id),
            internet_gateways: take(&mut self.internet_gateways, |gateway| gateway.id),
            egress_only: take(&mut self.egress_only_internet_gateways, |gateway| gateway.id),
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
        for (id, component) in components.entries() {
            for (number, nat_gateway) in component.nat_gateways.entries() {
                for public in nat_gateway.addresses.iter().filter_map(|address| address.public) {
                    if !known(&owners, public) {
                        more.push((
                            public,
                            PublicOwner::NatGateway { component: id, nat_gateway: number },
                        ));
                    }
                }
            }
        }
        for address in &self.addresses {
            if known(&owners, address.public)
                || more.iter().any(|&(public, _)| public == address.public)
            {
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

fn take<T>(given: &mut Vec<Given<T>>, id: fn(&T) -> TextId) -> BTreeMap<TextId, T> {
    std::mem::take(given).into_iter().map(|given| (id(&given.fact), given.fact)).collect()
}
