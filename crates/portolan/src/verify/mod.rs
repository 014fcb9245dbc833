//! The configured view against the observed one: is it really so?
//!
//! A port that was probed from a vantage point is put beside what the engine says of
//! it from there; every difference is explained by the specification, with the rules
//! that admit or refuse it. What a scanner could not tell is never taken for closed,
//! and what was not probed is said.
//!
//! ```
//! # #[cfg(feature = "testing")] {
//! use portolan::net::{PortRange, Protocol};
//! use portolan::observed::{Observation, PortState, Scan};
//! use portolan::reach::place::Zones;
//! use portolan::record::Outcome;
//! use portolan::verify::{Vantage, verify};
//!
//! let network = portolan::testing::network(
//!     "vpc v 10.0.0.0/16 igw
//!      subnet web v 10.0.1.0/24 route 0.0.0.0/0->igw
//!      group front v in tcp/443 any
//!      interface a web 10.0.1.10 public=198.51.100.7 groups=front",
//! )?;
//! let mut scan = Scan { files: vec!["scan.xml".to_owned()], ..Scan::default() };
//! for (port, state) in [(443, PortState::Open), (22, PortState::Open)] {
//!     scan.observations.push(Observation {
//!         address: "198.51.100.7".parse()?,
//!         protocol: Protocol::Tcp,
//!         ports: PortRange::single(port),
//!         state,
//!         reason: "syn-ack".into(),
//!         service: "".into(),
//!         tls: None,
//!         file: 0,
//!         line: None,
//!     });
//! }
//! let zones = Zones::default();
//! let from = Vantage::parse(&network, &zones, "internet")?;
//! let (records, _) = verify(&network, &zones, &(), &from, &scan);
//! let outcomes: Vec<Outcome> = records.iter().map(|record| record.outcome).collect();
//! assert_eq!(outcomes, [Outcome::OpenUnexpectedly, Outcome::Agrees]);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod expect;
mod listening;
#[cfg(test)]
mod tests;
mod vantage;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub use listening::listening;
pub use vantage::Vantage;

use crate::model::{Component, Locate, Network};
use crate::net::{PortRange, PortSet, Protocol, selector_display};
use crate::observed::{Observation, PortState, Scan};
use crate::reach::place::Zones;
use crate::record::{Cause, Compared, Expected, Explanation, Hop, Outcome, Tally, Verification};
use expect::{Expectations, Place, Segments};

/// So many differences of one address are explained one by one; more are alike.
const EXPLAINED: usize = 64;
/// So many in all: a scan of the wrong hosts differs everywhere.
const EXPLAINED_IN_ALL: usize = 2_000;

/// An address that can be probed, and what is expected of its ports.
#[derive(Clone, Debug)]
pub struct Target {
    /// The address.
    pub address: IpAddr,
    /// `eni-…`.
    pub interface: String,
    /// `i-…`, or empty.
    pub instance: String,
    /// Interfaces with the same number are alike: same groups, subnet and ports open.
    pub class: usize,
    /// What is not surely closed, ascending.
    pub expected: BTreeMap<Protocol, Vec<(PortRange, Expected)>>,
}

/// The addresses of the estate that can be probed from a vantage point.
#[must_use]
pub fn targets(
    network: &Network,
    zones: &Zones,
    locate: &(dyn Locate + Sync),
    from: &Vantage,
) -> Vec<Target> {
    let mut expectations = Expectations::new(network, zones, locate, from);
    let mut classes = BTreeMap::new();
    let mut targets = Vec::new();
    for (address, place) in expectations.addresses() {
        let icmp = if address.is_ipv4() { Protocol::Icmp } else { Protocol::Icmpv6 };
        let expected: BTreeMap<Protocol, Segments> = [Protocol::Tcp, Protocol::Udp, icmp]
            .into_iter()
            .map(|protocol| (protocol, expectations.of(address, protocol, &[PortRange::ALL])))
            .collect();
        let component: &Component = &network.components[place.0];
        let interface = component.interface(place.1);
        let alike = (
            place.0,
            interface.group_set(),
            interface.subnet(),
            address.is_ipv4(),
            expected.clone(),
        );
        let next = classes.len();
        let class = *classes.entry(alike).or_insert(next);
        let instance = interface.instance().map(|id| component.instances[id].id);
        targets.push(Target {
            address,
            interface: network.text(interface.id()).to_owned(),
            instance: instance.map_or("", |id| network.text(id)).to_owned(),
            class,
            expected,
        });
    }
    targets
}

/// Addresses that no scan from the internet can have reached.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    expect::is_private(address)
}

/// Puts a scan beside the configuration: the records, the worst first, and what was
/// compared.
#[must_use]
pub fn verify(
    network: &Network,
    zones: &Zones,
    locate: &(dyn Locate + Sync),
    from: &Vantage,
    scan: &Scan,
) -> (Vec<Verification>, Compared) {
    compared(network, zones, locate, from, scan, false)
}

/// The same for what hosts say of themselves: which of their ports anybody listens
/// at. It is put beside what anyone at all can reach.
#[must_use]
pub fn verify_listeners(
    network: &Network,
    zones: &Zones,
    locate: &(dyn Locate + Sync),
    listening: &Scan,
) -> (Vec<Verification>, Compared) {
    compared(network, zones, locate, &Vantage::anybody(), listening, true)
}

fn compared(
    network: &Network,
    zones: &Zones,
    locate: &(dyn Locate + Sync),
    from: &Vantage,
    scan: &Scan,
    inside: bool,
) -> (Vec<Verification>, Compared) {
    let mut comparison = Comparison {
        expectations: Expectations::new(network, zones, locate, from),
        scan,
        inside,
        explained: 0,
        records: Vec::new(),
    };
    let mut seen: BTreeMap<IpAddr, Vec<&Observation>> = BTreeMap::new();
    for observation in &scan.observations {
        seen.entry(observation.address).or_default().push(observation);
    }
    for (&address, observations) in &seen {
        comparison.address(address, observations);
    }
    let mut about = Compared {
        from: from.text.clone(),
        scanners: distinct(scan.scanners.iter().filter(|name| !name.is_empty())),
        started: scan.started.map(moment).unwrap_or_default(),
        ended: scan.ended.map(moment).unwrap_or_default(),
        addresses: count(seen.keys().filter(|&&it| comparison.expectations.is_ours(it)).count()),
        ..Compared::default()
    };
    let down = scan.hosts.iter().filter(|host| !host.up && !seen.contains_key(&host.address));
    about.down = distinct(down.map(|host| host.address).collect::<BTreeSet<_>>().iter());
    if !inside {
        about.not_scanned = comparison.not_scanned(&seen);
    }
    let mut records = comparison.records;
    records.sort_by_cached_key(|it| {
        let address: Option<IpAddr> = it.to.parse().ok();
        let first: u32 =
            it.ports.split(['-', '/']).next().and_then(|n| n.parse().ok()).unwrap_or(0);
        (it.outcome, address, it.protocol.clone(), first)
    });
    about.tallies = tallies(&records);
    (records, about)
}

struct Comparison<'n> {
    expectations: Expectations<'n>,
    scan: &'n Scan,
    inside: bool,
    /// How many differences were explained so far.
    explained: usize,
    records: Vec<Verification>,
}

impl Comparison<'_> {
    /// Everything that was seen at one address.
    fn address(&mut self, address: IpAddr, observations: &[&Observation]) {
        let mut by_protocol: BTreeMap<Protocol, Vec<&Observation>> = BTreeMap::new();
        for &observation in observations {
            by_protocol.entry(observation.protocol).or_default().push(observation);
        }
        let ours = self.expectations.is_ours(address);
        let mut explained = 0;
        for (protocol, observations) in by_protocol {
            let seen = decided(&observations);
            if !ours {
                // Of strangers only what is open is worth a line.
                let open = seen.iter().filter(|(_, it)| it.state == PortState::Open);
                for (ports, observation) in open {
                    let found = Found { ports: *ports, expected: Expected::Unknown, observation };
                    self.record(address, Outcome::NotInSource, protocol, &found, &mut explained);
                }
                continue;
            }
            let within: Vec<PortRange> = seen.iter().map(|(ports, _)| *ports).collect();
            let segments = self.expectations.of(address, protocol, &within);
            for (ports, observation) in &seen {
                for (ports, expected) in parted(*ports, &segments) {
                    let outcome = words::outcome(expected, observation.state, self.inside);
                    let found = Found { ports, expected, observation };
                    self.record(address, outcome, protocol, &found, &mut explained);
                }
            }
            if !self.inside {
                self.rest(address, protocol, &within, &segments);
            }
        }
    }

    /// Ports that should be open and were not probed, of a protocol that was.
    fn rest(
        &mut self,
        address: IpAddr,
        protocol: Protocol,
        within: &[PortRange],
        segments: &Segments,
    ) {
        let probed: PortSet = within.iter().copied().collect();
        for &(ports, expected) in segments {
            if !matches!(expected, Expected::Open | Expected::Partly) || protocol.is_icmp() {
                continue;
            }
            let all: PortSet = [ports].into_iter().collect();
            for ports in all.difference(&probed).ranges() {
                // Port 0 is never probed.
                let Ok(ports) = PortRange::new(ports.first().max(1), ports.last()) else {
                    continue;
                };
                let observation = &Observation {
                    address,
                    protocol,
                    ports,
                    state: PortState::Unknown,
                    reason: "not-probed".into(),
                    service: "".into(),
                    tls: None,
                    file: usize::MAX,
                    line: None,
                };
                let found = Found { ports, expected, observation };
                self.record(address, Outcome::NotScanned, protocol, &found, &mut 0);
            }
        }
    }

    fn record(
        &mut self,
        address: IpAddr,
        outcome: Outcome,
        protocol: Protocol,
        found: &Found<'_>,
        explained: &mut usize,
    ) {
        let Found { ports, expected, observation } = *found;
        let network = self.expectations.network;
        let needs = outcome.differs()
            || matches!(
                outcome,
                Outcome::ResolvedOpen | Outcome::ResolvedClosed | Outcome::Unproven
            ) && expected == Expected::Unknown;
        let mut answer = None;
        if needs && *explained < EXPLAINED && self.explained < EXPLAINED_IN_ALL {
            *explained += 1;
            self.explained += 1;
            answer = self.expectations.explain(address, protocol, ports.first());
        }
        let home = self.expectations.place(address).map(|place| Home::of(network, place));
        let home = home.unwrap_or_default();
        let compared = words::Compared {
            expected,
            observed: observation.state,
            reason: &observation.reason,
            from: &self.expectations.vantage.text,
            to: address,
            inside: self.inside,
            instance: &home.instance,
        };
        let (because, blocked_by, limitations) = match answer {
            None => (Vec::new(), Vec::new(), Vec::new()),
            Some(Explanation { forward, blocked_by, limitations, .. }) => {
                (causes(forward), blocked_by, limitations)
            }
        };
        let because = if outcome.is_alarm() { Vec::new() } else { because };
        let file = |names: &[String]| names.get(observation.file).cloned().unwrap_or_default();
        self.records.push(Verification {
            format: "portolan.verification/1".to_owned(),
            from: self.expectations.vantage.text.clone(),
            to: address.to_string(),
            interface: home.interface,
            name: home.name,
            account: home.account,
            region: home.region,
            vpc: home.vpc,
            protocol: protocol.to_string(),
            ports: match protocol {
                Protocol::Tcp | Protocol::Udp => ports.to_string(),
                Protocol::Icmp | Protocol::Icmpv6 | Protocol::Other(_) => {
                    selector_display(protocol, ports).join(",")
                }
            },
            count: u64::from(ports.size()),
            expected,
            observed: observation.state,
            reason: observation.reason.to_string(),
            service: observation.service.to_string(),
            tls: observation.tls.as_deref().cloned(),
            outcome,
            differs: outcome.differs(),
            means: words::means(outcome, &compared),
            check: words::check(outcome, &compared),
            because,
            blocked_by,
            limitations,
            scanner: file(&self.scan.scanners),
            file: file(&self.scan.files),
            line: observation.line,
            instance: home.instance,
        });
    }

    /// Addresses that should have a port open from here and were not probed.
    fn not_scanned(&mut self, seen: &BTreeMap<IpAddr, Vec<&Observation>>) -> Vec<String> {
        let mut left = Vec::new();
        for (address, _) in self.expectations.addresses() {
            if seen.contains_key(&address) {
                continue;
            }
            let open = [Protocol::Tcp, Protocol::Udp].into_iter().any(|protocol| {
                let segments = self.expectations.of(address, protocol, &[PortRange::ALL]);
                segments.iter().any(|&(_, it)| matches!(it, Expected::Open | Expected::Partly))
            });
            if open {
                left.push(address);
            }
        }
        left.sort_unstable();
        left.dedup();
        left.iter().map(ToString::to_string).collect()
    }
}

/// Ports that are alike in both views.
struct Found<'o> {
    ports: PortRange,
    expected: Expected,
    observation: &'o Observation,
}

/// Where an interface is.
#[derive(Default)]
struct Home {
    interface: String,
    instance: String,
    name: String,
    account: String,
    region: String,
    vpc: String,
}

impl Home {
    fn of(network: &Network, (component, interface): Place) -> Self {
        let component: &Component = &network.components[component];
        let interface = component.interface(interface);
        let text = |id| network.text(id).to_owned();
        let vpc = &component.vpcs[interface.vpc()];
        let scope = &component.scopes[vpc.scope];
        let owner = if interface.owner().is_empty() { scope.account } else { interface.owner() };
        let instance = interface.instance().map(|id| &component.instances[id]);
        let name = instance.map(|it| text(it.name)).filter(|name| !name.is_empty());
        Self {
            interface: text(interface.id()),
            instance: instance.map_or_else(String::new, |it| text(it.id)),
            name: name.unwrap_or_else(|| text(interface.name())),
            account: text(owner),
            region: text(scope.region),
            vpc: text(vpc.id),
        }
    }
}

/// What was seen of each port, in ranges: where scans differ, what proves most.
fn decided<'o>(observations: &[&'o Observation]) -> Vec<(PortRange, &'o Observation)> {
    let mut best: Vec<Option<&Observation>> = vec![None; usize::from(u16::MAX) + 1];
    for &observation in observations {
        let (first, last) = (observation.ports.first(), observation.ports.last());
        let rank = |it: &Observation| (it.state, it.tls.is_some(), !it.service.is_empty());
        for slot in best.get_mut(usize::from(first)..=usize::from(last)).into_iter().flatten() {
            if slot.is_none_or(|known| rank(known) < rank(observation)) {
                *slot = Some(observation);
            }
        }
    }
    let alike = |one: &Observation, other: &Observation| {
        (one.state, &one.reason, &one.service, &one.tls, one.file)
            == (other.state, &other.reason, &other.service, &other.tls, other.file)
    };
    let mut ranges: Vec<(PortRange, &Observation)> = Vec::new();
    for (port, slot) in (0..=u16::MAX).zip(best) {
        let Some(observation) = slot else { continue };
        if let Some((range, known)) = ranges.last_mut()
            && range.last().checked_add(1) == Some(port)
            && alike(known, observation)
            && let Ok(longer) = PortRange::new(range.first(), port)
        {
            *range = longer;
        } else {
            ranges.push((PortRange::single(port), observation));
        }
    }
    ranges
}

/// A range parted where what is expected changes.
fn parted(range: PortRange, segments: &Segments) -> Vec<(PortRange, Expected)> {
    let mut parts = Vec::new();
    let mut next = Some(range.first());
    let closed = |from: Option<u16>, to: Option<u16>, parts: &mut Vec<_>| {
        if let (Some(from), Some(to)) = (from, to)
            && let Ok(between) = PortRange::new(from, to)
        {
            parts.push((between, Expected::Closed));
        }
    };
    for &(segment, expected) in segments {
        let Some(here) = segment.intersection(range) else { continue };
        closed(next, here.first().checked_sub(1), &mut parts);
        parts.push((here, expected));
        next = here.last().checked_add(1);
    }
    closed(next, Some(range.last()), &mut parts);
    parts
}

/// The rules that let a packet through.
fn causes(hops: Vec<Hop>) -> Vec<Cause> {
    hops.into_iter()
        .filter(|hop| hop.action == "allow")
        .map(|hop| Cause {
            kind: match hop.component.as_str() {
                "security-group" => "security-group-rule".to_owned(),
                "network-acl" => "network-acl-entry".to_owned(),
                _ => hop.component,
            },
            id: hop.rule,
            of: hop.id,
            at: hop.at,
            address: hop.address,
            file: hop.file,
            line: hop.line,
        })
        .collect()
}

fn tallies(records: &[Verification]) -> Vec<Tally> {
    let tally = |outcome| {
        let of: Vec<&Verification> = records.iter().filter(|it| it.outcome == outcome).collect();
        let addresses: BTreeSet<&str> = of.iter().map(|it| it.to.as_str()).collect();
        let ports = of.iter().map(|it| it.count).sum();
        (!of.is_empty()).then(|| Tally { outcome, ports, addresses: count(addresses.len()) })
    };
    Outcome::ALL.into_iter().filter_map(tally).collect()
}

fn distinct<T: ToString>(all: impl Iterator<Item = T>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for text in all.map(|it| it.to_string()) {
        if !known.contains(&text) {
            known.push(text);
        }
    }
    known
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A moment as RFC 3339 has it, from seconds since 1970 (the civil calendar from a
/// count of days: Howard Hinnant, "chrono-compatible low-level date algorithms").
#[must_use]
pub fn moment(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_of = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_of + 2) / 5 + 1;
    let month = if month_of < 10 { month_of + 3 } else { month_of - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
