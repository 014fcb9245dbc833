//! What a firewall's rules say, as sets: for each set of clients that no rule tells apart,
//! a list about servers that is folded as an ACL is.

use std::collections::BTreeSet;

use crate::model::{
    Asked, Firewall, FirewallAction, FirewallPolicy, FirewallRule, RuleGroupReference,
    StatefulDefault,
};
use crate::net::{
    Bounds, CLIENT_PORTS, Cidr, HeaderSpace, IpSet, IpSetId, IpSets, Match, PortRange, PortSet,
    Protocol, SpaceId,
};
use crate::reach::engine::truth::Truth;

/// What passes a firewall both ways, by sets of clients: packets by server.
pub(super) fn compile(firewall: &Firewall, sets: &mut IpSets) -> Vec<(IpSetId, Bounds<SpaceId>)> {
    let Some(policy) = &firewall.policy else {
        return vec![(IpSetId::ALL_V4, Bounds::at_most(SpaceId::EVERYTHING))];
    };
    let atoms = atoms(policy, sets);
    atoms.into_iter().map(|atom| (atom, connections(policy, atom, sets))).collect()
}

fn all_rules(policy: &FirewallPolicy) -> impl Iterator<Item = &FirewallRule> {
    let references = policy.stateless.iter().chain(&policy.stateful);
    references.filter_map(|it| it.group.as_ref()).flat_map(|group| &group.rules)
}

fn blocks(blocks: &[Cidr], sets: &mut IpSets) -> IpSetId {
    let set: IpSet = blocks.iter().copied().collect();
    sets.intern(set).only_v4()
}

/// IPv4 addresses that no rule tells apart.
fn atoms(policy: &FirewallPolicy, sets: &mut IpSets) -> Vec<IpSetId> {
    let mut named = BTreeSet::new();
    for asked in all_rules(policy).flat_map(|rule| [&rule.sources, &rule.destinations]) {
        if let Asked::Only(these) = asked {
            named.insert(blocks(these, sets));
        }
    }
    let mut atoms = vec![IpSetId::ALL_V4];
    for set in named {
        let mut next = Vec::new();
        for atom in atoms {
            let (inside, outside) = (sets.intersection(atom, set), sets.difference(atom, set));
            next.extend([inside, outside].into_iter().filter(|part| !part.is_empty()));
        }
        atoms = next;
    }
    atoms
}

/// A rule, for one set of clients: what it surely matches, and what it may match.
#[derive(Clone, Copy)]
struct Matched {
    sure: SpaceId,
    may: SpaceId,
}

impl Matched {
    const UNKNOWN: Self = Self { sure: SpaceId::EMPTY, may: SpaceId::EVERYTHING };
}

/// Which end of the packet the client is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Client {
    Source,
    Destination,
}

impl Client {
    fn other(self) -> Self {
        match self {
            Self::Source => Self::Destination,
            Self::Destination => Self::Source,
        }
    }
}

fn matched(rule: &FirewallRule, atom: IpSetId, client: Client, sets: &mut IpSets) -> Matched {
    let mut all = matched_header(rule, atom, client, sets);
    if rule.both_ways {
        let more = matched_header(rule, atom, client.other(), sets);
        let sure = sets.unite_spaces(all.sure, more.sure);
        let may = sets.unite_spaces(all.may, more.may);
        all = Matched { sure, may };
    }
    if rule.doubtful { Matched { sure: SpaceId::EMPTY, ..all } } else { all }
}

fn matched_header(
    rule: &FirewallRule,
    atom: IpSetId,
    client: Client,
    sets: &mut IpSets,
) -> Matched {
    let source = (&rule.sources, &rule.source_ports);
    let destination = (&rule.destinations, &rule.destination_ports);
    let ((near, near_ports), (far, far_ports)) = match client {
        Client::Source => (source, destination),
        Client::Destination => (destination, source),
    };
    let here = match near {
        Asked::Anything => Truth::Yes,
        Asked::Only(these) => {
            let these = blocks(these, sets);
            sets.is_subset(atom, these).into()
        }
        Asked::Unknown => Truth::Maybe,
    };
    let from = match near_ports {
        Asked::Anything => Truth::Yes,
        Asked::Only(ports) if ports.contains_range(CLIENT_PORTS) => Truth::Yes,
        Asked::Only(ports) if !ports.intersects(&CLIENT_PORTS.into()) => Truth::No,
        Asked::Only(_) | Asked::Unknown => Truth::Maybe,
    };
    let peers = match far {
        Asked::Anything => Bounds::exact(IpSetId::ALL_V4),
        Asked::Only(these) => Bounds::exact(blocks(these, sets)),
        Asked::Unknown => Bounds::at_most(IpSetId::ALL_V4),
    };
    let known = !matches!(rule.protocols, Asked::Unknown);
    let spoken = |protocol: Protocol| match &rule.protocols {
        Asked::Anything | Asked::Unknown => true,
        Asked::Only(numbers) => numbers.contains(&protocol.number()),
    };
    let (mut sure, mut may) = (HeaderSpace::empty(), HeaderSpace::empty());
    for protocol in [Protocol::Tcp, Protocol::Udp].into_iter().filter(|&it| spoken(it)) {
        let (ports, ports_known) = match far_ports {
            Asked::Anything => (PortSet::all(), true),
            Asked::Only(ports) => (ports.clone(), true),
            Asked::Unknown => (PortSet::all(), false),
        };
        for range in ports.ranges() {
            let traffic = Match::Ports(protocol, range);
            if here.and(from) != Truth::No {
                may.add(sets, &traffic, peers.possible());
            }
            if here.and(from) == Truth::Yes && ports_known && known {
                sure.add(sets, &traffic, peers.certain());
            }
        }
    }
    // Of what has no ports a rule that names some may be meant or not.
    let plain = matches!((near_ports, far_ports), (Asked::Anything, Asked::Anything));
    let mut others = HeaderSpace::empty();
    match &rule.protocols {
        Asked::Anything | Asked::Unknown => {
            others = HeaderSpace::everything();
            others.tcp.clear();
            others.udp.clear();
        }
        Asked::Only(numbers) => {
            for protocol in numbers.iter().map(|&number| Protocol::from_number(number)) {
                if !protocol.has_ports() {
                    others.add(sets, &Match::Ports(protocol, PortRange::ALL), IpSetId::ALL);
                }
            }
        }
    }
    if here != Truth::No {
        let more = others.restrict(peers.possible(), sets);
        may = may.union(&more, sets);
    }
    if here == Truth::Yes && plain && known {
        let more = others.restrict(peers.certain(), sets);
        sure = sure.union(&more, sets);
    }
    Matched { sure: sets.intern_space(sure), may: sets.intern_space(may) }
}

/// One step of a list of rules.
struct Entry {
    matched: Matched,
    /// What of the outcomes that are asked about it may lead to: the wanted one, others.
    wanted: bool,
    others: bool,
}

/// What surely ends as wanted, whatever the doubtful rules do. `default`: whether what no
/// rule decides does.
fn surely(entries: &[Entry], default: bool, sets: &mut IpSets) -> SpaceId {
    let (mut all, mut undecided) = (SpaceId::EMPTY, SpaceId::EVERYTHING);
    for entry in entries {
        if entry.others {
            undecided = sets.subtract_spaces(undecided, entry.matched.may);
        } else if entry.wanted {
            let here = sets.meet_spaces(undecided, entry.matched.sure);
            all = sets.unite_spaces(all, here);
            undecided = sets.subtract_spaces(undecided, entry.matched.sure);
        }
    }
    if default { sets.unite_spaces(all, undecided) } else { all }
}

/// What may end as wanted.
fn perhaps(entries: &[Entry], default: bool, sets: &mut IpSets) -> SpaceId {
    let (mut all, mut undecided) = (SpaceId::EMPTY, SpaceId::EVERYTHING);
    for entry in entries {
        if entry.wanted {
            let here = sets.meet_spaces(undecided, entry.matched.may);
            all = sets.unite_spaces(all, here);
        }
        undecided = sets.subtract_spaces(undecided, entry.matched.sure);
    }
    if default { sets.unite_spaces(all, undecided) } else { all }
}

/// What the stateless rules surely and perhaps do as `wanted`.
fn stateless(
    policy: &FirewallPolicy,
    (atom, client): (IpSetId, Client),
    wanted: FirewallAction,
    sets: &mut IpSets,
) -> (SpaceId, SpaceId) {
    let standard = [FirewallAction::Pass, FirewallAction::Drop, FirewallAction::Forward];
    let may_be = |action: FirewallAction| action == wanted || !standard.contains(&action);
    let may_not_be = |action: FirewallAction| action != wanted;
    let mut entries = Vec::new();
    for reference in &policy.stateless {
        let Some(group) = &reference.group else {
            entries.push(Entry { matched: Matched::UNKNOWN, wanted: true, others: true });
            continue;
        };
        for rule in &group.rules {
            let matched = matched(rule, atom, client, sets);
            let (wanted, others) = (may_be(rule.action), may_not_be(rule.action));
            entries.push(Entry { matched, wanted, others });
        }
    }
    let default = policy.stateless_default;
    let sure = surely(&entries, !may_not_be(default), sets);
    (sure, perhaps(&entries, may_be(default), sets))
}

/// Connections that the stateful rules surely and perhaps let pass.
fn stateful(policy: &FirewallPolicy, atom: IpSetId, sets: &mut IpSets) -> (SpaceId, SpaceId) {
    let Some(strict) = policy.strict_order else { return (SpaceId::EMPTY, SpaceId::EVERYTHING) };
    let mut entries = Vec::new();
    let mut lost = SpaceId::EMPTY;
    for phase in 0..if strict { 1 } else { 3 } {
        // In strict order there is one phase for all.
        let is_now = |which: u8| strict || phase == which;
        for reference in &policy.stateful {
            let Some(group) = &reference.group else {
                lost = SpaceId::EVERYTHING;
                let (wanted, others) = (is_now(0), is_now(1));
                entries.push(Entry { matched: Matched::UNKNOWN, wanted, others });
                continue;
            };
            for rule in &group.rules {
                let Some((number, passes, drops)) = effect(rule, reference) else { continue };
                let mut met = matched(rule, atom, Client::Source, sets);
                if passes && drops {
                    met.sure = SpaceId::EMPTY;
                }
                if drops {
                    let reply = matched(rule, atom, Client::Destination, sets);
                    lost = sets.unite_spaces(lost, reply.may);
                }
                let (wanted, others) = (passes && is_now(0), drops && is_now(number));
                if wanted || others {
                    entries.push(Entry { matched: met, wanted, others });
                }
            }
        }
    }
    let default = if strict { policy.stateful_default } else { StatefulDefault::Pass };
    let by_rule = surely(&entries, false, sets);
    let somehow = surely(&entries, default == StatefulDefault::Pass, sets);
    // What no rule passes meets the rules that drop on its way back.
    let answered = sets.subtract_spaces(somehow, lost);
    let sure = sets.unite_spaces(by_rule, answered);
    (sure, perhaps(&entries, default != StatefulDefault::Drop, sets))
}

/// In which phase a stateful rule drops, and whether it may pass and may drop; `None`:
/// neither.
fn effect(rule: &FirewallRule, reference: &RuleGroupReference) -> Option<(u8, bool, bool)> {
    match rule.action {
        FirewallAction::Pass => Some((0, true, false)),
        FirewallAction::Alert => None,
        FirewallAction::Drop | FirewallAction::Reject if reference.alert_only => None,
        FirewallAction::Drop => Some((1, false, true)),
        FirewallAction::Reject => Some((2, false, true)),
        FirewallAction::Forward | FirewallAction::Unknown => Some((1, true, true)),
    }
}

/// What passes of connections of some clients, with their answers.
fn connections(policy: &FirewallPolicy, atom: IpSetId, sets: &mut IpSets) -> Bounds<SpaceId> {
    let (pass, forward) = (FirewallAction::Pass, FirewallAction::Forward);
    let there = (atom, Client::Source);
    let back = (atom, Client::Destination);
    let (passes, may_pass) = stateless(policy, there, pass, sets);
    let (asks, may_ask) = stateless(policy, there, forward, sets);
    let (passes_back, may_pass_back) = stateless(policy, back, pass, sets);
    let (asks_back, may_ask_back) = stateless(policy, back, forward, sets);
    let (kept, may_keep) = stateful(policy, atom, sets);
    let by_itself = sets.meet_spaces(passes, passes_back);
    let asked = sets.meet_spaces(asks, asks_back);
    let asked = sets.meet_spaces(asked, kept);
    let certain = sets.unite_spaces(by_itself, asked);
    let asked = sets.meet_spaces(may_ask, may_keep);
    let possible = sets.unite_spaces(may_pass, asked);
    // Not all that has no ports waits for a reply.
    let mut portless = HeaderSpace::everything();
    portless.tcp.clear();
    portless.udp.clear();
    let portless = sets.intern_space(portless);
    let answered = sets.unite_spaces(may_pass_back, may_ask_back);
    let answered = sets.unite_spaces(answered, portless);
    let possible = sets.meet_spaces(possible, answered);
    Bounds::between(certain, possible, sets)
}
