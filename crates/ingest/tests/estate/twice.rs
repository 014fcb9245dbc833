//! One question, put to the specification and to the engine.
//!
//! The engine is asked about an interface, one of its addresses, and a peer's
//! address; the specification about the ends of a flow. What an address may be
//! for whom is settled here, in words of its own.

use std::net::{IpAddr, Ipv4Addr};

use portolan::model::{
    Component, ComponentId, Direction, Interface, InterfaceKind, Listing, Network, NetworkInterfaceId, Unlisted,
    VpcId,
};
use portolan::net::{PortSet, Protocol};
use portolan::reach::engine::{Chart, World};
use portolan::reach::spec::{self, End, Flow, Ternary};
use portolan::record::Audience;

/// What either says: the client ports that get answers, surely and perhaps.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) certain: PortSet,
    pub(crate) possible: PortSet,
}

/// A question as the engine takes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Asked {
    pub(crate) direction: Direction,
    pub(crate) component: ComponentId,
    pub(crate) interface: NetworkInterfaceId,
    pub(crate) own: IpAddr,
    pub(crate) peer: IpAddr,
    /// Which way the peer may come.
    pub(crate) audiences: &'static [Audience],
    pub(crate) protocol: Protocol,
    pub(crate) selector: u16,
}

/// The questions that a flow is to the engine: to the receiver, to the sender.
pub(crate) fn questions(network: &Network, flow: &Flow) -> Vec<Asked> {
    let mut all = Vec::new();
    for (direction, own, peer) in
        [(Direction::Ingress, flow.to, flow.from), (Direction::Egress, flow.from, flow.to)]
    {
        let Some((component, interface, own)) = interface_of(network, own) else { continue };
        let audiences: &[Audience] = match peer {
            End::Interface { .. } | End::Vpc { .. } => &[Audience::Estate],
            End::Network(_) => &[Audience::Network],
            // A public address may also be that of a host of the network; but
            // nobody there asks for an interface by its public address.
            End::Internet(_) if matches!(flow.to, End::Public(_)) => &[Audience::Internet],
            // Nobody knows the public address of an interface that nobody listed.
            End::Internet(_)
                if direction == Direction::Ingress
                    && peer.address().is_ipv4()
                    && !may_be_public(network, component, interface) =>
            {
                &[Audience::Network]
            }
            End::Internet(_) => &[Audience::Internet, Audience::Network],
            End::Public(_) | End::NatGateway { .. } | End::AmazonService(_) => continue,
        };
        // What an interface that is no host sends to itself nobody asks.
        let itself = network.components[component].interface(interface);
        let to_itself = matches!(peer, End::Interface { interface: other, component: at, .. }
            if (at, other) == (component, interface));
        if to_itself && itself.kind() != InterfaceKind::Host {
            continue;
        }
        let peer = peer.address();
        let (protocol, selector) = (flow.protocol, flow.selector);
        all.push(Asked {
            direction,
            component,
            interface,
            own,
            peer,
            audiences,
            protocol,
            selector,
        });
    }
    all
}

fn may_be_public(network: &Network, at: ComponentId, interface: NetworkInterfaceId) -> bool {
    network.components[at].interface(interface).unlisted() == Some(Unlisted::MaybePublic)
}

fn interface_of(network: &Network, end: End) -> Option<(ComponentId, NetworkInterfaceId, IpAddr)> {
    let (component, interface) = super::flows::interface_at(network, end)?;
    let own = match end {
        End::Public(public) => {
            let held = network.components[component].interface(interface).ipv4().iter();
            let private = held.clone().find(|held| held.public == Some(public))?.first;
            IpAddr::V4(Ipv4Addr::from_bits(private))
        }
        _ => end.address(),
    };
    Some((component, interface, own))
}

/// The engine, for one network.
pub(crate) struct Engines<'n> {
    network: &'n Network,
    world: World,
    charts: Vec<Option<Chart>>,
}

impl<'n> Engines<'n> {
    pub(crate) fn of(network: &'n Network) -> Self {
        let charts = network.components.iter().map(|_| None).collect();
        Self { network, world: World::of(network), charts }
    }

    pub(crate) fn judge(&mut self, asked: &Asked) -> Verdict {
        let number = self.network.components.ids().position(|id| id == asked.component).unwrap();
        let chart = self.charts[number]
            .get_or_insert_with(|| Chart::within(self.network, &self.world, asked.component));
        computed(chart, asked)
    }
}

/// What the engine says.
pub(crate) fn computed(chart: &mut Chart, asked: &Asked) -> Verdict {
    let mut all = Verdict::default();
    for &audience in asked.audiences {
        let judgement = chart.judge(
            asked.direction,
            (asked.interface, asked.own),
            asked.peer,
            audience,
            (asked.protocol, asked.selector),
        );
        all.certain = all.certain.union(&judgement.certain_clients);
        all.possible = all.possible.union(&judgement.possible_clients);
    }
    all
}

/// What the specification says, and whether the engine may say more: it does
/// not look at the filters of other components.
pub(crate) fn specified(network: &Network, asked: &Asked) -> (Verdict, bool) {
    let mut all = Verdict::default();
    let (ends, loose) = peers(network, asked);
    let own = End::Interface {
        component: asked.component,
        interface: asked.interface,
        address: asked.own,
    };
    for peer in ends {
        let (from, to) = match asked.direction {
            Direction::Ingress => (peer, addressed(network, asked, own)),
            Direction::Egress => (own, peer),
        };
        let flow = Flow { from, to, protocol: asked.protocol, selector: asked.selector };
        let judgement = spec::judge(network, &flow);
        if judgement.forward == Ternary::Yes {
            all.certain = all.certain.union(&judgement.certain_clients);
        }
        if judgement.forward != Ternary::No {
            all.possible = all.possible.union(&judgement.possible_clients);
        }
    }
    (all, loose)
}

/// From the internet an IPv4 address is asked for by its public one.
fn addressed(network: &Network, asked: &Asked, own: End) -> End {
    if asked.audiences != [Audience::Internet] {
        return own;
    }
    let interface = network.components[asked.component].interface(asked.interface);
    let found = interface.ipv4().iter().find(|held| {
        IpAddr::V4(Ipv4Addr::from_bits(held.first)) <= asked.own
            && asked.own <= IpAddr::V4(Ipv4Addr::from_bits(held.last))
    });
    found.and_then(|held| held.public).map_or(own, End::Public)
}

/// Who the peer may be.
fn peers(network: &Network, asked: &Asked) -> (Vec<End>, bool) {
    if asked.audiences != [Audience::Estate] {
        let outside = if is_public(asked.peer) { End::Internet } else { End::Network };
        return (vec![outside(asked.peer)], false);
    }
    let mut ends = Vec::new();
    let mut loose = false;
    for (at, component) in network.components.entries() {
        for vpc in component.vpcs.ids() {
            let holders: Vec<Interface<'_>> = match asked.peer {
                IpAddr::V4(peer) => component.ipv4_holders(vpc, peer.to_bits()).collect(),
                IpAddr::V6(peer) => component.ipv6_holders(vpc, peer.to_bits()).collect(),
            };
            let unheld = End::Vpc { component: at, vpc, address: asked.peer };
            for holder in &holders {
                let same_host = at == asked.component && is_same_host(component, asked, *holder);
                let host = holder.kind() == InterfaceKind::Host;
                if same_host && host {
                    ends.push(unheld);
                } else if !same_host
                    && (host || at == asked.component && asked.direction == Direction::Egress)
                {
                    loose |= at != asked.component;
                    ends.push(End::Interface {
                        component: at,
                        interface: holder.index(),
                        address: asked.peer,
                    });
                }
            }
            // A service that nobody listed receives what would be nobody's.
            let mut unlisted = component.unlisted_holders(vpc, asked.peer).peekable();
            let scope = &component.scopes[component.vpcs[vpc].scope];
            let listed = scope.listings.contains(Listing::NetworkInterfaces);
            let receives =
                asked.direction == Direction::Egress && listed && unlisted.peek().is_some();
            if holders.is_empty() && receives {
                loose |= at != asked.component;
                ends.extend(unlisted.map(|it| End::Interface {
                    component: at,
                    interface: it.index(),
                    address: asked.peer,
                }));
            } else if holders.is_empty() && is_free(component, vpc, asked.peer) {
                // Who holds an address that is sent to the engine does not look at either.
                loose |= at != asked.component && asked.direction == Direction::Egress;
                ends.push(unheld);
            }
        }
    }
    (ends, loose)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => portolan::net::internet_v4().contains(address.to_bits()),
        IpAddr::V6(address) => portolan::net::internet_v6().contains(address.to_bits()),
    }
}

fn is_same_host(component: &Component, asked: &Asked, holder: Interface<'_>) -> bool {
    let own = component.interface(asked.interface);
    holder.index() == asked.interface
        || (holder.instance().is_some() && holder.instance() == own.instance())
}

/// Whether the address is one of a VPC that was seen, and no NAT gateway's.
fn is_free(component: &Component, vpc: VpcId, address: IpAddr) -> bool {
    let translated = component.nat_gateways.iter().any(|nat| {
        nat.vpc == vpc
            && nat.addresses.iter().any(|held| {
                held.private.map(|held| IpAddr::V4(Ipv4Addr::from_bits(held))) == Some(address)
            })
    });
    in_blocks(component, vpc, address) && !translated
}

fn in_blocks(component: &Component, vpc: VpcId, address: IpAddr) -> bool {
    let facts = &component.vpcs[vpc];
    facts.seen
        && match address {
            IpAddr::V4(address) => facts.ipv4.iter().any(|block| block.contains(address.to_bits())),
            IpAddr::V6(address) => facts.ipv6.iter().any(|block| block.contains(address.to_bits())),
        }
}

/// Whether the answers agree.
pub(crate) fn agree(asked: &Asked, specified: &Verdict, engine: &Verdict, loose: bool) -> bool {
    if !loose {
        return specified == engine;
    }
    // Between components the engine goes by what leads to the peer from here.
    // Of a packet that wants no answer the peer's routes say more; and so they
    // do of IPv6, whose answers may come home another way.
    let one_way = asked.protocol.is_icmp()
        && asked.protocol.icmp_replies().iter().all(|&(request, _)| request != asked.selector);
    let at_least = if one_way {
        &PortSet::empty()
    } else if asked.own.is_ipv6() {
        &specified.certain
    } else {
        &specified.possible
    };
    engine.certain.is_subset(&specified.possible) && at_least.is_subset(&engine.possible)
}
