//! Why a host is out of reach: what refuses those who come nearest.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::tell::Host;
use super::{BlastOptions, Radius, Spot};
use crate::model::{Direction, Interface, Locate, Network, Peer};
use crate::net::{Match, PortRange, Protocol};
use crate::reach::explain::{Answer, answer};
use crate::reach::spec::{End, Flow};
use crate::record::Blocker;

/// So many of those within reach are asked.
const ASKED: usize = 4;

/// What refuses them, each thing once.
pub(super) fn held_by(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &BlastOptions,
    radius: &Radius,
    host: &Host,
) -> Vec<Blocker> {
    let mut found = BTreeSet::new();
    for &at in &host.interfaces {
        let to = (host.component, at);
        let (protocol, selector) = tried(network, options, to);
        for from in near(network, radius, to) {
            for (from, to) in pairs(network, from, to) {
                let flow = Flow { from, to, protocol, selector };
                if let Answer::Closed(blockers) = answer(network, locate, &flow) {
                    // The first refusal of each is proof enough.
                    found.extend(blockers.into_iter().take(1));
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The port that is tried: one that is asked for, or that the host's groups admit.
fn tried(network: &Network, options: &BlastOptions, to: Spot) -> (Protocol, u16) {
    let first = |wanted: Match| match wanted {
        Match::Ports(protocol, ports) => Some((protocol, ports.first())),
        Match::All => None,
    };
    let narrow = |wanted: &&Match| match wanted {
        Match::Ports(_, ports) => *ports != PortRange::ALL,
        Match::All => false,
    };
    let asked = options.ports.iter().flatten().find(narrow).copied().and_then(first);
    let component = &network.components[to.0];
    let groups = &component.group_sets[component.interface(to.1).group_set()];
    let rules = groups.iter().flat_map(|&group| &component.security_groups[group].rules);
    let admitted = rules
        .filter(|rule| rule.direction == Direction::Ingress)
        .filter(|rule| !matches!(rule.peer, Peer::Unknown(_)))
        .filter_map(|rule| rule.traffic.and_then(first))
        .find(|(protocol, _)| matches!(protocol, Protocol::Tcp | Protocol::Udp));
    asked.or(admitted).unwrap_or((Protocol::Tcp, 22))
}

/// Hosts within reach, of the same VPC before others.
fn near(network: &Network, radius: &Radius, to: Spot) -> Vec<Spot> {
    let vpc = |spot: Spot| network.components[spot.0].interface(spot.1).vpc();
    let within = radius.possible.arrivals.iter();
    let mut all: Vec<(bool, u32, Spot)> = within
        .filter(|(spot, _)| spot.0 == to.0)
        .map(|(&spot, arrival)| (vpc(spot) != vpc(to), arrival.hops, spot))
        .collect();
    all.sort_unstable();
    all.into_iter().take(ASKED).map(|(.., spot)| spot).collect()
}

/// Both ends, for each family that both have.
fn pairs(network: &Network, from: Spot, to: Spot) -> Vec<(End, End)> {
    let [from, to] = [from, to].map(|(component, interface)| {
        firsts(network.components[component].interface(interface))
            .map(|at| at.map(|address| End::Interface { component, interface, address }))
    });
    from.into_iter().zip(to).filter_map(|(from, to)| Some((from?, to?))).collect()
}

fn firsts(interface: Interface<'_>) -> [Option<IpAddr>; 2] {
    let v4 = interface.ipv4().first().map(|held| Ipv4Addr::from_bits(held.first));
    let v6 = interface.ipv6().first().map(|held| Ipv6Addr::from_bits(held.first));
    [v4.map(IpAddr::V4), v6.map(IpAddr::V6)]
}
