//! A drawing as the record: bands, boxes and edges, in the order of their places.

use std::collections::{BTreeMap, BTreeSet};

use super::{Content, Drawing, Held, Row, vpc_id};
use crate::audit::Traffic;
use crate::chart::classes::{Kin, Kind};
use crate::chart::edges::texts;
use crate::chart::outside::{peer, vpn};
use crate::chart::{BoxId, MARKS, TerritoryId, names};
use crate::model::Id;
use crate::record::chart::{Band, BoxKind, ChartBox, Column, Edge, Level};

/// What attachments of transit gateways are called: they have no names.
const ATTACHMENT: &str = "TGW attachment";

/// So many names and ids are told of a box.
const TOLD: usize = 20;

impl Drawing<'_> {
    /// The level of what nothing else is said of.
    pub(in crate::chart) fn level(&self) -> Level {
        self.plan.rest
    }

    /// What was put together, in words.
    pub(in crate::chart) fn merged(&self) -> String {
        let apart = self.plan.apart.len();
        if apart > 0 {
            let classes = self.classes.all.len();
            return format!(
                "a box is a tier of a VPC, of the {} that are most open; all others are put \
                 together: {classes} classes would make more than {MARKS} boxes and edges",
                counted(apart, "VPC"),
            );
        }
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
    pub(in crate::chart) fn bands(&self) -> Vec<Band> {
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
                let title = if self.plan.apart.is_empty() { "the estate" } else { "all others" };
                (title.to_owned(), detail, String::new(), String::new())
            }
        };
        Band { id: format!("r{number}"), title, detail, account, region, vpcs, idle }
    }

    /// The boxes of the record.
    pub(in crate::chart) fn boxes(&self) -> Vec<ChartBox> {
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
            Content::Gate(kind) => self.gate(*kind, held),
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
                let behind = match kind {
                    BoxKind::Peer => peer(self.network, id),
                    BoxKind::VpnGateway => vpn(self.network, id),
                    BoxKind::Everyone
                    | BoxKind::Addresses
                    | BoxKind::InternetGateway
                    | BoxKind::NatGateway
                    | BoxKind::EgressOnlyInternetGateway
                    | BoxKind::Interfaces
                    | BoxKind::SecurityGroup
                    | BoxKind::Inside
                    | BoxKind::TransitGateway
                    | BoxKind::Network => String::new(),
                };
                let title = if behind.is_empty() { gateway(*kind) } else { behind.as_str() };
                plain(*kind, title, id.clone(), vec![id.clone()], 1)
            }
            Content::Gateways(kind) => {
                let count = held.outside.len();
                plain(*kind, gateway(*kind), counted(count, "gateway"), outside(), count)
            }
        }
    }

    fn gate(&self, kind: BoxKind, held: &Held) -> ChartBox {
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
            BoxKind::Everyone
            | BoxKind::Addresses
            | BoxKind::InternetGateway
            | BoxKind::Interfaces
            | BoxKind::SecurityGroup
            | BoxKind::Inside
            | BoxKind::Peer
            | BoxKind::TransitGateway
            | BoxKind::VpnGateway
            | BoxKind::Network => String::new(),
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
    pub(in crate::chart) fn edges(&self) -> Vec<Edge> {
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

/// A box of which nothing else is told.
fn plain(kind: BoxKind, title: &str, detail: String, ids: Vec<String>, count: usize) -> ChartBox {
    ChartBox {
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
    }
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
