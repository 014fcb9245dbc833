//! The chart as a graph of boxes and lanes in cells.

use std::collections::{BTreeMap, BTreeSet};

use portolan::model::{Id, IdVec};
use portolan::record::Certainty;
use portolan::record::chart::{BoxKind, Chart, ChartBox, Column};

use super::widths::{fitted, width};
use crate::chart::label;
use crate::untrusted::visible;

/// A line on which a label may stand, to the next one.
pub(super) const LINE: i32 = 17;

/// Sizes of letters.
pub(crate) const TITLE: i32 = 13;
pub(crate) const SMALL: i32 = 11;

/// Between the rim of a box and its text.
pub(super) const PADDING: i32 = 9;

/// What a label is as wide as at most.
const WIDEST_LABEL: i32 = 88;

/// What a box's text is as wide as at most.
const WIDEST_TEXT: i32 = 172;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub(super) struct $name(u32);

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
    /// A box or a lane.
    NodeId,
    /// Where edges that tell the same enter a box.
    SlotId,
}

/// Columns as they are drawn: networks inside bands and outside are apart.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Lane {
    Internet,
    Edge,
    Public,
    Private,
    Data,
    Networks,
    Outside,
}

/// All of them, from left to right.
pub(super) const LANES: [Lane; 7] = [
    Lane::Internet,
    Lane::Edge,
    Lane::Public,
    Lane::Private,
    Lane::Data,
    Lane::Networks,
    Lane::Outside,
];

/// A cell: a column, and a band if the column is inside them.
pub(super) type Cell = (Lane, Option<usize>);

/// Which side of a box.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Side {
    Left,
    Right,
}

/// A line of text in a box.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) kind: LineKind,
}

/// How a line of text looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LineKind {
    Title,
    Detail,
    Everyone,
}

/// A box or a lane.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) cell: Cell,
    /// Which box of the chart; none: a lane.
    pub(super) of: Option<usize>,
    /// Whether lines from the internet pass it: it stands first in its cell.
    pub(super) gate: bool,
    pub(super) height: i32,
    /// The middle.
    pub(super) y: i32,
    pub(super) text: Vec<Line>,
    /// Where edges enter it, by side, from the top down; `None` is where edges leave it.
    pub(super) left: Vec<Option<SlotId>>,
    pub(super) right: Vec<Option<SlotId>>,
}

/// Where edges that tell the same enter a box.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) to: NodeId,
    pub(super) side: Side,
    pub(super) label: String,
    pub(super) width: i32,
    /// Edges of the chart.
    pub(super) edges: Vec<usize>,
    pub(super) everyone: bool,
}

/// A stretch from one node to the next.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Stretch {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) slot: SlotId,
}

/// Everything that is placed.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: IdVec<NodeId, Node>,
    pub(super) slots: IdVec<SlotId, Slot>,
    /// The nodes of each edge of the chart, its slot last; none for an edge that is not drawn.
    pub(super) ways: Vec<Option<(Vec<NodeId>, SlotId)>>,
    /// Each once.
    pub(super) stretches: Vec<Stretch>,
    /// The nodes of each cell, from the top down.
    pub(super) cells: BTreeMap<Cell, Vec<NodeId>>,
    /// From where to where each band goes.
    pub(super) bands: Vec<(i32, i32)>,
    /// How high everything is.
    pub(super) height: i32,
}

impl Graph {
    pub(super) fn of(chart: &Chart) -> Self {
        let mut graph = Self { bands: vec![(0, 0); chart.bands.len()], ..Self::default() };
        let mut by_id: BTreeMap<&str, NodeId> = BTreeMap::new();
        for (at, one) in chart.boxes.iter().enumerate() {
            let band = chart.bands.iter().position(|band| band.id == one.band);
            let node = graph.node(Node {
                cell: (lane(one.column, band), band),
                of: Some(at),
                gate: one.kind == BoxKind::InternetGateway,
                height: 0,
                y: 0,
                text: text(one),
                left: Vec::new(),
                right: Vec::new(),
            });
            by_id.insert(&one.id, node);
        }
        let present: BTreeSet<Lane> = graph.cells.keys().map(|cell| cell.0).collect();
        let mut slots: BTreeMap<(NodeId, Side, String, bool, Certainty), SlotId> = BTreeMap::new();
        let mut lanes: BTreeMap<(SlotId, Lane), NodeId> = BTreeMap::new();
        for (at, edge) in chart.edges.iter().enumerate() {
            let ends = (by_id.get(edge.from.as_str()), by_id.get(edge.to.as_str()));
            let (Some(&from), Some(&to)) = ends else {
                graph.ways.push(None);
                continue;
            };
            let label = short(edge);
            let (start, end) = (graph.nodes[from].cell.0, graph.nodes[to].cell.0);
            // Within a column an edge leaves and enters on the right.
            let side = if start < end { Side::Left } else { Side::Right };
            let key = (to, side, label.clone(), edge.everyone, edge.certainty);
            let slot = *slots.entry(key).or_insert_with(|| {
                graph.slots.push(Slot {
                    to,
                    side,
                    width: width(&label, SMALL, edge.everyone),
                    label,
                    edges: Vec::new(),
                    everyone: edge.everyone,
                })
            });
            graph.slots[slot].edges.push(at);
            let mut way = vec![from];
            for lane in between(start, end) {
                let band = graph.nodes[to].cell.1;
                if !present.contains(&lane) {
                    continue;
                }
                let node = *lanes.entry((slot, lane)).or_insert_with(|| {
                    graph.node(Node {
                        cell: (lane, band),
                        of: None,
                        gate: false,
                        height: LINE,
                        y: 0,
                        text: Vec::new(),
                        left: Vec::new(),
                        right: Vec::new(),
                    })
                });
                way.push(node);
            }
            way.push(to);
            for pair in way.windows(2) {
                if let [from, to] = *pair {
                    graph.stretches.push(Stretch { from, to, slot });
                }
            }
            let out = if start > end {
                &mut graph.nodes[from].left
            } else {
                &mut graph.nodes[from].right
            };
            if !out.contains(&None) {
                out.push(None);
            }
            graph.ways.push(Some((way, slot)));
        }
        for (id, slot) in graph.slots.entries() {
            let node = &mut graph.nodes[slot.to];
            let side = if slot.side == Side::Left { &mut node.left } else { &mut node.right };
            side.push(Some(id));
        }
        graph.stretches.sort_unstable();
        graph.stretches.dedup();
        for id in graph.nodes.ids().collect::<Vec<_>>() {
            let node = &mut graph.nodes[id];
            if node.of.is_some() {
                let lines = i32::try_from(node.text.len()).unwrap_or(1);
                let slots = i32::try_from(node.left.len().max(node.right.len())).unwrap_or(1);
                node.height = (lines * 16 + 14).max(slots * LINE + 8);
            }
        }
        graph
    }

    fn node(&mut self, node: Node) -> NodeId {
        let cell = node.cell;
        let id = self.nodes.push(node);
        self.cells.entry(cell).or_default().push(id);
        id
    }

    /// Whether an edge of the last column turns around on its right.
    pub(super) fn turns(&self) -> bool {
        let last = self.cells.keys().map(|cell| cell.0).max();
        self.stretches.iter().any(|it| {
            let (from, to) = (self.nodes[it.from].cell.0, self.nodes[it.to].cell.0);
            from == to && Some(from) == last
        })
    }

    /// Where an edge enters or leaves a node, from its middle.
    pub(super) fn offset(&self, node: NodeId, side: Side, slot: Option<SlotId>) -> i32 {
        let facts = &self.nodes[node];
        let all = if side == Side::Left { &facts.left } else { &facts.right };
        let Some(at) = all.iter().position(|it| *it == slot) else { return 0 };
        let (at, last) =
            (i32::try_from(at).unwrap_or(0), i32::try_from(all.len()).unwrap_or(1) - 1);
        (2 * at - last) * LINE / 2
    }

    /// Where a stretch begins and ends, from the middles of its nodes.
    pub(super) fn offsets(&self, stretch: Stretch) -> (i32, i32) {
        let (from, to) = (&self.nodes[stretch.from], &self.nodes[stretch.to]);
        let leaving = if from.cell.0 > to.cell.0 { Side::Left } else { Side::Right };
        let start = match from.of {
            Some(_) => self.offset(stretch.from, leaving, None),
            None => 0,
        };
        let end = match to.of {
            Some(_) => self.offset(stretch.to, self.slots[stretch.slot].side, Some(stretch.slot)),
            None => 0,
        };
        (start, end)
    }
}

fn lane(column: Column, band: Option<usize>) -> Lane {
    match (column, band) {
        (Column::Internet, _) => Lane::Internet,
        (Column::Edge, _) => Lane::Edge,
        (Column::Public, _) => Lane::Public,
        (Column::Private, _) => Lane::Private,
        (Column::Data, _) => Lane::Data,
        (Column::Networks, Some(_)) => Lane::Networks,
        (Column::Networks, None) => Lane::Outside,
    }
}

/// The columns between two, in the direction of the edge.
fn between(start: Lane, end: Lane) -> Vec<Lane> {
    let inner = |low: Lane, high: Lane| LANES.into_iter().filter(move |it| low < *it && *it < high);
    if start < end { inner(start, end).collect() } else { inner(end, start).rev().collect() }
}

/// The label of an edge: as many ports as there is room for.
fn short(edge: &portolan::record::chart::Edge) -> String {
    let mut best = String::new();
    for most in 1..=6 {
        let text = visible(&label::numbers(edge, most)).into_owned();
        if most > 1 && width(&text, SMALL, edge.everyone) > WIDEST_LABEL {
            break;
        }
        best = text;
    }
    fitted(&best, SMALL, edge.everyone, WIDEST_LABEL * 3 / 2)
}

/// The lines of text of a box.
fn text(one: &ChartBox) -> Vec<Line> {
    let line = |text: &str, kind: LineKind, room: i32| {
        let size = if kind == LineKind::Title { TITLE } else { SMALL };
        let bold = kind != LineKind::Detail;
        Line { text: fitted(&visible(text), size, bold, room), kind }
    };
    let badge = badge_width(one);
    let mut lines = vec![line(&one.title, LineKind::Title, WIDEST_TEXT - badge)];
    let mut detail = |text: &str| {
        if !text.is_empty() {
            lines.push(line(text, LineKind::Detail, WIDEST_TEXT));
        }
    };
    detail(&one.detail);
    if one.column == Column::Data && one.public {
        detail("with a public address");
    }
    if !one.inside.is_empty() {
        detail(&format!("among them {}", label::list(&one.inside, 2)));
    }
    if !one.everyone.is_empty() {
        lines.push(line("open to everyone", LineKind::Everyone, WIDEST_TEXT));
    }
    lines
}

/// The number of a box's members, if there are several.
pub(crate) fn badge(one: &ChartBox) -> Option<String> {
    let one_of_a_kind =
        matches!(one.kind, BoxKind::Everyone | BoxKind::Addresses | BoxKind::Inside);
    (!one_of_a_kind && one.count > 1).then(|| format!("×{}", one.count))
}

/// How much room the number takes beside the title.
pub(super) fn badge_width(one: &ChartBox) -> i32 {
    badge(one).map_or(0, |text| width(&text, SMALL, true) + 18)
}

/// How wide the text of a box is.
pub(super) fn text_width(one: &ChartBox, text: &[Line]) -> i32 {
    let widths = text.iter().map(|line| match line.kind {
        LineKind::Title => width(&line.text, TITLE, true) + badge_width(one),
        LineKind::Detail => width(&line.text, SMALL, false),
        LineKind::Everyone => width(&line.text, SMALL, true) + 16,
    });
    widths.max().unwrap_or(0)
}
