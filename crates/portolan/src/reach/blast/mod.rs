//! How far an attacker gets from a host that he holds: what he can open next, to any
//! number of hops.
//!
//! Whoever holds a host sends from every one of its interfaces, by any protocol and from
//! any client port; a host at which he can open a port is held next. That is the transitive
//! closure of what is open between hosts, computed by class: interfaces that are filtered
//! alike are one *door*, which knows from which addresses it opens, and every hop asks each
//! shut door once whether somebody who was reached in the last hop opens it.
//!
//! - By default only TCP and UDP ports count: a host is not taken over by an echo request.
//! - What is certain and what is possible are two walks. The certain one takes doors that
//!   are surely open, the possible one all that may be.
//! - A load balancer is no host: nobody goes on from it but to its targets. A Network Load
//!   Balancer passes connections on; of an Application Load Balancer or a Classic one the
//!   targets get requests, which are a way to take them over too, and are told apart.
//! - Over the internet a host of the estate is a stranger, seen at its public address or at
//!   that of a NAT gateway, and asks for public addresses: see `outside`.
//!
//! What is not ports is not here: credentials, roles and the AWS API.

mod doors;
mod held;
mod outside;
mod spread;
mod tell;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Component, ComponentId, Locate, Network, NetworkInterfaceId};
use crate::net::{IpSet, Match, PortRange, Protocol};
use crate::parallel;
use crate::reach::engine::World;
use crate::reach::place::{Selector, Zones};
use crate::record::{BlastSummary, Reached};
use doors::Land;
use spread::{Opener, Spread, Start};

/// An interface of the network.
pub type Spot = (ComponentId, NetworkInterfaceId);

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct BlastOptions {
    /// Who is in the attacker's hands.
    pub from: Vec<Selector>,
    /// Named zones.
    pub zones: Zones,
    /// Only these interfaces are told of, whether they are reached or not.
    pub to: Option<BTreeSet<Spot>>,
    /// The ports by which a host can be taken; `None`: all of TCP and UDP.
    pub ports: Option<Vec<Match>>,
    /// So many hops at most.
    pub hops: Option<u32>,
}

/// What an attacker reaches.
#[derive(Clone, Debug)]
pub struct Blast {
    /// In numbers.
    pub summary: BlastSummary,
    /// Host by host, the nearest first.
    pub reached: Vec<Reached>,
}

/// Everything that can be reached from some places, hop by hop.
#[must_use]
pub fn blast_radius(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &BlastOptions,
) -> Blast {
    let mut radius = Radius::of(network, options);
    tell::tell(network, locate, options, &mut radius)
}

/// The interfaces that are surely reached and those that may be, with the number of hops;
/// those that the attacker holds from the start have none.
#[must_use]
pub fn hops(network: &Network, options: &BlastOptions) -> Hops {
    let radius = Radius::of(network, options);
    Hops { certain: radius.certain.hops(), possible: radius.possible.hops() }
}

/// A host that was taken over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Taken {
    /// After so many hops; none: from the start.
    pub(crate) logins: u32,
    /// From which host; `None`: from the start.
    pub(crate) from: Option<Spot>,
}

/// The hosts that are surely taken over by some ports from those of some interfaces.
pub(crate) fn taken(
    network: &Network,
    world: &World,
    from: &BTreeSet<Spot>,
    ports: &[Match],
    hops: u32,
) -> BTreeMap<Spot, Taken> {
    if from.is_empty() {
        return BTreeMap::new();
    }
    // Nobody goes from one component into another without being somebody else there.
    let ids: BTreeSet<ComponentId> = from.iter().map(|&(component, _)| component).collect();
    let mut lands = parallel::each(
        parallel::all_cores(),
        ids.into_iter().collect(),
        |&id| network.components[id].interfaces.len(),
        |id| Land::of(network, world, id, ports),
    );
    let start = Start::holding(network, from.clone());
    let spread = Spread::of(&mut lands, &start, Some(hops), true);
    let host = |&(component, interface): &Spot| {
        doors::is_host(network.components[component].interface(interface).kind())
    };
    let arrivals = spread.arrivals.iter().filter(|(spot, _)| host(spot));
    let taken = arrivals.map(|(&spot, arrival)| {
        let came = arrival.came.as_ref();
        let from = came.and_then(|came| match came.from {
            Opener::Inside(interface, _) => Some((came.door.0, interface)),
            Opener::Outside(spot, _) => Some(spot),
            Opener::Stranger(_) => None,
        });
        (spot, Taken { logins: arrival.hops, from })
    });
    taken.collect()
}

/// How far away interfaces are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hops {
    /// Surely reached.
    pub certain: BTreeMap<Spot, u32>,
    /// Perhaps reached: all that are surely reached too.
    pub possible: BTreeMap<Spot, u32>,
}

/// Whether somebody can start from what a selector names: a host, or an address that sends.
/// Nobody holds a load balancer or an endpoint.
#[must_use]
pub fn can_start(network: &Network, from: &Selector, zones: &Zones) -> bool {
    let start = Start::of(network, std::slice::from_ref(from), zones);
    let host = |&(component, interface): &Spot| {
        let facts: &Component = &network.components[component];
        doors::is_host(facts.interface(interface).kind())
    };
    !start.strangers.is_empty() || start.held.iter().any(host)
}

/// The two walks, and what they walked through.
struct Radius {
    lands: Vec<Land>,
    start: Start,
    certain: Spread,
    possible: Spread,
}

impl Radius {
    fn of(network: &Network, options: &BlastOptions) -> Self {
        let world = World::of(network);
        let taken = options.ports.clone().unwrap_or_else(|| {
            [Protocol::Tcp, Protocol::Udp].map(|it| Match::Ports(it, PortRange::ALL)).to_vec()
        });
        let ids: Vec<ComponentId> = network.components.ids().collect();
        let mut lands = parallel::each(
            parallel::all_cores(),
            ids,
            |&id| network.components[id].interfaces.len(),
            |id| Land::of(network, &world, id, &taken),
        );
        let start = Start::of(network, &options.from, &options.zones);
        let mut walk = |certain| Spread::of(&mut lands, &start, options.hops, certain);
        let (certain, possible) = (walk(true), walk(false));
        Self { lands, start, certain, possible }
    }
}

/// The addresses that selectors name beside interfaces: strangers who send.
fn strangers(network: &Network, selector: &Selector, zones: &Zones) -> IpSet {
    if let Some((members, inner)) = selector.zone(zones) {
        let each = members.iter().map(|member| strangers(network, member, &inner));
        return each.fold(IpSet::empty(), |all, more| all.union(&more));
    }
    match selector {
        Selector::Any
        | Selector::Internet
        | Selector::Address(_)
        | Selector::VpcAddress(..)
        | Selector::Cidr(_) => selector.addresses(network, zones),
        Selector::Remote(_) | Selector::Name(_) | Selector::Word(_) => selector.beyond(network),
        Selector::NetworkInterface(_)
        | Selector::Instance(_)
        | Selector::SecurityGroup(_)
        | Selector::Subnet(_)
        | Selector::Vpc(_)
        | Selector::Tag(..)
        | Selector::Zone(_) => IpSet::empty(),
    }
}
