//! Edits: what is to be instead of what is there.

use std::collections::BTreeSet;

use crate::model::{
    Component, Destination, Direction, GroupSetId, Id, NetworkAclEntry, NetworkAclId,
    NetworkInterfaceId, Peer, Route, RouteTableId, RouteTarget, SecurityGroupId, SecurityGroupRule,
};

/// What is to be otherwise in a component.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Edit {
    /// All rules of a security group.
    Rules {
        /// The group.
        group: SecurityGroupId,
        /// Its rules from now on.
        rules: Vec<SecurityGroupRule>,
    },
    /// The groups of an interface.
    Groups {
        /// The interface.
        interface: NetworkInterfaceId,
        /// Its groups from now on.
        groups: Vec<SecurityGroupId>,
    },
    /// All entries of a network ACL.
    Entries {
        /// The ACL.
        acl: NetworkAclId,
        /// Its entries from now on.
        entries: Vec<NetworkAclEntry>,
    },
    /// All routes of a route table.
    Routes {
        /// The table.
        table: RouteTableId,
        /// Its routes from now on.
        routes: Vec<Route>,
    },
}

/// Why an edit can't be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The network has no such component.
    #[error("the network has no such component")]
    NoSuchComponent,
    /// The component does not hold what is to be edited.
    #[error("the component does not hold what is to be edited")]
    NoSuchThing,
    /// A rule, entry or route refers to something that the component does not hold.
    #[error("a {0} refers to something that the component does not hold")]
    DanglingReference(&'static str),
}

/// An edit that was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edited {
    /// The edit that takes it back.
    pub before: Edit,
    /// The interfaces that have other ports open than before, ascending.
    pub changed: Vec<NetworkInterfaceId>,
}

/// What an edit changed in the facts.
#[derive(Debug, Default)]
pub(super) struct Touches {
    /// A group of which rules in these directions are others.
    pub(super) group: Option<(SecurityGroupId, BTreeSet<Direction>)>,
    /// An ACL.
    pub(super) acl: Option<NetworkAclId>,
    /// Something that the meaning of the component's facts depends on: a table,
    /// a membership.
    pub(super) ground: bool,
}

impl Edit {
    /// Whether the component holds all that the edit names.
    pub(super) fn check(&self, component: &Component) -> Result<(), EditError> {
        let there = |index: usize, count: usize| index < count;
        let groups = component.security_groups.len();
        let lists = component.prefix_lists.len();
        let (thing, what, references) = match self {
            Self::Rules { group, rules } => {
                let fine = rules.iter().all(|rule| match rule.peer {
                    Peer::SecurityGroup { group, .. } => there(group.index(), groups),
                    Peer::PrefixList(list) => there(list.index(), lists),
                    Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::Unknown(_) => true,
                });
                (there(group.index(), groups), "rule", fine)
            }
            Self::Groups { interface, groups: worn } => {
                let fine = worn.iter().all(|group| there(group.index(), groups));
                (there(interface.index(), component.interfaces.len()), "membership", fine)
            }
            Self::Entries { acl, .. } => {
                (there(acl.index(), component.network_acls.len()), "entry", true)
            }
            Self::Routes { table, routes } => {
                let fine = routes.iter().all(|route| {
                    let list = match route.destination {
                        Some(Destination::PrefixList(list)) => there(list.index(), lists),
                        Some(Destination::Ipv4(_) | Destination::Ipv6(_)) | None => true,
                    };
                    list && target_is_there(component, route.target)
                });
                (there(table.index(), component.route_tables.len()), "route", fine)
            }
        };
        match (thing, references) {
            (false, _) => Err(EditError::NoSuchThing),
            (true, false) => Err(EditError::DanglingReference(what)),
            (true, true) => Ok(()),
        }
    }

    /// Makes the edit; gives the one that takes it back.
    pub(super) fn apply(self, component: &mut Component) -> (Self, Touches) {
        let mut touches = Touches::default();
        let before = match self {
            Self::Rules { group, rules } => {
                let facts = &mut component.security_groups[group];
                let before = std::mem::replace(&mut facts.rules, rules);
                let of = |rules: &[SecurityGroupRule], direction: Direction| {
                    rules
                        .iter()
                        .filter(|rule| rule.direction == direction)
                        .cloned()
                        .collect::<Vec<_>>()
                };
                let directions = [Direction::Ingress, Direction::Egress];
                let others = directions
                    .into_iter()
                    .filter(|&direction| of(&before, direction) != of(&facts.rules, direction));
                touches.group = Some((group, others.collect()));
                Self::Rules { group, rules: before }
            }
            Self::Groups { interface, groups } => {
                let before =
                    component.group_sets[component.interface(interface).group_set()].clone();
                let set = group_set(component, groups);
                component.interfaces.wear(interface, set);
                touches.ground = true;
                Self::Groups { interface, groups: before }
            }
            Self::Entries { acl, entries } => {
                let before = std::mem::replace(&mut component.network_acls[acl].entries, entries);
                touches.acl = Some(acl);
                Self::Entries { acl, entries: before }
            }
            Self::Routes { table, routes } => {
                let before = std::mem::replace(&mut component.route_tables[table].routes, routes);
                touches.ground = true;
                Self::Routes { table, routes: before }
            }
        };
        (before, touches)
    }
}

/// The set of these groups, a new one if nothing wears it yet.
fn group_set(component: &mut Component, mut groups: Vec<SecurityGroupId>) -> GroupSetId {
    groups.sort_unstable();
    groups.dedup();
    let known = component.group_sets.entries().find(|(_, set)| **set == groups);
    match known {
        Some((set, _)) => set,
        None => component.group_sets.push(groups),
    }
}

fn target_is_there(component: &Component, target: RouteTarget) -> bool {
    let (index, count) = match target {
        RouteTarget::Local | RouteTarget::VpnGateway(_) | RouteTarget::Other(_) => return true,
        RouteTarget::TransitGateway(id) => (id.index(), component.transit_gateways.len()),
        RouteTarget::InternetGateway(id) => (id.index(), component.internet_gateways.len()),
        RouteTarget::EgressOnlyInternetGateway(id) => {
            (id.index(), component.egress_only_internet_gateways.len())
        }
        RouteTarget::NatGateway(id) => (id.index(), component.nat_gateways.len()),
        RouteTarget::VpcPeeringConnection(id) => (id.index(), component.peerings.len()),
        RouteTarget::NetworkInterface(id) => (id.index(), component.interfaces.len()),
        RouteTarget::VpcEndpoint(id) => (id.index(), component.vpc_endpoints.len()),
    };
    index < count
}
