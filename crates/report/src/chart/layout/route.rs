//! Widths of columns, and the ways of edges.

use std::collections::BTreeMap;

use portolan::model::IdVec;
use portolan::record::chart::{Chart, Column};

use super::graph::{Graph, LANES, LINE, Lane, NodeId, PADDING, Side, SlotId, text_width};
use super::{Area, Label, Picture, Piece, Point, Route};

/// Around everything.
const MARGIN: i32 = 20;

/// Above the bands: the headings of columns.
pub(super) const HEAD: i32 = 28;

/// Where lines curve: at least, and at most.
const CURVE: (i32, i32) = (36, 68);

/// What an arrow takes of a line.
const ARROW: i32 = 14;

/// Where a column is: its room on the left, its boxes, its room on the right.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    left: i32,
    first: i32,
    last: i32,
    right: i32,
}

/// What a graph with its nodes placed looks like.
pub(super) fn picture(graph: &Graph, chart: &Chart) -> Picture {
    let (spans, width) = spans(graph, chart);
    let span = |lane: Lane| spans.get(&lane).copied().unwrap_or_default();
    let y = |y: i32| y + HEAD;
    let boxes = graph.nodes.iter().filter(|node| node.of.is_some()).map(|node| {
        let span = span(node.cell.0);
        let area = Area {
            x: span.first,
            y: y(node.y - node.height / 2),
            width: span.last - span.first,
            height: node.height,
        };
        (area, node.text.clone())
    });
    let mut boxes: Vec<(Area, Vec<super::Line>)> = boxes.collect();
    stretch_gates(graph, &mut boxes);
    let inside =
        || spans.iter().filter(|(lane, _)| !matches!(lane, Lane::Internet | Lane::Outside));
    let left = inside().map(|(_, span)| span.left).min().unwrap_or(MARGIN) - 6;
    let bulge = if graph.turns() { CURVE.0 - 8 } else { 10 };
    let right = inside().map(|(_, span)| span.right).max().unwrap_or(width) + bulge;
    let bands = graph.bands.iter().map(|&(first, last)| Area {
        x: left,
        y: y(first),
        width: right - left,
        height: last - first,
    });
    let edges = graph.ways.iter().map(|way| match way {
        Some((way, slot)) => route(graph, &spans, way, *slot),
        None => Route::default(),
    });
    Picture {
        width,
        height: graph.height + HEAD,
        headings: headings(&spans),
        bands: bands.collect(),
        boxes,
        edges: edges.collect(),
        labels: labels(graph, &spans),
    }
}

/// A gate is as high as the lines that pass it.
fn stretch_gates(graph: &Graph, boxes: &mut [(Area, Vec<super::Line>)]) {
    for nodes in graph.cells.iter().filter(|(cell, _)| cell.0 == Lane::Edge).map(|(_, it)| it) {
        let Some(gate) = nodes.first().map(|&id| &graph.nodes[id]).filter(|it| it.gate) else {
            continue;
        };
        let lanes = nodes.iter().map(|&id| &graph.nodes[id]).filter(|it| it.of.is_none());
        let Some(lowest) = lanes.map(|it| it.y).max() else { continue };
        if let Some((area, _)) = gate.of.and_then(|at| boxes.get_mut(at)) {
            area.height = (lowest + LINE / 2 + HEAD - area.y).max(area.height);
        }
    }
}

fn headings(spans: &BTreeMap<Lane, Span>) -> Vec<(Column, i32)> {
    let middle = |lane: Lane| spans.get(&lane).map(|span| (span.first + span.last) / 2);
    let networks = match (middle(Lane::Networks), middle(Lane::Outside)) {
        (Some(one), Some(other)) => Some((one + other) / 2),
        (one, other) => one.or(other),
    };
    [
        (Column::Internet, middle(Lane::Internet)),
        (Column::Edge, middle(Lane::Edge)),
        (Column::Public, middle(Lane::Public)),
        (Column::Private, middle(Lane::Private)),
        (Column::Data, middle(Lane::Data)),
        (Column::Networks, networks),
    ]
    .into_iter()
    .filter_map(|(column, middle)| Some((column, middle?)))
    .collect()
}

/// The columns that hold something, and how wide all of it is.
fn spans(graph: &Graph, chart: &Chart) -> (BTreeMap<Lane, Span>, i32) {
    let mut spans = BTreeMap::new();
    let mut x = MARGIN;
    let lanes = || LANES.into_iter().filter(|lane| graph.cells.keys().any(|cell| cell.0 == *lane));
    let last = lanes().next_back();
    for lane in lanes() {
        let nodes = graph.nodes.iter().filter(|node| node.cell.0 == lane);
        let texts = nodes.filter_map(|node| Some((chart.boxes.get(node.of?)?, &node.text)));
        let widest = texts.map(|(one, text)| text_width(one, text)).max().unwrap_or(0);
        let room = |side: Side| {
            let slots = graph.slots.iter();
            let here =
                slots.filter(|slot| slot.side == side && graph.nodes[slot.to].cell.0 == lane);
            here.map(|slot| slot.width + ARROW + 10).max().unwrap_or(6)
        };
        let first = x + room(Side::Left);
        let end = first + widest + 2 * PADDING;
        let right = end + room(Side::Right);
        spans.insert(lane, Span { left: x, first, last: end, right });
        x = right;
        let ends =
            |it: &super::graph::Stretch| (graph.nodes[it.from].cell.0, graph.nodes[it.to].cell.0);
        let lines = graph.stretches.iter().map(ends);
        let bends = lines.filter(|(one, other)| *one.min(other) == lane).count();
        if Some(lane) != last {
            x += (CURVE.0 + 2 * i32::try_from(bends).unwrap_or(0)).min(CURVE.1);
        } else if graph.turns() {
            x += CURVE.0;
        }
    }
    (spans, x + MARGIN)
}

/// The way of an edge through its nodes.
fn route(graph: &Graph, spans: &BTreeMap<Lane, Span>, way: &[NodeId], slot: SlotId) -> Route {
    let span = |id: NodeId| spans.get(&graph.nodes[id].cell.0).copied().unwrap_or_default();
    let mut pieces = Vec::new();
    for (at, pair) in way.windows(2).enumerate() {
        let [from, to] = *pair else { continue };
        let (start, end) = graph.offsets(super::graph::Stretch { from, to, slot });
        let (start, end) = (graph.nodes[from].y + start + HEAD, graph.nodes[to].y + end + HEAD);
        let (here, there) = (span(from), span(to));
        let (own, other) = (graph.nodes[from].cell.0, graph.nodes[to].cell.0);
        let last = at + 2 == way.len();
        if at == 0 {
            let x = if own > other { here.first } else { here.last };
            pieces.push(Piece::Start(Point { x, y: start }));
        }
        let (leave, arrive, stop) = match own.cmp(&other) {
            std::cmp::Ordering::Less => (here.right, there.left, there.first),
            std::cmp::Ordering::Greater => (here.left, there.right, there.last),
            std::cmp::Ordering::Equal => (here.right, here.right, here.last),
        };
        pieces.push(Piece::To(Point { x: leave, y: start }));
        let handle = if own == other { leave + CURVE.0 - 6 } else { (leave + arrive) / 2 };
        pieces.push(Piece::Curve(
            Point { x: handle, y: start },
            Point { x: handle, y: end },
            Point { x: arrive, y: end },
        ));
        if last {
            pieces.push(Piece::To(Point { x: stop, y: end }));
        }
    }
    Route { pieces }
}

/// The labels: in the room beside the boxes that they are about.
fn labels(graph: &Graph, spans: &BTreeMap<Lane, Span>) -> Vec<Label> {
    let of: IdVec<SlotId, Label> = graph
        .slots
        .entries()
        .map(|(id, slot)| {
            let node = &graph.nodes[slot.to];
            let span = spans.get(&node.cell.0).copied().unwrap_or_default();
            let y = node.y + graph.offset(slot.to, slot.side, Some(id)) + HEAD;
            let x = match slot.side {
                Side::Left => span.first - ARROW - slot.width / 2 - 3,
                Side::Right => span.last + ARROW + slot.width / 2 + 3,
            };
            Label {
                middle: Point { x, y },
                width: slot.width,
                text: slot.label.clone(),
                edge: slot.edges.first().copied().unwrap_or(0),
            }
        })
        .collect();
    of.iter().cloned().collect()
}
