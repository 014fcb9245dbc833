//! What was found of one component, kept by what it was found from.

#[expect(clippy::disallowed_types, reason = "looked up, never walked")]
use std::collections::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::Open;
use super::edit::Touches;
use crate::model::{
    ComponentId, Direction, GroupSetId, Network, NetworkInterfaceId, SecurityGroupId,
};
use crate::net::{HeaderSpace, IpSetId, IpSets, PortRange, PortSet, Protocol};
use crate::reach::engine::{Class, Engine, Held, Lane, OwnAddresses, Part, World};
use crate::record::{Audience, Certainty, Clients};

/// What a class has open, by audience.
type Parts = Arc<Vec<(Audience, Vec<Part>)>>;

/// A component, judged.
pub(crate) struct State {
    id: ComponentId,
    engine: Engine,
    judged: Judged,
    /// What lanes come to: the same lanes, the same parts.
    #[expect(clippy::disallowed_types, reason = "looked up, never walked")]
    parts: HashMap<Arc<[Lane]>, Parts>,
    /// The sets of groups that hold a group.
    holding: BTreeMap<SecurityGroupId, Vec<GroupSetId>>,
    /// So many sets and spaces there were after the first time.
    first: usize,
}

/// The classes of a component's interfaces and what they have open.
#[derive(Default)]
struct Judged {
    numbers: BTreeMap<Class, usize>,
    /// By number.
    classes: Vec<KnownClass>,
    /// By the set of groups that they wear.
    wearing: BTreeMap<GroupSetId, Vec<usize>>,
    interfaces: BTreeMap<NetworkInterfaceId, Vec<Piece>>,
}

struct KnownClass {
    class: Class,
    parts: Parts,
    interfaces: Vec<NetworkInterfaceId>,
}

/// Addresses of an interface that are of one class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Piece {
    first: IpAddr,
    last: IpAddr,
    class: usize,
}

impl State {
    /// Judges a component.
    pub(crate) fn of(
        network: &Network,
        world: &World,
        id: ComponentId,
        direction: Direction,
    ) -> Self {
        let mut state = Self {
            id,
            engine: Engine::new(network, world, id),
            judged: Judged::default(),
            parts: Default::default(),
            holding: BTreeMap::new(),
            first: 0,
        };
        state.list_sets();
        state.judged = state.judge(direction);
        state.first = state.engine.sets.count();
        state
    }

    /// Lets go of the component, so that nobody else holds it.
    pub(super) fn release(&mut self) {
        self.engine.ground.component = Arc::default();
    }

    /// Judges anew what an edit touches; the interfaces that have other ports
    /// open than before.
    pub(super) fn update(
        &mut self,
        network: &Network,
        world: &World,
        direction: Direction,
        touches: &Touches,
    ) -> Vec<NetworkInterfaceId> {
        self.engine.ground.component = Arc::clone(&network.components[self.id]);
        if self.engine.sets.count() > self.first.saturating_mul(2).saturating_add(MUCH) {
            return self.anew(network, world, direction);
        }
        // What is open at a load balancer hangs on groups of others.
        let mut again = touches.ground || !self.engine.ground.component.load_balancers.is_empty();
        if touches.ground {
            self.engine.rebuild(network, world, self.id);
            self.list_sets();
        }
        if let Some(acl) = touches.acl {
            again |= self.engine.forget_acl(acl);
        }
        let mut worn = Vec::new();
        if let Some((group, directions)) = &touches.group {
            let sets = self.holding.get(group).cloned().unwrap_or_default();
            for &changed in directions {
                let other = self.engine.forget_group(*group, &sets, changed);
                if changed == direction {
                    worn.clone_from(&sets);
                } else {
                    again |= other;
                }
            }
        }
        if again {
            self.engine.forget_waters();
            let next = self.judge(direction);
            return self.replace(next);
        }
        let classes: Vec<usize> = worn
            .iter()
            .flat_map(|set| self.judged.wearing.get(set).into_iter().flatten().copied())
            .collect();
        let mut changed = BTreeSet::new();
        for number in classes {
            let Some(class) = self.judged.classes.get(number).map(|known| known.class) else {
                continue;
            };
            let parts = self.parts_of(direction, &class);
            if let Some(known) = self.judged.classes.get_mut(number) {
                if !same(&known.parts, &parts, &self.engine.sets) {
                    changed.extend(&known.interfaces);
                }
                known.parts = parts;
            }
        }
        changed.into_iter().collect()
    }

    /// Begins from nothing, once too much has come up that is of no use any more.
    fn anew(
        &mut self,
        network: &Network,
        world: &World,
        direction: Direction,
    ) -> Vec<NetworkInterfaceId> {
        let next = Self::of(network, world, self.id, direction);
        let all = self.judged.interfaces.keys().chain(next.judged.interfaces.keys());
        let all: BTreeSet<NetworkInterfaceId> = all.copied().collect();
        // Ids of other sets can't be compared: what is open is.
        let changed = all.into_iter().filter(|&id| self.open(id) != next.open(id)).collect();
        *self = next;
        changed
    }

    /// Takes what was judged last instead of what was before.
    fn replace(&mut self, next: Judged) -> Vec<NetworkInterfaceId> {
        let sets = &self.engine.sets;
        // How addresses at which nothing is open are cut into pieces does not matter.
        let opens = |(_, _, parts): &(IpAddr, IpAddr, Parts)| rows(parts, sets).next().is_some();
        let of = |judged: &Judged, id: NetworkInterfaceId| -> Vec<(IpAddr, IpAddr, Parts)> {
            let pieces = judged.interfaces.get(&id).into_iter().flatten();
            pieces
                .filter_map(|piece| {
                    let class = judged.classes.get(piece.class)?;
                    Some((piece.first, piece.last, Arc::clone(&class.parts)))
                })
                .filter(opens)
                .collect()
        };
        let all = self.judged.interfaces.keys().chain(next.interfaces.keys());
        let all: BTreeSet<NetworkInterfaceId> = all.copied().collect();
        let as_before = |id: NetworkInterfaceId| {
            let (before, after) = (of(&self.judged, id), of(&next, id));
            before.len() == after.len()
                && before.iter().zip(&after).all(|(one, other)| {
                    (one.0, one.1) == (other.0, other.1) && same(&one.2, &other.2, sets)
                })
        };
        let changed = all.into_iter().filter(|&id| !as_before(id)).collect();
        self.judged = next;
        changed
    }

    /// Which sets of groups hold a group.
    fn list_sets(&mut self) {
        self.holding.clear();
        for (set, groups) in self.engine.ground.component.group_sets.entries() {
            for &group in groups {
                self.holding.entry(group).or_default().push(set);
            }
        }
    }

    /// All interfaces, class by class.
    fn judge(&mut self, direction: Direction) -> Judged {
        let component = Arc::clone(&self.engine.ground.component);
        let mut judged = Judged::default();
        for interface in component.interfaces.iter() {
            let id = interface.index();
            let held = self.engine.held(direction, interface);
            let mut pieces = Vec::with_capacity(held.len());
            for Held { class, first, last, .. } in held {
                let number = match judged.numbers.get(&class) {
                    Some(&known) => known,
                    None => {
                        let number = judged.classes.len();
                        let parts = self.parts_of(direction, &class);
                        judged.classes.push(KnownClass { class, parts, interfaces: Vec::new() });
                        judged.numbers.insert(class, number);
                        judged.wearing.entry(class.groups).or_default().push(number);
                        number
                    }
                };
                if let Some(known) = judged.classes.get_mut(number)
                    && known.interfaces.last() != Some(&id)
                {
                    known.interfaces.push(id);
                }
                pieces.push(Piece { first, last, class: number });
            }
            if !pieces.is_empty() {
                judged.interfaces.insert(id, pieces);
            }
        }
        judged
    }

    /// What a class has open.
    fn parts_of(&mut self, direction: Direction, class: &Class) -> Parts {
        let lanes = self.engine.lanes(direction, class);
        if let Some(known) = self.parts.get(lanes.as_slice()) {
            return Arc::clone(known);
        }
        let mut parts = self.engine.parts(&lanes, &OwnAddresses::default());
        parts.retain(|(_, parts)| !parts.is_empty());
        let parts = Arc::new(parts);
        self.parts.insert(lanes.into(), Arc::clone(&parts));
        parts
    }

    /// The number of the class that an interface's address is of: those of one class
    /// have the same open.
    pub(crate) fn class_at(&self, id: NetworkInterfaceId, at: IpAddr) -> Option<usize> {
        let pieces = self.judged.interfaces.get(&id)?;
        pieces.iter().find(|piece| piece.first <= at && at <= piece.last).map(|piece| piece.class)
    }

    /// What an interface has open, in order.
    pub(crate) fn open(&self, id: NetworkInterfaceId) -> Vec<Open> {
        self.judged.open(id, &self.engine.sets)
    }
}

impl Judged {
    fn open(&self, id: NetworkInterfaceId, sets: &IpSets) -> Vec<Open> {
        let mut all = Vec::new();
        for piece in self.interfaces.get(&id).into_iter().flatten() {
            let Some(class) = self.classes.get(piece.class) else { continue };
            all.extend(rows(&class.parts, sets).map(|row| Open {
                first: piece.first,
                last: piece.last,
                audience: row.audience,
                certainty: row.certainty,
                clients: row.clients,
                client_ports: row.client_ports.clone(),
                protocol: row.protocol,
                ports: row.ports,
                peers: sets.to_set(row.peers),
            }));
        }
        all.sort();
        all
    }
}

/// So many sets more than twice those of the beginning are too much.
const MUCH: usize = 100_000;

/// One row of what a class has open.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Row<'p> {
    audience: Audience,
    certainty: Certainty,
    clients: Clients,
    client_ports: &'p PortSet,
    protocol: Option<Protocol>,
    ports: PortRange,
    peers: IpSetId,
}

fn rows<'p>(parts: &'p Parts, sets: &'p IpSets) -> impl Iterator<Item = Row<'p>> {
    parts.iter().flat_map(move |(audience, parts)| {
        parts.iter().flat_map(move |part| {
            let rows = packets(sets.space(part.space));
            rows.map(move |(protocol, ports, peers)| Row {
                audience: *audience,
                certainty: part.certainty,
                clients: part.clients,
                client_ports: &part.client_ports,
                protocol,
                ports,
                peers,
            })
        })
    })
}

/// Whether two classes have the same open. Spaces may name numbers that are
/// closed, and parts may come in another order.
fn same(one: &Parts, other: &Parts, sets: &IpSets) -> bool {
    if one == other {
        return true;
    }
    let sorted = |parts| {
        let mut rows: Vec<Row<'_>> = rows(parts, sets).collect();
        rows.sort_unstable();
        rows
    };
    sorted(one) == sorted(other)
}

/// A space, protocol by protocol; none: what no rule names.
fn packets(
    space: &HeaderSpace,
) -> impl Iterator<Item = (Option<Protocol>, PortRange, IpSetId)> + '_ {
    let slots = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Icmpv6];
    let named = slots.into_iter().flat_map(move |protocol| {
        space.segments(protocol).map(move |segment| (Some(protocol), segment.ports, segment.peers))
    });
    let numbered = space
        .numbered
        .iter()
        .map(|&(number, peers)| (Some(Protocol::Other(number)), PortRange::ALL, peers));
    let other = [(None, PortRange::ALL, space.other)];
    named.chain(numbered).chain(other).filter(|(_, _, peers)| !peers.is_empty())
}
