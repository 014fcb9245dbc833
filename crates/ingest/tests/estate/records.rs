//! What the records of `ports` say of one packet, read as their reader reads
//! them: texts, not sets.

use std::net::IpAddr;
use std::str::FromStr as _;

use portolan::model::{Direction, Network};
use portolan::net::{CLIENT_PORTS, Cidr, IcmpType, PortSet, Protocol, internet_v4, internet_v6};
use portolan::reach::exposure::{PortsOptions, ports};
use portolan::record::{Audience, Certainty, Clients, Port};

use super::twice::{Asked, Verdict};

/// All records of a network, both directions.
pub(crate) struct Records {
    inward: Vec<Port>,
    outward: Vec<Port>,
}

/// What the records say: `None` for client ports that are not told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) certain: Option<PortSet>,
    pub(crate) possible: Option<PortSet>,
}

impl Records {
    pub(crate) fn of(network: &Network) -> Self {
        let records = |direction| {
            let mut all = Vec::new();
            let options = PortsOptions { direction, ..PortsOptions::default() };
            ports(network, &(), &options, &|some| some, &mut |some: Vec<Port>| all.extend(some));
            all
        };
        Self { inward: records(Direction::Ingress), outward: records(Direction::Egress) }
    }

    /// What is said of a packet; `None` if records do not speak of it by itself:
    /// a protocol that they may not name, a peer that may be somebody else.
    pub(crate) fn told(&self, network: &Network, asked: &Asked) -> Option<Told> {
        // By its address alone a peer outside the blocks that were seen may be
        // anybody.
        let stray = asked.audiences == [Audience::Estate] && !in_a_vpc(network, asked.peer);
        if stray || matches!(asked.protocol, Protocol::Other(_)) {
            return None;
        }
        let interface = network.components[asked.component].interface(asked.interface);
        let id = network.text(interface.id());
        let all = match asked.direction {
            Direction::Ingress => &self.inward,
            Direction::Egress => &self.outward,
        };
        let mut told = Told { certain: Some(PortSet::empty()), possible: Some(PortSet::empty()) };
        for record in all.iter().filter(|record| record.interface == id) {
            if !says(network, record, asked) {
                continue;
            }
            let clients = match record.open.clients {
                Clients::All => Some(PortSet::from(CLIENT_PORTS)),
                Clients::Some => Some(client_ports(&record.open.client_ports)),
                Clients::Unknown | Clients::None => None,
            };
            let join = |known: &Option<PortSet>| {
                known.as_ref().zip(clients.as_ref()).map(|(one, other)| one.union(other))
            };
            if record.open.certainty == Certainty::Certain {
                told.certain = join(&told.certain);
            }
            told.possible = join(&told.possible);
        }
        Some(told)
    }
}

impl Told {
    /// Whether it says what the specification says, as far as it says anything.
    pub(crate) fn agrees(&self, specified: &Verdict) -> bool {
        let same = |told: &Option<PortSet>, specified: &PortSet| match told {
            Some(told) => told == specified,
            None => !specified.is_empty(),
        };
        same(&self.possible, &specified.possible)
            // What is certain for clients that are not told may be possible for more.
            && same(&self.certain, &specified.certain)
    }
}

/// Whether a record speaks of the packet.
fn says(network: &Network, record: &Port, asked: &Asked) -> bool {
    let open = &record.open;
    let holds = |blocks: &[String], address: IpAddr| {
        blocks.iter().any(|block| match block.parse::<IpAddr>() {
            Ok(single) => single == address,
            Err(_) => Cidr::parse(block).unwrap().0.contains(address),
        })
    };
    if !holds(&record.addresses, asked.own) {
        return false;
    }
    let peers = open.sources.as_ref().or(open.destinations.as_ref()).unwrap();
    let peers: Vec<String> = serde_json::from_value(serde_json::to_value(peers).unwrap()).unwrap();
    if !holds(&peers, asked.peer) {
        return false;
    }
    // What lies outside the internet is free to be covered by its blocks.
    if open.audience == Audience::Internet && !is_internet(network, asked.peer) {
        return false;
    }
    if !asked.audiences.contains(&open.audience) {
        return false;
    }
    open.protocol == asked.protocol.to_string() && spans(&open.ports, asked)
}

fn is_internet(network: &Network, address: IpAddr) -> bool {
    let public = match address {
        IpAddr::V4(address) => internet_v4().contains(address.to_bits()),
        IpAddr::V6(address) => internet_v6().contains(address.to_bits()),
    };
    public && !in_a_vpc(network, address)
}

/// Whether the address is inside a block of a VPC that was seen.
fn in_a_vpc(network: &Network, address: IpAddr) -> bool {
    let vpcs = network.components.iter().flat_map(|component| component.vpcs.iter());
    vpcs.filter(|vpc| vpc.seen).any(|vpc| match address {
        IpAddr::V4(address) => vpc.ipv4.iter().any(|block| block.contains(address.to_bits())),
        IpAddr::V6(address) => vpc.ipv6.iter().any(|block| block.contains(address.to_bits())),
    })
}

/// `443`, `8000-8080`; of ICMP `8`, `0-7`, `8/0`, `8/1-255`; `any`.
fn spans(ports: &str, asked: &Asked) -> bool {
    if ports == "any" {
        return true;
    }
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        (u16::from_str(first).unwrap(), u16::from_str(last).unwrap())
    };
    let within = |text: &str, value: u16| {
        let (first, last) = range(text);
        first <= value && value <= last
    };
    if !asked.protocol.is_icmp() {
        return within(ports, asked.selector);
    }
    let IcmpType { kind, code } = IcmpType::from_key(asked.selector);
    match ports.split_once('/') {
        Some((kinds, codes)) => within(kinds, kind.into()) && within(codes, code.into()),
        None => within(ports, kind.into()),
    }
}

fn client_ports(text: &str) -> PortSet {
    text.split(',')
        .map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            portolan::net::PortRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
        })
        .collect()
}
