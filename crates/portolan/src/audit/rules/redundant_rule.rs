//! A rule that admits nothing which other rules don't.

use std::collections::BTreeSet;

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::{Kind, Traffic};
use crate::audit::{Context, called};
use crate::model::{
    Component, Direction, IdVec, Peer, SecurityGroup, SecurityGroupId, SecurityGroupRule,
};
use crate::net::{Cidr, HeaderSpace, IpSetId, IpSets, Match};
use crate::reach::engine::prefix_list;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "redundant-rule",
    title: "A rule admits nothing that other rules don't",
    why: "Security groups only allow: a rule whose every packet other rules admit changes \
          nothing. Whoever removes it to close a port has closed nothing. Duplicates, narrow \
          rules beside a wide one, and rules that several others cover together are found, \
          exactly, over addresses, prefix lists and references. Of two equal rules the later one \
          is redundant. Where every interface that wears the group wears others that cover the \
          rule, that is said.",
    fix: "Remove the rule; nothing closes. Or remove the wide one, if the narrow one is what was \
          meant.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    context.components(|component| {
        let mut sets = IpSets::new();
        let mut found = Vec::new();
        let beside = Beside::of(component, &mut sets);
        for (id, group) in component.security_groups.entries().filter(|(_, group)| group.seen) {
            for direction in [Direction::Ingress, Direction::Egress] {
                for (number, cover) in redundant(component, group, direction, &mut sets) {
                    found.push(finding(context, rule, component, (id, number), &cover));
                }
            }
        }
        for &(id, number) in &beside.rules {
            let known = |it: &Finding| {
                it.because.first() == Some(&context.cause_of_rule(component, id, number))
            };
            if !found.iter().any(known) {
                let mut finding = finding(context, rule, component, (id, number), &[]);
                finding.severity = Severity::Info;
                finding.title = format!(
                    "{} admits nothing that the other groups of its wearers don't",
                    the_rule(component, (id, number), &called(&finding.about)),
                );
                found.push(finding);
            }
        }
        found
    })
}

fn finding(
    context: &Context<'_>,
    rule: &Rule,
    component: &Component,
    (id, number): (SecurityGroupId, usize),
    cover: &[usize],
) -> Finding {
    let mut finding = context.finding(rule, &context.about_group(component, id));
    let by = match cover.len() {
        1 => "another one".to_owned(),
        many => format!("{many} others together"),
    };
    let the_rule = the_rule(component, (id, number), &called(&finding.about));
    finding.title = format!(
        "{the_rule} admits nothing that {by} {}",
        match cover.len() {
            1 => "does not",
            _ => "do not",
        }
    );
    finding.because = std::iter::once(&number)
        .chain(cover)
        .map(|&number| context.cause_of_rule(component, id, number))
        .collect();
    finding
}

/// `the inbound rule for tcp/22 of bastion (sg-1)`.
fn the_rule(component: &Component, (id, number): (SecurityGroupId, usize), group: &str) -> String {
    let Some(rule) = component.security_groups[id].rules.get(number) else {
        return format!("a rule of {group}");
    };
    let way = match rule.direction {
        Direction::Ingress => "inbound",
        Direction::Egress => "outbound",
    };
    let what = rule.traffic.map_or_else(
        || "something".to_owned(),
        |it| match Traffic::of(it) {
            Traffic { kind: Kind::Any, .. } => "all traffic".to_owned(),
            traffic => format!("{}/{}", traffic.protocol_text(), traffic.ports_text()),
        },
    );
    format!("the {way} rule for {what} of {group}")
}

/// A rule by its place, the group that it names, and what it admits.
type Space = (usize, Option<SecurityGroupId>, HeaderSpace);

/// The redundant rules of a group in a direction, each with rules that cover it.
/// They can all be removed together: what covers them stays.
fn redundant(
    component: &Component,
    group: &SecurityGroup,
    direction: Direction,
    sets: &mut IpSets,
) -> Vec<(usize, Vec<usize>)> {
    let mut spaces: Vec<Space> = Vec::new();
    for (number, rule) in group.rules.iter().enumerate() {
        if rule.direction == direction
            && let Some((named, space)) = space(component, rule, sets)
        {
            spaces.push((number, named, space));
        }
    }
    let mut gone = BTreeSet::new();
    let mut found = Vec::new();
    for (at, (number, named, space)) in spaces.iter().enumerate().rev() {
        let covering = |other: &Space| other.1.is_none() || other.1 == *named;
        let others: Vec<&Space> = spaces
            .iter()
            .enumerate()
            .filter(|&(other, it)| other != at && !gone.contains(&other) && covering(it))
            .map(|(_, it)| it)
            .collect();
        let one = others.iter().find(|other| is_within(space, &other.2, sets));
        let cover = match one {
            Some(one) => vec![one.0],
            None => {
                let all: Vec<&HeaderSpace> = others.iter().map(|other| &other.2).collect();
                let all = HeaderSpace::union_all(&all, sets);
                if !is_within(space, &all, sets) {
                    continue;
                }
                few(space, &others, sets)
            }
        };
        gone.insert(at);
        found.push((*number, cover));
    }
    found.reverse();
    found
}

/// Of rules that cover a space together, as few as still do.
fn few(space: &HeaderSpace, rules: &[&Space], sets: &mut IpSets) -> Vec<usize> {
    let mut kept = rules.to_vec();
    for rule in rules {
        let without = kept.iter().copied().filter(|kept| kept.0 != rule.0);
        let without: Vec<&Space> = without.collect();
        let spaces: Vec<&HeaderSpace> = without.iter().map(|it| &it.2).collect();
        if is_within(space, &HeaderSpace::union_all(&spaces, sets), sets) {
            kept = without;
        }
    }
    kept.iter().map(|it| it.0).collect()
}

/// What a rule admits, if that is known: by address, or all of it from members of a group.
fn space(
    component: &Component,
    rule: &SecurityGroupRule,
    sets: &mut IpSets,
) -> Option<(Option<SecurityGroupId>, HeaderSpace)> {
    let traffic = rule.traffic.filter(|_| !rule.contested)?;
    let (named, peers) = match rule.peer {
        Peer::Ipv4(prefix) => (None, sets.intern(Cidr::V4(prefix).into())),
        Peer::Ipv6(prefix) => (None, sets.intern(Cidr::V6(prefix).into())),
        Peer::PrefixList(list) => (None, prefix_list(&component.prefix_lists[list], sets)?),
        Peer::SecurityGroup { group, stale: false } => (Some(group), IpSetId::ALL),
        Peer::SecurityGroup { stale: true, .. } | Peer::Unknown(_) => return None,
    };
    Some((named, real(&traffic, peers, sets)))
}

/// IPv4 has its ICMP and IPv6 its own.
fn real(traffic: &Match, peers: IpSetId, sets: &mut IpSets) -> HeaderSpace {
    let space = HeaderSpace::of(traffic, peers);
    let v4 = HeaderSpace { icmpv6: Vec::new(), ..space.restrict(IpSetId::ALL_V4, sets) };
    let v6 = HeaderSpace { icmp: Vec::new(), ..space.restrict(IpSetId::ALL_V6, sets) };
    v4.union(&v6, sets)
}

fn is_within(inner: &HeaderSpace, outer: &HeaderSpace, sets: &mut IpSets) -> bool {
    inner.difference(outer, sets).is_empty()
}

/// Rules that are covered, at every interface that wears their group, by the
/// other groups that it wears.
#[derive(Default)]
struct Beside {
    rules: BTreeSet<(SecurityGroupId, usize)>,
}

impl Beside {
    fn of(component: &Component, sets: &mut IpSets) -> Self {
        let groups = || component.security_groups.iter();
        let mut spaces: Spaces = groups().map(|_| None).collect();
        let mut covered: IdVec<SecurityGroupId, Option<Vec<usize>>> =
            groups().map(|_| None).collect();
        for groups in worn_sets(component) {
            for &id in groups {
                let all = 0..component.security_groups[id].rules.len();
                let candidates = covered[id].take().unwrap_or_else(|| all.collect());
                let left = if candidates.is_empty() {
                    candidates
                } else {
                    let others: Vec<SecurityGroupId> =
                        groups.iter().copied().filter(|&other| other != id).collect();
                    for &other in &others {
                        if spaces[other].is_none() {
                            spaces[other] = Some(addresses(component, other, sets));
                        }
                    }
                    still_covered(component, id, &candidates, (&others, &spaces), sets)
                };
                covered[id] = Some(left);
            }
        }
        let covered = covered
            .entries()
            .flat_map(|(id, left)| left.iter().flatten().map(move |&number| (id, number)));
        Self { rules: covered.collect() }
    }
}

/// What groups admit by address, inbound and outbound, where somebody asked.
type Spaces = IdVec<SecurityGroupId, Option<[HeaderSpace; 2]>>;

/// The sets of groups that seen interfaces wear, each once.
fn worn_sets(component: &Component) -> Vec<&[SecurityGroupId]> {
    let worn: BTreeSet<_> = component
        .interfaces
        .iter()
        .filter(|interface| interface.seen())
        .map(|interface| interface.group_set())
        .collect();
    worn.into_iter().map(|set| component.group_sets[set].as_slice()).collect()
}

/// What a group admits by address, inbound and outbound.
fn addresses(component: &Component, id: SecurityGroupId, sets: &mut IpSets) -> [HeaderSpace; 2] {
    let group = &component.security_groups[id];
    [Direction::Ingress, Direction::Egress].map(|direction| {
        let mut all = HeaderSpace::empty();
        for rule in group.rules.iter().filter(|rule| rule.direction == direction) {
            if let Some((None, space)) = space(component, rule, sets) {
                all = all.union(&space, sets);
            }
        }
        all
    })
}

fn still_covered(
    component: &Component,
    id: SecurityGroupId,
    candidates: &[usize],
    (others, spaces): (&[SecurityGroupId], &Spaces),
    sets: &mut IpSets,
) -> Vec<usize> {
    let of = |direction: Direction, sets: &mut IpSets| {
        let spaces = others.iter().filter_map(|&other| spaces[other].as_ref());
        let spaces: Vec<&HeaderSpace> = spaces
            .map(|[ingress, egress]| match direction {
                Direction::Ingress => ingress,
                Direction::Egress => egress,
            })
            .collect();
        HeaderSpace::union_all(&spaces, sets)
    };
    let (ingress, egress) = (of(Direction::Ingress, sets), of(Direction::Egress, sets));
    let mut left = Vec::new();
    for &number in candidates {
        let Some(rule) = component.security_groups[id].rules.get(number) else { continue };
        let all = match rule.direction {
            Direction::Ingress => &ingress,
            Direction::Egress => &egress,
        };
        if let Some((_, space)) = space(component, rule, sets)
            && is_within(&space, all, sets)
        {
            left.push(number);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check_all, web};

    #[test]
    fn duplicates_and_narrow_rules_are_redundant() {
        check_all(
            &web(
                "group g v1 in tcp/443 203.0.113.0/24; in tcp/443 203.0.113.7; in tcp/443 203.0.113.0/24",
            ),
            "redundant-rule",
            "low redundant-rule g: the inbound rule for tcp/443 of g admits nothing that another one does not
             low redundant-rule g: the inbound rule for tcp/443 of g admits nothing that another one does not",
        );
    }

    #[test]
    fn several_rules_cover_one_together() {
        check_all(
            &web(
                "group g v1 in tcp/443 203.0.113.0/25,203.0.113.128/25; in tcp/443 203.0.113.64/26,203.0.113.0/24",
            ),
            "redundant-rule",
            "low redundant-rule g: the inbound rule for tcp/443 of g admits nothing that 2 others together do not
             low redundant-rule g: the inbound rule for tcp/443 of g admits nothing that another one does not",
        );
    }

    #[test]
    fn a_reference_is_covered_by_the_same_and_by_everyone() {
        check_all(
            &web("group g v1 in tcp/22 group:b; in tcp/0-1023 group:b; in tcp/443 group:c; in tcp/443 any
                  group b v1
                  group c v1"),
            "redundant-rule",
            "low redundant-rule g: the inbound rule for tcp/22 of g admits nothing that another one does not
             low redundant-rule g: the inbound rule for tcp/443 of g admits nothing that 2 others together do not",
        );
    }

    #[test]
    fn another_protocol_port_or_address_is_not_covered() {
        check_all(
            &web(
                "group g v1 in tcp/443 203.0.113.0/24; in udp/443 203.0.113.0/24; in tcp/444 203.0.113.0/24; in tcp/443 203.0.112.0/24",
            ),
            "redundant-rule",
            "",
        );
    }

    #[test]
    fn what_the_other_groups_of_all_wearers_admit_is_information() {
        let text = "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24
             group wide v1 in tcp 203.0.113.0/24
             group narrow v1 in tcp/443 203.0.113.7 out tcp/443 203.0.113.7
             interface a s 10.0.1.10 groups=narrow,wide";
        check_all(
            text,
            "redundant-rule",
            "info redundant-rule narrow: the inbound rule for tcp/443 of narrow admits nothing that the other groups of its wearers don't
             info redundant-rule narrow: the outbound rule for tcp/443 of narrow admits nothing that the other groups of its wearers don't",
        );
        check_all(&format!("{text}\ninterface b s 10.0.1.11 groups=narrow"), "redundant-rule", "");
    }
}
