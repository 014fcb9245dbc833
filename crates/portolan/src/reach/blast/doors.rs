//! Doors: interfaces that open to the same addresses, with those addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::{
    ComponentId, Direction, InterfaceKind, LoadBalancerKind, Network, NetworkInterfaceId, VpcId,
};
use crate::net::{Bounds, HeaderSpace, IpSetId, IpSets, Match, PortRange, Protocol, SpaceId};
use crate::reach::engine::{Class, Engine, Entrance, Lane, OwnAddresses, Sender, World, addresses};
use crate::record::{Audience, Certainty};

/// A component, ready to be walked through.
pub(super) struct Land {
    pub(super) id: ComponentId,
    pub(super) engine: Engine,
    pub(super) doors: Vec<Door>,
    /// The packets by which a host can be taken.
    pub(super) taken: SpaceId,
}

/// Addresses that are filtered alike.
pub(super) struct Door {
    /// Whoever opens it asks for one of these.
    pub(super) places: Vec<Place>,
    /// Who opens it.
    pub(super) edges: Vec<Edge>,
    /// What is behind it.
    pub(super) leads_to: LeadsTo,
}

/// Addresses of an interface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) interface: NetworkInterfaceId,
    pub(super) first: IpAddr,
    pub(super) last: IpAddr,
    pub(super) public: Option<u32>,
}

/// Who is behind a door.
#[derive(Clone, Debug)]
pub(super) enum LeadsTo {
    /// The host that has the address.
    Itself,
    /// A target of the load balancer that has it.
    Target(Behind),
}

/// A target's own port behind a load balancer's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behind {
    pub(super) entrance: Entrance,
    /// Whether the load balancer asks by itself: requests get through, and no packet of
    /// the client.
    pub(super) requests: bool,
}

/// Peers of one kind who open a door.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Sender,
    pub(super) audience: Audience,
    pub(super) certainty: Certainty,
    /// The packets, by peer.
    pub(super) space: SpaceId,
    /// All of the peers.
    pub(super) peers: IpSetId,
}

impl Land {
    pub(super) fn of(network: &Network, world: &World, id: ComponentId, taken: &[Match]) -> Self {
        let mut engine = Engine::new(network, world, id);
        let rules = taken.iter().map(|&rule| (rule, IpSetId::ALL));
        let space = HeaderSpace::union_of(rules.collect::<Vec<_>>(), &mut engine.sets);
        let taken = engine.sets.intern_space(space);
        let mut by_class: BTreeMap<Class, Vec<Place>> = BTreeMap::new();
        let component = &network.components[id];
        for interface in component.interfaces.iter() {
            for held in engine.held(Direction::Ingress, interface) {
                let (first, last, public) = (held.first, held.last, held.public);
                let place = Place { interface: interface.index(), first, last, public };
                by_class.entry(held.class).or_default().push(place);
            }
        }
        let mut land = Self { id, engine, doors: Vec::new(), taken };
        let mut peers = BTreeMap::new();
        for (class, places) in by_class {
            land.doors_of(&class, places, &mut peers);
        }
        land
    }

    fn doors_of(
        &mut self,
        class: &Class,
        places: Vec<Place>,
        peers: &mut BTreeMap<SpaceId, IpSetId>,
    ) {
        let lanes = self.engine.lanes(Direction::Ingress, class);
        let edges = self.edges(&lanes, peers);
        if let Some(node) = class.balancer {
            for entrance in self.engine.entrances(node, class.v4) {
                let lanes = self.engine.lanes_through(class, entrance.onward);
                let edges = self.edges(&lanes, peers);
                if !edges.is_empty() {
                    let requests = self.asks(&entrance);
                    let leads_to = LeadsTo::Target(Behind { entrance, requests });
                    self.doors.push(Door { places: places.clone(), edges, leads_to });
                }
            }
        }
        if !edges.is_empty() {
            let leads_to = LeadsTo::Itself;
            self.doors.push(Door { places, edges, leads_to });
        }
    }

    /// Whether what gets to a target is a load balancer's own connection, which brings the
    /// client's request: not one that a Network Load Balancer passes on.
    fn asks(&self, entrance: &Entrance) -> bool {
        let component = &self.engine.ground.component;
        let balancer = &component.load_balancers[entrance.balancer];
        let network = balancer.kind == LoadBalancerKind::Network;
        let nodes = || balancer.interfaces.iter().map(|&node| component.interface(node));
        let by_node = |seen| nodes().any(|node| addresses(node).contains(seen));
        !network || entrance.seen.is_some_and(|seen| !by_node(seen))
    }

    /// Who opens what these lanes let in.
    fn edges(&mut self, lanes: &[Lane], peers: &mut BTreeMap<SpaceId, IpSetId>) -> Vec<Edge> {
        let taken = Bounds::exact(self.taken);
        let mut by_sender: Vec<((Sender, Audience), Vec<Lane>)> = Vec::new();
        for lane in lanes {
            let forward = lane.forward.intersection(&taken, &mut self.engine.sets);
            if forward.is_empty() {
                continue;
            }
            let lane = Lane { forward, ..*lane };
            let key = (lane.sender, lane.audience);
            match by_sender.iter_mut().find(|(known, _)| *known == key) {
                Some((_, all)) => all.push(lane),
                None => by_sender.push((key, vec![lane])),
            }
        }
        let mut edges = Vec::new();
        for ((from, audience), lanes) in by_sender {
            let parts = self.engine.parts(&lanes, &OwnAddresses::default());
            let parts = parts.iter().flat_map(|(_, parts)| parts);
            let mut spaces: BTreeMap<Certainty, Vec<SpaceId>> = BTreeMap::new();
            for part in parts {
                spaces.entry(part.certainty).or_default().push(part.space);
            }
            // Other components send, and answers come home, by ways that nobody sees from
            // here: whatever may arrive counts.
            if from == Sender::Outside && audience != Audience::Internet {
                let arriving = lanes.iter().map(|lane| lane.forward.possible());
                spaces.entry(Certainty::Possible).or_default().extend(arriving);
            }
            for (certainty, spaces) in spaces {
                let sets = &mut self.engine.sets;
                let space = sets.unite_all_spaces(spaces);
                let all = *peers.entry(space).or_insert_with(|| everyone(space, sets));
                if !all.is_empty() {
                    edges.push(Edge { from, audience, certainty, space, peers: all });
                }
            }
        }
        edges
    }

    /// Whether an attacker who gets there goes on from there.
    pub(super) fn can_be_held(&self, interface: NetworkInterfaceId) -> bool {
        is_host(self.engine.ground.component.interface(interface).kind())
    }

    /// All interfaces of the host that has one.
    pub(super) fn host(&self, interface: NetworkInterfaceId) -> Vec<NetworkInterfaceId> {
        let ground = &self.engine.ground;
        let interface = ground.component.interface(interface);
        // One that nobody listed is nobody's to the engine, and a host by itself.
        if interface.unlisted().is_some() {
            return vec![interface.index()];
        }
        let own = ground.own_addresses(interface).into_iter();
        own.filter(|it| self.can_be_held(it.index())).map(|it| it.index()).collect()
    }

    /// The interface of a VPC that holds an address, of those that are wanted.
    pub(super) fn holder(
        &self,
        vpc: VpcId,
        address: IpAddr,
        wanted: impl Fn(NetworkInterfaceId) -> bool,
    ) -> Option<NetworkInterfaceId> {
        let component = &self.engine.ground.component;
        let mut found: Vec<NetworkInterfaceId> = match address {
            IpAddr::V4(at) => {
                component.ipv4_holders(vpc, at.to_bits()).map(|it| it.index()).collect()
            }
            IpAddr::V6(at) => {
                component.ipv6_holders(vpc, at.to_bits()).map(|it| it.index()).collect()
            }
        };
        found.retain(|&id| wanted(id));
        found.first().copied()
    }
}

impl Door {
    /// The interfaces that are reached by it.
    pub(super) fn reached(&self) -> Vec<NetworkInterfaceId> {
        match &self.leads_to {
            LeadsTo::Itself => self.places.iter().map(|place| place.interface).collect(),
            LeadsTo::Target(behind) => vec![behind.entrance.target.interface],
        }
    }
}

/// Whether somebody can hold an interface of the kind.
pub(super) fn is_host(kind: InterfaceKind) -> bool {
    match kind {
        InterfaceKind::Host | InterfaceKind::RemoteAccess => true,
        InterfaceKind::Managed
        | InterfaceKind::VpcEndpoint
        | InterfaceKind::LoadBalancer
        | InterfaceKind::NatGateway
        | InterfaceKind::TransitGateway => false,
    }
}

/// A protocol, as packets are told apart.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Slot {
    /// One of the four, or one that rules name by number.
    Of(Protocol),
    /// All that nobody names.
    Other,
}

/// Ports with the same peers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) slot: Slot,
    pub(super) ports: PortRange,
    pub(super) peers: IpSetId,
}

/// A space as rows.
pub(super) fn rows(space: SpaceId, sets: &IpSets) -> Vec<Row> {
    let space = sets.space(space);
    let slots = [
        (Protocol::Tcp, &space.tcp),
        (Protocol::Udp, &space.udp),
        (Protocol::Icmp, &space.icmp),
        (Protocol::Icmpv6, &space.icmpv6),
    ];
    let mut rows = Vec::new();
    for (protocol, segments) in slots {
        rows.extend(segments.iter().map(|segment| Row {
            slot: Slot::Of(protocol),
            ports: segment.ports,
            peers: segment.peers,
        }));
    }
    let whole = |slot, peers| Row { slot, ports: PortRange::ALL, peers };
    let numbered = space.numbered.iter();
    rows.extend(numbered.map(|&(number, peers)| whole(Slot::Of(Protocol::Other(number)), peers)));
    rows.push(whole(Slot::Other, space.other));
    rows.retain(|row| !row.peers.is_empty());
    rows
}

fn everyone(space: SpaceId, sets: &mut IpSets) -> IpSetId {
    let peers: Vec<IpSetId> = rows(space, sets).iter().map(|row| row.peers).collect();
    sets.union_all(peers)
}
