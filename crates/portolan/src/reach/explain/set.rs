//! Questions about sets: a few pairs are judged one by one, the rest by the engine.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::through::{Way, also, also_open, called_by_id};
use super::{Question, blank, rank, summary};
use crate::model::{
    Component, ComponentId, Direction, InterfaceKind, LimitationCode, NetworkInterfaceId, TextId,
};
use crate::net::{Cidr, IpSet, Ipv4Set, Ipv6Set, PortRange, PortSet, Protocol};
use crate::reach::exposure::{self, PortsOptions, SourcesMode};
use crate::reach::place::{self, PortFilter, Selector};
use crate::reach::spec::{End, Flow, Unknown};
use crate::record::{Audience, Certainty, Clients, Explanation, OpenFor, PortClass, Verdict};

/// So many pairs are judged one by one.
const FEW_PAIRS: usize = 256;

/// So many members of a set are told.
const MEMBERS_TOLD: usize = 100;

impl Question<'_> {
    pub(super) fn of_set(&self) -> Explanation {
        if let Some((protocol, selector)) = self.port.single()
            && self.is_finite(&self.from)
            && self.is_finite(&self.to)
        {
            let mut pairs = Vec::new();
            for from in self.sending() {
                pairs.extend(self.receiving(from).into_iter().map(|to| (from, to)));
                if pairs.len() > FEW_PAIRS {
                    return self.of_records();
                }
            }
            return self.of_pairs(&pairs, protocol, selector);
        }
        self.of_records()
    }

    /// Whether it names interfaces or single addresses only.
    fn is_finite(&self, selector: &Selector) -> bool {
        match selector {
            Selector::Any | Selector::Internet | Selector::Cidr(_) | Selector::Zone(_) => false,
            Selector::Word(_) | Selector::Name(_) | Selector::Remote(_) => {
                selector.zone(self.zones).is_none() && selector.beyond(self.network).is_empty()
            }
            Selector::Address(_)
            | Selector::VpcAddress(..)
            | Selector::NetworkInterface(_)
            | Selector::Instance(_)
            | Selector::SecurityGroup(_)
            | Selector::Subnet(_)
            | Selector::Vpc(_)
            | Selector::Tag(..) => true,
        }
    }

    // ---- a few pairs ----

    fn of_pairs(&self, pairs: &[(End, End)], protocol: Protocol, selector: u16) -> Explanation {
        let mut shown: Option<(Verdict, Explanation)> = None;
        let mut open_for = Vec::new();
        let mut clients_of_open: BTreeSet<(Clients, String)> = BTreeSet::new();
        let mut limitations = BTreeSet::new();
        let mut best = Verdict::Closed;
        let mut also = String::new();
        let port = PortFilter { protocol: Some(protocol), selectors: PortRange::single(selector) };
        for &(from, to) in pairs {
            let flow = Flow { from, to, protocol, selector };
            let judgement = self.judge(&flow);
            let (verdict, clients, client_ports) = summary(&judgement, protocol);
            let certainty = match verdict {
                Verdict::Open => {
                    clients_of_open.insert((clients, client_ports));
                    Some(Certainty::Certain)
                }
                Verdict::Unknown => {
                    limitations.extend(judgement.trace.limitations.iter().copied());
                    Some(Certainty::Possible)
                }
                Verdict::Closed => None,
            };
            if let Some(certainty) = certainty
                && open_for.len() < MEMBERS_TOLD
            {
                open_for.push(OpenFor {
                    from: from.address().to_string(),
                    to: to.address().to_string(),
                    port: port.to_string(),
                    count: 1,
                    certainty,
                });
            }
            if rank(verdict) > rank(best) {
                best = verdict;
            }
            if verdict != Verdict::Open && also.is_empty() {
                also = also_open(self.network, &flow);
            }
            if shown.as_ref().is_none_or(|(so_far, _)| rank(verdict) > rank(*so_far)) {
                shown = Some((verdict, self.of_flow(&flow, &judgement)));
            }
        }
        let mut explanation = shown.map_or_else(|| self.nobody(), |(_, shown)| shown);
        explanation.open_for = open_for;
        explanation.verdict = best;
        explanation.also = if best == Verdict::Open { String::new() } else { also };
        if best == Verdict::Unknown {
            explanation.limitations = self.limitations(&limitations);
        }
        if best == Verdict::Open && clients_of_open.len() > 1 {
            explanation.clients = Clients::Some;
        }
        explanation
    }

    /// A set without members, or of other families: nothing can send.
    fn nobody(&self) -> Explanation {
        Explanation { verdict: Verdict::Closed, clients: Clients::None, ..blank(&self.asked) }
    }

    // ---- sets ----

    fn of_records(&self) -> Explanation {
        // What is open through a load balancer is not open to packets for the target.
        let (through, mut records): (Vec<PortClass>, Vec<PortClass>) =
            self.inbound().into_iter().partition(|record| record.open.through.is_some());
        records.extend(self.outbound());
        let receivers = self.interfaces(&self.to);
        let senders = self.interfaces(&self.from);
        if receivers.is_empty() && senders.is_empty() {
            let mut explanation = blank(&self.asked);
            let met =
                BTreeSet::from([Unknown::Thing(LimitationCode::OutsideEstate, TextId::EMPTY)]);
            explanation.limitations = self.limitations(&met);
            return explanation;
        }
        let certain = |record: &&PortClass| record.open.certainty == Certainty::Certain;
        let verdict = if records.iter().any(|record| certain(&record)) {
            Verdict::Open
        } else if records.is_empty() {
            Verdict::Closed
        } else {
            Verdict::Unknown
        };
        let mut explanation = self.shown(&records);
        explanation.verdict = verdict;
        explanation.also = match verdict {
            Verdict::Open => String::new(),
            Verdict::Closed | Verdict::Unknown => {
                also(through.iter().filter_map(|it| self.door(it)))
            }
        };
        let clients: BTreeSet<(Clients, &str)> = records
            .iter()
            .filter(certain)
            .map(|record| (record.open.clients, record.open.client_ports.as_str()))
            .collect();
        (explanation.clients, explanation.client_ports) =
            match (verdict, clients.first(), clients.len()) {
                (Verdict::Closed, ..) => (Clients::None, String::new()),
                (Verdict::Open, Some(&(clients, ports)), 1) => (clients, ports.to_owned()),
                (Verdict::Open, ..) => (Clients::Some, String::new()),
                (Verdict::Unknown, ..) => (Clients::Unknown, String::new()),
            };
        explanation.open_for = records.iter().flat_map(members).take(MEMBERS_TOLD).collect();
        explanation
    }

    /// The load balancer's port that a record leads through.
    fn door<'r>(&'r self, record: &'r PortClass) -> Option<Way<'r>> {
        let through = record.open.through.as_ref()?;
        Some(Way {
            certain: record.open.certainty == Certainty::Certain,
            balancer: called_by_id(self.network, &through.load_balancer),
            port: through.port.clone(),
        })
    }

    fn peers(&self, selector: &Selector) -> Option<IpSet> {
        (*selector != Selector::Any).then(|| selector.addresses(self.network, self.zones))
    }

    /// Which way they come, if only some do: who is behind a VPN comes privately.
    fn audiences(&self, selector: &Selector) -> Option<BTreeSet<Audience>> {
        match selector {
            Selector::Internet => Some([Audience::Internet].into()),
            Selector::Remote(_) => Some([Audience::Network, Audience::Estate].into()),
            Selector::Any
            | Selector::Address(_)
            | Selector::VpcAddress(..)
            | Selector::Cidr(_)
            | Selector::NetworkInterface(_)
            | Selector::Instance(_)
            | Selector::SecurityGroup(_)
            | Selector::Subnet(_)
            | Selector::Vpc(_)
            | Selector::Tag(..)
            | Selector::Name(_)
            | Selector::Zone(_)
            | Selector::Word(_) => None,
        }
    }

    /// Who of FROM reaches interfaces of TO.
    fn inbound(&self) -> Vec<PortClass> {
        let to = self.interfaces(&self.to);
        if to.is_empty() || self.to == Selector::Internet {
            return Vec::new();
        }
        let options = PortsOptions {
            direction: Direction::Ingress,
            from: self.peers(&self.from),
            to: Some(to),
            ports: self.port.matches(),
            audiences: self.audiences(&self.from),
            sources: SourcesMode::Addresses,
            through: true,
        };
        let mut records = self.collected(&options);
        // Of a block or address only those addresses are meant.
        if let Selector::Address(_) | Selector::VpcAddress(..) | Selector::Cidr(_) = self.to {
            let meant = self.to.addresses(self.network, self.zones);
            records.retain(|record| {
                let own = record.addresses.iter().chain(&record.public_addresses);
                own.filter_map(|address| block(address))
                    .any(|address| meant.intersects(&IpSet::from_cidr(address)))
            });
        }
        records
    }

    /// Whom outside the estate the interfaces of FROM reach.
    fn outbound(&self) -> Vec<PortClass> {
        let outside = match self.to {
            Selector::Any
            | Selector::Internet
            | Selector::Cidr(_)
            | Selector::Zone(_)
            | Selector::Word(_) => true,
            Selector::Address(_)
            | Selector::VpcAddress(..)
            | Selector::NetworkInterface(_)
            | Selector::Instance(_)
            | Selector::SecurityGroup(_)
            | Selector::Subnet(_)
            | Selector::Vpc(_)
            | Selector::Remote(_)
            | Selector::Tag(..)
            | Selector::Name(_) => self.interfaces(&self.to).is_empty(),
        };
        let from = self.interfaces(&self.from);
        if !outside || from.is_empty() {
            return Vec::new();
        }
        let options = PortsOptions {
            direction: Direction::Egress,
            from: self.peers(&self.to),
            to: Some(from),
            ports: self.port.matches(),
            audiences: (self.to == Selector::Internet).then(|| [Audience::Internet].into()),
            sources: SourcesMode::Addresses,
            through: false,
        };
        let mut records = self.collected(&options);
        // Pairs inside the estate are told by the inbound side.
        records.retain(|record| record.open.audience != Audience::Estate);
        records
    }

    fn collected(&self, options: &PortsOptions) -> Vec<PortClass> {
        let mut records = Vec::new();
        let mut take = |some: Vec<PortClass>| records.extend(some);
        exposure::port_classes(self.network, self.locate, options, &|some| some, &mut take);
        records
    }

    /// One pair of the set with its hops: one that can, else one that can't.
    fn shown(&self, records: &[PortClass]) -> Explanation {
        let (protocol, selector) = self
            .port
            .single()
            .unwrap_or((self.port.protocol.unwrap_or(Protocol::Tcp), self.port.selectors.first()));
        let mut best = records.iter().collect::<Vec<_>>();
        best.sort_by_key(|record| record.open.certainty);
        for record in best {
            if let Some((from, to, protocol, selector)) = self.witness(record) {
                let flow = Flow { from, to, protocol, selector };
                return self.of_flow(&flow, &self.judge(&flow));
            }
        }
        let Some(from) = self.any_sender() else { return self.nobody() };
        let mut explanation = self.nobody();
        let mut receiving = self.receiving(from);
        if receiving.is_empty() {
            // Nothing public leads there; told of the addresses that there are.
            let own = self.interfaces(&self.to).into_iter();
            receiving = own
                .flat_map(|(component, interface)| self.own_ends(component, interface))
                .collect();
            receiving.retain(|end| end.address().is_ipv4() == from.address().is_ipv4());
        }
        if receiving.is_empty()
            && let Some(address) = self.example(&self.to, from.address().is_ipv4())
        {
            receiving = place::receivers(self.network, &Selector::Address(address));
        }
        for (number, to) in receiving.into_iter().take(8).enumerate() {
            let flow = Flow { from, to, protocol, selector };
            let refused = self.of_flow(&flow, &self.judge(&flow));
            if number == 0 {
                explanation = refused;
                continue;
            }
            for blocker in refused.blocked_by {
                if !explanation.blocked_by.contains(&blocker) {
                    explanation.blocked_by.push(blocker);
                }
            }
        }
        explanation
    }

    /// A packet of a record.
    fn witness(&self, record: &PortClass) -> Option<(End, End, Protocol, u16)> {
        let protocol: Protocol = match record.open.protocol.as_str() {
            "other" => return None,
            name => name.parse().ok()?,
        };
        let selector = match self.port.single() {
            Some((_, selector)) => selector,
            None => first_selector(protocol, &record.open.ports),
        };
        let from_outside =
            record.open.audience == Audience::Internet && record.open.sources.is_some();
        let own = |v4: bool| {
            let own: &[String] =
                if from_outside && v4 { &record.public_addresses } else { &record.addresses };
            let mut own = own.iter().filter_map(|text| text.parse::<IpAddr>().ok());
            own.find(|address| address.is_ipv4() == v4)
        };
        let peers = record.open.sources.as_ref().or(record.open.destinations.as_ref())?;
        let peer = peers.iter().filter_map(block).find_map(|cidr| self.member(cidr, record))?;
        let own = own(peer.is_ipv4())?;
        let (from, to) = if record.open.sources.is_some() { (peer, own) } else { (own, peer) };
        let from = place::senders(self.network, &Selector::Address(from)).first().copied()?;
        let to = place::receivers(self.network, &Selector::Address(to)).first().copied()?;
        Some((from, to, protocol, selector))
    }

    /// A member of a block that is really meant: a cover may reach over what is no internet address.
    fn member(&self, cidr: Cidr, record: &PortClass) -> Option<IpAddr> {
        let mut meant = IpSet::from_cidr(cidr);
        if record.open.audience == Audience::Internet {
            meant = meant.intersection(&Selector::Internet.addresses(self.network, self.zones));
        }
        usual_host(self.network, &meant)
    }

    /// An address of a set, of one family.
    fn example(&self, selector: &Selector, v4: bool) -> Option<IpAddr> {
        let mut all = selector.addresses(self.network, self.zones);
        if v4 {
            all.v6 = Ipv6Set::empty();
        } else {
            all.v4 = Ipv4Set::empty();
        }
        usual_host(self.network, &all)
    }

    fn any_sender(&self) -> Option<End> {
        self.sending().first().copied().or_else(|| {
            let address =
                self.example(&self.from, true).or_else(|| self.example(&self.from, false))?;
            place::senders(self.network, &Selector::Address(address)).first().copied()
        })
    }

    pub(super) fn interfaces(
        &self,
        selector: &Selector,
    ) -> BTreeSet<(ComponentId, NetworkInterfaceId)> {
        selector.interfaces(self.network, self.zones)
    }

    fn sending(&self) -> Vec<End> {
        let ends = place::senders(self.network, &self.from);
        if !ends.is_empty() {
            return ends;
        }
        self.interfaces(&self.from)
            .into_iter()
            .flat_map(|(component, interface)| self.own_ends(component, interface))
            .collect()
    }

    /// An interface as the receiver: its private and IPv6 addresses towards the
    /// estate and the network, its public ones towards the internet. One that has
    /// none there is asked at its private address, which says why it is closed.
    fn receiving(&self, from: End) -> Vec<End> {
        let ends = place::receivers(self.network, &self.to);
        if !ends.is_empty() {
            return ends;
        }
        let from_internet = matches!(from, End::Internet(_));
        let mut ends = Vec::new();
        for (at, id) in self.interfaces(&self.to) {
            let component: &Component = &self.network.components[at];
            let publics = component.interface(id).ipv4().iter().filter_map(|held| held.public);
            let publics: Vec<End> = publics.map(End::Public).collect();
            let private = !from_internet || publics.is_empty();
            ends.extend(
                self.own_ends(at, id).into_iter().filter(|end| private || end.address().is_ipv6()),
            );
            if from_internet {
                ends.extend(publics);
            }
        }
        ends.retain(|end| end.address().is_ipv4() == from.address().is_ipv4());
        ends
    }

    fn own_ends(&self, component: ComponentId, interface: NetworkInterfaceId) -> Vec<End> {
        let facts: &Component = &self.network.components[component];
        let held = facts.interface(interface);
        if held.kind() == InterfaceKind::NatGateway {
            return Vec::new();
        }
        let ipv4 = held.ipv4().iter().map(|held| IpAddr::V4(Ipv4Addr::from_bits(held.first)));
        let ipv6 = held.ipv6().iter().map(|held| IpAddr::V6(Ipv6Addr::from_bits(held.first)));
        ipv4.chain(ipv6).map(|address| End::Interface { component, interface, address }).collect()
    }
}

/// An address of a set, one that people recognise as an example if there is one.
fn usual_host(network: &crate::model::Network, set: &IpSet) -> Option<IpAddr> {
    let examples = [
        IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)),
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1)),
    ];
    let foreign = |address: &IpAddr| {
        let ends = place::receivers(network, &Selector::Address(*address));
        matches!(ends.as_slice(), [End::Internet(_)])
    };
    examples
        .into_iter()
        .find(|address| set.contains(*address) && foreign(address))
        .or_else(|| set.first())
}

/// The first port of `443`, `8000-8080`, `8/0`, `any`.
fn first_selector(protocol: Protocol, ports: &str) -> u16 {
    let first = ports.split(['-', ',']).next().unwrap_or_default();
    if protocol.is_icmp() {
        let question = PortFilter::question(&format!("{protocol}/{first}")).ok();
        return question.and_then(PortFilter::single).map_or(0, |(_, selector)| selector);
    }
    first.parse::<PortSet>().ok().and_then(|ports| ports.first()).unwrap_or(0)
}

/// An address or block as a report prints it.
fn block(text: &str) -> Option<Cidr> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(Cidr::single(address)),
        Err(_) => Cidr::parse(text).ok().map(|(cidr, _)| cidr),
    }
}

/// Who can, as a record says it.
fn members(record: &PortClass) -> Vec<OpenFor> {
    let open = &record.open;
    let outbound = open.destinations.is_some();
    let own = if open.audience == Audience::Internet && !outbound {
        record.public_addresses.first().or(record.addresses.first())
    } else {
        record.addresses.first()
    };
    let own = own.cloned().unwrap_or_default();
    let count = u64::try_from(record.interfaces.len()).unwrap_or(u64::MAX);
    let peers = open.sources.iter().chain(&open.destinations).flat_map(|blocks| blocks.iter());
    peers
        .map(|peer| {
            let (from, to) = if outbound {
                (own.clone(), peer.to_owned())
            } else {
                (peer.to_owned(), own.clone())
            };
            OpenFor {
                from,
                to,
                port: format!("{}/{}", open.protocol, open.ports),
                count,
                certainty: open.certainty,
            }
        })
        .collect()
}
