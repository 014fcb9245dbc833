//! Security groups and network ACLs as sets of packets.
//!
//! A group is the union of its rules, each rule one peer, and a group set the
//! union of its groups. What rules
//! say by address is fixed; what they say by naming another group depends on who
//! the far side is and how its packet came, so it is kept apart. A network ACL
//! is ordered: the lowest number that matches decides. What can't be read
//! widens what is possible and narrows what is certain.

use std::collections::BTreeMap;

use crate::model::{
    Component, Direction, NetworkAcl, Peer, PrefixList, SecurityGroupId, SecurityGroupRule,
};
use crate::net::{Bounds, Cidr, FirstMatch, HeaderSpace, IpSet, IpSetId, IpSets, Match, SpaceId};

/// What a set of groups admits in one direction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Filter {
    /// By the far side's address.
    pub(crate) fixed: Bounds<SpaceId>,
    /// By the far side's groups, ascending.
    pub(crate) references: Vec<Reference>,
}

/// The packets that rules admit from members of a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reference {
    /// The group.
    pub(crate) group: SecurityGroupId,
    /// The packets; their peers are all addresses.
    pub(crate) packets: Bounds<SpaceId>,
    /// Someone outside the estate may be a member: the group was not seen.
    pub(crate) loose: bool,
}

impl Filter {
    /// Nothing is known: anything may pass.
    pub(crate) fn anything() -> Self {
        Self { fixed: Bounds::at_most(SpaceId::EVERYTHING), references: Vec::new() }
    }

    /// There is none: everything passes.
    pub(crate) fn everything() -> Self {
        Self { fixed: Bounds::exact(SpaceId::EVERYTHING), references: Vec::new() }
    }

    /// What any of the filters admits.
    pub(crate) fn union<'f>(filters: impl Iterator<Item = &'f Self>, sets: &mut IpSets) -> Self {
        let mut fixed = Bounds::exact(SpaceId::EMPTY);
        let mut references: BTreeMap<SecurityGroupId, Reference> = BTreeMap::new();
        for filter in filters {
            fixed = fixed.union(&filter.fixed, sets);
            for reference in &filter.references {
                references
                    .entry(reference.group)
                    .and_modify(|known| {
                        known.packets = known.packets.union(&reference.packets, sets);
                    })
                    .or_insert(*reference);
            }
        }
        Self { fixed, references: references.into_values().collect() }
    }
}

/// Everything that one modality of a group says, before it becomes sets.
#[derive(Default, Eq, PartialEq)]
struct Terms {
    fixed: BTreeMap<Match, Vec<IpSetId>>,
    references: BTreeMap<SecurityGroupId, Vec<Match>>,
}

impl Terms {
    fn fixed(&self, sets: &mut IpSets) -> SpaceId {
        let mut rules = Vec::with_capacity(self.fixed.len());
        for (&traffic, peers) in &self.fixed {
            rules.push((traffic, sets.union_all(peers.iter().copied())));
        }
        let space = HeaderSpace::union_of(rules, sets);
        sets.intern_space(space)
    }
}

/// The filter of a group in one direction.
pub(crate) fn group(
    component: &Component,
    group: SecurityGroupId,
    direction: Direction,
    sets: &mut IpSets,
) -> Filter {
    let (mut certain, mut possible) = (Terms::default(), Terms::default());
    let facts = &component.security_groups[group];
    if !facts.seen {
        possible.fixed.entry(Match::All).or_default().push(IpSetId::ALL);
    }
    for rule in facts.rules.iter().filter(|rule| rule.direction == direction) {
        add_rule(component, rule, (&mut certain, &mut possible), sets);
    }
    let exact = certain == possible;
    let fixed = certain.fixed(sets);
    let fixed = match exact {
        true => Bounds::exact(fixed),
        false => Bounds::between(fixed, possible.fixed(sets), sets),
    };
    let references = possible.references.iter().map(|(&group, matches)| {
        let space = |matches: &[Match], sets: &mut IpSets| {
            let rules = matches.iter().map(|&traffic| (traffic, IpSetId::ALL));
            let space = HeaderSpace::union_of(rules, sets);
            sets.intern_space(space)
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
) -> Bounds<SpaceId> {
    let Some(acl) = acl.filter(|acl| !acl.contested) else {
        return Bounds::at_most(SpaceId::EVERYTHING);
    };
    let egress = direction == Direction::Egress;
    let mut entries: Vec<_> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.number);
    let (mut certain, mut possible) = (FirstMatch::new(), FirstMatch::new());
    let mut exact = true;
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
        if exact && sure != may {
            possible = certain.clone();
            exact = false;
        }
        certain.push(&traffic, peers, sure, sets);
        if !exact {
            possible.push(&traffic, peers, may, sets);
        }
    }
    let certain = sets.intern_space(certain.finish());
    if exact {
        return Bounds::exact(certain);
    }
    let possible = sets.intern_space(possible.finish());
    Bounds::between(certain, possible, sets)
}

/// The packets that answer something.
pub(crate) fn replies(space: SpaceId, sets: &mut IpSets) -> SpaceId {
    sets.meet_spaces(space, SpaceId::REPLIES)
}

/// A space of which only one family is left.
pub(crate) fn in_family(space: SpaceId, v4: bool, sets: &mut IpSets) -> SpaceId {
    sets.meet_spaces(space, if v4 { SpaceId::IPV4 } else { SpaceId::IPV6 })
}
