//! Load balancers: what their nodes let on, as sets of packets.
//!
//! A node's groups and ACL are a host's. Behind them stands, for each way on, what a
//! listener takes and a target answers: the packets by the client's address and port,
//! and the answers that get back to the node. Ways with the same answers are one, and
//! what comes in by one of them is the node's filter met with what it lets on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::Engine;
use super::filter::{Filter, replies};
use super::part::clients_of;
use super::sea::{filter_key, map};
use super::truth::Truth;
use crate::model::{
    Component, CrossZone, Direction, Interface, InterfaceKind, IpAddressType, Listener,
    ListenerAction, ListenerProtocol, Listing, LoadBalancer, LoadBalancerKind, LoadBalancerState,
    NetworkInterfaceId, Target, TargetGroup, TargetHealth, TargetId, TargetKind, TextId,
};
use crate::net::{
    Bounds, CLIENT_PORTS, HeaderSpace, IpSetId, Match, PortRange, PortSet, Protocol, SpaceId,
};

/// The number of what is let on.
pub(crate) type OnwardId = usize;

/// The number of answers that come back.
pub(crate) type BackId = usize;

/// A way on from a node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
#[derive(Default)]
pub(super) struct Ways {
    pub(super) all: Vec<(Back, Bounds<SpaceId>)>,
    /// The same by target, where that is known.
    pub(super) by_target: Vec<ByTarget>,
}

/// What a target gets, and answers.
pub(super) struct ByTarget {
    pub(super) target: NetworkInterfaceId,
    pub(super) port: (Protocol, u16),
    /// What clients ask the node for.
    pub(super) listener: Match,
    pub(super) ways: Vec<(Back, Bounds<SpaceId>)>,
}

/// One who may be a target, at an address.
#[derive(Clone, Copy)]
pub(super) struct Answering<'c> {
    pub(super) interface: Interface<'c>,
    pub(super) address: IpAddr,
}

/// The load balancer that an interface is a node of, if it is modelled.
pub(super) fn modelled(component: &Component, node: NetworkInterfaceId) -> Option<&LoadBalancer> {
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

fn packets(protocol: Protocol, ports: PortRange) -> Match {
    Match::Ports(protocol, ports)
}

impl Engine {
    /// Whether the ports of an interface are those of a load balancer that is modelled.
    pub(crate) fn balances(&self, node: NetworkInterfaceId) -> bool {
        modelled(&self.ground.component, node).is_some()
    }

    /// What a node lets on of what comes to its addresses of a family; none if the
    /// interface is no such node.
    pub(crate) fn onwards(&mut self, node: NetworkInterfaceId, v4: bool) -> Arc<Vec<Onward>> {
        if let Some(known) = self.onwards.get(&(node, v4)) {
            return Arc::clone(known);
        }
        let component = Arc::clone(&self.ground.component);
        let ways = match modelled(&component, node) {
            Some(balancer) => self.ways_on(&component, balancer, component.interface(node), v4).all,
            None => Vec::new(),
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

    fn space_of(&mut self, rule: &Match, peers: Bounds) -> Bounds<SpaceId> {
        let certain = self.sets.intern_space(HeaderSpace::of(rule, peers.certain()));
        if peers.is_exact() {
            return Bounds::exact(certain);
        }
        let possible = self.sets.intern_space(HeaderSpace::of(rule, peers.possible()));
        Bounds::between(certain, possible, &mut self.sets)
    }

    pub(super) fn ways_on(
        &mut self,
        component: &Component,
        balancer: &LoadBalancer,
        node: Interface<'_>,
        v4: bool,
    ) -> Ways {
        let mut ways = Ways::default();
        self.icmp(balancer, &mut ways);
        let active = match balancer.state {
            LoadBalancerState::Active => Truth::Yes,
            LoadBalancerState::Provisioning
            | LoadBalancerState::Failed
            | LoadBalancerState::Unknown => Truth::Maybe,
        };
        for listener in balancer.listeners.iter().flatten() {
            for (protocol, ports, sure) in takes(listener) {
                let rule = packets(protocol, ports);
                let all = self.space_of(&rule, Bounds::ALL);
                if !sure {
                    ways.pour(Truth::Maybe.of(&all), Back::all(), &mut self.sets);
                } else if balancer.kind == LoadBalancerKind::Network {
                    let from = From { balancer, node, v4, active };
                    self.listener(component, from, listener, rule, &mut ways);
                } else {
                    ways.pour(active.of(&all), Back::all(), &mut self.sets);
                }
            }
        }
        ways
    }

    /// ICMP: of a Network Load Balancer what asks for nothing, of others anything, perhaps.
    fn icmp(&mut self, balancer: &LoadBalancer, ways: &mut Ways) {
        for protocol in [Protocol::Icmp, Protocol::Icmpv6] {
            let mut all = HeaderSpace::of(&packets(protocol, PortRange::ALL), IpSetId::ALL);
            if balancer.kind == LoadBalancerKind::Network {
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
        let unknown = |engine: &mut Self, ways: &mut Ways| {
            let all = engine.space_of(&rule, Bounds::UNKNOWN);
            ways.pour(all, Back::all(), &mut engine.sets);
        };
        for action in &listener.default_actions {
            let ListenerAction::Forward(groups) = action else {
                unknown(self, ways);
                continue;
            };
            for group in groups.iter().filter(|group| group.weight != Some(0)) {
                let group = &component.target_groups[group.target_group];
                let targets = match &group.targets {
                    Some(targets)
                        if group.seen && !group.contested && group.vpc == Some(from.node.vpc()) =>
                    {
                        targets
                    }
                    Some(targets) => {
                        unknown(self, ways);
                        self.perhaps_to(component, group, targets, rule, ways);
                        continue;
                    }
                    None => {
                        unknown(self, ways);
                        continue;
                    }
                };
                for target in targets {
                    let chosen = self.chosen(component, from, (group, targets), target);
                    if chosen == Truth::No {
                        continue;
                    }
                    let port = target.port.or(group.port);
                    let holders = self.holders(component, from, group, target);
                    let (Some(port), Some(holders)) = (port, holders) else {
                        unknown(self, ways);
                        self.perhaps_to(component, group, std::slice::from_ref(target), rule, ways);
                        continue;
                    };
                    let any = matches!(target.id, TargetId::LoadBalancer(_));
                    let sure = Truth::from(any || holders.len() == 1);
                    let truth = chosen.and(sure.max(Truth::Maybe)).and(from.active);
                    for holder in holders {
                        let (preserved, known) = preserves(group);
                        let at = (holder, port);
                        let mut own = Ways::default();
                        self.target(component, from, at, (truth, preserved), rule, &mut own);
                        if !known {
                            let perhaps = (truth.and(Truth::Maybe), !preserved);
                            self.target(component, from, at, perhaps, rule, &mut own);
                        }
                        ways.take(at, rule, own, &mut self.sets);
                    }
                }
            }
        }
    }

    /// Whether a node may choose a target.
    pub(super) fn chosen(
        &self,
        component: &Component,
        from: From<'_>,
        (group, targets): (&TargetGroup, &[Target]),
        target: &Target,
    ) -> Truth {
        let near = self.near(component, from, group, target);
        let well =
            |it: &Target| matches!(it.health, TargetHealth::Healthy | TargetHealth::Unavailable);
        let healthy = match target.health {
            TargetHealth::Healthy | TargetHealth::Unavailable => Truth::Yes,
            TargetHealth::Unhealthy => {
                if targets.iter().all(|it| it.health == TargetHealth::Unhealthy) {
                    Truth::Yes
                } else if targets
                    .iter()
                    .any(|it| well(it) && self.near(component, from, group, it) == Truth::Yes)
                {
                    Truth::No
                } else {
                    Truth::Maybe
                }
            }
            TargetHealth::Initial
            | TargetHealth::Draining
            | TargetHealth::Unused
            | TargetHealth::Unknown => Truth::Maybe,
        };
        let told = if target.contested { Truth::Maybe } else { Truth::Yes };
        near.and(healthy).and(told)
    }

    /// Whether a node uses the zone of a target.
    fn near(
        &self,
        component: &Component,
        from: From<'_>,
        group: &TargetGroup,
        target: &Target,
    ) -> Truth {
        let zone_of = |interface: Interface<'_>| component.subnets[interface.subnet()].zone;
        let own = zone_of(from.node);
        let zones: Vec<TextId> = if !target.zone.is_empty() {
            vec![target.zone]
        } else {
            let holders = self.holders(component, from, group, target).unwrap_or_default();
            holders.into_iter().map(|holder| zone_of(holder.interface)).collect()
        };
        let known = !own.is_empty() && !zones.is_empty() && zones.iter().all(|it| !it.is_empty());
        let here = zones.iter().filter(|zone| **zone == own).count();
        let beside = if Some(target.zone) == self.ground.all_zones {
            Truth::Yes
        } else if !known || (here > 0 && here < zones.len()) {
            Truth::Maybe
        } else {
            Truth::from(here > 0)
        };
        if beside == Truth::Yes {
            return Truth::Yes;
        }
        // By default nodes keep to their zone; of what was not collected that is not sure.
        let (crosses, sure) = match (group.attributes, from.balancer.attributes) {
            (Some(group), balancer) => match (group.cross_zone, balancer) {
                (Some(CrossZone::On), _) => (true, true),
                (Some(CrossZone::Off), _) => (false, true),
                (Some(CrossZone::OfLoadBalancer) | None, Some(balancer)) => {
                    (balancer.cross_zone == Some(true), true)
                }
                (Some(CrossZone::OfLoadBalancer) | None, None) => (false, false),
            },
            (None, Some(balancer)) => (balancer.cross_zone == Some(true), false),
            (None, None) => (false, false),
        };
        match (crosses, sure) {
            (true, _) => Truth::Yes,
            (false, true) => beside,
            (false, false) => Truth::Maybe,
        }
    }

    /// The interfaces that may be a target; `None`: not known.
    pub(super) fn holders<'c>(
        &self,
        component: &'c Component,
        from: From<'_>,
        group: &TargetGroup,
        target: &Target,
    ) -> Option<Vec<Answering<'c>>> {
        let vpc = from.node.vpc();
        let facts = &component.vpcs[vpc];
        let v6 = group.ip_address_type == IpAddressType::Ipv6;
        let found: Vec<Answering<'c>> = match target.id {
            TargetId::Instance(instance) => component
                .interfaces
                .iter()
                .filter(|it| it.seen() && it.instance() == Some(instance))
                .map(|it| primary(it, v6).map(|address| Answering { interface: it, address }))
                .collect::<Option<_>>()?,
            TargetId::Ipv4(address) => {
                facts.ipv4.iter().find(|block| block.contains(address))?;
                let at = IpAddr::V4(Ipv4Addr::from_bits(address));
                let held = component.ipv4_holders(vpc, address);
                held.map(|interface| Answering { interface, address: at }).collect()
            }
            TargetId::Ipv6(address) => {
                facts.ipv6.iter().find(|block| block.contains(address))?;
                let at = IpAddr::V6(Ipv6Addr::from_bits(address));
                let held = component.ipv6_holders(vpc, address);
                held.map(|interface| Answering { interface, address: at }).collect()
            }
            TargetId::LoadBalancer(balancer) => {
                let nodes = &component.load_balancers[balancer].interfaces;
                if nodes.is_empty() {
                    return None;
                }
                let nodes = nodes.iter().map(|&node| component.interface(node));
                return nodes
                    .map(|it| primary(it, v6).map(|address| Answering { interface: it, address }))
                    .collect();
            }
            TargetId::Function(_) | TargetId::Unknown(_) => return None,
        };
        let listed = component.scopes[facts.scope].listings.contains(Listing::NetworkInterfaces);
        (!found.is_empty() || (facts.seen && listed)).then_some(found)
    }

    /// Adds what a target answers.
    pub(super) fn target(
        &mut self,
        component: &Component,
        from: From<'_>,
        (target, port): (Answering<'_>, u16),
        (truth, preserved): (Truth, bool),
        rule: Match,
        ways: &mut Ways,
    ) {
        let Match::Ports(protocol, _) = rule else { return };
        let at = (protocol, port);
        let kept = preserved && from.v4 == target.address.is_ipv4();
        let source = primary(from.node, target.address.is_ipv6());
        if !kept && source.is_none() {
            let all = self.space_of(&rule, Bounds::UNKNOWN);
            ways.pour(all, Back::all(), &mut self.sets);
            return;
        }
        let node = from.node;
        let (near, far) = (node.subnet(), target.interface.subnet());
        let mut truth = truth.and(self.ground.host(target.interface)).and(self.serves(
            component,
            target.interface,
            at,
        ));
        if !component.vpcs[target.interface.vpc()].seen {
            truth = truth.and(Truth::Maybe);
        }
        if !component.group_sets[node.group_set()].is_empty() {
            let asked = (node, target.interface);
            let out = self.admits_one(component, Direction::Egress, asked, at, target.address);
            truth = truth.and(out);
        }
        let crosses = near != far;
        let (near, far) = (self.ground.sites[near].acl, self.ground.sites[far].acl);
        let (out, home) = (self.acl(near, Direction::Egress), self.acl(near, Direction::Ingress));
        let (into, back) = (self.acl(far, Direction::Ingress), self.acl(far, Direction::Egress));
        if crosses {
            truth = truth.and(self.holds_one(out, at, target.address));
        }
        if let Some(source) = source.filter(|_| !kept) {
            if crosses {
                truth = truth.and(self.holds_one(into, at, source));
            }
            let asked = (target.interface, node);
            truth = truth.and(self.admits_one(component, Direction::Ingress, asked, at, source));
            let all = self.space_of(&rule, Bounds::ALL);
            let (answered, limited) = match crosses {
                true => self.answered(protocol, (back, source), (home, target.address)),
                false => (Truth::Yes, false),
            };
            let answers = answered.of(&Bounds::exact(SpaceId::REPLIES));
            ways.pour(truth.of(&all), Back { answers, limited }, &mut self.sets);
            return;
        }
        let mut peers = self.admitted_clients(component, (target.interface, node), at);
        if crosses {
            let into = self.peers_of(into, at);
            peers = peers.intersection(&into, &mut self.sets);
        }
        let own = self.sets.intern(super::ground::addresses(target.interface));
        peers = peers.minus(&Bounds::exact(own), &mut self.sets);
        let mut answers = Bounds::exact(SpaceId::REPLIES);
        if crosses {
            answers = map(back, &mut self.sets, replies);
            let home = self.ports_home(home, protocol, target.address);
            answers = answers.intersection(&home, &mut self.sets);
        }
        let forward = self.space_of(&rule, peers);
        ways.pour(truth.of(&forward), Back { answers, limited: false }, &mut self.sets);
    }

    /// Whether something listens at a target.
    fn serves(
        &self,
        component: &Component,
        target: Interface<'_>,
        (protocol, port): (Protocol, u16),
    ) -> Truth {
        match target.kind() {
            InterfaceKind::Host => return Truth::Yes,
            InterfaceKind::NatGateway | InterfaceKind::TransitGateway => return Truth::No,
            InterfaceKind::Managed => return Truth::Maybe,
            InterfaceKind::LoadBalancer => {}
        }
        let balancer = modelled(component, target.index());
        let Some(balancer) = balancer.filter(|it| it.kind == LoadBalancerKind::Application) else {
            return Truth::Maybe;
        };
        let listeners = balancer.listeners.iter().flatten().flat_map(takes);
        let here = listeners
            .filter(|(spoken, ports, _)| *spoken == protocol && ports.contains(port))
            .map(|(.., sure)| if sure { Truth::Yes } else { Truth::Maybe });
        let listening = here.max().unwrap_or(Truth::No);
        match (listening, balancer.state) {
            (Truth::Yes, LoadBalancerState::Active) => Truth::Yes,
            (Truth::No, _) => Truth::No,
            (Truth::Yes | Truth::Maybe, _) => Truth::Maybe,
        }
    }

    fn peers_of(
        &mut self,
        space: Bounds<SpaceId>,
        (protocol, port): (Protocol, u16),
    ) -> Bounds<IpSetId> {
        let lookup =
            |space: SpaceId, engine: &Self| engine.sets.space(space).lookup(protocol, port);
        let certain = lookup(space.certain(), self);
        let possible = lookup(space.possible(), self);
        Bounds::between(certain, possible, &mut self.sets)
    }

    /// Whether a space holds one packet.
    fn holds_one(&mut self, space: Bounds<SpaceId>, at: (Protocol, u16), peer: IpAddr) -> Truth {
        let peers = self.peers_of(space, at);
        match self.sets.contains(peers.certain(), peer) {
            true => Truth::Yes,
            false if self.sets.contains(peers.possible(), peer) => Truth::Maybe,
            false => Truth::No,
        }
    }

    /// Whether the groups of `of` admit one packet, to or from `who` at an address.
    fn admits_one(
        &mut self,
        component: &Component,
        direction: Direction,
        (of, who): (Interface<'_>, Interface<'_>),
        at: (Protocol, u16),
        far: IpAddr,
    ) -> Truth {
        let (filter, _) = self.filter(filter_key(component, of, direction), direction);
        let mut truth = self.holds_one(filter.fixed, at, far);
        for reference in &filter.references {
            let worn = &component.group_sets[who.group_set()];
            let member = match who.contested() {
                true => Truth::Maybe,
                false => worn.contains(&reference.group).into(),
            };
            truth = truth.max(self.holds_one(reference.packets, at, far).and(member));
        }
        truth
    }

    /// The clients whom a target's groups admit behind a node that shows their addresses.
    fn admitted_clients(
        &mut self,
        component: &Component,
        (of, node): (Interface<'_>, Interface<'_>),
        at: (Protocol, u16),
    ) -> Bounds {
        let key = filter_key(component, of, Direction::Ingress);
        let (filter, _) = self.filter(key, Direction::Ingress);
        let mut peers = self.peers_of(filter.fixed, at);
        for reference in &filter.references {
            let admitted = self.peers_of(reference.packets, at);
            let perhaps = Bounds::at_most(admitted.possible());
            let worn = component.group_sets[node.group_set()].contains(&reference.group);
            let more = if node.contested() {
                perhaps
            } else if worn {
                admitted
            } else if reference.loose {
                perhaps
            } else {
                let members = self.members_of(reference.group);
                Bounds::at_most(self.sets.intersection(perhaps.possible(), members))
            };
            peers = peers.union(&more, &mut self.sets);
        }
        peers
    }

    /// Whether an answer to a port that the node picks gets back, and whether only some do.
    fn answered(
        &self,
        protocol: Protocol,
        (left, source): (Bounds<SpaceId>, IpAddr),
        (came, target): (Bounds<SpaceId>, IpAddr),
    ) -> (Truth, bool) {
        let ports = |space: SpaceId, peer: IpAddr| {
            clients_of(self.sets.space(space), protocol, 0, peer, &self.sets)
        };
        let both = |left: SpaceId, came: SpaceId| -> PortSet {
            ports(left, source).intersection(&ports(came, target))
        };
        let certain = both(left.certain(), came.certain());
        if !certain.is_empty() {
            return (Truth::Yes, certain != PortSet::from(CLIENT_PORTS));
        }
        let possible = both(left.possible(), came.possible());
        (if possible.is_empty() { Truth::No } else { Truth::Maybe }, false)
    }

    /// The client ports at which answers of a target pass the ACL of the node's subnet.
    fn ports_home(
        &mut self,
        acl: Bounds<SpaceId>,
        protocol: Protocol,
        target: IpAddr,
    ) -> Bounds<SpaceId> {
        map(acl, &mut self.sets, |space, sets| {
            let ports = clients_of(sets.space(space), protocol, 0, target, sets);
            if ports == PortSet::from(CLIENT_PORTS) {
                return SpaceId::REPLIES;
            }
            let rules: Vec<_> =
                ports.ranges().map(|range| (packets(protocol, range), IpSetId::ALL)).collect();
            let space = HeaderSpace::union_of(rules, sets);
            sets.intern_space(space)
        })
    }
}

/// A node at an address of a family.
#[derive(Clone, Copy)]
pub(super) struct From<'c> {
    pub(super) balancer: &'c LoadBalancer,
    pub(super) node: Interface<'c>,
    pub(super) v4: bool,
    pub(super) active: Truth,
}

impl Back {
    pub(super) fn all() -> Self {
        Self { answers: Bounds::exact(SpaceId::REPLIES), limited: false }
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
        match self.all.iter_mut().find(|(known, _)| *known == back) {
            Some((_, all)) => *all = all.union(&forward, sets),
            None => self.all.push((back, forward)),
        }
    }

    /// Takes what one target gets.
    pub(super) fn take(
        &mut self,
        (target, port): (Answering<'_>, u16),
        listener: Match,
        own: Self,
        sets: &mut crate::net::IpSets,
    ) {
        let Match::Ports(protocol, _) = listener else { return };
        for &(back, forward) in &own.all {
            self.pour(forward, back, sets);
        }
        if !own.all.is_empty() {
            let (target, port) = (target.interface.index(), (protocol, port));
            self.by_target.push(ByTarget { target, port, listener, ways: own.all });
        }
    }
}

/// The packets that a listener takes, and whether that is sure.
pub(super) fn takes(listener: &Listener) -> Vec<(Protocol, PortRange, bool)> {
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

/// The primary address of an interface in a family.
pub(super) fn primary(interface: Interface<'_>, v6: bool) -> Option<IpAddr> {
    if v6 {
        let held = interface.ipv6().first()?;
        return Some(IpAddr::V6(Ipv6Addr::from_bits(held.first)));
    }
    let held = interface.ipv4().first()?;
    Some(IpAddr::V4(Ipv4Addr::from_bits(held.first)))
}

/// Whether a group's targets see their clients' addresses, and whether that is known.
fn preserves(group: &TargetGroup) -> (bool, bool) {
    let instances = group.kind == TargetKind::Instance;
    match (group.kind, group.protocol) {
        (TargetKind::LoadBalancer, _)
        | (
            _,
            Some(
                ListenerProtocol::Udp
                | ListenerProtocol::TcpUdp
                | ListenerProtocol::Quic
                | ListenerProtocol::TcpQuic,
            ),
        ) => (true, true),
        (_, Some(ListenerProtocol::Tcp | ListenerProtocol::Tls)) => {
            let said = group.attributes.map(|attributes| attributes.preserve_client_ip);
            (said.flatten().unwrap_or(instances), said.is_some())
        }
        (_, _) => (instances, false),
    }
}

/// The number of a thing in a list that grows.
pub(super) fn numbered<T: PartialEq>(list: &mut Vec<T>, thing: T) -> usize {
    if let Some(known) = list.iter().position(|known| *known == thing) {
        return known;
    }
    list.push(thing);
    list.len().saturating_sub(1)
}
