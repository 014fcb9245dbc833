//! From lanes to what is printed: peers by port, certainty and client ports.

use std::collections::BTreeMap;

use super::Engine;
use super::lane::{Lane, Sender};
use crate::model::VpcId;
use crate::net::{
    CLIENT_PORTS, HeaderSpace, IpSetId, IpSets, Match, PortRange, PortSet, Protocol, Segment,
    Segments,
};
use crate::record::{Audience, Certainty, Clients};

/// Packets by peer.
pub(crate) type PeerSpace = HeaderSpace;

/// What is open alike: with one certainty, for the same client ports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Part {
    /// Whether it is surely so.
    pub(crate) certainty: Certainty,
    /// Which clients get answers.
    pub(crate) clients: Clients,
    /// Their ports, if some.
    pub(crate) client_ports: PortSet,
    /// The packets, by peer.
    pub(crate) space: PeerSpace,
}

/// The client ports that get answers.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Served {
    ports: PortSet,
    /// And yet not every connection does.
    limited: bool,
}

impl Served {
    fn all() -> Self {
        Self { ports: CLIENT_PORTS.into(), limited: false }
    }

    /// What gets answers on either of two ways.
    fn union(&self, other: &Self) -> Self {
        Self { ports: self.ports.union(&other.ports), limited: self.limited && other.limited }
    }

    fn label(&self) -> (Clients, PortSet) {
        if *self == Self::all() {
            (Clients::All, PortSet::empty())
        } else {
            (Clients::Some, self.ports.clone())
        }
    }
}

/// Disjoint spaces, each with the client ports that get answers in it.
#[derive(Debug, Default)]
struct Heap(Vec<(Served, PeerSpace)>);

impl Heap {
    fn add(&mut self, served: &Served, mut space: PeerSpace, sets: &mut IpSets) {
        let mut moved = Vec::new();
        for (known, held) in &mut self.0 {
            if known == served || !overlap(held, &space, sets) {
                continue;
            }
            let both = held.intersection(&space, sets);
            let joint = known.union(served);
            if joint == *known {
                space = space.difference(&both, sets);
            } else {
                *held = held.difference(&both, sets);
                if joint != *served {
                    space = space.difference(&both, sets);
                    moved.push((joint, both));
                }
            }
        }
        moved.push((served.clone(), space));
        for (served, space) in moved {
            match self.0.iter_mut().find(|(known, _)| *known == served) {
                Some((_, held)) => *held = held.union(&space, sets),
                None => self.0.push((served, space)),
            }
        }
        self.0.retain(|(_, held)| !held.is_empty());
    }
}

/// Whether two spaces share a packet; no set is made.
fn overlap(one: &PeerSpace, other: &PeerSpace, sets: &IpSets) -> bool {
    let slots = [
        (&one.tcp, &other.tcp),
        (&one.udp, &other.udp),
        (&one.icmp, &other.icmp),
        (&one.icmpv6, &other.icmpv6),
    ];
    let shared = |(one, other): (&Segments, &Segments)| {
        let mut rest = other.as_slice();
        one.iter().any(|segment| {
            let skip = rest.partition_point(|next| next.ports.last() < segment.ports.first());
            rest = rest.get(skip..).unwrap_or_default();
            rest.iter()
                .take_while(|next| next.ports.first() <= segment.ports.last())
                .any(|next| sets.intersects(segment.peers, next.peers))
        })
    };
    let numbers = one.numbered.iter().chain(&other.numbered).map(|&(number, _)| number);
    slots.into_iter().any(shared)
        || sets.intersects(one.other, other.other)
        || numbers
            .map(Protocol::Other)
            .any(|number| sets.intersects(one.lookup(number, 0), other.lookup(number, 0)))
}

/// Whose addresses count as whose: see [`Sender`].
#[derive(Debug, Default)]
pub(crate) struct OwnAddresses {
    /// The addresses of the host's interfaces.
    pub(crate) all: BTreeMap<VpcId, IpSetId>,
    /// Those that count as nobody's: not a load balancer's or the like.
    pub(crate) as_unheld: BTreeMap<VpcId, IpSetId>,
}

impl Engine<'_> {
    /// What is open by audience, seen by a host that holds `own`.
    pub(crate) fn parts(
        &mut self,
        lanes: &[Lane],
        own: &OwnAddresses,
    ) -> Vec<(Audience, Vec<Part>)> {
        let mut heaps: BTreeMap<Audience, (Heap, Heap)> = BTreeMap::new();
        // What lies outside the blocks that were seen is possible at most.
        let exact = !self.ground.strays
            && lanes.iter().all(|lane| lane.forward.is_exact() && lane.reply.is_exact());
        for lane in lanes {
            for certain in [true, false] {
                if exact && !certain {
                    continue;
                }
                let (mut forward, reply) = if certain {
                    (lane.forward.certain_ref().clone(), lane.reply.certain_ref())
                } else {
                    (lane.forward.possible_ref().clone(), lane.reply.possible_ref())
                };
                forward = self.counted(lane.sender, forward, own);
                if forward.is_empty() {
                    continue;
                }
                for (audience, forward) in self.by_audience(lane.audience, forward, certain) {
                    let (sure, may) = heaps.entry(audience).or_default();
                    let heap = if certain { sure } else { may };
                    pour(heap, &forward, reply, lane.limited, &mut self.sets);
                }
            }
        }
        heaps
            .into_iter()
            .map(|(audience, (certain, possible))| {
                let parts = match exact {
                    true => certain
                        .0
                        .into_iter()
                        .map(|(served, space)| certainly(&served, space))
                        .collect(),
                    false => compare(&certain, possible, &mut self.sets),
                };
                (audience, parts)
            })
            .collect()
    }

    /// The packets of peers who count: see [`Sender`].
    fn counted(&mut self, sender: Sender, forward: PeerSpace, own: &OwnAddresses) -> PeerSpace {
        let sets = &mut self.sets;
        let of = |own: &BTreeMap<VpcId, IpSetId>, vpc: VpcId| {
            own.get(&vpc).copied().unwrap_or(IpSetId::EMPTY)
        };
        match sender {
            Sender::Outside => forward,
            Sender::Held(vpc) => {
                let own = HeaderSpace::of(&Match::All, of(&own.all, vpc));
                if overlap(&forward, &own, sets) { forward.difference(&own, sets) } else { forward }
            }
            Sender::Unheld(vpc) => {
                let mut counted = forward.restrict(self.ground.unheld[vpc], sets);
                let own = of(&own.as_unheld, vpc);
                if !own.is_empty() {
                    counted = counted.union(&forward.restrict(own, sets), sets);
                }
                counted
            }
        }
    }

    /// Peers of the estate outside the blocks that were seen count by their
    /// address alone, and nothing about them is certain.
    fn by_audience(
        &mut self,
        audience: Audience,
        forward: PeerSpace,
        certain: bool,
    ) -> Vec<(Audience, PeerSpace)> {
        if audience != Audience::Estate || !self.ground.strays {
            return vec![(audience, forward)];
        }
        let sets = &mut self.sets;
        let blocks = self.ground.seen_blocks;
        let outside = sets.complement(blocks);
        let internet = self.ground.internet;
        let network = sets.difference(outside, internet);
        [
            (Audience::Estate, forward.restrict(blocks, sets)),
            (Audience::Network, forward.restrict(network, sets)),
            (Audience::Internet, forward.restrict(internet, sets)),
        ]
        .into_iter()
        .filter(|(audience, space)| {
            !space.is_empty() && (!certain || *audience == Audience::Estate)
        })
        .collect()
    }
}

fn certainly(served: &Served, space: PeerSpace) -> Part {
    let (clients, client_ports) = served.label();
    Part { certainty: Certainty::Certain, clients, client_ports, space }
}

/// What is certain, and what is possible and not certain.
fn compare(certain: &Heap, possible: Heap, sets: &mut IpSets) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut push = |part: Part, sets: &mut IpSets| {
        let alike = parts.iter_mut().find(|known| {
            (known.certainty, known.clients, &known.client_ports)
                == (part.certainty, part.clients, &part.client_ports)
        });
        match alike {
            Some(known) => known.space = known.space.union(&part.space, sets),
            None => parts.push(part),
        }
    };
    for (served, space) in &certain.0 {
        for (perhaps, wider) in &possible.0 {
            if !overlap(space, wider, sets) {
                continue;
            }
            let both = space.intersection(wider, sets);
            let part = if perhaps == served {
                certainly(served, both)
            } else {
                Part {
                    certainty: Certainty::Certain,
                    clients: Clients::Unknown,
                    client_ports: PortSet::empty(),
                    space: both,
                }
            };
            push(part, sets);
        }
    }
    for (served, mut space) in possible.0 {
        for (_, known) in &certain.0 {
            if overlap(&space, known, sets) {
                space = space.difference(known, sets);
            }
        }
        if !space.is_empty() {
            let (clients, client_ports) = served.label();
            push(Part { certainty: Certainty::Possible, clients, client_ports, space }, sets);
        }
    }
    parts
}

/// Adds a lane: its packets by the client ports that get answers.
fn pour(
    heap: &mut Heap,
    forward: &PeerSpace,
    reply: &HeaderSpace,
    limited: bool,
    sets: &mut IpSets,
) {
    for (slot, answers) in [(Protocol::Tcp, &reply.tcp), (Protocol::Udp, &reply.udp)] {
        let segments = if slot == Protocol::Tcp { &forward.tcp } else { &forward.udp };
        if segments.is_empty() {
            continue;
        }
        for (ports, peers) in served(answers, sets) {
            let mut space = PeerSpace::empty();
            let kept = restrict(segments, peers, sets);
            if kept.is_empty() {
                continue;
            }
            *(if slot == Protocol::Tcp { &mut space.tcp } else { &mut space.udp }) = kept;
            heap.add(&Served { ports, limited }, space, sets);
        }
    }
    let mut rest = forward.clone();
    rest.tcp.clear();
    rest.udp.clear();
    let mut answered = HeaderSpace::everything();
    for protocol in [Protocol::Icmp, Protocol::Icmpv6] {
        for &(request, answer) in protocol.icmp_replies() {
            let without = sets.complement(reply.lookup(protocol, answer));
            let wanted = Match::Ports(protocol, PortRange::single(request));
            answered = answered.difference(&HeaderSpace::of(&wanted, without), sets);
        }
    }
    answered.other = reply.other;
    answered.numbered.clone_from(&reply.numbered);
    let rest = rest.intersection(&answered, sets);
    if !rest.is_empty() {
        heap.add(&Served::all(), rest, sets);
    }
}

fn restrict(segments: &Segments, peers: IpSetId, sets: &mut IpSets) -> Segments {
    let space = HeaderSpace { tcp: segments.clone(), ..HeaderSpace::empty() };
    space.restrict(peers, sets).tcp
}

/// The peers by the set of client ports on which answers reach them.
fn served(answers: &[Segment], sets: &mut IpSets) -> Vec<(PortSet, IpSetId)> {
    let mut groups: Vec<(Vec<PortRange>, IpSetId)> = Vec::new();
    for segment in answers {
        let Some(ports) = segment.ports.intersection(CLIENT_PORTS) else { continue };
        let mut rest = segment.peers;
        let mut next = Vec::with_capacity(groups.len().saturating_add(1));
        for (known, peers) in groups {
            let both = sets.intersection(peers, rest);
            if both.is_empty() {
                next.push((known, peers));
                continue;
            }
            let without = sets.difference(peers, both);
            rest = sets.difference(rest, both);
            let mut more = known.clone();
            more.push(ports);
            next.push((more, both));
            if !without.is_empty() {
                next.push((known, without));
            }
        }
        if !rest.is_empty() {
            next.push((vec![ports], rest));
        }
        groups = next;
    }
    groups.into_iter().map(|(ports, peers)| (ports.into_iter().collect(), peers)).collect()
}

/// The client ports of one peer that get answers; of protocols without ports
/// all or none.
pub(super) fn clients_of(
    reply: &HeaderSpace,
    protocol: Protocol,
    selector: u16,
    peer: std::net::IpAddr,
    sets: &IpSets,
) -> PortSet {
    let all = |answered: bool| if answered { CLIENT_PORTS.into() } else { PortSet::empty() };
    if protocol.has_ports() {
        let reached = reply.segments(protocol).filter(|segment| sets.contains(segment.peers, peer));
        return reached.filter_map(|segment| segment.ports.intersection(CLIENT_PORTS)).collect();
    }
    let answer = if protocol.is_icmp() {
        let replies = protocol.icmp_replies().iter();
        match replies.copied().find(|&(request, _)| request == selector) {
            Some((_, answer)) => answer,
            None => return all(true),
        }
    } else {
        0
    };
    all(sets.contains(reply.lookup(protocol, answer), peer))
}
