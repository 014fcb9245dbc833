//! Lanes: peers of one kind and the packets they may exchange with a class.

use std::sync::Arc;

use super::Engine;
use super::balancer::Onward;
use super::class::Class;
use super::filter::{Filter, in_family, replies};
use super::ground::Site;
use super::passage::ByWay;
use super::sea::{FilterKey, Offer, map, opposite, restrict};
use super::table::{Signature, Table};
use super::truth::Truth;
use crate::model::{Direction, SecurityGroupId, VpcId};
use crate::net::{Bounds, IpSet, IpSetId, IpSets, SpaceId};
use crate::record::Audience;

/// Who is at the other end, as far as an address may count as another's.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Sender {
    /// Interfaces of a VPC. Addresses of self's own host do not count.
    Held(VpcId),
    /// Addresses of a VPC that no interface holds, and those of self's host.
    /// The lane speaks of the VPC's other addresses too: they do not count.
    Unheld(VpcId),
    /// Everyone else.
    Outside,
}

/// Packets that peers of one kind may exchange with a class.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Lane {
    /// Which way the peers come.
    pub(crate) audience: Audience,
    /// Who they are.
    pub(crate) sender: Sender,
    /// The packets to the port, by peer.
    pub(crate) forward: Bounds<SpaceId>,
    /// The answers, by peer.
    pub(crate) reply: Bounds<SpaceId>,
    /// Some answers may be lost whatever the client's port is (a NAT gateway
    /// picks the port).
    pub(crate) limited: bool,
}

/// The table of one way.
type Pick = fn(&ByWay<Table>) -> &Table;

/// Who the peer is in the eyes of self's groups.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    /// A member of its groups, in this VPC.
    Kept(VpcId),
    /// Itself, but references do not hold.
    Bare,
    /// A member of its groups, in this VPC, or a stranger.
    Dark(VpcId),
    /// A member of its groups, in this VPC, perhaps.
    Relayed(VpcId),
    /// An interface of this VPC, over the internet.
    Online(VpcId),
    /// A stranger of the network.
    Network,
    /// An address that no interface of this VPC holds.
    Unheld(VpcId),
    /// A stranger of the internet.
    Internet,
}

impl Engine {
    /// What a class may exchange with whom.
    pub(crate) fn lanes(&mut self, direction: Direction, class: &Class) -> Vec<Lane> {
        let mut lanes = Vec::new();
        match class.balancer {
            None => self.lanes_by(direction, class, class.key, &mut lanes),
            // By each way on: what it lets on, and the answers that come back.
            Some(node) => {
                for &onward in self.onwards(node, class.v4).iter() {
                    self.lanes_onward(direction, class, onward, &mut lanes);
                }
            }
        }
        self.finish_lanes(class, &mut lanes);
        lanes
    }

    /// What a node's class may exchange with whom by one way on.
    pub(super) fn lanes_onward(
        &mut self,
        direction: Direction,
        class: &Class,
        onward: Onward,
        lanes: &mut Vec<Lane>,
    ) {
        let before = lanes.len();
        self.lanes_by(direction, class, class.key.handed(onward.forward), lanes);
        let back = self.back(onward.back);
        for lane in lanes.iter_mut().skip(before) {
            lane.reply = lane.reply.intersection(&back.answers, &mut self.sets);
            lane.limited |= back.limited;
        }
    }

    /// Nothing is surer than the class, and of its family.
    pub(super) fn finish_lanes(&mut self, class: &Class, lanes: &mut Vec<Lane>) {
        for lane in lanes.iter_mut() {
            if !class.sure {
                lane.forward = Truth::Maybe.of(&lane.forward);
                lane.reply = Truth::Maybe.of(&lane.reply);
            }
            // What a relay hands on may be of either.
            lane.forward =
                map(lane.forward, &mut self.sets, |space, sets| in_family(space, class.v4, sets));
        }
        lanes.retain(|lane| !lane.forward.is_empty());
    }

    /// The same, filtered by `key`.
    fn lanes_by(
        &mut self,
        direction: Direction,
        class: &Class,
        key: FilterKey,
        lanes: &mut Vec<Lane>,
    ) {
        let own = Own::of(self, direction, class, key);
        own.same_subnet(self, lanes);
        own.estate(self, lanes);
        own.unheld(self, lanes);
        own.network(self, lanes);
        match direction {
            Direction::Ingress => own.internet(self, lanes),
            Direction::Egress => own.outbound(self, lanes),
        }
    }
}

/// Self's side of everything.
pub(super) struct Own<'c> {
    pub(super) direction: Direction,
    pub(super) class: &'c Class,
    pub(super) site: Site,
    pub(super) filter: Arc<Filter>,
    /// The ACL on the way to the port.
    pub(super) acl: Bounds<SpaceId>,
    /// The ACL on the way back, for answers.
    pub(super) acl_back: Bounds<SpaceId>,
    /// What other interfaces may send to the class.
    pub(super) sea: Signature,
    /// What those of the same subnet may send.
    shore: Signature,
}

impl<'c> Own<'c> {
    fn of(engine: &mut Engine, direction: Direction, class: &'c Class, key: FilterKey) -> Self {
        let site = engine.ground.sites[class.subnet];
        let (filter, _) = engine.filter(key, direction);
        let acl = engine.acl(site.acl, direction);
        let back = engine.acl(site.acl, opposite(direction));
        let acl_back = map(back, &mut engine.sets, replies);
        let sea = engine.sea(direction, site.vpc).regions.signature(class.sea);
        let shore = engine.shore(direction, class.subnet).regions.signature(class.shore);
        Self { direction, class, site, filter, acl, acl_back, sea, shore }
    }

    pub(super) fn vpc(&self) -> VpcId {
        self.site.vpc
    }

    /// What self's groups admit of peers who are seen so.
    pub(super) fn admits(&self, engine: &mut Engine, seen: Seen) -> Bounds<SpaceId> {
        // Of one family from the start, so that no set of the other is ever made.
        let family = |space: Bounds<SpaceId>, sets: &mut IpSets| {
            map(space, sets, |space, sets| in_family(space, self.class.v4, sets))
        };
        let mut space = family(self.filter.fixed, &mut engine.sets);
        let ground = &engine.ground;
        for reference in &self.filter.references {
            let sets = &mut engine.sets;
            let members =
                |vpc| ground.members.get(&(reference.group, vpc)).copied().unwrap_or(Bounds::EMPTY);
            let strangers = if reference.loose { Bounds::UNKNOWN } else { Bounds::EMPTY };
            let peers = match seen {
                Seen::Kept(vpc) => members(vpc),
                Seen::Relayed(vpc) => ground.references_hold(vpc, self.vpc()).of(&members(vpc)),
                Seen::Bare => continue,
                // A sender's own groups know whom it sends to.
                Seen::Dark(vpc) => {
                    let kept = ground.references_hold(vpc, self.vpc()).of(&members(vpc));
                    match self.direction {
                        Direction::Ingress => kept.union(&strangers, sets),
                        Direction::Egress => kept,
                    }
                }
                // Whether references hold over the internet is not known.
                Seen::Online(vpc) => Bounds::at_most(members(vpc).possible()),
                Seen::Network => strangers,
                Seen::Unheld(vpc) if ground.may_miss_interfaces(vpc) => Bounds::UNKNOWN,
                Seen::Unheld(vpc) => {
                    // A service that nobody listed may have the address.
                    let perhaps = ground.unlisted_members.get(&(reference.group, vpc));
                    Bounds::at_most(perhaps.copied().unwrap_or(IpSetId::EMPTY))
                }
                Seen::Internet if reference.loose => Bounds::at_most(IpSetId::ALL_V6),
                Seen::Internet => {
                    let members = ground.members_online.get(&reference.group);
                    Bounds::at_most(members.copied().unwrap_or(IpSetId::EMPTY))
                }
            };
            if peers.is_empty() {
                continue;
            }
            let packets = family(reference.packets, sets);
            let more = restrict(packets, peers, sets);
            space = space.union(&more, sets);
        }
        space
    }

    /// The packets of other interfaces to this class, as a table says.
    pub(super) fn offered(
        &self,
        rows: &mut dyn Iterator<Item = &Bounds<SpaceId>>,
        admitted: &Bounds<SpaceId>,
        sets: &mut IpSets,
    ) -> Bounds<SpaceId> {
        let mut all = Bounds::exact(SpaceId::EMPTY);
        for row in rows {
            let both = admitted.intersection(row, sets);
            all = if all.possible() == SpaceId::EMPTY { both } else { all.union(&both, sets) };
        }
        all
    }

    /// Whether rules that name the group mean self.
    pub(super) fn worn(&self, engine: &Engine, group: SecurityGroupId) -> Truth {
        let groups = &engine.ground.component.group_sets[self.class.groups];
        match self.class.contested {
            true => Truth::Maybe,
            false => groups.contains(&group).into(),
        }
    }

    fn same_subnet(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        let shore = engine.shore(self.direction, self.class.subnet);
        let admitted = self.admits(engine, Seen::Kept(self.vpc()));
        let signature = &self.shore;
        for (&back, offer) in &shore.offers {
            let mut forward =
                self.offered(&mut offer.fixed.rows(signature), &admitted, &mut engine.sets);
            for (&group, table) in &offer.references {
                let worn = self.worn(engine, group);
                if worn != Truth::No {
                    let more =
                        self.offered(&mut table.rows(signature), &admitted, &mut engine.sets);
                    forward = forward.union(&worn.of(&more), &mut engine.sets);
                }
            }
            let all = Bounds::exact(SpaceId::REPLIES);
            let reply = match back {
                None => all,
                // As far as they come back to a load balancer's node.
                Some(_) => self.offered(&mut offer.reply.rows(signature), &all, &mut engine.sets),
            };
            lanes.push(Lane {
                audience: Audience::Estate,
                sender: Sender::Held(self.vpc()),
                forward,
                reply,
                limited: engine.back(back).limited,
            });
        }
    }

    /// Interfaces of other subnets, of this VPC and of others.
    fn estate(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        let sea = engine.sea(self.direction, self.vpc());
        for (&(other, back), offer) in &sea.offers {
            let before = lanes.len();
            let passages = match self.direction {
                Direction::Ingress => None,
                Direction::Egress => Some(engine.passages(self.site.road, self.vpc(), other)),
            };
            if passages.as_ref().is_some_and(|passages| passages.is_empty()) {
                continue;
            }
            let through = passages.map(|passages| passages.ways).unwrap_or(ByWay {
                direct: Bounds::ALL,
                bare: Bounds::ALL,
                dark: Bounds::ALL,
                relay: Bounds::ALL,
                internet: Bounds::ALL,
                egress_only: Bounds::ALL,
            });
            self.direct(engine, (other, offer), &through, lanes);
            self.estate_inspected(engine, (other, offer), lanes);
            let shut = self.class.online == Truth::No && self.direction == Direction::Ingress;
            if other != self.vpc() && !self.class.v4 && !shut {
                self.online(engine, (other, offer), &through, lanes);
            }
            let limited = engine.back(back).limited;
            lanes.iter_mut().skip(before).for_each(|lane| lane.limited |= limited);
        }
    }

    fn direct(
        &self,
        engine: &mut Engine,
        (other, offer): (VpcId, &Offer),
        through: &ByWay<Bounds>,
        lanes: &mut Vec<Lane>,
    ) {
        let signature = &self.sea;
        let beside = engine.ground.held_in_subnet[self.class.subnet];
        let mut forward = Bounds::exact(SpaceId::EMPTY);
        let ways: [(Seen, Pick, Bounds); 4] = [
            (Seen::Kept(other), |ways| &ways.direct, through.direct),
            (Seen::Bare, |ways| &ways.bare, through.bare),
            (Seen::Dark(other), |ways| &ways.dark, through.dark),
            (Seen::Relayed(other), |ways| &ways.relay, through.relay),
        ];
        for (seen, table, passage) in ways {
            let none = table(&offer.fixed).is_empty()
                && offer.references.values().all(|ways| table(ways).is_empty());
            if none || passage.is_empty() {
                continue;
            }
            let relayed = matches!(seen, Seen::Relayed(_)) && self.direction == Direction::Ingress;
            let admitted = if relayed {
                engine.relayed_in(&self.filter, &self.site, self.acl, Some(other))
            } else {
                let admitted = self.admits(engine, seen);
                // What comes out of a transit gateway in the subnet itself meets no ACL.
                let next_to_it = matches!(seen, Seen::Dark(_))
                    && self.direction == Direction::Ingress
                    && self.site.attached;
                match next_to_it {
                    true => admitted,
                    false => admitted.intersection(&self.acl, &mut engine.sets),
                }
            };
            let mut admitted = restrict(admitted, passage, &mut engine.sets);
            if matches!(seen, Seen::Dark(_) | Seen::Relayed(_)) {
                // Within the subnet nothing takes such a way.
                let elsewhere = engine.sets.complement(beside);
                if other == self.vpc() {
                    admitted = restrict(admitted, Bounds::exact(elsewhere), &mut engine.sets);
                }
            }
            let sets = &mut engine.sets;
            let mut all = self.offered(&mut table(&offer.fixed).rows(signature), &admitted, sets);
            for (&group, ways) in &offer.references {
                let worn = self.worn(engine, group);
                if worn != Truth::No {
                    let rows = &mut table(ways).rows(signature);
                    let more = self.offered(rows, &admitted, &mut engine.sets);
                    all = all.union(&worn.of(&more), &mut engine.sets);
                }
            }
            if matches!(seen, Seen::Dark(_) | Seen::Relayed(_)) {
                all = Truth::Maybe.of(&all);
            }
            forward = forward.union(&all, &mut engine.sets);
        }
        let over = self.over(engine, (other, &offer.over));
        forward = forward.union(&over, &mut engine.sets);
        if forward.is_empty() {
            return;
        }
        let back = match self.direction {
            Direction::Ingress => engine.ways_back(self.site.road, self.vpc(), other).0,
            Direction::Egress => Bounds::ALL,
        };
        let mine = restrict(self.acl_back, back, &mut engine.sets);
        let reply = self.offered(&mut offer.reply.rows(signature), &mine, &mut engine.sets);
        let over = self.answers_over(engine, (other, &offer.over), &offer.reply);
        let reply = reply.union(&over, &mut engine.sets);
        let sender = Sender::Held(other);
        lanes.push(Lane { audience: Audience::Estate, sender, forward, reply, limited: false });
    }

    /// IPv6 of the estate that leaves through one internet gateway and comes
    /// in through another.
    fn online(
        &self,
        engine: &mut Engine,
        (other, offer): (VpcId, &Offer),
        through: &ByWay<Bounds>,
        lanes: &mut Vec<Lane>,
    ) {
        let unnamed = offer.references.values().all(|ways| ways.internet.is_empty());
        if offer.fixed.internet.is_empty() && unnamed {
            return;
        }
        let signature = &self.sea;
        let (truth, egress_only) = match self.direction {
            Direction::Ingress => (self.arrives(engine), Truth::No),
            Direction::Egress => (self.site.outbound, self.site.translated),
        };
        let admitted = self.admits(engine, Seen::Online(other));
        let sets = &mut engine.sets;
        let all = admitted.intersection(&self.acl, sets);
        let admitted = restrict(truth.of(&all), through.internet, sets);
        let more = restrict(egress_only.of(&all), through.egress_only, sets);
        let admitted = admitted.union(&more, sets);
        let rows = &mut offer.fixed.internet.rows(signature);
        let mut forward = self.offered(rows, &admitted, sets);
        for (&group, ways) in &offer.references {
            if self.worn(engine, group) != Truth::No {
                let rows = &mut ways.internet.rows(signature);
                let more = self.offered(rows, &admitted, &mut engine.sets);
                forward = forward.union(&Truth::Maybe.of(&more), &mut engine.sets);
            }
        }
        if forward.is_empty() {
            return;
        }
        let mine = match self.direction {
            Direction::Ingress => {
                let (_, back) = engine.ways_back(self.site.road, self.vpc(), other);
                restrict(self.acl_back, back, &mut engine.sets)
            }
            Direction::Egress => self.acl_back,
        };
        let rows = &mut offer.reply_internet.rows(signature);
        let reply = self.offered(rows, &mine, &mut engine.sets);
        // IPv6 keeps its addresses: the answer may come home through a transit gateway.
        let over = self.answers_over(engine, (other, &offer.over), &offer.reply);
        let reply = reply.union(&Truth::Maybe.of(&over), &mut engine.sets);
        let sender = Sender::Held(other);
        lanes.push(Lane { audience: Audience::Estate, sender, forward, reply, limited: false });
    }

    /// Whether packets from the internet get as far as the subnet's ACL.
    pub(super) fn arrives(&self, engine: &mut Engine) -> Truth {
        let arrival = engine.ground.arrival[self.vpc()];
        let arrival = arrival.and(self.site.inbound).and(self.handed_in(engine));
        if self.class.v4 { arrival } else { arrival.and(self.class.online) }
    }

    /// Whether the VPC's gateways hand packets for these addresses in.
    pub(super) fn handed_in(&self, engine: &mut Engine) -> Truth {
        let gate = engine.ground.gate[self.vpc()];
        let own = self.own_address_in(engine, gate);
        match own {
            (true, _) => Truth::Yes,
            (false, true) => Truth::Maybe,
            (false, false) => Truth::No,
        }
    }

    fn unheld(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        let (online, answered) = self.online_peers(engine);
        let vpcs: Vec<VpcId> = engine.ground.component.vpcs.ids().collect();
        for vpc in vpcs {
            // An address that no interface holds sends or takes nothing, unless
            // it is one that the source does not show.
            let outbound = self.direction == Direction::Egress;
            if outbound && !engine.ground.may_miss_interfaces(vpc) {
                continue;
            }
            // Of a VPC that was not seen only self's own addresses count.
            let within = match engine.ground.component.vpcs[vpc].seen {
                true => engine.ground.blocks[vpc],
                false => IpSetId::ALL,
            };
            let (over, answered_over) = self.unheld_over(engine, vpc);
            let back = match self.direction {
                Direction::Ingress => {
                    let passages = engine.passages(self.site.road, self.vpc(), vpc);
                    let ways = passages.ways;
                    let sets = &mut engine.sets;
                    let direct = ways.direct.union(&ways.bare, sets);
                    let inspected = sets.union_all(passages.inspected.values().copied());
                    let inspected = Bounds::at_most(inspected);
                    let other = ways.dark.union(&ways.relay, sets).union(&inspected, sets);
                    direct.union(&Bounds::at_most(other.possible()), sets)
                }
                Direction::Egress => {
                    let passages = engine.passages(self.site.road, self.vpc(), vpc);
                    let sets = &mut engine.sets;
                    let [a, b, c, d, ..] = passages.ways.as_array();
                    let inspected = sets.union_all(passages.inspected.values().copied());
                    let all = a.union(b, sets).union(c, sets).union(d, sets);
                    let all = all.union(&Bounds::at_most(inspected), sets);
                    Bounds::at_most(all.union(&over, sets).possible())
                }
            };
            let other = vpc != self.vpc();
            let (online, answered) = match (other, self.direction) {
                (false, _) => (IpSetId::EMPTY, IpSetId::EMPTY),
                (true, Direction::Ingress) => (online, answered),
                (true, Direction::Egress) => self.online_to(engine, vpc),
            };
            if other && back.is_empty() && online.is_empty() && over.is_empty() {
                continue;
            }
            let admitted = self.admits(engine, Seen::Unheld(vpc));
            // Somebody may hold it whose groups send nothing.
            let held = match engine.ground.may_miss_interfaces(vpc) {
                true => Truth::Maybe,
                false => Truth::Yes,
            };
            let sender = Sender::Unheld(vpc);
            let audience = Audience::Estate;
            let sets = &mut engine.sets;
            // Nobody's table is judged but self's, so it says whether the
            // peer is joined to self at all.
            let joined = back.union(&over, sets);
            let across = Bounds::exact(within).intersection(&joined, sets);
            // Over the internet it does not say that the other VPC has a way out.
            let mut across = across.union(&Bounds::at_most(online), sets);
            let back = back.union(&Bounds::at_most(answered), sets);
            if !other {
                let beside = self.beside(engine);
                let sets = &mut engine.sets;
                let peers = Bounds::exact(within).intersection(&beside, sets);
                let forward = held.of(&restrict(admitted, peers, sets));
                let reply = Bounds::exact(SpaceId::REPLIES);
                lanes.push(Lane { audience, sender, forward, reply, limited: false });
                // Where the subnet ends is not known: certain is what passes both ways.
                if beside.is_exact() {
                    across = across.minus(&beside, sets);
                }
            }
            let sets = &mut engine.sets;
            let passed = admitted.intersection(&self.acl, sets);
            let mut forward = held.of(&restrict(passed, across, sets));
            if self.site.attached && self.direction == Direction::Ingress {
                let uncrossed = Bounds::at_most(admitted.possible());
                let uncrossed = restrict(uncrossed, joined, sets);
                forward = forward.union(&held.of(&uncrossed), sets);
            }
            let reply = match self.direction {
                Direction::Ingress => {
                    restrict(self.acl_back, back, sets).union(&answered_over, sets)
                }
                Direction::Egress => restrict(self.home(sets), back, sets),
            };
            lanes.push(Lane { audience, sender, forward, reply, limited: false });
        }
        self.elsewhere(engine, (online, answered), lanes);
    }

    /// The addresses of the subnet itself.
    fn beside(&self, engine: &mut Engine) -> Bounds {
        let subnet = &engine.ground.component.subnets[self.class.subnet];
        if !subnet.seen || subnet.contested {
            return Bounds::UNKNOWN;
        }
        let block = IpSet {
            v4: subnet.ipv4.iter().copied().collect(),
            v6: subnet.ipv6.iter().copied().collect(),
        };
        Bounds::exact(engine.sets.intern(block))
    }

    /// Hosts of the network beyond everything that was seen.
    fn network(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        let beyond = engine.network_set(self.site.road, self.vpc());
        let mut peers = engine.sets.difference(beyond, engine.ground.seen_blocks);
        if self.direction == Direction::Egress {
            let translated = engine.ground.nat64_set(self.site.road, &mut engine.sets);
            peers = engine.sets.union(peers, translated);
            let translated = engine.ground.translated_set(self.site.road, &mut engine.sets);
            let sets = &mut engine.sets;
            let translated = sets.difference(translated, engine.ground.seen_blocks);
            peers = sets.union(peers, translated);
        }
        self.strangers(engine, (peers, peers), (Seen::Network, Audience::Network), lanes);
        self.hidden_neighbours(engine, lanes);
    }

    /// Where the blocks of self's VPC were not seen, an address of its subnet
    /// counts as anybody's, and is a neighbour all the same: no ACL between.
    fn hidden_neighbours(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        if self.direction == Direction::Egress || engine.ground.component.vpcs[self.vpc()].seen {
            return;
        }
        let beside = self.beside(engine).possible();
        let peers = engine.sets.difference(beside, engine.ground.seen_blocks);
        if peers.is_empty() {
            return;
        }
        let admitted = self.admits(engine, Seen::Network);
        let forward = restrict(admitted, Bounds::at_most(peers), &mut engine.sets);
        let reply = Bounds::exact(SpaceId::REPLIES);
        let (audience, sender) = (Audience::Network, Sender::Outside);
        lanes.push(Lane { audience, sender, forward, reply, limited: false });
    }

    pub(super) fn strangers(
        &self,
        engine: &mut Engine,
        (peers, answered): (IpSetId, IpSetId),
        (seen, audience): (Seen, Audience),
        lanes: &mut Vec<Lane>,
    ) {
        if peers.is_empty() {
            return;
        }
        let admitted = self.admits(engine, seen);
        let sets = &mut engine.sets;
        // What comes out of a transit gateway in the subnet itself meets no ACL.
        let next_to_it = self.site.attached && matches!(seen, Seen::Network);
        let (passed, back) = match self.direction {
            Direction::Ingress if next_to_it => (Bounds::exact(SpaceId::EVERYTHING), self.acl_back),
            Direction::Ingress => (self.acl, self.acl_back),
            Direction::Egress => (self.acl, self.home(sets)),
        };
        let admitted = admitted.intersection(&passed, sets);
        let forward = restrict(admitted, Bounds::at_most(peers), sets);
        let reply = restrict(back, Bounds::exact(answered), sets);
        let sender = Sender::Outside;
        lanes.push(Lane { audience, sender, forward, reply, limited: false });
    }

    /// The answers that the subnet's ACL lets in, on a way that may end in the subnet
    /// itself if a transit gateway has an interface there.
    pub(super) fn home(&self, sets: &mut IpSets) -> Bounds<SpaceId> {
        match self.site.attached {
            true => Bounds::between(self.acl_back.certain(), SpaceId::REPLIES, sets),
            false => self.acl_back,
        }
    }

    /// Strangers of the internet who open a connection.
    fn internet(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        if !self.class.public {
            return;
        }
        if let Some(endpoint) = self.gate_inspection(engine) {
            self.internet_inspected(engine, endpoint, lanes);
            return;
        }
        let truth = self.arrives(engine);
        if truth == Truth::No {
            return;
        }
        let back = engine.internet_back(self.site.road, self.vpc(), true);
        let admitted = self.admitted_online(engine);
        let sets = &mut engine.sets;
        let universe = Bounds::exact(engine.ground.internet);
        let forward = restrict(truth.of(&admitted), universe, sets);
        let reply = restrict(self.acl_back, back, sets);
        let (audience, sender) = (Audience::Internet, Sender::Outside);
        lanes.push(Lane { audience, sender, forward, reply, limited: false });
    }

    /// What self's groups and ACL let through of the internet.
    pub(super) fn admitted_online(&self, engine: &mut Engine) -> Bounds<SpaceId> {
        let admitted = self.admits(engine, Seen::Internet);
        admitted.intersection(&self.acl, &mut engine.sets)
    }
}

impl Own<'_> {
    /// Whether the addresses of the class are certainly, and possibly, in a set
    /// that divides addresses.
    pub(super) fn own_address_in(&self, engine: &mut Engine, set: Bounds) -> (bool, bool) {
        let own = engine.sea(self.direction, self.vpc()).own;
        let cut = |engine: &mut Engine, set: IpSetId| {
            let cut = engine.sets.intersection(set, own);
            set == IpSetId::ALL || self.sea.holds(cut)
        };
        (cut(engine, set.certain()), cut(engine, set.possible()))
    }
}
