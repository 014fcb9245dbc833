//! What the other interfaces of the estate may do, by own address.
//!
//! For one VPC (whose interfaces are looked at) and each VPC whose interfaces
//! are at the other end: their filters, ACLs and routes as tables of packets.
//! Interfaces that behave alike are one party, whatever their number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Engine;
use super::balancer::{BackId, OnwardId, lets_all_in};
use super::crossing::{self, Entries, Offered};
use super::filter::{Filter, replies};
use super::firewall::Inspected;
use super::ground::{Ground, Site, join};
use super::outbound::Translator;
use super::passage::ByWay;
use super::table::{Regions, Table, TableBuilder};
use super::truth::Truth;
use crate::model::{
    Component, Direction, GroupSetId, Interface, InterfaceKind, NatGatewayId, SecurityGroupId,
    SubnetId, VpcEndpointId, VpcId,
};
use crate::net::{Bounds, IpSet, IpSetId, IpSets, SpaceId};

/// Which groups filter an interface.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum FilterKey {
    /// Those of a set.
    Set(GroupSetId),
    /// Unknown ones, or none that we model.
    Anything,
    /// None: everything passes.
    Everything,
    /// The same, met with what a load balancer's node lets on.
    HandedSet(GroupSetId, OnwardId),
    /// The same.
    HandedAnything(OnwardId),
    /// The same.
    HandedEverything(OnwardId),
}

impl FilterKey {
    /// Whether no load balancer lets anything on.
    pub(crate) fn is_plain(self) -> bool {
        matches!(self, Self::Set(_) | Self::Anything | Self::Everything)
    }

    /// The filter of a node that lets something on.
    pub(crate) fn handed(self, onward: OnwardId) -> Self {
        match self {
            Self::Set(set) | Self::HandedSet(set, _) => Self::HandedSet(set, onward),
            Self::Anything | Self::HandedAnything(_) => Self::HandedAnything(onward),
            Self::Everything | Self::HandedEverything(_) => Self::HandedEverything(onward),
        }
    }
}

/// Interfaces of one subnet with the same filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Party {
    /// Their addresses; certain of those that surely answer.
    addresses: Bounds,
    /// The IPv6 addresses that the internet may reach.
    internet: Bounds,
}

/// The interfaces at the other end, by subnet and filter.
pub(crate) type Parties = BTreeMap<SubnetId, BTreeMap<PartyKey, Party>>;

/// What tells parties of a subnet apart: which answers come back to a load balancer's node
/// (`None`: all), and the filter.
type PartyKey = (Option<BackId>, FilterKey);

/// What the interfaces of one VPC may do.
#[derive(Debug, Default)]
pub(crate) struct Offer {
    /// By rules that name addresses.
    pub(crate) fixed: ByWay<Table>,
    /// By rules that name a group, for those who wear it.
    pub(crate) references: BTreeMap<SecurityGroupId, ByWay<Table>>,
    /// The answers.
    pub(crate) reply: Table,
    /// The answers over the internet.
    pub(crate) reply_internet: Table,
    /// Through transit gateways.
    pub(crate) over: Offered,
    /// Packets through firewalls (inbound only).
    pub(crate) inspected: BTreeMap<VpcEndpointId, Table>,
    /// Answers to what came through firewalls (outbound only).
    pub(crate) answers_inspected: BTreeMap<VpcEndpointId, AnswersInspected<Table>>,
}

/// Answers to what came through a firewall.
#[derive(Debug, Default)]
pub(crate) struct AnswersInspected<T> {
    /// Through the same.
    pub(crate) same: T,
    /// By another way.
    pub(crate) beside: T,
}

/// What a VPC's own interfaces meet.
#[derive(Debug)]
pub(crate) struct Sea {
    /// By the VPC at the other end, and by the answers that come back to load balancers there.
    pub(crate) offers: BTreeMap<(VpcId, Option<BackId>), Offer>,
    /// What ACLs let in where own packets, or answers, go into transit gateways.
    pub(crate) entries: BTreeMap<Entries, Table>,
    /// The firewalls of the VPC.
    pub(crate) inspected: BTreeMap<VpcEndpointId, Inspected>,
    /// The NAT gateways on the way out (outbound only).
    pub(crate) translators: BTreeMap<NatGatewayId, Translator>,
    /// All own addresses.
    pub(crate) own: IpSetId,
    /// The own addresses by what they meet.
    pub(crate) regions: Regions,
}

/// What a subnet's interfaces meet within the subnet.
#[derive(Debug)]
pub(crate) struct Shore {
    /// By the answers that come back to load balancers.
    pub(crate) offers: BTreeMap<Option<BackId>, Beside>,
    pub(crate) regions: Regions,
}

/// What others of the same subnet may do.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    pub(crate) fixed: Table,
    pub(crate) references: BTreeMap<SecurityGroupId, Table>,
    /// The answers, where not all come back.
    pub(crate) reply: Table,
}

/// Tables being built: by address, and by group.
#[derive(Default)]
struct Building {
    fixed: ByWay<TableBuilder>,
    references: BTreeMap<SecurityGroupId, ByWay<TableBuilder>>,
    reply: TableBuilder,
    reply_internet: TableBuilder,
    over: crossing::Building,
    inspected: BTreeMap<VpcEndpointId, TableBuilder>,
    answers_inspected: BTreeMap<VpcEndpointId, AnswersInspected<TableBuilder>>,
}

/// How an interface is filtered.
pub(crate) fn filter_key(
    component: &Component,
    interface: Interface<'_>,
    direction: Direction,
) -> FilterKey {
    let groups = &component.group_sets[interface.group_set()];
    let unfiltered = interface.kind() != InterfaceKind::Host && groups.is_empty();
    let open = direction == Direction::Ingress && lets_all_in(component, interface);
    if unfiltered && open && !interface.contested() {
        FilterKey::Everything
    } else if interface.contested() || unfiltered {
        FilterKey::Anything
    } else {
        FilterKey::Set(interface.group_set())
    }
}

impl Engine {
    /// The interfaces at the other end, by subnet and filter.
    fn find_parties(&mut self, direction: Direction) -> Parties {
        #[derive(Default)]
        struct Found {
            sure: Vec<IpSet>,
            all: Vec<IpSet>,
            sure_internet: Vec<IpSet>,
            internet: Vec<IpSet>,
        }
        let component = Arc::clone(&self.ground.component);
        let mut found: BTreeMap<(SubnetId, PartyKey), Found> = BTreeMap::new();
        for interface in component.interfaces.iter() {
            let answers = match (direction, interface.kind()) {
                (_, InterfaceKind::NatGateway | InterfaceKind::TransitGateway) => continue,
                (_, InterfaceKind::Host) => Truth::Yes,
                (Direction::Egress, InterfaceKind::RemoteAccess) => continue,
                (Direction::Ingress, InterfaceKind::RemoteAccess) => {
                    self.ground.kind(Direction::Egress, interface)
                }
                // What a load balancer sends is its own business.
                (Direction::Ingress, _) => continue,
                (Direction::Egress, _) if self.balances(interface.index()) => Truth::Yes,
                (Direction::Egress, _) => Truth::Maybe,
            };
            let truth = self.ground.host(interface).and(answers);
            // Who sends from an address that an unlisted interface may have is nobody yet.
            let unlisted = direction == Direction::Egress && interface.unlisted().is_some();
            if truth == Truth::No || !(interface.seen() || unlisted) {
                continue;
            }
            let key = filter_key(&component, interface, opposite(direction));
            let key = self.met_by_people(key, opposite(direction), interface);
            let seen = component.vpcs[interface.vpc()].seen;
            let sure = truth == Truth::Yes && !interface.contested() && seen;
            let addresses = super::ground::addresses(interface);
            // Whoever is shut off from internet gateways may send all the same.
            let online = match direction {
                Direction::Ingress => Truth::Yes,
                Direction::Egress => Ground::online(interface),
            };
            let mut parties = Vec::new();
            if direction == Direction::Egress && self.balances(interface.index()) {
                let v4 = IpSet { v4: addresses.v4, ..IpSet::empty() };
                let v6 = IpSet { v6: addresses.v6, ..IpSet::empty() };
                for (is_v4, addresses) in [(true, v4), (false, v6)] {
                    for onward in self.onwards(interface.index(), is_v4).iter() {
                        let key = (onward.back, key.handed(onward.forward));
                        parties.push((key, addresses.clone()));
                    }
                }
            } else {
                parties.push(((None, key), addresses));
            }
            for (key, addresses) in parties {
                let entry = found.entry((interface.subnet(), key)).or_default();
                if online != Truth::No {
                    let v6 = IpSet { v6: addresses.v6.clone(), ..IpSet::empty() };
                    if sure && online == Truth::Yes {
                        entry.sure_internet.push(v6.clone());
                    }
                    entry.internet.push(v6);
                }
                if sure {
                    entry.sure.push(addresses.clone());
                }
                entry.all.push(addresses);
            }
        }
        let sets = &mut self.sets;
        let mut parties = Parties::new();
        for ((subnet, key), found) in found {
            let doubtful = self.ground.doubtful[component.subnets[subnet].vpc];
            let mut bounds = |sure: &[IpSet], all: &[IpSet]| {
                let (sure, all) = (sets.intern(join(sure)), sets.intern(join(all)));
                let sure = sets.difference(sure, doubtful);
                Bounds::between(sure, all, sets)
            };
            let addresses = bounds(&found.sure, &found.all);
            let internet = bounds(&found.sure_internet, &found.internet);
            parties.entry(subnet).or_default().insert(key, Party { addresses, internet });
        }
        parties
    }

    /// The parties at the other end of the direction.
    fn parties(&mut self, direction: Direction) -> Arc<Parties> {
        if let Some(known) = self.parties.get(&direction) {
            return known.clone();
        }
        let parties = Arc::new(self.find_parties(direction));
        self.parties.insert(direction, parties.clone());
        parties
    }

    /// What the interfaces of a VPC meet in a direction.
    pub(crate) fn sea(&mut self, direction: Direction, vpc: VpcId) -> Arc<Sea> {
        if let Some(known) = self.seas.get(&(direction, vpc)) {
            return known.clone();
        }
        let own = self.own_addresses_of(|interface| interface.vpc() == vpc);
        let mut sites: BTreeMap<(Site, Option<BackId>), BTreeMap<FilterKey, Vec<Party>>> =
            BTreeMap::new();
        for (&subnet, parties) in self.parties(direction).iter() {
            for (&(back, key), &party) in parties {
                let site = sites.entry((self.ground.sites[subnet], back)).or_default();
                site.entry(key).or_default().push(party);
            }
        }
        let mut building: BTreeMap<(VpcId, Option<BackId>), Building> = BTreeMap::new();
        for ((site, back), parties) in &sites {
            let tables = building.entry((site.vpc, *back)).or_default();
            self.build_site((direction, *back), vpc, site, parties, tables);
        }
        let mut offers = BTreeMap::new();
        let mut cuts = BTreeSet::new();
        for (other, tables) in building {
            let offer = tables.finish(own, self);
            let before = cuts.len();
            for table in offer.tables() {
                cuts.extend(table.cuts());
            }
            if cuts.len() > before || offer.tables().any(|table| !table.is_empty()) {
                offers.insert(other, offer);
            }
        }
        // Where packets from the internet are handed in divides addresses too.
        let gate = self.ground.gate[vpc];
        for gate in [gate.certain(), gate.possible()] {
            cuts.insert(self.sets.intersection(gate, own));
        }
        let translators = match direction {
            Direction::Ingress => BTreeMap::new(),
            Direction::Egress => self.translators(vpc, own),
        };
        let entries = match self.ground.far {
            true => self.own_entries(direction, vpc, own),
            false => BTreeMap::new(),
        };
        cuts.extend(entries.values().flat_map(Table::cuts));
        let inspected = self.inspected(direction, vpc, own);
        cuts.extend(inspected.values().flat_map(Inspected::tables).flat_map(Table::cuts));
        for (&(at, _), &gate) in &self.ground.inspected_gate {
            if at == vpc {
                cuts.insert(self.sets.intersection(gate, own));
            }
        }
        for translator in translators.values() {
            cuts.extend(translator.forward.cuts().chain(translator.reply.cuts()));
        }
        let regions = Regions::of(&cuts, own, &self.sets);
        let sea = Arc::new(Sea { offers, entries, inspected, translators, own, regions });
        self.seas.insert((direction, vpc), sea.clone());
        sea
    }

    fn own_addresses_of(&mut self, is_own: impl Fn(Interface<'_>) -> bool) -> IpSetId {
        let all: Vec<IpSet> = self
            .ground
            .component
            .interfaces
            .iter()
            .filter(|it| (it.seen() || it.unlisted().is_some()) && is_own(*it))
            .map(super::ground::addresses)
            .collect();
        self.sets.intern(join(&all))
    }

    /// What the interfaces of one site do to addresses of `vpc`.
    fn build_site(
        &mut self,
        (direction, home): (Direction, Option<BackId>),
        vpc: VpcId,
        site: &Site,
        parties: &BTreeMap<FilterKey, Vec<Party>>,
        tables: &mut Building,
    ) {
        let other = site.vpc;
        let far = opposite(direction);
        let passages = self.passages(site.road, other, vpc);
        let (through, (internet, egress_only), back, internet_back) = match direction {
            // They send: their table decides the way.
            Direction::Ingress => {
                (passages.ways, (site.outbound, site.translated), Bounds::ALL, Bounds::ALL)
            }
            // They receive: their table decides whether answers come back.
            Direction::Egress => {
                let arrives = self.ground.arrival[other].and(site.inbound);
                let (back, internet_back) = self.ways_back(site.road, other, vpc);
                let all = ByWay {
                    direct: Bounds::ALL,
                    bare: Bounds::ALL,
                    dark: Bounds::at_most(IpSetId::ALL),
                    relay: Bounds::at_most(IpSetId::ALL),
                    internet: match other == vpc {
                        true => Bounds::EMPTY,
                        false => Bounds::exact(IpSetId::ALL_V6),
                    },
                    egress_only: Bounds::EMPTY,
                };
                (all, (arrives, Truth::No), back, internet_back)
            }
        };
        let shut = through.as_array().iter().all(|at| at.is_empty());
        let through_others = !passages.over.is_empty() || !passages.inspected.is_empty();
        let shut = shut && (direction == Direction::Egress || !through_others);
        if shut || !self.meets(direction, vpc, other) {
            return;
        }
        let acl = self.acl(site.acl, far);
        let acl_back = self.acl(site.acl, direction);
        // What comes out of a transit gateway in the subnet itself meets no ACL.
        let next_to_it = direction == Direction::Egress && site.attached;
        let dark_acl = if next_to_it { Bounds::exact(SpaceId::EVERYTHING) } else { acl };
        let far_out = direction == Direction::Egress && self.ground.far;
        // To a receiver the gate hands packets.
        let handed = match direction {
            Direction::Ingress => Bounds::ALL,
            Direction::Egress => self.ground.gate[other],
        };

        // Parties with the same rules by address are one.
        let mut alike: BTreeMap<usize, (Arc<Filter>, Vec<Party>)> = BTreeMap::new();
        let mut everyone = Vec::new();
        for (&key, members) in parties {
            let (filter, content) = self.filter(key, far);
            let mut party = self.union_parties(members);
            everyone.push(party);
            party.internet = party.internet.intersection(&handed, &mut self.sets);
            for reference in &filter.references {
                let sets = &mut self.sets;
                let packets = reference.packets.intersection(&acl, sets);
                let into = tables.references.entry(reference.group).or_default();
                let kept = self.ground.references_hold(other, vpc);
                into.direct.add(restrict(packets, through.direct, sets), party.addresses);
                let dark = reference.packets.intersection(&dark_acl, sets);
                let dark = restrict(dark, through.dark, sets);
                if reference.loose && direction == Direction::Egress {
                    tables.fixed.dark.add(dark, party.addresses);
                }
                into.dark.add(kept.of(&dark), party.addresses);
                if direction == Direction::Ingress {
                    let relayed = restrict(packets, through.relay, sets);
                    into.relay.add(kept.of(&relayed), party.addresses);
                }
                // Whether a reference holds over the internet is not known, even
                // for those who wear the group.
                for (truth, at) in
                    [(internet, through.internet), (egress_only, through.egress_only)]
                {
                    let perhaps = Bounds::at_most(at.possible());
                    let online = truth.of(&restrict(packets, perhaps, sets));
                    into.internet.add(online, party.internet);
                }
            }
            if far_out {
                let (sets, over) = (&mut self.sets, &mut tables.over);
                Self::build_referring_receivers(&filter, acl, party.addresses, sets, over);
            }
            if direction == Direction::Egress {
                let relayed = self.relayed_in(&filter, site, acl, None);
                tables.fixed.relay.add(relayed, party.addresses);
                let free = match site.relay {
                    true => Bounds::at_most(SpaceId::EVERYTHING),
                    false => acl,
                };
                for reference in &filter.references {
                    let packets = reference.packets.intersection(&free, &mut self.sets);
                    let into = tables.references.entry(reference.group).or_default();
                    let kept = self.ground.references_hold(other, vpc);
                    into.relay.add(kept.of(&Bounds::at_most(packets.possible())), party.addresses);
                }
            }
            alike.entry(content).or_insert_with(|| (filter, Vec::new())).1.push(party);
        }
        for (filter, members) in alike.into_values() {
            let mut party = self.union_parties(&members);
            let sets = &mut self.sets;
            party.internet = party.internet.intersection(&handed, sets);
            let packets = filter.fixed.intersection(&acl, sets);
            tables.fixed.direct.add(restrict(packets, through.direct, sets), party.addresses);
            tables.fixed.bare.add(restrict(packets, through.bare, sets), party.addresses);
            let dark = filter.fixed.intersection(&dark_acl, sets);
            tables.fixed.dark.add(restrict(dark, through.dark, sets), party.addresses);
            if far_out {
                Self::build_receivers(&filter, acl, party.addresses, sets, &mut tables.over);
            }
            if direction == Direction::Ingress {
                tables.fixed.relay.add(restrict(packets, through.relay, sets), party.addresses);
            }
            for (truth, at) in [(internet, through.internet), (egress_only, through.egress_only)] {
                let online = truth.of(&restrict(packets, at, sets));
                tables.fixed.internet.add(online, party.internet);
            }
            if direction == Direction::Ingress {
                for (&endpoint, &at) in &passages.inspected {
                    let packets = restrict(packets, Bounds::exact(at), &mut self.sets);
                    let into = tables.inspected.entry(endpoint).or_default();
                    into.add(packets, party.addresses);
                }
                for over in &passages.over {
                    self.build_senders(over, packets, party.addresses, &mut tables.over);
                }
            }
        }
        let all = self.union_parties(&everyone);
        let sets = &mut self.sets;
        let mut answers = map(acl_back, sets, replies);
        if home.is_some() {
            let home = self.back(home);
            answers = answers.intersection(&home.answers, &mut self.sets);
        }
        let sets = &mut self.sets;
        tables.reply.add(restrict(answers, back, sets), Bounds::exact(all.addresses.possible()));
        let online = restrict(answers, internet_back, sets);
        let at = Bounds::exact(all.internet.possible());
        tables.reply_internet.add(online, at);
        if direction == Direction::Egress && other == vpc {
            let endpoints = self.ground.component.vpc_endpoints.entries();
            let firewalls = endpoints.filter(|(_, it)| it.firewall.is_some() && it.vpc == vpc);
            let firewalls: Vec<VpcEndpointId> = firewalls.map(|(id, _)| id).collect();
            for endpoint in firewalls {
                let at = passages.inspected.get(&endpoint).copied().unwrap_or(IpSetId::EMPTY);
                let beside = self.sets.difference(back.possible(), at);
                let into = tables.answers_inspected.entry(endpoint).or_default();
                let others = Bounds::exact(all.addresses.possible());
                let sets = &mut self.sets;
                into.same.add(restrict(answers, Bounds::exact(at), sets), others);
                into.beside.add(restrict(answers, Bounds::at_most(beside), sets), others);
            }
        }
        if self.ground.far {
            let others = Bounds::exact(all.addresses.possible());
            if direction == Direction::Egress {
                for over in &passages.over {
                    self.build_answers(over, answers, others, &mut tables.over);
                }
            }
            let dark = (answers, passages.ways.dark);
            self.build_dark_answers(direction, site, dark, others, &mut tables.over);
        }
    }

    /// Whether anything of `vpc` may send to `other` at all.
    fn meets(&mut self, direction: Direction, vpc: VpcId, other: VpcId) -> bool {
        if direction == Direction::Ingress || vpc == other {
            return true;
        }
        let tables: BTreeSet<_> =
            self.ground.sites.iter().filter(|site| site.vpc == vpc).map(|site| site.road).collect();
        tables.into_iter().any(|table| !self.passages(table, vpc, other).is_empty())
    }

    fn union_parties(&mut self, parties: &[Party]) -> Party {
        let sets = &mut self.sets;
        let mut union = |of: fn(&Party) -> Bounds| {
            let certain = sets.union_all(parties.iter().map(|party| of(party).certain()));
            let possible = sets.union_all(parties.iter().map(|party| of(party).possible()));
            Bounds::between(certain, possible, sets)
        };
        Party { addresses: union(|party| party.addresses), internet: union(|party| party.internet) }
    }

    /// What a subnet's interfaces meet within it: no ACL, no route.
    pub(crate) fn shore(&mut self, direction: Direction, subnet: SubnetId) -> Arc<Shore> {
        if let Some(known) = self.shores.get(&(direction, subnet)) {
            return known.clone();
        }
        let held = self.ground.held_in_subnet[subnet];
        // An interface that nobody listed may have any of these.
        let perhaps = self.ground.unlisted_in_subnet.get(&subnet).copied();
        let own = self.sets.union(held, perhaps.unwrap_or(IpSetId::EMPTY));
        let parties = self.parties(direction);
        let mut by_back: BTreeMap<Option<BackId>, Vec<(FilterKey, Party)>> = BTreeMap::new();
        for (&(back, key), &party) in parties.get(&subnet).into_iter().flatten() {
            by_back.entry(back).or_default().push((key, party));
        }
        let mut offers = BTreeMap::new();
        let mut cuts: BTreeSet<IpSetId> = BTreeSet::new();
        for (back, parties) in by_back {
            let beside = self.beside_of((direction, back), own, &parties);
            let referring = beside.references.values().flat_map(Table::cuts);
            cuts.extend(beside.fixed.cuts().chain(beside.reply.cuts()).chain(referring));
            offers.insert(back, beside);
        }
        let regions = Regions::of(&cuts, own, &self.sets);
        let shore = Arc::new(Shore { offers, regions });
        self.shores.insert((direction, subnet), shore.clone());
        shore
    }

    /// What parties of one subnet do to each other.
    fn beside_of(
        &mut self,
        (direction, back): (Direction, Option<BackId>),
        own: IpSetId,
        parties: &[(FilterKey, Party)],
    ) -> Beside {
        let (mut fixed, mut reply) = (TableBuilder::default(), TableBuilder::default());
        let mut references: BTreeMap<SecurityGroupId, TableBuilder> = BTreeMap::new();
        let mut alike: BTreeMap<usize, (Arc<Filter>, Vec<Party>)> = BTreeMap::new();
        for &(key, party) in parties {
            let (filter, content) = self.filter(key, opposite(direction));
            for reference in &filter.references {
                let into = references.entry(reference.group).or_default();
                into.add(reference.packets, party.addresses);
            }
            if back.is_some() {
                let others = Bounds::exact(party.addresses.possible());
                reply.add(self.back(back).answers, others);
            }
            alike.entry(content).or_insert_with(|| (filter, Vec::new())).1.push(party);
        }
        for (filter, members) in alike.into_values() {
            let party = self.union_parties(&members);
            fixed.add(filter.fixed, party.addresses);
        }
        let sets = &mut self.sets;
        let references =
            references.into_iter().map(|(group, table)| (group, table.finish(own, sets)));
        let references = references.collect();
        Beside { fixed: fixed.finish(own, sets), references, reply: reply.finish(own, sets) }
    }
}

impl Building {
    fn finish(self, own: IpSetId, engine: &mut Engine) -> Offer {
        let over = engine.finish_crossings(self.over, own);
        let sets = &mut engine.sets;
        let finish = |ways: ByWay<TableBuilder>, sets: &mut IpSets| ByWay {
            direct: ways.direct.finish(own, sets),
            bare: ways.bare.finish(own, sets),
            dark: ways.dark.finish(own, sets),
            relay: ways.relay.finish(own, sets),
            internet: ways.internet.finish(own, sets),
            egress_only: Table::default(),
        };
        let fixed = finish(self.fixed, sets);
        let references =
            self.references.into_iter().map(|(group, ways)| (group, finish(ways, sets))).collect();
        Offer {
            fixed,
            references,
            reply: self.reply.finish(own, sets),
            reply_internet: self.reply_internet.finish(own, sets),
            over,
            inspected: self
                .inspected
                .into_iter()
                .map(|(endpoint, table)| (endpoint, table.finish(own, sets)))
                .collect(),
            answers_inspected: self
                .answers_inspected
                .into_iter()
                .map(|(endpoint, AnswersInspected { same, beside })| {
                    let (same, beside) = (same.finish(own, sets), beside.finish(own, sets));
                    (endpoint, AnswersInspected { same, beside })
                })
                .collect(),
        }
    }
}

impl Offer {
    fn tables(&self) -> impl Iterator<Item = &Table> {
        self.fixed
            .as_array()
            .into_iter()
            .chain(self.references.values().flat_map(ByWay::as_array))
            .chain([&self.reply, &self.reply_internet])
            .chain(self.over.tables())
            .chain(self.inspected.values())
            .chain(self.answers_inspected.values().flat_map(|it| [&it.same, &it.beside]))
    }
}

pub(crate) fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    }
}

/// A space of which only some peers are left.
pub(crate) fn restrict(
    space: Bounds<SpaceId>,
    peers: Bounds,
    sets: &mut IpSets,
) -> Bounds<SpaceId> {
    let certain = sets.restrict_space(space.certain(), peers.certain());
    if space.is_exact() && peers.is_exact() {
        return Bounds::exact(certain);
    }
    let possible = sets.restrict_space(space.possible(), peers.possible());
    Bounds::between(certain, possible, sets)
}

/// The same done to both bounds.
pub(crate) fn map(
    space: Bounds<SpaceId>,
    sets: &mut IpSets,
    f: impl Fn(SpaceId, &mut IpSets) -> SpaceId,
) -> Bounds<SpaceId> {
    let certain = f(space.certain(), sets);
    if space.is_exact() {
        return Bounds::exact(certain);
    }
    let possible = f(space.possible(), sets);
    Bounds::between(certain, possible, sets)
}
