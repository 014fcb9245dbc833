//! A drawing: the boxes and edges of one plan, and the record that they make.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::{Focus, Plan};
use super::classes::{Classes, Kin, Kind};
use super::edges::{Merged, texts};
use super::outside::{Outside, peer};
use super::seen::{Crowd, Fact, Facts, Seen};
use super::{BoxId, ClassId, ListId, MARKS, TerritoryId, names};
use crate::audit::Traffic;
use crate::model::{Id, IdVec, Network, NetworkInterfaceId};
use crate::record::chart::{Ask, Band, BoxKind, ChartBox, Column, Edge, Level};

/// So many senders of a kind have boxes of their own.
const SENDERS: usize = 8;

/// What attachments of transit gateways are called: they have no names.
const ATTACHMENT: &str = "TGW attachment";

/// So many names and ids are told of a box.
const TOLD: usize = 20;

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
        let level = |territory: &super::classes::Territory| {
            let levels = territory.classes.iter().map(|&it| self.plan.level(self.focus, it));
            levels.min().unwrap_or(self.plan.rest)
        };
        let all = self.classes.territories.entries();
        all.map(|(id, territory)| self.row(id, level(territory))).collect()
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
        let level = self.plan.level(self.focus, class);
        let content = if level == Level::Class { Content::Class(class) } else { Content::Tier };
        (column, Some(self.row(self.classes.all[class].territory, level)), content)
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

    /// The level of what nothing else is said of.
    pub(super) fn level(&self) -> Level {
        self.plan.rest
    }

    /// What was put together, in words.
    pub(super) fn merged(&self) -> String {
        let what = match self.plan.rest {
            Level::Class => return String::new(),
            Level::Tier => "a tier of a VPC",
            Level::Region => "a tier of all VPCs of a region",
            Level::Account => "a tier of all VPCs of an account",
            Level::Estate => "a tier of the whole estate",
        };
        if self.focus.is_some() {
            return format!("beside the focus a box is {what}");
        }
        let classes = self.classes.all.len();
        format!("a box is {what}: {classes} classes would make more than {MARKS} boxes and edges")
    }

    /// The rows of the record.
    pub(super) fn bands(&self) -> Vec<Band> {
        let mut rows: BTreeMap<Row, BTreeSet<TerritoryId>> = BTreeMap::new();
        for ((_, row, _), held) in &self.held {
            let Some(row) = row else { continue };
            let territories = rows.entry(row.clone()).or_default();
            territories.extend(held.territories.iter().copied());
            territories.extend(held.classes.iter().map(|&it| self.classes.all[it].territory));
        }
        let bands = rows.into_iter().zip(1..);
        bands.map(|((row, of), number)| self.band(&row, &of, number)).collect()
    }

    fn band(&self, row: &Row, territories: &BTreeSet<TerritoryId>, number: usize) -> Band {
        let facts = |id: TerritoryId| {
            let territory = &self.classes.territories[id];
            &self.network.components[territory.component].vpcs[territory.vpc]
        };
        let idle = territories.iter().map(|&it| self.classes.territories[it].idle).sum();
        let vpcs: Vec<String> =
            territories.iter().map(|&id| self.network.text(facts(id).id).to_owned()).collect();
        let (title, detail, account, region) = match row {
            Row::Territory(id) => {
                let (account, region) = self.scope(*id);
                let vpc = facts(*id);
                let name = self.network.text(vpc.name);
                let blocks = vpc.ipv4.iter().map(ToString::to_string);
                let blocks: Vec<String> =
                    blocks.chain(vpc.ipv6.iter().map(ToString::to_string)).collect();
                let title = if name.is_empty() { self.network.text(vpc.id) } else { name };
                (title.to_owned(), blocks.join(", "), account, region)
            }
            Row::Region(account, region) => {
                let detail = counted(vpcs.len(), "VPC");
                (region.clone(), detail, account.clone(), region.clone())
            }
            Row::Account(account) => {
                (account.clone(), counted(vpcs.len(), "VPC"), account.clone(), String::new())
            }
            Row::Estate => {
                let detail = counted(vpcs.len(), "VPC");
                ("the estate".to_owned(), detail, String::new(), String::new())
            }
        };
        Band { id: format!("r{number}"), title, detail, account, region, vpcs, idle }
    }

    /// The boxes of the record.
    pub(super) fn boxes(&self) -> Vec<ChartBox> {
        let rows: BTreeSet<&Row> =
            self.held.keys().filter_map(|(_, row, _)| row.as_ref()).collect();
        let bands: BTreeMap<&Row, String> =
            rows.into_iter().zip(1..).map(|(row, number)| (row, format!("r{number}"))).collect();
        let all = self.held.iter();
        all.map(|((column, row, content), held)| {
            let mut made = self.made(content, held);
            made.column = *column;
            made.band = row.as_ref().and_then(|row| bands.get(row)).cloned().unwrap_or_default();
            made.id = held.number.map(name).unwrap_or_default();
            let ports = |of: &BTreeMap<BoxId, BTreeSet<Traffic>>| {
                held.number.and_then(|it| of.get(&it)).map(texts).unwrap_or_default()
            };
            (made.everyone, made.inside) = (ports(&self.everyone), ports(&self.inside));
            made
        })
        .collect()
    }

    fn made(&self, content: &Content, held: &Held) -> ChartBox {
        let outside = || held.outside.iter().take(TOLD).cloned().collect::<Vec<String>>();
        let plain = |kind, title: &str, detail: String, ids: Vec<String>, count: usize| ChartBox {
            id: String::new(),
            kind,
            column: Column::Internet,
            band: String::new(),
            title: title.to_owned(),
            detail,
            count: u64::try_from(count).unwrap_or(u64::MAX),
            classes: 0,
            names: Vec::new(),
            ids,
            public: false,
            everyone: Vec::new(),
            inside: Vec::new(),
            focused: false,
        };
        match content {
            Content::Everyone => {
                let detail = "0.0.0.0/0, ::/0".to_owned();
                plain(BoxKind::Everyone, "everyone", detail, Vec::new(), 1)
            }
            Content::Zone(name) => plain(BoxKind::Addresses, name, "zone".to_owned(), outside(), 1),
            Content::Blocks(blocks) => {
                let ids: Vec<String> = blocks.split(' ').take(TOLD).map(str::to_owned).collect();
                let count = blocks.split(' ').count();
                let first = ids.first().cloned().unwrap_or_default();
                let first = first.strip_suffix("/32").unwrap_or(&first).to_owned();
                let title = if count > 1 { format!("{first} +{}", count - 1) } else { first };
                plain(BoxKind::Addresses, &title, "addresses".to_owned(), ids, count)
            }
            Content::Addresses => {
                let all: BTreeSet<&str> =
                    held.outside.iter().flat_map(|blocks| blocks.split(' ')).collect();
                let ids = all.iter().take(TOLD).map(|&block| block.to_owned()).collect();
                let detail = format!("{} blocks and zones", all.len());
                plain(BoxKind::Addresses, "named addresses", detail, ids, all.len())
            }
            Content::Gate(kind) => self.gate(*kind, held, &plain),
            Content::Class(_) | Content::Tier => self.interfaces(held),
            Content::Inside => {
                let ids: Vec<String> = held
                    .territories
                    .iter()
                    .take(TOLD)
                    .map(|&it| vpc_id(self.network, self.classes, it))
                    .collect();
                let detail = "every host of a VPC".to_owned();
                let count = held.territories.len();
                plain(BoxKind::Inside, "anyone inside", detail, ids, count)
            }
            Content::Gateway(kind, id) => {
                let behind =
                    if *kind == BoxKind::Peer { peer(self.network, id) } else { String::new() };
                let title = if behind.is_empty() { gateway(*kind) } else { behind.as_str() };
                plain(*kind, title, id.clone(), vec![id.clone()], 1)
            }
            Content::Gateways(kind) => {
                let count = held.outside.len();
                plain(*kind, gateway(*kind), counted(count, "gateway"), outside(), count)
            }
        }
    }

    fn gate(
        &self,
        kind: BoxKind,
        held: &Held,
        plain: &dyn Fn(BoxKind, &str, String, Vec<String>, usize) -> ChartBox,
    ) -> ChartBox {
        let all: BTreeSet<String> =
            held.territories.iter().flat_map(|&it| self.gate_ids(it, kind)).collect();
        let ids: Vec<String> = all.iter().take(TOLD).cloned().collect();
        let behind: u64 =
            held.territories.iter().map(|&it| self.classes.territories[it].behind_nat).sum();
        let detail = match kind {
            BoxKind::NatGateway if behind > 0 => {
                format!(
                    "way out of {}",
                    counted(usize::try_from(behind).unwrap_or(usize::MAX), "subnet")
                )
            }
            BoxKind::NatGateway | BoxKind::EgressOnlyInternetGateway => {
                "a way out, never in".to_owned()
            }
            _ => String::new(),
        };
        plain(kind, gateway(kind), detail, ids, all.len())
    }

    fn interfaces(&self, held: &Held) -> ChartBox {
        let mut stems: BTreeMap<String, u64> = BTreeMap::new();
        let (mut names_, mut ids, mut groups) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        let (mut count, mut public) = (0_u64, false);
        let mut kind = BoxKind::Interfaces;
        for &id in &held.classes {
            let class = &self.classes.all[id];
            let component = &self.network.components[self.classes.component_of(id)];
            let called = |group| names::of_group(self.network, group).to_owned();
            let attachment =
                matches!(class.kin, Kin::Interfaces { kind: Kind::TransitGateway, .. });
            match class.kin {
                Kin::Interfaces { public: open, groups: set, .. } => {
                    public |= open;
                    let worn = component.group_sets[set].iter();
                    groups.extend(worn.map(|&group| called(&component.security_groups[group])));
                }
                Kin::Group(group) => {
                    kind = BoxKind::SecurityGroup;
                    let group = &component.security_groups[group];
                    *stems.entry(called(group)).or_default() += 1;
                    ids.push(self.network.text(group.id).to_owned());
                    count = count.saturating_add(1);
                }
            }
            for &member in &class.members {
                let interface = component.interface(member);
                let name = names::of(self.network, component, interface);
                let stem = if attachment { ATTACHMENT } else { names::stem(name) };
                *stems.entry(stem.to_owned()).or_default() += 1;
                if !name.is_empty() && names_.len() < TOLD {
                    names_.insert(name.to_owned());
                }
                if ids.len() < TOLD {
                    ids.push(self.network.text(interface.id()).to_owned());
                }
                count = count.saturating_add(1);
            }
        }
        let mut groups: Vec<String> = groups.into_iter().collect();
        // What few wear tells a box apart.
        groups.sort_by_key(|group| self.classes.wearing(group));
        let mut title = match names_.first() {
            Some(name) if count == 1 && !stems.contains_key(ATTACHMENT) => {
                names::plain(name).to_owned()
            }
            Some(_) | None => names::title(&stems),
        };
        if title.is_empty() {
            title = if groups.is_empty() { "unnamed".to_owned() } else { groups.join(", ") };
        }
        let detail = match held.classes.len() {
            1 => groups.join(", "),
            many => counted(many, "class"),
        };
        ids.truncate(TOLD);
        ChartBox {
            id: String::new(),
            kind,
            column: Column::Private,
            band: String::new(),
            title,
            detail,
            count,
            classes: u64::try_from(held.classes.len()).unwrap_or(u64::MAX),
            names: names_.into_iter().collect(),
            ids,
            public,
            everyone: Vec::new(),
            inside: Vec::new(),
            focused: self
                .focus
                .is_some_and(|focus| held.classes.iter().any(|it| focus.classes.contains(it))),
        }
    }

    /// The edges of the record.
    pub(super) fn edges(&self) -> Vec<Edge> {
        let everyone = self
            .held
            .iter()
            .find(|((_, _, content), _)| *content == Content::Everyone)
            .and_then(|(_, held)| held.number);
        let all = self.edges.iter();
        all.map(|(&(from, to), merged)| Edge {
            from: name(from),
            to: name(to),
            ports: merged.ports(),
            possible: merged.possible(),
            everyone: Some(from) == everyone,
            certainty: merged.certainty(),
            clients: merged.clients,
            via: merged.via.iter().take(TOLD).cloned().collect(),
            ask: merged.ask().clone(),
        })
        .collect()
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

fn name(id: BoxId) -> String {
    format!("b{}", id.index().saturating_add(1))
}

/// What a gateway, or what is behind it, is called.
fn gateway(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::InternetGateway => "internet gateway",
        BoxKind::NatGateway => "NAT gateway",
        BoxKind::EgressOnlyInternetGateway => "egress-only",
        BoxKind::Peer => "peered VPC",
        BoxKind::TransitGateway => "transit gateway",
        BoxKind::VpnGateway => "VPN",
        BoxKind::Everyone
        | BoxKind::Addresses
        | BoxKind::Interfaces
        | BoxKind::SecurityGroup
        | BoxKind::Inside
        | BoxKind::Network => "other networks",
    }
}

fn counted(count: usize, what: &str) -> String {
    match (count, what.strip_suffix('s')) {
        (1, _) => format!("1 {what}"),
        (_, Some(_)) => format!("{count} {what}es"),
        (_, None) => format!("{count} {what}s"),
    }
}
