//! Records of what gets to targets by way of load balancers.
//!
//! A target has a record for each port of a load balancer's node that leads to one of its
//! own ports: `ports` is the target's own, `sources` are those who may connect to the node
//! and are passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use super::SourcesMode;
use super::draft::{Door, Draft, Evaluation, Named, Why, once};
use super::roll::{Judged, Place};
use crate::model::{Direction, Interface, NetworkInterfaceId};
use crate::net::{HeaderSpace, IpSet, IpSetId, PortRange, Protocol};
use crate::reach::engine::{Class, Entrance, Held, Onward, OwnAddresses, Part};
use crate::record::{Audience, Certainty, Clients};

type Parts = Rc<Vec<(Audience, Vec<Part>)>>;

/// What is found of one target.
#[derive(Default)]
struct Behind {
    addresses: Vec<IpAddr>,
    drafts: Vec<Draft>,
}

/// What tells the drafts of targets apart, and so targets that are alike.
type Sign = (
    (Audience, Named, PortRange),
    (Certainty, Clients),
    Arc<crate::net::PortSet>,
    super::lists::ListId,
    Arc<Why>,
);

impl Evaluation<'_> {
    /// The targets of the component's load balancers that are asked for.
    pub(super) fn behind_load_balancers(&mut self) -> Vec<Judged> {
        let component = Arc::clone(&self.engine.ground.component);
        let mut found: BTreeMap<NetworkInterfaceId, Behind> = BTreeMap::new();
        let mut known: BTreeMap<(Class, Onward), Parts> = BTreeMap::new();
        let nodes = component.load_balancers.iter().flat_map(|it| &it.interfaces);
        let endpoints = component.vpc_endpoints.iter().flat_map(|it| &it.interfaces);
        for &node in nodes.chain(endpoints) {
            let node = component.interface(node);
            for held in self.engine.held(Direction::Ingress, node) {
                for entrance in self.engine.entrances(node.index(), held.first.is_ipv4()) {
                    if !self.is_asked_for(&entrance) {
                        continue;
                    }
                    let key = (held.class, entrance.onward);
                    let parts = match known.get(&key) {
                        Some(parts) => Rc::clone(parts),
                        None => {
                            let parts = self.parts_through(&held, entrance.onward);
                            Rc::clone(known.entry(key).or_insert(parts))
                        }
                    };
                    let behind = found.entry(entrance.target.interface).or_default();
                    self.entrance((node, &held), &entrance, &parts, behind);
                }
            }
        }
        self.judged(found)
    }

    fn is_asked_for(&self, entrance: &Entrance) -> bool {
        let to = self.options.to.as_ref();
        let target = (self.component, entrance.target.interface);
        let (protocol, port) = (named(entrance.protocol), entrance.target.port);
        let meant = |wanted: &Vec<_>| {
            wanted.iter().any(|traffic| protocol.meets(PortRange::single(port), *traffic))
        };
        to.is_none_or(|to| to.contains(&target)) && self.options.ports.as_ref().is_none_or(meant)
    }

    /// What gets from a node's addresses on to a target.
    fn parts_through(&mut self, held: &Held, onward: Onward) -> Parts {
        let lanes = self.engine.lanes_through(&held.class, onward);
        Rc::new(self.engine.parts(&lanes, &OwnAddresses::default()))
    }

    /// Adds the drafts of one entrance.
    fn entrance(
        &mut self,
        (node, held): (Interface<'_>, &Held),
        entrance: &Entrance,
        parts: &Parts,
        behind: &mut Behind,
    ) {
        let component = Arc::clone(&self.engine.ground.component);
        let target = component.interface(entrance.target.interface);
        let protocol = named(entrance.protocol);
        let at_node = self.candidates.of(&mut self.engine, node);
        let at_target = self.candidates.of(&mut self.engine, target);
        let door = Door {
            balancer: entrance.balancer,
            address: held.first,
            public: held.public,
            protocol,
            port: entrance.port,
        };
        let (listener, own) =
            (PortRange::single(entrance.port), PortRange::single(entrance.target.port));
        for (audience, parts) in parts.iter() {
            if self.options.audiences.as_ref().is_some_and(|asked| !asked.contains(audience)) {
                continue;
            }
            for part in parts {
                let engine = &mut self.engine;
                let space: &HeaderSpace = engine.sets.space(part.space);
                let mut peers = space.lookup(entrance.protocol, entrance.port);
                if let Some(from) = self.options.from.clone() {
                    let from = engine.sets.intern(from);
                    peers = engine.sets.intersection(peers, from);
                }
                if peers.is_empty() {
                    continue;
                }
                let (groups, because, via) = at_node.of_record(engine, protocol, listener, peers);
                let seen = match entrance.seen {
                    Some(source) => engine.sets.intern(IpSet::single(source)),
                    None => peers,
                };
                let (_, more, _) = at_target.of_record(engine, protocol, own, seen);
                let causes: BTreeSet<_> = because.into_iter().chain(more).collect();
                let members: Vec<IpSetId> = match self.options.sources {
                    SourcesMode::Addresses => Vec::new(),
                    SourcesMode::Rules => {
                        groups.iter().map(|&group| engine.members_of(group)).collect()
                    }
                };
                let peers =
                    self.lists.list(self.world, &mut engine.sets, *audience, peers, members);
                let why = Why {
                    groups: groups.into(),
                    causes: causes.into_iter().collect(),
                    via: via.into(),
                    through: Some(door),
                };
                let place = place_of(&mut behind.addresses, entrance.target.address);
                behind.drafts.push(Draft {
                    audience: *audience,
                    protocol,
                    ports: own,
                    text: own.to_string().into(),
                    certainty: part.certainty,
                    clients: part.clients,
                    client_ports: once(
                        &mut self.shared.client_ports,
                        part.client_ports.clone().into(),
                    ),
                    peers,
                    places: once(&mut self.shared.places, Arc::from([place])),
                    why: once(&mut self.shared.whys, why.into()),
                });
            }
        }
    }

    /// The targets, those that are alike with the same number.
    fn judged(&mut self, found: BTreeMap<NetworkInterfaceId, Behind>) -> Vec<Judged> {
        let component = Arc::clone(&self.engine.ground.component);
        let mut mixes = BTreeMap::new();
        let mut all = Vec::new();
        for (id, Behind { addresses, mut drafts }) in found {
            drafts.sort_by(|one, other| one.order(other).then_with(|| one.why.cmp(&other.why)));
            drafts.dedup_by_key(|draft| (sign(draft), Arc::clone(&draft.places)));
            let signs: Vec<(Sign, Arc<[usize]>)> =
                drafts.iter().map(|draft| (sign(draft), Arc::clone(&draft.places))).collect();
            if signs.is_empty() {
                continue;
            }
            let interface = component.interface(id);
            let next = self.mixes.len().saturating_add(mixes.len());
            let mix = *mixes.entry((interface.subnet(), signs)).or_insert(next);
            let place =
                |(place, at): (usize, IpAddr)| Place { place, first: at, last: at, public: None };
            all.push(Judged {
                id,
                host: interface.instance(),
                held: addresses.into_iter().enumerate().map(place).collect(),
                drafts: drafts.into(),
                mix,
            });
        }
        all
    }
}

fn sign(draft: &Draft) -> Sign {
    (
        (draft.audience, draft.protocol, draft.ports),
        (draft.certainty, draft.clients),
        Arc::clone(&draft.client_ports),
        draft.peers,
        Arc::clone(&draft.why),
    )
}

fn place_of(addresses: &mut Vec<IpAddr>, address: IpAddr) -> usize {
    addresses.iter().position(|&known| known == address).unwrap_or_else(|| {
        addresses.push(address);
        addresses.len().saturating_sub(1)
    })
}

fn named(protocol: Protocol) -> Named {
    match protocol {
        Protocol::Tcp => Named::Tcp,
        Protocol::Udp => Named::Udp,
        Protocol::Icmp => Named::Icmp,
        Protocol::Icmpv6 => Named::Icmpv6,
        Protocol::Other(number) => Named::Number(number),
    }
}
