//! How high everything stands: as near as possible to where its lines are straight,
//! in its order and apart from its neighbours.

use super::graph::{Cell, Graph, Lane, Node, NodeId};
use super::order::{From, Touching, wanted};

/// Between boxes of a cell.
const GAP: i32 = 16;

/// Above the first box of a band: its title.
pub(crate) const BAND_HEAD: i32 = 34;

/// Below the last box of a band, and between bands.
const BAND_FOOT: i32 = 16;
const BETWEEN_BANDS: i32 = 18;

/// How high bands are: as high as their fullest cell, in the order that it has.
pub(super) fn frame(graph: &mut Graph) {
    let mut y = 0;
    let total = |nodes: &[NodeId]| {
        let half = |id: Option<&NodeId>| id.map_or(0, |&id| (graph.nodes[id].height + 1) / 2);
        let mut sum = half(nodes.first()) + half(nodes.last());
        for pair in nodes.windows(2) {
            if let [one, other] = *pair {
                sum += apart(&graph.nodes[one], &graph.nodes[other]);
            }
        }
        sum
    };
    let cells = |band: Option<usize>| {
        let all = graph.cells.iter().filter(move |(cell, _)| cell.1 == band);
        all.map(|(_, nodes)| total(nodes)).max().unwrap_or(0)
    };
    let mut bands = Vec::new();
    for band in 0..graph.bands.len() {
        let height = BAND_HEAD + cells(Some(band)).max(30) + BAND_FOOT;
        bands.push((y, y + height));
        y += height + BETWEEN_BANDS;
    }
    let height = (y - BETWEEN_BANDS).max(cells(None) + 2 * GAP).max(60);
    graph.height = height;
    graph.bands = bands;
}

/// From where to where the nodes of a cell may stand.
fn bounds(graph: &Graph, cell: Cell) -> (i32, i32) {
    match cell.1.and_then(|band| graph.bands.get(band)) {
        Some(&(first, last)) => (first + BAND_HEAD, last - BAND_FOOT),
        None => (0, graph.height),
    }
}

/// From the middle of a node to the middle of the next.
fn apart(one: &Node, other: &Node) -> i32 {
    let gap = match (one.of, other.of) {
        (Some(_), Some(_)) => GAP,
        (None, None) => 0,
        // The head of a gate stands close to what passes it.
        _ if one.gate || other.gate => 0,
        _ => GAP / 2,
    };
    (one.height + other.height) / 2 + gap
}

/// All nodes one below the other, in the middle of their cells.
pub(super) fn stack(graph: &mut Graph) {
    let cells: Vec<(Cell, Vec<NodeId>)> =
        graph.cells.iter().map(|(cell, nodes)| (*cell, nodes.clone())).collect();
    for (cell, nodes) in cells {
        let (first, last) = bounds(graph, cell);
        let middle = i64::from(first + last) * 8;
        put(graph, cell, &nodes, &vec![middle; nodes.len()]);
    }
}

/// Moves the nodes of a column to where their lines are straight.
pub(super) fn place(graph: &mut Graph, touching: &Touching, lane: Lane, from: From) {
    let cells: Vec<(Cell, Vec<NodeId>)> = graph
        .cells
        .iter()
        .filter(|(cell, _)| cell.0 == lane)
        .map(|(cell, nodes)| (*cell, nodes.clone()))
        .collect();
    for (cell, nodes) in cells {
        let mut wishes: Vec<i64> =
            nodes.iter().map(|&id| wanted(graph, touching, id, from)).collect();
        // A gate goes where the lines are that pass it.
        if let ([gate, next, ..], [wish, its, ..]) = (nodes.as_slice(), wishes.as_mut_slice())
            && graph.nodes[*gate].gate
        {
            *wish = *its - i64::from(apart(&graph.nodes[*gate], &graph.nodes[*next])) * 16;
        }
        put(graph, cell, &nodes, &wishes);
    }
}

/// Puts nodes as near to their wishes as their order and distances allow: the least
/// squares, by pooling adjacent violators.
fn put(graph: &mut Graph, cell: Cell, nodes: &[NodeId], wishes: &[i64]) {
    let mut below = Vec::with_capacity(nodes.len());
    let mut sum = 0_i64;
    let mut before: Option<NodeId> = None;
    for &id in nodes {
        if let Some(before) = before {
            sum += i64::from(apart(&graph.nodes[before], &graph.nodes[id])) * 16;
        }
        below.push(sum);
        before = Some(id);
    }
    // Blocks of nodes that touch: the sum of their wishes, and how many they are.
    let mut pools: Vec<(i64, i64)> = Vec::new();
    for (wish, below) in wishes.iter().zip(&below) {
        pools.push((wish - below, 1));
        while let [.., (sum, number), (next, more)] = *pools.as_slice()
            && sum * more > next * number
        {
            pools.truncate(pools.len() - 2);
            pools.push((sum + next, number + more));
        }
    }
    let (first, last) = bounds(graph, cell);
    let half = |id: Option<&NodeId>| id.map_or(0, |&id| i64::from(graph.nodes[id].height) * 8);
    let low = i64::from(first) * 16 + half(nodes.first());
    let high = (i64::from(last) * 16 - half(nodes.last()) - sum).max(low);
    let places = pools.iter().flat_map(|&(sum, number)| {
        std::iter::repeat_n((sum / number).clamp(low, high), usize::try_from(number).unwrap_or(0))
    });
    let places: Vec<i64> = places.zip(&below).map(|(place, below)| place + below).collect();
    for (&id, place) in nodes.iter().zip(places) {
        graph.nodes[id].y = i32::try_from(place / 16).unwrap_or(0);
    }
}
