//! Sets of packets without their peers: what is open at something, whoever may come.

use std::collections::BTreeMap;

use super::traffic::{Kind, Traffic};
use crate::net::PortSet;

/// Ports by protocol. `Other` is a protocol of its own here: what it stands for
/// is what no rule names, and a number that one names has a record of its own.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct TrafficSet(BTreeMap<Kind, PortSet>);

impl TrafficSet {
    /// Everything of which any is in.
    pub(super) fn of<'t>(all: impl IntoIterator<Item = &'t Traffic>) -> Self {
        let mut ranges: BTreeMap<Kind, Vec<_>> = BTreeMap::new();
        for traffic in all {
            ranges.entry(traffic.kind).or_default().push(traffic.ports);
        }
        Self(
            ranges.into_iter().map(|(kind, ranges)| (kind, ranges.into_iter().collect())).collect(),
        )
    }

    /// The parts of some traffic that are not in the set, ascending.
    pub(super) fn without(&self, traffic: Traffic) -> Vec<Traffic> {
        let all = PortSet::from_iter([traffic.ports]);
        let left = self.0.get(&traffic.kind).map_or(all.clone(), |known| all.difference(known));
        left.ranges().map(|ports| Traffic { ports, ..traffic }).collect()
    }

    /// The parts of some traffic that are in the set, ascending.
    pub(super) fn within(&self, traffic: Traffic) -> Vec<Traffic> {
        let known = self.0.get(&traffic.kind);
        let ranges = known.map(|known| traffic.within(known)).unwrap_or_default();
        ranges.into_iter().map(|ports| Traffic { ports, ..traffic }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_and_what_is_not_make_the_whole() {
        let tcp = |ports| Traffic::read("tcp", ports);
        let set = TrafficSet::of(&[tcp("22"), tcp("80-90"), Traffic::read("udp", "53")]);
        assert_eq!(set.without(tcp("20-85")), [tcp("20-21"), tcp("23-79")]);
        assert_eq!(set.within(tcp("20-85")), [tcp("22"), tcp("80-85")]);
        assert_eq!(set.without(Traffic::read("other", "any")), [Traffic::read("other", "any")]);
    }
}
