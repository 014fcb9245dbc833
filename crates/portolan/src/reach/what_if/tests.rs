//! Edits of a small estate: who has other ports open, and that it is as if judged anew.

use super::*;
use crate::model::{Id, SecurityGroupId};
use crate::testing;

const ESTATE: &str = "
    vpc v1 10.0.0.0/16 2001:db8:0:100::/56 igw
    vpc v2 10.1.0.0/16 igw
    peering p v1 v2
    acl tight v1 in 100 allow tcp/443 any; in 110 allow tcp/22 10.0.0.0/8; in 120 allow tcp/1024-65535 10.0.0.0/8; out 100 allow tcp/1024-65535 any
    subnet web v1 10.0.1.0/24 2001:db8:0:101::/64 acl=tight route any->igw route 10.1.0.0/16->pcx:p
    subnet app v1 10.0.2.0/24 route 10.1.0.0/16->pcx:p
    subnet far v2 10.1.1.0/24 route 10.0.0.0/16->pcx:p
    group front v1 in tcp/443 any; in tcp/22 group:bastion
    group bastion v1 in tcp/22 198.51.100.0/24
    group back v1 in tcp/5432 group:front,group:quiet; in tcp/9100 10.1.0.0/16
    group quiet v1 in tcp/80 any out tcp/5432 group:back
    group peer v2 in tcp/443 10.0.0.0/16
    interface a web 10.0.1.10 2001:db8:0:101::10 public=198.51.100.7 groups=front
    interface b web 10.0.1.11 public=198.51.100.8 groups=bastion
    interface c app 10.0.2.10 groups=back
    interface d app 10.0.2.11 groups=back,quiet
    interface e app 10.0.2.12 groups=quiet
    interface f far 10.1.1.10 groups=peer";

/// The network with another one's text: the same ids, since names are the same.
fn group(network: &Network, name: &str) -> (ComponentId, SecurityGroupId) {
    testing::security_group(network, name).unwrap()
}

/// What everything has open, judged from nothing.
#[track_caller]
fn is_as_if_judged_from_nothing(estate: &WhatIf) {
    let fresh = WhatIf::of(estate.network().clone(), estate.direction);
    for (id, component) in estate.network().components.entries() {
        for interface in component.interfaces.ids() {
            let name = estate.network().text(component.interface(interface).id());
            assert_eq!(estate.open(id, interface), fresh.open(id, interface), "{name}");
        }
    }
}

fn names(estate: &WhatIf, component: ComponentId, changed: &[NetworkInterfaceId]) -> Vec<String> {
    let facts = &estate.network().components[component];
    let name =
        |&id: &NetworkInterfaceId| estate.network().text(facts.interface(id).id()).to_owned();
    changed.iter().map(name).collect()
}

/// Makes an edit, says whose answers changed, and takes it back.
#[track_caller]
fn edited(direction: Direction, edit: impl Fn(&Network) -> (ComponentId, Edit)) -> Vec<String> {
    let network = testing::network(ESTATE).unwrap();
    let mut estate = WhatIf::of(network, direction);
    let (component, edit) = edit(estate.network());
    let before: Vec<Vec<Open>> = all(&estate, component);
    let done = estate.edit(component, edit).unwrap();
    is_as_if_judged_from_nothing(&estate);
    let after = all(&estate, component);
    let others: Vec<NetworkInterfaceId> = estate.network().components[component]
        .interfaces
        .ids()
        .filter(|id| before[id.index()] != after[id.index()])
        .collect();
    assert_eq!(done.changed, others, "who is told to have changed");
    let names = names(&estate, component, &done.changed);
    let undone = estate.edit(component, done.before).unwrap();
    assert_eq!(undone.changed, done.changed);
    assert_eq!(all(&estate, component), before);
    names
}

fn all(estate: &WhatIf, component: ComponentId) -> Vec<Vec<Open>> {
    let interfaces = estate.network().components[component].interfaces.ids();
    interfaces.map(|id| estate.open(component, id)).collect()
}

fn without(name: &'static str, rule: usize) -> impl Fn(&Network) -> (ComponentId, Edit) {
    move |network| {
        let (component, group) = group(network, name);
        let mut rules = network.components[component].security_groups[group].rules.clone();
        rules.remove(rule);
        (component, Edit::Rules { group, rules })
    }
}

#[test]
fn a_rule_less_changes_those_who_wear_its_group() {
    assert_eq!(edited(Direction::Ingress, without("front", 0)), ["a"]);
    assert_eq!(edited(Direction::Ingress, without("back", 0)), ["c", "d"]);
}

#[test]
fn a_rule_of_the_other_side_changes_whoever_was_reached() {
    // Of `quiet` outbound rules remain none: nobody is reached from `e` any more.
    let rule = 2;
    assert_eq!(edited(Direction::Ingress, without("quiet", rule)), ["c", "d"]);
    assert_eq!(edited(Direction::Egress, without("quiet", rule)), ["e"]);
}

#[test]
fn a_rule_may_name_a_group_that_none_named_before() {
    let changed = edited(Direction::Ingress, |network| {
        let (component, front) = group(network, "front");
        let (_, quiet) = group(network, "quiet");
        let mut rules = network.components[component].security_groups[front].rules.clone();
        for rule in &mut rules {
            if let crate::model::Peer::SecurityGroup { group, .. } = &mut rule.peer {
                *group = quiet;
            }
        }
        (component, Edit::Rules { group: front, rules })
    });
    assert_eq!(changed, ["a"]);
}

#[test]
fn an_entry_less_changes_its_subnet_and_whoever_it_answers() {
    let changed = edited(Direction::Ingress, |network| {
        let (component, _) = group(network, "front");
        let facts = &network.components[component];
        let tight = |id| network.text(id) == "tight";
        let (acl, found) = facts.network_acls.entries().find(|(_, acl)| tight(acl.id)).unwrap();
        let entries = found.entries.iter().filter(|entry| entry.egress).cloned().collect();
        (component, Edit::Entries { acl, entries })
    });
    assert!(changed.contains(&"a".to_owned()), "{changed:?}");
}

#[test]
fn a_route_less_closes_what_it_led_to() {
    let changed = edited(Direction::Ingress, |network| {
        let (component, _) = group(network, "front");
        let facts = &network.components[component];
        let of_web = |id| network.text(id) == "rtb-web";
        let (table, found) = facts.route_tables.entries().find(|(_, it)| of_web(it.id)).unwrap();
        let igw = |route: &&crate::model::Route| {
            !matches!(route.target, crate::model::RouteTarget::InternetGateway(_))
        };
        let routes = found.routes.iter().filter(igw).cloned().collect();
        (component, Edit::Routes { table, routes })
    });
    // The ACL keeps the bastion closed as it is.
    assert_eq!(changed, ["a"]);
}

#[test]
fn another_group_changes_the_interface_and_those_that_name_the_group() {
    let changed = edited(Direction::Ingress, |network| {
        let (component, front) = group(network, "front");
        let (_, e) = testing::interface(network, "e").unwrap();
        (component, Edit::Groups { interface: e, groups: vec![front] })
    });
    // `c` admits either group, and had `e` before.
    assert_eq!(changed, ["a", "d", "e", "f"]);
}

#[test]
fn what_the_component_does_not_hold_is_refused_and_nothing_changes() {
    let network = testing::network(ESTATE).unwrap();
    let (component, front) = group(&network, "front");
    let mut estate = WhatIf::of(network, Direction::Ingress);
    let before = all(&estate, component);
    let nobody = SecurityGroupId::from_index(99);
    let refused = estate.edit(component, Edit::Rules { group: nobody, rules: Vec::new() });
    assert_eq!(refused, Err(EditError::NoSuchThing));
    let mut rules = estate.network().components[component].security_groups[front].rules.clone();
    rules[0].peer = crate::model::Peer::SecurityGroup { group: nobody, stale: false };
    let refused = estate.edit(component, Edit::Rules { group: front, rules });
    assert_eq!(refused, Err(EditError::DanglingReference("rule")));
    let elsewhere = ComponentId::from_index(7);
    let refused = estate.edit(elsewhere, Edit::Rules { group: front, rules: Vec::new() });
    assert_eq!(refused, Err(EditError::NoSuchComponent));
    assert_eq!(all(&estate, component), before);
}
