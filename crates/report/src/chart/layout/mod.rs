//! Where everything on the chart stands.
//!
//! Columns from left to right, bands (VPCs, regions) from the top down, boxes in the
//! cells where they meet. An edge goes from column to column; through those between
//! its ends it has a lane, as high as a line of text, so that no line crosses a box.
//! Beside each column there is room in which all lines are straight: labels stand
//! there, and none can meet another or be crossed. Edges that tell the same of one
//! box run together from where they meet.
//!
//! What stands above what is found by barycentre sweeps (Sugiyama, Tagawa, Toda:
//! Methods for visual understanding of hierarchical system structures, 1981); how
//! high, by least squares in that order.

mod graph;
mod order;
mod place;
mod route;
mod widths;

use portolan::record::chart::{Chart, Column};

pub(crate) use graph::{Line, LineKind, SMALL, badge};
pub(crate) use widths::width;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// A point.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Point {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// The chart, laid out.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// The headings of the columns: the middle of each.
    pub(crate) headings: Vec<(Column, i32)>,
    /// By band of the chart.
    pub(crate) bands: Vec<Area>,
    /// By box of the chart, with its lines of text.
    pub(crate) boxes: Vec<(Area, Vec<Line>)>,
    /// By edge of the chart; none from a box to itself.
    pub(crate) edges: Vec<Route>,
    /// Each once, with an edge that it tells of.
    pub(crate) labels: Vec<Label>,
}

/// The way of an edge.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Route {
    /// Straight and curved pieces, one after the other; empty: not drawn.
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of a way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Piece {
    /// Where it begins.
    Start(Point),
    /// Straight.
    To(Point),
    /// A curve with two handles.
    Curve(Point, Point, Point),
}

/// The text on an edge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Label {
    pub(crate) middle: Point,
    pub(crate) width: i32,
    pub(crate) text: String,
    /// Which edge of the chart.
    pub(crate) edge: usize,
}

/// Lays a chart out.
pub(crate) fn layout(chart: &Chart) -> Picture {
    let mut graph = graph::Graph::of(chart);
    order::order(&mut graph);
    route::picture(&graph, chart)
}

#[cfg(test)]
pub(crate) mod tests;
