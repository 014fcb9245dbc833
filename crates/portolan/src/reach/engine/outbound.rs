//! The way out: which destinations on the internet a class may open connections to.
//!
//! Through an internet gateway, a NAT gateway, an egress-only internet gateway
//! or a gateway endpoint, whichever the subnet's table names for the
//! destination. A NAT gateway stands in a subnet of its own, whose ACL and
//! table are asked too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Engine;
use super::crossing::{Building, Crossing};
use super::filter::replies;
use super::lane::{Lane, Own, Sender};
use super::route::{Hop, Routes};
use super::sea::{map, restrict};
use super::table::{Table, TableBuilder};
use super::transit::Leg;
use super::truth::Truth;
use crate::model::{
    Direction, NatConnectivity, NatGatewayId, NatState, RouteTarget, SubnetId, VpcEndpointId,
    VpcEndpointKind, VpcId,
};
use crate::net::{
    Bounds, CLIENT_PORTS, HeaderSpace, IpSetId, IpSets, Match, PortRange, Protocol, Segment,
    SpaceId,
};
use crate::record::Audience;

/// What a hop lets through, to and from the internet.
struct Exit {
    forward: Bounds<SpaceId>,
    /// The answers; `sure` those that come whatever port a NAT gateway picks.
    reply: Bounds<SpaceId>,
    /// The same, if it picked the worst port.
    worst: Option<Bounds<SpaceId>>,
    home: Home,
}

/// How answers get into the sender's subnet.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Home {
    /// Past its ACL.
    Asked,
    /// By a way that was not seen.
    Dark,
    /// What its ACL says is in the answers.
    Known,
}

/// The ACL of a NAT gateway's subnet and the way home from it, by own address.
#[derive(Debug)]
pub(crate) struct Translator {
    /// Packets that it lets in.
    pub(crate) forward: Table,
    /// Answers that it lets out.
    pub(crate) reply: Table,
    /// Answers that come home from it through transit gateways.
    pub(crate) home: Crossing<Table>,
}

impl Engine {
    /// The NAT gateways that tables of a VPC's subnets name.
    pub(super) fn translators(
        &mut self,
        vpc: VpcId,
        own: IpSetId,
    ) -> BTreeMap<NatGatewayId, Translator> {
        let mut named = BTreeSet::new();
        for site in self.ground.sites.iter().filter(|site| site.vpc == vpc) {
            let Some(regions) = self.ground.road_regions(site.road) else { continue };
            for hop in regions.iter().flat_map(|(hops, _)| hops) {
                match *hop {
                    Hop::To { target: RouteTarget::NatGateway(nat), .. }
                    | Hop::Over { target: RouteTarget::NatGateway(nat), .. } => {
                        named.insert(nat);
                    }
                    Hop::To { .. }
                    | Hop::Over { .. }
                    | Hop::Inspected { .. }
                    | Hop::Nowhere
                    | Hop::Dropped => {}
                }
            }
        }
        let mut all = BTreeMap::new();
        for nat in named {
            let Some(subnet) = self.ground.component.nat_gateways[nat].subnet else { continue };
            let site = self.ground.sites[subnet];
            let acl = site.acl;
            let home = match site.vpc == vpc {
                true => Crossing::default(),
                false => self.way_home(subnet, vpc, own),
            };
            let (into, out) = (self.acl(acl, Direction::Ingress), self.acl(acl, Direction::Egress));
            // Within the VPC its subnet's table leads them home.
            let bare = site.table.and_then(|table| self.ground.bare_roads.get(&table).copied());
            let road = bare.or(site.road);
            let led = match site.vpc == vpc {
                true => self.ground.ways_back(road, vpc, vpc, &mut self.sets).0,
                false => Bounds::ALL,
            };
            let sets = &mut self.sets;
            let (mut forward, mut reply) = (TableBuilder::default(), TableBuilder::default());
            forward.add(into, Bounds::ALL);
            let answers = map(out, sets, replies);
            reply.add(restrict(answers, led, sets), Bounds::ALL);
            let (forward, reply) = (forward.finish(own, sets), reply.finish(own, sets));
            let translator = Translator { forward, reply, home };
            all.insert(nat, translator);
        }
        all
    }

    /// The answers that come from a NAT gateway's subnet to own addresses of another VPC.
    fn way_home(&mut self, subnet: SubnetId, vpc: VpcId, own: IpSetId) -> Crossing<Table> {
        let site = self.ground.sites[subnet];
        let passages = self.passages(site.road, site.vpc, vpc);
        let out = self.acl(site.acl, Direction::Egress);
        let answers = map(out, &mut self.sets, replies);
        let mut building = Building::default();
        for over in &passages.over {
            self.build_answers(over, answers, Bounds::ALL, &mut building);
        }
        let mut home = self.finish_crossings(building, own).reply;
        let ways = &passages.ways;
        let sets = &mut self.sets;
        let unseen = sets.union(ways.dark.possible(), ways.relay.possible());
        let mut table = TableBuilder::default();
        table.add(restrict(answers, Bounds::at_most(unseen), sets), Bounds::ALL);
        home.landed.merge(table.finish(own, sets), sets);
        home
    }
}

impl Own<'_> {
    pub(super) fn outbound(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        let admitted = self.admitted_online(engine);
        let universe = Bounds::exact(engine.ground.internet);
        let admitted = restrict(admitted, universe, &mut engine.sets);
        let known = engine.ground.road_regions(self.site.road).map(<[_]>::to_vec);
        let Some(regions) = known else {
            let exit = Exit::unknown();
            self.leave(engine, &admitted, &exit, lanes);
            return;
        };
        for (hops, region) in regions {
            let here = restrict(admitted, Bounds::exact(region), &mut engine.sets);
            if here.is_empty() {
                continue;
            }
            let exits: Vec<Option<Exit>> = hops.iter().map(|hop| self.exit(engine, hop)).collect();
            if let [Some(exit)] = exits.as_slice() {
                self.leave(engine, &here, exit, lanes);
                continue;
            }
            // One of several ways: certain is only what passes on all of them.
            for exit in exits.iter().flatten() {
                let possible = Exit {
                    forward: Truth::Maybe.of(&exit.forward),
                    reply: exit.reply,
                    worst: None,
                    home: exit.home,
                };
                self.leave(engine, &here, &possible, lanes);
            }
            if let Some(all) = exits.into_iter().collect::<Option<Vec<Exit>>>()
                && let Some(both) = all_of(all, self.acl_back, &mut engine.sets)
            {
                self.leave(engine, &here, &both, lanes);
            }
        }
    }

    fn leave(
        &self,
        engine: &mut Engine,
        admitted: &Bounds<SpaceId>,
        exit: &Exit,
        lanes: &mut Vec<Lane>,
    ) {
        let sets = &mut engine.sets;
        let forward = admitted.intersection(&exit.forward, sets);
        let mine = match exit.home {
            Home::Asked => self.acl_back,
            Home::Dark => self.home(sets),
            Home::Known => Bounds::exact(SpaceId::REPLIES),
        };
        let mut lane = |reply: &Bounds<SpaceId>, limited: bool| {
            let reply = mine.intersection(reply, sets);
            let (audience, sender) = (Audience::Internet, Sender::Outside);
            lanes.push(Lane { audience, sender, forward, reply, limited });
        };
        match &exit.worst {
            Some(worst) if *worst != exit.reply => {
                lane(worst, false);
                lane(&exit.reply, true);
            }
            Some(_) | None => lane(&exit.reply, false),
        }
    }

    fn exit(&self, engine: &mut Engine, hop: &Hop) -> Option<Exit> {
        if let Hop::Over { leg, target: RouteTarget::NatGateway(nat), sure } = *hop {
            return self.translated_over(engine, leg, nat, sure);
        }
        if let Hop::Inspected { endpoint, target } = *hop {
            return self.inspected_exit(engine, endpoint, target);
        }
        let Hop::To { target, sure, listed } = *hop else { return None };
        let sure = if sure { Truth::Yes } else { Truth::Maybe };
        let vpc = self.site.vpc;
        let (mut exit, truth) = match target {
            RouteTarget::InternetGateway(gateway) => {
                let public = Truth::from(!self.class.v4 || self.class.public);
                let at = engine.ground.gateway_at(gateway, vpc);
                let mut exit = Exit::open();
                // The table of a gateway that was not seen is not known either.
                if at == Truth::Yes {
                    exit.reply = self.handed_in(engine).of(&exit.reply);
                }
                (exit, at.and(public).and(self.site.outbound))
            }
            RouteTarget::EgressOnlyInternetGateway(gateway) => {
                let at = engine.ground.egress_only_at(gateway, vpc);
                let family = Truth::from(!self.class.v4);
                (Exit::open(), at.and(family).and(self.site.translated))
            }
            RouteTarget::NatGateway(nat) if self.class.v4 => {
                (self.translated(engine, nat, self.class.subnet)?, Truth::Yes)
            }
            RouteTarget::NatGateway(_) => return None,
            RouteTarget::VpcEndpoint(endpoint) => {
                let endpoint = &engine.ground.component.vpc_endpoints[endpoint];
                if endpoint.kind == VpcEndpointKind::Gateway && listed {
                    let available = endpoint.available.map_or(Truth::Maybe, Truth::from);
                    (Exit::endpoint(&mut engine.sets), available)
                } else {
                    (Exit::unknown(), Truth::Yes)
                }
            }
            RouteTarget::NetworkInterface(relay) => {
                let at = engine.ground.relayed(relay);
                let mut exit = Exit::unknown();
                exit.forward = restrict(exit.forward, Bounds::exact(at), &mut engine.sets);
                (exit, Truth::Yes)
            }
            RouteTarget::TransitGateway(_) | RouteTarget::VpnGateway(_) | RouteTarget::Other(_) => {
                (Exit::dark(), Truth::Yes)
            }
            RouteTarget::VpcPeeringConnection(peering) => {
                let at = engine.ground.unseen_peer(peering, vpc);
                let mut exit = Exit::unknown();
                exit.forward = restrict(exit.forward, Bounds::exact(at), &mut engine.sets);
                (exit, Truth::Yes)
            }
            RouteTarget::Local => return None,
        };
        exit.forward = truth.and(sure).of(&exit.forward);
        (!exit.forward.is_empty()).then_some(exit)
    }

    /// Out through a firewall and an internet gateway.
    fn inspected_exit(
        &self,
        engine: &mut Engine,
        endpoint: VpcEndpointId,
        target: RouteTarget,
    ) -> Option<Exit> {
        if target == RouteTarget::Local || !self.class.v4 || !self.class.public {
            return None;
        }
        let (forward, answers) = self.inspects(engine, endpoint);
        let forward = self.site.outbound.of(&forward);
        let mut exit = Exit { forward, ..Exit::open() };
        exit.reply = match self.gate_inspection(engine) {
            Some(back) if back == endpoint => answers,
            // By another way than it went.
            Some(_) | None => Truth::Maybe.of(&self.handed_in(engine).of(&exit.reply)),
        };
        (!exit.forward.is_empty()).then_some(exit)
    }

    /// Through a NAT gateway behind transit gateways.
    fn translated_over(
        &self,
        engine: &mut Engine,
        leg: Leg,
        id: NatGatewayId,
        sure: bool,
    ) -> Option<Exit> {
        let landing = leg.landing.filter(|_| self.class.v4)?;
        let mut exit = self.translated(engine, id, landing)?;
        let nat = &engine.ground.component.nat_gateways[id];
        // One of the own VPC answers within it.
        exit.home = if nat.vpc == self.vpc() { Home::Asked } else { Home::Known };
        if nat.subnet.is_none() {
            exit.reply = Bounds::at_most(SpaceId::REPLIES);
        }
        let entered = self.own_entry(engine, &[leg]);
        let acl = engine.acl(engine.ground.sites[landing].acl, Direction::Egress);
        let sets = &mut engine.sets;
        let forward = exit.forward.intersection(&entered, sets).intersection(&acl, sets);
        let sure = if sure { Truth::Yes } else { Truth::Maybe };
        exit.forward = sure.of(&forward);
        (!exit.forward.is_empty()).then_some(exit)
    }

    /// Through a NAT gateway, and its subnet's ACL and table, from a subnet's router.
    fn translated(&self, engine: &mut Engine, id: NatGatewayId, from: SubnetId) -> Option<Exit> {
        let component = Arc::clone(&engine.ground.component);
        let nat = &component.nat_gateways[id];
        let works = match nat.state {
            _ if !nat.seen => Truth::Maybe,
            NatState::Available => Truth::Yes,
            NatState::Unknown => Truth::Maybe,
            NatState::Gone => return None,
        };
        let carried = engine.sets.intern_space(carried());
        let Some(subnet) = nat.subnet else {
            return Some(Exit { forward: Bounds::at_most(carried), ..Exit::open() });
        };
        if subnet == from {
            return None;
        }
        let sea = engine.sea(Direction::Egress, self.site.vpc);
        let translator = sea.translators.get(&id)?;
        let sets = &mut engine.sets;
        let into = union(translator.forward.rows(&self.sea), sets);
        let into = into.intersection(&Bounds::exact(carried), sets);
        let site = engine.ground.sites[subnet];
        let back = match site.vpc == self.vpc() {
            true => union(translator.reply.rows(&self.sea), sets),
            false => {
                let asked = union(translator.home.asked.rows(&self.sea), sets);
                let asked = asked.intersection(&self.acl_back, sets);
                let landed = union(translator.home.landed.rows(&self.sea), sets);
                asked.union(&landed, sets)
            }
        };
        let answers = engine.acl(site.acl, Direction::Ingress);
        let sets = &mut engine.sets;
        let best = map(answers, sets, |space, sets| any_port(space, Pick::Best, sets));
        let worst = map(answers, sets, |space, sets| any_port(space, Pick::Worst, sets));
        let reply = back.intersection(&best, sets);
        let worst = back.intersection(&worst, sets);
        match nat.connectivity {
            NatConnectivity::Public => {}
            NatConnectivity::Private => {
                let dropped = engine.dropped_when_private(subnet);
                let elsewhere = engine.sets.complement(dropped);
                let forward = restrict(into, Bounds::at_most(elsewhere), &mut engine.sets);
                return Some(Exit { forward, reply, ..Exit::open() });
            }
            NatConnectivity::Unknown => {
                return Some(Exit { forward: Truth::Maybe.of(&into), reply, ..Exit::open() });
            }
        }
        let vpc = nat.vpc;
        let out = engine.acl(site.acl, Direction::Egress);
        // What lies behind a transit gateway there is not looked at.
        let bare = site.table.and_then(|table| engine.ground.bare_roads.get(&table).copied());
        let leads = engine.internet_back(bare.or(site.road), vpc, true);
        let sets = &mut engine.sets;
        let forward = restrict(into.intersection(&out, sets), leads, sets);
        let forward = works.and(site.translated).of(&forward);
        Some(Exit { forward, reply, worst: Some(worst), home: Home::Asked })
    }
}

impl Engine {
    /// The addresses for which a subnet's table has nothing but an internet gateway.
    fn dropped_when_private(&mut self, subnet: SubnetId) -> IpSetId {
        let site = self.ground.sites[subnet];
        let Some(Routes::Known(regions)) = site.table.map(|table| &self.ground.routes[table])
        else {
            return IpSetId::EMPTY;
        };
        let internet = |hop: &Hop| match hop {
            Hop::Nowhere | Hop::Dropped => true,
            Hop::To { target, .. } => {
                matches!(target, RouteTarget::InternetGateway(_) | RouteTarget::Local)
            }
            Hop::Over { .. } | Hop::Inspected { .. } => false,
        };
        let sure = regions.iter().filter(|(hops, _)| hops.iter().all(internet));
        let sure: Vec<IpSetId> = sure.map(|&(_, region)| region).collect();
        self.sets.union_all(sure)
    }
}

impl Exit {
    fn open() -> Self {
        Self {
            forward: Bounds::exact(SpaceId::EVERYTHING),
            reply: Bounds::exact(SpaceId::REPLIES),
            worst: None,
            home: Home::Asked,
        }
    }

    fn unknown() -> Self {
        Self { forward: Bounds::at_most(SpaceId::EVERYTHING), ..Self::open() }
    }

    /// Through what was not seen, perhaps a transit gateway.
    fn dark() -> Self {
        Self { home: Home::Dark, ..Self::unknown() }
    }

    /// S3 or DynamoDB: TCP, and echo requests.
    fn endpoint(sets: &mut IpSets) -> Self {
        let mut forward =
            HeaderSpace::of(&Match::Ports(Protocol::Tcp, PortRange::ALL), IpSetId::ALL);
        let echo = Protocol::Icmp.icmp_replies().first().map(|&(request, _)| Segment {
            ports: PortRange::single(request),
            peers: IpSetId::ALL,
        });
        forward.icmp = echo.into_iter().collect();
        Self { forward: Bounds::exact(sets.intern_space(forward)), ..Self::open() }
    }
}

/// What a NAT gateway translates.
fn carried() -> HeaderSpace {
    let mut space = HeaderSpace::everything();
    space.icmpv6.clear();
    space.other = IpSetId::EMPTY;
    space
}

fn union<'t>(
    rows: impl Iterator<Item = &'t Bounds<SpaceId>>,
    sets: &mut IpSets,
) -> Bounds<SpaceId> {
    let mut all = Bounds::exact(SpaceId::EMPTY);
    for row in rows {
        all = all.union(row, sets);
    }
    all
}

/// What passes on every one of several ways, if they let anything through. `asked`: what
/// the sender's ACL says of answers.
fn all_of(mut exits: Vec<Exit>, asked: Bounds<SpaceId>, sets: &mut IpSets) -> Option<Exit> {
    // What the ACL says goes into the answers where not all ways end alike.
    if exits.iter().any(|exit| exit.home == Home::Known) {
        for exit in exits.iter_mut().filter(|exit| exit.home != Home::Known) {
            exit.reply = exit.reply.intersection(&asked, sets);
            exit.worst = exit.worst.map(|worst| worst.intersection(&asked, sets));
            exit.home = Home::Known;
        }
    }
    let mut exits = exits.into_iter();
    let mut all = exits.next()?;
    for exit in exits {
        all.forward = all.forward.intersection(&exit.forward, sets);
        let worst = match (&all.worst, &exit.worst) {
            (None, None) => None,
            (one, other) => Some(
                one.as_ref()
                    .unwrap_or(&all.reply)
                    .intersection(other.as_ref().unwrap_or(&exit.reply), sets),
            ),
        };
        all.worst = worst;
        all.reply = all.reply.intersection(&exit.reply, sets);
    }
    // The other ways may take more, which is said elsewhere.
    let certain = all.forward.certain();
    all.forward = Bounds::exact(certain);
    (!all.forward.is_empty()).then_some(all)
}

#[derive(Clone, Copy)]
enum Pick {
    Best,
    Worst,
}

/// The answers to a NAT gateway that picks the port: to any client port if to
/// the best, or the worst, that it may pick.
fn any_port(space: SpaceId, pick: Pick, sets: &mut IpSets) -> SpaceId {
    let answers = replies(space, sets);
    let mut all = sets.space(answers).clone();
    for slot in [&mut all.tcp, &mut all.udp] {
        let peers = match pick {
            Pick::Best => sets.union_all(slot.iter().map(|segment| segment.peers)),
            Pick::Worst => {
                let width: u32 = slot.iter().map(|segment| segment.ports.size()).sum();
                let whole =
                    if width == CLIENT_PORTS.size() { IpSetId::ALL } else { IpSetId::EMPTY };
                slot.iter().fold(whole, |all, segment| sets.intersection(all, segment.peers))
            }
        };
        slot.clear();
        if !peers.is_empty() {
            slot.push(Segment { ports: CLIENT_PORTS, peers });
        }
    }
    sets.intern_space(all)
}
