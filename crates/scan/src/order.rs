//! Which ports are probed, and in which order: first what should be open, then the
//! edges of what should, then what is attacked most, then the rest at random, so that
//! no host is asked port after port.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};

use portolan::net::{PortRange, PortSet, Protocol};
use portolan::record::Expected;

use crate::payload;

/// Ports at which something dangerous or common listens; of TCP.
const USUAL: [u16; 88] = [
    21, 22, 23, 25, 53, 69, 80, 88, 102, 110, 111, 135, 139, 143, 179, 389, 443, 445, 465, 502,
    512, 513, 514, 515, 548, 554, 587, 623, 631, 636, 873, 993, 995, 1080, 1099, 1433, 1521, 1723,
    1883, 2049, 2181, 2375, 2376, 2379, 2380, 3000, 3128, 3268, 3306, 3389, 4369, 4444, 4786, 5000,
    5044, 5432, 5601, 5672, 5900, 5984, 5985, 5986, 6000, 6379, 6443, 7001, 7077, 8000, 8080, 8081,
    8088, 8443, 8500, 8834, 8888, 9000, 9042, 9090, 9092, 9200, 9300, 9443, 10250, 11211, 15672,
    27017, 28017, 50070,
];

/// Which ports are probed of each host, beside those that should be open.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ports {
    /// None: those that are usual.
    named: Option<BTreeMap<Protocol, PortSet>>,
}

/// Ports that can't be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` are no ports: expected usual, all, or such as 22,80,tcp/8000-8080,udp/53,icmp")]
pub struct PortsError(
    /// As given.
    pub String,
);

impl Ports {
    /// Reads `usual`, `all` (every TCP port), or `22,tcp/8000-8080,udp/53,icmp`.
    ///
    /// # Errors
    ///
    /// If it is something else.
    pub fn parse(text: &str) -> Result<Self, PortsError> {
        let wrong = || PortsError(text.to_owned());
        if text == "usual" {
            return Ok(Self::default());
        }
        let text = if text == "all" { "tcp/all" } else { text };
        let mut named: BTreeMap<Protocol, PortSet> = BTreeMap::new();
        for word in text.split(',').map(str::trim) {
            let (protocol, ports) = match word.split_once('/') {
                Some(("tcp", ports)) => (Protocol::Tcp, ports),
                Some(("udp", ports)) => (Protocol::Udp, ports),
                Some(_) => return Err(wrong()),
                None if word == "icmp" => {
                    // The echo request of either family.
                    for protocol in [Protocol::Icmp, Protocol::Icmpv6] {
                        named.insert(protocol, PortSet::from(echo(protocol)));
                    }
                    continue;
                }
                None => (Protocol::Tcp, word),
            };
            let range = match ports {
                "all" => PortRange::new(1, u16::MAX),
                _ => {
                    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
                    let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
                    PortRange::new(number(first)?.max(1), number(last)?)
                }
            };
            let ports = PortSet::from(range.map_err(|_| wrong())?);
            let known = named.entry(protocol).or_default();
            *known = known.union(&ports);
        }
        Ok(Self { named: Some(named) })
    }
}

/// The selector of an echo request.
fn echo(protocol: Protocol) -> PortRange {
    PortRange::single(if protocol == Protocol::Icmpv6 { 128 << 8 } else { 8 << 8 })
}

/// The ports of one host in the order in which they are probed.
#[must_use]
pub fn order(
    expected: &BTreeMap<Protocol, Vec<(PortRange, Expected)>>,
    ports: &Ports,
    v4: bool,
) -> Vec<(Protocol, u16)> {
    let icmp = if v4 { Protocol::Icmp } else { Protocol::Icmpv6 };
    let mut asked: BTreeMap<Protocol, PortSet> = match &ports.named {
        Some(named) => named.clone(),
        None => BTreeMap::from([
            (Protocol::Tcp, set(&USUAL)),
            (Protocol::Udp, set(&payload::USUAL)),
            (icmp, PortSet::from(echo(icmp))),
        ]),
    };
    asked.retain(|protocol, _| !protocol.is_icmp() || *protocol == icmp);
    let mut first: Vec<(Protocol, u16)> = Vec::new();
    let mut edges: Vec<(Protocol, u16)> = Vec::new();
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let segments = expected.get(&protocol).map(Vec::as_slice).unwrap_or_default();
        let all = asked.get(&protocol).cloned();
        for &(range, _) in segments {
            let whole = PortSet::from(range);
            // Of what was named nothing else is probed; of what is usual, all that
            // should be open, unless that is nearly everything.
            let within = match (&ports.named, &all) {
                (Some(_), Some(all)) => whole.intersection(all),
                (Some(_), None) => PortSet::empty(),
                (None, _) if range.size() <= 1_024 => whole,
                (None, all) => {
                    let ends = set(&[range.first(), range.last()]);
                    ends.union(&whole.intersection(&all.clone().unwrap_or_default()))
                }
            };
            first.extend(members(&within).map(|port| (protocol, port)));
            if ports.named.is_none() {
                let around = [range.first().checked_sub(1), range.last().checked_add(1)];
                edges.extend(around.into_iter().flatten().map(|port| (protocol, port)));
            }
        }
    }
    let mut rest: Vec<(Protocol, u16)> = asked
        .iter()
        .flat_map(|(&protocol, ports)| members(ports).map(move |port| (protocol, port)))
        .collect();
    let usual = set(&USUAL);
    shuffle(&mut rest);
    // What is attacked most goes before what nobody knows.
    rest.sort_by_key(|&(protocol, port)| protocol == Protocol::Tcp && !usual.contains(port));
    let mut known = BTreeSet::new();
    first
        .into_iter()
        .chain(edges)
        .chain(rest)
        .filter(|&(protocol, port)| protocol.is_icmp() || port != 0)
        .filter(|&it| known.insert(it))
        .collect()
}

fn set(ports: &[u16]) -> PortSet {
    ports.iter().map(|&port| PortRange::single(port)).collect()
}

fn members(ports: &PortSet) -> impl Iterator<Item = u16> + '_ {
    ports.ranges().flat_map(|range| range.first()..=range.last())
}

/// An order that nobody can foresee (Fisher and Yates).
fn shuffle(ports: &mut [(Protocol, u16)]) {
    let random = RandomState::new();
    for last in (1..ports.len()).rev() {
        let drawn = random.hash_one(last) % u64::try_from(last + 1).unwrap_or(1);
        ports.swap(last, usize::try_from(drawn).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u16, last: u16) -> PortRange {
        PortRange::new(first, last).unwrap()
    }

    #[test]
    fn what_should_be_open_comes_first_then_its_edges() {
        let expected = BTreeMap::from([(
            Protocol::Tcp,
            vec![(range(443, 443), Expected::Open), (range(8000, 8002), Expected::Partly)],
        )]);
        let order = order(&expected, &Ports::default(), true);
        let tcp: Vec<u16> = order.iter().take(8).map(|&(_, port)| port).collect();
        assert_eq!(tcp, [443, 8000, 8001, 8002, 442, 444, 7999, 8003]);
        assert!(order.contains(&(Protocol::Udp, 53)) && order.contains(&(Protocol::Icmp, 8 << 8)));
        let distinct: BTreeSet<_> = order.iter().collect();
        assert_eq!(distinct.len(), order.len());
    }

    #[test]
    fn named_ports_are_all_and_nothing_else() {
        let expected = BTreeMap::from([(Protocol::Tcp, vec![(range(1, 65535), Expected::Open)])]);
        let of = |text: &str| {
            let mut all = order(&expected, &Ports::parse(text).unwrap(), false);
            all.sort_unstable();
            all
        };
        assert_eq!(of("80,22"), [(Protocol::Tcp, 22), (Protocol::Tcp, 80)]);
        assert_eq!(of("udp/53,icmp"), [(Protocol::Udp, 53), (Protocol::Icmpv6, 128 << 8)]);
        assert_eq!(of("all").len(), 65_535);
        assert!(Ports::parse("22,http").is_err() && Ports::parse("90-80").is_err());
    }
}
