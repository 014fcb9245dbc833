//! From one component into another, and out through the internet and back in.
//!
//! A door knows a peer outside by its address alone; whether a host of another component
//! can send to it, that host's own side says. So both sides are put together: the sender's
//! packets by destination, the door's by source. Hosts that may send alike are one
//! *caller*, so that callers, not hosts, are tried at each door.
//!
//! IPv4 through the internet gateway has other addresses there: the destination is the
//! public address of the door, the source the sender's own or a NAT gateway's.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::Spot;
use super::doors::{Door, Edge, Land, Slot, rows};
use crate::model::{ComponentId, Direction};
use crate::net::{Bounds, IpSet, IpSetId, PortRange, RangeSet};
use crate::reach::engine::{Away, Class, Lane, OwnAddresses, SeenAs, Sender};
use crate::record::{Audience, Certainty};

/// Hosts that send to the outside alike.
pub(super) struct Caller {
    component: ComponentId,
    away: Vec<Away>,
    exits: Vec<Exit>,
}

/// What callers send in one way.
struct Exit {
    /// Whether addresses are translated: IPv4 through the internet.
    translated: bool,
    seen_as: Vec<SeenAs>,
    certain: Vec<Packets>,
    /// All that is possible, the certain ones too.
    possible: Vec<Packets>,
}

/// Ports with the same destinations.
struct Packets {
    slot: Slot,
    ports: PortRange,
    to: IpSet,
}

/// Somebody who calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) spot: Spot,
    first: IpAddr,
    last: IpAddr,
    public: Option<u32>,
}

/// All callers that were met.
#[derive(Default)]
pub(super) struct Callers {
    all: Vec<Caller>,
    by_class: BTreeMap<(ComponentId, Class), Option<usize>>,
}

/// Ports of a protocol.
pub(super) type Ports = (Slot, PortRange);

impl Callers {
    /// The addresses of an interface, each with the caller that it is.
    pub(super) fn members(&mut self, land: &mut Land, spot: Spot) -> Vec<(usize, Member)> {
        let component = std::sync::Arc::clone(&land.engine.ground.component);
        let interface = component.interface(spot.1);
        let mut members = Vec::new();
        for held in land.engine.held(Direction::Egress, interface) {
            let key = (land.id, held.class);
            let known = self.by_class.get(&key).copied();
            let caller = known.unwrap_or_else(|| self.caller(land, &held.class));
            self.by_class.insert(key, caller);
            if let Some(caller) = caller {
                let (first, last, public) = (held.first, held.last, held.public);
                members.push((caller, Member { spot, first, last, public }));
            }
        }
        members
    }

    fn caller(&mut self, land: &mut Land, class: &Class) -> Option<usize> {
        let lanes = land.engine.lanes(Direction::Egress, class);
        let mut away = land.engine.away(class, &lanes);
        let taken = Bounds::exact(land.taken);
        for way in &mut away {
            let lanes = way.lanes.iter().filter_map(|lane| {
                let forward = lane.forward.intersection(&taken, &mut land.engine.sets);
                (!forward.is_empty()).then_some(Lane { forward, ..*lane })
            });
            way.lanes = lanes.collect();
        }
        away.retain(|way| !way.lanes.is_empty());
        if away.is_empty() {
            return None;
        }
        let same = |it: &Caller| it.component == land.id && it.away == away;
        if let Some(known) = self.all.iter().position(same) {
            return Some(known);
        }
        let exits = away.iter().map(|way| exit(land, way, class.v4)).collect();
        self.all.push(Caller { component: land.id, away, exits });
        Some(self.all.len().saturating_sub(1))
    }

    pub(super) fn get(&self, caller: usize) -> Option<&Caller> {
        self.all.get(caller)
    }
}

fn exit(land: &mut Land, way: &Away, v4: bool) -> Exit {
    let parts = land.engine.parts(&way.lanes, &OwnAddresses::default());
    let translated = v4 && way.audience == Audience::Internet;
    let (mut certain, mut possible) = (Vec::new(), Vec::new());
    for part in parts.iter().flat_map(|(_, parts)| parts) {
        if part.certainty == Certainty::Certain {
            certain.push(part.space);
        }
        possible.push(part.space);
    }
    // How answers come home by ways that nobody sees is not known.
    if !translated {
        possible.extend(way.lanes.iter().map(|lane| lane.forward.possible()));
    }
    let mut packets = |spaces| -> Vec<Packets> {
        let sets = &mut land.engine.sets;
        let space = sets.unite_all_spaces(spaces);
        let all = rows(space, sets).into_iter();
        all.map(|row| Packets { slot: row.slot, ports: row.ports, to: sets.to_set(row.peers) })
            .collect()
    };
    Exit {
        translated,
        seen_as: way.seen_as.clone(),
        certain: packets(certain),
        possible: packets(possible),
    }
}

/// Callers of one hop, who try doors.
pub(super) struct Calling<'c> {
    pub(super) callers: &'c Callers,
    /// By caller.
    pub(super) members: &'c BTreeMap<usize, Vec<Member>>,
    pub(super) certain: bool,
}

impl Calling<'_> {
    /// The addresses that doors may see of callers from outside a component.
    pub(super) fn sources(&self, component: ComponentId) -> IpSet {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (&caller, members) in self.members {
            let Some(caller) = self.callers.get(caller) else { continue };
            for exit in &caller.exits {
                if caller.component == component && !exit.translated {
                    continue;
                }
                if exit.seen_as.contains(&SeenAs::Anyone) {
                    if !self.certain {
                        return IpSet::all();
                    }
                    continue;
                }
                for member in members {
                    let seen = seen(exit, member);
                    v4.extend_from_slice(seen.v4.ranges());
                    v6.extend_from_slice(seen.v6.ranges());
                }
            }
        }
        IpSet { v4: RangeSet::from_ranges(v4), v6: RangeSet::from_ranges(v6) }
    }

    /// Who of the callers opens a door by an edge, and at which ports; `sources`: those of
    /// their addresses that the edge admits at some port.
    pub(super) fn opens(
        &self,
        land: &Land,
        door: &Door,
        edge: &Edge,
        sources: &IpSet,
    ) -> Option<(Member, Vec<Ports>)> {
        if edge.from != Sender::Outside || self.certain && edge.certainty != Certainty::Certain {
            return None;
        }
        let door_rows = rows(edge.space, &land.engine.sets);
        for (&caller, members) in self.members {
            let Some(caller) = self.callers.get(caller) else { continue };
            for exit in &caller.exits {
                let back_in = exit.translated && edge.audience == Audience::Internet;
                if exit.translated != back_in || !back_in && caller.component == land.id {
                    continue;
                }
                let to = asked(door, exit.translated);
                let packets = if self.certain { &exit.certain } else { &exit.possible };
                let packets: Vec<&Packets> =
                    packets.iter().filter(|packets| packets.to.intersects(&to)).collect();
                if packets.is_empty() {
                    continue;
                }
                for member in members {
                    let Some(admits) = self.admitted(exit, member, sources) else { continue };
                    let mut ports = Vec::new();
                    for row in &door_rows {
                        if !admits
                            .as_ref()
                            .is_none_or(|seen| self.admits_all(land, row.peers, seen))
                        {
                            continue;
                        }
                        ports.extend(packets.iter().filter_map(|packets| {
                            let alike =
                                packets.slot == row.slot || self.loosely(packets.slot, row.slot);
                            let both = row.ports.intersection(packets.ports).filter(|_| alike)?;
                            Some((row.slot, both))
                        }));
                    }
                    if !ports.is_empty() {
                        return Some((*member, ports));
                    }
                }
            }
        }
        None
    }

    /// As whom the door sees a member, if it may admit that at all; `Some(None)`: anyone.
    fn admitted(&self, exit: &Exit, member: &Member, sources: &IpSet) -> Option<Option<IpSet>> {
        if exit.seen_as.contains(&SeenAs::Anyone) {
            return (!self.certain).then_some(None);
        }
        let seen = seen(exit, member);
        seen.intersects(sources).then_some(Some(seen))
    }

    /// Whether peers hold who is seen: all that it may be, to be certain.
    fn admits_all(&self, land: &Land, peers: IpSetId, seen: &IpSet) -> bool {
        let v4 = seen.v4.ranges().iter().flat_map(|&(first, last)| [first, last]);
        let v4 = v4.map(|at| IpAddr::V4(Ipv4Addr::from_bits(at)));
        let v6 = seen.v6.ranges().iter().flat_map(|&(first, last)| [first, last]);
        let v6 = v6.map(|at| IpAddr::V6(at.into()));
        let mut all = v4.chain(v6);
        let holds = |at: IpAddr| land.engine.sets.contains(peers, at);
        if self.certain {
            return all.all(holds);
        }
        let peers = land.engine.sets.to_set(peers);
        peers.intersects(seen)
    }

    /// Whether a protocol that one side names may be one that the other does not.
    fn loosely(&self, one: Slot, other: Slot) -> bool {
        let number = |slot| matches!(slot, Slot::Of(crate::net::Protocol::Other(_)) | Slot::Other);
        !self.certain
            && number(one)
            && number(other)
            && (one == Slot::Other || other == Slot::Other)
    }
}

/// What callers ask for who want to open a door.
fn asked(door: &Door, translated: bool) -> IpSet {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for place in &door.places {
        if translated {
            v4.extend(place.public.map(|public| (public, public)));
            continue;
        }
        match (place.first, place.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => v4.push((first.to_bits(), last.to_bits())),
            (IpAddr::V6(first), IpAddr::V6(last)) => v6.push((first.to_bits(), last.to_bits())),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
        }
    }
    IpSet { v4: RangeSet::from_ranges(v4), v6: RangeSet::from_ranges(v6) }
}

/// As whom the far side sees a member.
fn seen(exit: &Exit, member: &Member) -> IpSet {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for seen_as in &exit.seen_as {
        match seen_as {
            SeenAs::Anyone => {}
            SeenAs::Public => v4.extend(member.public.map(|public| (public, public))),
            SeenAs::Translated(all) => v4.extend(all.iter().map(|&public| (public, public))),
            SeenAs::Itself => match (member.first, member.last) {
                (IpAddr::V4(first), IpAddr::V4(last)) => v4.push((first.to_bits(), last.to_bits())),
                (IpAddr::V6(first), IpAddr::V6(last)) => v6.push((first.to_bits(), last.to_bits())),
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
            },
        }
    }
    IpSet { v4: RangeSet::from_ranges(v4), v6: RangeSet::from_ranges(v6) }
}
