//! A drawing: the boxes and edges of one plan, and the record that they make.

mod record;

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::{Focus, Plan};
use super::classes::{Classes, Kin};
use super::edges::Merged;
use super::outside::Outside;
use super::seen::{Crowd, Fact, Facts, Seen};
use super::{BoxId, ClassId, ListId, MARKS, TerritoryId};
use crate::audit::Traffic;
use crate::model::{Id, IdVec, Network, NetworkInterfaceId};
use crate::record::chart::{Ask, BoxKind, Column, Level};

/// So many senders of a kind have boxes of their own.
const SENDERS: usize = 8;

/// A row of the chart.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Row {
    Territory(TerritoryId),
    Region(String, String),
    Account(String),
    Estate,
}

/// What a box is, in the order of the record.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Content {
    Everyone,
    Zone(String),
    Blocks(String),
    Addresses,
    Gate(BoxKind),
    Class(ClassId),
    Tier,
    Inside,
    Gateway(BoxKind, String),
    Gateways(BoxKind),
}

/// A box by what it is and where it stands; outside there are no rows.
type Key = (Column, Option<Row>, Content);

/// The boxes and edges of a plan.
pub(super) struct Drawing<'a> {
    network: &'a Network,
    classes: &'a Classes,
    facts: &'a Facts,
    focus: Option<&'a Focus>,
    plan: Plan,
    /// By key: what each stands for.
    held: BTreeMap<Key, Held>,
    edges: BTreeMap<(BoxId, BoxId), Merged>,
    inside: BTreeMap<BoxId, BTreeSet<Traffic>>,
    everyone: BTreeMap<BoxId, BTreeSet<Traffic>>,
}

/// What a box stands for.
#[derive(Clone, Debug, Default)]
struct Held {
    number: Option<BoxId>,
    classes: Vec<ClassId>,
    territories: Vec<TerritoryId>,
    outside: BTreeSet<String>,
}

/// Who asks, where an edge comes from the estate.
#[derive(Clone, Copy)]
enum Sender {
    Interface(ClassId, NetworkInterfaceId),
    Territory(TerritoryId),
}

impl<'a> Drawing<'a> {
    pub(super) fn of(
        network: &'a Network,
        classes: &'a Classes,
        facts: &'a Facts,
        focus: Option<&'a Focus>,
        plan: Plan,
    ) -> Self {
        let mut drawing = Self {
            network,
            classes,
            facts,
            focus,
            plan,
            held: BTreeMap::new(),
            edges: BTreeMap::new(),
            inside: BTreeMap::new(),
            everyone: BTreeMap::new(),
        };
        let rows = drawing.rows();
        drawing.place(&rows);
        for (held, number) in drawing.held.values_mut().zip(0..) {
            held.number = Some(BoxId::from_index(number));
        }
        if drawing.held.len() <= MARKS {
            drawing.connect(&rows);
        }
        drawing
    }

    /// How many boxes and edges there are; of too many boxes the edges are not known.
    pub(super) fn marks(&self) -> usize {
        self.held.len().saturating_add(self.edges.len())
    }

    /// The row of each VPC: as fine as the finest of its boxes.
    fn rows(&self) -> IdVec<TerritoryId, Row> {
        let level = |id: TerritoryId, territory: &super::classes::Territory| {
            let levels = territory.classes.iter();
            let levels = levels.map(|&class| self.plan.level(self.focus, class, id));
            levels.min().unwrap_or(self.plan.rest)
        };
        let all = self.classes.territories.entries();
        all.map(|(id, territory)| self.row(id, level(id, territory))).collect()
    }

    fn row(&self, territory: TerritoryId, level: Level) -> Row {
        let (account, region) = self.scope(territory);
        match level {
            Level::Class | Level::Tier => Row::Territory(territory),
            Level::Region => Row::Region(account, region),
            Level::Account => Row::Account(account),
            Level::Estate => Row::Estate,
        }
    }

    fn scope(&self, territory: TerritoryId) -> (String, String) {
        let territory = &self.classes.territories[territory];
        let component = &self.network.components[territory.component];
        let scope = &component.scopes[component.vpcs[territory.vpc].scope];
        let text = |id| self.network.text(id).to_owned();
        (text(scope.account), text(scope.region))
    }

    fn key(&self, class: ClassId) -> Key {
        let column = self.facts.columns[class];
        let territory = self.classes.all[class].territory;
        let level = self.plan.level(self.focus, class, territory);
        let content = if level == Level::Class { Content::Class(class) } else { Content::Tier };
        (column, Some(self.row(territory, level)), content)
    }

    /// Gives everything a box.
    fn place(&mut self, rows: &IdVec<TerritoryId, Row>) {
        for (class, _) in self.classes.all.entries() {
            self.held.entry(self.key(class)).or_default().classes.push(class);
        }
        for (id, territory) in self.classes.territories.entries() {
            if territory.classes.is_empty() {
                continue;
            }
            for kind in self.gates(id) {
                let key = (Column::Edge, Some(rows[id].clone()), Content::Gate(kind));
                self.held.entry(key).or_default().territories.push(id);
            }
        }
        let crowds: BTreeSet<TerritoryId> =
            self.facts.crowds.iter().flat_map(|crowd| crowd.whole.iter().copied()).collect();
        for territory in crowds {
            self.held.entry(inside(rows, territory)).or_default().territories.push(territory);
        }
        for outside in self.facts.outside.iter() {
            let key = self.stranger(outside);
            let what = match outside {
                Outside::Everyone => String::new(),
                Outside::Zone(text) | Outside::Blocks(text) => text.clone(),
                Outside::Gateway { id, .. } => id.clone(),
            };
            self.held.entry(key).or_default().outside.insert(what);
        }
    }

    /// The gateways of a VPC that have boxes.
    fn gates(&self, territory: TerritoryId) -> Vec<BoxKind> {
        let mut kinds = Vec::new();
        for kind in
            [BoxKind::InternetGateway, BoxKind::NatGateway, BoxKind::EgressOnlyInternetGateway]
        {
            if !self.gate_ids(territory, kind).is_empty() {
                kinds.push(kind);
            }
        }
        kinds
    }

    fn gate_ids(&self, territory: TerritoryId, kind: BoxKind) -> Vec<String> {
        let territory = &self.classes.territories[territory];
        let component = &self.network.components[territory.component];
        let attached = |to: &[crate::model::GatewayAttachment]| {
            to.iter().any(|it| it.attached && it.vpc == territory.vpc)
        };
        let ids: Vec<crate::model::TextId> = match kind {
            BoxKind::InternetGateway => {
                let all = component.internet_gateways.iter();
                all.filter(|it| attached(&it.attachments)).map(|it| it.id).collect()
            }
            BoxKind::EgressOnlyInternetGateway => {
                let all = component.egress_only_internet_gateways.iter();
                all.filter(|it| attached(&it.attachments)).map(|it| it.id).collect()
            }
            BoxKind::NatGateway => {
                let all = component.nat_gateways.iter().filter(|it| it.vpc == territory.vpc);
                all.filter(|it| it.state != crate::model::NatState::Gone).map(|it| it.id).collect()
            }
            BoxKind::Everyone
            | BoxKind::Addresses
            | BoxKind::Interfaces
            | BoxKind::SecurityGroup
            | BoxKind::Inside
            | BoxKind::Peer
            | BoxKind::TransitGateway
            | BoxKind::VpnGateway
            | BoxKind::Network => Vec::new(),
        };
        ids.into_iter().map(|id| self.network.text(id).to_owned()).collect()
    }

    /// The box of somebody outside: of many that are alike there is one box.
    fn stranger(&self, outside: &Outside) -> Key {
        let many = |alike: &dyn Fn(&Outside) -> bool| {
            let count = self.facts.outside.iter().filter(|it| alike(it)).count();
            count > SENDERS || self.plan.rest > Level::Tier && count > 1
        };
        match outside {
            Outside::Everyone => (Column::Internet, None, Content::Everyone),
            Outside::Zone(_) | Outside::Blocks(_)
                if many(&|it| matches!(it, Outside::Zone(_) | Outside::Blocks(_))) =>
            {
                (Column::Internet, None, Content::Addresses)
            }
            Outside::Zone(name) => (Column::Internet, None, Content::Zone(name.clone())),
            Outside::Blocks(blocks) => (Column::Internet, None, Content::Blocks(blocks.clone())),
            Outside::Gateway { kind, id } => {
                let alike = |it: &Outside| matches!(it, Outside::Gateway { kind: other, .. } if other == kind);
                let content = if many(&alike) {
                    Content::Gateways(*kind)
                } else {
                    Content::Gateway(*kind, id.clone())
                };
                (Column::Networks, None, content)
            }
        }
    }

    /// Draws the edges.
    fn connect(&mut self, rows: &IdVec<TerritoryId, Row>) {
        let number = |key: &Key| self.held.get(key).and_then(|held| held.number);
        let of_class: IdVec<ClassId, Option<BoxId>> =
            self.classes.all.entries().map(|(class, _)| number(&self.key(class))).collect();
        let of_outside: IdVec<super::OutsideId, Option<BoxId>> =
            self.facts.outside.iter().map(|it| number(&self.stranger(it))).collect();
        let of_crowd: IdVec<ListId, Vec<(BoxId, Sender)>> = self
            .facts
            .crowds
            .iter()
            .map(|crowd: &std::sync::Arc<Crowd>| {
                let mut boxes: BTreeMap<BoxId, Sender> = BTreeMap::new();
                for &(class, interface) in &crowd.classes {
                    if let Some(from) = of_class[class] {
                        boxes.entry(from).or_insert(Sender::Interface(class, interface));
                    }
                }
                for &territory in &crowd.whole {
                    if let Some(from) = number(&inside(rows, territory)) {
                        boxes.entry(from).or_insert(Sender::Territory(territory));
                    }
                }
                boxes.into_iter().collect()
            })
            .collect();
        for Fact { record, outside, crowd } in &self.facts.seen {
            let Some(to) = of_class[record.to] else { continue };
            for &one in outside {
                let Some(from) = of_outside[one] else { continue };
                if self.facts.outside[one] == Outside::Everyone {
                    self.everyone.entry(to).or_default().insert(record.traffic);
                }
                let asking = || Ask {
                    from: self.facts.outside[one].asking(&record.ask.from),
                    ..record.ask.clone()
                };
                add(&mut self.edges, (from, to), record, &asking);
            }
            for &(from, sender) in crowd.iter().flat_map(|&crowd| &of_crowd[crowd]) {
                // Whoever is alone in a box is not somebody else.
                if from == to && self.alone(record.to, sender) {
                    continue;
                }
                if from == to {
                    self.inside.entry(to).or_default().insert(record.traffic);
                    continue;
                }
                let asking = || Ask {
                    from: sender_id(self.network, self.classes, sender),
                    ..record.ask.clone()
                };
                add(&mut self.edges, (from, to), record, &asking);
            }
        }
    }

    /// Whether a class has one member, which is the sender itself.
    fn alone(&self, class: ClassId, sender: Sender) -> bool {
        let single = self.classes.all[class].members.len() == 1;
        single && matches!(sender, Sender::Interface(from, _) if from == class)
    }
}

fn add(
    edges: &mut BTreeMap<(BoxId, BoxId), Merged>,
    ends: (BoxId, BoxId),
    record: &Seen,
    asking: &dyn Fn() -> Ask,
) {
    edges
        .entry(ends)
        .and_modify(|merged| merged.add(record, asking))
        .or_insert_with(|| Merged::of(record, asking));
}

/// The box of a VPC as a sender.
fn inside(rows: &IdVec<TerritoryId, Row>, territory: TerritoryId) -> Key {
    (Column::Networks, Some(rows[territory].clone()), Content::Inside)
}

fn sender_id(network: &Network, classes: &Classes, sender: Sender) -> String {
    match sender {
        Sender::Interface(class, interface) => match classes.all[class].kin {
            Kin::Interfaces { .. } => {
                let component = &network.components[classes.component_of(class)];
                network.text(component.interface(interface).id()).to_owned()
            }
            Kin::Group(group) => {
                let component = &network.components[classes.component_of(class)];
                network.text(component.security_groups[group].id).to_owned()
            }
        },
        Sender::Territory(territory) => vpc_id(network, classes, territory),
    }
}

fn vpc_id(network: &Network, classes: &Classes, territory: TerritoryId) -> String {
    let territory = &classes.territories[territory];
    network.text(network.components[territory.component].vpcs[territory.vpc].id).to_owned()
}
