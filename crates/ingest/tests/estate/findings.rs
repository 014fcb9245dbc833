//! What an audit finds, held against the records of `ports` and single questions.

use std::collections::{BTreeMap, BTreeSet};

use portolan::audit::{AuditOptions, Kind, Traffic, audit};
use portolan::model::Network;
use portolan::net::{PortRange, PortSet};
use portolan::reach::explain::explain;
use portolan::reach::exposure::{PortsOptions, SourcesMode, ports};
use portolan::reach::place::Zones;
use portolan::record::{
    Audience, Blocks, Breadth, Certainty, Clients, Finding, Port, Severity, Verdict,
};

/// What a law about findings needs.
pub(crate) struct Audited<'n> {
    network: &'n Network,
    findings: Vec<Finding>,
    everyone: Vec<Port>,
}

/// What findings and records must have in common: thing, protocol, certainty,
/// sources, clients.
type Key = (String, String, Certainty, String, Clients, String);

impl<'n> Audited<'n> {
    pub(crate) fn of(network: &'n Network) -> Self {
        let findings = audit(network, &(), &AuditOptions::default());
        let options = PortsOptions { sources: SourcesMode::Rules, ..PortsOptions::default() };
        let mut everyone = Vec::new();
        ports(network, &(), &options, &|some| some, &mut |some: Vec<Port>| everyone.extend(some));
        everyone.retain(|port| {
            port.open.audience == Audience::Internet && port.open.breadth == Breadth::Everyone
        });
        Self { network, findings, everyone }
    }

    /// How many findings there are of each code.
    pub(crate) fn count(&self, into: &mut BTreeMap<String, usize>) {
        for finding in &self.findings {
            *into.entry(finding.code.clone()).or_default() += 1;
        }
    }

    /// What is broken; none if everything holds.
    pub(crate) fn broken(&self) -> Option<String> {
        self.not_once()
            .or_else(|| self.findings.iter().find_map(|it| self.witness(it)))
            .or_else(|| self.findings.iter().find_map(|it| self.closed(it)))
            .or_else(|| self.findings.iter().find_map(|it| self.unreachable(it)))
            .or_else(|| {
                let low = |it: &&Finding| !it.attached && it.severity > Severity::Low;
                self.findings.iter().find(low).map(|it| format!("worse than low: {it:#?}"))
            })
    }

    /// Everything that is open to everyone has exactly one finding.
    fn not_once(&self) -> Option<String> {
        let mut records: BTreeMap<Key, Vec<PortRange>> = BTreeMap::new();
        for port in &self.everyone {
            let open = &port.open;
            let sources = open.sources.clone().unwrap_or_default();
            let whole = ["0-65535", "any"].contains(&open.ports.as_str());
            let as_one = self.findings.iter().any(|it| {
                it.protocol == "any"
                    && is_everyone(it)
                    && it.attached
                    && it.about.id == thing(port)
                    && it.certainty == open.certainty
                    && sources.iter().all(|block| it.sources.iter().any(|all| all == block))
            });
            if whole && as_one {
                continue;
            }
            let key = (
                thing(port),
                open.protocol.clone(),
                open.certainty,
                sources.joined(),
                open.clients,
                open.client_ports.clone(),
            );
            records.entry(key).or_default().push(Traffic::read(&open.protocol, &open.ports).ports);
        }
        let mut findings: BTreeMap<Key, Vec<PortRange>> = BTreeMap::new();
        let all = self.findings.iter().filter(|it| !self.may_be_worn(it));
        for it in all.filter(|it| is_everyone(it) && it.attached && it.protocol != "any") {
            let key = (
                it.about.id.clone(),
                it.protocol.clone(),
                it.certainty,
                it.sources.joined(),
                it.clients?,
                it.client_ports.clone(),
            );
            findings.entry(key).or_default().push(Traffic::read(&it.protocol, &it.ports).ports);
        }
        let told = |all: &BTreeMap<Key, Vec<PortRange>>| -> BTreeMap<Key, (u32, PortSet)> {
            let sum = |ranges: &Vec<PortRange>| {
                (ranges.iter().map(|it| it.size()).sum(), ranges.iter().copied().collect())
            };
            all.iter().map(|(key, ranges)| (key.clone(), sum(ranges))).collect()
        };
        let (records, findings) = (told(&records), told(&findings));
        let keys: BTreeSet<&Key> = records.keys().chain(findings.keys()).collect();
        let wrong = keys.into_iter().find(|key| records.get(*key) != findings.get(*key))?;
        Some(format!(
            "not told once: {wrong:?}: {:?} is told as {:?}",
            records.get(wrong),
            findings.get(wrong)
        ))
    }

    /// Whether it is about a group of which nobody knows who wears it: where
    /// other interfaces are listed, no record tells of it.
    fn may_be_worn(&self, finding: &Finding) -> bool {
        finding.about.kind == "security-group"
            && finding.certainty == Certainty::Possible
            && self.wearers(&finding.about.id).is_empty()
            && self.everyone.iter().all(|port| thing(port) != finding.about.id)
    }

    fn witness(&self, finding: &Finding) -> Option<String> {
        let witness = finding.witness.as_ref()?;
        let verdict = self.ask(&witness.from, &witness.to, &witness.port);
        (verdict != Verdict::Open)
            .then(|| format!("the witness is not open: {verdict:?} {finding:#?}"))
    }

    /// What nobody gets an answer from, and what stands still, is closed.
    fn closed(&self, finding: &Finding) -> Option<String> {
        let codes = ["reply-blocked", "idle-interface-would-open"];
        if !codes.contains(&finding.code.as_str()) || finding.protocol == "other" {
            return None;
        }
        if finding.blocked_by.is_empty() {
            return Some(format!("nothing blocks it: {finding:#?}"));
        }
        let from = finding.sources.iter().find_map(example)?;
        let asked = Traffic::read(&finding.protocol, &finding.ports);
        let asked =
            if finding.protocol == "any" { "tcp/22".to_owned() } else { asked.question()? };
        let verdict = self.ask(&from, &finding.about.id, &asked);
        (verdict != Verdict::Closed)
            .then(|| format!("it is not closed: {from} {asked} is {verdict:?} {finding:#?}"))
    }

    /// What everyone can't reach is no record of a wearer.
    fn unreachable(&self, finding: &Finding) -> Option<String> {
        if finding.code != "open-group-unreachable" {
            return None;
        }
        let told = Traffic::read(&finding.protocol, &finding.ports);
        let any = finding.protocol == "any";
        let wearers = self.wearers(&finding.about.id);
        let reached = self.everyone.iter().find(|port| {
            let open = Traffic::read(&port.open.protocol, &port.open.ports);
            let same =
                any || open.kind == told.kind && open.ports.intersection(told.ports).is_some();
            let family = |v6: bool| {
                let of = |blocks: &Blocks| blocks.iter().any(|block| block.contains(':') == v6);
                of(&finding.sources) && port.open.sources.as_ref().is_some_and(of)
            };
            same && (family(false) || family(true)) && wearers.contains(&port.interface)
        });
        if let Some(port) = reached {
            return Some(format!("it is reached: {port:#?} {finding:#?}"));
        }
        let no_address = finding.title.ends_with(" address");
        (finding.blocked_by.is_empty() && told.kind != Kind::Other && !any && !no_address)
            .then(|| format!("nothing blocks it: {finding:#?}"))
    }

    fn wearers(&self, group: &str) -> BTreeSet<String> {
        let mut wearers = BTreeSet::new();
        for component in self.network.components.iter() {
            for interface in component.interfaces.iter() {
                let worn = &component.group_sets[interface.group_set()];
                let id = |&id| self.network.text(component.security_groups[id].id);
                if worn.iter().map(id).any(|id| id == group) {
                    wearers.insert(self.network.text(interface.id()).to_owned());
                }
            }
        }
        wearers
    }

    fn ask(&self, from: &str, to: &str, port: &str) -> Verdict {
        explain(self.network, &Zones::default(), &(), from, to, port).unwrap().verdict
    }
}

/// What a record is about: an interface, or a group where none is listed.
fn thing(port: &Port) -> String {
    let group = || port.open.because.first().map(|cause| cause.of.clone()).unwrap_or_default();
    if port.interface.is_empty() { group() } else { port.interface.clone() }
}

/// Whether a finding is one of those that everything open to everyone has.
fn is_everyone(finding: &Finding) -> bool {
    finding.direction == "ingress" && finding.code.ends_with("-open-to-internet")
}

/// An address of a block that nobody of the estate holds.
fn example(block: &str) -> Option<String> {
    let (cidr, _) = portolan::net::Cidr::parse(block).ok()?;
    let known = ["203.0.113.250", "192.0.2.250", "2001:db8:ffff:ffff::fa"];
    let holds = |address: &&&str| cidr.contains(address.parse().unwrap());
    known.iter().find(holds).map(|address| (*address).to_owned())
}
