//! Rules that let everyone in without saying `0.0.0.0/0` or `::/0`.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::alone::{inbound_rules, wearers};
use crate::audit::open::{OpenTo, families, what, whole};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::Traffic;
use crate::audit::traffic_set::TrafficSet;
use crate::audit::{Context, called};
use crate::model::{Component, ComponentId, GroupSetId, NetworkInterfaceId, Peer, SecurityGroupId};
use crate::net::{Cidr, IpSet, IpSets};
use crate::record::{About, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "internet-in-pieces",
    title: "Many blocks together let the whole internet in",
    why: "No rule says `0.0.0.0/0` or `::/0`, and yet the rules admit everyone: two halves, \
          `2000::/3`, a list of large blocks, or blocks of several groups that an interface wears \
          together. Who searches rules for `0.0.0.0/0`, as most checks do, overlooks it.\n\n\
          It is medium if at least half of the internet is let in, else low: 2^24 addresses, a \
          two-hundredth of it, are everyone already, since nobody knows who they are.",
    fix: "If everyone is meant, say so with one rule, so that it is seen. If not, name those who \
          need it; of a provider's blocks, the few of the service and region.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        let mut sets = IpSets::new();
        let mut told = BTreeSet::new();
        for (set, worn) in reached_sets(context, component, reached) {
            let groups = &component.group_sets[set];
            let open = TrafficSet::of(worn.iter().flat_map(|(_, all)| all));
            let pieces = pieces(context, component, groups, &open, &mut sets);
            for (groups, pieces) in pieces {
                let wearer = worn.iter().map(|(wearer, _)| *wearer).next();
                let Some(wearer) = wearer else { continue };
                for piece in whole(&pieces) {
                    let blocks = piece.sources.joined();
                    if told.insert((groups.clone(), piece.traffic, blocks)) {
                        let about = match groups.as_slice() {
                            [group] => context.about_group(component, *group),
                            _ => context.about_interface(id, wearer),
                        };
                        found.push(finding(context, rule, &about, &piece, (id, wearer)));
                    }
                }
            }
        }
    }
    found
}

type Worn = Vec<(NetworkInterfaceId, Vec<Traffic>)>;

/// The sets of groups that interfaces wear which everyone reaches.
fn reached_sets(
    context: &Context<'_>,
    component: &Component,
    reached: &Reached,
) -> BTreeMap<GroupSetId, Worn> {
    let mut all: BTreeMap<GroupSetId, Worn> = BTreeMap::new();
    let wide: BTreeSet<SecurityGroupId> = wearers(component).into_keys().collect();
    let has_pieces = |group: &SecurityGroupId| {
        let mut rules = inbound_rules(component, std::slice::from_ref(group));
        rules.any(|(_, _, rule)| block(rule.peer).is_some_and(|block| block.length() > 0))
    };
    let wide: BTreeSet<SecurityGroupId> = wide.into_iter().filter(has_pieces).collect();
    for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
        let groups = &component.group_sets[interface.group_set()];
        if !groups.iter().any(|group| wide.contains(group)) {
            continue;
        }
        let open = reached.at(context.network.text(interface.id()));
        if !open.is_empty() {
            let worn = all.entry(interface.group_set()).or_default();
            worn.push((interface.index(), open.to_vec()));
        }
    }
    all
}

/// What everyone may send because of blocks none of which is everything, by the
/// groups whose rules have the blocks.
fn pieces<'c>(
    context: &Context<'_>,
    component: &Component,
    groups: &[SecurityGroupId],
    open: &TrafficSet,
    sets: &mut IpSets,
) -> BTreeMap<Vec<SecurityGroupId>, Vec<OpenTo<'c>>> {
    let mut found: BTreeMap<Vec<SecurityGroupId>, Vec<OpenTo<'c>>> = BTreeMap::new();
    for alone in context.groups_alone(component, groups, sets) {
        if alone.certainty == Certainty::Possible {
            continue;
        }
        let mut of = BTreeSet::new();
        let mut peers = IpSet::empty();
        for v4 in [true, false] {
            let rules = inbound_rules(component, groups)
                .filter(|(_, _, rule)| alone.traffic.meets_rule(rule.traffic));
            let blocks: Vec<(SecurityGroupId, Cidr)> = rules
                .filter_map(|(group, _, rule)| Some((group, block(rule.peer)?)))
                .filter(|(_, block)| block.is_v4() == v4)
                .collect();
            if lists_hold_everything(component, groups, alone.traffic, v4)
                || blocks.iter().any(|(_, block)| block.length() == 0)
            {
                continue;
            }
            let family: IpSet = blocks.iter().map(|&(_, block)| block).collect();
            let family = family.intersection(&alone.peers);
            if context.is_everyone(&family) {
                let holds = |block: Cidr| IpSet::from_cidr(block).intersects(&family);
                of.extend(blocks.iter().filter(|it| holds(it.1)).map(|it| it.0));
                peers = peers.union(&family);
            }
        }
        let of: Vec<SecurityGroupId> = of.into_iter().collect();
        let sources = context.blocks(&peers);
        for traffic in open.within(alone.traffic).into_iter().filter(|_| !of.is_empty()) {
            let part = OpenTo {
                traffic,
                sources: sources.clone(),
                client_ports: "",
                ..alone.open(context)
            };
            found.entry(of.clone()).or_default().push(part);
        }
    }
    found
}

fn block(peer: Peer) -> Option<Cidr> {
    match peer {
        Peer::Ipv4(prefix) => Some(Cidr::V4(prefix)),
        Peer::Ipv6(prefix) => Some(Cidr::V6(prefix)),
        Peer::PrefixList(_) | Peer::SecurityGroup { .. } | Peer::Unknown(_) => None,
    }
}

/// Whether a prefix list that a rule names has an entry for everything.
fn lists_hold_everything(
    component: &Component,
    groups: &[SecurityGroupId],
    traffic: Traffic,
    v4: bool,
) -> bool {
    inbound_rules(component, groups).filter(|(_, _, rule)| traffic.meets_rule(rule.traffic)).any(
        |(_, _, rule)| {
            let Peer::PrefixList(list) = rule.peer else { return false };
            let entries = component.prefix_lists[list].entries.iter().flat_map(|it| it.iter());
            entries.into_iter().any(|entry| entry.is_v4() == v4 && entry.length() == 0)
        },
    )
}

fn finding(
    context: &Context<'_>,
    rule: &Rule,
    about: &About,
    open: &OpenTo<'_>,
    at: (ComponentId, NetworkInterfaceId),
) -> Finding {
    let mut finding = context.about_packets(rule, about, open);
    let share = share(context, open);
    if share < 50 {
        finding.severity = Severity::Low;
    }
    let from = context.stranger(&open.sources);
    if from.and_then(|from| context.ask(from, at, open.traffic)).is_some_and(|it| it.is_open()) {
        let to = context.about_interface(at.0, at.1).id;
        finding.witness = context.witness(&open.sources, &to, open.traffic);
    }
    finding.title = format!(
        "{} lets {share} % of the internet into {}{} without a rule that says so",
        called(about),
        what(open.traffic),
        families(&open.sources),
    );
    finding
}

/// How much of the internet is let in: of the family of which it is more.
fn share(context: &Context<'_>, open: &OpenTo<'_>) -> u128 {
    let blocks = open.sources.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0));
    let internet = &context.world.internet;
    let peers = blocks.collect::<IpSet>().intersection(internet);
    let percent = |part: u128, whole: u128| {
        part.checked_div((whole / 100).max(1)).unwrap_or(0).clamp(u128::from(part > 0), 100)
    };
    percent(peers.v4.size(), internet.v4.size()).max(percent(peers.v6.size(), internet.v6.size()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check_code, of_code, web};

    #[test]
    fn halves_are_found_once_for_a_group() {
        let text = web("group g v1 in tcp/22 0.0.0.0/1,128.0.0.0/1,any6
             interface b s 10.0.1.11 public=198.51.100.8 groups=g");
        check_code(&text, RULE.code, "medium internet-in-pieces g ingress tcp/22 0.0.0.0/0");
        let found = &of_code(&text, RULE.code)[0];
        assert_eq!(
            found.title,
            "g lets 100 % of the internet into SSH (tcp/22) over IPv4 without a rule that says so"
        );
        assert!(found.witness.is_some());
    }

    #[test]
    fn all_of_ipv6_that_there_is_and_a_large_block() {
        check_code(
            &web("group g v1 in tcp/22 2000::/3; in tcp/443 52.0.0.0/7"),
            RULE.code,
            "medium internet-in-pieces g ingress tcp/22 ::/0
             low internet-in-pieces g ingress tcp/443 52.0.0.0/7",
        );
    }

    #[test]
    fn halves_of_two_groups_are_of_the_interface() {
        check_code(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             group g v1 in all 0.0.0.0/2; out none
             group h v1 in all 64.0.0.0/2,128.0.0.0/2; out none
             interface a s 10.0.1.10 public=198.51.100.7 groups=g,h",
            RULE.code,
            "medium internet-in-pieces a ingress any/any 0.0.0.0/1 128.0.0.0/2",
        );
    }

    #[test]
    fn a_rule_that_says_so_is_none_nor_what_is_not_reached() {
        check_code(&web("group g v1 in tcp/22 any4,0.0.0.0/1"), RULE.code, "");
        check_code(&web("list all any4\ngroup g v1 in tcp/22 list:all,0.0.0.0/1"), RULE.code, "");
        check_code(&web("group g v1\ngroup h v1 in tcp/22 0.0.0.0/1"), RULE.code, "");
    }
}
