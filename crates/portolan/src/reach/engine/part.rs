//! From lanes to what is printed: peers by port, certainty and client ports.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use super::class::Class;
use super::filter::replies;
use super::lane::{Lane, Sender};
use super::sea::map;
use crate::model::{Direction, NetworkAclId, VpcId};
use crate::net::{
    CLIENT_PORTS, HeaderSpace, IpSetId, IpSets, Match, PortRange, PortSet, Protocol, Segment,
    Segments, SpaceId,
};
use crate::record::{Audience, Certainty, Clients};

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
    pub(crate) space: SpaceId,
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
struct Heap(Vec<(Served, SpaceId)>);

impl Heap {
    /// What lanes pour, made disjoint.
    fn of(poured: Vec<(Served, SpaceId)>, sets: &mut IpSets) -> Self {
        // Mostly all clients get answers, on every lane.
        if let Some((served, _)) = poured.first()
            && poured.iter().all(|(other, _)| other == served)
        {
            let served = served.clone();
            let all = sets.unite_all_spaces(poured.into_iter().map(|(_, space)| space).collect());
            return Self(vec![(served, all)]);
        }
        let mut heap = Self::default();
        for (served, space) in poured {
            heap.add(&served, space, sets);
        }
        heap
    }

    fn add(&mut self, served: &Served, mut space: SpaceId, sets: &mut IpSets) {
        let mut moved = Vec::new();
        for (known, held) in &mut self.0 {
            if known == served || !overlap(*held, space, sets) {
                continue;
            }
            let both = sets.meet_spaces(*held, space);
            let joint = known.union(served);
            if joint == *known {
                space = sets.subtract_spaces(space, both);
            } else {
                *held = sets.subtract_spaces(*held, both);
                if joint != *served {
                    space = sets.subtract_spaces(space, both);
                    moved.push((joint, both));
                }
            }
        }
        moved.push((served.clone(), space));
        for (served, space) in moved {
            match self.0.iter_mut().find(|(known, _)| *known == served) {
                Some((_, held)) => *held = sets.unite_spaces(*held, space),
                None => self.0.push((served, space)),
            }
        }
        self.0.retain(|(_, held)| !held.is_empty());
    }
}

/// Whether two spaces share a packet; no set is made.
fn overlap(one: SpaceId, other: SpaceId, sets: &IpSets) -> bool {
    if one == other {
        return !one.is_empty();
    }
    let (one, other) = (sets.space(one), sets.space(other));
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

/// What lanes let through, by the client ports that get answers.
type Poured = Vec<(Served, SpaceId)>;

/// What answers reach whom: a reply, turned into packets that ask for it.
#[derive(Debug)]
pub(super) struct Answers {
    /// What all clients get answers to.
    all: SpaceId,
    /// TCP and UDP that only some client ports get answers to.
    some: Vec<(PortSet, SpaceId)>,
}

impl Answers {
    fn of(reply: &HeaderSpace, sets: &mut IpSets) -> Self {
        let mut all = HeaderSpace::everything();
        all.tcp.clear();
        all.udp.clear();
        for protocol in [Protocol::Icmp, Protocol::Icmpv6] {
            for &(request, answer) in protocol.icmp_replies() {
                let without = sets.complement(reply.lookup(protocol, answer));
                let wanted = Match::Ports(protocol, PortRange::single(request));
                all = all.difference(&HeaderSpace::of(&wanted, without), sets);
            }
        }
        all.other = reply.other;
        all.numbered.clone_from(&reply.numbered);
        let everyone = PortSet::from(CLIENT_PORTS);
        let mut some: BTreeMap<PortSet, HeaderSpace> = BTreeMap::new();
        for (protocol, answers) in [(Protocol::Tcp, &reply.tcp), (Protocol::Udp, &reply.udp)] {
            for (ports, peers) in served(answers, sets) {
                let asked = Match::Ports(protocol, PortRange::ALL);
                let into =
                    if ports == everyone { &mut all } else { some.entry(ports).or_default() };
                into.add(sets, &asked, peers);
            }
        }
        let some =
            some.into_iter().map(|(ports, space)| (ports, sets.intern_space(space))).collect();
        Self { all: sets.intern_space(all), some }
    }
}

/// Whose addresses count as whose: see [`Sender`].
#[derive(Debug, Default)]
pub(crate) struct OwnAddresses {
    /// The addresses of the host's interfaces.
    pub(crate) all: BTreeMap<VpcId, IpSetId>,
    /// Those that count as nobody's: not a load balancer's or the like.
    pub(crate) as_unheld: BTreeMap<VpcId, IpSetId>,
}

impl Engine {
    /// What is open by audience, seen by a host that holds `own`.
    pub(crate) fn parts(
        &mut self,
        lanes: &[Lane],
        own: &OwnAddresses,
    ) -> Vec<(Audience, Vec<Part>)> {
        let mut poured: BTreeMap<Audience, (Poured, Poured)> = BTreeMap::new();
        // What lies outside the blocks that were seen is possible at most; without
        // any, lanes stay within their audience.
        let exact: BTreeMap<Audience, bool> =
            lanes.iter().fold(BTreeMap::new(), |mut all, lane| {
                let exact = lane.forward.is_exact() && lane.reply.is_exact() && !self.ground.strays;
                *all.entry(lane.audience).or_insert(true) &= exact;
                all
            });
        let exact = |audience: Audience| exact.get(&audience).copied().unwrap_or_default();
        for lane in lanes {
            for certain in [true, false] {
                if exact(lane.audience) && !certain {
                    continue;
                }
                let (forward, reply) = if certain {
                    (lane.forward.certain(), lane.reply.certain())
                } else {
                    (lane.forward.possible(), lane.reply.possible())
                };
                let forward = self.counted(lane.sender, forward, own);
                if forward.is_empty() {
                    continue;
                }
                let answers = self.answers(reply);
                for (audience, forward) in self.by_audience(lane.audience, forward, certain) {
                    let (sure, may) = poured.entry(audience).or_default();
                    let into = if certain { sure } else { may };
                    pour(into, forward, &answers, lane.limited, &mut self.sets);
                }
            }
        }
        poured
            .into_iter()
            .map(|(audience, (certain, possible))| {
                let certain = Heap::of(certain, &mut self.sets);
                let possible = Heap::of(possible, &mut self.sets);
                let parts = match exact(audience) {
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

    /// The packets of the internet that surely arrive, and that surely no client
    /// gets an answer to.
    ///
    /// Every host with an IPv6 address gets packets that an internet gateway hands
    /// in. In a private subnet it has no way to answer, which is what makes the
    /// subnet private: over IPv6 only peers count to whom a route leads back.
    pub(crate) fn unanswered(
        &mut self,
        class: &Class,
        lanes: &[Lane],
        open: &[(Audience, Vec<Part>)],
    ) -> SpaceId {
        let of_internet = |audience: Audience| audience == Audience::Internet;
        let arriving: Vec<SpaceId> = lanes
            .iter()
            .filter(|lane| of_internet(lane.audience))
            .map(|lane| lane.forward.certain())
            .collect();
        let mut left = self.sets.unite_all_spaces(arriving);
        if !class.v4 && !left.is_empty() {
            let site = self.ground.sites[class.subnet];
            let back = self.internet_back(site.road, site.vpc, true);
            left = self.sets.restrict_space(left, back.possible());
        }
        for (_, parts) in open.iter().filter(|(audience, _)| of_internet(*audience)) {
            for part in parts {
                left = self.sets.subtract_spaces(left, part.space);
            }
        }
        left
    }

    /// What a network ACL lets in from the internet by itself: the packets that
    /// its inbound entries allow and whose answers its outbound entries allow.
    pub(crate) fn acl_alone(&mut self, acl: NetworkAclId) -> Vec<Part> {
        let forward = self.acl(Some(acl), Direction::Ingress);
        let internet = self.ground.internet;
        let sets = &mut self.sets;
        let forward = map(forward, sets, |space, sets| sets.restrict_space(space, internet));
        let reply = self.acl(Some(acl), Direction::Egress);
        let reply = map(reply, &mut self.sets, replies);
        let (audience, sender) = (Audience::Internet, Sender::Outside);
        let lane = Lane { audience, sender, forward, reply, limited: false };
        let parts = self.parts(&[lane], &OwnAddresses::default());
        parts.into_iter().flat_map(|(_, parts)| parts).collect()
    }

    /// What answers a reply gives; the same for many lanes.
    fn answers(&mut self, reply: SpaceId) -> Arc<Answers> {
        if let Some(known) = self.answers.get(&reply) {
            return Arc::clone(known);
        }
        let space = self.sets.shared_space(reply);
        let answers = Arc::new(Answers::of(&space, &mut self.sets));
        self.answers.insert(reply, Arc::clone(&answers));
        answers
    }

    /// The packets of peers who count: see [`Sender`].
    fn counted(&mut self, sender: Sender, forward: SpaceId, own: &OwnAddresses) -> SpaceId {
        let sets = &mut self.sets;
        let of = |own: &BTreeMap<VpcId, IpSetId>, vpc: VpcId| {
            own.get(&vpc).copied().unwrap_or(IpSetId::EMPTY)
        };
        match sender {
            Sender::Outside => forward,
            Sender::Held(vpc) => {
                let own = of(&own.all, vpc);
                if own.is_empty() {
                    return forward;
                }
                let own = sets.intern_space(HeaderSpace::of(&Match::All, own));
                if overlap(forward, own, sets) {
                    sets.subtract_spaces(forward, own)
                } else {
                    forward
                }
            }
            Sender::Unheld(vpc) => {
                let mut counted = sets.restrict_space(forward, self.ground.unheld[vpc]);
                let own = of(&own.as_unheld, vpc);
                if !own.is_empty() {
                    let more = sets.restrict_space(forward, own);
                    counted = sets.unite_spaces(counted, more);
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
        forward: SpaceId,
        certain: bool,
    ) -> Vec<(Audience, SpaceId)> {
        if audience != Audience::Estate || !self.ground.strays {
            return vec![(audience, forward)];
        }
        let sets = &mut self.sets;
        let blocks = self.ground.seen_blocks;
        let outside = sets.complement(blocks);
        let internet = self.ground.internet;
        let network = sets.difference(outside, internet);
        [
            (Audience::Estate, sets.restrict_space(forward, blocks)),
            (Audience::Network, sets.restrict_space(forward, network)),
            (Audience::Internet, sets.restrict_space(forward, internet)),
        ]
        .into_iter()
        .filter(|(audience, space)| {
            !space.is_empty() && (!certain || *audience == Audience::Estate)
        })
        .collect()
    }
}

fn certainly(served: &Served, space: SpaceId) -> Part {
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
            Some(known) => known.space = sets.unite_spaces(known.space, part.space),
            None => parts.push(part),
        }
    };
    for &(ref served, space) in &certain.0 {
        for &(ref perhaps, wider) in &possible.0 {
            if !overlap(space, wider, sets) {
                continue;
            }
            let both = sets.meet_spaces(space, wider);
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
        for &(_, known) in &certain.0 {
            if overlap(space, known, sets) {
                space = sets.subtract_spaces(space, known);
            }
        }
        if !space.is_empty() {
            let (clients, client_ports) = served.label();
            push(Part { certainty: Certainty::Possible, clients, client_ports, space }, sets);
        }
    }
    parts
}

/// Adds a lane: its packets by the client ports that get answers. `limited`
/// speaks of the answers to TCP and UDP.
fn pour(into: &mut Poured, forward: SpaceId, answers: &Answers, limited: bool, sets: &mut IpSets) {
    let mut put = |ports: PortSet, limited: bool, space: SpaceId| {
        if !space.is_empty() {
            into.push((Served { ports, limited }, space));
        }
    };
    let everyone = || PortSet::from(CLIENT_PORTS);
    let answered = sets.meet_spaces(forward, answers.all);
    if limited {
        put(everyone(), true, with_ports(answered, sets));
        put(everyone(), false, without_ports(answered, sets));
    } else if is_ports_only(sets.space(answered)) {
        put(everyone(), false, with_ports(answered, sets));
    } else {
        put(everyone(), false, answered);
    }
    for (ports, asking) in &answers.some {
        let space = sets.meet_spaces(forward, *asking);
        put(ports.clone(), limited, with_ports(space, sets));
    }
}

/// TCP and UDP alone: a number that is named is no matter of theirs.
fn with_ports(space: SpaceId, sets: &mut IpSets) -> SpaceId {
    let all = sets.space(space);
    if is_ports_only(all) && all.numbered.is_empty() {
        return space;
    }
    let (tcp, udp) = (all.tcp.clone(), all.udp.clone());
    sets.intern_space(HeaderSpace { tcp, udp, ..HeaderSpace::empty() })
}

/// Whether there are no packets but TCP and UDP.
fn is_ports_only(space: &HeaderSpace) -> bool {
    space.icmp.is_empty()
        && space.icmpv6.is_empty()
        && space.other.is_empty()
        && space.numbered.iter().all(|(_, peers)| peers.is_empty())
}

/// All but TCP and UDP.
fn without_ports(space: SpaceId, sets: &mut IpSets) -> SpaceId {
    let all = sets.space(space);
    if all.tcp.is_empty() && all.udp.is_empty() {
        return space;
    }
    let mut rest = all.clone();
    rest.tcp.clear();
    rest.udp.clear();
    sets.intern_space(rest)
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
