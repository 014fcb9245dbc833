//! Load balancers: which of their ports listen, and who answers behind them.
//!
//! An Application or Classic Load Balancer ends the connection by itself, so that a
//! listener's port is open to whom its groups admit. A Network Load Balancer passes
//! the connection on, mostly with the client's own address: its port is open if a
//! target answers (Elastic Load Balancing, "Target groups for your Network Load
//! Balancers", "Client IP preservation", "Cross-zone load balancing"). Each target
//! that may be chosen is judged by itself; one that answers is enough.

mod choice;
mod through;

use std::net::IpAddr;

use super::filter::{self, Headers, Identity};
use super::trace::{Part, Stage, Step};
use super::walk::{Side, Walk, holds};
use super::{Flow, Ternary, endpoint, needs_reply};
use crate::model::{
    Assumption, Direction, Interface, InterfaceKind, IpAddressType, LimitationCode, Listener,
    ListenerProtocol, LoadBalancer, LoadBalancerKind, LoadBalancerState, Network, Place, TextId,
};
use crate::net::{CLIENT_PORTS, Protocol};
pub(super) use choice::Choice;
use choice::first;
use through::Request;
pub(super) use through::ways_to;
pub use through::{Door, TargetPort, doors};

/// One way on for a packet that got into a load balancer.
#[derive(Clone, Copy)]
pub(super) struct Onward<'n> {
    /// Who hands it on: the load balancer or the endpoint.
    pub(super) by: By,
    /// Behind an endpoint, the load balancer's node that gets it.
    pub(super) node: Option<Node<'n>>,
    /// Whether this way may be taken at all.
    pub(super) taken: Ternary,
    /// What is assumed if it is.
    pub(super) assumed: bool,
    pub(super) to: Handed<'n>,
    /// The connection that is opened for it behind a load balancer that ends the
    /// client's, where that is asked for.
    pub(super) asks: Option<Request<'n>>,
}

/// Who hands a packet on, as steps name it.
#[derive(Clone, Copy)]
pub(super) struct By {
    pub(super) component: &'static str,
    pub(super) id: TextId,
    pub(super) place: Place,
    /// What it means that nobody knows what it does.
    pub(super) doubt: LimitationCode,
}

/// A load balancer's node behind an endpoint.
#[derive(Clone, Copy)]
pub(super) struct Node<'n> {
    pub(super) side: Side<'n>,
    pub(super) balancer: &'n LoadBalancer,
}

/// Who gets the packet.
#[derive(Clone, Copy)]
pub(super) enum Handed<'n> {
    /// The load balancer answers.
    Itself,
    /// Nobody.
    Nobody(&'static str),
    /// Somebody who is not known.
    Unknown(LimitationCode, TextId),
    /// A target, at a port.
    Target { target: Side<'n>, port: u16, preserved: bool },
}

/// The ways on for a flow's packet; `None` alone: its receiver is no load balancer that
/// is modelled.
pub(super) fn onwards<'n>(network: &'n Network, flow: &'n Flow) -> Vec<Option<Onward<'n>>> {
    let walk = Walk::new(network, flow, CLIENT_PORTS.first());
    let receiver = walk.receiver(flow.to);
    if let Some(ways) = receiver.and_then(|y| endpoint::onwards(network, flow, y)) {
        return ways;
    }
    let Some((y, balancer)) = receiver.and_then(|y| Some((y, known(y)?))) else {
        return vec![None];
    };
    let Some(listeners) = &balancer.listeners else { return vec![None] };
    let by = By::of(balancer);
    let way = |taken, to| Onward::by(by, taken, to);
    let taken = active(balancer);
    let closed = way(Ternary::Yes, Handed::Nobody(not_listening(balancer)));
    match flow.protocol {
        Protocol::Tcp | Protocol::Udp => {}
        Protocol::Icmp | Protocol::Icmpv6 => {
            let asks = needs_reply(flow);
            // A Network Load Balancer answers no echo; what else it does with ICMP, and
            // what others do, is not documented.
            return match balancer.kind == LoadBalancerKind::Network && asks {
                true => vec![Some(closed)],
                false => vec![None],
            };
        }
        Protocol::Other(_) => return vec![Some(closed)],
    }
    let mut ways = Vec::new();
    for listener in listeners {
        match listens(listener, flow.protocol, flow.selector) {
            Ternary::No => {}
            Ternary::Unknown => {
                ways.push(way(
                    taken,
                    Handed::Unknown(LimitationCode::UnreadableValue, balancer.id),
                ));
            }
            Ternary::Yes if balancer.kind == LoadBalancerKind::Network => {
                let before = ways.len();
                let choice = Choice { network, y, balancer, linked: false };
                for to in choice.of(listener) {
                    ways.push(Onward { taken: to.taken.and(taken), ..to });
                }
                if ways.len() == before {
                    ways.push(way(Ternary::Yes, Handed::Nobody("ELBV2_LISTENER_HAS_NO_TG")));
                }
            }
            Ternary::Yes => ways.push(way(taken, Handed::Itself)),
        }
    }
    if ways.is_empty() {
        ways.push(closed);
    }
    ways.into_iter().map(Some).collect()
}

impl<'n> Onward<'n> {
    /// Handed on by somebody.
    pub(super) fn by(by: By, taken: Ternary, to: Handed<'n>) -> Self {
        Self { by, node: None, taken, assumed: false, to, asks: None }
    }
}

impl By {
    pub(super) fn of(balancer: &LoadBalancer) -> Self {
        Self {
            component: "load-balancer",
            id: balancer.id,
            place: balancer.place,
            doubt: LimitationCode::LoadBalancer,
        }
    }
}

/// Whether a load balancer works.
pub(super) fn active(balancer: &LoadBalancer) -> Ternary {
    match balancer.state {
        LoadBalancerState::Active => Ternary::Yes,
        LoadBalancerState::Provisioning
        | LoadBalancerState::Failed
        | LoadBalancerState::Unknown => Ternary::Unknown,
    }
}

/// The load balancer that an interface is a node of, if it is modelled.
fn known(y: Side<'_>) -> Option<&LoadBalancer> {
    let balancer = y.component.load_balancer_of(y.interface.index())?;
    let balancer = &y.component.load_balancers[balancer];
    let modelled = match balancer.kind {
        LoadBalancerKind::Application | LoadBalancerKind::Network | LoadBalancerKind::Classic => {
            true
        }
        LoadBalancerKind::Gateway | LoadBalancerKind::Unknown => false,
    };
    (modelled && balancer.seen && !balancer.contested && balancer.listeners.is_some())
        .then_some(balancer)
}

/// Whether no group filters what comes in: a Network Load Balancer that was made without.
pub(super) fn is_unfiltered(component: &crate::model::Component, interface: Interface<'_>) -> bool {
    let balancer = component.load_balancer_of(interface.index());
    balancer.map(|id| &component.load_balancers[id]).is_some_and(|balancer| {
        balancer.kind == LoadBalancerKind::Network
            && balancer.seen
            && !balancer.contested
            && balancer.security_groups.is_empty()
    })
}

pub(super) fn not_listening(balancer: &LoadBalancer) -> &'static str {
    match balancer.kind {
        LoadBalancerKind::Classic => "ELB_LISTENERS_PORT_RESTRICTION",
        LoadBalancerKind::Application
        | LoadBalancerKind::Network
        | LoadBalancerKind::Gateway
        | LoadBalancerKind::Unknown => "ELBV2_LISTENER_PORT_RESTRICTION",
    }
}

/// Whether a listener takes what comes to a port.
pub(super) fn listens(listener: &Listener, protocol: Protocol, port: u16) -> Ternary {
    if listener.contested {
        return Ternary::Unknown;
    }
    let Some(at) = listener.port else { return Ternary::Unknown };
    if at != port {
        return Ternary::No;
    }
    let Some(spoken) = listener.protocol else { return Ternary::Unknown };
    let (tcp, udp) = match spoken {
        ListenerProtocol::Http
        | ListenerProtocol::Https
        | ListenerProtocol::Tcp
        | ListenerProtocol::Tls => (true, false),
        ListenerProtocol::Udp | ListenerProtocol::Quic => (false, true),
        ListenerProtocol::TcpUdp | ListenerProtocol::TcpQuic => (true, true),
        ListenerProtocol::Geneve | ListenerProtocol::Unknown => return Ternary::Unknown,
    };
    Ternary::known(if protocol == Protocol::Tcp { tcp } else { udp })
}

impl<'n> Walk<'n> {
    /// What becomes of a packet that got into a load balancer. `far`: its source there.
    pub(super) fn hand_on(&mut self, y: Side<'n>, far: IpAddr, onward: Onward<'n>) -> Ternary {
        let step = Step {
            component: onward.by.component,
            id: onward.by.id,
            part: Part::Whole,
            action: "forward",
            stage: Stage::Ingress,
            place: Some(onward.by.place),
            towards: TextId::EMPTY,
        };
        if onward.taken == Ternary::Unknown {
            self.trace.unknown(onward.by.doubt, onward.by.id);
        }
        let linked = match onward.node {
            Some(node) => self.link(y, far, node),
            None => Ternary::Yes,
        };
        let y = onward.node.map_or(y, |node| node.side);
        if onward.assumed {
            self.trace.assumptions.insert(Assumption::LoadBalancerDefaults);
        }
        let asks = onward.asks.map_or(Ternary::Yes, |request| {
            let seen = match onward.to {
                Handed::Target { target, preserved, .. } => shown(y, far, target, preserved),
                Handed::Itself | Handed::Nobody(_) | Handed::Unknown(..) => Some(far),
            };
            seen.map_or(Ternary::Unknown, |seen| self.ask(request, seen))
        });
        let handed = match onward.to {
            Handed::Itself => {
                self.trace.step(Step { action: "allow", ..step });
                Ternary::Yes
            }
            Handed::Nobody(code) => self.trace.refuse(code, step),
            Handed::Unknown(code, about) => {
                self.trace.step(Step { action: "unknown", ..step });
                self.trace.unknown(code, about)
            }
            Handed::Target { target, port, preserved } => {
                self.trace.step(Step { towards: target.interface.id(), ..step });
                match shown(y, far, target, preserved) {
                    Some(_) if holds(target.interface, far) && is_kept(far, target, preserved) => {
                        self.trace.refuse("ELBV2_SOURCE_ADDRESS_PRESERVATION", step)
                    }
                    Some(source) => self.at_target(y, far, (target, port, preserved), source),
                    None => self.trace.unknown(onward.by.doubt, onward.by.id),
                }
            }
        };
        linked.and(handed).and(onward.taken).and(asks)
    }

    /// From a node to a target that sees the packet come from `source`.
    fn at_target(
        &mut self,
        y: Side<'n>,
        far: IpAddr,
        (target, port, preserved): (Side<'n>, u16, bool),
        source: IpAddr,
    ) -> Ternary {
        let component = y.component;
        let protocol = self.flow.protocol;
        let out = Headers { protocol, selector: port, far: target.address };
        let into = Headers { protocol, selector: port, far: source };
        let classic = known(y).is_some_and(|it| it.kind == LoadBalancerKind::Classic);
        let known = |of: Side<'n>| Identity::Kept {
            interface: of.interface.index(),
            preserved: Ternary::Yes,
        };
        let mut verdict = Ternary::Yes;
        if !component.group_sets[y.interface.group_set()].is_empty() {
            let egress = Direction::Egress;
            verdict =
                filter::groups(component, y.interface, egress, out, known(target), &mut self.trace);
        }
        if classic && y.same_subnet(target) {
            // Reachability Analyzer, `ELB_ACL_RESTRICTION`.
            let left = filter::acl(component, y.subnet(), Stage::Egress, out, &mut self.trace);
            verdict = verdict.and(left);
        }
        if !y.same_subnet(target) {
            let left = filter::acl(component, y.subnet(), Stage::Egress, out, &mut self.trace);
            let came =
                filter::acl(component, target.subnet(), Stage::Ingress, into, &mut self.trace);
            verdict = verdict.and(left).and(came);
        }
        let identity = match is_kept(far, target, preserved) {
            true => Identity::Behind { balancer: y.interface.index() },
            false => known(y),
        };
        let ingress = Direction::Ingress;
        let admitted =
            filter::groups(component, target.interface, ingress, into, identity, &mut self.trace);
        verdict.and(admitted).and(self.host(target, Stage::Ingress)).and(self.serves(target, port))
    }

    /// Whether something listens at a target, as far as AWS says.
    fn serves(&mut self, target: Side<'n>, port: u16) -> Ternary {
        let balancer = match target.interface.kind() {
            InterfaceKind::LoadBalancer => known(target),
            InterfaceKind::Host
            | InterfaceKind::NatGateway
            | InterfaceKind::TransitGateway
            | InterfaceKind::VpcEndpoint
            | InterfaceKind::RemoteAccess
            | InterfaceKind::Managed => None,
        };
        let Some(balancer) = balancer.filter(|it| it.kind == LoadBalancerKind::Application) else {
            return self.kind(target, Stage::Ingress);
        };
        let listeners = balancer.listeners.iter().flatten();
        let listening = listeners
            .map(|listener| listens(listener, self.flow.protocol, port))
            .fold(Ternary::No, Ternary::or);
        if listening == Ternary::No {
            let step = target.step("load-balancer", "deny", Stage::Ingress);
            return self.trace.refuse(not_listening(balancer), step);
        }
        let active = balancer.state == LoadBalancerState::Active && listening == Ternary::Yes;
        if active {
            return Ternary::Yes;
        }
        self.trace.unknown(LimitationCode::LoadBalancer, balancer.id)
    }

    /// Whether the answer of a target gets back to the load balancer's node. `far`: the
    /// packet's source there.
    pub(super) fn handed_back(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        let linked = match self.onward.and_then(|onward| onward.node) {
            Some(node) => self.link_back(far, node),
            None => Ternary::Yes,
        };
        linked.and(self.home_from_target(y, far))
    }

    /// Whether the answer of a target gets back to the node that asked it.
    fn home_from_target(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        let Some(Onward { node, to: Handed::Target { target, preserved, .. }, .. }) = self.onward
        else {
            return Ternary::Yes;
        };
        let y = node.map_or(y, |node| node.side);
        let Some(source) = shown(y, far, target, preserved) else { return Ternary::Yes };
        let port = is_kept(far, target, preserved).then(|| self.headers(far).selector);
        self.answered(y, target, source, port)
    }

    /// Whether an answer of a target to `source` at a port gets back to the node; `None`:
    /// the load balancer picks the port.
    fn answered(
        &mut self,
        y: Side<'n>,
        target: Side<'n>,
        source: IpAddr,
        port: Option<u16>,
    ) -> Ternary {
        if y.same_subnet(target) {
            return Ternary::Yes;
        }
        let ports = match port {
            Some(port) => vec![port],
            None => {
                let mut cuts = vec![CLIENT_PORTS.first()];
                for subnet in [y.subnet(), target.subnet()] {
                    cuts.extend(filter::client_cuts(y.component, subnet, self.flow.protocol));
                }
                cuts.retain(|&port| CLIENT_PORTS.contains(port));
                cuts
            }
        };
        let mut verdicts = Vec::new();
        for port in ports {
            let headers = Headers { selector: port, ..self.headers(source) };
            let before = self.trace.clone();
            let left =
                filter::acl(y.component, target.subnet(), Stage::Egress, headers, &mut self.trace);
            let home = Headers { far: target.address, ..headers };
            let came = filter::acl(y.component, y.subnet(), Stage::Ingress, home, &mut self.trace);
            let noted = std::mem::replace(&mut self.trace, before);
            verdicts.push((left.and(came), noted));
        }
        let best = verdicts.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Ternary::Yes);
        let all = verdicts.iter().all(|(verdict, _)| *verdict == Ternary::Yes);
        if let Some((_, noted)) = verdicts.into_iter().find(|(verdict, _)| *verdict == best) {
            self.trace = noted;
        }
        self.trace.some_nat_ports |= !all && best == Ternary::Yes;
        best
    }
}

/// Whether a target sees the client's address: not of the other family.
fn is_kept(far: IpAddr, target: Side<'_>, preserved: bool) -> bool {
    preserved && far.is_ipv4() == target.address.is_ipv4()
}

/// The source that a target sees; `None`: the node has no address of its family.
fn shown(y: Side<'_>, far: IpAddr, target: Side<'_>, preserved: bool) -> Option<IpAddr> {
    if is_kept(far, target, preserved) {
        return Some(far);
    }
    let family = if target.address.is_ipv4() { IpAddressType::Ipv4 } else { IpAddressType::Ipv6 };
    first(y.interface, family)
}

/// The target that a way leads to.
pub(super) fn target_of<'n>(onward: Onward<'n>) -> Option<Side<'n>> {
    match onward.to {
        Handed::Target { target, .. } => Some(target),
        Handed::Itself | Handed::Nobody(_) | Handed::Unknown(..) => None,
    }
}
