//! Peers by port: one protocol's part of a header space.
//!
//! A step function of the selector, kept as its steps: sorted, disjoint, no empty
//! step, no two that touch and are equal. So equal functions are equal lists.

use super::{IpSetId, IpSets, PortRange};

/// Peers that are the same for a range of selectors.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Segment {
    /// The selectors: ports, or ICMP types and codes.
    pub ports: PortRange,
    /// Who may send to them.
    pub peers: IpSetId,
}

/// The segments of one protocol, sorted and disjoint, none empty, adjacent equal
/// ones merged.
pub type Segments = Vec<Segment>;

/// The peers of one selector.
pub(super) fn lookup(segments: &[Segment], selector: u16) -> IpSetId {
    let at = segments.partition_point(|segment| segment.ports.last() < selector);
    match segments.get(at) {
        Some(segment) if segment.ports.contains(selector) => segment.peers,
        Some(_) | None => IpSetId::EMPTY,
    }
}

/// One segment, none if it has no peers.
pub(super) fn single(ports: PortRange, peers: IpSetId) -> Segments {
    if peers.is_empty() { Vec::new() } else { vec![Segment { ports, peers }] }
}

/// Applies an operation selector by selector.
///
/// Where neither has peers the operation is not asked: it must give none.
pub(super) fn combine(
    a: &[Segment],
    b: &[Segment],
    mut operation: impl FnMut(IpSetId, IpSetId) -> IpSetId,
) -> Segments {
    let mut combined = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a, b);
    let mut at = 0;
    while !(a.is_empty() && b.is_empty()) {
        let (peers_a, last_a) = step(&mut a, at);
        let (peers_b, last_b) = step(&mut b, at);
        let last = last_a.min(last_b);
        if !(peers_a.is_empty() && peers_b.is_empty()) {
            push(&mut combined, at, last, operation(peers_a, peers_b));
        }
        match last.checked_add(1) {
            Some(next) => at = next,
            None => break,
        }
    }
    combined
}

/// Applies an operation to the peers of each segment.
pub(super) fn map(segments: &[Segment], mut operation: impl FnMut(IpSetId) -> IpSetId) -> Segments {
    let mut mapped = Vec::with_capacity(segments.len());
    for segment in segments {
        let peers = operation(segment.peers);
        push(&mut mapped, segment.ports.first(), segment.ports.last(), peers);
    }
    mapped
}

/// The union of segments that may overlap, in any order.
///
/// Cuts the line at every bound and joins, between two cuts, all that cover it.
pub(super) fn union_all(segments: &[Segment], sets: &mut IpSets) -> Segments {
    let mut by_first = segments.to_vec();
    by_first.sort_unstable();
    let mut cuts: Vec<u16> = segments
        .iter()
        .flat_map(|segment| [Some(segment.ports.first()), segment.ports.last().checked_add(1)])
        .flatten()
        .collect();
    cuts.sort_unstable();
    cuts.dedup();

    let mut union = Vec::new();
    let mut begun: Vec<Segment> = Vec::new();
    let mut upcoming = by_first.into_iter().peekable();
    for (index, &first) in cuts.iter().enumerate() {
        begun.retain(|segment| segment.ports.last() >= first);
        while let Some(segment) = upcoming.next_if(|segment| segment.ports.first() <= first) {
            begun.push(segment);
        }
        let next = cuts.get(index.saturating_add(1));
        let last = next.map_or(u16::MAX, |next| next.saturating_sub(1));
        let peers = sets.union_all(begun.iter().map(|segment| segment.peers));
        push(&mut union, first, last, peers);
    }
    union
}

/// The peers from a selector on, and the last selector up to which they are the
/// same. Drops the segments that end before.
fn step(segments: &mut &[Segment], at: u16) -> (IpSetId, u16) {
    while let Some((head, rest)) = segments.split_first() {
        if head.ports.last() < at {
            *segments = rest;
            continue;
        }
        return match at.checked_sub(head.ports.first()) {
            Some(_) => (head.peers, head.ports.last()),
            // Not yet begun, so it begins above 0 and has a predecessor.
            None => (IpSetId::EMPTY, head.ports.first().saturating_sub(1)),
        };
    }
    (IpSetId::EMPTY, u16::MAX)
}

/// Adds a step behind the others, merged with the last if it continues it.
fn push(segments: &mut Segments, first: u16, last: u16, peers: IpSetId) {
    if peers.is_empty() {
        return;
    }
    let mut first = first;
    if let Some(end) = segments.last()
        && end.peers == peers
        && end.ports.last().checked_add(1) == Some(first)
    {
        first = end.ports.first();
        segments.pop();
    }
    if let Ok(ports) = PortRange::new(first, last) {
        segments.push(Segment { ports, peers });
    }
}
