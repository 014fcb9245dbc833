//! Shapes as path data.

use std::fmt::Write as _;

use crate::chart::layout::{Piece, Point, Route};

/// The way of an edge.
pub(super) fn path(route: &Route) -> String {
    let mut data = String::new();
    for piece in &route.pieces {
        // Writing to a string can't fail.
        _ = match piece {
            Piece::Start(at) => write!(data, "M{} {}", at.x, at.y),
            Piece::To(to) => write!(data, "L{} {}", to.x, to.y),
            Piece::Curve(one, other, to) => {
                write!(data, "C{} {} {} {} {} {}", one.x, one.y, other.x, other.y, to.x, to.y)
            }
        };
    }
    data
}

/// The tip of an edge: from where it comes last, it is known where it points.
pub(super) fn tip(route: &Route, strong: bool) -> Option<String> {
    let [.., before, Piece::To(end)] = route.pieces.as_slice() else { return None };
    let from = match before {
        Piece::Start(at) | Piece::To(at) | Piece::Curve(_, _, at) => at,
    };
    let (length, half) = if strong { (11, 6) } else { (9, 4) };
    let back = if from.x < end.x { end.x - length } else { end.x + length };
    Some(format!("M{} {}L{back} {}L{back} {}Z", end.x, end.y, end.y - half, end.y + half))
}

/// A triangle with a mark in it, on the line of a text.
pub(super) fn alarm(at: Point) -> String {
    let (x, y) = (at.x, at.y);
    format!(
        "M{} {}L{} {}L{x} {}ZM{} {}v4h1v-4ZM{} {}v1h1v-1Z",
        x + 6,
        y - 10,
        x + 12,
        y + 1,
        y + 1,
        x + 6,
        y - 6,
        x + 6,
        y - 1,
    )
}
