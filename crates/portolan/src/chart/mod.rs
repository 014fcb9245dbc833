//! The chart: zones in columns, classes of interfaces as boxes, and what is open
//! between them as edges.
//!
//! Everything on it is made from the records of `ports`, so an edge says what can
//! really be reached, however the rules spell it. A chart has at most
//! [`MARKS`] boxes and edges: where there would be more, classes of a tier, a
//! region, an account are put together, and the chart says so. Boxes that are put
//! together keep every edge that one of them has, so what is open to everyone
//! stays in sight at every level.

mod bounds;
mod classes;
mod columns;
mod drawing;
mod edges;
mod names;
mod outside;
mod seen;
mod senders;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::model::{ComponentId, Id, Locate, Network, NetworkInterfaceId};
use crate::reach::explain::limitations;
use crate::reach::exposure::{PortsOptions, SourcesMode, coverage, port_classes};
use crate::reach::place::Zones;
use crate::record::chart::{Chart, Level};
use bounds::{Focus, Plan, plans, ranked};
use classes::Classes;
use drawing::Drawing;
use seen::{Facts, Seen, Watch};

/// So many boxes and edges a chart has at most.
pub const MARKS: usize = 300;

/// What a chart is about.
#[derive(Clone, Debug, Default)]
pub struct ChartOptions {
    /// Named zones: senders on the internet are called by them.
    pub zones: Zones,
    /// The interfaces that are looked at closely; none: the whole estate.
    pub focus: Option<BTreeSet<(ComponentId, NetworkInterfaceId)>>,
    /// The focus as it was asked for.
    pub asked: Vec<String>,
}

/// The chart of a network: as fine as its bounds allow.
#[must_use]
pub fn chart(network: &Network, locate: &(dyn Locate + Sync), options: &ChartOptions) -> Chart {
    let classes = Classes::of(network);
    let watch = Watch::new(network, &classes, &options.zones);
    let inbound = PortsOptions { sources: SourcesMode::Addresses, ..PortsOptions::default() };
    let mut seen: Vec<Seen> = Vec::new();
    port_classes(network, locate, &inbound, &|records| watch.read(&records), &mut |found| {
        seen.extend(found);
    });
    let facts = watch.facts(seen);
    let focus = options.focus.as_ref().map(|focus| Focus::of(focus, &classes, &facts));
    let drawing = finest(network, &classes, &facts, focus.as_ref());
    Chart {
        format: "portolan.chart/1".to_owned(),
        level: drawing.level(),
        merged: drawing.merged(),
        focus: options.asked.clone(),
        bands: drawing.bands(),
        boxes: drawing.boxes(),
        edges: drawing.edges(),
        coverage: coverage(network),
        limitations: limitations(network, locate),
    }
}

/// The finest drawing that has no more marks than it may have.
fn finest<'a>(
    network: &'a Network,
    classes: &'a Classes,
    facts: &'a Facts,
    focus: Option<&'a Focus>,
) -> Drawing<'a> {
    for plan in plans(classes, focus) {
        // Before all VPCs are put together: as many of them apart as there is room for.
        if focus.is_none() && plan.rest == Level::Region {
            let apart = apart(network, classes, facts);
            if let Some(drawing) = apart {
                return drawing;
            }
        }
        let drawing = Drawing::of(network, classes, facts, focus, plan);
        if drawing.marks() <= MARKS {
            return drawing;
        }
    }
    Drawing::of(network, classes, facts, focus, Plan::COARSEST)
}

/// The most open VPCs by their tiers, as many as there is room for, and all others together.
fn apart<'a>(network: &'a Network, classes: &'a Classes, facts: &'a Facts) -> Option<Drawing<'a>> {
    let ranked = ranked(classes, facts);
    let (mut found, mut fewest, mut most) = (None, 1, ranked.len().saturating_sub(1).min(MARKS));
    while fewest <= most {
        let number = fewest.midpoint(most);
        let plan = Plan::apart(ranked.get(..number).unwrap_or_default());
        let drawing = Drawing::of(network, classes, facts, None, plan);
        if drawing.marks() <= MARKS {
            found = Some(drawing);
            fewest = number.saturating_add(1);
        } else {
            most = number.saturating_sub(1);
        }
    }
    found
}

/// A number of something on the chart.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        struct $name(u32);

        impl Id for $name {
            fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            fn index(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
        }
    )+};
}

numbers! {
    /// Interfaces of one VPC, tier and set of groups.
    ClassId,
    /// A VPC, whatever its component.
    TerritoryId,
    /// A set of senders.
    ListId,
    /// Somebody who is no interface of the estate.
    OutsideId,
    /// A box.
    BoxId,
}
