//! Classes: the interfaces of one VPC and tier that wear the same groups.
//!
//! Finer than what people draw, coarser than single hosts. What nothing uses (a
//! detached interface, a stopped instance) accepts nothing and has no class; it is
//! counted. So is what belongs to a NAT gateway, which is a box of its own.

use std::collections::BTreeMap;

use super::names::of_group;
use super::{ClassId, TerritoryId};
use crate::audit::layout::Layout;
use crate::audit::service::runs_a_database;
use crate::model::{
    Attachment, Component, ComponentId, GroupSetId, IdVec, InstanceState, Interface, InterfaceKind,
    Network, NetworkInterfaceId, SecurityGroupId, TextId, Unlisted, VpcId,
};
use crate::net::IpSet;

/// Who is alike.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kin {
    /// Interfaces.
    Interfaces {
        /// Whether they have public addresses and a route to an internet gateway.
        public: bool,
        /// What they are.
        kind: Kind,
        /// The groups that they wear.
        groups: GroupSetId,
    },
    /// A group by itself, in a source that holds no interfaces.
    Group(SecurityGroupId),
}

/// What an interface is, as far as its place on the chart depends on it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    /// A host, or something that AWS manages.
    Host,
    /// A load balancer.
    LoadBalancer,
    /// A transit gateway attachment.
    TransitGateway,
}

/// A class.
pub(super) struct Class {
    /// Where it is.
    pub(super) territory: TerritoryId,
    /// Who is alike.
    pub(super) kin: Kin,
    /// Who they are, ascending; none for a group by itself.
    pub(super) members: Vec<NetworkInterfaceId>,
    /// Whether one of them says that it is a database.
    pub(super) database: bool,
}

/// A VPC.
pub(super) struct Territory {
    pub(super) component: ComponentId,
    pub(super) vpc: VpcId,
    /// Its blocks.
    pub(super) blocks: IpSet,
    /// Its classes.
    pub(super) classes: Vec<ClassId>,
    /// How many interfaces nothing uses.
    pub(super) idle: u64,
    /// How many of its subnets have a default or other route to a NAT gateway.
    pub(super) behind_nat: u64,
}

/// All classes.
pub(super) struct Classes {
    pub(super) all: IdVec<ClassId, Class>,
    pub(super) territories: IdVec<TerritoryId, Territory>,
    /// The class of each interface, none if it is idle or not drawn.
    of: BTreeMap<ComponentId, IdVec<NetworkInterfaceId, Option<ClassId>>>,
    /// The classes of groups by themselves.
    groups: BTreeMap<TextId, Vec<ClassId>>,
    /// How many classes wear groups of a name.
    worn: BTreeMap<String, u64>,
    /// The numbers of VPCs.
    vpcs: BTreeMap<(ComponentId, VpcId), TerritoryId>,
}

impl Classes {
    pub(super) fn of(network: &Network) -> Self {
        let layout = Layout::of(network);
        let mut classes = Self {
            all: IdVec::default(),
            territories: IdVec::default(),
            of: BTreeMap::new(),
            groups: BTreeMap::new(),
            worn: BTreeMap::new(),
            vpcs: BTreeMap::new(),
        };
        for (id, component) in network.components.entries() {
            classes.component(&layout, id, component);
        }
        for (id, class) in classes.all.entries() {
            let territory = &mut classes.territories[class.territory];
            territory.classes.push(id);
            let component = &network.components[territory.component];
            if let Kin::Interfaces { groups, .. } = class.kin {
                for &group in &component.group_sets[groups] {
                    let name = of_group(network, &component.security_groups[group]).to_owned();
                    *classes.worn.entry(name).or_default() += 1;
                }
            }
        }
        classes
    }

    /// The class of an interface.
    pub(super) fn class(
        &self,
        component: ComponentId,
        interface: NetworkInterfaceId,
    ) -> Option<ClassId> {
        self.of.get(&component).and_then(|all| all[interface])
    }

    /// The classes of a group that stands by itself.
    pub(super) fn groups(&self, group: TextId) -> &[ClassId] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }

    /// The number of a VPC.
    pub(super) fn territory(&self, component: ComponentId, vpc: VpcId) -> Option<TerritoryId> {
        self.vpcs.get(&(component, vpc)).copied()
    }

    /// How many classes wear groups of a name.
    pub(super) fn wearing(&self, group: &str) -> u64 {
        self.worn.get(group).copied().unwrap_or(0)
    }

    /// The component of a class.
    pub(super) fn component_of(&self, class: ClassId) -> ComponentId {
        self.territories[self.all[class].territory].component
    }

    fn component(&mut self, layout: &Layout, id: ComponentId, component: &Component) {
        let grounds = layout.component(id);
        for (vpc, facts) in component.vpcs.entries().filter(|(_, vpc)| vpc.seen) {
            let blocks = IpSet {
                v4: facts.ipv4.iter().copied().collect(),
                v6: facts.ipv6.iter().copied().collect(),
            };
            let territory = Territory {
                component: id,
                vpc,
                blocks,
                classes: Vec::new(),
                idle: 0,
                behind_nat: 0,
            };
            let number = self.territories.push(territory);
            self.vpcs.insert((id, vpc), number);
        }
        for (subnet, facts) in component.subnets.entries().filter(|(_, subnet)| subnet.seen) {
            let table = grounds.subnets[subnet].table.map(|table| &component.route_tables[table]);
            let nat = table.is_some_and(|table| {
                let mut routes = table.routes.iter();
                routes.any(|route| matches!(route.target, crate::model::RouteTarget::NatGateway(_)))
            });
            if let (true, Some(territory)) = (nat, self.territory(id, facts.vpc)) {
                let behind = &mut self.territories[territory].behind_nat;
                *behind = behind.saturating_add(1);
            }
        }
        let mut known: BTreeMap<(TerritoryId, Kin), ClassId> = BTreeMap::new();
        let mut of: IdVec<NetworkInterfaceId, Option<ClassId>> = IdVec::default();
        for interface in component.interfaces.iter() {
            let class = self.interface(grounds, id, component, interface, &mut known);
            of.push(class);
        }
        self.of.insert(id, of);
        if component.interfaces.iter().any(|interface| interface.seen()) {
            return;
        }
        for (group, facts) in component.security_groups.entries().filter(|(_, group)| group.seen) {
            if let Some(territory) = self.territory(id, facts.vpc) {
                let kin = Kin::Group(group);
                let class = Class { territory, kin, members: Vec::new(), database: false };
                let class = self.all.push(class);
                self.groups.entry(facts.id).or_default().push(class);
            }
        }
    }

    fn interface(
        &mut self,
        grounds: &crate::audit::layout::Grounds,
        id: ComponentId,
        component: &Component,
        interface: Interface<'_>,
        known: &mut BTreeMap<(TerritoryId, Kin), ClassId>,
    ) -> Option<ClassId> {
        if !interface.seen() && interface.unlisted().is_none() {
            return None;
        }
        let territory = self.territory(id, interface.vpc())?;
        let kind = match interface.kind() {
            InterfaceKind::NatGateway => return None,
            InterfaceKind::Host
            | InterfaceKind::VpcEndpoint
            | InterfaceKind::RemoteAccess
            | InterfaceKind::Managed => Kind::Host,
            InterfaceKind::LoadBalancer => Kind::LoadBalancer,
            InterfaceKind::TransitGateway => Kind::TransitGateway,
        };
        if is_idle(component, interface) {
            let idle = &mut self.territories[territory].idle;
            *idle = idle.saturating_add(1);
            return None;
        }
        let addressed = interface.ipv4().iter().any(|held| held.public.is_some())
            || interface.unlisted() == Some(Unlisted::MaybePublic)
            || !interface.ipv6().is_empty();
        let public = addressed && grounds.subnets[interface.subnet()].public.is_some();
        let kin = Kin::Interfaces { public, kind, groups: interface.group_set() };
        let class = match known.get(&(territory, kin)) {
            Some(&class) => class,
            None => {
                let class = Class { territory, kin, members: Vec::new(), database: false };
                let class = self.all.push(class);
                known.insert((territory, kin), class);
                class
            }
        };
        let facts = &mut self.all[class];
        facts.members.push(interface.index());
        facts.database |= runs_a_database(component, interface.index());
        Some(class)
    }
}

/// Whether nothing is behind an interface that could answer.
fn is_idle(component: &Component, interface: Interface<'_>) -> bool {
    let stopped = |id| match component.instances[id].state {
        InstanceState::Stopped => true,
        InstanceState::Running | InstanceState::Unknown | InstanceState::NotCollected => false,
    };
    match interface.attachment() {
        Attachment::Detached => true,
        Attachment::Attached | Attachment::Unknown => interface.instance().is_some_and(stopped),
    }
}
