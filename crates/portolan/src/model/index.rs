//! Facts by what they speak of, so that nobody has to go through all of them: the
//! ACLs and tables that name a subnet, the VPCs that hold an address, the things
//! of an id.
//!
//! Nothing here has a meaning: whether a subnet is filtered by an ACL that names
//! it, or whose an address is, is decided in `reach`. Each index is made when it is
//! first asked, and speaks of facts that no edit changes.

use std::sync::OnceLock;

use super::{
    Component, ComponentId, IdVec, Network, NetworkAcl, NetworkAclId, NetworkInterfaceId,
    RouteTable, RouteTableId, SecurityGroup, SecurityGroupId, SubnetId, TextId, VpcId,
};
use crate::net::Address;

/// Pairs, ascending.
type Pairs<K, V> = Vec<(K, V)>;

/// What the ACLs and route tables of a component name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    acls: Pairs<SubnetId, NetworkAclId>,
    default_acls: Pairs<VpcId, NetworkAclId>,
    tables: Pairs<SubnetId, RouteTableId>,
    main_tables: Pairs<VpcId, RouteTableId>,
    gateway_tables: Pairs<TextId, RouteTableId>,
}

impl Named {
    fn of(component: &Component) -> Self {
        let (acls, tables) = (&component.network_acls, &component.route_tables);
        let defaults = acls.entries().filter(|(_, acl)| acl.is_default);
        let mains = tables.entries().filter(|(_, table)| table.main);
        let gateways = tables.entries().flat_map(|(id, table)| {
            table.gateways.iter().map(move |association| (association.gateway, id))
        });
        Self {
            acls: sorted(acls.entries().flat_map(|(id, acl)| pairs(&acl.subnets, id))),
            default_acls: sorted(defaults.map(|(id, acl)| (acl.vpc, id))),
            tables: sorted(tables.entries().flat_map(|(id, table)| pairs(&table.subnets, id))),
            main_tables: sorted(mains.map(|(id, table)| (table.vpc, id))),
            gateway_tables: sorted(gateways),
        }
    }
}

impl Component {
    fn named(&self) -> &Named {
        self.named.get_or_init(|| Named::of(self))
    }

    /// The network ACLs that name a subnet, ascending.
    pub fn acls_naming(&self, subnet: SubnetId) -> impl Iterator<Item = NetworkAclId> {
        of(&self.named().acls, subnet)
    }

    /// The default network ACLs of a VPC, ascending: one, unless the source contradicts itself.
    pub fn default_acls(&self, vpc: VpcId) -> impl Iterator<Item = NetworkAclId> {
        of(&self.named().default_acls, vpc)
    }

    /// The route tables that name a subnet, ascending.
    pub fn tables_naming(&self, subnet: SubnetId) -> impl Iterator<Item = RouteTableId> {
        of(&self.named().tables, subnet)
    }

    /// The main route tables of a VPC, ascending: one, unless the source contradicts itself.
    pub fn main_tables(&self, vpc: VpcId) -> impl Iterator<Item = RouteTableId> {
        of(&self.named().main_tables, vpc)
    }

    /// The route tables that name a gateway (`igw-…`), ascending.
    pub fn tables_naming_gateway(&self, gateway: TextId) -> impl Iterator<Item = RouteTableId> {
        of(&self.named().gateway_tables, gateway)
    }
}

/// Where the things of an id are, kind by kind.
#[derive(Clone, Debug, Default)]
pub(super) struct ById {
    interfaces: OnceLock<Pairs<TextId, (ComponentId, NetworkInterfaceId)>>,
    vpcs: OnceLock<Pairs<TextId, (ComponentId, VpcId)>>,
    groups: OnceLock<Pairs<TextId, (ComponentId, SecurityGroupId)>>,
    acls: OnceLock<Pairs<TextId, (ComponentId, NetworkAclId)>>,
    tables: OnceLock<Pairs<TextId, (ComponentId, RouteTableId)>>,
    ipv4: OnceLock<Vec<Block<u32>>>,
    ipv6: OnceLock<Vec<Block<u128>>>,
}

impl Network {
    /// The interfaces that have an id (`eni-…`) or whose instance has it (`i-…`),
    /// without looking at all of them.
    pub fn interfaces_of(
        &self,
        id: &str,
    ) -> impl Iterator<Item = (ComponentId, NetworkInterfaceId)> {
        let all = self.by_id.interfaces.get_or_init(|| self.list_interfaces());
        self.text.find(id).into_iter().flat_map(|id| of(all, id))
    }

    /// The VPCs of an id: one in each component that speaks of it.
    pub fn vpcs_of(&self, id: &str) -> impl Iterator<Item = (ComponentId, VpcId)> {
        let all = self.by_id.vpcs.get_or_init(|| self.list(|it| &it.vpcs, |vpc| vpc.id));
        self.text.find(id).into_iter().flat_map(|id| of(all, id))
    }

    /// The security groups of an id, in the order of their components.
    pub fn security_groups_of(
        &self,
        id: TextId,
    ) -> impl Iterator<Item = (&Component, &SecurityGroup)> {
        let list = || self.list(|component| &component.security_groups, |group| group.id);
        of(self.by_id.groups.get_or_init(list), id).map(|(component, group)| {
            let component = &*self.components[component];
            (component, &component.security_groups[group])
        })
    }

    /// The network ACLs of an id, in the order of their components.
    pub fn network_acls_of(&self, id: TextId) -> impl Iterator<Item = &NetworkAcl> {
        let list = || self.list(|component| &component.network_acls, |acl| acl.id);
        of(self.by_id.acls.get_or_init(list), id)
            .map(|(component, acl)| &self.components[component].network_acls[acl])
    }

    /// The route tables of an id, in the order of their components.
    pub fn route_tables_of(&self, id: TextId) -> impl Iterator<Item = (&Component, &RouteTable)> {
        let list = || self.list(|component| &component.route_tables, |table| table.id);
        of(self.by_id.tables.get_or_init(list), id).map(|(component, table)| {
            let component = &*self.components[component];
            (component, &component.route_tables[table])
        })
    }

    /// The VPCs that have an IPv4 address in their blocks, or of which an interface
    /// or a NAT gateway holds it, ascending.
    #[must_use]
    pub fn vpcs_with_ipv4(&self, address: u32) -> Vec<(ComponentId, VpcId)> {
        around(self.by_id.ipv4.get_or_init(|| self.list_ipv4()), address)
    }

    /// The VPCs that have an IPv6 address in their blocks, or of which an interface
    /// holds it, ascending.
    #[must_use]
    pub fn vpcs_with_ipv6(&self, address: u128) -> Vec<(ComponentId, VpcId)> {
        around(self.by_id.ipv6.get_or_init(|| self.list_ipv6()), address)
    }

    fn list_interfaces(&self) -> Pairs<TextId, (ComponentId, NetworkInterfaceId)> {
        let mut all = Vec::new();
        for (id, component) in self.components.entries() {
            let all_of = component.interfaces.iter();
            for interface in all_of.filter(|it| it.seen() || it.unlisted().is_some()) {
                let at = (id, interface.index());
                all.push((interface.id(), at));
                all.extend(interface.instance().map(|it| (component.instances[it].id, at)));
            }
        }
        sorted(all)
    }

    fn list<I: super::Id, T>(
        &self,
        things: impl Fn(&Component) -> &IdVec<I, T>,
        id: impl Fn(&T) -> TextId,
    ) -> Pairs<TextId, (ComponentId, I)> {
        let mut all = Vec::new();
        for (at, component) in self.components.entries() {
            all.extend(things(component).entries().map(|(thing, facts)| (id(facts), (at, thing))));
        }
        sorted(all)
    }

    fn list_ipv4(&self) -> Vec<Block<u32>> {
        let mut all = Vec::new();
        for (at, component) in self.components.entries() {
            let blocks = |vpc: VpcId| &component.vpcs[vpc].ipv4;
            let within = |vpc: VpcId, first: u32, last: u32| {
                blocks(vpc).iter().any(|block| block.contains(first) && block.contains(last))
            };
            for vpc in component.vpcs.ids() {
                all.extend(blocks(vpc).iter().map(|it| (it.first(), it.last(), at, vpc)));
            }
            for interface in component.interfaces.iter() {
                let vpc = interface.vpc();
                let held = interface.ipv4().iter().map(|held| (held.first, held.last));
                let outside = held.filter(|&(first, last)| !within(vpc, first, last));
                all.extend(outside.map(|(first, last)| (first, last, at, vpc)));
            }
            for nat in component.nat_gateways.iter() {
                let held = nat.addresses.iter().filter_map(|address| address.private);
                all.extend(held.map(|address| (address, address, at, nat.vpc)));
            }
        }
        blocks(all)
    }

    fn list_ipv6(&self) -> Vec<Block<u128>> {
        let mut all = Vec::new();
        for (at, component) in self.components.entries() {
            let blocks = |vpc: VpcId| &component.vpcs[vpc].ipv6;
            let within = |vpc: VpcId, first: u128, last: u128| {
                blocks(vpc).iter().any(|block| block.contains(first) && block.contains(last))
            };
            for vpc in component.vpcs.ids() {
                all.extend(blocks(vpc).iter().map(|it| (it.first(), it.last(), at, vpc)));
            }
            for interface in component.interfaces.iter() {
                let vpc = interface.vpc();
                let held = interface.ipv6().iter().map(|held| (held.first, held.last));
                let outside = held.filter(|&(first, last)| !within(vpc, first, last));
                all.extend(outside.map(|(first, last)| (first, last, at, vpc)));
            }
        }
        blocks(all)
    }
}

/// Addresses of a VPC.
#[derive(Clone, Copy, Debug)]
struct Block<A> {
    first: A,
    last: A,
    vpc: (ComponentId, VpcId),
    /// The highest `last` of this and all before: where a search may stop.
    reach: A,
}

fn blocks<A: Address>(mut all: Vec<(A, A, ComponentId, VpcId)>) -> Vec<Block<A>> {
    all.sort_unstable();
    all.dedup();
    let mut reach = A::MIN;
    all.into_iter()
        .map(|(first, last, component, vpc)| {
            reach = reach.max(last);
            Block { first, last, vpc: (component, vpc), reach }
        })
        .collect()
}

fn around<A: Address>(blocks: &[Block<A>], address: A) -> Vec<(ComponentId, VpcId)> {
    let end = blocks.partition_point(|block| block.first <= address);
    let before = blocks.get(..end).unwrap_or_default().iter().rev();
    let mut found: Vec<_> = before
        .take_while(|block| block.reach >= address)
        .filter(|block| block.last >= address)
        .map(|block| block.vpc)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn pairs<K: Copy, V: Copy>(keys: &[K], value: V) -> impl Iterator<Item = (K, V)> {
    keys.iter().map(move |&key| (key, value))
}

fn sorted<K: Ord, V: Ord>(pairs: impl IntoIterator<Item = (K, V)>) -> Pairs<K, V> {
    let mut pairs: Pairs<K, V> = pairs.into_iter().collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.shrink_to_fit();
    pairs
}

/// The values of a key, ascending.
fn of<K: Copy + Ord, V: Copy>(pairs: &[(K, V)], key: K) -> impl Iterator<Item = V> {
    let start = pairs.partition_point(|&(at, _)| at < key);
    let rest = pairs.get(start..).unwrap_or_default();
    rest.iter().take_while(move |&&(at, _)| at == key).map(|&(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vpcs_have_the_addresses_of_their_blocks_and_what_their_interfaces_hold() {
        let network = crate::testing::network(
            "vpc v1 10.0.0.0/16 2001:db8::/56
             vpc v2 10.0.0.0/8
             subnet s v1 10.0.1.0/24
             interface a s 10.0.1.10
             interface b s 192.168.0.1",
        )
        .unwrap();
        let name = |(component, vpc): &(ComponentId, VpcId)| {
            network.text(network.components[*component].vpcs[*vpc].id).to_owned()
        };
        let with = |address: [u8; 4]| {
            let found = network.vpcs_with_ipv4(u32::from_be_bytes(address));
            found.iter().map(name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(with([10, 0, 1, 10]), "v1 v2");
        assert_eq!(with([10, 1, 0, 0]), "v2");
        assert_eq!(with([192, 168, 0, 1]), "v1");
        assert_eq!(with([192, 168, 0, 2]), "");
        assert_eq!(with([11, 0, 0, 0]), "");
        let v6: std::net::Ipv6Addr = "2001:db8::1".parse().unwrap();
        assert_eq!(network.vpcs_with_ipv6(v6.to_bits()).iter().map(name).collect::<String>(), "v1");
        assert_eq!(network.vpcs_of("v2").map(|it| name(&it)).collect::<String>(), "v2");
        assert_eq!(network.vpcs_of("v3").count(), 0);
    }

    #[test]
    fn keys_have_their_values_in_order_and_each_once() {
        let pairs = sorted([(2, 'b'), (1, 'z'), (2, 'a'), (2, 'b'), (4, 'x')]);
        assert_eq!(of(&pairs, 2).collect::<String>(), "ab");
        assert_eq!(of(&pairs, 3).count(), 0);
        assert_eq!(of(&pairs, 4).collect::<String>(), "x");
    }
}
