//! Ports of protocols as a set: what a finding is about, less what is allowed.

use std::collections::BTreeMap;

use super::traffic::{Kind, Traffic};
use crate::net::{PortSet, Protocol, selector_display};
use crate::reach::place::PortFilter;

/// A set of ports of protocols.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Space {
    /// The protocols that differ from the rest.
    named: BTreeMap<Protocol, PortSet>,
    /// Whether all of every other protocol is in the set.
    rest: bool,
}

impl Space {
    /// What a finding says: `tcp` and `443`, `any` and `any`.
    pub(super) fn of(protocol: &str, ports: &str) -> Self {
        if protocol == "any" {
            return Self { named: BTreeMap::new(), rest: true };
        }
        let mut space = Self::default();
        for ports in ports.split(',') {
            let traffic = Traffic::read(protocol, ports);
            let part = match traffic.kind {
                Kind::Of(protocol) => {
                    let named = BTreeMap::from([(protocol, PortSet::from_iter([traffic.ports]))]);
                    Self { named, rest: false }
                }
                // Whatever has no record of its own; these four always have.
                Kind::Any | Kind::Other => {
                    let named = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Icmpv6];
                    Self { named: named.map(|it| (it, PortSet::empty())).into(), rest: true }
                }
            };
            space = space.union(&part);
        }
        space
    }

    /// What somebody wrote.
    pub(super) fn written(ports: &[PortFilter]) -> Self {
        let part = |ports: &PortFilter| match ports.protocol {
            None => Self { named: BTreeMap::new(), rest: true },
            Some(protocol) => {
                let set = PortSet::from_iter([ports.selectors]);
                Self { named: BTreeMap::from([(protocol, set)]), rest: false }
            }
        };
        ports.iter().map(part).fold(Self::default(), |all, part| all.union(&part))
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.rest && self.named.values().all(PortSet::is_empty)
    }

    fn union(&self, other: &Self) -> Self {
        self.with(other, self.rest || other.rest, PortSet::union)
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        self.with(other, self.rest && other.rest, PortSet::intersection)
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        self.with(other, self.rest && !other.rest, PortSet::difference)
    }

    fn with(&self, other: &Self, rest: bool, join: fn(&PortSet, &PortSet) -> PortSet) -> Self {
        let protocols = self.named.keys().chain(other.named.keys());
        let named = protocols.map(|&it| (it, join(&self.at(it), &other.at(it))));
        Self { named: named.collect(), rest }
    }

    fn at(&self, protocol: Protocol) -> PortSet {
        let rest = || if self.rest { PortSet::all() } else { PortSet::empty() };
        self.named.get(&protocol).cloned().unwrap_or_else(rest)
    }

    /// `tcp/22`, `tcp/443-65535`, …; `any` for everything, `other` for every
    /// protocol that is not named beside it.
    pub(super) fn texts(&self) -> Vec<String> {
        let all = |set: &PortSet| *set == PortSet::all();
        if self.rest && self.named.values().all(all) {
            return vec!["any".to_owned()];
        }
        let mut texts = Vec::new();
        for (&protocol, ports) in &self.named {
            for range in ports.ranges() {
                match protocol {
                    Protocol::Other(_) => texts.push(protocol.to_string()),
                    Protocol::Tcp | Protocol::Udp | Protocol::Icmp | Protocol::Icmpv6 => {
                        let ports = selector_display(protocol, range);
                        texts.extend(ports.iter().map(|ports| format!("{protocol}/{ports}")));
                    }
                }
            }
        }
        if self.rest {
            texts.push("other".to_owned());
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(ports: &[&str]) -> Space {
        let ports: Vec<_> = ports.iter().map(|it| PortFilter::filter(it).unwrap()).collect();
        Space::written(&ports)
    }

    #[test]
    fn what_is_left_of_everything_is_named() {
        let left = Space::of("any", "any").difference(&written(&["tcp/443", "proto/50"]));
        assert_eq!(left.texts(), ["tcp/0-442", "tcp/444-65535", "other"]);
        assert!(left.difference(&written(&["any"])).is_empty());
    }

    #[test]
    fn a_list_of_icmp_types_is_read_as_it_is_written() {
        let space = Space::of("icmp", "8/1-255,9-10");
        assert_eq!(space.texts(), ["icmp/8/1-255", "icmp/9-10"]);
        assert_eq!(space.difference(&written(&["icmp/8"])).texts(), ["icmp/9-10"]);
    }

    #[test]
    fn other_protocols_are_not_tcp() {
        let other = Space::of("other", "any");
        assert!(other.intersection(&written(&["tcp/1-65535"])).is_empty());
        assert_eq!(other.difference(&written(&["tcp/22"])), other);
    }
}
