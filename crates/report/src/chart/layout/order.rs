//! What stands above what: barycentre sweeps, of which the best is kept.

use std::collections::BTreeMap;

use portolan::model::IdVec;

use super::graph::{Cell, Graph, LANES, Lane, NodeId, SlotId, Stretch};
use super::place::{frame, place, stack};

/// So often columns are gone through in both directions.
const SWEEPS: usize = 12;

/// How much straighter a line to everyone is than another.
const RED: i64 = 4;

/// From which side lines are looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum From {
    Before,
    After,
    Both,
}

/// The stretches at each node.
pub(super) type Touching = IdVec<NodeId, Vec<Stretch>>;

/// Orders all cells and places their nodes.
pub(super) fn order(graph: &mut Graph) {
    let mut touching: Touching = graph.nodes.iter().map(|_| Vec::new()).collect();
    for &stretch in &graph.stretches {
        touching[stretch.from].push(stretch);
        if stretch.from != stretch.to {
            touching[stretch.to].push(stretch);
        }
    }
    frame(graph);
    for cell in graph.cells.values_mut() {
        let nodes = &graph.nodes;
        cell.sort_by_key(|&id| rank(nodes, id));
    }
    stack(graph);
    let mut best: Option<(i64, BTreeMap<Cell, Vec<NodeId>>)> = None;
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        let from = match (forward, sweep + 4 < SWEEPS) {
            (_, false) => From::Both,
            (true, true) => From::Before,
            (false, true) => From::After,
        };
        let lanes: Vec<Lane> =
            if forward { LANES.to_vec() } else { LANES.into_iter().rev().collect() };
        for lane in lanes {
            sort(graph, &touching, lane, from);
            sort_slots(graph, &touching);
            place(graph, &touching, lane, from);
        }
        let cost = cost(graph);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, graph.cells.clone()));
        }
    }
    if let Some((_, cells)) = best {
        graph.cells = cells;
    }
    frame(graph);
    stack(graph);
    for _ in 0..SWEEPS {
        for lane in LANES.into_iter().chain(LANES.into_iter().rev()) {
            sort_slots(graph, &touching);
            place(graph, &touching, lane, From::Both);
        }
    }
    sort_slots(graph, &touching);
}

/// Gates first, then the lanes that pass them, then all else.
fn rank(nodes: &IdVec<NodeId, super::graph::Node>, id: NodeId) -> u8 {
    let node = &nodes[id];
    match (node.cell.0, node.gate, node.of) {
        (Lane::Edge, true, _) => 0,
        (Lane::Edge, false, None) => 1,
        _ => 2,
    }
}

fn sort(graph: &mut Graph, touching: &Touching, lane: Lane, from: From) {
    let mut cells = std::mem::take(&mut graph.cells);
    for (_, nodes) in cells.iter_mut().filter(|(cell, _)| cell.0 == lane) {
        let keys: BTreeMap<NodeId, (u8, i64)> = nodes
            .iter()
            .map(|&id| (id, (rank(&graph.nodes, id), wanted(graph, touching, id, from))))
            .collect();
        nodes.sort_by_key(|id| keys.get(id).copied());
    }
    graph.cells = cells;
}

/// Where a node would stand if it were alone, in sixteenths of a pixel: where its
/// lines would be straight.
pub(super) fn wanted(graph: &Graph, touching: &Touching, id: NodeId, from: From) -> i64 {
    let (mut sum, mut weights) = (0_i64, 0_i64);
    let own = graph.nodes[id].cell.0;
    for &stretch in &touching[id] {
        let other = if stretch.from == id { stretch.to } else { stretch.from };
        let there = graph.nodes[other].cell.0;
        let counts = match from {
            From::Before => there < own,
            From::After => there > own,
            From::Both => there != own,
        };
        if !counts {
            continue;
        }
        let (start, end) = graph.offsets(stretch);
        let (mine, theirs) = if stretch.from == id { (start, end) } else { (end, start) };
        let weight = if graph.slots[stretch.slot].everyone { RED } else { 1 };
        sum += weight * i64::from(graph.nodes[other].y + theirs - mine);
        weights += weight;
    }
    let still = i64::from(graph.nodes[id].y) * 16;
    if weights == 0 { still } else { sum * 16 / weights }
}

/// Where edges enter a box, in the order in which they come.
fn sort_slots(graph: &mut Graph, touching: &Touching) {
    for id in graph.nodes.ids().collect::<Vec<_>>() {
        let node = &graph.nodes[id];
        if node.left.len() < 2 && node.right.len() < 2 {
            continue;
        }
        let own = node.cell.0;
        let height = |slot: Option<SlotId>, left: bool| {
            let (mut sum, mut number) = (0_i64, 0_i64);
            for &stretch in &touching[id] {
                let (other, mine) = if stretch.to == id && stretch.from != id {
                    (stretch.from, Some(stretch.slot))
                } else {
                    (stretch.to, None)
                };
                let there = graph.nodes[other].cell.0;
                if mine == slot && (there < own) == left {
                    sum += i64::from(graph.nodes[other].y);
                    number += 1;
                }
            }
            if number == 0 { 0 } else { sum / number }
        };
        let (mut left, mut right) = (node.left.clone(), node.right.clone());
        left.sort_by_key(|&slot| (height(slot, true), slot));
        right.sort_by_key(|&slot| (height(slot, false), slot));
        let node = &mut graph.nodes[id];
        (node.left, node.right) = (left, right);
    }
}

/// How much lines rise and fall, and how often they cross.
fn cost(graph: &Graph) -> i64 {
    let ends: Vec<(Lane, i32, i32)> = graph
        .stretches
        .iter()
        .filter_map(|&stretch| {
            let (from, to) = (&graph.nodes[stretch.from], &graph.nodes[stretch.to]);
            let (start, end) = graph.offsets(stretch);
            let (start, end) = (from.y + start, to.y + end);
            match from.cell.0.cmp(&to.cell.0) {
                std::cmp::Ordering::Less => Some((from.cell.0, start, end)),
                std::cmp::Ordering::Greater => Some((to.cell.0, end, start)),
                std::cmp::Ordering::Equal => None,
            }
        })
        .collect();
    let rise: i64 = ends.iter().map(|&(_, start, end)| i64::from((start - end).abs())).sum();
    let mut crossings = 0_i64;
    for (at, &(lane, start, end)) in ends.iter().enumerate() {
        for &(other, begin, stop) in ends.iter().skip(at + 1) {
            if lane == other && i64::from(start - begin) * i64::from(end - stop) < 0 {
                crossings += 1;
            }
        }
    }
    rise + crossings * 40
}
