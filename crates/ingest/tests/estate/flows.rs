//! Questions that lie on edges: the first and last address of every block that
//! the estate names, and their neighbours; the same for ports.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan::model::{
    Component, ComponentId, Destination, Direction, Interface, InterfaceKind, Network,
    NetworkInterfaceId, Peer, PublicOwner, SecurityGroupRule, VpcId,
};
use portolan::net::{Cidr, Match, PortRange, Prefix, Protocol};
use portolan::reach::place::{self, Selector};
use portolan::reach::spec::{End, Flow};

use super::ask::{self, Answer};
use super::random::Random;

/// Where the answers of a network may change.
pub(crate) struct Edges {
    v4: Vec<u32>,
    v6: Vec<u128>,
    ports: Vec<u16>,
    interfaces: Vec<(ComponentId, NetworkInterfaceId)>,
    publics: Vec<u32>,
}

impl Edges {
    pub(crate) fn of(network: &Network) -> Self {
        Self::within(network, network.components.ids())
    }

    /// The same of some components only: both ends are mostly there.
    pub(crate) fn within(
        network: &Network,
        components: impl IntoIterator<Item = ComponentId>,
    ) -> Self {
        let mut edges = Self {
            v4: vec![0x0909_0909, 0xc0a8_3201],
            v6: vec![0x2a00 << 112],
            ports: vec![0, 1, 22, 443, 1023, 1024, 65535],
            interfaces: Vec::new(),
            publics: network.public_ipv4.iter().map(|&(public, _)| public).collect(),
        };
        for id in components {
            edges.component(id, &network.components[id]);
        }
        edges.v4.extend(&edges.publics);
        for list in [&mut edges.publics, &mut edges.v4] {
            list.sort_unstable();
            list.dedup();
        }
        edges.v6.sort_unstable();
        edges.v6.dedup();
        edges.ports.sort_unstable();
        edges.ports.dedup();
        edges
    }

    /// The edges of the ports that rules and entries name.
    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    fn component(&mut self, id: ComponentId, component: &Component) {
        let there = |it: &Interface<'_>| it.seen() || it.unlisted().is_some();
        for interface in component.interfaces.iter().filter(there) {
            // Hosts are what most questions are about.
            let asked = interface.kind() == InterfaceKind::Host
                || component.load_balancer_of(interface.index()).is_some();
            let is_endpoint = component.endpoint_of(interface.index()).is_some();
            let people = component.remote_endpoint_of(interface.index()).is_some();
            let often =
                if asked { 6 } else { 1 + usize::from(is_endpoint) + 3 * usize::from(people) };
            self.interfaces.extend(std::iter::repeat_n((id, interface.index()), often));
            self.v4.extend(interface.ipv4().iter().flat_map(|held| [held.first, held.last]));
            self.v6.extend(interface.ipv6().iter().flat_map(|held| [held.first, held.last]));
        }
        for vpc in component.vpcs.iter() {
            vpc.ipv4.iter().for_each(|&block| self.block_v4(block));
            vpc.ipv6.iter().for_each(|&block| self.block_v6(block));
        }
        for subnet in component.subnets.iter() {
            subnet.ipv4.iter().for_each(|&block| self.block_v4(block));
            subnet.ipv6.iter().for_each(|&block| self.block_v6(block));
        }
        for rule in component.security_groups.iter().flat_map(|group| &group.rules) {
            self.traffic(rule.traffic);
            match rule.peer {
                Peer::Ipv4(block) => self.block_v4(block),
                Peer::Ipv6(block) => self.block_v6(block),
                _ => {}
            }
        }
        for entry in component.network_acls.iter().flat_map(|acl| &acl.entries) {
            self.traffic(entry.traffic);
            entry.cidr.iter().for_each(|&block| self.block(block));
        }
        for route in component.route_tables.iter().flat_map(|table| &table.routes) {
            match route.destination {
                Some(Destination::Ipv4(block)) => self.block_v4(block),
                Some(Destination::Ipv6(block)) => self.block_v6(block),
                _ => {}
            }
        }
        for entry in component.prefix_lists.iter().filter_map(|list| list.entries.as_ref()) {
            entry.iter().for_each(|&block| self.block(block));
        }
        let remote = &component.remote_access;
        for connection in &remote.vpn_connections {
            let blocks = connection.routes.iter().chain(&connection.customer_block);
            blocks.for_each(|&block| self.block_v4(block));
        }
        for endpoint in &remote.client_vpn_endpoints {
            let rules = endpoint.authorization_rules.iter().map(|rule| rule.destination);
            let blocks = rules.chain(endpoint.routes.iter().map(|route| route.destination));
            blocks.for_each(|block| self.block(block));
        }
        for peering in component.peerings.iter() {
            for side in [&peering.requester, &peering.accepter] {
                side.ipv4.iter().for_each(|&block| self.block_v4(block));
            }
        }
    }

    fn traffic(&mut self, traffic: Option<Match>) {
        if let Some(Match::Ports(_, ports)) = traffic {
            let (first, last) = (ports.first(), ports.last());
            self.ports.extend([first, last, first.saturating_sub(1), last.saturating_add(1)]);
        }
    }

    fn block(&mut self, block: Cidr) {
        match block {
            Cidr::V4(block) => self.block_v4(block),
            Cidr::V6(block) => self.block_v6(block),
        }
    }

    fn block_v4(&mut self, block: Prefix<u32>) {
        let (first, last) = (block.first(), block.last());
        self.v4.extend([first, last, first.wrapping_sub(1), last.wrapping_add(1)]);
    }

    fn block_v6(&mut self, block: Prefix<u128>) {
        let (first, last) = (block.first(), block.last());
        self.v6.extend([first, last, first.wrapping_sub(1), last.wrapping_add(1)]);
    }

    fn address(&self, random: &mut Random, ipv6: bool) -> IpAddr {
        if ipv6 {
            IpAddr::V6(Ipv6Addr::from_bits(*random.pick(&self.v6)))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(*random.pick(&self.v4)))
        }
    }
}

/// A flow of this network, if it has an interface at all.
///
/// Most flows at random are closed or unknown for dull reasons: of those many
/// are thrown back, and another one is taken.
pub(crate) fn sample(network: &Network, edges: &Edges, random: &mut Random) -> Option<Flow> {
    let mut flow = None;
    for _ in 0..5 {
        flow = once(network, edges, random).or(flow);
        let keep = match flow.map(|flow| ask::answer(network, &flow)) {
            Some(Answer::Open) => 100,
            Some(Answer::Unknown) => 34,
            Some(Answer::Closed) | None => 14,
        };
        if random.chance(keep) {
            break;
        }
    }
    flow
}

fn once(network: &Network, edges: &Edges, random: &mut Random) -> Option<Flow> {
    let &(at, index) = random.pick_maybe(&edges.interfaces)?;
    let component = &*network.components[at];
    let interface = component.interface(index);
    let flow = Sampler { network, edges, random, at, component, interface };
    flow.sample()
}

struct Sampler<'n, 'r> {
    network: &'n Network,
    edges: &'n Edges,
    random: &'r mut Random,
    at: ComponentId,
    component: &'n Component,
    interface: Interface<'n>,
}

impl<'n> Sampler<'n, '_> {
    fn sample(mut self) -> Option<Flow> {
        // What an unlisted interface sends comes from addresses that are nobody's.
        let receives = self.interface.unlisted().is_some() || self.random.chance(70);
        let direction = if receives { Direction::Ingress } else { Direction::Egress };
        let rule = self.rule(direction);
        let (protocol, selector) = self.traffic(rule);
        let wants_v6 = match (protocol, rule.map(|rule| rule.peer)) {
            _ if self.random.chance(3) => self.random.chance(50),
            (Protocol::Icmp, _) => false,
            (Protocol::Icmpv6, _) => true,
            (_, Some(Peer::Ipv4(_))) => false,
            (_, Some(Peer::Ipv6(_))) => true,
            _ => self.random.chance(50),
        };
        let own = self.own_address(wants_v6)?;
        let here =
            End::Interface { component: self.at, interface: self.interface.index(), address: own };
        let far = self.far(rule, own.is_ipv6());
        let (from, to) = match direction {
            Direction::Ingress => {
                let from = self.end(place::senders(self.network, &Selector::Address(far)))?;
                (from, self.addressed(here, from))
            }
            Direction::Egress => {
                (here, self.end(place::receivers(self.network, &Selector::Address(far)))?)
            }
        };
        Some(Flow { from, to, protocol, selector })
    }

    /// A rule to be guided by: mostly one of the interface's.
    fn rule(&mut self, direction: Direction) -> Option<&'n SecurityGroupRule> {
        let rules: Vec<&SecurityGroupRule> = self.component.group_sets[self.interface.group_set()]
            .iter()
            .flat_map(|&group| &self.component.security_groups[group].rules)
            .filter(|rule| rule.direction == direction)
            .collect();
        let guided = self.random.chance(88);
        self.random.pick_maybe(&rules).copied().filter(|_| guided)
    }

    fn traffic(&mut self, rule: Option<&SecurityGroupRule>) -> (Protocol, u16) {
        let guided = rule.and_then(|rule| rule.traffic).filter(|_| self.random.chance(94));
        match guided {
            Some(Match::Ports(protocol, ports)) => (
                protocol,
                if protocol.has_ports() || protocol.is_icmp() { self.port(ports) } else { 0 },
            ),
            Some(Match::All) | None => {
                let protocol = self.random.weighted(&[
                    (50, Protocol::Tcp),
                    (18, Protocol::Udp),
                    (12, Protocol::Icmp),
                    (7, Protocol::Icmpv6),
                    (5, Protocol::Other(50)),
                    (3, Protocol::Other(47)),
                    (5, Protocol::Other(132)),
                ]);
                (protocol, self.any_selector(protocol))
            }
        }
    }

    /// A port at an edge of the range, seldom outside it.
    fn port(&mut self, ports: PortRange) -> u16 {
        let (first, last) = (ports.first(), ports.last());
        match self.random.below(12) {
            0 => first.wrapping_sub(1),
            1 => last.wrapping_add(1),
            2..5 => first,
            5..7 => last,
            7..9 => {
                let inside: Vec<u16> =
                    self.edges.ports.iter().copied().filter(|&port| ports.contains(port)).collect();
                self.random.pick_maybe(&inside).copied().unwrap_or(first)
            }
            _ => {
                let offset = self.random.below(usize::from(last - first) + 1);
                first + u16::try_from(offset).unwrap()
            }
        }
    }

    fn any_selector(&mut self, protocol: Protocol) -> u16 {
        match protocol {
            Protocol::Tcp | Protocol::Udp if self.random.chance(45) => {
                *self.random.pick(&[22, 80, 443, 53])
            }
            Protocol::Tcp | Protocol::Udp => *self.random.pick(&self.edges.ports),
            Protocol::Icmp => *self.random.pick(&[8 << 8, 8 << 8, 0, 13 << 8, 3 << 8 | 4, 0xff00]),
            Protocol::Icmpv6 => *self.random.pick(&[128 << 8, 128 << 8, 129 << 8, 1 << 8]),
            Protocol::Other(_) => 0,
        }
    }

    fn own_address(&mut self, wants_v6: bool) -> Option<IpAddr> {
        let ipv4: Vec<IpAddr> = self
            .interface
            .ipv4()
            .iter()
            .flat_map(|held| [held.first, held.last])
            .map(|held| IpAddr::V4(Ipv4Addr::from_bits(held)))
            .collect();
        let ipv6: Vec<IpAddr> = self
            .interface
            .ipv6()
            .iter()
            .flat_map(|held| [held.first, held.last])
            .map(|held| IpAddr::V6(Ipv6Addr::from_bits(held)))
            .collect();
        let (wanted, other) = if wants_v6 { (&ipv6, &ipv4) } else { (&ipv4, &ipv6) };
        self.random.pick_maybe(wanted).or_else(|| other.first()).copied()
    }

    /// The other end's address: one that the rule names, or any edge.
    fn far(&mut self, rule: Option<&SecurityGroupRule>, ipv6: bool) -> IpAddr {
        let abroad = if ipv6 { self.nobody_abroad() } else { None };
        if let Some(address) = abroad {
            return address;
        }
        let peer = rule.map(|rule| rule.peer).filter(|_| self.random.chance(80));
        let found = match peer {
            Some(Peer::Ipv4(block)) if !ipv6 => self.inside(Cidr::V4(block)),
            Some(Peer::Ipv6(block)) if ipv6 => self.inside(Cidr::V6(block)),
            Some(Peer::PrefixList(list)) => {
                let entries = self.component.prefix_lists[list].entries.clone();
                let entry = entries.and_then(|entries| self.random.pick_maybe(&entries).copied());
                entry.filter(|entry| entry.is_v4() != ipv6).and_then(|entry| self.inside(entry))
            }
            Some(Peer::SecurityGroup { group, .. }) => {
                let members: Vec<Interface<'_>> = self
                    .component
                    .interfaces
                    .iter()
                    .filter(|other| self.component.group_sets[other.group_set()].contains(&group))
                    .collect();
                self.random.pick_maybe(&members).and_then(|member| first_of(*member, ipv6))
            }
            _ => None,
        };
        if let Some(found) = found {
            return found;
        }
        match self.random.below(100) {
            0..45 => {
                let &(at, other) = self.random.pick(&self.edges.interfaces);
                let other = self.network.components[at].interface(other);
                first_of(other, ipv6).unwrap_or_else(|| self.edges.address(self.random, ipv6))
            }
            45..55 if !ipv6 => self
                .random
                .pick_maybe(&self.edges.publics)
                .map_or(IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)), |&public| {
                    IpAddr::V4(Ipv4Addr::from_bits(public))
                }),
            55..70 => self.nobody(ipv6).unwrap_or_else(|| self.edges.address(self.random, ipv6)),
            _ => self.edges.address(self.random, ipv6),
        }
    }

    /// An address somewhere in a block of a VPC, of this component or of any:
    /// mostly no interface holds it.
    fn nobody(&mut self, ipv6: bool) -> Option<IpAddr> {
        let near = self.random.chance(50);
        self.within_a_vpc(ipv6, |at, _| !near || at)
    }

    /// The same of another VPC's IPv6, which is routed everywhere: now and then,
    /// and mostly where there is one that nothing joins to this one.
    fn nobody_abroad(&mut self) -> Option<IpAddr> {
        let own = self.interface.vpc();
        match self.random.below(100) {
            0..55 => self.within_a_vpc(true, |here, _| !here),
            55..62 => self.within_a_vpc(true, |_, vpc| vpc != own),
            _ => None,
        }
    }

    /// An address of a VPC that is wanted: whether of this component, and which.
    fn within_a_vpc(&mut self, ipv6: bool, wanted: impl Fn(bool, VpcId) -> bool) -> Option<IpAddr> {
        let mut blocks = Vec::new();
        for (id, component) in self.network.components.entries() {
            for (_, vpc) in component.vpcs.entries().filter(|&(vpc, _)| wanted(id == self.at, vpc))
            {
                if ipv6 {
                    blocks.extend(vpc.ipv6.iter().copied().map(Cidr::V6));
                } else {
                    blocks.extend(vpc.ipv4.iter().copied().map(Cidr::V4));
                }
            }
        }
        let offset = u32::try_from(self.random.below(1 << 20)).unwrap();
        Some(match *self.random.pick_maybe(&blocks)? {
            Cidr::V4(block) => {
                let size = block.last() - block.first() + 1;
                IpAddr::V4(Ipv4Addr::from_bits(block.first() + offset % size))
            }
            // Somewhere in one of the first subnets.
            Cidr::V6(block) => {
                let subnet = u128::from(offset % 8) << 64;
                IpAddr::V6(Ipv6Addr::from_bits(block.first() + subnet + u128::from(offset)))
            }
        })
    }

    /// Somebody inside a block: an edge, an interface, an edge of another block inside it.
    fn inside(&mut self, block: Cidr) -> Option<IpAddr> {
        let bounds = match block {
            Cidr::V4(block) => {
                [block.first(), block.last()].map(|edge| IpAddr::V4(Ipv4Addr::from_bits(edge)))
            }
            Cidr::V6(block) => {
                [block.first(), block.last()].map(|edge| IpAddr::V6(Ipv6Addr::from_bits(edge)))
            }
        };
        if block.length() > 8 && self.random.chance(25) {
            return Some(*self.random.pick(&bounds));
        }
        let ipv6 = !block.is_v4();
        for _ in 0..12 {
            let address = match self.random.below(10) {
                0..5 => {
                    let &(at, other) = self.random.pick(&self.edges.interfaces);
                    let other = self.network.components[at].interface(other);
                    first_of(other, ipv6)
                }
                5..7 => self.nobody(ipv6),
                _ => Some(self.edges.address(self.random, ipv6)),
            };
            if let Some(address) = address.filter(|&address| block.contains(address)) {
                return Some(address);
            }
        }
        Some(*self.random.pick(&bounds))
    }

    /// One of what an address may be: mostly in the component that is asked.
    fn end(&mut self, ends: Vec<End>) -> Option<End> {
        let near: Vec<End> = ends
            .iter()
            .copied()
            .filter(|end| match end {
                End::Interface { component, .. } | End::Vpc { component, .. } => {
                    *component == self.at
                }
                _ => true,
            })
            .collect();
        let chosen = if self.random.chance(90) { self.random.pick_maybe(&near) } else { None };
        chosen.or_else(|| self.random.pick_maybe(&ends)).copied()
    }

    /// From the internet people ask for the public address.
    fn addressed(&mut self, here: End, from: End) -> End {
        let public = self.interface.ipv4().iter().find_map(|held| {
            let address = IpAddr::V4(Ipv4Addr::from_bits(held.first));
            held.public.filter(|_| address == here.address())
        });
        let outside = matches!(from, End::Internet(_));
        match public {
            Some(public) if self.random.chance(if outside { 92 } else { 8 }) => End::Public(public),
            _ => here,
        }
    }
}

fn first_of(interface: Interface<'_>, ipv6: bool) -> Option<IpAddr> {
    if ipv6 {
        interface.ipv6().first().map(|held| IpAddr::V6(Ipv6Addr::from_bits(held.first)))
    } else {
        interface.ipv4().first().map(|held| IpAddr::V4(Ipv4Addr::from_bits(held.first)))
    }
}

/// The interface at an end, also behind a public address.
pub(crate) fn interface_at(
    network: &Network,
    end: End,
) -> Option<(ComponentId, NetworkInterfaceId)> {
    match end {
        End::Interface { component, interface, .. } => Some((component, interface)),
        End::Public(public) => network.public_owners(public).find_map(|owner| match owner {
            PublicOwner::Interface { component, interface, .. } => Some((component, interface)),
            _ => None,
        }),
        _ => None,
    }
}
