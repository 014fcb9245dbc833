//! The blast radius by the specification: whoever is held tries every port of everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan::model::{Asked, Component, ComponentId, InterfaceKind, Network, NetworkInterfaceId};
use portolan::net::Protocol;
use portolan::reach::blast::{BlastOptions, Hops, hops};
use portolan::reach::place::Selector;
use portolan::reach::spec::{self, End, Flow};

use super::flows::Edges;
use super::random::Random;

pub(crate) type Spot = (ComponentId, NetworkInterfaceId);

/// What is open between two hosts.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Pair {
    #[default]
    Closed,
    Unknown,
    Open,
}

/// Hosts, and what the specification says of each pair that was asked for.
pub(crate) struct Pairs<'n> {
    network: &'n Network,
    ports: Vec<u16>,
    known: BTreeMap<(Spot, Spot), (Pair, Pair)>,
    /// Whether the receiver of something that may be open was not asked.
    unjudged: bool,
    /// How each was reached.
    flows: BTreeMap<(Spot, Pair), Flow>,
}

/// Who is reached, after how many hops.
pub(crate) type Closure = BTreeMap<Spot, u32>;

impl<'n> Pairs<'n> {
    pub(crate) fn of(network: &'n Network, edges: &Edges) -> Self {
        Self {
            network,
            ports: ports(network, edges),
            known: BTreeMap::new(),
            unjudged: false,
            flows: BTreeMap::new(),
        }
    }

    /// Every interface that something may be reached at.
    pub(crate) fn spots(&self) -> Vec<Spot> {
        let mut all = Vec::new();
        for (id, component) in self.network.components.entries() {
            let seen = component.interfaces.iter().filter(|it| it.seen());
            let ends = seen.filter(|it| match it.kind() {
                InterfaceKind::Host
                | InterfaceKind::RemoteAccess
                | InterfaceKind::Managed
                | InterfaceKind::VpcEndpoint
                | InterfaceKind::LoadBalancer => true,
                InterfaceKind::NatGateway | InterfaceKind::TransitGateway => false,
            });
            all.extend(ends.map(|it| (id, it.index())));
        }
        all
    }

    pub(crate) fn component(&self, spot: Spot) -> &'n Component {
        &self.network.components[spot.0]
    }

    fn goes_on(&self, spot: Spot) -> bool {
        let kind = self.component(spot).interface(spot.1).kind();
        matches!(kind, InterfaceKind::Host | InterfaceKind::RemoteAccess)
    }

    fn host(&self, spot: Spot) -> Vec<Spot> {
        let component = self.component(spot);
        let instance = component.interface(spot.1).instance();
        let own = component.interfaces.iter().filter(|it| it.seen());
        let own = own
            .filter(|it| it.index() == spot.1 || instance.is_some() && it.instance() == instance);
        own.map(|it| (spot.0, it.index())).collect()
    }

    /// Everybody within reach of a host: by pairs that are at least so open. `within`:
    /// only by private ways inside of one component.
    pub(crate) fn closure(&mut self, start: Spot, least: Pair, within: bool) -> Closure {
        let mut reached = Closure::new();
        let mut new: BTreeSet<Spot> = self.host(start).into_iter().collect();
        new.retain(|&spot| self.goes_on(spot));
        let spots = self.spots();
        let mut hops = 0;
        while !new.is_empty() {
            reached.extend(new.iter().map(|&spot| (spot, hops)));
            hops += 1;
            let mut next = BTreeSet::new();
            let senders: Vec<Spot> =
                new.iter().copied().filter(|&from| self.goes_on(from)).collect();
            for from in senders {
                for &to in &spots {
                    if reached.contains_key(&to) || next.contains(&to) {
                        continue;
                    }
                    let (private, public) = self.pair(from, to);
                    let pair = match within {
                        true if from.0 != to.0 => Pair::Closed,
                        true => private,
                        false => private.max(public),
                    };
                    if pair >= least {
                        if self.goes_on(to) {
                            let host = self.host(to);
                            let own = host.into_iter().filter(|&spot| self.goes_on(spot));
                            next.extend(own.filter(|spot| !reached.contains_key(spot)));
                        } else {
                            next.insert(to);
                        }
                    }
                }
            }
            new = next;
        }
        reached
    }

    /// What is open at private addresses, and at public ones.
    fn pair(&mut self, from: Spot, to: Spot) -> (Pair, Pair) {
        if let Some(&known) = self.known.get(&(from, to)) {
            return known;
        }
        let mut best = (Pair::Closed, Pair::Closed);
        for source in self.ends(from) {
            for target in self.ends(to) {
                if source.address().is_ipv4() == target.address().is_ipv4() {
                    best.0 = best.0.max(self.judge(to, source, target));
                }
            }
            let publics = self.component(to).interface(to.1).ipv4().iter();
            for public in publics.filter_map(|held| held.public) {
                if source.address().is_ipv4() {
                    best.1 = best.1.max(self.judge(to, source, End::Public(public)));
                }
            }
        }
        self.known.insert((from, to), best);
        best
    }

    fn judge(&mut self, spot: Spot, from: End, to: End) -> Pair {
        let mut best = Pair::Closed;
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            for selector in self.ports.clone() {
                let flow = Flow { from, to, protocol, selector };
                let judgement = spec::judge(self.network, &flow);
                if matches!(to, End::Public(_)) && !judges_receiver(&judgement) {
                    self.unjudged |= judgement.possible();
                    continue;
                }
                if judgement.certain() {
                    self.flows.insert((spot, Pair::Open), flow);
                    return Pair::Open;
                }
                if judgement.possible() {
                    self.flows.insert((spot, Pair::Unknown), flow);
                    best = Pair::Unknown;
                }
            }
        }
        best
    }

    fn ends(&self, (component, interface): Spot) -> Vec<End> {
        let held = self.network.components[component].interface(interface);
        let v4 = held.ipv4().iter().flat_map(|held| [held.first, held.last]);
        let v4 = v4.map(|at| IpAddr::V4(Ipv4Addr::from_bits(at)));
        let v6 = held.ipv6().iter().flat_map(|held| [held.first, held.last]);
        let v6 = v6.map(|at| IpAddr::V6(Ipv6Addr::from_bits(at)));
        let mut all: Vec<IpAddr> = v4.chain(v6).collect();
        all.dedup();
        all.into_iter().map(|address| End::Interface { component, interface, address }).collect()
    }
}

/// Every port at which an answer may change: also those of firewalls' rules, and those
/// that tunnels lead to.
fn ports(network: &Network, edges: &Edges) -> Vec<u16> {
    let mut ports = edges.ports().to_vec();
    ports.extend([22, 3389]);
    let endpoints = network.components.iter().flat_map(|it| it.vpc_endpoints.iter());
    let policies = endpoints.filter_map(|it| it.firewall.as_ref()?.policy.as_ref());
    for policy in policies {
        let groups = policy.stateless.iter().chain(&policy.stateful);
        let rules = groups.filter_map(|it| it.group.as_ref()).flat_map(|group| &group.rules);
        for rule in rules {
            for asked in [&rule.destination_ports, &rule.source_ports] {
                let Asked::Only(set) = asked else { continue };
                for range in set.ranges() {
                    let edges = [range.first(), range.last(), range.last().saturating_add(1)];
                    ports.extend(edges);
                }
            }
        }
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Whether it was asked if whoever has a public address lets the packet in: not where it is
/// not known as whom the sender is seen, nor where an endpoint takes it to a service, nor
/// where one of several ways (a NAT gateway's to another network) is not known further.
fn judges_receiver(judgement: &spec::Judgement) -> bool {
    let passed =
        |names: &[&str]| judgement.trace.forward.iter().any(|step| names.contains(&step.component));
    let several = !judgement.certain() && !judgement.trace.blocks.is_empty();
    passed(&["internet-gateway", "nat-gateway"]) && !passed(&["vpc-endpoint"]) && !several
}

/// A blast radius, and what the specification says of it.
pub(crate) struct Compared {
    engine: Hops,
    /// By private ways within a component alone.
    inner: [Closure; 2],
    /// By all ways.
    all: [Closure; 2],
    balanced: bool,
    /// Load balancers, services that nobody listed, or other components: of these the engine
    /// knows more, or less.
    loose: bool,
    flows: BTreeMap<(Spot, Pair), Flow>,
}

/// The blast radius of some host.
pub(crate) fn one(network: &Network, random: &mut Random) -> Option<(String, Compared)> {
    let mut pairs = Pairs::of(network, &Edges::of(network));
    let mut hosts = pairs.spots();
    hosts.retain(|&spot| pairs.goes_on(spot));
    let &start = random.pick_maybe(&hosts)?;
    let id = network.text(pairs.component(start).interface(start.1).id()).to_owned();
    let from = vec![Selector::NetworkInterface(id.clone())];
    // One that two accounts list is not one host.
    if network.interfaces_of(&id).count() > 1 {
        return None;
    }
    let engine = hops(network, &BlastOptions { from, ..BlastOptions::default() });
    let mut of = |within| [Pair::Open, Pair::Unknown].map(|it| pairs.closure(start, it, within));
    let (inner, all) = (of(true), of(false));
    let balanced = network.components.iter().any(|it| !it.load_balancers.is_empty());
    // Whoever holds a database that nobody listed goes on from it; no pair asks for that.
    let unlisted = network.components.iter().any(|it| it.unlisted().next().is_some());
    let loose = balanced || unlisted || pairs.unjudged || network.components.len() > 1;
    Some((id, Compared { engine, inner, all, balanced, loose, flows: pairs.flows }))
}

impl Compared {
    /// Whether the specification's pairs leave nothing to choose.
    pub(crate) fn is_exact(&self) -> bool {
        self.inner == self.all && !self.loose
    }

    pub(crate) fn farthest(&self) -> u32 {
        self.engine.possible.values().copied().max().unwrap_or(0)
    }

    /// What is not as it should be.
    pub(crate) fn broken(&self) -> Option<String> {
        let [certain, possible] = &self.all;
        let missing = |of: &Closure, than: &Closure| -> Vec<Spot> {
            of.keys().filter(|spot| !than.contains_key(spot)).copied().collect()
        };
        let found = [
            ("within reach and not found", missing(possible, &self.engine.possible)),
            ("surely within reach and not found", missing(&self.inner[0], &self.engine.certain)),
            ("certain and not possible", missing(&self.engine.certain, &self.engine.possible)),
        ];
        let mut wrong: Vec<_> = found.into_iter().filter(|(_, spots)| !spots.is_empty()).collect();
        if !self.balanced {
            let more = missing(&self.engine.certain, certain);
            wrong.extend((!more.is_empty()).then_some(("not surely within reach", more)));
        }
        if self.is_exact() {
            if self.engine.certain != *certain {
                return Some(format!("certain {:?} {certain:?}", self.engine.certain));
            }
            let more = missing(&self.engine.possible, possible);
            wrong.extend((!more.is_empty()).then_some(("not within reach", more)));
        }
        let flows = wrong.iter().flat_map(|(_, spots)| spots).flat_map(|&spot| {
            self.flows.range((spot, Pair::Closed)..=(spot, Pair::Open)).map(|(_, flow)| flow)
        });
        let flows: Vec<_> = flows.collect();
        (!wrong.is_empty()).then(|| format!("{wrong:?} {flows:#?}"))
    }
}
