//! What a component has to know of the rest of the network.

use std::collections::BTreeMap;

use crate::model::{ComponentId, InterfaceKind, Network};
use crate::net::{Address, IpSet, Ipv6Set, RangeSet, internet_v4, internet_v6};

/// The address space of the whole network.
#[derive(Clone, Debug)]
pub struct World {
    /// The blocks of all VPCs that the source holds.
    pub blocks: IpSet,
    /// The internet: its universe without those blocks.
    pub internet: IpSet,
    /// The blocks by component.
    by_component: BTreeMap<ComponentId, IpSet>,
    /// What two components hold.
    shared: IpSet,
    /// The IPv6 addresses that hosts of a component hold.
    hosts_v6: BTreeMap<ComponentId, Ipv6Set>,
    /// The IPv6 addresses that any host holds.
    all_hosts_v6: Ipv6Set,
}

impl World {
    /// The address space of a network.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        let mut by_component = BTreeMap::new();
        let mut hosts_v6 = BTreeMap::new();
        for (id, component) in network.components.entries() {
            let seen = || component.vpcs.iter().filter(|vpc| vpc.seen);
            let v4 = seen().flat_map(|vpc| vpc.ipv4.iter().copied()).collect();
            let v6 = seen().flat_map(|vpc| vpc.ipv6.iter().copied()).collect();
            by_component.insert(id, IpSet { v4, v6 });
            let hosts = component
                .interfaces
                .iter()
                .filter(|interface| interface.kind() == InterfaceKind::Host && interface.seen());
            let held =
                hosts.flat_map(|host| host.ipv6().iter().map(|held| (held.first, held.last)));
            hosts_v6.insert(id, held.collect::<Ipv6Set>());
        }
        let blocks = IpSet {
            v4: ranges(by_component.values().map(|blocks| &blocks.v4)),
            v6: ranges(by_component.values().map(|blocks| &blocks.v6)),
        };
        let shared = IpSet {
            v4: overlaps(by_component.values().map(|blocks| &blocks.v4)),
            v6: overlaps(by_component.values().map(|blocks| &blocks.v6)),
        };
        let internet = IpSet { v4: internet_v4(), v6: internet_v6() }.difference(&blocks);
        let all_hosts_v6 = ranges(hosts_v6.values());
        Self { blocks, internet, by_component, shared, hosts_v6, all_hosts_v6 }
    }

    /// The blocks of seen VPCs of other components.
    pub(crate) fn elsewhere(&self, component: ComponentId) -> IpSet {
        let own = self.by_component.get(&component).cloned().unwrap_or_default();
        self.blocks.difference(&own).union(&self.shared)
    }

    /// The IPv6 addresses of hosts of other components.
    pub(crate) fn hosts_elsewhere_v6(&self, component: ComponentId) -> Ipv6Set {
        let own = self.hosts_v6.get(&component).cloned().unwrap_or_default();
        self.all_hosts_v6.difference(&own)
    }

    /// The IPv6 addresses that hosts of the estate hold.
    pub(crate) fn hosts_v6(&self) -> &Ipv6Set {
        &self.all_hosts_v6
    }
}

fn ranges<'a, A: Address>(sets: impl Iterator<Item = &'a RangeSet<A>>) -> RangeSet<A> {
    sets.flat_map(|set| set.ranges().iter().copied()).collect()
}

/// What at least two of the sets hold.
fn overlaps<'a, A: Address>(sets: impl Iterator<Item = &'a RangeSet<A>>) -> RangeSet<A> {
    let mut all: Vec<(A, A)> = sets.flat_map(|set| set.ranges().iter().copied()).collect();
    all.sort_unstable();
    let mut reach: Option<A> = None;
    let mut twice = Vec::new();
    for (first, last) in all {
        if let Some(end) = reach.filter(|end| *end >= first) {
            twice.push((first, end.min(last)));
        }
        reach = Some(reach.map_or(last, |end| end.max(last)));
    }
    RangeSet::from_ranges(twice)
}
