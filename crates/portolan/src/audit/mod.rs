//! What should not be as it is: findings.
//!
//! Each kind of finding is a [`Rule`] in a file of its own in `rules/`. Findings
//! about what is open are made from the records of `ports`, so they say what is
//! really reachable, however the rules spell it; nothing that is open to
//! everyone is without one.

mod acl;
mod alike;
mod alone;
mod apart;
mod balancing;
mod controls;
mod exceptions;
mod far;
mod fingerprint;
mod idle;
mod inroads;
pub(crate) mod layout;
mod offers;
mod office;
mod open;
mod reached;
mod rule;
mod rules;
pub(crate) mod service;
mod space;
#[cfg(test)]
mod tests;
mod things;
#[cfg(test)]
mod torture;
mod traffic;
mod traffic_set;
mod unattached;
mod who;
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Direction, Locate, Network, Peer};
use crate::net::{Cidr, IpSet, PortRange, Protocol};
use crate::reach::engine::World;
use crate::reach::exposure::{PortsOptions, SourcesMode, arriving, behind, port_classes, ports};
use crate::reach::place::Zones;
use crate::record::{
    About, Audience, Blocks, Breadth, Certainty, Clients, Finding, Port, PortClass, Severity,
    Shared,
};
use crate::who::{AddressBook, AwsRanges};
use alike::Alike;
use far::FarSides;
use inroads::Inroads;
use layout::Layout;
use office::Office;
use open::OpenTo;
use reached::{At, Exposed, Reached};
use rule::Check;

use controls::Families;
pub use controls::{Answer, Control, Family, controls};
pub use exceptions::{Baseline, Exception, Excuses, Known, Packets, except};
pub use rule::Rule;
pub use rules::RULES;
pub use service::{SERVICES, Service, Use};
pub use traffic::{Kind, Traffic};

/// What an audit has to know beside the network.
#[derive(Clone, Debug, Default)]
pub struct AuditOptions {
    /// Named zones: who the office, the bastion and the VPN are.
    pub zones: Zones,
    /// AWS's own ranges, if they are at hand: who sources are, and holes for addresses of
    /// other customers, are known by them.
    pub aws: Option<Arc<AwsRanges>>,
    /// Whether the source says what will be: then a group that nothing wears is
    /// as bad as it would be if worn.
    pub declared: bool,
    /// What time it is, in seconds since 1970 (UTC); `None`: dates are not judged.
    pub now: Option<i64>,
}

impl AuditOptions {
    /// How bad a finding about something that is not in use may be at most.
    fn unattached(&self) -> Severity {
        if self.declared { Severity::Critical } else { Severity::Low }
    }
}

/// What every check may ask.
struct Context<'a> {
    network: &'a Network,
    locate: &'a (dyn Locate + Sync),
    options: &'a AuditOptions,
    world: World,
    layout: Layout,
    office: Office,
    book: AddressBook<'a>,
    far_sides: FarSides,
}

/// All findings, the worst first.
#[must_use]
pub fn audit(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &AuditOptions,
) -> Vec<Finding> {
    let context = Context {
        network,
        locate,
        options,
        world: World::of(network),
        layout: Layout::of(network),
        office: Office::of(network, &options.zones),
        book: AddressBook::of(network, &options.zones, options.aws.as_deref()),
        far_sides: FarSides::default(),
    };
    let mut findings = Vec::new();
    let mut reached = Reached::default();
    let inbound = PortsOptions { sources: SourcesMode::Rules, ..PortsOptions::default() };
    // Of single interfaces nothing else is asked.
    let internet = Some(BTreeSet::from([Audience::Internet]));
    let from_internet = PortsOptions { audiences: internet.clone(), ..inbound.clone() };
    let mut facing = Vec::new();
    arriving(network, locate, &from_internet, &|records| context.inbound(&records), &mut |found| {
        findings.extend(found.findings);
        facing.extend(found.surely.then(|| found.interface.clone()));
        reached.add(&found.interface, found.at);
    });
    reached.facing(network, &facing);
    // A target has its load balancer's findings; its own groups are reached all the same.
    behind(network, locate, &from_internet, &|records| context.behind(&records), &mut |found| {
        for (interface, load_balancer, at) in found {
            let surely = !at.surely.is_empty();
            reached.add_behind(&load_balancer, &interface, surely);
            reached.add(&interface, at);
        }
    });
    reached.lead_in(Inroads::of(&context, &facing, &reached));
    let alike = |records: Vec<PortClass>| context.alike(&records, &reached);
    port_classes(network, locate, &inbound, &alike, &mut |found| findings.extend(found));
    context.far_sides.forget();
    let outbound = PortsOptions { direction: Direction::Egress, audiences: internet, ..inbound };
    ports(network, locate, &outbound, &|records| context.outbound(&records), &mut |found| {
        findings.extend(found.findings);
        if found.surely {
            reached.online(network, &found.interface);
        }
        reached.add(&found.interface, found.at);
    });
    context.far_sides.forget();
    findings.extend(unattached::findings(&context));
    findings.extend(idle::findings(&context, &mut reached));
    for rule in RULES {
        if let Check::Network(check) = rule.check {
            findings.extend(check(&context, rule, &reached));
        }
    }
    name_controls(&mut findings);
    who::fill(&context, &mut findings);
    sort(&mut findings);
    findings
}

/// The worst first.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| {
        let key = |it: &Finding| (std::cmp::Reverse(it.severity), place_of(&it.code));
        key(one).cmp(&key(other)).then_with(|| one.about.id.cmp(&other.about.id))
    });
}

/// Says which controls of other catalogues each finding answers: findings with
/// the same answers share them.
fn name_controls(findings: &mut [Finding]) {
    let mut by_code: BTreeMap<String, Vec<&Control>> = BTreeMap::new();
    let mut lists: BTreeMap<Vec<&str>, Shared<Vec<String>>> = BTreeMap::new();
    let mut families = BTreeMap::new();
    for finding in findings {
        let named =
            by_code.entry(finding.code.clone()).or_insert_with_key(|code| controls::of_code(code));
        // Many findings share a list of blocks, and all of them are there.
        let families = *families
            .entry(finding.sources.called())
            .or_insert_with(|| Families::of(&finding.sources));
        let answered = named.iter().filter(|control| control.is_answered_by(finding, families));
        let ids: Vec<&str> = answered.map(|control| control.id).collect();
        let list = lists.entry(ids).or_insert_with_key(|ids| {
            ids.iter().map(|&id| id.to_owned()).collect::<Vec<String>>().into()
        });
        finding.controls = list.clone();
    }
}

/// Where a code stands among the rules.
fn place_of(code: &str) -> usize {
    RULES.iter().position(|rule| rule.code == code).unwrap_or(usize::MAX)
}

/// What was found about one interface.
struct Found {
    interface: String,
    findings: Vec<Finding>,
    at: At,
    /// Inbound: whether everyone surely reaches some of it. Outbound: whether it
    /// surely opens HTTPS connections to the internet.
    surely: bool,
}

impl Found {
    fn at(records: &[Port]) -> Self {
        let interface = records.first().map_or_else(String::new, |it| it.interface.clone());
        Self { interface, findings: Vec::new(), at: At::default(), surely: false }
    }
}

impl Context<'_> {
    /// What the internet reaches at targets by way of their load balancers.
    fn behind(&self, records: &[Port]) -> Vec<(String, String, At)> {
        let through = records.iter().map(Exposed::of).filter(Exposed::internet);
        let at = |it: Exposed<'_>| {
            let everyone = if it.everyone() { vec![it.traffic] } else { Vec::new() };
            let surely = if it.certain() { everyone.clone() } else { Vec::new() };
            let at = At { everyone, surely, anyone: vec![it.traffic], ..At::default() };
            let through = it.port.open.through.as_ref();
            let load_balancer = through.map(|it| it.load_balancer.clone()).unwrap_or_default();
            (it.port.interface.clone(), load_balancer, at)
        };
        through.map(at).collect()
    }

    fn inbound(&self, records: &[Port]) -> Found {
        let mut found = Found::at(records);
        let (unanswered, exposed): (Vec<Exposed<'_>>, Vec<Exposed<'_>>) =
            records.iter().map(Exposed::of).partition(|it| it.port.open.clients == Clients::None);
        found.surely = exposed.iter().any(|it| it.everyone() && it.certain());
        for it in exposed.iter().filter(|it| it.internet()) {
            found.at.anyone.push(it.traffic);
            if it.everyone() {
                found.at.everyone.push(it.traffic);
                if it.certain() {
                    found.at.surely.push(it.traffic);
                }
            }
        }
        let arriving = unanswered.iter().filter(|it| it.everyone());
        found.at.unanswered = arriving.map(|it| it.traffic).collect();
        for rule in RULES {
            if let Check::Unanswered(check) = rule.check {
                found.findings.extend(check(self, rule, &unanswered));
            }
        }
        // Records of groups by themselves come together: one thing after the other.
        for exposed in exposed.chunk_by(|a, b| thing(a.port) == thing(b.port)) {
            let Some(first) = exposed.first() else { continue };
            let everyone = exposed.iter().filter(|it| it.everyone());
            let open = everyone
                .map(|it| OpenTo { only_to_members: self.only_to_members(it), ..OpenTo::of(it) });
            let open: Vec<OpenTo<'_>> = open.collect();
            found.findings.extend({
                let own = service::own_ports(&first.port.services);
                open::findings(self, &self.about(first.port), &open, true, &own)
            });
            for rule in RULES {
                if let Check::Inbound(check) = rule.check {
                    found.findings.extend(check(self, rule, exposed));
                }
            }
        }
        found
    }

    /// Whether something is open, if at all, to members of groups that nobody has
    /// listed. Their IPv6 addresses may be any, but they are a few hosts, whoever
    /// they are, and never everyone.
    fn only_to_members(&self, exposed: &Exposed<'_>) -> bool {
        let Some((id, interface)) = self.network.interfaces_of(&exposed.port.interface).next()
        else {
            return false;
        };
        let component = &self.network.components[id];
        let interface = component.interface(interface);
        let groups = &component.group_sets[interface.group_set()];
        let known = groups.iter().all(|&group| component.security_groups[group].seen);
        if exposed.certain() || interface.contested() || !known {
            return false;
        }
        let (mut members, mut addresses) = (false, IpSet::empty());
        for (_, _, rule) in alone::inbound_rules(component, groups) {
            if !exposed.traffic.meets_rule(rule.traffic) {
                continue;
            }
            if rule.contested || rule.traffic.is_none() {
                return false;
            }
            match rule.peer {
                Peer::SecurityGroup { .. } => members = true,
                Peer::Ipv4(prefix) => addresses = addresses.union(&Cidr::V4(prefix).into()),
                Peer::Ipv6(prefix) => addresses = addresses.union(&Cidr::V6(prefix).into()),
                Peer::PrefixList(list) => {
                    let Some(entries) = &component.prefix_lists[list].entries else { return false };
                    addresses = addresses.union(&entries.iter().copied().collect());
                }
                Peer::Unknown(_) => return false,
            }
        }
        members && !self.is_everyone(&addresses.intersection(&self.world.internet))
    }

    fn alike(&self, records: &[PortClass], reached: &Reached) -> Vec<Finding> {
        let mut found = Vec::new();
        for records in records.chunk_by(|a, b| class(a) == class(b)) {
            let alike = Alike::of(self, records, reached);
            for rule in RULES {
                if let Check::Alike(check) = rule.check {
                    found.extend(check(self, rule, &alike));
                }
            }
        }
        found
    }

    fn outbound(&self, records: &[Port]) -> Found {
        let exposed: Vec<Exposed<'_>> = records.iter().map(Exposed::of).collect();
        let https = Traffic { kind: Kind::Of(Protocol::Tcp), ports: PortRange::single(443) };
        let mut found = Found::at(records);
        let v4 = |it: &Exposed<'_>| it.blocks().iter().any(|block| !block.contains(':'));
        found.at.connects = exposed.iter().any(|it| it.internet() && v4(it));
        found.surely =
            exposed.iter().any(|it| it.everyone() && it.certain() && it.traffic.covers(https));
        for exposed in exposed.chunk_by(|a, b| thing(a.port) == thing(b.port)) {
            for rule in RULES {
                if let Check::Outbound(check) = rule.check {
                    found.findings.extend(check(self, rule, exposed));
                }
            }
        }
        found
    }

    /// A finding with what its rule says of all of its kind.
    fn finding(&self, rule: &Rule, about: &About) -> Finding {
        finding(rule, about)
    }

    /// A finding about packets of the internet, without a severity of its own.
    fn about_packets(&self, rule: &Rule, about: &About, open: &OpenTo<'_>) -> Finding {
        let mut finding = self.finding(rule, about);
        finding.direction = "ingress".to_owned();
        finding.protocol = open.traffic.protocol_text();
        finding.ports = open.traffic.ports_text();
        finding.audience = Some(Audience::Internet);
        finding.breadth = Some(Breadth::Everyone);
        finding.sources = open.sources.clone();
        finding.clients = Some(open.clients);
        finding.client_ports = open.client_ports.to_owned();
        finding.certainty = open.certainty;
        finding.because.clone_from(&open.because);
        finding
    }

    /// The thing that a record of `ports` is about: an interface, or a group in a
    /// source that holds no interfaces.
    fn about(&self, port: &Port) -> About {
        let group = port.interface.is_empty();
        let id = if group { group_of(port) } else { port.interface.clone() };
        let mut about = About {
            kind: if group { "security-group" } else { "network-interface" }.to_owned(),
            id,
            name: port.name.clone(),
            instance: port.instance.clone(),
            account: port.account.clone(),
            region: port.region.clone(),
            vpc: port.vpc.clone(),
            ..About::default()
        };
        let interface = self.network.interfaces_of(&about.id).next();
        if let Some((component, interface)) = interface {
            let place = self.network.components[component].interface(interface).place();
            self.stands(&mut about, place);
        }
        about
    }

    /// Says where a thing stands.
    fn stands(&self, about: &mut About, place: crate::model::Place) {
        let located = self.locate.locate(place);
        (about.at, about.file, about.line) = (located.at, located.file, located.line);
    }
}

/// A finding with what its rule says of all of its kind.
fn finding(rule: &Rule, about: &About) -> Finding {
    Finding {
        format: "portolan.finding/1".into(),
        code: rule.code.to_owned(),
        title: rule.title.to_owned(),
        severity: rule.severity,
        attached: true,
        about: about.clone(),
        direction: String::new(),
        protocol: String::new(),
        ports: String::new(),
        audience: None,
        breadth: None,
        sources: Blocks::default(),
        sources_left_out: 0,
        source_groups: Vec::new(),
        who: Vec::new(),
        clients: None,
        client_ports: String::new(),
        certainty: Certainty::Certain,
        witness: None,
        because: Vec::new(),
        blocked_by: Vec::new(),
        controls: Shared::default(),
        why: rule.why.into(),
        fix: rule.fix.into(),
        fingerprint: String::new(),
        exception: None,
        beyond: Vec::new(),
    }
}

/// What a record is about, for comparing.
fn thing(port: &Port) -> (&str, Option<&str>) {
    let group = port.open.because.first().map(|cause| cause.of.as_str());
    (&port.interface, if port.interface.is_empty() { group } else { None })
}

/// What records of a class are about, for comparing.
fn class(class: &PortClass) -> (&[String], Option<&str>) {
    let group = class.open.because.first().map(|cause| cause.of.as_str());
    let alone = class.interfaces.iter().all(String::is_empty);
    (&class.interfaces, if alone { group } else { None })
}

fn group_of(port: &Port) -> String {
    port.open.because.first().map_or_else(String::new, |cause| cause.of.clone())
}

/// How people call a thing: its name and its id.
fn called(about: &About) -> String {
    match about.name.as_str() {
        "" => about.id.clone(),
        name if name == about.id => about.id.clone(),
        name => format!("{name} ({})", about.id),
    }
}

/// One step less bad.
fn less(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    }
}
