//! Edges: what is open from one box to another, in one line.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::Seen;
use crate::audit::{Kind, Traffic};
use crate::net::{PortRange, PortSet, Protocol, selector_display};
use crate::record::chart::Ask;
use crate::record::{Certainty, Clients};

/// What is open between two boxes.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    certain: BTreeSet<Traffic>,
    possible: BTreeSet<Traffic>,
    pub(super) clients: Clients,
    pub(super) via: BTreeSet<String>,
    ask: Ask,
    /// Whether `ask` is about something certain.
    asked: Certainty,
}

impl Merged {
    /// What one record says, with who asks.
    pub(super) fn of(seen: &Seen, asking: &dyn Fn() -> Ask) -> Self {
        let mut merged = Self {
            certain: BTreeSet::new(),
            possible: BTreeSet::new(),
            clients: seen.clients,
            via: BTreeSet::new(),
            ask: asking(),
            asked: seen.certainty,
        };
        merged.add(seen, asking);
        merged
    }

    /// Adds what another record says.
    pub(super) fn add(&mut self, seen: &Seen, asking: &dyn Fn() -> Ask) {
        match seen.certainty {
            Certainty::Certain => self.certain.insert(seen.traffic),
            Certainty::Possible => self.possible.insert(seen.traffic),
        };
        self.clients = self.clients.min(seen.clients);
        if !seen.via.iter().all(|id| self.via.contains(id)) {
            self.via.extend(seen.via.iter().cloned());
        }
        if seen.certainty < self.asked {
            (self.ask, self.asked) = (asking(), seen.certainty);
        }
    }

    /// The question that shows some of it.
    pub(super) fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Whether any of it is certain.
    pub(super) fn certainty(&self) -> Certainty {
        if self.certain.is_empty() { Certainty::Possible } else { Certainty::Certain }
    }

    /// The ports that are surely open.
    pub(super) fn ports(&self) -> Vec<String> {
        texts(&self.certain)
    }

    /// Those that are open perhaps, without those that surely are.
    pub(super) fn possible(&self) -> Vec<String> {
        let certain = by_kind(&self.certain);
        let mut possible = by_kind(&self.possible);
        for (kind, ports) in &mut possible {
            if let Some(certain) = certain.get(kind) {
                *ports = ports.difference(certain);
            }
        }
        possible.retain(|_, ports| !ports.is_empty());
        written(&possible)
    }
}

/// Ports as selectors, neighbours put together: `tcp/22`, `tcp/80-81`, `any`.
pub(super) fn texts(traffic: &BTreeSet<Traffic>) -> Vec<String> {
    written(&by_kind(traffic))
}

fn by_kind(traffic: &BTreeSet<Traffic>) -> BTreeMap<Kind, PortSet> {
    let mut found: BTreeMap<Kind, Vec<PortRange>> = BTreeMap::new();
    for one in traffic {
        found.entry(one.kind).or_default().push(one.ports);
    }
    found.into_iter().map(|(kind, ranges)| (kind, ranges.into_iter().collect())).collect()
}

fn written(ports: &BTreeMap<Kind, PortSet>) -> Vec<String> {
    let whole = |kind| ports.get(&kind).is_some_and(|ports| ports.contains_range(PortRange::ALL));
    let everything = [Kind::Of(Protocol::Tcp), Kind::Of(Protocol::Udp), Kind::Other];
    if whole(Kind::Any) || everything.into_iter().all(whole) {
        return vec!["any".to_owned()];
    }
    let mut texts = Vec::new();
    for (&kind, ports) in ports {
        match kind {
            Kind::Of(protocol @ Protocol::Other(_)) => texts.push(protocol.to_string()),
            Kind::Of(protocol) => {
                for range in ports.ranges() {
                    let selectors = selector_display(protocol, range);
                    texts.extend(selectors.iter().map(|ports| format!("{protocol}/{ports}")));
                }
            }
            Kind::Any => texts.push("any".to_owned()),
            Kind::Other => texts.push("other".to_owned()),
        }
    }
    texts
}
