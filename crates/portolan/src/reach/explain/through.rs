//! What is open by way of a load balancer, told of a port that is closed itself.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use crate::model::{Component, ComponentId, Network, NetworkInterfaceId, PublicOwner};
use crate::net::Protocol;
use crate::reach::spec::{self, End, Flow, TargetPort};

/// A load balancer's port that leads to the port in question.
pub(super) struct Way<'n> {
    /// Whether it surely does.
    pub(super) certain: bool,
    /// The load balancer's id.
    pub(super) balancer: &'n str,
    /// `tcp/443`.
    pub(super) port: String,
}

/// Whether the sender of a flow gets to the port through a load balancer: in words, or
/// empty.
pub(super) fn also_open(network: &Network, flow: &Flow) -> String {
    if !matches!(flow.protocol, Protocol::Tcp | Protocol::Udp) {
        return String::new();
    }
    let Some((component, interface, address)) = receiver(network, flow.to) else {
        return String::new();
    };
    let facts: &Component = &network.components[component];
    let target = TargetPort { interface, address, port: flow.selector };
    let mut ways = Vec::new();
    for door in spec::doors(network, component, flow.protocol, target) {
        let own = End::Interface { component, interface: door.node, address: door.address };
        // Strangers ask for the node by its public address.
        let held = facts.interface(door.node).ipv4().iter();
        let held = held.filter(|it| IpAddr::V4(Ipv4Addr::from_bits(it.first)) == door.address);
        let public = held.filter_map(|it| it.public).map(End::Public);
        for to in [own].into_iter().chain(public) {
            let to_door = Flow { to, selector: door.port, ..*flow };
            let judgement = spec::judge_through(network, &to_door, target);
            if !judgement.possible() {
                continue;
            }
            ways.push(Way {
                certain: judgement.certain(),
                balancer: network.text(facts.load_balancers[door.balancer].id),
                port: format!("{}/{}", flow.protocol, door.port),
            });
        }
    }
    also(ways.into_iter())
}

/// `open through front at tcp/443; perhaps through back at tcp/80`.
pub(super) fn also<'n>(ways: impl Iterator<Item = Way<'n>>) -> String {
    let mut all: BTreeMap<(&str, String), bool> = BTreeMap::new();
    for Way { certain, balancer, port } in ways {
        *all.entry((balancer, port)).or_default() |= certain;
    }
    let mut ways: Vec<(bool, String)> = all
        .into_iter()
        .map(|((balancer, port), certain)| (!certain, format!("through {balancer} at {port}")))
        .collect();
    ways.sort();
    let certain = ways.iter().filter(|(perhaps, _)| !perhaps).map(|(_, way)| way.as_str());
    let perhaps = ways.iter().filter(|(perhaps, _)| *perhaps).map(|(_, way)| way.as_str());
    let parts = [("open ", certain.collect::<Vec<_>>()), ("perhaps open ", perhaps.collect())];
    let said = parts.iter().filter(|(_, ways)| !ways.is_empty());
    said.map(|(word, ways)| format!("{word}{}", ways.join(", "))).collect::<Vec<_>>().join("; ")
}

/// The interface that a flow is for, at its own address.
fn receiver(network: &Network, to: End) -> Option<(ComponentId, NetworkInterfaceId, IpAddr)> {
    match to {
        End::Interface { component, interface, address } => Some((component, interface, address)),
        End::Public(public) => network.public_owners(public).find_map(|owner| match owner {
            PublicOwner::Interface { component, interface, private } => {
                Some((component, interface, IpAddr::V4(Ipv4Addr::from_bits(private))))
            }
            PublicOwner::NatGateway { .. }
            | PublicOwner::LoadBalancer { .. }
            | PublicOwner::Unassociated
            | PublicOwner::Elsewhere { .. } => None,
        }),
        End::Vpc { .. }
        | End::NatGateway { .. }
        | End::Internet(_)
        | End::Network(_)
        | End::AmazonService(_) => None,
    }
}
