//! Security groups and network ACLs as sets of packets.
//!
//! A group set is the union of its groups' rules, each rule one peer. What rules
//! say by address is fixed; what they say by naming another group depends on who
//! the far side is and how its packet came, so it is kept apart. A network ACL
//! is ordered: the lowest number that matches decides. What can't be read
//! widens what is possible and narrows what is certain.

use std::collections::BTreeMap;

use crate::model::{
    Component, Direction, GroupSetId, NetworkAcl, Peer, PrefixList, SecurityGroupId,
    SecurityGroupRule,
};
use crate::net::{
    Bounds, Cidr, FirstMatch, HeaderSpace, IpSet, IpSetId, IpSets, Match, PortRange, Protocol,
    Segment,
};

/// What a set of groups admits in one direction.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// By the far side's address.
    pub(crate) fixed: Bounds<HeaderSpace>,
    /// By the far side's groups, ascending.
    pub(crate) references: Vec<Reference>,
}

/// The packets that rules admit from members of a group.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// The group.
    pub(crate) group: SecurityGroupId,
    /// The packets; their peers are all addresses.
    pub(crate) packets: Bounds<HeaderSpace>,
    /// Someone outside the estate may be a member: the group was not seen.
    pub(crate) loose: bool,
}

impl Filter {
    /// Nothing is known: anything may pass.
    pub(crate) fn anything() -> Self {
        Self { fixed: Bounds::at_most(HeaderSpace::everything()), references: Vec::new() }
    }
}

/// Everything that one modality of a group says, before it becomes sets.
#[derive(Default)]
struct Terms {
    fixed: BTreeMap<Match, Vec<IpSetId>>,
    references: BTreeMap<SecurityGroupId, Vec<Match>>,
}

impl Terms {
    fn fixed(&self, sets: &mut IpSets) -> HeaderSpace {
        let mut space = HeaderSpace::empty();
        for (traffic, peers) in &self.fixed {
            let peers = sets.union_all(peers.iter().copied());
            space.add(sets, traffic, peers);
        }
        space
    }
}

/// The filter of a set of groups in one direction.
pub(crate) fn group_set(
    component: &Component,
    set: GroupSetId,
    direction: Direction,
    sets: &mut IpSets,
) -> Filter {
    let (mut certain, mut possible) = (Terms::default(), Terms::default());
    for &group in &component.group_sets[set] {
        let group = &component.security_groups[group];
        if !group.seen {
            possible.fixed.entry(Match::All).or_default().push(IpSetId::ALL);
        }
        for rule in group.rules.iter().filter(|rule| rule.direction == direction) {
            add_rule(component, rule, (&mut certain, &mut possible), sets);
        }
    }
    let fixed = certain.fixed(sets);
    let fixed = Bounds::between(fixed, possible.fixed(sets), sets);
    let references = possible.references.iter().map(|(&group, matches)| {
        let space = |matches: &[Match], sets: &mut IpSets| {
            let mut space = HeaderSpace::empty();
            for traffic in matches {
                space.add(sets, traffic, IpSetId::ALL);
            }
            space
        };
        let sure = certain.references.get(&group).map_or(&[][..], Vec::as_slice);
        let sure = space(sure, sets);
        let packets = space(matches, sets);
        let packets = Bounds::between(sure, packets, sets);
        let facts = &component.security_groups[group];
        let loose = !facts.seen || !component.vpcs[facts.vpc].seen;
        Reference { group, packets, loose }
    });
    Filter { fixed, references: references.collect() }
}

fn add_rule(
    component: &Component,
    rule: &SecurityGroupRule,
    (certain, possible): (&mut Terms, &mut Terms),
    sets: &mut IpSets,
) {
    let traffic = rule.traffic.unwrap_or(Match::All);
    let sure = rule.traffic.is_some() && !rule.contested;
    let (peers, known) = match rule.peer {
        Peer::Ipv4(prefix) => (sets.intern(Cidr::V4(prefix).into()), true),
        Peer::Ipv6(prefix) => (sets.intern(Cidr::V6(prefix).into()), true),
        Peer::PrefixList(list) => match prefix_list(&component.prefix_lists[list], sets) {
            Some(peers) => (peers, true),
            None => (IpSetId::ALL, false),
        },
        Peer::SecurityGroup { stale: true, .. } => return,
        Peer::SecurityGroup { group, stale: false } => {
            possible.references.entry(group).or_default().push(traffic);
            if sure {
                certain.references.entry(group).or_default().push(traffic);
            }
            return;
        }
        Peer::Unknown(_) => (IpSetId::ALL, false),
    };
    possible.fixed.entry(traffic).or_default().push(peers);
    if sure && known {
        certain.fixed.entry(traffic).or_default().push(peers);
    }
}

/// The addresses of a prefix list, none if its entries were not seen.
pub(crate) fn prefix_list(list: &PrefixList, sets: &mut IpSets) -> Option<IpSetId> {
    let entries = list.entries.as_ref()?;
    Some(sets.intern(entries.iter().copied().collect::<IpSet>()))
}

/// What an ACL lets pass in one direction; of an unknown ACL nothing is known.
pub(crate) fn network_acl(
    acl: Option<&NetworkAcl>,
    direction: Direction,
    sets: &mut IpSets,
) -> Bounds<HeaderSpace> {
    let Some(acl) = acl.filter(|acl| !acl.contested) else {
        return Bounds::at_most(HeaderSpace::everything());
    };
    let egress = direction == Direction::Egress;
    let mut entries: Vec<_> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.number);
    let (mut certain, mut possible) = (FirstMatch::new(), FirstMatch::new());
    for entry in entries {
        let peers = entry.cidr.map_or(IpSetId::ALL, |cidr| sets.intern(cidr.into()));
        let traffic = entry.traffic.unwrap_or(Match::All);
        let readable = entry.cidr.is_some() && entry.traffic.is_some();
        // What reaches an entry that can't be read may pass or not, and no
        // later entry decides it.
        let (sure, may) = match entry.allow {
            Some(allow) if readable => (allow, allow),
            Some(_) | None => (false, true),
        };
        certain.push(&traffic, peers, sure, sets);
        possible.push(&traffic, peers, may, sets);
    }
    let certain = certain.finish();
    Bounds::between(certain, possible.finish(), sets)
}

/// The packets that answer something: to client ports, and the ICMP replies.
pub(crate) fn replies(space: &HeaderSpace, sets: &mut IpSets) -> HeaderSpace {
    space.intersection(&every_reply(), sets)
}

/// All packets that answer something.
pub(crate) fn every_reply() -> HeaderSpace {
    let ports = Match::Ports(Protocol::Tcp, crate::net::CLIENT_PORTS);
    let mut space = HeaderSpace::of(&ports, IpSetId::ALL);
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

/// A space of which only one family is left.
pub(crate) fn in_family(space: &HeaderSpace, v4: bool, sets: &mut IpSets) -> HeaderSpace {
    let family = if v4 { IpSetId::ALL_V4 } else { IpSetId::ALL_V6 };
    let mut space = space.restrict(family, sets);
    if v4 {
        space.icmpv6.clear();
    } else {
        space.icmp.clear();
    }
    space
}
