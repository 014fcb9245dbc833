//! How the estate is laid out, as far as findings speak of it: which subnets are
//! public, which table and ACL each has, where hosts are.
//!
//! Facts only: what can be reached is told by the records of `ports`. A subnet is
//! public if its route table has a route to an internet gateway
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html>,
//! "Subnet types").

use std::collections::BTreeMap;

use crate::model::{
    Component, ComponentId, IdVec, Interface, InterfaceKind, Network, NetworkAclId,
    NetworkInterfaceId, RouteState, RouteTable, RouteTableId, RouteTarget, SubnetId, VpcId,
};
use crate::net::{Address, IpSet, RangeSet};

/// Every component's layout.
pub(crate) struct Layout {
    components: IdVec<ComponentId, Grounds>,
}

/// The layout of a component.
pub(crate) struct Grounds {
    pub(crate) subnets: IdVec<SubnetId, Ground>,
    pub(crate) vpcs: IdVec<VpcId, Territory>,
}

/// What a subnet has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ground {
    /// The table that it uses, if that can be told.
    pub(crate) table: Option<RouteTableId>,
    /// The ACL that it uses, if that can be told.
    pub(crate) acl: Option<NetworkAclId>,
    /// Which route of its table leads to an internet gateway.
    pub(crate) public: Option<usize>,
    /// Whether a host is in it.
    pub(crate) inhabited: bool,
}

/// What a VPC holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Territory {
    /// Its blocks.
    pub(crate) blocks: IpSet,
    /// The blocks of its subnets.
    pub(crate) subnets: IpSet,
    /// How many subnets it has.
    pub(crate) count: usize,
    /// The addresses of its hosts.
    pub(crate) hosts: IpSet,
}

impl Layout {
    pub(crate) fn of(network: &Network) -> Self {
        Self { components: network.components.iter().map(|it| Grounds::of(it)).collect() }
    }

    pub(crate) fn component(&self, id: ComponentId) -> &Grounds {
        &self.components[id]
    }
}

impl Grounds {
    fn of(component: &Component) -> Self {
        let tables = by_subnet(component.route_tables.entries().map(|(id, it)| (id, &*it.subnets)));
        let mains = by_vpc(component.route_tables.entries().map(|(id, it)| (id, it.vpc, it.main)));
        let acls = by_subnet(component.network_acls.entries().map(|(id, it)| (id, &*it.subnets)));
        let defaults =
            by_vpc(component.network_acls.entries().map(|(id, it)| (id, it.vpc, it.is_default)));
        let subnets = component.subnets.entries().map(|(id, subnet)| {
            let table = only(tables.get(&id).or_else(|| mains.get(&subnet.vpc)));
            Ground {
                table,
                acl: only(acls.get(&id).or_else(|| defaults.get(&subnet.vpc))),
                public: table.and_then(|it| public(component, &component.route_tables[it])),
                inhabited: false,
            }
        });
        let mut grounds = Self { subnets: subnets.collect(), vpcs: territories(component) };
        for interface in component.interfaces.iter().filter(|it| is_host(*it)) {
            grounds.subnets[interface.subnet()].inhabited = true;
        }
        grounds
    }

    /// The VPCs of which most addresses are among some: more than half of what
    /// their subnets hold, in one family. Of the VPC that is looked from only if it
    /// has several subnets; no other VPC that has the same addresses.
    pub(crate) fn mostly_within(&self, sources: &IpSet, own: VpcId) -> Vec<VpcId> {
        let home = &self.vpcs[own];
        let mut found = Vec::new();
        for (id, vpc) in self.vpcs.entries() {
            let stranger = id != own;
            if vpc.count == 0 || (!stranger && vpc.count < 2) {
                continue;
            }
            if stranger && vpc.blocks.intersects(&home.blocks) {
                continue;
            }
            if most(&sources.v4, &vpc.subnets.v4) || most(&sources.v6, &vpc.subnets.v6) {
                found.push(id);
            }
        }
        found
    }

    /// Hosts among some addresses, as seen from a VPC: at most two, of different
    /// instances, so that one of them is another host than any that is looked at.
    pub(crate) fn hosts_among(
        &self,
        component: &Component,
        sources: &IpSet,
        own: VpcId,
    ) -> Vec<NetworkInterfaceId> {
        let home = &self.vpcs[own];
        let mut found: Vec<Interface<'_>> = Vec::new();
        let others = self.vpcs.entries().filter(|(id, _)| *id != own);
        for (id, vpc) in std::iter::once((own, home)).chain(others) {
            if id != own && vpc.blocks.intersects(&home.blocks) {
                continue;
            }
            let hosts = sources.intersection(&vpc.hosts);
            let v4 = hosts.v4.ranges().iter().flat_map(|&(first, last)| [first, last]);
            let v4 = v4.flat_map(|at| component.ipv4_holders(id, at));
            let v6 = hosts.v6.ranges().iter().flat_map(|&(first, last)| [first, last]);
            let v6 = v6.flat_map(|at| component.ipv6_holders(id, at));
            for interface in v4.chain(v6) {
                if !is_host(interface) || found.iter().any(|it| same_host(*it, interface)) {
                    continue;
                }
                found.push(interface);
                if found.len() == 2 {
                    return found.into_iter().map(Interface::index).collect();
                }
            }
        }
        found.into_iter().map(Interface::index).collect()
    }
}

/// Whether two interfaces are of one host.
pub(crate) fn same_host(one: Interface<'_>, other: Interface<'_>) -> bool {
    one.index() == other.index() || (one.instance().is_some() && one.instance() == other.instance())
}

/// Whether a host is behind an interface that the source holds.
pub(crate) fn is_host(interface: Interface<'_>) -> bool {
    interface.seen() && interface.kind() == InterfaceKind::Host
}

/// The addresses that an interface holds.
pub(crate) fn addresses(interface: Interface<'_>) -> IpSet {
    IpSet {
        v4: interface.ipv4().iter().map(|held| (held.first, held.last)).collect(),
        v6: interface.ipv6().iter().map(|held| (held.first, held.last)).collect(),
    }
}

/// Whether more than half of `whole` is in `part`.
fn most<A: Address>(part: &RangeSet<A>, whole: &RangeSet<A>) -> bool {
    let meets = whole.ranges().iter().any(|&(first, last)| part.intersects_range(first, last));
    meets && part.intersection(whole).size().saturating_mul(2) > whole.size()
}

fn territories(component: &Component) -> IdVec<VpcId, Territory> {
    let mut hosts: BTreeMap<VpcId, (Vec<_>, Vec<_>)> = BTreeMap::new();
    for interface in component.interfaces.iter().filter(|it| is_host(*it)) {
        let (v4, v6) = hosts.entry(interface.vpc()).or_default();
        v4.extend(interface.ipv4().iter().map(|held| (held.first, held.last)));
        v6.extend(interface.ipv6().iter().map(|held| (held.first, held.last)));
    }
    let mut subnets: BTreeMap<VpcId, (usize, Vec<_>, Vec<_>)> = BTreeMap::new();
    for subnet in component.subnets.iter().filter(|subnet| subnet.seen) {
        let (count, v4, v6) = subnets.entry(subnet.vpc).or_default();
        *count = count.saturating_add(1);
        v4.extend(subnet.ipv4);
        v6.extend(subnet.ipv6.iter().copied());
    }
    let territories = component.vpcs.entries().map(|(id, vpc)| {
        let (v4, v6) = hosts.remove(&id).unwrap_or_default();
        let hosts = IpSet { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() };
        let (count, v4, v6) = subnets.remove(&id).unwrap_or_default();
        let subnets = IpSet { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() };
        let blocks = IpSet {
            v4: vpc.ipv4.iter().copied().collect(),
            v6: vpc.ipv6.iter().copied().collect(),
        };
        Territory { blocks, subnets, count, hosts }
    });
    territories.collect()
}

/// Which route of a table leads to an internet gateway that is attached, or may be.
fn public(component: &Component, table: &RouteTable) -> Option<usize> {
    table.routes.iter().position(|route| match route.target {
        RouteTarget::InternetGateway(gateway) => {
            let gateway = &component.internet_gateways[gateway];
            let attached = gateway.attachments.iter().any(|at| at.attached && at.vpc == table.vpc);
            route.state != RouteState::Blackhole && (attached || !gateway.seen)
        }
        RouteTarget::Local
        | RouteTarget::EgressOnlyInternetGateway(_)
        | RouteTarget::NatGateway(_)
        | RouteTarget::VpcPeeringConnection(_)
        | RouteTarget::NetworkInterface(_)
        | RouteTarget::VpcEndpoint(_)
        | RouteTarget::TransitGateway(_)
        | RouteTarget::VpnGateway(_)
        | RouteTarget::Other(_) => false,
    })
}

fn by_subnet<'a, I: Copy + 'a>(
    all: impl Iterator<Item = (I, &'a [SubnetId])>,
) -> BTreeMap<SubnetId, Vec<I>> {
    let mut found: BTreeMap<SubnetId, Vec<I>> = BTreeMap::new();
    for (id, subnets) in all {
        for &subnet in subnets {
            found.entry(subnet).or_default().push(id);
        }
    }
    found
}

fn by_vpc<I: Copy>(all: impl Iterator<Item = (I, VpcId, bool)>) -> BTreeMap<VpcId, Vec<I>> {
    let mut found: BTreeMap<VpcId, Vec<I>> = BTreeMap::new();
    for (id, vpc, _) in all.filter(|(.., used)| *used) {
        found.entry(vpc).or_default().push(id);
    }
    found
}

/// The one, none if there are several or none.
fn only<T: Copy>(all: Option<&Vec<T>>) -> Option<T> {
    match all.map(Vec::as_slice) {
        Some(&[id]) => Some(id),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::network;

    #[test]
    fn a_subnet_is_public_by_its_own_table_or_by_the_main_one() {
        let network = network(
            "vpc v1 10.0.0.0/16 igw
             subnet a v1 10.0.1.0/24 route 0.0.0.0/0->igw
             subnet b v1 10.0.2.0/24
             subnet c v1 10.0.3.0/24 route 0.0.0.0/0->igw blackhole
             subnet d v1 10.0.4.0/24 route 192.0.2.0/24->igw",
        )
        .unwrap();
        let (id, component) = network.components.entries().next().unwrap();
        let layout = Layout::of(&network);
        let public: Vec<(&str, bool)> = component
            .subnets
            .entries()
            .map(|(subnet, facts)| {
                let ground = &layout.component(id).subnets[subnet];
                (network.text(facts.id), ground.public.is_some())
            })
            .collect();
        assert_eq!(public, [("a", true), ("b", false), ("c", false), ("d", true)]);
    }

    #[test]
    fn most_of_a_vpc_is_more_than_half_of_its_subnets() {
        let network = network(
            "vpc v1 10.0.0.0/16
             subnet a v1 10.0.1.0/24
             subnet b v1 10.0.2.0/24
             vpc v2 10.1.0.0/16
             subnet c v2 10.1.1.0/24
             peering p v1 v2",
        )
        .unwrap();
        let (id, component) = network.components.entries().next().unwrap();
        let (own, _) = component.vpcs.entries().next().unwrap();
        let layout = Layout::of(&network);
        let most = |blocks: &[&str]| {
            let set: IpSet =
                blocks.iter().map(|block| crate::net::Cidr::parse(block).unwrap().0).collect();
            layout.component(id).mostly_within(&set, own).len()
        };
        assert_eq!(most(&["10.0.1.0/24"]), 0);
        assert_eq!(most(&["10.0.1.0/24", "10.0.2.7/32"]), 1);
        assert_eq!(most(&["10.0.0.0/15"]), 2);
        assert_eq!(most(&["10.1.1.0/25"]), 0);
    }
}
