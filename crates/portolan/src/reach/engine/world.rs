//! What a component has to know of the rest of the network.

use std::collections::BTreeMap;

use super::ground::{addresses, join, twice};
use crate::model::{ComponentId, InterfaceKind, Network, VpcId};
use crate::net::{IpSet, internet_v4, internet_v6};

/// The address space of the whole network.
#[derive(Clone, Debug)]
pub struct World {
    /// The blocks of all VPCs that the source holds.
    pub blocks: IpSet,
    /// The internet: its universe without those blocks.
    pub internet: IpSet,
    /// Addresses that may be a source: the blocks of seen VPCs without what
    /// NAT gateways, load balancers and the like hold.
    sources: ByComponent,
    /// What hosts hold beside those.
    strays: ByComponent,
}

/// Addresses of each component, and of the others.
#[derive(Clone, Debug)]
struct ByComponent {
    own: BTreeMap<ComponentId, IpSet>,
    all: IpSet,
    /// What at least two components have.
    shared: IpSet,
}

impl ByComponent {
    fn of(own: BTreeMap<ComponentId, IpSet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for set in own.values() {
            v4.extend_from_slice(set.v4.ranges());
            v6.extend_from_slice(set.v6.ranges());
        }
        let shared = IpSet { v4: twice(&mut v4), v6: twice(&mut v6) };
        let all = IpSet { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() };
        Self { own, all, shared }
    }

    fn elsewhere(&self, component: ComponentId) -> IpSet {
        let own = self.own.get(&component).cloned().unwrap_or_default();
        self.all.difference(&own).union(&self.shared)
    }
}

impl World {
    /// The address space of a network.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        let (mut blocks, mut sources) = (Vec::new(), BTreeMap::new());
        let mut strays = BTreeMap::new();
        for (id, component) in network.components.entries() {
            let mut managed: BTreeMap<VpcId, IpSet> = BTreeMap::new();
            for nat in component.nat_gateways.iter() {
                let private = nat.addresses.iter().filter_map(|address| address.private);
                let held = managed.entry(nat.vpc).or_default();
                held.v4 = held.v4.union(&private.map(|at| (at, at)).collect());
            }
            let mut held = Vec::new();
            for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
                let own = addresses(interface);
                if interface.kind() == InterfaceKind::Host {
                    held.push(own);
                } else {
                    let known = managed.entry(interface.vpc()).or_default();
                    *known = known.union(&own);
                }
            }
            let mut free = Vec::new();
            for (number, vpc) in component.vpcs.entries().filter(|(_, vpc)| vpc.seen) {
                let block = IpSet {
                    v4: vpc.ipv4.iter().copied().collect(),
                    v6: vpc.ipv6.iter().copied().collect(),
                };
                free.push(match managed.get(&number) {
                    Some(managed) => block.difference(managed),
                    None => block.clone(),
                });
                blocks.push(block);
            }
            let free = join(&free);
            strays.insert(id, join(&held).difference(&free));
            sources.insert(id, free);
        }
        let blocks = join(&blocks);
        let internet = IpSet { v4: internet_v4(), v6: internet_v6() }.difference(&blocks);
        let (sources, strays) = (ByComponent::of(sources), ByComponent::of(strays));
        Self { blocks, internet, sources, strays }
    }

    /// The blocks of seen VPCs of other components, and what hosts there hold.
    pub(crate) fn elsewhere(&self, component: ComponentId) -> IpSet {
        self.sources.elsewhere(component).union(&self.strays.elsewhere(component))
    }
}
