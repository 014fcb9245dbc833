//! What the configured view says of the ports of an address, seen from a vantage
//! point.
//!
//! For an interface's own address the engine answers for all ports at once. What it
//! has no sets for (an estate's host that goes out and in again to a public address, NAT
//! gateways, load balancers, addresses of several VPCs) is asked of the specification,
//! once for each range of ports within which no rule begins or ends.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use super::vantage::{Sender, Vantage};
use crate::model::{
    Component, ComponentId, Direction, Interface, Locate, Network, NetworkInterfaceId, PublicOwner,
};
use crate::net::{IpSet, Match, PortRange, Protocol, internet_v4};
use crate::reach::engine::World;
use crate::reach::explain::explain;
use crate::reach::place::{self, PortFilter, Selector, Zones};
use crate::reach::spec::End;
use crate::reach::what_if::Open;
use crate::reach::what_if::state::State;
use crate::record::{Audience, Certainty, Clients, Expected, Explanation, Verdict};

/// An interface of a network.
pub(super) type Place = (ComponentId, NetworkInterfaceId);

/// Ranges of ports, ascending and disjoint, and what is expected of each; what lies
/// in none is closed.
pub(super) type Segments = Vec<(PortRange, Expected)>;

/// Whose an address is, as far as it matters here.
#[derive(Clone, Copy, Debug)]
enum Whose {
    /// An interface's, at its own address `at`.
    Held { place: Place, at: IpAddr },
    /// The estate's, but no interface's alone.
    Other,
    /// Not the estate's.
    Foreign,
}

/// Answers for one vantage point.
pub(super) struct Expectations<'n> {
    pub(super) network: &'n Network,
    zones: &'n Zones,
    locate: &'n (dyn Locate + Sync),
    pub(super) vantage: &'n Vantage,
    over_internet: IpSet,
    world: World,
    states: BTreeMap<ComponentId, State>,
    /// What classes are expected to have open, over public addresses or not.
    classes: BTreeMap<(ComponentId, usize, (bool, bool), Protocol), Segments>,
    /// Where rules begin or end, once it was needed.
    cuts: BTreeMap<Protocol, BTreeSet<u16>>,
}

impl<'n> Expectations<'n> {
    pub(super) fn new(
        network: &'n Network,
        zones: &'n Zones,
        locate: &'n (dyn Locate + Sync),
        vantage: &'n Vantage,
    ) -> Self {
        Self {
            network,
            zones,
            locate,
            vantage,
            over_internet: vantage.over_internet(network),
            world: World::of(network),
            states: BTreeMap::new(),
            classes: BTreeMap::new(),
            cuts: BTreeMap::new(),
        }
    }

    /// The interface that an address leads to.
    pub(super) fn place(&self, address: IpAddr) -> Option<Place> {
        match self.whose(address) {
            Whose::Held { place, .. } => Some(place),
            Whose::Other => {
                let selector = Selector::Address(address);
                let ends = place::receivers(self.network, &selector);
                let &[End::Interface { component, interface, .. }] = ends.as_slice() else {
                    return None;
                };
                Some((component, interface))
            }
            Whose::Foreign => None,
        }
    }

    /// Whether an address is the estate's.
    pub(super) fn is_ours(&self, address: IpAddr) -> bool {
        !matches!(self.whose(address), Whose::Foreign)
    }

    fn whose(&self, address: IpAddr) -> Whose {
        let ends = place::receivers(self.network, &Selector::Address(address));
        match ends.as_slice() {
            &[End::Interface { component, interface, address: at }] => {
                Whose::Held { place: (component, interface), at }
            }
            &[End::Public(public)] => {
                let owners: Vec<PublicOwner> = self.network.public_owners(public).collect();
                match owners.as_slice() {
                    &[PublicOwner::Interface { component, interface, private }] => {
                        let at = IpAddr::V4(Ipv4Addr::from_bits(private));
                        Whose::Held { place: (component, interface), at }
                    }
                    [] | [_, ..] => Whose::Other,
                }
            }
            [End::Internet(_) | End::Network(_) | End::AmazonService(_)] => Whose::Foreign,
            [] | [_, ..] => Whose::Other,
        }
    }

    /// What is expected of these ports of an address.
    pub(super) fn of(
        &mut self,
        address: IpAddr,
        protocol: Protocol,
        within: &[PortRange],
    ) -> Segments {
        match self.whose(address) {
            Whose::Foreign => Vec::new(),
            Whose::Held { place, at }
                if !matches!(protocol, Protocol::Other(_)) && !self.is_same_host(place) =>
            {
                let public = at != address;
                match self.senders(address, place.0, public) {
                    Some(senders) => self.held(place, at, public, protocol, &senders),
                    None => self.asked(address, protocol, within),
                }
            }
            Whose::Held { .. } | Whose::Other => self.asked(address, protocol, within),
        }
    }

    /// The senders as the interface sees them; none if the engine has no sets for them.
    fn senders(&self, address: IpAddr, component: ComponentId, public: bool) -> Option<IpSet> {
        match self.vantage.single {
            Some(Sender::Other) => return None,
            // Of hosts of another component a component knows only that they are elsewhere.
            Some(Sender::Known(_, Some(home))) if home != component => return None,
            Some(Sender::Known(..)) | None => {}
        }
        let all = &self.vantage.addresses;
        let of_family = match (address, public) {
            // To a public address they come over the internet, or as the specification says.
            (IpAddr::V4(_), true) => {
                IpSet { v4: self.over_internet.v4.clone(), v6: IpSet::empty().v6 }
            }
            (IpAddr::V4(_), false) => IpSet { v4: all.v4.clone(), v6: IpSet::empty().v6 },
            (IpAddr::V6(_), _) => {
                let outside = &self.over_internet.v6;
                let v6 = if outside.is_empty() { &all.v6 } else { outside };
                IpSet { v4: IpSet::empty().v4, v6: v6.clone() }
            }
        };
        (!of_family.is_empty()).then_some(of_family)
    }

    fn is_same_host(&self, (component, interface): Place) -> bool {
        let Some(Sender::Known(sender, _)) = self.vantage.single else { return false };
        let Some((other, sending)) = self.place(sender) else { return false };
        let facts: &Component = &self.network.components[component];
        component == other
            && (interface == sending
                || matches!(
                    [interface, sending].map(|id| facts.interface(id).instance()),
                    [Some(one), Some(other)] if one == other
                ))
    }

    /// A component, judged by the engine.
    fn state(&mut self, component: ComponentId) -> &State {
        let Self { states, network, world, .. } = self;
        states
            .entry(component)
            .or_insert_with(|| State::of(network, world, component, Direction::Ingress))
    }

    fn held(
        &mut self,
        (component, interface): Place,
        at: IpAddr,
        public: bool,
        protocol: Protocol,
        senders: &IpSet,
    ) -> Segments {
        let Some(class) = self.state(component).class_at(interface, at) else {
            return Segments::new();
        };
        let key = (component, class, (public, at.is_ipv4()), protocol);
        if let Some(known) = self.classes.get(&key) {
            return known.clone();
        }
        let segments = self.judged((component, interface), at, public, protocol, senders);
        self.classes.insert(key, segments.clone());
        segments
    }

    fn judged(
        &mut self,
        (component, interface): Place,
        at: IpAddr,
        public: bool,
        protocol: Protocol,
        senders: &IpSet,
    ) -> Segments {
        let everybody = self.vantage.everybody;
        let rows: Vec<Open> = self
            .state(component)
            .open(interface)
            .into_iter()
            .filter(|row| row.protocol == Some(protocol) && row.first <= at && at <= row.last)
            .filter(|row| match (at, public) {
                // A public IPv4 address is a way of its own; a host hears both.
                (IpAddr::V4(_), _) if everybody => true,
                (IpAddr::V4(_), public) => public == (row.audience == Audience::Internet),
                (IpAddr::V6(_), _) => true,
            })
            .filter(|row| row.peers.intersects(senders))
            .collect();
        let mut starts: BTreeSet<u16> = BTreeSet::new();
        for row in &rows {
            starts.insert(row.ports.first());
            starts.extend(row.ports.last().checked_add(1));
        }
        let mut segments = Segments::new();
        for range in between(&starts) {
            let here: Vec<&Open> =
                rows.iter().filter(|row| row.ports.contains(range.first())).collect();
            let expected = together(&here, senders);
            if expected != Expected::Closed {
                segments.push((range, expected));
            }
        }
        segments
    }

    /// The specification's answers.
    fn asked(&mut self, address: IpAddr, protocol: Protocol, within: &[PortRange]) -> Segments {
        if self.cuts.is_empty() {
            self.cuts = cuts(self.network);
        }
        let starts = self.cuts.get(&protocol).cloned().unwrap_or_default();
        let mut segments = Segments::new();
        for &range in within {
            let mut inside: BTreeSet<u16> = starts
                .range(range.first()..=range.last())
                .copied()
                .chain([range.first()])
                .collect();
            inside.extend(range.last().checked_add(1));
            for part in between(&inside).filter_map(|part| part.intersection(range)) {
                let expected = match self.explain(address, protocol, part.first()) {
                    None => Expected::Unknown,
                    Some(answer) => match (answer.verdict, answer.clients) {
                        (Verdict::Closed, _) => continue,
                        (Verdict::Unknown, _) => Expected::Unknown,
                        (Verdict::Open, Clients::All) if self.vantage.single.is_some() => {
                            Expected::Open
                        }
                        (Verdict::Open, _) => Expected::Partly,
                    },
                };
                segments.push((part, expected));
            }
        }
        segments
    }

    /// Why one port is open or not.
    pub(super) fn explain(
        &self,
        address: IpAddr,
        protocol: Protocol,
        selector: u16,
    ) -> Option<Explanation> {
        let port = PortFilter { protocol: Some(protocol), selectors: PortRange::single(selector) };
        explain(
            self.network,
            self.zones,
            self.locate,
            &self.vantage.text,
            &address.to_string(),
            &port.to_string(),
        )
        .ok()
    }

    /// Every address that can be meant by those who probe from here: public and IPv6
    /// ones from the internet, private and IPv6 ones from inside.
    pub(super) fn addresses(&self) -> Vec<(IpAddr, Place)> {
        let outside = !self.over_internet.is_empty();
        let mut all = Vec::new();
        for (id, component) in self.network.components.entries() {
            for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
                let place = (id, interface.index());
                if self.is_same_host(place) {
                    continue;
                }
                all.extend(addresses_of(interface, outside).into_iter().map(|it| (it, place)));
            }
        }
        all
    }
}

/// The single addresses of an interface as they are probed from outside or from
/// inside; of delegated prefixes the first.
fn addresses_of(interface: Interface<'_>, outside: bool) -> Vec<IpAddr> {
    let mut all = Vec::new();
    for held in interface.ipv4() {
        match (outside, held.public) {
            (true, Some(public)) => all.push(IpAddr::V4(Ipv4Addr::from_bits(public))),
            (true, None) => {}
            (false, _) => all.push(IpAddr::V4(Ipv4Addr::from_bits(held.first))),
        }
    }
    all.extend(interface.ipv6().iter().map(|held| IpAddr::V6(held.first.into())));
    all
}

/// What rows that hold for a port come to.
fn together(rows: &[&Open], senders: &IpSet) -> Expected {
    let of = |wanted: &dyn Fn(&Open) -> bool| {
        let peers = rows.iter().filter(|row| wanted(row)).map(|row| &row.peers);
        peers.fold(IpSet::empty(), |all, more| all.union(more))
    };
    let certain = |row: &Open| row.certainty == Certainty::Certain;
    let always = of(&|row| certain(row) && row.clients == Clients::All);
    if senders.is_subset(&always) {
        Expected::Open
    } else if rows.iter().any(|row| certain(row)) {
        Expected::Partly
    } else if rows.is_empty() {
        Expected::Closed
    } else {
        Expected::Unknown
    }
}

/// The ranges that begin at each of these ports and end before the next.
fn between(starts: &BTreeSet<u16>) -> impl Iterator<Item = PortRange> + '_ {
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([u16::MAX]);
    starts.iter().zip(ends).filter_map(|(&first, last)| PortRange::new(first, last).ok())
}

/// Where a rule or an entry begins or ends, of any group and ACL.
fn cuts(network: &Network) -> BTreeMap<Protocol, BTreeSet<u16>> {
    let mut cuts: BTreeMap<Protocol, BTreeSet<u16>> = BTreeMap::new();
    cuts.entry(Protocol::Tcp).or_default();
    let mut note = |traffic: Option<Match>| {
        if let Some(Match::Ports(protocol, ports)) = traffic {
            let starts = cuts.entry(protocol).or_default();
            starts.insert(ports.first());
            starts.extend(ports.last().checked_add(1));
        }
    };
    for component in network.components.iter() {
        for group in component.security_groups.iter() {
            group.rules.iter().for_each(|rule| note(rule.traffic));
        }
        for acl in component.network_acls.iter() {
            acl.entries.iter().for_each(|entry| note(entry.traffic));
        }
    }
    cuts
}

/// Whether an address is one that the internet can't reach.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !internet_v4().contains(address.to_bits()),
        IpAddr::V6(_) => false,
    }
}
