//! Questions that outlive a change of the estate: ends by name, not by number.

use std::net::IpAddr;

use portolan::model::{ComponentId, Network, NetworkInterfaceId};
use portolan::net::Protocol;
use portolan::reach::place::{self, Selector};
use portolan::reach::spec::{self, End, Flow};

/// One end, by name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Spot {
    Interface { id: String, vpc: String, address: IpAddr },
    NatGateway { id: String, address: IpAddr },
    Vpc { id: String, address: IpAddr },
    Public(u32),
    Internet(IpAddr),
    Network(IpAddr),
    AmazonService(IpAddr),
}

/// A flow, by name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Question {
    pub(crate) from: Spot,
    pub(crate) to: Spot,
    pub(crate) protocol: Protocol,
    pub(crate) selector: u16,
}

/// What a person is told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Answer {
    Closed,
    Unknown,
    Open,
}

impl Question {
    pub(crate) fn of(network: &Network, flow: &Flow) -> Self {
        Self {
            from: spot(network, flow.from),
            to: spot(network, flow.to),
            protocol: flow.protocol,
            selector: flow.selector,
        }
    }

    /// The same flow in another network, if both ends are still what they were.
    pub(crate) fn flow(&self, network: &Network) -> Option<Flow> {
        let from = same(network, &self.from, false)?;
        let to = same(network, &self.to, true)?;
        Some(Flow { from, to, protocol: self.protocol, selector: self.selector })
    }

    /// Whether both ends are still known to be of the estate, or not to be.
    pub(crate) fn is_known(&self, network: &Network) -> bool {
        self.from.is_known(network) && self.to.is_known(network)
    }

    /// What the specification says, whatever the ends have become. If an address
    /// may be several things, they must agree.
    pub(crate) fn answer(&self, network: &Network) -> Answer {
        let mut answers = Vec::new();
        for from in becomes(network, &self.from, false) {
            for to in becomes(network, &self.to, true) {
                let flow = Flow { from, to, protocol: self.protocol, selector: self.selector };
                answers.push(answer(network, &flow));
            }
        }
        answers
            .into_iter()
            .reduce(|one, other| if one == other { one } else { Answer::Unknown })
            .unwrap_or(Answer::Unknown)
    }
}

impl Spot {
    /// Whether the network still knows whose the address is: of one that it
    /// does not know, everybody on the internet may be the owner.
    fn is_known(&self, network: &Network) -> bool {
        match self {
            Self::Public(public) => network.public_owners(*public).next().is_some(),
            Self::Vpc { id, .. } => network.components.iter().any(|component| {
                component.vpcs.iter().any(|vpc| vpc.seen && network.text(vpc.id) == id)
            }),
            Self::NatGateway { address, .. } => {
                let ends = place::senders(network, &Selector::Address(*address));
                ends.iter().all(|end| matches!(end, End::NatGateway { .. }))
            }
            Self::Interface { .. }
            | Self::Internet(_)
            | Self::Network(_)
            | Self::AmazonService(_) => true,
        }
    }
}

/// Open, closed or neither, by the specification.
pub(crate) fn answer(network: &Network, flow: &Flow) -> Answer {
    let judgement = spec::judge(network, flow);
    match (judgement.certain(), judgement.possible()) {
        (true, _) => Answer::Open,
        (false, true) => Answer::Unknown,
        (false, false) => Answer::Closed,
    }
}

fn spot(network: &Network, end: End) -> Spot {
    let text = |id| network.text(id).to_owned();
    match end {
        End::Interface { component, interface, address } => {
            let component = &network.components[component];
            let interface = component.interface(interface);
            let vpc = text(component.vpcs[interface.vpc()].id);
            Spot::Interface { id: text(interface.id()), vpc, address }
        }
        End::NatGateway { component, nat_gateway, address } => Spot::NatGateway {
            id: text(network.components[component].nat_gateways[nat_gateway].id),
            address,
        },
        End::Vpc { component, vpc, address } => {
            Spot::Vpc { id: text(network.components[component].vpcs[vpc].id), address }
        }
        End::Public(public) => Spot::Public(public),
        End::Internet(address) => Spot::Internet(address),
        End::Network(address) => Spot::Network(address),
        End::AmazonService(address) => Spot::AmazonService(address),
    }
}

/// The end of the same kind and name.
fn same(network: &Network, spot: &Spot, receives: bool) -> Option<End> {
    becomes(network, spot, receives).into_iter().find(|&end| self::spot(network, end) == *spot)
}

/// What the address at a spot is in this network.
fn becomes(network: &Network, spot: &Spot, receives: bool) -> Vec<End> {
    let ask = |selector: &Selector| {
        if receives {
            place::receivers(network, selector)
        } else {
            place::senders(network, selector)
        }
    };
    let in_vpc = |vpc: &str, address: IpAddr| {
        let ends = ask(&Selector::VpcAddress(vpc.to_owned(), address));
        if ends.is_empty() { ask(&Selector::Address(address)) } else { ends }
    };
    match spot {
        Spot::Interface { id, vpc, address } => match interface(network, id, *address) {
            Some((component, interface)) => {
                vec![End::Interface { component, interface, address: *address }]
            }
            None => in_vpc(vpc, *address),
        },
        Spot::Vpc { id, address } => in_vpc(id, *address),
        Spot::Public(public) => {
            let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(*public));
            // As a sender it is what it was: the address by which it is known.
            if receives || network.public_owners(*public).next().is_none() {
                ask(&Selector::Address(address))
            } else {
                vec![End::Public(*public)]
            }
        }
        Spot::NatGateway { address, .. }
        | Spot::Internet(address)
        | Spot::Network(address)
        | Spot::AmazonService(address) => ask(&Selector::Address(*address)),
    }
}

/// The interface of this id, if the network holds it and it holds the address.
fn interface(
    network: &Network,
    id: &str,
    address: IpAddr,
) -> Option<(ComponentId, NetworkInterfaceId)> {
    network.components.entries().find_map(|(at, component)| {
        let found = component
            .interfaces
            .iter()
            .filter(|it| it.seen() || it.unlisted().is_some())
            .find(|interface| network.text(interface.id()) == id)?;
        let held = match address {
            IpAddr::V4(address) => {
                let address = address.to_bits();
                found.ipv4().iter().any(|held| held.first <= address && address <= held.last)
            }
            IpAddr::V6(address) => {
                let address = address.to_bits();
                found.ipv6().iter().any(|held| held.first <= address && address <= held.last)
            }
        };
        if !held {
            return None;
        }
        Some((at, found.index()))
    })
}
