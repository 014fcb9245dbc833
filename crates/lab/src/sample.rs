//! Questions that lie on edges: the first and last address of every block that a rule
//! names and their neighbours, the same for ports, and client ports around which
//! ACLs change their mind.
//!
//! Most packets at random are dropped for dull reasons. Of those many are thrown back,
//! so that a good part of what is sent arrives.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan::model::{
    Component, ComponentId, Direction, Interface, Network, NetworkInterfaceId, Peer,
    SecurityGroupId, SecurityGroupRule,
};
use portolan::net::{CLIENT_PORTS, Cidr, Match, PortRange, Protocol};
use portolan::reach::place::{self, Selector};
use portolan::reach::spec::{End, Flow, judge};

use crate::compare::{Comparison, Question};
use crate::plan::Plan;
use crate::probe::Probe;

/// How many tries a question is worth.
const TRIES: usize = 12;
/// Of a hundred questions that are answered by nothing so many are kept.
const KEPT_OF_FILTERED: u64 = 22;

/// Numbers that depend on their seed alone (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next_number() % end.max(1)
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(items.len()).unwrap_or(0);
        items.get(usize::try_from(self.below(length)).unwrap_or(0))
    }
}

/// Makes questions about the hosts of a plan.
#[derive(Debug)]
pub struct Sampler<'n> {
    network: &'n Network,
    random: Random,
    interfaces: Vec<(ComponentId, NetworkInterfaceId)>,
    publics: Vec<u32>,
    /// Addresses outside, at the edges of blocks.
    outside: Vec<IpAddr>,
    clients: Vec<u16>,
}

impl<'n> Sampler<'n> {
    /// For the hosts of a plan.
    #[must_use]
    pub fn new(network: &'n Network, plan: &Plan, seed: u64) -> Self {
        let interfaces: Vec<_> =
            plan.hosts.iter().flat_map(|host| host.interfaces.iter().copied()).collect();
        let components: BTreeSet<ComponentId> = interfaces.iter().map(|&(at, _)| at).collect();
        let mut edges = Edges::default();
        for &at in &components {
            edges.component(&network.components[at]);
        }
        let outside = edges.outside(network);
        let mut clients: Vec<u16> = [1024, 32768, 49151, 49152, 60999, 61000, 65535]
            .into_iter()
            .chain(edges.ports)
            .filter(|&port| CLIENT_PORTS.contains(port))
            .collect();
        clients.sort_unstable();
        clients.dedup();
        Self {
            network,
            random: Random::new(seed),
            interfaces,
            publics: network.public_ipv4.iter().map(|&(public, _)| public).collect(),
            outside,
            clients,
        }
    }

    /// At most so many questions, fewer where the network has no more.
    pub fn questions(&mut self, wanted: usize) -> Vec<Question> {
        let mut questions = Vec::new();
        for _ in 0..wanted {
            questions.extend(self.question());
        }
        questions
    }

    /// A question that is worth asking.
    fn question(&mut self) -> Option<Question> {
        let mut last = None;
        for _ in 0..TRIES {
            let Some(flow) = self.flow() else { continue };
            let client = self.random.pick(&self.clients).copied().unwrap_or(CLIENT_PORTS.first());
            // Whether a port is closed to a datagram is told by ICMP, which may be dropped.
            let listens = flow.protocol != Protocol::Tcp || self.random.chance(60);
            last = Some(Question { flow, client, listens });
            if judge(self.network, &flow).possible() || self.random.chance(KEPT_OF_FILTERED) {
                break;
            }
        }
        last
    }

    fn flow(&mut self) -> Option<Flow> {
        let (at, id) = *self.random.pick(&self.interfaces)?;
        let component: &Component = &self.network.components[at];
        let interface = component.interface(id);
        let inward = self.random.chance(65);
        let direction = if inward { Direction::Ingress } else { Direction::Egress };
        let rule = self.rule(component, interface, direction);
        let (protocol, selector) = self.traffic(rule);
        let ipv6 = match (protocol, rule.map(|rule| rule.peer)) {
            (Protocol::Icmp, _) => false,
            (Protocol::Icmpv6, _) => true,
            (_, Some(Peer::Ipv4(_))) => false,
            (_, Some(Peer::Ipv6(_))) => true,
            _ => self.random.chance(50),
        };
        let address = self.address_of(interface, ipv6)?;
        let here = End::Interface { component: at, interface: id, address };
        let far = self.far(component, rule, ipv6)?;
        let selector_of_far = Selector::Address(far);
        let (from, to) = if inward {
            let from = self.near(at, &place::senders(self.network, &selector_of_far))?;
            let outside = matches!(from, End::Internet(_));
            let public = public_of(interface, address);
            let asked = self.random.chance(if outside { 95 } else { 10 });
            (from, public.filter(|_| asked).map_or(here, End::Public))
        } else {
            (here, self.near(at, &place::receivers(self.network, &selector_of_far))?)
        };
        Some(Flow { from, to, protocol, selector })
    }

    /// A rule to be guided by: mostly one of the interface's.
    fn rule(
        &mut self,
        component: &'n Component,
        interface: Interface<'_>,
        direction: Direction,
    ) -> Option<&'n SecurityGroupRule> {
        let worn: &[SecurityGroupId] = &component.group_sets[interface.group_set()];
        let rules: Vec<&SecurityGroupRule> = worn
            .iter()
            .flat_map(|&group| &component.security_groups[group].rules)
            .filter(|rule| rule.direction == direction)
            .collect();
        let guided = self.random.chance(90);
        self.random.pick(&rules).copied().filter(|_| guided)
    }

    fn traffic(&mut self, rule: Option<&SecurityGroupRule>) -> (Protocol, u16) {
        let any = Protocol::Other(0);
        let (protocol, ports) = match rule.and_then(|rule| rule.traffic) {
            Some(Match::Ports(protocol, ports)) => (protocol, ports),
            Some(Match::All) | None => (any, PortRange::ALL),
        };
        if protocol.has_ports() || protocol.is_icmp() {
            return (protocol, self.selector(protocol, ports));
        }
        let protocol = match self.random.below(100) {
            0..55 => Protocol::Tcp,
            55..78 => Protocol::Udp,
            78..92 => Protocol::Icmp,
            _ => Protocol::Icmpv6,
        };
        (protocol, self.selector(protocol, PortRange::ALL))
    }

    /// A selector at an edge of the range, seldom outside it.
    fn selector(&mut self, protocol: Protocol, ports: PortRange) -> u16 {
        let (first, last) = (ports.first(), ports.last());
        let usual: &[u16] = match protocol {
            Protocol::Tcp => &[22, 80, 443, 3306, 5432, 8080],
            Protocol::Udp => &[53, 123, 500],
            Protocol::Icmp => &[8 << 8, 8 << 8, 13 << 8, 3 << 8 | 4, 11 << 8],
            Protocol::Icmpv6 => &[128 << 8, 128 << 8, 128 << 8, 1 << 8, 3 << 8],
            Protocol::Other(_) => &[0],
        };
        let inside: Vec<u16> = usual.iter().copied().filter(|&port| ports.contains(port)).collect();
        let chosen = match self.random.below(12) {
            0 => first.saturating_sub(1),
            1 => last.saturating_add(1),
            2..4 => first,
            4..6 => last,
            _ => self.random.pick(&inside).copied().unwrap_or(first),
        };
        match protocol {
            Protocol::Tcp | Protocol::Udp => chosen.max(1),
            // Neighbour discovery and its kin are not routed, and the kernel answers an
            // echo whatever its code.
            Protocol::Icmp | Protocol::Icmpv6 => icmp_selector(protocol, chosen),
            Protocol::Other(_) => 0,
        }
    }

    fn address_of(&mut self, interface: Interface<'_>, ipv6: bool) -> Option<IpAddr> {
        let held: Vec<IpAddr> = if ipv6 {
            let ends = interface.ipv6().iter().flat_map(|held| [held.first, held.last]);
            ends.map(|held| IpAddr::V6(Ipv6Addr::from_bits(held))).collect()
        } else {
            let ends = interface.ipv4().iter().flat_map(|held| [held.first, held.last]);
            ends.map(|held| IpAddr::V4(Ipv4Addr::from_bits(held))).collect()
        };
        self.random.pick(&held).copied()
    }

    /// The other end's address: one that the rule names, or any.
    fn far(
        &mut self,
        component: &Component,
        rule: Option<&SecurityGroupRule>,
        ipv6: bool,
    ) -> Option<IpAddr> {
        let peer = rule.map(|rule| rule.peer).filter(|_| self.random.chance(85));
        let found = match peer {
            Some(Peer::Ipv4(block)) if !ipv6 => self.inside(Cidr::V4(block)),
            Some(Peer::Ipv6(block)) if ipv6 => self.inside(Cidr::V6(block)),
            Some(Peer::PrefixList(list)) => {
                let entries = component.prefix_lists[list].entries.clone();
                let entries: Vec<Cidr> = entries
                    .iter()
                    .flat_map(|entries| entries.iter().copied())
                    .filter(|entry| entry.is_v4() != ipv6)
                    .collect();
                self.random.pick(&entries).copied().and_then(|entry| self.inside(entry))
            }
            Some(Peer::SecurityGroup { group, .. }) => {
                let members: Vec<Interface<'_>> = component
                    .interfaces
                    .iter()
                    .filter(|other| component.group_sets[other.group_set()].contains(&group))
                    .collect();
                let member = self.random.pick(&members).copied();
                member.and_then(|member| self.address_of(member, ipv6))
            }
            Some(Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::Unknown(_)) | None => None,
        };
        found.or_else(|| self.anywhere(ipv6))
    }

    fn anywhere(&mut self, ipv6: bool) -> Option<IpAddr> {
        match self.random.below(100) {
            0..55 => self.somebody(ipv6),
            55..70 if !ipv6 => {
                let public = self.random.pick(&self.publics).copied()?;
                Some(IpAddr::V4(Ipv4Addr::from_bits(public)))
            }
            _ => self.somewhere(ipv6),
        }
    }

    /// An address of some interface.
    fn somebody(&mut self, ipv6: bool) -> Option<IpAddr> {
        let (at, id) = *self.random.pick(&self.interfaces)?;
        self.address_of(self.network.components[at].interface(id), ipv6)
    }

    /// An address outside.
    fn somewhere(&mut self, ipv6: bool) -> Option<IpAddr> {
        let outside: Vec<IpAddr> =
            self.outside.iter().copied().filter(|address| address.is_ipv6() == ipv6).collect();
        self.random.pick(&outside).copied()
    }

    /// Somebody inside a block, or at its edge, or just beyond it.
    fn inside(&mut self, block: Cidr) -> Option<IpAddr> {
        if block.length() > 8 && self.random.chance(30) {
            let edges = edges(block);
            return self.random.pick(&edges).copied();
        }
        for _ in 0..TRIES {
            let anywhere = self.anywhere(!block.is_v4());
            if let Some(address) = anywhere.filter(|&address| block.contains(address)) {
                return Some(address);
            }
        }
        Some(block.first())
    }

    /// One of what an address may be: mostly in the component that is asked.
    fn near(&mut self, at: ComponentId, ends: &[End]) -> Option<End> {
        let near: Vec<End> = ends
            .iter()
            .copied()
            .filter(|end| match end {
                End::Interface { component, .. } | End::Vpc { component, .. } => *component == at,
                End::Public(_)
                | End::NatGateway { .. }
                | End::Internet(_)
                | End::Network(_)
                | End::AmazonService(_) => true,
            })
            .collect();
        let chosen = self.random.pick(&near).copied();
        chosen.or_else(|| self.random.pick(ends).copied())
    }
}

/// ICMP that is routed and that sockets receive.
fn icmp_selector(protocol: Protocol, selector: u16) -> u16 {
    let [kind, _] = selector.to_be_bytes();
    let request = |kind: u8| u16::from_be_bytes([kind, 0]);
    match (protocol, kind) {
        // The kernel answers some of these itself, or whatever their code.
        (Protocol::Icmp, 8 | 13) => request(kind),
        (Protocol::Icmpv6, 128 | 130..=255) => request(128),
        _ => selector,
    }
}

fn public_of(interface: Interface<'_>, address: IpAddr) -> Option<u32> {
    let IpAddr::V4(address) = address else { return None };
    let held = interface.ipv4().iter().find(|held| held.first == address.to_bits())?;
    held.public
}

/// The first and last address of a block, and their neighbours.
fn edges(block: Cidr) -> [IpAddr; 4] {
    match block {
        Cidr::V4(block) => {
            let (first, last) = (block.first(), block.last());
            [first, last, first.wrapping_sub(1), last.wrapping_add(1)]
                .map(|edge| IpAddr::V4(Ipv4Addr::from_bits(edge)))
        }
        Cidr::V6(block) => {
            let (first, last) = (block.first(), block.last());
            [first, last, first.wrapping_sub(1), last.wrapping_add(1)]
                .map(|edge| IpAddr::V6(Ipv6Addr::from_bits(edge)))
        }
    }
}

/// Where the answers of a network may change.
#[derive(Debug, Default)]
struct Edges {
    blocks: BTreeSet<Cidr>,
    ports: BTreeSet<u16>,
}

impl Edges {
    fn component(&mut self, component: &Component) {
        for rule in component.security_groups.iter().flat_map(|group| &group.rules) {
            match rule.peer {
                Peer::Ipv4(block) => drop(self.blocks.insert(Cidr::V4(block))),
                Peer::Ipv6(block) => drop(self.blocks.insert(Cidr::V6(block))),
                Peer::PrefixList(_) | Peer::SecurityGroup { .. } | Peer::Unknown(_) => {}
            }
        }
        for entry in component.network_acls.iter().flat_map(|acl| &acl.entries) {
            self.blocks.extend(entry.cidr);
            if let Some(Match::Ports(_, ports)) = entry.traffic {
                let (first, last) = (ports.first(), ports.last());
                self.ports.extend([first, last, first.saturating_sub(1), last.saturating_add(1)]);
            }
        }
        let lists = component.prefix_lists.iter().filter_map(|list| list.entries.as_ref());
        self.blocks.extend(lists.flat_map(|entries| entries.iter().copied()));
    }

    /// Those addresses that are on the internet, and a few that no rule names.
    fn outside(&self, network: &Network) -> Vec<IpAddr> {
        let strangers = [
            IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)),
            IpAddr::V6(Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, 9)),
        ];
        let named = self.blocks.iter().filter(|block| block.length() > 0);
        let mut outside: Vec<IpAddr> = named
            .flat_map(|&block| edges(block))
            .chain(strangers)
            .filter(|&address| is_outside(network, address))
            .collect();
        outside.sort_unstable();
        outside.dedup();
        outside
    }
}

fn is_outside(network: &Network, address: IpAddr) -> bool {
    let ends = place::senders(network, &Selector::Address(address));
    !ends.is_empty() && ends.iter().all(|end| matches!(end, End::Internet(_)))
}

/// The addresses on the internet that questions are about.
#[must_use]
pub fn addresses_outside(questions: &[Question]) -> Vec<IpAddr> {
    let ends = questions.iter().flat_map(|question| [question.flow.from, question.flow.to]);
    let outside: BTreeSet<IpAddr> = ends
        .filter_map(|end| match end {
            End::Internet(address) => Some(address),
            End::Interface { .. }
            | End::Public(_)
            | End::NatGateway { .. }
            | End::Vpc { .. }
            | End::Network(_)
            | End::AmazonService(_) => None,
        })
        .collect();
    outside.into_iter().collect()
}

/// The questions that can be asked at once, each with its probe; and how many can't be
/// asked at all, by reason.
///
/// None sends from a port on which somebody listens, and no two are the same
/// connection, or one the answer to the other.
#[must_use]
pub fn askable(
    comparison: &Comparison<'_>,
    questions: &[Question],
) -> (Vec<(Question, Probe)>, std::collections::BTreeMap<&'static str, u64>) {
    let mut skipped = std::collections::BTreeMap::new();
    let mut probes = Vec::new();
    for question in questions {
        match comparison.probe(question) {
            Ok(probe) => probes.push((*question, probe)),
            Err(skip) => *skipped.entry(skip.as_str()).or_insert(0) += 1,
        }
    }
    let listening: BTreeSet<(IpAddr, u16, Protocol)> = probes
        .iter()
        .filter(|(_, probe)| probe.protocol.has_ports())
        .filter_map(|(_, probe)| probe.receiver.map(|(_, at)| (at, probe.selector, probe.protocol)))
        .collect();
    // A port is listened on, or it is not: the first question about it decides.
    let mut listens = std::collections::BTreeMap::new();
    let mut seen = BTreeSet::new();
    probes.retain_mut(|(question, probe)| {
        if probe.protocol.has_ports() {
            if listening.contains(&(probe.source, probe.source_port, probe.protocol)) {
                return false;
            }
            if let Some((_, at)) = probe.receiver {
                let key = (at, probe.selector, probe.protocol);
                let listens = *listens.entry(key).or_insert(probe.listens);
                (probe.listens, question.listens) = (listens, listens);
            }
        }
        let port = if probe.protocol.has_ports() { probe.source_port } else { 0 };
        let near = (probe.source, port);
        let far = (probe.destination, probe.selector);
        let connection = if near <= far { (near, far) } else { (far, near) };
        seen.insert((probe.protocol, connection))
    });
    (probes, skipped)
}
