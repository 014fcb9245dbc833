//! From a node to a target: what groups and ACLs let on, and which answers come back.

use std::net::IpAddr;

use super::chosen::primary;
use super::{Answering, Back, From, modelled, packets, takes};
use crate::model::{
    Component, Direction, Interface, InterfaceKind, LoadBalancerKind, LoadBalancerState,
};
use crate::net::{Bounds, CLIENT_PORTS, HeaderSpace, IpSetId, Match, PortSet, Protocol, SpaceId};
use crate::reach::engine::Engine;
use crate::reach::engine::filter::replies;
use crate::reach::engine::ground;
use crate::reach::engine::part::clients_of;
use crate::reach::engine::sea::{filter_key, map};
use crate::reach::engine::truth::Truth;

/// What becomes of a connection that a node opens.
pub(super) struct Opened {
    /// Whether its packets get to the target.
    pub(super) gets_there: Truth,
    /// Whether answers come back.
    pub(super) answered: Truth,
    /// Only to some of the ports that the node may pick.
    pub(super) limited: bool,
}

impl Engine {
    /// What a target of a Network Load Balancer answers: the packets to the listener that
    /// get to it, and the answers that come back.
    pub(super) fn passed(
        &mut self,
        component: &Component,
        from: From<'_>,
        (target, port): (Answering<'_>, u16),
        (truth, preserved): (Truth, bool),
        rule: Match,
    ) -> (Back, Bounds<SpaceId>) {
        let Match::Ports(protocol, _) = rule else { return Back::nothing() };
        let at = (protocol, port);
        if !(preserved && from.v4 == target.address.is_ipv4()) {
            let Some(own) = self.opened(component, from, target, at) else {
                return (Back::all(), self.space_of(&rule, Bounds::UNKNOWN));
            };
            let all = self.space_of(&rule, Bounds::ALL);
            let answers = own.answered.of(&Bounds::exact(SpaceId::REPLIES));
            return (Back { answers, limited: own.limited }, truth.and(own.gets_there).of(&all));
        }
        let node = from.node;
        let truth = truth.and(self.leaves(component, from, target, at));
        let mut peers = self.admitted_clients(component, (target.interface, node), at);
        let mut answers = Bounds::exact(SpaceId::REPLIES);
        if node.subnet() != target.interface.subnet() {
            let far = self.ground.sites[target.interface.subnet()].acl;
            let near = self.ground.sites[node.subnet()].acl;
            let into = self.acl(far, Direction::Ingress);
            let into = self.peers_of(into, at);
            peers = peers.intersection(&into, &mut self.sets);
            answers = map(self.acl(far, Direction::Egress), &mut self.sets, replies);
            let home = self.acl(near, Direction::Ingress);
            let home = self.ports_home(home, protocol, target.address);
            answers = answers.intersection(&home, &mut self.sets);
        }
        let own = self.sets.intern(ground::addresses(target.interface));
        peers = peers.minus(&Bounds::exact(own), &mut self.sets);
        let forward = self.space_of(&rule, peers);
        (Back { answers, limited: false }, truth.of(&forward))
    }

    /// Whether a packet for a target leaves the node, and the target can answer at all.
    fn leaves(
        &mut self,
        component: &Component,
        from: From<'_>,
        target: Answering<'_>,
        at: (Protocol, u16),
    ) -> Truth {
        let node = from.node;
        let there = self.ground.host(target.interface);
        let mut truth = there.and(self.serves(component, target.interface, at));
        if !component.vpcs[target.interface.vpc()].seen {
            truth = truth.and(Truth::Maybe);
        }
        if !component.group_sets[node.group_set()].is_empty() {
            let asked = (node, target.interface);
            let out = self.admits_one(component, Direction::Egress, asked, at, target.address);
            truth = truth.and(out);
        }
        // A Classic Load Balancer's outbound ACL is asked within the subnet too
        // (Reachability Analyzer, `ELB_ACL_RESTRICTION`).
        let classic = from.balancer.kind == LoadBalancerKind::Classic;
        if classic || node.subnet() != target.interface.subnet() {
            let acl = self.ground.sites[node.subnet()].acl;
            let out = self.acl(acl, Direction::Egress);
            truth = truth.and(self.holds_one(out, at, target.address));
        }
        truth
    }

    /// A connection of the node's own to a target; `None`: it has no address of its family.
    pub(super) fn opened(
        &mut self,
        component: &Component,
        from: From<'_>,
        target: Answering<'_>,
        at: (Protocol, u16),
    ) -> Option<Opened> {
        let node = from.node;
        let source = primary(node, target.address.is_ipv6())?;
        let mut gets_there = self.leaves(component, from, target, at);
        let asked = (target.interface, node);
        let admitted = self.admits_one(component, Direction::Ingress, asked, at, source);
        gets_there = gets_there.and(admitted);
        let (mut answered, mut limited) = (Truth::Yes, false);
        if node.subnet() != target.interface.subnet() {
            let far = self.ground.sites[target.interface.subnet()].acl;
            let near = self.ground.sites[node.subnet()].acl;
            let into = self.acl(far, Direction::Ingress);
            gets_there = gets_there.and(self.holds_one(into, at, source));
            let back = self.acl(far, Direction::Egress);
            let home = self.acl(near, Direction::Ingress);
            (answered, limited) = self.answered(at.0, (back, source), (home, target.address));
        }
        Some(Opened { gets_there, answered, limited })
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
            InterfaceKind::NatGateway
            | InterfaceKind::TransitGateway
            | InterfaceKind::RemoteAccess => return Truth::No,
            InterfaceKind::VpcEndpoint | InterfaceKind::Managed => return Truth::Maybe,
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
