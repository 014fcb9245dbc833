//! The ports of an estate, in sets of packets.
//!
//! The same meaning as the specification's, computed for everybody at once.
//! Interfaces that are filtered alike are one class; what senders' rules say
//! about a receiver's address is kept by address (see `table`), so that a class
//! is split only where such a rule really cuts it, and the work is the number of
//! classes plus the number of senders, never their product.
//!
//! Both directions are one computation: "self" is the interface that is looked
//! at, the other end is whoever sends to it or receives from it. A class gives
//! *lanes*: peers of one kind, the packets they may exchange with self, and the
//! answers that come back. A port is open to a peer if both are so.
//!
//! Everything is kept between two bounds, certain and possible, three-valued
//! without correlation as in the specification.

mod abroad;
mod away;
mod balancer;
mod class;
mod crossing;
mod endpoint;
mod filter;
mod firewall;
mod forget;
mod ground;
mod lane;
mod outbound;
mod part;
mod passage;
mod query;
mod relay;
mod remote;
mod route;
mod sea;
mod table;
#[cfg(test)]
mod tests;
mod transit;
mod truth;
mod world;

use std::collections::BTreeMap;
#[expect(clippy::disallowed_types, reason = "looked up, never walked")]
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

pub use world::World;

pub(crate) use away::{Away, SeenAs};
pub(crate) use class::{Class, Held};
pub(crate) use filter::{group as group_filter, in_family, network_acl, prefix_list};
pub(crate) use ground::{addresses, join};
pub(crate) use lane::{Lane, Sender};
use part::Answers;
pub(crate) use part::{OwnAddresses, Part};

use crate::model::{
    ComponentId, Direction, GroupSetId, Interface, Network, NetworkAclId, NetworkInterfaceId,
    SecurityGroupId, SubnetId, VpcId,
};
use crate::net::{Bounds, IpSetId, IpSets, PortSet, Protocol, SpaceId};
use crate::reach::spec::TargetPort;
use crate::record::Audience;
use balancer::Back;
pub(crate) use balancer::{Entrance, Onward};
use filter::Filter;
use ground::Ground;
use passage::Passages;
use route::RoadId;
use sea::{FilterKey, Parties, Sea, Shore};

/// What the engine says of one kind of packet.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Judgement {
    /// It is surely answered, for some client ports at least.
    pub certain: bool,
    /// It may be answered.
    pub possible: bool,
    /// The client ports (1024-65535) for which it is surely answered; of
    /// protocols without ports all or none.
    pub certain_clients: PortSet,
    /// The client ports for which it may be answered.
    pub possible_clients: PortSet,
}

impl Judgement {
    /// Open if either is.
    fn add(&mut self, other: &Self) {
        self.certain |= other.certain;
        self.possible |= other.possible;
        self.certain_clients = self.certain_clients.union(&other.certain_clients);
        self.possible_clients = self.possible_clients.union(&other.possible_clients);
    }
}

/// Everything that is computed for a component, on demand.
pub struct Chart {
    engine: Engine,
}

impl Chart {
    /// The chart of a component.
    #[must_use]
    pub fn of(network: &Network, component: ComponentId) -> Self {
        Self::within(network, &World::of(network), component)
    }

    /// The chart of a component of a network whose address space is known.
    #[must_use]
    pub fn within(network: &Network, world: &World, component: ComponentId) -> Self {
        Self { engine: Engine::new(network, world, component) }
    }

    /// What the engine says of a packet between an interface's own address
    /// `at` and a `peer`, which is the source as the receiver sees it
    /// (ingress), or the destination that the sender names (egress).
    #[must_use]
    pub fn judge(
        &mut self,
        direction: Direction,
        (interface, at): (NetworkInterfaceId, IpAddr),
        peer: IpAddr,
        audience: Audience,
        (protocol, selector): (Protocol, u16),
    ) -> Judgement {
        self.engine.judge(direction, (interface, at), peer, audience, (protocol, selector))
    }

    /// What the engine says of a packet to a load balancer's node (as [`Self::judge`],
    /// ingress) as far as it leads on to a target's own port.
    #[must_use]
    pub fn judge_through(
        &mut self,
        (node, at): (NetworkInterfaceId, IpAddr),
        peer: IpAddr,
        audience: Audience,
        listener: (Protocol, u16),
        target: TargetPort,
    ) -> Judgement {
        let mut judgement = Judgement::default();
        let engine = &mut self.engine;
        let component = Arc::clone(&engine.ground.component);
        let interface = component.interface(node);
        let Some(class) = engine.class_at(Direction::Ingress, interface, at) else {
            return judgement;
        };
        let leads = |entrance: &Entrance| {
            (entrance.protocol, entrance.port) == listener && entrance.target == target
        };
        for entrance in engine.entrances(node, at.is_ipv4()).into_iter().filter(leads) {
            let lanes = engine.lanes_through(&class, entrance.onward);
            judgement.add(&engine.judged(&lanes, interface, peer, audience, listener));
        }
        judgement
    }
}

/// The computation for one component, with everything that it knows so far. A copy
/// goes on by itself.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) ground: Ground,
    pub(crate) sets: IpSets,
    acls: BTreeMap<(Option<NetworkAclId>, Direction), Bounds<SpaceId>>,
    groups: BTreeMap<(SecurityGroupId, Direction), Arc<Filter>>,
    filters: BTreeMap<(FilterKey, Direction), (Arc<Filter>, usize)>,
    /// Numbers for what filters say by address; looked up, never walked.
    #[expect(clippy::disallowed_types, reason = "looked up, never walked")]
    contents: HashMap<Bounds<SpaceId>, usize>,
    passages: BTreeMap<(Option<RoadId>, VpcId, VpcId), Arc<Passages>>,
    ways_back: BTreeMap<(Option<RoadId>, VpcId, VpcId), (Bounds, Bounds)>,
    internet_backs: BTreeMap<(Option<RoadId>, VpcId, bool), Bounds>,
    networks: BTreeMap<(Option<RoadId>, VpcId), IpSetId>,
    parties: BTreeMap<Direction, Arc<Parties>>,
    seas: BTreeMap<(Direction, VpcId), Arc<Sea>>,
    shores: BTreeMap<(Direction, SubnetId), Arc<Shore>>,
    /// What nodes of load balancers let on, by node and whether the address is IPv4.
    onwards: BTreeMap<(NetworkInterfaceId, bool), Arc<Vec<Onward>>>,
    handed: Vec<Bounds<SpaceId>>,
    backs: Vec<Back>,
    /// What replies answer; looked up, never walked.
    #[expect(clippy::disallowed_types, reason = "looked up, never walked")]
    answers: HashMap<SpaceId, Arc<Answers>>,
    /// For single questions; whoever asks for everything keeps them himself.
    lanes: BTreeMap<(Direction, Class), Arc<Vec<Lane>>>,
}

impl Engine {
    pub(crate) fn new(network: &Network, world: &World, component: ComponentId) -> Self {
        let mut sets = IpSets::new();
        let ground = Ground::of(network, world, component, &mut sets);
        Self {
            ground,
            sets,
            acls: BTreeMap::new(),
            groups: BTreeMap::new(),
            filters: BTreeMap::new(),
            contents: Default::default(),
            passages: BTreeMap::new(),
            ways_back: BTreeMap::new(),
            internet_backs: BTreeMap::new(),
            networks: BTreeMap::new(),
            parties: BTreeMap::new(),
            seas: BTreeMap::new(),
            shores: BTreeMap::new(),
            onwards: BTreeMap::new(),
            handed: Vec::new(),
            backs: Vec::new(),
            answers: Default::default(),
            lanes: BTreeMap::new(),
        }
    }

    fn acl(&mut self, acl: Option<NetworkAclId>, direction: Direction) -> Bounds<SpaceId> {
        if let Some(&known) = self.acls.get(&(acl, direction)) {
            return known;
        }
        let facts = acl.map(|acl| &self.ground.component.network_acls[acl]);
        let compiled = network_acl(facts, direction, &mut self.sets);
        self.acls.insert((acl, direction), compiled);
        compiled
    }

    /// A filter, and a number that filters share which say the same by address.
    fn filter(&mut self, key: FilterKey, direction: Direction) -> (Arc<Filter>, usize) {
        if let Some(known) = self.filters.get(&(key, direction)) {
            return known.clone();
        }
        let filter = match key {
            FilterKey::Anything => Filter::anything(),
            FilterKey::Everything => Filter::everything(),
            FilterKey::Set(set) => self.group_set(set, direction),
            FilterKey::HandedAnything(onward) => self.handed_filter(&Filter::anything(), onward),
            FilterKey::HandedEverything(onward) => {
                self.handed_filter(&Filter::everything(), onward)
            }
            FilterKey::HandedSet(set, onward) => {
                let filter = self.group_set(set, direction);
                self.handed_filter(&filter, onward)
            }
        };
        let next = self.contents.len();
        let content = *self.contents.entry(filter.fixed).or_insert(next);
        let known = (Arc::new(filter), content);
        self.filters.insert((key, direction), known.clone());
        known
    }

    fn group_set(&mut self, set: GroupSetId, direction: Direction) -> Filter {
        let component = Arc::clone(&self.ground.component);
        let groups: Vec<Arc<Filter>> =
            component.group_sets[set].iter().map(|&group| self.group(group, direction)).collect();
        Filter::union(groups.iter().map(|group| &**group), &mut self.sets)
    }

    fn group(&mut self, group: SecurityGroupId, direction: Direction) -> Arc<Filter> {
        let Self { groups, ground, sets, .. } = self;
        let compile = || Arc::new(filter::group(&ground.component, group, direction, sets));
        Arc::clone(groups.entry((group, direction)).or_insert_with(compile))
    }

    fn passages(&mut self, road: Option<RoadId>, from: VpcId, to: VpcId) -> Arc<Passages> {
        let Self { passages, ground, sets, .. } = self;
        let find = || Arc::new(ground.passages(road, from, to, sets));
        Arc::clone(passages.entry((road, from, to)).or_insert_with(find))
    }

    fn ways_back(&mut self, road: Option<RoadId>, from: VpcId, to: VpcId) -> (Bounds, Bounds) {
        let Self { ways_back, ground, sets, .. } = self;
        *ways_back.entry((road, from, to)).or_insert_with(|| ground.ways_back(road, from, to, sets))
    }

    fn internet_back(&mut self, road: Option<RoadId>, vpc: VpcId, others: bool) -> Bounds {
        let Self { internet_backs, ground, sets, .. } = self;
        *internet_backs
            .entry((road, vpc, others))
            .or_insert_with(|| ground.internet_back(road, vpc, others, sets))
    }

    /// The addresses that leave a VPC through anything at all.
    fn beyond(&mut self, road: Option<RoadId>, vpc: VpcId) -> IpSetId {
        let Self { ground, sets, .. } = self;
        ground.beyond(road, vpc, sets)
    }

    fn network_set(&mut self, road: Option<RoadId>, vpc: VpcId) -> IpSetId {
        let Self { networks, ground, sets, .. } = self;
        *networks.entry((road, vpc)).or_insert_with(|| ground.network_set(road, vpc, sets))
    }

    fn judge(
        &mut self,
        direction: Direction,
        (interface, at): (NetworkInterfaceId, IpAddr),
        peer: IpAddr,
        audience: Audience,
        (protocol, selector): (Protocol, u16),
    ) -> Judgement {
        let component = Arc::clone(&self.ground.component);
        let interface = component.interface(interface);
        let Some(class) = self.class_at(direction, interface, at) else {
            return Judgement::default();
        };
        let known = self.lanes.get(&(direction, class)).cloned();
        let lanes = known.unwrap_or_else(|| Arc::new(self.lanes(direction, &class)));
        self.lanes.insert((direction, class), lanes.clone());
        self.judged(&lanes, interface, peer, audience, (protocol, selector))
    }

    /// What lanes to an interface say of a packet.
    fn judged(
        &self,
        lanes: &[Lane],
        interface: Interface<'_>,
        peer: IpAddr,
        audience: Audience,
        (protocol, selector): (Protocol, u16),
    ) -> Judgement {
        let mut judgement = Judgement::default();
        let own = self.own_vpcs(interface, peer);
        for lane in lanes.iter().filter(|lane| lane.audience == audience) {
            let counts = match lane.sender {
                Sender::Held(vpc) => !own.iter().any(|&(at, _)| at == vpc),
                Sender::Unheld(vpc) => {
                    own.contains(&(vpc, true)) || self.sets.contains(self.ground.unheld[vpc], peer)
                }
                Sender::Outside => true,
            };
            if !counts {
                continue;
            }
            let sets = &self.sets;
            let clients = |forward: SpaceId, reply: SpaceId| {
                let (forward, reply) = (sets.space(forward), sets.space(reply));
                let there = sets.contains(forward.lookup(protocol, selector), peer);
                if there {
                    part::clients_of(reply, protocol, selector, peer, sets)
                } else {
                    PortSet::empty()
                }
            };
            let certain = clients(lane.forward.certain(), lane.reply.certain());
            let possible = clients(lane.forward.possible(), lane.reply.possible());
            judgement.certain_clients = judgement.certain_clients.union(&certain);
            judgement.possible_clients = judgement.possible_clients.union(&possible);
        }
        judgement.certain = !judgement.certain_clients.is_empty();
        judgement.possible = !judgement.possible_clients.is_empty();
        judgement
    }
}
