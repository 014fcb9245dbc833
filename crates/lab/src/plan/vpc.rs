//! A VPC: the router of its subnets, their ACLs, the groups of its interfaces.
//!
//! The hooks of `forward`, in order:
//!
//! | priority | chain | decides |
//! |---|---|---|
//! | -20 | `check` | source/destination check |
//! | -15 | `gateways` | what gateways, peering connections and Block Public Access refuse |
//! | -10 | `acls` | network ACLs, at the borders of subnets |
//! | 0 | `groups` | security groups, at interfaces |
//!
//! Before them `prerouting` marks each packet with the subnet that it comes from and
//! that subnet's route table; the tables of the kernel are asked by mark.

use std::collections::{BTreeMap, BTreeSet};

use portolan::model::{
    Component, ComponentId, Direction, GroupSetId, NetworkAclId, NetworkInterfaceId,
    SecurityGroupId, SubnetId, TextId, VpcId,
};
use portolan::net::{Cidr, Prefix};

use super::host::held;
use super::routes::{self, TABLES, Ways};
use super::{Action, Packets, Route, Rule, Space, SpaceId};
use crate::ruleset::filter::{self, Notes};
use crate::ruleset::{Hook, Ruleset, words};

/// Routing tables of what is delivered within a subnet: this and its number.
const WITHIN_SUBNET: u32 = 10_000;
/// The main table: which interface holds which address.
pub(super) const MAIN: u32 = 254;

/// The device of the internet gateway.
pub(super) const INTERNET_GATEWAY: &str = "igw";
/// The device of the egress-only internet gateway.
pub(super) const EGRESS_ONLY: &str = "eigw";

/// What a VPC's devices are, while it is being compiled.
pub(super) struct Draft<'n> {
    pub(super) at: ComponentId,
    pub(super) component: &'n Component,
    pub(super) vpc: VpcId,
    pub(super) space: SpaceId,
    /// The index of the next device.
    pub(super) next_device: u32,
    /// Interfaces of hosts.
    pub(super) interfaces: BTreeMap<NetworkInterfaceId, Device>,
    /// Subnets that something is in, numbered from 1.
    pub(super) subnets: BTreeMap<SubnetId, u32>,
    pub(super) ways: Ways,
    pub(super) notes: Notes,
}

/// A device of a VPC.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) name: String,
    pub(super) index: u32,
}

impl<'n> Draft<'n> {
    pub(super) fn new(
        at: ComponentId,
        component: &'n Component,
        vpc: VpcId,
        space: SpaceId,
    ) -> Self {
        Self {
            at,
            component,
            vpc,
            space,
            next_device: 10,
            interfaces: BTreeMap::new(),
            subnets: BTreeMap::new(),
            ways: Ways::default(),
            notes: Notes::default(),
        }
    }

    /// A new device.
    pub(super) fn device(&mut self, name: String) -> Device {
        let index = self.next_device;
        self.next_device = index.saturating_add(1);
        Device { name, index }
    }

    /// Notes what is not built.
    pub(super) fn leave_out(&mut self, id: TextId, reason: &'static str) {
        self.notes.open.insert((id, reason));
    }

    /// The number of a subnet.
    pub(super) fn subnet(&mut self, subnet: SubnetId) -> u32 {
        let next = u32::try_from(self.subnets.len()).unwrap_or(u32::MAX).saturating_add(1);
        *self.subnets.entry(subnet).or_insert(next)
    }

    /// Fills the namespace once all devices are known.
    pub(super) fn finish(mut self, space: &mut Space, peers: &Peers) -> Notes {
        space.forwards = true;
        let tables = routes::tables(&mut self);
        self.routing(space, &tables);
        let mut rules = Ruleset::default();
        self.marks(&mut rules, &tables);
        self.check(&mut rules);
        self.gateways(&mut rules);
        self.acls(&mut rules);
        self.groups(&mut rules, peers);
        space.ruleset = rules;
        self.notes
    }

    fn routing(&self, space: &mut Space, tables: &routes::Tables) {
        for block in [Cidr::ALL_V4, Cidr::ALL_V6] {
            space.routes.push(Route { table: MAIN, destination: block, action: Action::Drop });
        }
        for (&id, device) in &self.interfaces {
            let interface = self.component.interface(id);
            let number = self.subnets.get(&interface.subnet()).copied().unwrap_or(0);
            for block in held(interface) {
                for table in [MAIN, WITHIN_SUBNET.saturating_add(number)] {
                    let action = Action::Device(device.index);
                    space.routes.push(Route { table, destination: block, action });
                }
            }
        }
        for nat in self.ways.nat_gateways.values() {
            let destination = Cidr::V4(Prefix::single(nat.private));
            let action = Action::Device(nat.device.index);
            space.routes.push(Route { table: MAIN, destination, action });
        }
        for &number in self.subnets.values() {
            space.rules.push(Rule {
                priority: 100,
                packets: Packets::Marked { mark: number << 16, mask: 0xffff_0000 },
                table: WITHIN_SUBNET.saturating_add(number),
            });
        }
        for number in 1..=tables.routes.len() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            space.rules.push(Rule {
                priority: 200,
                packets: Packets::Marked { mark: number, mask: 0xffff },
                table: TABLES.saturating_add(number),
            });
        }
        space.routes.extend(tables.routes.iter().flatten());
    }

    fn marks(&self, rules: &mut Ruleset, tables: &routes::Tables) {
        let marks: Vec<String> = self
            .subnets
            .iter()
            .map(|(subnet, &number)| {
                let table = tables.of_subnet.get(subnet).copied().unwrap_or(0);
                format!("{number} : {:#x}", number << 16 | table)
            })
            .collect();
        rules.base_chain(
            "subnets",
            Hook { kind: "filter", hook: "prerouting", priority: -150, policy: "accept" },
        );
        if !marks.is_empty() {
            rules
                .rule("subnets", &format!("meta mark set iifgroup map {{ {} }}", marks.join(", ")));
        }
        let transit = self.ways.transit_devices();
        if !transit.is_empty() {
            // What a transit gateway hands out is routed, also within the subnet.
            let transit = transit.join(", ");
            rules.rule(
                "subnets",
                &format!("iifname {{ {transit} }} meta mark set meta mark and 0xffff"),
            );
        }
        if let Some(table) = tables.of_gateway {
            rules.rule("subnets", &format!("iifname {INTERNET_GATEWAY} meta mark set {table:#x}"));
        }
    }

    /// An interface sends from its own addresses and takes what is for them (VPC user
    /// guide, "Source/destination checking").
    fn check(&self, rules: &mut Ruleset) {
        let mut held_by = [Vec::new(), Vec::new()];
        let mut intervals = [false, false];
        let mut unchecked = Vec::new();
        let mut checked_relays = Vec::new();
        for (&id, device) in &self.interfaces {
            let interface = self.component.interface(id);
            let name = words::device(&device.name);
            for block in held(interface) {
                let family = usize::from(!block.is_v4());
                if let (Some(list), Some(ranges)) =
                    (held_by.get_mut(family), intervals.get_mut(family))
                {
                    list.push(format!("{name} . {}", words::element(block)));
                    *ranges |= !words::is_single(block);
                }
            }
            if interface.source_dest_check() == Some(false) {
                unchecked.push(name);
            } else if self.ways.relays.contains(&id) {
                checked_relays.push(name);
            }
        }
        let [v4, v6] = held_by;
        let [wide_v4, wide_v6] = intervals;
        rules.set("held_v4", "ifname . ipv4_addr", wide_v4, &v4);
        rules.set("held_v6", "ifname . ipv6_addr", wide_v6, &v6);
        rules.base_chain(
            "check",
            Hook { kind: "filter", hook: "forward", priority: -20, policy: "drop" },
        );
        if !checked_relays.is_empty() {
            let relays = checked_relays.join(", ");
            for (family, set) in [("ip", "held_v4"), ("ip6", "held_v6")] {
                rules.rule(
                    "check",
                    &format!("oifname {{ {relays} }} oifname . {family} daddr != @{set} drop"),
                );
            }
        }
        let mut free = self.ways.devices();
        free.extend(unchecked);
        if !free.is_empty() {
            rules.rule("check", &format!("iifname {{ {} }} accept", free.join(", ")));
        }
        rules.rule("check", "iifname . ip saddr @held_v4 accept");
        rules.rule("check", "iifname . ip6 saddr @held_v6 accept");
    }

    /// Network ACLs: at the border of a subnet, not within it.
    fn acls(&mut self, rules: &mut Ruleset) {
        let mut chains: BTreeSet<NetworkAclId> = BTreeSet::new();
        let mut ways = [Vec::new(), Vec::new()];
        let mut within = Vec::new();
        for (&subnet, &number) in &self.subnets {
            within.push(format!("{number} . {number}"));
            let Some(acl) = acl_of(self.component, subnet) else {
                let id = self.component.subnets[subnet].id;
                self.notes.open.insert((id, "the network ACL of this subnet is not known"));
                continue;
            };
            if self.component.network_acls[acl].contested {
                let id = self.component.network_acls[acl].id;
                self.notes.open.insert((id, "two listings of this network ACL differ"));
                continue;
            }
            chains.insert(acl);
            for (list, direction) in ways.iter_mut().zip(["out", "in"]) {
                list.push(format!("{number} : jump acl{}_{direction}", acl.number()));
            }
        }
        for &id in &chains {
            for (direction, egress) in [("out", true), ("in", false)] {
                let name = format!("acl{}_{direction}", id.number());
                rules.chain(&name);
                let acl = &self.component.network_acls[id];
                for line in filter::acl(acl, egress, &mut self.notes) {
                    rules.rule(&name, &line);
                }
            }
        }
        rules.base_chain(
            "acls",
            Hook { kind: "filter", hook: "forward", priority: -10, policy: "accept" },
        );
        if !within.is_empty() {
            // What leaves for a transit gateway from the attachment's own subnet is asked
            // both ways, what comes from there not at all (Transit gateways guide,
            // "Network ACLs").
            let transit = self.ways.transit_devices();
            let delivered = match transit.is_empty() {
                true => String::new(),
                false => format!("oifname != {{ {} }} ", transit.join(", ")),
            };
            let within = within.join(", ");
            rules.rule("acls", &format!("{delivered}iifgroup . oifgroup {{ {within} }} accept"));
        }
        for (list, side) in ways.into_iter().zip(["iifgroup", "oifgroup"]) {
            if !list.is_empty() {
                rules.rule("acls", &format!("{side} vmap {{ {} }}", list.join(", ")));
            }
        }
    }

    /// Security groups: at every interface, one chain for each set of groups.
    fn groups(&mut self, rules: &mut Ruleset, peers: &Peers) {
        let mut sets: BTreeSet<GroupSetId> = BTreeSet::new();
        let mut ways = [Vec::new(), Vec::new()];
        for (&id, device) in &self.interfaces {
            let set = self.component.interface(id).group_set();
            sets.insert(set);
            for (list, direction) in ways.iter_mut().zip(["out", "in"]) {
                let name = words::device(&device.name);
                list.push(format!("{name} : jump groups{}_{direction}", set.number()));
            }
        }
        let mut chains = Vec::new();
        for set in sets {
            let worn = &self.component.group_sets[set];
            for (direction, name) in [(Direction::Egress, "out"), (Direction::Ingress, "in")] {
                let lines = filter::groups(self.component, worn, direction, &mut self.notes);
                chains.push((format!("groups{}_{name}", set.number()), lines));
            }
        }
        for (group, direction) in self.notes.references.clone() {
            for ipv4 in [true, false] {
                self.members(rules, (group, direction), ipv4, peers);
            }
        }
        for (name, lines) in chains {
            rules.chain(&name);
            for line in lines {
                rules.rule(&name, &line);
            }
        }
        rules.base_chain(
            "groups",
            Hook { kind: "filter", hook: "forward", priority: 0, policy: "accept" },
        );
        rules.rule("groups", "ct state established,related accept");
        for (list, side) in ways.into_iter().zip(["iifname", "oifname"]) {
            if !list.is_empty() {
                rules.rule("groups", &format!("{side} vmap {{ {} }}", list.join(", ")));
            }
        }
    }

    /// The addresses of a group's members, each with the device that it comes through:
    /// its own, or the peering connection's (VPC peering guide, "Update your security
    /// groups to reference peer security groups": within one region).
    /// Over a transit gateway only what comes in knows groups (Transit gateways guide,
    /// "Security group referencing").
    fn members(
        &self,
        rules: &mut Ruleset,
        (group, direction): (SecurityGroupId, Direction),
        ipv4: bool,
        peers: &Peers,
    ) {
        let mut elements = Vec::new();
        let mut intervals = false;
        let own = self.interfaces.iter().map(|(&id, device)| (id, device.name.clone()));
        let abroad = self.ways.peerings.values().flat_map(|peering| {
            let far = peers.get(&(self.at, peering.far)).into_iter().flatten();
            far.filter(|_| self.same_region(peering.far))
                .map(|&id| (id, peering.device.name.clone()))
        });
        let attached = self.ways.attachments.values();
        let attached = attached.filter(|_| direction == Direction::Ingress);
        let over = attached.flat_map(|attached| {
            let partners = attached.partners.iter().filter(|&&far| far != self.vpc);
            let far = partners.flat_map(|&far| peers.get(&(self.at, far)).into_iter().flatten());
            far.flat_map(|&id| {
                attached.devices.values().map(move |device| (id, device.name.clone()))
            })
        });
        for (id, device) in own.chain(abroad).chain(over) {
            let interface = self.component.interface(id);
            if !self.component.group_sets[interface.group_set()].contains(&group) {
                continue;
            }
            for block in held(interface).into_iter().filter(|block| block.is_v4() == ipv4) {
                elements.push(format!("{} . {}", words::device(&device), words::element(block)));
                intervals |= !words::is_single(block);
            }
        }
        let address = if ipv4 { "ifname . ipv4_addr" } else { "ifname . ipv6_addr" };
        rules.set(&filter::members(group, direction, ipv4), address, intervals, &elements);
    }

    fn same_region(&self, far: VpcId) -> bool {
        self.component.vpcs[self.vpc].region == self.component.vpcs[far].region
    }
}

/// The interfaces that are built, by VPC.
pub(super) type Peers = BTreeMap<(ComponentId, VpcId), Vec<NetworkInterfaceId>>;

/// The ACL of a subnet: the one that names it, else its VPC's default.
fn acl_of(component: &Component, subnet: SubnetId) -> Option<NetworkAclId> {
    let mut named = component.acls_naming(subnet);
    if let Some(acl) = named.next() {
        return named.next().is_none().then_some(acl);
    }
    let mut defaults = component.default_acls(component.subnets[subnet].vpc);
    defaults.next().filter(|_| defaults.next().is_none())
}
