//! What may be as it is, for a while: exceptions and baselines.
//!
//! An exception is exact. It allows a set of ports to a set of peers of one thing,
//! for one code; exceptions for the same thing add up. A finding is excepted only
//! if nothing of it is left; else it stays at its severity and says what of it
//! goes beyond. An exception whose last day is over allows nothing, and an
//! exception that allows nothing that was found is found itself. A baseline names
//! findings by their fingerprints, and none that became worse.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{expired_exception, unused_exception};
use super::space::Space;
use super::{Rule, fingerprint, sort};
use crate::model::{Direction, Network};
use crate::net::{Cidr, IpSet, Ipv4Set, Ipv6Set, cover_within, internet_v4, internet_v6};
use crate::reach::place::{PortFilter, Selector, Zones, glob};
use crate::record::{
    About, Audience, Beyond, Blocks, Excepted, Finding, Severity, sources_left_out,
};

/// Something that may be as it is, for a while.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The code of the findings.
    pub code: String,
    /// The thing as it was written.
    pub thing: String,
    /// The same, read.
    pub place: Selector,
    /// Which way the packets go; `None`: either.
    pub direction: Option<Direction>,
    /// Which packets; `None` for findings that are about no packets.
    pub packets: Option<Packets>,
    /// Why it may be so.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day, as text.
    pub until: String,
    /// Whether that day is over: the core has no clock.
    pub expired: bool,
    /// The file.
    pub file: String,
    /// The line in it.
    pub line: Option<u64>,
}

/// A set of ports to a set of peers.
#[derive(Clone, Debug)]
pub struct Packets {
    /// The ports.
    pub ports: Vec<PortFilter>,
    /// The far side, whichever way the packets go.
    pub sources: Vec<Selector>,
}

/// Findings that were there on a day, and may be for a while.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// The file.
    pub file: String,
    /// The last day, as text.
    pub until: String,
    /// Whether that day is over.
    pub expired: bool,
    /// The findings.
    pub findings: Vec<Known>,
}

/// A finding of a baseline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Known {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its code.
    pub code: String,
    /// The id of its thing.
    pub thing: String,
    /// How bad it was: if it is worse now, it is found.
    pub severity: Severity,
    /// Where the baseline says so.
    pub line: Option<u64>,
}

/// All that may excuse a finding.
#[derive(Clone, Debug, Default)]
pub struct Excuses {
    /// The exceptions.
    pub exceptions: Vec<Exception>,
    /// The zones that they may name.
    pub zones: Zones,
    /// What was there before.
    pub baseline: Option<Baseline>,
}

/// Notes on each finding what allows it, and adds what is wrong with the
/// exceptions. Gives the findings of the baseline that are gone.
#[must_use]
pub fn except(network: &Network, excuses: &Excuses, findings: &mut Vec<Finding>) -> Vec<Known> {
    let mut allowed: Vec<Allowed<'_>> =
        excuses.exceptions.iter().map(|it| Allowed::of(it, network, &excuses.zones)).collect();
    for finding in findings.iter_mut() {
        excuse(finding, &mut allowed);
    }
    let mut added: Vec<Finding> = allowed.iter().filter_map(Allowed::complaint).collect();
    let gone = excuses.baseline.as_ref().map(|baseline| {
        added.extend(lapsed(baseline, findings));
        known(baseline, findings)
    });
    for finding in &mut added {
        finding.fingerprint = fingerprint::fingerprint(finding);
    }
    findings.extend(added);
    sort(findings);
    gone.unwrap_or_default()
}

/// An exception, and what came of it.
struct Allowed<'a> {
    exception: &'a Exception,
    /// The interfaces that it is about.
    interfaces: BTreeSet<&'a str>,
    ports: Space,
    peers: Peers,
    /// Whether something of its code was found there.
    met: bool,
    /// Whether it allows some of that, or would if its last day were not over.
    used: bool,
}

/// The far side.
#[derive(Clone, Debug, Default)]
struct Peers {
    addresses: IpSet,
    groups: BTreeSet<String>,
}

impl Peers {
    fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.groups.is_empty()
    }

    /// Every address there is: members of groups, seen or not, are among them.
    fn holds_all(&self) -> bool {
        self.addresses.complement().is_empty()
    }

    fn intersection(&self, other: &Self) -> Self {
        let shared =
            self.groups.iter().filter(|&it| other.holds_all() || other.groups.contains(it));
        Self {
            addresses: self.addresses.intersection(&other.addresses),
            groups: shared.cloned().collect(),
        }
    }

    fn difference(&self, other: &Self) -> Self {
        let left =
            self.groups.iter().filter(|&it| !other.holds_all() && !other.groups.contains(it));
        Self {
            addresses: self.addresses.difference(&other.addresses),
            groups: left.cloned().collect(),
        }
    }
}

/// A part of a finding: each port of it to each peer of it.
struct Part {
    ports: Space,
    peers: Peers,
}

impl Part {
    /// All that a finding is about.
    fn whole(finding: &Finding) -> Self {
        let blocks = finding.sources.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0));
        let mut addresses: IpSet = blocks.collect();
        if finding.audience == Some(Audience::Internet) {
            // `0.0.0.0/0` means every public address.
            addresses = addresses.intersection(&IpSet { v4: internet_v4(), v6: internet_v6() });
        }
        let groups = finding.source_groups.iter().cloned().collect();
        Self {
            ports: Space::of(&finding.protocol, &finding.ports),
            peers: Peers { addresses, groups },
        }
    }

    fn is_empty(&self) -> bool {
        self.ports.is_empty() || self.peers.is_empty()
    }

    /// What an exception leaves of it; `None` if it allows nothing of it.
    fn less(&self, allowed: &Allowed<'_>) -> Option<Vec<Self>> {
        let ports = self.ports.intersection(&allowed.ports);
        if ports.is_empty() || self.peers.intersection(&allowed.peers).is_empty() {
            return None;
        }
        let others =
            Self { ports: self.ports.difference(&allowed.ports), peers: self.peers.clone() };
        let strangers = Self { ports, peers: self.peers.difference(&allowed.peers) };
        Some([others, strangers].into_iter().filter(|part| !part.is_empty()).collect())
    }

    fn beyond(self, audience: Option<Audience>) -> Beyond {
        let sources = blocks(&self.peers.addresses, audience);
        Beyond {
            ports: self.ports.texts(),
            sources_left_out: sources_left_out(&sources),
            sources,
            source_groups: self.peers.groups.into_iter().collect(),
        }
    }
}

/// Addresses as records write them.
fn blocks(addresses: &IpSet, audience: Option<Audience>) -> Blocks {
    let (v4, v6) = match audience {
        Some(Audience::Internet) => (internet_v4(), internet_v6()),
        Some(Audience::Network | Audience::Estate) | None => {
            (Ipv4Set::empty().complement(), Ipv6Set::empty().complement())
        }
    };
    let v4 = cover_within(&addresses.v4, &v4).into_iter().map(Cidr::V4);
    let v6 = cover_within(&addresses.v6, &v6).into_iter().map(Cidr::V6);
    let texts: Vec<String> = v4.chain(v6).map(|block| block.to_string()).collect();
    texts.iter().map(String::as_str).collect()
}

/// Notes on a finding what allows it, wholly or in part.
fn excuse(finding: &mut Finding, allowed: &mut [Allowed<'_>]) {
    let about: Vec<&mut Allowed<'_>> =
        allowed.iter_mut().filter(|it| it.is_about(finding)).collect();
    if about.is_empty() {
        return;
    }
    let packets = !finding.direction.is_empty();
    let mut left = vec![Part::whole(finding)];
    // What can't be said exactly can't be allowed exactly.
    let exact = !packets || left.iter().all(|whole| !whole.is_empty());
    let mut by: Vec<&Exception> = Vec::new();
    for allowed in about {
        allowed.met = true;
        let takes = if packets {
            exact && Part::whole(finding).less(allowed).is_some()
        } else {
            allowed.exception.packets.is_none()
        };
        allowed.used |= takes;
        if !takes || allowed.exception.expired {
            continue;
        }
        by.push(allowed.exception);
        let less = |part: Part| part.less(allowed).unwrap_or_else(|| vec![part]);
        left = if packets { left.into_iter().flat_map(less).collect() } else { Vec::new() };
    }
    // Of several the one that lapses first: then it is found again.
    let Some(first) = by.iter().min_by_key(|exception| &exception.until) else { return };
    if left.is_empty() {
        finding.exception = Some(Excepted {
            reason: first.reason.clone(),
            owner: first.owner.clone(),
            until: first.until.clone(),
            file: first.file.clone(),
            line: first.line,
        });
    } else {
        let audience = finding.audience;
        finding.beyond = left.into_iter().map(|part| part.beyond(audience)).collect();
    }
}

impl<'a> Allowed<'a> {
    fn of(exception: &'a Exception, network: &'a Network, zones: &Zones) -> Self {
        let id = |(component, interface)| {
            network.text(network.components[component].interface(interface).id())
        };
        let mut peers = Peers::default();
        let sources = exception.packets.iter().flat_map(|packets| &packets.sources);
        for source in sources {
            peers.addresses = peers.addresses.union(&source.addresses(network, zones));
            if let Selector::SecurityGroup(id) = source {
                peers.groups.insert(id.clone());
            }
        }
        Self {
            exception,
            interfaces: exception.place.interfaces(network, zones).into_iter().map(id).collect(),
            ports: exception
                .packets
                .as_ref()
                .map_or_else(Space::default, |packets| Space::written(&packets.ports)),
            peers,
            met: false,
            used: false,
        }
    }

    /// Whether a finding is of its code and thing, and goes its way.
    fn is_about(&self, finding: &Finding) -> bool {
        let exception = self.exception;
        let way = match exception.direction {
            None => true,
            Some(Direction::Ingress) => finding.direction == "ingress",
            Some(Direction::Egress) => finding.direction == "egress",
        };
        finding.code == exception.code && way && self.names(&finding.about)
    }

    fn names(&self, about: &About) -> bool {
        let named = match &self.exception.place {
            Selector::Name(pattern) => glob(pattern, &about.name),
            Selector::Word(word) => !about.name.is_empty() && *word == about.name,
            Selector::Any
            | Selector::Internet
            | Selector::Address(_)
            | Selector::VpcAddress(..)
            | Selector::Cidr(_)
            | Selector::NetworkInterface(_)
            | Selector::Instance(_)
            | Selector::SecurityGroup(_)
            | Selector::Subnet(_)
            | Selector::Vpc(_)
            | Selector::Remote(_)
            | Selector::Tag(..)
            | Selector::Zone(_) => false,
        };
        named || about.id == self.exception.thing || self.interfaces.contains(about.id.as_str())
    }

    /// What is wrong with it.
    fn complaint(&self) -> Option<Finding> {
        let Exception { code, thing, until, owner, .. } = self.exception;
        let what = format!("the exception of {code} for {thing}");
        if self.exception.expired {
            let mut finding = self.finding(&expired_exception::RULE);
            finding.title = if self.used {
                format!("{what} lapsed after {until}, and {owner} has to decide")
            } else {
                finding.severity = Severity::Low;
                format!("{what} lapsed after {until}, and nothing needs it")
            };
            return Some(finding);
        }
        if self.used {
            return None;
        }
        let why = match (self.met, &self.exception.packets) {
            (false, _) => "no such finding is there",
            (true, None) => {
                "what is found there is about packets, and it names no ports and sources"
            }
            (true, Some(_)) => "what is found there is about other ports or other sources",
        };
        let mut finding = self.finding(&unused_exception::RULE);
        finding.title = format!("{what} allows nothing: {why}");
        Some(finding)
    }

    fn finding(&self, rule: &Rule) -> Finding {
        let Exception { code, thing, file, line, .. } = self.exception;
        super::finding(rule, &about_file("exception", format!("{code} {thing}"), file, *line))
    }
}

/// An exception or baseline as the thing of a finding.
fn about_file(kind: &str, id: String, file: &str, line: Option<u64>) -> About {
    let at = line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
    About { kind: kind.to_owned(), id, at, file: file.to_owned(), line, ..About::default() }
}

/// Excuses the findings of a baseline; those that are gone.
fn known(baseline: &Baseline, findings: &mut [Finding]) -> Vec<Known> {
    let known: BTreeMap<&str, &Known> =
        baseline.findings.iter().map(|known| (known.fingerprint.as_str(), known)).collect();
    let present: BTreeSet<&str> =
        findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let gone = baseline.findings.iter().filter(|it| !present.contains(it.fingerprint.as_str()));
    let gone = gone.cloned().collect();
    for finding in findings.iter_mut().filter(|finding| finding.exception.is_none()) {
        let Some(known) = known.get(finding.fingerprint.as_str()) else { continue };
        if baseline.expired || finding.severity > known.severity {
            continue;
        }
        finding.beyond = Vec::new();
        finding.exception = Some(Excepted {
            reason: "was there when the baseline was written".to_owned(),
            owner: String::new(),
            until: baseline.until.clone(),
            file: baseline.file.clone(),
            line: known.line,
        });
    }
    gone
}

/// That a baseline's last day is over.
fn lapsed(baseline: &Baseline, findings: &[Finding]) -> Option<Finding> {
    if !baseline.expired {
        return None;
    }
    let known: BTreeSet<&str> =
        baseline.findings.iter().map(|known| known.fingerprint.as_str()).collect();
    let left = findings.iter().filter(|it| known.contains(it.fingerprint.as_str())).count();
    let Baseline { file, until, .. } = baseline;
    let mut finding =
        super::finding(&expired_exception::RULE, &about_file("baseline", file.clone(), file, None));
    if left == 0 {
        finding.severity = Severity::Low;
    }
    finding.title =
        format!("the baseline lapsed after {until}, and {left} of its findings are there");
    Some(finding)
}
