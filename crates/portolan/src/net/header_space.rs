//! Sets of packets, as one side of a connection sees them.
//!
//! A security group, a network ACL or a path is a set of packets: for each
//! protocol and selector, the peers it admits. The other end's address is not in
//! it, which is what keeps it small; whoever asks has fixed one end.
//!
//! Protocol numbers other than the four that rules know by name are 252 slots of
//! which an estate uses two or three. So `other` stands for all numbers that are
//! not named, and `numbered` holds those that a rule names. A number that one
//! operand names and the other does not has, in the other, the peers of `other`.

use std::iter;

use super::segments::{combine, lookup, map, single, union_all};
use super::{CLIENT_PORTS, IpSetId, IpSets, PortRange, Protocol, Segment, Segments};

/// The packets that one side admits: by protocol and selector, a set of peers.
///
/// The segments are canonical (sorted, disjoint, none empty, adjacent equal ones
/// merged), `numbered` is sorted and holds a number once. Two spaces with the same
/// packets are equal values if they name the same numbers, in any case after
/// [`normalise`](Self::normalise).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct HeaderSpace {
    /// TCP by destination port.
    pub tcp: Segments,
    /// UDP by destination port.
    pub udp: Segments,
    /// ICMP by type and code.
    pub icmp: Segments,
    /// ICMP for IPv6 by type and code.
    pub icmpv6: Segments,
    /// Every other protocol that `numbered` does not name.
    pub other: IpSetId,
    /// The protocols that a rule names by number: never 1, 6, 17 or 58. One may
    /// have the same peers as `other`, or none.
    pub numbered: Vec<(u8, IpSetId)>,
}

/// The packets a rule speaks of, its peers aside.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Match {
    /// Every protocol, whatever its ports.
    All,
    /// These selectors of one protocol; of [`Protocol::Other`], all of it.
    Ports(Protocol, PortRange),
}

impl Match {
    /// Whether a packet of this protocol and selector is meant.
    #[must_use]
    pub fn matches(self, protocol: Protocol, selector: u16) -> bool {
        match self {
            Self::All => true,
            Self::Ports(Protocol::Other(number), _) => number == protocol.number(),
            Self::Ports(named, ports) => named == protocol && ports.contains(selector),
        }
    }
}

impl HeaderSpace {
    /// No packets.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            tcp: Vec::new(),
            udp: Vec::new(),
            icmp: Vec::new(),
            icmpv6: Vec::new(),
            other: IpSetId::EMPTY,
            numbered: Vec::new(),
        }
    }

    /// Every packet.
    #[must_use]
    pub fn everything() -> Self {
        Self::of(&Match::All, IpSetId::ALL)
    }

    /// Every packet that answers something: to the client ports, the answers of
    /// ICMP, and all of protocols without ports.
    #[must_use]
    pub fn replies() -> Self {
        let mut space = Self::of(&Match::Ports(Protocol::Tcp, CLIENT_PORTS), IpSetId::ALL);
        space.udp.clone_from(&space.tcp);
        let answers = |protocol: Protocol| {
            let replies = protocol.icmp_replies().iter();
            replies
                .map(|&(_, reply)| Segment { ports: PortRange::single(reply), peers: IpSetId::ALL })
                .collect()
        };
        space.icmp = answers(Protocol::Icmp);
        space.icmpv6 = answers(Protocol::Icmpv6);
        space.other = IpSetId::ALL;
        space
    }

    /// The packets of one rule.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, Match, PortRange, Protocol};
    ///
    /// let https = Match::Ports(Protocol::Tcp, PortRange::single(443));
    /// let space = HeaderSpace::of(&https, IpSetId::ALL);
    /// assert_eq!(space.lookup(Protocol::Tcp, 443), IpSetId::ALL);
    /// assert_eq!(space.lookup(Protocol::Udp, 443), IpSetId::EMPTY);
    /// ```
    #[must_use]
    pub fn of(rule: &Match, peers: IpSetId) -> Self {
        let mut space = Self::empty();
        match *rule {
            Match::All => {
                let everywhere = single(PortRange::ALL, peers);
                space.tcp.clone_from(&everywhere);
                space.udp.clone_from(&everywhere);
                space.icmp.clone_from(&everywhere);
                space.icmpv6 = everywhere;
                space.other = peers;
            }
            Match::Ports(Protocol::Tcp, ports) => space.tcp = single(ports, peers),
            Match::Ports(Protocol::Udp, ports) => space.udp = single(ports, peers),
            Match::Ports(Protocol::Icmp, ports) => space.icmp = single(ports, peers),
            Match::Ports(Protocol::Icmpv6, ports) => space.icmpv6 = single(ports, peers),
            Match::Ports(Protocol::Other(number), _) => space.numbered.push((number, peers)),
        }
        space
    }

    /// Admits the packets of one more rule.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, IpSets, Match, Protocol};
    ///
    /// let mut sets = IpSets::new();
    /// let mut space = HeaderSpace::empty();
    /// space.add(&mut sets, &Match::All, IpSetId::ALL_V4);
    /// space.add(&mut sets, &Match::All, IpSetId::ALL_V6);
    /// assert_eq!(space, HeaderSpace::everything());
    /// ```
    pub fn add(&mut self, sets: &mut IpSets, rule: &Match, peers: IpSetId) {
        let mut join = |segments: &mut Segments, ports| {
            *segments = combine(segments, &single(ports, peers), |a, b| sets.union(a, b));
        };
        match *rule {
            Match::All => *self = self.union(&Self::of(rule, peers), sets),
            Match::Ports(Protocol::Tcp, ports) => join(&mut self.tcp, ports),
            Match::Ports(Protocol::Udp, ports) => join(&mut self.udp, ports),
            Match::Ports(Protocol::Icmp, ports) => join(&mut self.icmp, ports),
            Match::Ports(Protocol::Icmpv6, ports) => join(&mut self.icmpv6, ports),
            Match::Ports(Protocol::Other(number), _) => {
                let named = self.name(number);
                *named = sets.union(*named, peers);
            }
        }
    }

    /// The packets that any of the rules admits, as a security group does.
    ///
    /// What [`add`](Self::add) gives one rule after another, without the spaces and
    /// sets between: for groups of many rules.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, IpSets, Match, PortRange, Protocol};
    ///
    /// let mut sets = IpSets::new();
    /// let https = Match::Ports(Protocol::Tcp, PortRange::single(443));
    /// let group = [(https, IpSetId::ALL_V4), (https, IpSetId::ALL_V6)];
    /// let space = HeaderSpace::union_of(group, &mut sets);
    /// assert_eq!(space, HeaderSpace::of(&https, IpSetId::ALL));
    /// ```
    #[must_use]
    pub fn union_of(rules: impl IntoIterator<Item = (Match, IpSetId)>, sets: &mut IpSets) -> Self {
        let mut everywhere = Vec::new();
        let (mut tcp, mut udp, mut icmp, mut icmpv6) = (vec![], vec![], vec![], vec![]);
        let mut numbered: Vec<(u8, IpSetId)> = Vec::new();
        for (rule, peers) in rules {
            match rule {
                Match::All => everywhere.push(peers),
                Match::Ports(Protocol::Tcp, ports) => tcp.push(Segment { ports, peers }),
                Match::Ports(Protocol::Udp, ports) => udp.push(Segment { ports, peers }),
                Match::Ports(Protocol::Icmp, ports) => icmp.push(Segment { ports, peers }),
                Match::Ports(Protocol::Icmpv6, ports) => icmpv6.push(Segment { ports, peers }),
                Match::Ports(Protocol::Other(number), _) => numbered.push((number, peers)),
            }
        }
        let other = sets.union_all(everywhere);
        let mut space = Self { other, ..Self::empty() };
        for (slot, segments) in [
            (&mut space.tcp, &mut tcp),
            (&mut space.udp, &mut udp),
            (&mut space.icmp, &mut icmp),
            (&mut space.icmpv6, &mut icmpv6),
        ] {
            segments.push(Segment { ports: PortRange::ALL, peers: other });
            *slot = union_all(segments, sets);
        }
        for (number, peers) in numbered {
            let named = space.name(number);
            *named = sets.union(*named, peers);
        }
        space
    }

    /// Gives a protocol number its own entry, with the peers it has, and the entry.
    ///
    /// A record of its own is owed to each number that a rule names, even if the
    /// peers turn out to be those of `other`.
    pub fn name(&mut self, number: u8) -> &mut IpSetId {
        let at = self.numbered.partition_point(|&(named, _)| named < number);
        if self.numbered.get(at).is_none_or(|&(named, _)| named != number) {
            self.numbered.insert(at, (number, self.other));
        }
        match self.numbered.get_mut(at) {
            Some((_, peers)) => peers,
            // Just inserted; `other` is what the number would fall back to.
            None => &mut self.other,
        }
    }

    /// Drops the numbers whose peers are those of `other`, so that spaces with the
    /// same packets are equal values.
    pub fn normalise(&mut self) {
        let other = self.other;
        self.numbered.retain(|&(_, peers)| peers != other);
    }

    /// What is in either space.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, IpSets, Match, PortRange, Protocol};
    ///
    /// let mut sets = IpSets::new();
    /// let http = Match::Ports(Protocol::Tcp, PortRange::single(80));
    /// let next = Match::Ports(Protocol::Tcp, PortRange::single(81));
    /// let a = HeaderSpace::of(&http, IpSetId::ALL);
    /// let both = a.union(&HeaderSpace::of(&next, IpSetId::ALL), &mut sets);
    /// assert_eq!(both.tcp.len(), 1);
    /// assert_eq!(both.tcp[0].ports.to_string(), "80-81");
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self, sets: &mut IpSets) -> Self {
        self.combine(other, |a, b| sets.union(a, b))
    }

    /// What is in any of the spaces, without the spaces and sets between.
    #[must_use]
    pub fn union_all(spaces: &[&Self], sets: &mut IpSets) -> Self {
        let slot = |of: fn(&Self) -> &Segments, sets: &mut IpSets| {
            let mut all: Vec<Segment> = Vec::new();
            spaces.iter().for_each(|space| all.extend_from_slice(of(space)));
            union_all(&all, sets)
        };
        let mut numbers: Vec<u8> = spaces
            .iter()
            .flat_map(|space| space.numbered.iter().map(|&(number, _)| number))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self {
            tcp: slot(|space| &space.tcp, sets),
            udp: slot(|space| &space.udp, sets),
            icmp: slot(|space| &space.icmp, sets),
            icmpv6: slot(|space| &space.icmpv6, sets),
            other: sets.union_all(spaces.iter().map(|space| space.other)),
            numbered: numbers
                .into_iter()
                .map(|number| {
                    (number, sets.union_all(spaces.iter().map(|space| space.number(number))))
                })
                .collect(),
        }
    }

    /// What is in both spaces.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, IpSets, Match, PortRange, Protocol};
    ///
    /// let mut sets = IpSets::new();
    /// let ssh = Match::Ports(Protocol::Tcp, PortRange::single(22));
    /// let a = HeaderSpace::of(&Match::All, IpSetId::ALL_V4);
    /// let both = a.intersection(&HeaderSpace::of(&ssh, IpSetId::ALL), &mut sets);
    /// assert_eq!(both, HeaderSpace::of(&ssh, IpSetId::ALL_V4));
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self, sets: &mut IpSets) -> Self {
        self.combine(other, |a, b| sets.intersection(a, b))
    }

    /// What is in this space and not in the other.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, IpSets, Match, PortRange, Protocol};
    ///
    /// let mut sets = IpSets::new();
    /// let esp = Match::Ports(Protocol::from_number(50), PortRange::ALL);
    /// let space = HeaderSpace::of(&esp, IpSetId::ALL);
    /// let rest = HeaderSpace::everything().difference(&space, &mut sets);
    /// assert!(rest.lookup(Protocol::from_number(50), 0).is_empty());
    /// assert_eq!(rest.lookup(Protocol::from_number(51), 0), IpSetId::ALL);
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self, sets: &mut IpSets) -> Self {
        self.combine(other, |a, b| sets.difference(a, b))
    }

    /// The packets whose peer is in a set.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, IpSets, Match};
    ///
    /// let mut sets = IpSets::new();
    /// let space = HeaderSpace::everything().restrict(IpSetId::ALL_V4, &mut sets);
    /// assert_eq!(space, HeaderSpace::of(&Match::All, IpSetId::ALL_V4));
    /// ```
    #[must_use]
    pub fn restrict(&self, peers: IpSetId, sets: &mut IpSets) -> Self {
        let mut meet = |set| sets.intersection(set, peers);
        Self {
            tcp: map(&self.tcp, &mut meet),
            udp: map(&self.udp, &mut meet),
            icmp: map(&self.icmp, &mut meet),
            icmpv6: map(&self.icmpv6, &mut meet),
            other: meet(self.other),
            numbered: self.numbered.iter().map(|&(number, set)| (number, meet(set))).collect(),
        }
    }

    /// Whether no packet is in the space. It may name numbers all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.tcp, &self.udp, &self.icmp, &self.icmpv6].iter().all(|slot| slot.is_empty())
            && self.other.is_empty()
            && self.numbered.iter().all(|(_, peers)| peers.is_empty())
    }

    /// The peers of one protocol and selector.
    #[must_use]
    pub fn lookup(&self, protocol: Protocol, selector: u16) -> IpSetId {
        match protocol {
            Protocol::Tcp => lookup(&self.tcp, selector),
            Protocol::Udp => lookup(&self.udp, selector),
            Protocol::Icmp => lookup(&self.icmp, selector),
            Protocol::Icmpv6 => lookup(&self.icmpv6, selector),
            Protocol::Other(number) => self.number(number),
        }
    }

    /// The segments of a protocol; of one without ports, one segment of all of them.
    pub fn segments(&self, protocol: Protocol) -> impl Iterator<Item = Segment> + '_ {
        let (slot, peers) = match protocol {
            Protocol::Tcp => (self.tcp.as_slice(), IpSetId::EMPTY),
            Protocol::Udp => (self.udp.as_slice(), IpSetId::EMPTY),
            Protocol::Icmp => (self.icmp.as_slice(), IpSetId::EMPTY),
            Protocol::Icmpv6 => (self.icmpv6.as_slice(), IpSetId::EMPTY),
            Protocol::Other(number) => ([].as_slice(), self.number(number)),
        };
        slot.iter().copied().chain(single(PortRange::ALL, peers))
    }

    /// The peers of a protocol that is known by its number only.
    fn number(&self, number: u8) -> IpSetId {
        let found = self.numbered.binary_search_by_key(&number, |&(named, _)| named).ok();
        let entry = found.and_then(|at| self.numbered.get(at));
        entry.map_or(self.other, |&(_, peers)| peers)
    }

    /// Applies an operation packet by packet; it must give none from none.
    fn combine(
        &self,
        other: &Self,
        mut operation: impl FnMut(IpSetId, IpSetId) -> IpSetId,
    ) -> Self {
        let mut numbers: Vec<u8> =
            iter::chain(&self.numbered, &other.numbered).map(|&(number, _)| number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self {
            tcp: combine(&self.tcp, &other.tcp, &mut operation),
            udp: combine(&self.udp, &other.udp, &mut operation),
            icmp: combine(&self.icmp, &other.icmp, &mut operation),
            icmpv6: combine(&self.icmpv6, &other.icmpv6, &mut operation),
            other: operation(self.other, other.other),
            numbered: numbers
                .into_iter()
                .map(|number| (number, operation(self.number(number), other.number(number))))
                .collect(),
        }
    }
}

/// Builds the packets that an ordered list of rules allows: the first rule that
/// matches decides, and what none matches is denied.
///
/// ```
/// use portolan::net::{FirstMatch, IpSetId, IpSets, Match, PortRange, Protocol};
///
/// let mut sets = IpSets::new();
/// let mut acl = FirstMatch::new();
/// let ssh = Match::Ports(Protocol::Tcp, PortRange::single(22));
/// acl.push(&ssh, IpSetId::ALL, false, &mut sets);
/// acl.push(&Match::All, IpSetId::ALL, true, &mut sets);
/// let allowed = acl.finish();
/// assert!(allowed.lookup(Protocol::Tcp, 22).is_empty());
/// assert_eq!(allowed.lookup(Protocol::Tcp, 23), IpSetId::ALL);
/// ```
#[derive(Clone, Debug)]
pub struct FirstMatch {
    allowed: HeaderSpace,
    undecided: HeaderSpace,
}

impl Default for FirstMatch {
    fn default() -> Self {
        Self::new()
    }
}

impl FirstMatch {
    /// No rules yet: nothing is decided.
    #[must_use]
    pub fn new() -> Self {
        Self { allowed: HeaderSpace::empty(), undecided: HeaderSpace::everything() }
    }

    /// Adds a rule behind the others, that allows or denies what it matches.
    pub fn push(&mut self, rule: &Match, peers: IpSetId, allow: bool, sets: &mut IpSets) {
        let matched = HeaderSpace::of(rule, peers);
        if allow {
            let decided = self.undecided.intersection(&matched, sets);
            self.allowed = self.allowed.union(&decided, sets);
        } else {
            // A denied number is named like an allowed one.
            for &(number, _) in &matched.numbered {
                self.allowed.name(number);
            }
        }
        self.undecided = self.undecided.difference(&matched, sets);
    }

    /// The packets that are allowed.
    #[must_use]
    pub fn finish(self) -> HeaderSpace {
        self.allowed
    }
}
