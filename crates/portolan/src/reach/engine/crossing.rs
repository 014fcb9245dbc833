//! What passes transit gateways: the ACLs of the subnets where packets go in and
//! come out, and the receiver's own only where they came out elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use super::filter::{Filter, replies};
use super::ground::Site;
use super::lane::{Own, Seen};
use super::passage::Over;
use super::sea::{map, restrict};
use super::table::{Table, TableBuilder};
use super::transit::Leg;
use super::truth::Truth;
use crate::model::{Direction, NetworkAclId, SecurityGroupId, VpcId};
use crate::net::{Bounds, IpSetId, IpSets, SpaceId};

/// The ACLs where packets go in: one, or several of which one is taken; `None`: not known.
pub(crate) type Entries = BTreeSet<Option<NetworkAclId>>;

/// Something for packets that the receiver's ACL is asked about, and for those that came
/// out in the receiver's own subnet.
#[derive(Debug, Default)]
pub(crate) struct Crossing<T> {
    /// Past the receiver's ACL.
    pub(crate) asked: T,
    /// Not past it.
    pub(crate) landed: T,
}

/// What others may do through transit gateways, by own address.
#[derive(Debug, Default)]
pub(crate) struct Crossings<T> {
    /// References to groups are not preserved, or nothing refers to any.
    pub(crate) bare: Crossing<T>,
    /// They are, perhaps.
    pub(crate) kept: Crossing<T>,
}

/// Tables of crossings while they are built.
#[derive(Default)]
pub(super) struct Building {
    /// By the ACLs where the other end's packets go in.
    forward: BTreeMap<Entries, Crossings<TableBuilder>>,
    references: BTreeMap<SecurityGroupId, Crossing<TableBuilder>>,
    reply: BTreeMap<Entries, Crossing<TableBuilder>>,
    dark: TableBuilder,
}

/// The same, built.
#[derive(Debug, Default)]
pub(crate) struct Offered {
    /// Packets by rules that name addresses.
    pub(crate) forward: Crossings<Table>,
    /// Packets by rules that name a group, for those who wear it (outbound only).
    pub(crate) references: BTreeMap<SecurityGroupId, Crossing<Table>>,
    /// Answers.
    pub(crate) reply: Crossing<Table>,
    /// Answers that may come out of what was not seen in the subnet itself.
    pub(crate) dark: Table,
}

impl Offered {
    pub(super) fn tables(&self) -> impl Iterator<Item = &Table> {
        let Crossings { bare, kept } = &self.forward;
        let crossings = [bare, kept, &self.reply].into_iter().chain(self.references.values());
        crossings.flat_map(|it| [&it.asked, &it.landed]).chain([&self.dark])
    }
}

/// The ACLs where packets of these legs go in.
fn entries(legs: &[Leg]) -> Entries {
    legs.iter().map(|leg| leg.entry).collect()
}

fn references(legs: &[Leg]) -> Truth {
    legs.iter().map(|leg| leg.references).fold(Truth::Yes, Truth::and)
}

impl Engine {
    /// What all of several ACLs let in; `answers`: of answers.
    fn entry_space(&mut self, entries: &Entries, answers: bool) -> Bounds<SpaceId> {
        let mut all = Bounds::exact(SpaceId::EVERYTHING);
        for &entry in entries {
            let acl = self.acl(entry, Direction::Ingress);
            all = all.intersection(&acl, &mut self.sets);
        }
        if answers { map(all, &mut self.sets, replies) } else { all }
    }

    /// Packets by the address on the far side: those that its ACL is asked about, and
    /// those that come out in its own subnet.
    fn by_landing(&mut self, packets: Bounds<SpaceId>, over: &Over) -> Crossing<Bounds<SpaceId>> {
        let nothing = Bounds::exact(SpaceId::EMPTY);
        let mut crossing = Crossing { asked: nothing, landed: nothing };
        if let [Leg { landing: None, .. }] = over.legs.as_slice() {
            // In which subnet is not known: perhaps the far side's own.
            let at = Bounds::at_most(over.at.possible());
            crossing.landed = restrict(packets, at, &mut self.sets);
            return crossing;
        }
        let landings: Option<BTreeSet<_>> = over.legs.iter().map(|leg| leg.landing).collect();
        // What passes on an unknown way too is not certain, and each way speaks for itself.
        let Some(landings) = landings else { return crossing };
        let mut acls = Vec::new();
        for &landing in &landings {
            let acl = self.acl(self.ground.sites[landing].acl, Direction::Egress);
            acls.push((landing, acl, self.ground.held_in_subnet[landing]));
        }
        let held = self.sets.union_all(acls.iter().map(|&(.., held)| held));
        let elsewhere = self.sets.complement(held);
        let mut parts = vec![(None, elsewhere)];
        parts.extend(acls.iter().map(|&(landing, _, held)| (Some(landing), held)));
        for (inside, region) in parts {
            let sets = &mut self.sets;
            let at = over.at.intersection(&Bounds::exact(region), sets);
            if at.is_empty() {
                continue;
            }
            let mut passed = restrict(packets, at, sets);
            let mut asked = false;
            for (_, acl, _) in acls.iter().filter(|(landing, ..)| Some(*landing) != inside) {
                asked = true;
                passed = passed.intersection(acl, sets);
            }
            let slot = if asked { &mut crossing.asked } else { &mut crossing.landed };
            *slot = slot.union(&passed, sets);
        }
        // An interface that nobody listed may be the one that they come out beside.
        for (landing, ..) in &acls {
            let Some(&perhaps) = self.ground.unlisted_in_subnet.get(landing) else { continue };
            let sets = &mut self.sets;
            let at = over.at.intersection(&Bounds::at_most(perhaps), sets);
            let mut passed = restrict(packets, at, sets);
            let mut asked = false;
            for (_, acl, _) in acls.iter().filter(|(other, ..)| other != landing) {
                asked = true;
                passed = passed.intersection(acl, sets);
            }
            let slot = if asked { &mut crossing.asked } else { &mut crossing.landed };
            *slot = slot.union(&Bounds::at_most(passed.possible()), sets);
        }
        crossing
    }

    /// Adds what senders of a site may send through transit gateways to a VPC.
    pub(super) fn build_senders(
        &mut self,
        over: &Over,
        packets: Bounds<SpaceId>,
        senders: Bounds,
        into: &mut Building,
    ) {
        let crossing = self.by_landing(packets, over);
        let tables = into.forward.entry(entries(&over.legs)).or_default();
        let kept = references(&over.legs);
        let add = |slot: &mut Crossing<TableBuilder>, truth: Truth| {
            slot.asked.add(truth.of(&crossing.asked), senders);
            slot.landed.add(truth.of(&crossing.landed), senders);
        };
        if kept != Truth::Yes {
            add(&mut tables.bare, Truth::Yes);
        }
        add(&mut tables.kept, kept);
    }

    /// Adds what receivers of a site let in that comes through transit gateways.
    pub(super) fn build_receivers(
        filter: &Filter,
        acl: Bounds<SpaceId>,
        receivers: Bounds,
        sets: &mut IpSets,
        into: &mut Building,
    ) {
        let tables = into.forward.entry(Entries::new()).or_default();
        tables.bare.asked.add(filter.fixed.intersection(&acl, sets), receivers);
        tables.bare.landed.add(filter.fixed, receivers);
    }

    /// The same by rules that name groups.
    pub(super) fn build_referring_receivers(
        filter: &Filter,
        acl: Bounds<SpaceId>,
        receivers: Bounds,
        sets: &mut IpSets,
        into: &mut Building,
    ) {
        for reference in &filter.references {
            let tables = into.references.entry(reference.group).or_default();
            tables.asked.add(reference.packets.intersection(&acl, sets), receivers);
            tables.landed.add(reference.packets, receivers);
        }
    }

    /// Adds the answers of receivers of a site, by the sender's address.
    pub(super) fn build_answers(
        &mut self,
        over: &Over,
        answers: Bounds<SpaceId>,
        receivers: Bounds,
        into: &mut Building,
    ) {
        let crossing = self.by_landing(answers, over);
        let tables = into.reply.entry(entries(&over.legs)).or_default();
        tables.asked.add(crossing.asked, receivers);
        tables.landed.add(crossing.landed, receivers);
    }

    /// Adds what may answer by ways that were not seen: `site` is that of the other end.
    pub(super) fn build_dark_answers(
        &mut self,
        direction: Direction,
        site: &Site,
        (answers, dark): (Bounds<SpaceId>, Bounds),
        others: Bounds,
        into: &mut Building,
    ) {
        match direction {
            // To senders next to a transit gateway's interface.
            Direction::Ingress if site.attached => {
                into.dark.add(Bounds::exact(SpaceId::REPLIES), others);
            }
            Direction::Ingress => {}
            Direction::Egress => {
                let dark = Bounds::at_most(dark.possible());
                into.dark.add(restrict(answers, dark, &mut self.sets), others);
            }
        }
    }

    pub(super) fn finish_crossings(&mut self, building: Building, own: IpSetId) -> Offered {
        let mut offered = Offered::default();
        for (entries, tables) in building.forward {
            let entry = self.entry_space(&entries, false);
            let Crossings { bare, kept } = tables;
            self.finish_crossing(bare, own, entry, &mut offered.forward.bare);
            self.finish_crossing(kept, own, entry, &mut offered.forward.kept);
        }
        for (group, tables) in building.references {
            let everything = Bounds::exact(SpaceId::EVERYTHING);
            let into = offered.references.entry(group).or_default();
            self.finish_crossing(tables, own, everything, into);
        }
        for (entries, tables) in building.reply {
            let entry = self.entry_space(&entries, true);
            self.finish_crossing(tables, own, entry, &mut offered.reply);
        }
        offered.dark = building.dark.finish(own, &mut self.sets);
        offered
    }

    fn finish_crossing(
        &mut self,
        tables: Crossing<TableBuilder>,
        own: IpSetId,
        entry: Bounds<SpaceId>,
        into: &mut Crossing<Table>,
    ) {
        let sets = &mut self.sets;
        let asked = tables.asked.finish(own, sets).met(entry, sets);
        into.asked.merge(asked, sets);
        let landed = tables.landed.finish(own, sets).met(entry, sets);
        into.landed.merge(landed, sets);
    }

    /// What the ACLs let in where own packets go in, or own answers, by own address.
    pub(super) fn own_entries(
        &mut self,
        direction: Direction,
        vpc: VpcId,
        own: IpSetId,
    ) -> BTreeMap<Entries, Table> {
        let mut all: BTreeSet<Entries> = BTreeSet::new();
        let roads: BTreeSet<_> =
            self.ground.sites.iter().filter(|site| site.vpc == vpc).map(|site| site.road).collect();
        let others: Vec<VpcId> = self.ground.component.vpcs.ids().collect();
        for road in roads {
            if !self.ground.leads_far(road) {
                continue;
            }
            for &other in &others {
                let passages = self.passages(road, vpc, other);
                all.extend(passages.over.iter().map(|over| entries(&over.legs)));
            }
            all.extend(self.ground.exits_over(road).into_iter().map(|leg| entries(&[leg])));
        }
        let mut tables = BTreeMap::new();
        for entries in all {
            let space = self.entry_space(&entries, direction == Direction::Ingress);
            let mut table = TableBuilder::default();
            table.add(space, Bounds::ALL);
            tables.insert(entries, table.finish(own, &mut self.sets));
        }
        tables
    }
}

impl Own<'_> {
    /// What the ACLs let in where own packets go in, or answers.
    pub(super) fn own_entry(&self, engine: &mut Engine, legs: &[Leg]) -> Bounds<SpaceId> {
        let sea = engine.sea(self.direction, self.vpc());
        let Some(table) = sea.entries.get(&entries(legs)) else {
            return Bounds::exact(SpaceId::EMPTY);
        };
        let mut all = Bounds::exact(SpaceId::EMPTY);
        for row in table.rows(&self.sea) {
            all = all.union(row, &mut engine.sets);
        }
        all
    }

    /// Packets of others that come through transit gateways.
    pub(super) fn over(
        &self,
        engine: &mut Engine,
        (other, offered): (VpcId, &Offered),
    ) -> Bounds<SpaceId> {
        match self.direction {
            Direction::Ingress => self.over_in(engine, other, offered),
            Direction::Egress => self.over_out(engine, other, offered),
        }
    }

    fn over_in(&self, engine: &mut Engine, other: VpcId, offered: &Offered) -> Bounds<SpaceId> {
        let mut all = Bounds::exact(SpaceId::EMPTY);
        let Crossings { bare, kept } = &offered.forward;
        for (seen, tables) in [(Seen::Bare, bare), (Seen::Kept(other), kept)] {
            if tables.asked.is_empty() && tables.landed.is_empty() {
                continue;
            }
            let admitted = self.admits(engine, seen);
            let asked = admitted.intersection(&self.acl, &mut engine.sets);
            for (table, admitted) in [(&tables.asked, asked), (&tables.landed, admitted)] {
                let rows = &mut table.rows(&self.sea);
                let more = self.offered(rows, &admitted, &mut engine.sets);
                all = all.union(&more, &mut engine.sets);
            }
        }
        all
    }

    fn over_out(&self, engine: &mut Engine, other: VpcId, offered: &Offered) -> Bounds<SpaceId> {
        let mut all = Bounds::exact(SpaceId::EMPTY);
        let passages = engine.passages(self.site.road, self.vpc(), other);
        for over in &passages.over {
            // A rule for what leaves that names the receiver's group means nobody here.
            let admitted = self.admits(engine, Seen::Bare);
            let entered = self.own_entry(engine, &over.legs);
            let sets = &mut engine.sets;
            let left = admitted.intersection(&self.acl, sets).intersection(&entered, sets);
            let crossing = engine.by_landing(left, over);
            let add = |tables: &Crossing<Table>, truth: Truth, engine: &mut Engine| {
                let mut all = Bounds::exact(SpaceId::EMPTY);
                for (table, left) in
                    [(&tables.asked, crossing.asked), (&tables.landed, crossing.landed)]
                {
                    let rows = &mut table.rows(&self.sea);
                    let more = self.offered(rows, &left, &mut engine.sets);
                    all = all.union(&truth.of(&more), &mut engine.sets);
                }
                all
            };
            let more = add(&offered.forward.bare, Truth::Yes, engine);
            all = all.union(&more, &mut engine.sets);
            let kept = references(&over.legs);
            for (&group, tables) in &offered.references {
                let truth = self.worn(engine, group).and(kept);
                if truth != Truth::No {
                    let more = add(tables, truth, engine);
                    all = all.union(&more, &mut engine.sets);
                }
            }
        }
        all
    }

    /// Answers that come home through transit gateways. `asking`: the table of the other
    /// end's ACLs.
    pub(super) fn answers_over(
        &self,
        engine: &mut Engine,
        (other, offered): (VpcId, &Offered),
        asking: &Table,
    ) -> Bounds<SpaceId> {
        let mut all = Bounds::exact(SpaceId::EMPTY);
        if self.direction == Direction::Egress {
            let tables = &offered.reply;
            let everything = Bounds::exact(SpaceId::REPLIES);
            let mut homes = vec![(&tables.asked, self.acl_back), (&tables.landed, everything)];
            if self.site.attached {
                homes.push((&offered.dark, Bounds::at_most(SpaceId::REPLIES)));
            }
            for (table, mine) in homes {
                let more = self.offered(&mut table.rows(&self.sea), &mine, &mut engine.sets);
                all = all.union(&more, &mut engine.sets);
            }
            return all;
        }
        let passages = engine.passages(self.site.road, self.vpc(), other);
        for over in &passages.over {
            let entered = self.own_entry(engine, &over.legs);
            let mine = self.acl_back.intersection(&entered, &mut engine.sets);
            let crossing = engine.by_landing(mine, over);
            let rows = &mut asking.rows(&self.sea);
            let asked = self.offered(rows, &crossing.asked, &mut engine.sets);
            let more = asked.union(&crossing.landed, &mut engine.sets);
            all = all.union(&more, &mut engine.sets);
        }
        if !offered.dark.is_empty() {
            let dark = Bounds::at_most(passages.ways.dark.possible());
            let mine = restrict(self.acl_back, dark, &mut engine.sets);
            let rows = &mut offered.dark.rows(&self.sea);
            let more = self.offered(rows, &mine, &mut engine.sets);
            all = all.union(&Truth::Maybe.of(&more), &mut engine.sets);
        }
        all
    }

    /// Where peers of a VPC that no interface holds may be behind transit gateways, and
    /// the answers that reach them.
    pub(super) fn unheld_over(&self, engine: &mut Engine, vpc: VpcId) -> (Bounds, Bounds<SpaceId>) {
        let passages = engine.passages(self.site.road, self.vpc(), vpc);
        let (mut peers, mut answers) = (Bounds::EMPTY, Bounds::exact(SpaceId::EMPTY));
        for over in &passages.over {
            peers = peers.union(&over.at, &mut engine.sets);
            let entered = self.own_entry(engine, &over.legs);
            let mut mine = self.acl_back.intersection(&entered, &mut engine.sets);
            for leg in &over.legs {
                let acl = leg.landing.and_then(|landing| engine.ground.sites[landing].acl);
                let acl = engine.acl(acl, Direction::Egress);
                mine = mine.intersection(&acl, &mut engine.sets);
            }
            let mine = restrict(mine, over.at, &mut engine.sets);
            answers = answers.union(&mine, &mut engine.sets);
        }
        (peers, answers)
    }
}
