//! The way out: which destinations on the internet a class may open connections to.
//!
//! Through an internet gateway, a NAT gateway, an egress-only internet gateway
//! or a gateway endpoint, whichever the subnet's table names for the
//! destination. A NAT gateway stands in a subnet of its own, whose ACL and
//! table are asked too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Engine;
use super::filter::replies;
use super::lane::{Lane, Own, Sender};
use super::route::{Hop, Routes};
use super::sea::{map, restrict};
use super::table::{Table, TableBuilder};
use super::truth::Truth;
use crate::model::{
    Direction, NatConnectivity, NatGatewayId, NatState, RouteTarget, SubnetId, VpcEndpointKind,
    VpcId,
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
}

/// The ACL of a NAT gateway's subnet, by own address.
#[derive(Debug)]
pub(crate) struct Translator {
    /// Packets that it lets in.
    pub(crate) forward: Table,
    /// Answers that it lets out.
    pub(crate) reply: Table,
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
            let Some(Routes::Known(regions)) = site.table.map(|table| &self.ground.routes[table])
            else {
                continue;
            };
            for hop in regions.iter().flat_map(|(hops, _)| hops) {
                if let Hop::To { target: RouteTarget::NatGateway(nat), .. } = *hop {
                    named.insert(nat);
                }
            }
        }
        let mut all = BTreeMap::new();
        for nat in named {
            let Some(subnet) = self.ground.component.nat_gateways[nat].subnet else { continue };
            let acl = self.ground.sites[subnet].acl;
            let (into, out) = (self.acl(acl, Direction::Ingress), self.acl(acl, Direction::Egress));
            let sets = &mut self.sets;
            let (mut forward, mut reply) = (TableBuilder::default(), TableBuilder::default());
            forward.add(into, Bounds::ALL);
            reply.add(map(out, sets, replies), Bounds::ALL);
            let translator =
                Translator { forward: forward.finish(own, sets), reply: reply.finish(own, sets) };
            all.insert(nat, translator);
        }
        all
    }
}

impl Own<'_> {
    pub(super) fn outbound(&self, engine: &mut Engine, lanes: &mut Vec<Lane>) {
        let admitted = self.admitted_online(engine);
        let universe = Bounds::exact(engine.ground.internet);
        let admitted = restrict(admitted, universe, &mut engine.sets);
        let known = self.site.table.map(|table| engine.ground.routes[table].clone());
        let Some(Routes::Known(regions)) = known else {
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
                };
                self.leave(engine, &here, &possible, lanes);
            }
            if let Some(all) = exits.into_iter().collect::<Option<Vec<Exit>>>()
                && let Some(both) = all_of(all, &mut engine.sets)
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
        let mut lane = |reply: &Bounds<SpaceId>, limited: bool| {
            let reply = self.acl_back.intersection(reply, sets);
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
                (self.translated(engine, nat)?, Truth::Yes)
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
                (Exit::unknown(), Truth::Yes)
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

    /// Through a NAT gateway, and its subnet's ACL and table.
    fn translated(&self, engine: &mut Engine, id: NatGatewayId) -> Option<Exit> {
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
        if subnet == self.class.subnet {
            return None;
        }
        let sea = engine.sea(Direction::Egress, self.site.vpc);
        let translator = sea.translators.get(&id)?;
        let sets = &mut engine.sets;
        let into = union(translator.forward.rows(&self.sea), sets);
        let into = into.intersection(&Bounds::exact(carried), sets);
        let back = union(translator.reply.rows(&self.sea), sets);
        let site = engine.ground.sites[subnet];
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
                return Some(Exit { forward, reply, worst: None });
            }
            NatConnectivity::Unknown => {
                return Some(Exit { forward: Truth::Maybe.of(&into), reply, worst: None });
            }
        }
        let vpc = nat.vpc;
        let out = engine.acl(site.acl, Direction::Egress);
        let leads = engine.internet_back(site.table, vpc, true);
        let sets = &mut engine.sets;
        let forward = restrict(into.intersection(&out, sets), leads, sets);
        let forward = works.and(site.translated).of(&forward);
        Some(Exit { forward, reply, worst: Some(worst) })
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
        }
    }

    fn unknown() -> Self {
        Self { forward: Bounds::at_most(SpaceId::EVERYTHING), ..Self::open() }
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

/// What passes on every one of several ways, if they let anything through.
fn all_of(exits: Vec<Exit>, sets: &mut IpSets) -> Option<Exit> {
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
