//! Edits of a network: a rule, an entry, a route, a membership that is otherwise,
//! made of what the component has elsewhere.

use portolan::model::{
    Component, ComponentId, Network, NetworkAclId, NetworkInterfaceId, RouteTableId,
    SecurityGroupId, SecurityGroupRule,
};
use portolan::reach::what_if::Edit;

use super::random::Random;

/// What is edited.
#[derive(Clone, Copy)]
enum Kind {
    Rules,
    Groups,
    Entries,
    Routes,
}

/// An edit of any kind, if the component that was drawn has something to edit.
pub(crate) fn any(network: &Network, random: &mut Random) -> Option<(ComponentId, Edit)> {
    let ids: Vec<ComponentId> = network.components.ids().collect();
    let id = *random.pick_maybe(&ids)?;
    let component = &network.components[id];
    let kinds = [(5, Kind::Rules), (2, Kind::Groups), (2, Kind::Entries), (2, Kind::Routes)];
    let edit = match random.weighted(&kinds) {
        Kind::Rules => rules(component, random)?,
        Kind::Groups => {
            let interfaces: Vec<NetworkInterfaceId> = component.interfaces.ids().collect();
            let groups: Vec<SecurityGroupId> = component.security_groups.ids().collect();
            let interface = *random.pick_maybe(&interfaces)?;
            let count = random.between(1, 3);
            let worn = (0..count).filter_map(|_| random.pick_maybe(&groups).copied()).collect();
            Edit::Groups { interface, groups: worn }
        }
        Kind::Entries => {
            let acls: Vec<NetworkAclId> = component.network_acls.ids().collect();
            let (acl, other) = (*random.pick_maybe(&acls)?, *random.pick_maybe(&acls)?);
            let others = &component.network_acls[other].entries;
            let mut entries = component.network_acls[acl].entries.clone();
            change(&mut entries, others, random, |entry, random| {
                entry.allow = [Some(true), Some(false), None][random.below(3)];
            });
            Edit::Entries { acl, entries }
        }
        Kind::Routes => {
            let tables: Vec<RouteTableId> = component.route_tables.ids().collect();
            let (table, other) = (*random.pick_maybe(&tables)?, *random.pick_maybe(&tables)?);
            let others = &component.route_tables[other].routes;
            let mut routes = component.route_tables[table].routes.clone();
            let target = random.pick_maybe(others).map(|route| route.target);
            change(&mut routes, others, random, |route, _| {
                route.target = target.unwrap_or(route.target);
            });
            Edit::Routes { table, routes }
        }
    };
    Some((id, edit))
}

/// A rule of any group is gone, there is one more, or one names another peer.
fn rules(component: &Component, random: &mut Random) -> Option<Edit> {
    let groups: Vec<SecurityGroupId> = component.security_groups.ids().collect();
    let group = *random.pick_maybe(&groups)?;
    rules_of(component, group, random)
}

/// The same of one group.
pub(crate) fn rules_of(
    component: &Component,
    group: SecurityGroupId,
    random: &mut Random,
) -> Option<Edit> {
    let groups: Vec<SecurityGroupId> = component.security_groups.ids().collect();
    let other = *random.pick_maybe(&groups)?;
    let others = &component.security_groups[other].rules;
    let mut rules: Vec<SecurityGroupRule> = component.security_groups[group].rules.clone();
    let peer = random.pick_maybe(others).map(|rule| rule.peer);
    change(&mut rules, others, random, |rule, _| rule.peer = peer.unwrap_or(rule.peer));
    Some(Edit::Rules { group, rules })
}

/// One is gone, one of another list is there, or one is otherwise.
fn change<T: Clone>(
    items: &mut Vec<T>,
    others: &[T],
    random: &mut Random,
    otherwise: impl FnOnce(&mut T, &mut Random),
) {
    match random.below(3) {
        0 if !items.is_empty() => {
            items.remove(random.below(items.len()));
        }
        1 => items.extend(random.pick_maybe(others).cloned()),
        _ if items.is_empty() => {}
        _ => {
            let at = random.below(items.len());
            otherwise(&mut items[at], random);
        }
    }
}
