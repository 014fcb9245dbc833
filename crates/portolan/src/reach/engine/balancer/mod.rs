//! Load balancers: what their nodes let on, as sets of packets.
//!
//! A node's groups and ACL are a host's. Behind them stands, for each way on, what a
//! listener takes and a target answers: the packets by the client's address and port,
//! and the answers that get back to the node. Ways with the same answers are one, and
//! what comes in by one of them is the node's filter met with what it lets on.

mod asked;
mod chosen;
mod through;

use std::net::IpAddr;
use std::sync::Arc;

use super::Engine;
use super::filter::Filter;
use super::truth::Truth;
use crate::model::{
    Component, Interface, Listener, ListenerAction, ListenerProtocol, LoadBalancer,
    LoadBalancerKind, LoadBalancerState, NetworkInterfaceId,
};
use crate::net::{Bounds, HeaderSpace, IpSetId, Match, PortRange, Protocol, SpaceId};
use chosen::Choice;
pub(crate) use through::Entrance;
pub(super) use through::Passage;

/// The number of what is let on.
pub(crate) type OnwardId = usize;

/// The number of answers that come back.
pub(crate) type BackId = usize;

/// A way on from a node.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Onward {
    /// What is let on.
    pub(crate) forward: OnwardId,
    /// The answers that come back; `None`: all.
    pub(crate) back: Option<BackId>,
}

/// Answers that come back to a node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Back {
    /// By the client's address and port.
    pub(crate) answers: Bounds<SpaceId>,
    /// Some are lost whatever the client's port is: the node picks the one that counts.
    pub(crate) limited: bool,
}

/// What ways let on, by the answers that come back.
pub(super) struct Ways(pub(super) Vec<(Back, Bounds<SpaceId>)>);

/// One who may be a target, at an address.
#[derive(Clone, Copy)]
struct Answering<'c> {
    interface: Interface<'c>,
    address: IpAddr,
}

/// The load balancer that an interface is a node of, if it is modelled.
fn modelled(component: &Component, node: NetworkInterfaceId) -> Option<&LoadBalancer> {
    let balancer = &component.load_balancers[component.load_balancer_of(node)?];
    let kind = matches!(
        balancer.kind,
        LoadBalancerKind::Application | LoadBalancerKind::Network | LoadBalancerKind::Classic
    );
    let told = balancer.seen && !balancer.contested && balancer.listeners.is_some();
    (kind && told).then_some(balancer)
}

/// Whether an interface is a node of a Network Load Balancer without groups.
pub(crate) fn lets_all_in(component: &Component, interface: Interface<'_>) -> bool {
    let Some(balancer) = component.load_balancer_of(interface.index()) else { return false };
    let balancer = &component.load_balancers[balancer];
    let open = balancer.kind == LoadBalancerKind::Network && balancer.security_groups.is_empty();
    open && balancer.seen && !balancer.contested
}

/// Whether a load balancer works.
fn active(balancer: &LoadBalancer) -> Truth {
    match balancer.state {
        LoadBalancerState::Active => Truth::Yes,
        LoadBalancerState::Provisioning
        | LoadBalancerState::Failed
        | LoadBalancerState::Unknown => Truth::Maybe,
    }
}

pub(super) fn packets(protocol: Protocol, ports: PortRange) -> Match {
    Match::Ports(protocol, ports)
}

impl Engine {
    /// Whether the ports of an interface are those of a load balancer or an endpoint that
    /// is modelled.
    pub(crate) fn balances(&self, node: NetworkInterfaceId) -> bool {
        let component = &self.ground.component;
        component.endpoint_of(node).is_some() || modelled(component, node).is_some()
    }

    /// What a node lets on of what comes to its addresses of a family; none if the
    /// interface is no such node.
    pub(crate) fn onwards(&mut self, node: NetworkInterfaceId, v4: bool) -> Arc<Vec<Onward>> {
        if let Some(known) = self.onwards.get(&(node, v4)) {
            return Arc::clone(known);
        }
        let component = Arc::clone(&self.ground.component);
        let ways = match (component.endpoint_of(node), modelled(&component, node)) {
            (Some(endpoint), _) => self.ways_behind(&component, endpoint, node, v4).0,
            (None, Some(balancer)) => {
                self.ways_on(&component, balancer, component.interface(node), v4).0
            }
            (None, None) => Vec::new(),
        };
        let mut onwards = Vec::new();
        for (back, forward) in ways {
            let forward = numbered(&mut self.handed, forward);
            let back = (back != Back::all()).then(|| numbered(&mut self.backs, back));
            onwards.push(Onward { forward, back });
        }
        let onwards = Arc::new(onwards);
        self.onwards.insert((node, v4), Arc::clone(&onwards));
        onwards
    }

    /// What is no longer so once groups or ACLs are others.
    pub(crate) fn forget_onwards(&mut self) {
        if self.ground.component.load_balancers.is_empty() {
            return;
        }
        self.onwards.clear();
        self.parties.clear();
        self.filters.retain(|(key, _), _| key.is_plain());
    }

    /// A node's filter met with what it lets on.
    pub(super) fn handed_filter(&mut self, filter: &Filter, onward: OnwardId) -> Filter {
        let nothing = Bounds::exact(SpaceId::EMPTY);
        let handed = self.handed.get(onward).copied().unwrap_or(nothing);
        let sets = &mut self.sets;
        let fixed = filter.fixed.intersection(&handed, sets);
        let references = filter.references.iter().map(|reference| super::filter::Reference {
            packets: reference.packets.intersection(&handed, sets),
            ..*reference
        });
        let references = references.collect();
        Filter { fixed, references }
    }

    /// The answers of a number.
    pub(super) fn back(&self, back: Option<BackId>) -> Back {
        back.and_then(|back| self.backs.get(back)).copied().unwrap_or(Back::all())
    }

    pub(super) fn space_of(&mut self, rule: &Match, peers: Bounds) -> Bounds<SpaceId> {
        let certain = self.sets.intern_space(HeaderSpace::of(rule, peers.certain()));
        if peers.is_exact() {
            return Bounds::exact(certain);
        }
        let possible = self.sets.intern_space(HeaderSpace::of(rule, peers.possible()));
        Bounds::between(certain, possible, &mut self.sets)
    }

    fn ways_on(
        &mut self,
        component: &Component,
        balancer: &LoadBalancer,
        node: Interface<'_>,
        v4: bool,
    ) -> Ways {
        let mut ways = Ways(Vec::new());
        self.icmp(balancer.kind == LoadBalancerKind::Network, &mut ways);
        self.listeners(component, From::of(balancer, node, v4), &mut ways);
        ways
    }

    /// What the listeners of a load balancer take.
    pub(super) fn listeners(&mut self, component: &Component, from: From<'_>, ways: &mut Ways) {
        let From { balancer, active, .. } = from;
        for listener in balancer.listeners.iter().flatten() {
            for (protocol, ports, sure) in takes(listener) {
                let rule = packets(protocol, ports);
                let all = self.space_of(&rule, Bounds::ALL);
                if !sure {
                    ways.pour(Truth::Maybe.of(&all), Back::all(), &mut self.sets);
                } else if balancer.kind == LoadBalancerKind::Network {
                    self.listener(component, from, listener, rule, ways);
                } else {
                    ways.pour(active.of(&all), Back::all(), &mut self.sets);
                }
            }
        }
    }

    /// ICMP: of a Network Load Balancer or an endpoint what asks for nothing, of others
    /// anything, perhaps.
    pub(super) fn icmp(&mut self, only_one_way: bool, ways: &mut Ways) {
        for protocol in [Protocol::Icmp, Protocol::Icmpv6] {
            let mut all = HeaderSpace::of(&packets(protocol, PortRange::ALL), IpSetId::ALL);
            if only_one_way {
                for &(request, _) in protocol.icmp_replies() {
                    let asks = packets(protocol, PortRange::single(request));
                    all = all.difference(&HeaderSpace::of(&asks, IpSetId::ALL), &mut self.sets);
                }
            }
            let all = self.sets.intern_space(all);
            ways.pour(Bounds::at_most(all), Back::all(), &mut self.sets);
        }
    }

    /// What a listener of a Network Load Balancer passes on.
    fn listener(
        &mut self,
        component: &Component,
        from: From<'_>,
        listener: &Listener,
        rule: Match,
        ways: &mut Ways,
    ) {
        for action in &listener.default_actions {
            let choice = match action {
                ListenerAction::Forward(groups) => self.choice(component, from, groups),
                ListenerAction::ForwardToInstances { .. }
                | ListenerAction::Redirect { .. }
                | ListenerAction::FixedResponse
                | ListenerAction::Authenticate
                | ListenerAction::Unknown(_) => Choice { targets: Vec::new(), whole: false },
            };
            if !choice.whole {
                let all = self.space_of(&rule, Bounds::UNKNOWN);
                ways.pour(all, Back::all(), &mut self.sets);
            }
            for chosen in choice.targets {
                let truth = chosen.truth.and(from.active);
                for (preserved, truth) in chosen.readings(truth) {
                    let target = (chosen.target, chosen.port);
                    let (back, forward) =
                        self.passed(component, from, target, (truth, preserved), rule);
                    ways.pour(forward, back, &mut self.sets);
                }
            }
        }
    }
}

/// A node at an address of a family.
#[derive(Clone, Copy)]
pub(super) struct From<'c> {
    balancer: &'c LoadBalancer,
    node: Interface<'c>,
    v4: bool,
    active: Truth,
    /// What comes in comes through an endpoint.
    linked: bool,
}

impl<'c> From<'c> {
    fn of(balancer: &'c LoadBalancer, node: Interface<'c>, v4: bool) -> Self {
        Self { balancer, node, v4, active: active(balancer), linked: false }
    }

    /// What comes in through an endpoint.
    pub(super) fn linked(balancer: &'c LoadBalancer, node: Interface<'c>, v4: bool) -> Self {
        Self { linked: true, ..Self::of(balancer, node, v4) }
    }
}

impl Back {
    pub(super) fn all() -> Self {
        Self { answers: Bounds::exact(SpaceId::REPLIES), limited: false }
    }

    fn nothing() -> (Self, Bounds<SpaceId>) {
        (Self::all(), Bounds::exact(SpaceId::EMPTY))
    }
}

impl Ways {
    pub(super) fn pour(
        &mut self,
        forward: Bounds<SpaceId>,
        back: Back,
        sets: &mut crate::net::IpSets,
    ) {
        if forward.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == back) {
            Some((_, all)) => *all = all.union(&forward, sets),
            None => self.0.push((back, forward)),
        }
    }
}

/// The packets that a listener takes, and whether that is sure.
fn takes(listener: &Listener) -> Vec<(Protocol, PortRange, bool)> {
    let (tcp, udp, sure) = match listener.protocol {
        Some(
            ListenerProtocol::Http
            | ListenerProtocol::Https
            | ListenerProtocol::Tcp
            | ListenerProtocol::Tls,
        ) => (true, false, true),
        Some(ListenerProtocol::Udp | ListenerProtocol::Quic) => (false, true, true),
        Some(ListenerProtocol::TcpUdp | ListenerProtocol::TcpQuic) => (true, true, true),
        Some(ListenerProtocol::Geneve | ListenerProtocol::Unknown) | None => (true, true, false),
    };
    let everything = listener.contested || listener.port.is_none();
    let ports = match listener.port {
        Some(port) if !listener.contested => PortRange::single(port),
        Some(_) | None => PortRange::ALL,
    };
    [(Protocol::Tcp, tcp), (Protocol::Udp, udp)]
        .into_iter()
        .filter(|&(_, spoken)| spoken || everything)
        .map(|(protocol, _)| (protocol, ports, sure && !everything))
        .collect()
}

/// The number of a thing in a list that grows.
pub(super) fn numbered<T: PartialEq>(list: &mut Vec<T>, thing: T) -> usize {
    if let Some(known) = list.iter().position(|known| *known == thing) {
        return known;
    }
    list.push(thing);
    list.len().saturating_sub(1)
}
