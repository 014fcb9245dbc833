//! Firewalls as sets of packets: which addresses lie behind one, what its rules let
//! pass, and the ACL of its subnet.
//!
//! Rules name both ends of a packet. For each set of client addresses that no rule tells
//! apart (an *atom*) they are a list about servers, which is folded as an ACL is: certain
//! is what passes however the doubtful rules turn out, possible what passes if some do.
//! Tables by own address put the atoms together again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Engine;
use super::filter::replies;
use super::ground::Ground;
use super::lane::{Lane, Own, Seen, Sender};
use super::route::{Hop, RoadId, Routes};
use super::sea::{Offer, map, restrict};
use super::table::{Table, TableBuilder};
use super::truth::Truth;
use crate::model::{
    Asked, BlockMode, Direction, Firewall, FirewallAction, FirewallPolicy, FirewallRule,
    RouteTarget, RuleGroupReference, StatefulDefault, SubnetId, VpcEndpointId, VpcId,
};
use crate::net::{
    Bounds, CLIENT_PORTS, Cidr, HeaderSpace, IpSet, IpSetId, IpSets, Match, PortRange, PortSet,
    Protocol, SpaceId,
};
use crate::record::Audience;

/// What a firewall does to own packets and answers, by own address.
#[derive(Debug)]
pub(crate) struct Inspected {
    /// The rules.
    rules: Table,
    /// The ACL of its subnet, on the side of the own address.
    forward: Table,
    /// The same for answers.
    reply: Table,
}

impl Inspected {
    pub(super) fn tables(&self) -> [&Table; 3] {
        [&self.rules, &self.forward, &self.reply]
    }
}

impl Ground {
    /// The IPv4 addresses that a firewall's subnet leads on to within the VPC, or to its
    /// internet gateway; nothing where one of the facts that decide is missing.
    fn behind_firewall(
        &self,
        vpc: VpcId,
        endpoint: VpcEndpointId,
        sets: &mut IpSets,
    ) -> Option<(SubnetId, Vec<(RouteTarget, IpSetId)>)> {
        let component = &self.component;
        let facts = &component.vpc_endpoints[endpoint];
        let [subnet] = *facts.subnets.as_slice() else { return None };
        let place = &component.subnets[subnet];
        let known = facts.firewall.is_some()
            && facts.seen
            && facts.available == Some(true)
            && facts.vpc == vpc
            && place.vpc == vpc
            && place.seen
            && !place.contested
            && component.vpcs[vpc].seen;
        let access = component.scopes[place.scope].block_public_access.as_ref();
        if !known || access.is_some_and(|options| options.mode != BlockMode::Off) {
            return None;
        }
        let Routes::Known(regions) = &self.routes[self.sites[subnet].table?] else { return None };
        let own = IpSet { v4: place.ipv4.iter().copied().collect(), ..IpSet::empty() };
        let own = sets.intern(own);
        let elsewhere = sets.difference(IpSetId::ALL_V4, own);
        let mut all = Vec::new();
        for (hops, region) in regions {
            let [Hop::To { target, sure: true, .. }] = *hops.as_slice() else { continue };
            let leads = match target {
                RouteTarget::Local => true,
                RouteTarget::InternetGateway(gateway) => {
                    component.internet_gateways[gateway].seen
                        && self.gateway_at(gateway, vpc) == Truth::Yes
                }
                RouteTarget::EgressOnlyInternetGateway(_)
                | RouteTarget::NatGateway(_)
                | RouteTarget::VpcPeeringConnection(_)
                | RouteTarget::NetworkInterface(_)
                | RouteTarget::VpcEndpoint(_)
                | RouteTarget::TransitGateway(_)
                | RouteTarget::VpnGateway(_)
                | RouteTarget::Other(_) => false,
            };
            let at = sets.intersection(*region, elsewhere);
            if leads && !at.is_empty() {
                all.push((target, at));
            }
        }
        Some((subnet, all))
    }

    /// Whether a table leads to a firewall that is known.
    pub(super) fn leads_inspected(&self, routes: &Routes) -> bool {
        let Routes::Known(regions) = routes else { return false };
        regions.iter().any(|(hops, _)| self.firewall_of(hops).is_some())
    }

    /// The endpoint of a firewall to which a region surely leads.
    fn firewall_of(&self, hops: &[Hop]) -> Option<VpcEndpointId> {
        let [Hop::To { target: RouteTarget::VpcEndpoint(endpoint), sure: true, .. }] = *hops else {
            return None;
        };
        self.component.vpc_endpoints[endpoint].firewall.as_ref().map(|_| endpoint)
    }

    /// The subnets in which firewalls have endpoints.
    pub(super) fn firewall_subnets(&self) -> BTreeSet<SubnetId> {
        let endpoints = self.component.vpc_endpoints.iter();
        let firewalls = endpoints.filter(|it| it.firewall.is_some());
        firewalls.flat_map(|it| it.subnets.iter().copied()).collect()
    }

    /// A road with what lies behind firewalls.
    pub(super) fn inspected_road(
        &self,
        (vpc, from): (VpcId, Option<SubnetId>),
        routes: Routes,
        sets: &mut IpSets,
    ) -> Routes {
        let Routes::Known(regions) = routes else { return Routes::Unknown };
        let mut all: BTreeMap<Vec<Hop>, Vec<IpSetId>> = BTreeMap::new();
        for (hops, mut region) in regions {
            let endpoint = self.firewall_of(&hops);
            let behind = endpoint.and_then(|it| Some((it, self.behind_firewall(vpc, it, sets)?)));
            if let Some((endpoint, (subnet, targets))) = behind
                && from != Some(subnet)
            {
                for (target, at) in targets {
                    let here = sets.intersection(region, at);
                    if !here.is_empty() {
                        let hop = Hop::Inspected { endpoint, target };
                        all.entry(vec![hop]).or_default().push(here);
                    }
                    region = sets.difference(region, at);
                }
            }
            if !region.is_empty() {
                all.entry(hops).or_default().push(region);
            }
        }
        Routes::Known(all.into_iter().map(|(hops, parts)| (hops, sets.union_all(parts))).collect())
    }

    /// Finds the addresses to which a VPC's one internet gateway, by its one table, hands
    /// packets through firewalls.
    pub(super) fn find_inspected_gate(&mut self, vpc: VpcId, routes: &Routes, sets: &mut IpSets) {
        let road = self.inspected_road((vpc, None), routes.clone(), sets);
        let Routes::Known(regions) = road else { return };
        for (hops, region) in regions {
            if let [Hop::Inspected { endpoint, target: RouteTarget::Local }] = *hops.as_slice() {
                self.inspected_gate.insert((vpc, endpoint), region);
            }
        }
    }

    /// The addresses that a road leads to an internet gateway through a firewall.
    fn inspected_out(
        &self,
        road: Option<RoadId>,
        endpoint: VpcEndpointId,
        sets: &mut IpSets,
    ) -> IpSetId {
        let regions = self.road_regions(road).unwrap_or_default();
        let here = |hops: &[Hop]| {
            matches!(*hops, [Hop::Inspected { endpoint: by, target }]
                if by == endpoint && target != RouteTarget::Local)
        };
        let out: Vec<IpSetId> =
            regions.iter().filter(|(hops, _)| here(hops)).map(|&(_, region)| region).collect();
        sets.union_all(out)
    }
}

impl Engine {
    /// The firewalls of a VPC, as its interfaces meet them.
    pub(super) fn inspected(
        &mut self,
        direction: Direction,
        vpc: VpcId,
        own: IpSetId,
    ) -> BTreeMap<VpcEndpointId, Inspected> {
        let component = Arc::clone(&self.ground.component);
        let mut all = BTreeMap::new();
        for (id, endpoint) in component.vpc_endpoints.entries() {
            let Some(firewall) = endpoint.firewall.as_ref().filter(|_| endpoint.vpc == vpc) else {
                continue;
            };
            let [subnet] = *endpoint.subnets.as_slice() else { continue };
            let by_client = compile(firewall, &mut self.sets);
            let rules = match direction {
                Direction::Ingress => {
                    let mut table = TableBuilder::default();
                    for (clients, servers) in by_client {
                        table.add(servers, Bounds::exact(clients));
                    }
                    table.finish(own, &mut self.sets)
                }
                Direction::Egress => Table::of(by_client, own, &mut self.sets),
            };
            let acl = self.ground.sites[subnet].acl;
            let (near, far) = match direction {
                Direction::Ingress => (Direction::Egress, Direction::Ingress),
                Direction::Egress => (Direction::Ingress, Direction::Egress),
            };
            let (forward, reply) = (self.acl(acl, near), self.acl(acl, far));
            let mut by_own = |space: Bounds<SpaceId>| {
                let mut table = TableBuilder::default();
                table.add(space, Bounds::ALL);
                table.finish(own, &mut self.sets)
            };
            let forward = by_own(forward);
            let reply = by_own(reply);
            all.insert(id, Inspected { rules, forward, reply });
        }
        all
    }
}

impl Own<'_> {
    /// The packets that pass a firewall, by peer, and the answers.
    pub(super) fn inspects(
        &self,
        engine: &mut Engine,
        endpoint: VpcEndpointId,
    ) -> (Bounds<SpaceId>, Bounds<SpaceId>) {
        let nothing = Bounds::exact(SpaceId::EMPTY);
        let sea = engine.sea(self.direction, self.vpc());
        let Some(inspected) = sea.inspected.get(&endpoint) else { return (nothing, nothing) };
        let [subnet] = *engine.ground.component.vpc_endpoints[endpoint].subnets.as_slice() else {
            return (nothing, nothing);
        };
        let acl = engine.ground.sites[subnet].acl;
        let (forward, reply) = match self.direction {
            Direction::Ingress => (Direction::Ingress, Direction::Egress),
            Direction::Egress => (Direction::Egress, Direction::Ingress),
        };
        let (forward, reply) = (engine.acl(acl, forward), engine.acl(acl, reply));
        let sets = &mut engine.sets;
        let all = |table: &Table, sets: &mut IpSets| {
            let rows = table.rows(&self.sea).copied().collect::<Vec<_>>();
            rows.into_iter().fold(nothing, |all, row| all.union(&row, sets))
        };
        let (rules, near) = (all(&inspected.rules, sets), all(&inspected.forward, sets));
        let forward = forward.intersection(&rules, sets).intersection(&near, sets);
        let near = all(&inspected.reply, sets);
        let reply = map(reply.intersection(&near, sets), sets, replies);
        (forward, reply)
    }

    /// The firewall through which internet gateways hand packets in.
    pub(super) fn gate_inspection(&self, engine: &mut Engine) -> Option<VpcEndpointId> {
        if !self.class.v4 {
            return None;
        }
        let gates: Vec<_> = engine
            .ground
            .inspected_gate
            .iter()
            .filter(|((vpc, _), _)| *vpc == self.vpc())
            .map(|(&(_, endpoint), &at)| (endpoint, at))
            .collect();
        let own = |&(_, at): &(VpcEndpointId, IpSetId), engine: &mut Engine| {
            self.own_address_in(engine, Bounds::exact(at)).0
        };
        gates.into_iter().find(|gate| own(gate, engine)).map(|(endpoint, _)| endpoint)
    }

    /// Interfaces of other subnets of the VPC, through firewalls.
    pub(super) fn estate_inspected(
        &self,
        engine: &mut Engine,
        (other, offer): (VpcId, &Offer),
        lanes: &mut Vec<Lane>,
    ) {
        if other != self.vpc() || !self.class.v4 {
            return;
        }
        let sea = engine.sea(self.direction, self.vpc());
        for &endpoint in sea.inspected.keys() {
            let own = engine.passages(self.site.road, self.vpc(), other);
            let at = own.inspected.get(&endpoint).copied().unwrap_or(IpSetId::EMPTY);
            let at_most = |set: IpSetId| Bounds::at_most(set);
            let (through, answers) = self.inspects(engine, endpoint);
            let admitted = self.admits(engine, Seen::Bare);
            let sets = &mut engine.sets;
            let admitted = admitted.intersection(&self.acl, sets).intersection(&through, sets);
            let (forward, reply) = match self.direction {
                Direction::Ingress => {
                    let Some(table) = offer.inspected.get(&endpoint) else { continue };
                    let forward = self.offered(&mut table.rows(&self.sea), &admitted, sets);
                    if forward.is_empty() {
                        continue;
                    }
                    let (back, _) = engine.ways_back(self.site.road, self.vpc(), other);
                    let sets = &mut engine.sets;
                    let beside = at_most(sets.difference(back.possible(), at));
                    let same = self.acl_back.intersection(&answers, sets);
                    let same = restrict(same, Bounds::exact(at), sets);
                    let mine = same.union(&restrict(self.acl_back, beside, sets), sets);
                    (forward, self.offered(&mut offer.reply.rows(&self.sea), &mine, sets))
                }
                Direction::Egress => {
                    let admitted = restrict(admitted, Bounds::exact(at), sets);
                    let rows = &mut offer.fixed.bare.rows(&self.sea);
                    let forward = self.offered(rows, &admitted, sets);
                    let Some(back) = offer.answers_inspected.get(&endpoint) else { continue };
                    let mine = self.acl_back.intersection(&answers, sets);
                    let same = self.offered(&mut back.same.rows(&self.sea), &mine, sets);
                    let rows = &mut back.beside.rows(&self.sea);
                    let beside = self.offered(rows, &self.acl_back, sets);
                    (forward, same.union(&Truth::Maybe.of(&beside), sets))
                }
            };
            if forward.is_empty() {
                continue;
            }
            let (audience, sender) = (Audience::Estate, Sender::Held(other));
            lanes.push(Lane { audience, sender, forward, reply, limited: false });
        }
    }

    /// Strangers of the internet who come through a firewall.
    pub(super) fn internet_inspected(
        &self,
        engine: &mut Engine,
        endpoint: VpcEndpointId,
        lanes: &mut Vec<Lane>,
    ) {
        let truth = engine.ground.arrival[self.vpc()].and(self.site.inbound);
        let (through, answers) = self.inspects(engine, endpoint);
        let admitted = self.admitted_online(engine);
        let all = engine.internet_back(self.site.road, self.vpc(), true);
        let out = engine.ground.inspected_out(self.site.road, endpoint, &mut engine.sets);
        let sets = &mut engine.sets;
        let admitted = admitted.intersection(&through, sets);
        let universe = Bounds::exact(engine.ground.internet);
        let forward = restrict(truth.of(&admitted), universe, sets);
        let same = self.acl_back.intersection(&answers, sets);
        let same = restrict(same, Bounds::exact(out), sets);
        let beside = Bounds::at_most(sets.difference(all.possible(), out));
        let reply = same.union(&restrict(self.acl_back, beside, sets), sets);
        let (audience, sender) = (Audience::Internet, Sender::Outside);
        lanes.push(Lane { audience, sender, forward, reply, limited: false });
    }
}

// ---- rules ----

/// What passes a firewall both ways, by sets of clients: packets by server.
fn compile(firewall: &Firewall, sets: &mut IpSets) -> Vec<(IpSetId, Bounds<SpaceId>)> {
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
