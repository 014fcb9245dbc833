//! The walk: hop by hop, from those who were reached last to whom they open.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::doors::{Edge, Land};
use super::outside::{Callers, Calling, Member, Ports};
use super::{Spot, strangers};
use crate::model::{ComponentId, Network, NetworkInterfaceId, VpcId};
use crate::net::{IpSet, IpSetId};
use crate::reach::engine::{Sender, addresses, join};
use crate::reach::place::{Selector, Zones};
use crate::record::Certainty;

/// Who is in the attacker's hands from the start.
pub(super) struct Start {
    /// Interfaces.
    pub(super) held: BTreeSet<Spot>,
    /// Addresses that no interface of those holds.
    pub(super) strangers: IpSet,
}

impl Start {
    pub(super) fn of(network: &Network, from: &[Selector], zones: &Zones) -> Self {
        let held: BTreeSet<Spot> =
            from.iter().flat_map(|it| it.interfaces(network, zones)).collect();
        let strangers = from.iter().map(|it| strangers(network, it, zones));
        let strangers = strangers.fold(IpSet::empty(), |all, more| all.union(&more));
        let mut own = Vec::new();
        for &(component, interface) in &held {
            let interface = network.components[component].interface(interface);
            own.push(addresses(interface));
            let public = interface.ipv4().iter().filter_map(|held| held.public);
            own.push(IpSet {
                v4: public.map(|public| (public, public)).collect(),
                ..IpSet::default()
            });
        }
        // An address that an interface holds sends as that interface may.
        let strangers = match from.iter().any(|it| matches!(it, Selector::Internet)) {
            true => strangers,
            false => strangers.difference(&join(&own)),
        };
        Self { strangers, ..Self::holding(network, held) }
    }

    /// Somebody's whole hosts, not one of their interfaces.
    pub(super) fn holding(network: &Network, mut held: BTreeSet<Spot>) -> Self {
        for (id, component) in network.components.entries() {
            let hosts: BTreeSet<_> = held
                .range((id, first())..)
                .take_while(|(of, _)| *of == id)
                .filter_map(|&(_, at)| component.interface(at).instance())
                .collect();
            let own = component.interfaces.iter().filter(|it| {
                it.seen() && it.instance().is_some_and(|instance| hosts.contains(&instance))
            });
            held.extend(own.map(|it| (id, it.index())));
        }
        Self { held, strangers: IpSet::empty() }
    }
}

fn first() -> NetworkInterfaceId {
    <NetworkInterfaceId as crate::model::Id>::from_index(0)
}

/// How somebody got somewhere.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// After so many hops.
    pub(super) hops: u32,
    /// How; `None`: he was there from the start.
    pub(super) came: Option<Came>,
}

/// One hop.
#[derive(Clone, Debug)]
pub(super) struct Came {
    /// The component of the door, and the door.
    pub(super) door: (ComponentId, usize),
    /// The interface of the host that was reached.
    pub(super) to: NetworkInterfaceId,
    /// Who opened it.
    pub(super) from: Opener,
}

/// Who opened a door.
#[derive(Clone, Debug)]
pub(super) enum Opener {
    /// Somebody who is no host of the estate, from this address.
    Stranger(IpAddr),
    /// A host of the component, from this address.
    Inside(NetworkInterfaceId, IpAddr),
    /// A host, by its packets outside of the component.
    Outside(Spot, Vec<Ports>),
}

/// Who was reached.
pub(super) struct Spread {
    pub(super) arrivals: BTreeMap<Spot, Arrival>,
}

impl Spread {
    pub(super) fn hops(&self) -> BTreeMap<Spot, u32> {
        self.arrivals.iter().map(|(&spot, arrival)| (spot, arrival.hops)).collect()
    }

    /// Walks until nobody new is reached.
    pub(super) fn of(lands: &mut [Land], start: &Start, most: Option<u32>, certain: bool) -> Self {
        let mut spread = Self { arrivals: BTreeMap::new() };
        let mut callers = Callers::default();
        let mut shut: Vec<Vec<usize>> =
            lands.iter().map(|land| (0..land.doors.len()).collect()).collect();
        let mut new: Vec<Spot> = Vec::new();
        for land in lands.iter() {
            for &(id, interface) in start.held.range((land.id, first())..) {
                if id != land.id {
                    break;
                }
                if land.can_be_held(interface) {
                    new.push((id, interface));
                    spread.arrivals.insert((id, interface), Arrival { hops: 0, came: None });
                }
            }
        }
        let mut strangers = (!start.strangers.is_empty()).then(|| start.strangers.clone());
        let mut hops = 0_u32;
        while (!new.is_empty() || strangers.is_some()) && most.is_none_or(|most| hops < most) {
            hops = hops.saturating_add(1);
            let opened =
                open(lands, &mut shut, &mut callers, &new, strangers.take().as_ref(), certain);
            new = spread.arrive(lands, opened, hops);
        }
        spread
    }

    /// Notes who was reached, gives those that are new.
    fn arrive(&mut self, lands: &[Land], opened: Vec<Came>, hops: u32) -> Vec<Spot> {
        let mut new = Vec::new();
        for came in opened {
            let Some(land) = land_of(lands, came.door.0) else { continue };
            let reached =
                if land.can_be_held(came.to) { land.host(came.to) } else { vec![came.to] };
            for interface in reached {
                let spot = (land.id, interface);
                if self.arrivals.contains_key(&spot) {
                    continue;
                }
                let arrival = Arrival { hops, came: Some(came.clone()) };
                self.arrivals.insert(spot, arrival);
                new.push(spot);
            }
        }
        new
    }
}

/// The land of a component: they stand in order.
pub(super) fn land_of(lands: &[Land], id: ComponentId) -> Option<&Land> {
    lands.get(lands.binary_search_by_key(&id, |land| land.id).ok()?)
}

/// The doors that somebody new opens.
fn open(
    lands: &mut [Land],
    shut: &mut [Vec<usize>],
    callers: &mut Callers,
    new: &[Spot],
    strangers: Option<&IpSet>,
    certain: bool,
) -> Vec<Came> {
    let mut members: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    let mut newly: BTreeMap<ComponentId, BTreeSet<NetworkInterfaceId>> = BTreeMap::new();
    for &(id, interface) in new {
        newly.entry(id).or_default().insert(interface);
        let Ok(at) = lands.binary_search_by_key(&id, |land| land.id) else { continue };
        let Some(land) = lands.get_mut(at) else { continue };
        if land.can_be_held(interface) {
            for (caller, member) in callers.members(land, (id, interface)) {
                members.entry(caller).or_default().push(member);
            }
        }
    }
    let calling = Calling { callers, members: &members, certain };
    let nobody = BTreeSet::new();
    let mut opened = Vec::new();
    for (land, shut) in lands.iter_mut().zip(shut) {
        let newly = newly.get(&land.id).unwrap_or(&nobody);
        let hop = Hop::of(land, newly, strangers, &calling);
        let mut left = Vec::new();
        for number in shut.drain(..) {
            match hop.opener(land, number) {
                None => left.push(number),
                Some(from) => {
                    let Some(door) = land.doors.get(number) else { continue };
                    opened.extend(door.reached().into_iter().map(|to| Came {
                        door: (land.id, number),
                        to,
                        from: from.clone(),
                    }));
                }
            }
        }
        *shut = left;
    }
    opened
}

/// Who is new, as the doors of a component see it.
struct Hop<'h> {
    newly: &'h BTreeSet<NetworkInterfaceId>,
    /// Addresses of new hosts, by VPC.
    by_vpc: BTreeMap<VpcId, IpSetId>,
    /// Addresses that new hosts may have which nobody listed: doors know them as nobody's.
    unlisted: BTreeMap<VpcId, IpSetId>,
    strangers: Option<IpSetId>,
    calling: &'h Calling<'h>,
    /// The addresses of callers from outside.
    sources: Option<IpSetId>,
}

impl<'h> Hop<'h> {
    fn of(
        land: &mut Land,
        newly: &'h BTreeSet<NetworkInterfaceId>,
        strangers: Option<&IpSet>,
        calling: &'h Calling<'h>,
    ) -> Self {
        let [by_vpc, unlisted] = by_vpc(land, newly.iter().copied());
        let sets = &mut land.engine.sets;
        let strangers = strangers.map(|strangers| sets.intern(strangers.clone()));
        let sources = calling.sources(land.id);
        let sources = (!sources.is_empty()).then(|| sets.intern(sources));
        Self { newly, by_vpc, unlisted, strangers, calling, sources }
    }

    /// The new host that may open a door at an address that nobody is known to have.
    fn unlisted_opener(&self, land: &mut Land, edge: &Edge) -> Option<Opener> {
        let Sender::Unheld(vpc) = edge.from else { return None };
        let here = *self.unlisted.get(&vpc).filter(|_| !self.calling.certain)?;
        let address = common(land, edge.peers, here)?;
        let component = &land.engine.ground.component;
        let from = component.unlisted_holders(vpc, address).map(|it| it.index());
        let from = from.filter(|id| self.newly.contains(id)).min()?;
        Some(Opener::Inside(from, address))
    }

    /// Who opens a door, if anybody does.
    fn opener(&self, land: &mut Land, number: usize) -> Option<Opener> {
        let door = land.doors.get(number)?;
        let counts = |certainty| !self.calling.certain || certainty == Certainty::Certain;
        for at in 0..door.edges.len() {
            let edge = *land.doors.get(number)?.edges.get(at)?;
            if !counts(edge.certainty) {
                continue;
            }
            match edge.from {
                Sender::Held(vpc) => {
                    let Some(&here) = self.by_vpc.get(&vpc) else { continue };
                    if let Some(address) = common(land, edge.peers, here) {
                        let new = |id| self.newly.contains(&id);
                        if let Some(from) = land.holder(vpc, address, new) {
                            return Some(Opener::Inside(from, address));
                        }
                    }
                }
                Sender::Unheld(_) | Sender::Outside => {
                    if let Some(opener) = self.unlisted_opener(land, &edge) {
                        return Some(opener);
                    }
                    if let Some(strangers) = self.strangers
                        && let Some(address) = common(land, edge.peers, strangers)
                    {
                        return Some(Opener::Stranger(address));
                    }
                    let Some(sources) = self.sources.filter(|_| edge.from == Sender::Outside)
                    else {
                        continue;
                    };
                    let both = land.engine.sets.intersection(edge.peers, sources);
                    if both.is_empty() {
                        continue;
                    }
                    let both = land.engine.sets.to_set(both);
                    let door = land.doors.get(number)?;
                    if let Some((member, ports)) = self.calling.opens(land, door, &edge, &both) {
                        return Some(Opener::Outside(member.spot, ports));
                    }
                }
            }
        }
        None
    }
}

/// The addresses of interfaces from which an attacker goes on, by VPC: of those that are
/// listed, and those that the others may have.
pub(super) fn by_vpc(
    land: &mut Land,
    interfaces: impl Iterator<Item = NetworkInterfaceId>,
) -> [BTreeMap<VpcId, IpSetId>; 2] {
    let mut all: [BTreeMap<VpcId, Vec<IpSet>>; 2] = Default::default();
    for interface in interfaces.filter(|&id| land.can_be_held(id)) {
        let interface = land.engine.ground.component.interface(interface);
        let [listed, unlisted] = &mut all;
        let of = if interface.unlisted().is_some() { unlisted } else { listed };
        of.entry(interface.vpc()).or_default().push(addresses(interface));
    }
    let sets = &mut land.engine.sets;
    all.map(|of| of.into_iter().map(|(vpc, all)| (vpc, sets.intern(join(&all)))).collect())
}

/// The first address that two sets share.
fn common(land: &mut Land, one: IpSetId, other: IpSetId) -> Option<IpAddr> {
    let sets = &mut land.engine.sets;
    if !sets.intersects(one, other) {
        return None;
    }
    let both = sets.intersection(one, other);
    sets.to_set(both).first()
}
