//! Records of `ports`, read for the chart: who can open what at which class.
//!
//! What is open to everyone is told once, from everyone: everyone includes those
//! that other records of the same interfaces name for the same ports.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::classes::{Class, Classes, Kin};
use super::columns::columns;
use super::outside::{Outside, Strangers};
use super::senders::{Among, Reach, Senders, whole};
use super::{ClassId, ListId, OutsideId, TerritoryId};
use crate::audit::{Kind, Traffic};
use crate::model::{IdVec, Network, NetworkInterfaceId};
use crate::net::{Cidr, IpSet, PortSet};
use crate::reach::place::Zones;
use crate::record::chart::{Ask, Column};
use crate::record::{Audience, Blocks, Breadth, Certainty, Clients, Open, PortClass};

/// Something that is open at a class.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) to: ClassId,
    pub(super) from: From,
    pub(super) traffic: Traffic,
    pub(super) certainty: Certainty,
    pub(super) clients: Clients,
    pub(super) via: Vec<String>,
    /// One question about it; FROM is empty where it depends on the sender.
    pub(super) ask: Ask,
}

/// Who can open it.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// People and networks outside.
    Outside(Vec<Outside>),
    /// Interfaces of the estate, and VPCs as a whole.
    Estate(Arc<Crowd>),
}

/// Senders of the estate.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Crowd {
    pub(super) classes: Vec<(ClassId, NetworkInterfaceId)>,
    pub(super) whole: Vec<TerritoryId>,
}

/// Everything that is drawn, of which levels make less or more.
pub(super) struct Facts {
    /// The columns of the classes.
    pub(super) columns: IdVec<ClassId, Column>,
    /// Who is outside, each once, in order.
    pub(super) outside: IdVec<OutsideId, Outside>,
    /// Who sends from inside, each set once, in the order of the records.
    pub(super) crowds: IdVec<ListId, Arc<Crowd>>,
    /// What is open.
    pub(super) seen: Vec<Fact>,
}

/// Something that is open at a class, its senders by number.
pub(super) struct Fact {
    pub(super) record: Seen,
    pub(super) outside: Vec<OutsideId>,
    pub(super) crowd: Option<ListId>,
}

/// Reads records on any thread.
pub(super) struct Watch<'n> {
    network: &'n Network,
    classes: &'n Classes,
    senders: Senders,
    strangers: Strangers,
    known: Mutex<BTreeMap<Key, Arc<Among>>>,
}

/// A list of a book, as seen from a VPC.
type Key = ((usize, usize, usize), TerritoryId, Reach);

impl<'n> Watch<'n> {
    pub(super) fn new(network: &'n Network, classes: &'n Classes, zones: &Zones) -> Self {
        Self {
            network,
            classes,
            senders: Senders::of(network, classes),
            strangers: Strangers::of(network, zones),
            known: Mutex::new(BTreeMap::new()),
        }
    }

    /// What the records of interfaces that are alike say.
    pub(super) fn read(&self, records: &[PortClass]) -> Vec<Seen> {
        let mut found = Vec::new();
        for alike in records.chunk_by(|one, other| about(one) == about(other)) {
            let Some(first) = alike.first() else { continue };
            let receivers = self.receivers(first);
            let everyone = Everyone::of(alike);
            for record in alike {
                let open = &record.open;
                let traffic = Traffic::read(&open.protocol, &open.ports);
                if !is_everyone(open) && everyone.covers(traffic, open.certainty) {
                    continue;
                }
                for (&to, receiver) in &receivers {
                    found.extend(self.seen(open, traffic, to, receiver));
                }
            }
        }
        found
    }

    /// The classes of a record's interfaces, each with the name of one of them.
    fn receivers<'r>(&self, record: &'r PortClass) -> BTreeMap<ClassId, &'r str> {
        let mut receivers = BTreeMap::new();
        for id in record.interfaces.iter().filter(|id| !id.is_empty()) {
            for (component, interface) in self.network.interfaces_of(id) {
                if let Some(class) = self.classes.class(component, interface) {
                    receivers.entry(class).or_insert(id.as_str());
                }
            }
        }
        if record.interfaces.iter().all(String::is_empty) {
            let group = group_of(record);
            for &class in self.groups(group) {
                receivers.entry(class).or_insert(group);
            }
        }
        receivers
    }

    fn groups(&self, id: &str) -> &[ClassId] {
        self.network.text.find(id).map_or(&[], |id| self.classes.groups(id))
    }

    fn seen(&self, open: &Open, traffic: Traffic, to: ClassId, receiver: &str) -> Option<Seen> {
        let mut ask = Ask {
            from: String::new(),
            to: receiver.to_owned(),
            port: traffic.question().unwrap_or_default(),
        };
        let sources = open.sources.clone().unwrap_or_default();
        let from = match open.audience {
            Audience::Internet => {
                let outside = match open.breadth {
                    Breadth::Everyone => vec![Outside::Everyone],
                    Breadth::Some => self.strangers.named(&sources),
                };
                ask.from = first(&sources);
                From::Outside(outside)
            }
            Audience::Network => {
                ask.from = first(&sources);
                From::Outside(self.strangers.networks(&open.via))
            }
            Audience::Estate => From::Estate(self.crowd(open, to, &sources)?),
        };
        Some(Seen {
            to,
            from,
            traffic,
            certainty: open.certainty,
            clients: open.clients,
            via: open.via.clone(),
            ask,
        })
    }

    fn crowd(&self, open: &Open, to: ClassId, sources: &Blocks) -> Option<Arc<Crowd>> {
        let facts: &Class = &self.classes.all[to];
        let mut among = match facts.kin {
            Kin::Interfaces { .. } => Among::clone(&self.among(open, facts.territory, sources)),
            Kin::Group(_) => Among::new(),
        };
        let whole = whole(self.classes, to, &mut among);
        let mut classes: Vec<(ClassId, NetworkInterfaceId)> = among.into_iter().collect();
        if let Kin::Group(_) = facts.kin {
            let groups = open.source_groups.iter().flat_map(|id| self.groups(id));
            let nobody = crate::model::Id::from_index(0);
            classes.extend(groups.map(|&class| (class, nobody)));
        }
        let crowd = Crowd { classes, whole };
        (!crowd.classes.is_empty() || !crowd.whole.is_empty()).then(|| Arc::new(crowd))
    }

    fn among(&self, open: &Open, home: TerritoryId, sources: &Blocks) -> Arc<Among> {
        let plain = |id: &String| id.starts_with("pcx-") || id.starts_with("igw-");
        let reach = match open.certainty {
            Certainty::Possible if !open.via.iter().all(plain) => Reach::Estate,
            Certainty::Possible | Certainty::Certain => Reach::Component,
        };
        let key = (sources.called(), home, reach);
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&key) {
            return Arc::clone(found);
        }
        let found = self.senders.among(self.classes, home, &addresses(sources), reach);
        Arc::clone(known().entry(key).or_insert_with(|| Arc::new(found)))
    }

    /// All that was read, in the order of the records.
    pub(super) fn facts(&self, seen: Vec<Seen>) -> Facts {
        let columns = columns(self.classes, &seen);
        let gateways = self.strangers.gateways(self.network);
        let named = seen.iter().filter_map(|record| match &record.from {
            From::Outside(outside) => Some(outside),
            From::Estate(_) => None,
        });
        let all: BTreeSet<Outside> = gateways.into_iter().chain(named.flatten().cloned()).collect();
        let outside: IdVec<OutsideId, Outside> = all.into_iter().collect();
        let numbers: BTreeMap<Outside, OutsideId> =
            outside.entries().map(|(id, outside)| (outside.clone(), id)).collect();
        let (mut crowds, mut known) = (IdVec::default(), BTreeMap::new());
        let mut facts = Vec::with_capacity(seen.len());
        for record in seen {
            let (outside, crowd) = match &record.from {
                From::Outside(all) => {
                    (all.iter().filter_map(|one| numbers.get(one).copied()).collect(), None)
                }
                From::Estate(crowd) => {
                    let number = known
                        .entry(Arc::clone(crowd))
                        .or_insert_with(|| crowds.push(Arc::clone(crowd)));
                    (Vec::new(), Some(*number))
                }
            };
            facts.push(Fact { record, outside, crowd });
        }
        Facts { columns, outside, crowds, seen: facts }
    }
}

/// What is open to everyone at interfaces that are alike.
#[derive(Default)]
struct Everyone {
    certain: BTreeMap<Kind, PortSet>,
    possible: BTreeMap<Kind, PortSet>,
}

impl Everyone {
    fn of(alike: &[PortClass]) -> Self {
        let mut everyone = Self::default();
        for open in alike.iter().map(|record| &record.open).filter(|open| is_everyone(open)) {
            let traffic = Traffic::read(&open.protocol, &open.ports);
            let add = |to: &mut BTreeMap<Kind, PortSet>| {
                let ports = to.entry(traffic.kind).or_insert_with(PortSet::empty);
                *ports = ports.union(&traffic.ports.into());
            };
            add(&mut everyone.possible);
            if open.certainty == Certainty::Certain {
                add(&mut everyone.certain);
            }
        }
        everyone
    }

    fn covers(&self, traffic: Traffic, certainty: Certainty) -> bool {
        let ports = match certainty {
            Certainty::Certain => self.certain.get(&traffic.kind),
            Certainty::Possible => self.possible.get(&traffic.kind),
        };
        ports.is_some_and(|ports| ports.contains_range(traffic.ports))
    }
}

fn is_everyone(open: &Open) -> bool {
    open.audience == Audience::Internet && open.breadth == Breadth::Everyone
}

/// What a record is about: interfaces, or a group by itself.
fn about(record: &PortClass) -> (&[String], &str) {
    let alone = record.interfaces.iter().all(String::is_empty);
    (&record.interfaces, if alone { group_of(record) } else { "" })
}

fn group_of(record: &PortClass) -> &str {
    record.open.because.first().map_or("", |cause| cause.of.as_str())
}

fn first(sources: &Blocks) -> String {
    sources.iter().next().unwrap_or_default().to_owned()
}

/// A list as a set.
pub(super) fn addresses(sources: &Blocks) -> IpSet {
    sources.iter().filter_map(|block| Cidr::parse(block).ok()).map(|(cidr, _)| cidr).collect()
}
