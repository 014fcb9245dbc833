//! The same questions, asked of the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::{
    Component, ComponentId, Direction, InterfaceKind, Network, NetworkInterfaceId, PublicOwner,
};
use crate::net::{PortSet, Protocol};
use crate::reach::engine::Chart;
use crate::reach::place::{PortFilter, Selector, Zones, receivers, senders};
use crate::reach::spec::{self, End, Flow};
use crate::record::Audience;

/// What the engine and the specification say of a flow.
#[derive(Debug, Eq, PartialEq)]
struct Said {
    certain: PortSet,
    possible: PortSet,
}

impl Said {
    fn of(
        certain: bool,
        certain_clients: &PortSet,
        possible: bool,
        possible_clients: &PortSet,
    ) -> Self {
        let only = |that: bool, set: &PortSet| if that { set.clone() } else { PortSet::empty() };
        Self { certain: only(certain, certain_clients), possible: only(possible, possible_clients) }
    }

    /// Whether the other lies between these bounds.
    fn bounds(&self, other: &Self) -> bool {
        self.certain.is_subset(&other.certain) && other.possible.is_subset(&self.possible)
    }
}

/// How far the engine must agree with the specification.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Agreement {
    /// In every client port.
    Exact,
    /// It may know less.
    Bounds,
}

/// What the engine knows of the components that it was asked about.
pub(super) type Charts<'n> = BTreeMap<ComponentId, Chart>;

/// Compares both for every pair of addresses that the question names; whether
/// they said the same.
#[track_caller]
pub(super) fn agrees<'n>(
    network: &'n Network,
    charts: &mut Charts<'n>,
    (from, to, port): (&str, &str, &str),
    wanted: Agreement,
) -> bool {
    let mut exact = true;
    let (protocol, selector) = PortFilter::question(port).unwrap().single().unwrap();
    let [from, to] = [from, to].map(|text| Selector::parse(text).unwrap());
    let mut senders = ends(network, &from, senders(network, &from));
    let mut receivers = ends(network, &to, receivers(network, &to));
    // Of an address that several VPCs hold the engine takes its own VPC's.
    senders.retain(|end| !ambiguous(network, *end));
    receivers.retain(|end| !ambiguous(network, *end));
    // From where an unlisted interface sends is nobody's address yet.
    senders.retain(|end| !is_unlisted(network, *end));
    for &from in &senders {
        for &to in &receivers {
            for from in [Some(from), as_network(from)].into_iter().flatten() {
                let flow = Flow { from, to, protocol, selector };
                for question in questions(network, from, to) {
                    let (engine, specification) = said(network, charts, &flow, &question);
                    let asked = format!("{flow:?}, asked as {question:?}");
                    // It does not look at the filters of components of their own; an
                    // address that no interface holds has none.
                    let apart = component(from).zip(component(to)).is_some_and(|(x, y)| x != y)
                        && !matches!(from, End::Vpc { .. });
                    match if apart { Agreement::Bounds } else { wanted } {
                        Agreement::Exact => assert_eq!(engine, specification, "{asked}"),
                        Agreement::Bounds => assert!(
                            engine.bounds(&specification),
                            "{engine:?} {specification:?} {asked}"
                        ),
                    }
                    exact &= apart || engine == specification;
                }
            }
        }
    }
    exact
}

fn ambiguous(network: &Network, end: End) -> bool {
    senders(network, &Selector::Address(end.address())).len() > 1
}

fn is_unlisted(network: &Network, end: End) -> bool {
    let End::Interface { component, interface, .. } = end else { return false };
    network.components[component].interface(interface).unlisted().is_some()
}

/// Whether several unlisted interfaces may have the address: the engine means any of them.
fn is_one_of_several(network: &Network, end: End) -> bool {
    is_unlisted(network, end) && receivers(network, &Selector::Address(end.address())).len() > 1
}

fn component(end: End) -> Option<ComponentId> {
    match end {
        End::Interface { component, .. } | End::Vpc { component, .. } => Some(component),
        End::Public(_)
        | End::NatGateway { .. }
        | End::Internet(_)
        | End::Network(_)
        | End::AmazonService(_) => None,
    }
}

/// All that the questions name and all addresses of interfaces.
pub(super) fn places(network: &Network, asked: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut places: BTreeSet<String> = asked.iter().map(|place| (*place).to_owned()).collect();
    for component in network.components.iter() {
        for interface in component.interfaces.iter() {
            for held in interface.ipv4() {
                places.insert(Ipv4Addr::from_bits(held.first).to_string());
                places.insert(Ipv4Addr::from_bits(held.last).to_string());
                places.extend(held.public.map(|public| Ipv4Addr::from_bits(public).to_string()));
            }
            places.extend(
                interface.ipv6().iter().map(|held| Ipv6Addr::from_bits(held.last).to_string()),
            );
        }
    }
    places
}

/// The ends that a selector names, or the addresses of the interfaces that it names.
fn ends(network: &Network, selector: &Selector, ends: Vec<End>) -> Vec<End> {
    if !ends.is_empty() {
        return ends;
    }
    let mut ends = Vec::new();
    for (at, interface) in selector.interfaces(network, &Zones::default()) {
        let component: &Component = &network.components[at];
        let facts = component.interface(interface);
        let ipv4 = facts.ipv4().iter().map(|held| IpAddr::V4(Ipv4Addr::from_bits(held.first)));
        let ipv6 = facts.ipv6().iter().map(|held| IpAddr::V6(Ipv6Addr::from_bits(held.first)));
        let own = ipv4.chain(ipv6);
        ends.extend(own.map(|address| End::Interface { component: at, interface, address }));
        ends.extend(facts.ipv4().iter().filter_map(|held| held.public).map(End::Public));
    }
    ends
}

/// A public address behind a private way is somebody of the network.
fn as_network(end: End) -> Option<End> {
    match end {
        End::Internet(address) => Some(End::Network(address)),
        End::Interface { .. }
        | End::Public(_)
        | End::NatGateway { .. }
        | End::Vpc { .. }
        | End::Network(_)
        | End::AmazonService(_) => None,
    }
}

/// An interface, and which of its addresses is meant.
type This = (ComponentId, NetworkInterfaceId, IpAddr);

/// A question to the engine: of an end that is an interface, about a peer.
#[derive(Debug)]
struct Question {
    direction: Direction,
    this: This,
    peer: IpAddr,
    audience: Audience,
}

/// How the engine is asked about a flow. Empty: it does not speak of such flows
/// (both ends outside, from a public address of its own and back, …).
fn questions(network: &Network, from: End, to: End) -> Vec<Question> {
    let audience = |peer: End| match peer {
        End::Internet(_) => Some(Audience::Internet),
        End::Network(_) => Some(Audience::Network),
        End::Interface { .. } | End::Vpc { .. } => Some(Audience::Estate),
        End::Public(_) | End::NatGateway { .. } | End::AmazonService(_) => None,
    };
    let mut questions = Vec::new();
    let private = match to {
        End::Public(public) => behind(network, public),
        End::Interface { component, interface, address } => Some((component, interface, address)),
        End::NatGateway { .. }
        | End::Vpc { .. }
        | End::Internet(_)
        | End::Network(_)
        | End::AmazonService(_) => None,
    };
    // Public IPv4 addresses speak to the internet, private ones to all others.
    let fits = match (from, to) {
        (End::Internet(_), End::Interface { address, .. }) => address.is_ipv6(),
        (_, End::Public(_)) => matches!(from, End::Internet(_)),
        _ => true,
    };
    let between_vpcs = over_the_internet(network, from, to);
    if same_host(network, from, to) {
        return questions;
    }
    if let (Some(this), Some(audience), true) = (private, audience(from), fits)
        && is_host(network, from)
        && !between_vpcs
    {
        let peer = from.address();
        questions.push(Question { direction: Direction::Ingress, this, peer, audience });
    }
    let outside = matches!(to, End::Internet(_) | End::Network(_) | End::Interface { .. });
    if let (End::Interface { component, interface, address }, Some(audience), true) =
        (from, audience(to), outside)
        && is_host(network, to)
        && !is_one_of_several(network, to)
        && !between_vpcs
    {
        let this = (component, interface, address);
        let peer = to.address();
        questions.push(Question { direction: Direction::Egress, this, peer, audience });
    }
    questions
}

/// Load balancers and the like are no peers of the engine's.
fn is_host(network: &Network, end: End) -> bool {
    let End::Interface { component, interface, .. } = end else { return true };
    let kind = network.components[component].interface(interface).kind();
    matches!(kind, InterfaceKind::Host | InterfaceKind::RemoteAccess)
}

/// What a host sends to itself never leaves it.
fn same_host(network: &Network, from: End, to: End) -> bool {
    let (
        End::Interface { component, interface, .. },
        End::Interface { component: at, interface: other, .. },
    ) = (from, to)
    else {
        return false;
    };
    let instance = |id| network.components[component].interface(id).instance();
    component == at
        && (interface == other
            || instance(interface).is_some() && instance(interface) == instance(other))
}

/// IPv6 between VPCs may go either way; the engine keeps the ways apart.
fn over_the_internet(network: &Network, from: End, to: End) -> bool {
    let vpc = |end| match end {
        End::Interface { component, interface, address } if address.is_ipv6() => {
            Some((component, network.components[component].interface(interface).vpc()))
        }
        End::Interface { .. }
        | End::Public(_)
        | End::NatGateway { .. }
        | End::Vpc { .. }
        | End::Internet(_)
        | End::Network(_)
        | End::AmazonService(_) => None,
    };
    matches!((vpc(from), vpc(to)), (Some(one), Some(other)) if one != other)
}

/// The interface behind a public address.
fn behind(network: &Network, public: u32) -> Option<This> {
    network.public_owners(public).find_map(|owner| match owner {
        PublicOwner::Interface { component, interface, private } => {
            Some((component, interface, IpAddr::V4(Ipv4Addr::from_bits(private))))
        }
        PublicOwner::NatGateway { .. }
        | PublicOwner::LoadBalancer { .. }
        | PublicOwner::Unassociated
        | PublicOwner::Elsewhere { .. } => None,
    })
}

/// What the engine says, and the specification.
fn said<'n>(
    network: &'n Network,
    charts: &mut Charts<'n>,
    flow: &Flow,
    question: &Question,
) -> (Said, Said) {
    let judged = spec::judge(network, flow);
    let specification = Said::of(
        judged.certain(),
        &judged.certain_clients,
        judged.possible(),
        &judged.possible_clients,
    );
    let traffic: (Protocol, u16) = (flow.protocol, flow.selector);
    let (component, interface, address) = question.this;
    let chart = charts.entry(component).or_insert_with(|| Chart::of(network, component));
    // A public address may be that of a host of the network too, unless it asks
    // for a public address.
    let either = matches!(question.audience, Audience::Internet)
        && !matches!((flow.from, flow.to), (End::Internet(_), End::Public(_)));
    let mut engine = Said { certain: PortSet::empty(), possible: PortSet::empty() };
    for audience in [Some(question.audience), either.then_some(Audience::Network)] {
        let Some(audience) = audience else { continue };
        let answered =
            chart.judge(question.direction, (interface, address), question.peer, audience, traffic);
        engine.certain = engine.certain.union(&answered.certain_clients);
        engine.possible = engine.possible.union(&answered.possible_clients);
    }
    (engine, specification)
}
