//! How far whoever takes a host over that the internet reaches gets by logging in from
//! host to host.
//!
//! The blast radius of all of these hosts at once, by the ports that administer a host
//! alone: the application's own ports are open between its tiers because they have to be,
//! and do not give a host away. Only what is certain counts.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::layout::is_host;
use super::reached::Reached;
use super::service::{Use, ports_for};
use crate::model::{ComponentId, NetworkInterfaceId};
use crate::net::{Match, Protocol};
use crate::reach::blast::{Spot, Taken, taken};

/// So many logins after the first host are followed: further away nobody says "in reach".
const LOGINS: u32 = 3;

/// Hosts in reach, and how.
#[derive(Debug, Default)]
pub(super) struct Inroads {
    taken: BTreeMap<Spot, Taken>,
    /// The hosts in reach, the nearest first.
    by_component: BTreeMap<ComponentId, Vec<Inroad>>,
    /// The hosts that everyone reaches themselves, not by way of a load balancer.
    facing: BTreeSet<Spot>,
}

/// A host in reach.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Inroad {
    pub(super) host: NetworkInterfaceId,
    /// How many logins it is from a host that the internet reaches.
    pub(super) logins: u32,
}

impl Inroads {
    pub(super) fn of(context: &Context<'_>, facing: &[String], reached: &Reached) -> Self {
        let network = context.network;
        let hosts = |ids: &mut dyn Iterator<Item = &str>| -> BTreeSet<Spot> {
            let spots = ids.flat_map(|id| network.interfaces_of(id));
            let host = |&(component, interface): &Spot| {
                is_host(network.components[component].interface(interface))
            };
            spots.filter(host).collect()
        };
        let facing = hosts(&mut facing.iter().map(String::as_str));
        let mut from = hosts(&mut reached.all_surely_behind());
        from.extend(&facing);
        let ports: Vec<Match> = [Protocol::Tcp, Protocol::Udp]
            .into_iter()
            .flat_map(|it| {
                let ports = ports_for(Use::Administration, it);
                ports.ranges().map(|range| Match::Ports(it, range)).collect::<Vec<_>>()
            })
            .collect();
        let taken = taken(network, &context.world, &from, &ports, LOGINS);
        let mut by_component: BTreeMap<ComponentId, Vec<Inroad>> = BTreeMap::new();
        for (&(component, host), taken) in &taken {
            let inroad = Inroad { host, logins: taken.logins };
            by_component.entry(component).or_default().push(inroad);
        }
        for all in by_component.values_mut() {
            all.sort_by_key(|it| (it.logins, it.host));
        }
        Self { taken, by_component, facing }
    }

    /// The hosts of a component in reach, the nearest first.
    pub(super) fn in_component(&self, id: ComponentId) -> &[Inroad] {
        self.by_component.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The hosts on the way to one, that which the internet reaches first.
    pub(super) fn way_to(&self, spot: Spot) -> Vec<Spot> {
        let mut way = vec![spot];
        let mut at = spot;
        while let Some(from) = self.taken.get(&at).and_then(|it| it.from) {
            way.push(from);
            at = from;
        }
        way.reverse();
        way
    }

    /// Whether everyone reaches a host itself.
    pub(super) fn is_facing(&self, spot: Spot) -> bool {
        self.facing.contains(&spot)
    }
}
