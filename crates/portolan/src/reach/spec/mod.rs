//! What "open" means: one packet, hop by hop, slow, to be read beside the AWS
//! documentation.
//!
//! The fast engine must agree with this module on every packet; they share no
//! code but the sets of `net`. Answers are three-valued: whatever the source
//! does not say is [`Ternary::Unknown`], and the trace names it.
//!
//! Read in this order: `judge` below, which puts a packet and its reply
//! together; `filter` (may it pass a group or an ACL); `route` (where does it
//! go); `walk` (the hosts at the ends); `pair` (the private ways between them);
//! `transit` (through transit gateways); `firewall` (through AWS Network Firewall);
//! `internet`, `nat`, `access` and `relay` (gateways, and what else stands on the way);
//! `remote` (networks and people that are not of AWS); `ends` (flows
//! with an end outside).

mod access;
mod balancer;
mod endpoint;
mod ends;
mod filter;
mod firewall;
mod internet;
mod nat;
mod pair;
mod peering;
mod relay;
mod remote;
mod route;
mod ternary;
mod trace;
mod transit;
mod walk;

use std::net::IpAddr;

pub use balancer::{Door, TargetPort, doors};
pub use ternary::Ternary;
pub use trace::{Block, Part, Stage, Step, Trace, Unknown};

use crate::model::{Assumption, ComponentId, NatGatewayId, Network, NetworkInterfaceId, VpcId};
use crate::net::{CLIENT_PORTS, Packet, PortRange, PortSet, Protocol};
use crate::record::Way;
use balancer::Onward;
use walk::Walk;

/// One end of a flow.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum End {
    /// An interface, at one of its private or IPv6 addresses.
    Interface {
        /// The component.
        component: ComponentId,
        /// The interface.
        interface: NetworkInterfaceId,
        /// The address.
        address: IpAddr,
    },
    /// A public IPv4 address of the estate. As the sender it must be given as
    /// the interface behind it.
    Public(u32),
    /// A NAT gateway's own address.
    NatGateway {
        /// The component.
        component: ComponentId,
        /// The NAT gateway.
        nat_gateway: NatGatewayId,
        /// The address.
        address: IpAddr,
    },
    /// An address of a VPC that no interface holds.
    Vpc {
        /// The component.
        component: ComponentId,
        /// The VPC.
        vpc: VpcId,
        /// The address.
        address: IpAddr,
    },
    /// A host on the internet.
    Internet(IpAddr),
    /// A host that is in no VPC of the source and not on the internet.
    Network(IpAddr),
    /// An address that Amazon itself answers within each VPC.
    AmazonService(IpAddr),
}

impl End {
    /// The address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        match self {
            Self::Interface { address, .. }
            | Self::NatGateway { address, .. }
            | Self::Vpc { address, .. } => address,
            Self::Public(address) => IpAddr::V4(std::net::Ipv4Addr::from_bits(address)),
            Self::Internet(address) | Self::Network(address) | Self::AmazonService(address) => {
                address
            }
        }
    }
}

/// The first packet of a flow, but for the client's port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Flow {
    /// Who sends it.
    pub from: End,
    /// Whom it is for.
    pub to: End,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port, the ICMP key, or 0.
    pub selector: u16,
}

/// What the specification says of a flow.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Whether the packet arrives.
    pub forward: Ternary,
    /// The client ports whose replies surely come home (all of 1024-65535
    /// where there are no ports, or no reply is needed).
    pub certain_clients: PortSet,
    /// The client ports whose replies may come home.
    pub possible_clients: PortSet,
    /// What was met on the way.
    pub trace: Trace,
}

impl Judgement {
    /// Surely open, for some clients at least.
    #[must_use]
    pub fn certain(&self) -> bool {
        self.forward == Ternary::Yes && !self.certain_clients.is_empty()
    }

    /// Open, unless something that was not seen forbids it.
    #[must_use]
    pub fn possible(&self) -> bool {
        self.forward != Ternary::No && !self.possible_clients.is_empty()
    }
}

/// Judges a flow: the packet, and for each client port its reply.
#[must_use]
pub fn judge(network: &Network, flow: &Flow) -> Judgement {
    let judgement = judge_as_given(network, flow);
    let Some(private) = privately(flow) else { return judgement };
    let private = judge_as_given(network, &private);
    if !private.possible() {
        return judgement;
    }
    either(judgement, private)
}

/// The same flow with its public address behind a way that is not modelled: a
/// transit gateway, a VPN, a VPC that was not seen may hold such an address too.
fn privately(flow: &Flow) -> Option<Flow> {
    match (flow.from, flow.to) {
        (End::Internet(address), End::Interface { .. }) => {
            Some(Flow { from: End::Network(address), ..*flow })
        }
        (End::Interface { .. }, End::Internet(address)) => {
            Some(Flow { to: End::Network(address), ..*flow })
        }
        _ => None,
    }
}

/// Open if one of two readings is, and told as the first.
fn either(one: Judgement, other: Judgement) -> Judgement {
    let clients = |judgement: &Judgement, sure: bool| match (judgement.forward, sure) {
        (Ternary::No, _) | (Ternary::Unknown, true) => PortSet::empty(),
        (_, true) => judgement.certain_clients.clone(),
        (_, false) => judgement.possible_clients.clone(),
    };
    let certain_clients = clients(&one, true).union(&clients(&other, true));
    let possible_clients = clients(&one, false).union(&clients(&other, false));
    let forward = match (one.certain() || other.certain(), one.possible() || other.possible()) {
        (true, _) => Ternary::Yes,
        (false, true) => Ternary::Unknown,
        (false, false) => one.forward,
    };
    let mut trace = one.trace;
    trace.limitations.extend(other.trace.limitations);
    trace.assumptions.extend(other.trace.assumptions);
    Judgement { forward, certain_clients, possible_clients, trace }
}

/// Judges who gets to a target's own port by way of the load balancer's node that a flow
/// is for: open if the client is answered and the packet, or the connection that the load
/// balancer opens for it, gets there.
#[must_use]
pub fn judge_through(network: &Network, flow: &Flow, target: TargetPort) -> Judgement {
    let as_given = |flow: &Flow| {
        let ways = balancer::ways_to(network, flow, target);
        let judged = ways.into_iter().map(|onward| judge_onward(network, flow, Some(onward)));
        judged.reduce(either)
    };
    let private = privately(flow);
    let readings = [as_given(flow), private.as_ref().and_then(as_given)];
    readings.into_iter().flatten().reduce(either).unwrap_or_else(|| Judgement {
        forward: Ternary::No,
        certain_clients: PortSet::empty(),
        possible_clients: PortSet::empty(),
        trace: Trace::default(),
    })
}

/// Judges a flow whose ends are what they are given as: behind a load balancer by each
/// target that may get it.
fn judge_as_given(network: &Network, flow: &Flow) -> Judgement {
    let ways = balancer::onwards(network, flow);
    let mut judgements: Vec<Judgement> =
        ways.into_iter().map(|onward| judge_onward(network, flow, onward)).collect();
    // The most open is told, the first of those.
    judgements.sort_by_key(|it| std::cmp::Reverse((it.certain(), it.possible())));
    let mut judgements = judgements.into_iter();
    let first = judgements.next();
    let first = first.unwrap_or_else(|| judge_onward(network, flow, None));
    judgements.fold(first, |best, next| {
        if !best.certain() && next.possible() {
            return either(best, next);
        }
        let trace = best.trace.clone();
        Judgement { trace, ..either(best, next) }
    })
}

/// Judges a flow that a load balancer, if it is for one, hands on in this way.
fn judge_onward(network: &Network, flow: &Flow, onward: Option<Onward<'_>>) -> Judgement {
    let mut walk = Walk::new(network, flow, CLIENT_PORTS.first());
    walk.onward = onward;
    let forward = walk.forward();
    let mut trace = walk.trace;

    let clients = client_ranges(network, flow, onward);
    let mut certain = Vec::new();
    let mut possible = Vec::new();
    let mut replies: Vec<(Ternary, PortRange, Trace)> = Vec::new();
    for ports in clients {
        let mut walk = Walk::new(network, flow, ports.first());
        walk.onward = onward;
        walk.trace.way = Way::Reply;
        let verdict = if needs_reply(flow) { walk.reply() } else { Ternary::Yes };
        match verdict {
            Ternary::Yes => {
                certain.push(ports);
                possible.push(ports);
            }
            Ternary::Unknown => possible.push(ports),
            Ternary::No => {}
        }
        replies.push((verdict, ports, walk.trace));
    }

    // Show the reply that fares best; among equals that of a Linux client, whose
    // ports are 32768-60999.
    let usual = |ports: &PortRange| ports.contains(32768);
    let shown =
        replies.iter().enumerate().max_by_key(|(_, (verdict, ports, _))| (*verdict, usual(ports)));
    let shown = shown.map(|(index, _)| index);
    let closed = possible.is_empty();
    for (index, (_, _, reply)) in replies.into_iter().enumerate() {
        let is_shown = Some(index) == shown;
        if is_shown {
            trace.reply = reply.reply;
            trace.some_nat_ports |= reply.some_nat_ports;
        }
        // Of a closed port every refusal is told, whichever client meets it.
        if is_shown || closed {
            for block in reply.blocks {
                if !trace.blocks.contains(&block) {
                    trace.blocks.push(block);
                }
            }
        }
        trace.limitations.extend(reply.limitations);
        trace.assumptions.extend(reply.assumptions);
    }
    if trace.some_nat_ports {
        trace.assumptions.insert(Assumption::NatGatewayPort);
    }
    Judgement {
        forward,
        certain_clients: certain.into_iter().collect(),
        possible_clients: possible.into_iter().collect(),
        trace,
    }
}

/// Whether the sender waits for an answer: ICMP that is no request is one-way.
fn needs_reply(flow: &Flow) -> bool {
    let packet = Packet {
        source: flow.from.address(),
        destination: flow.to.address(),
        protocol: flow.protocol,
        selector: flow.selector,
        source_port: CLIENT_PORTS.first(),
    };
    packet.wants_reply()
}

/// The client ports in ranges within which no ACL on the way changes its answer.
fn client_ranges(network: &Network, flow: &Flow, onward: Option<Onward<'_>>) -> Vec<PortRange> {
    let mut starts = vec![CLIENT_PORTS.first()];
    if flow.protocol.has_ports() {
        starts.extend(
            walk::client_cuts(network, flow, onward)
                .into_iter()
                .filter(|&port| CLIENT_PORTS.contains(port)),
        );
        starts.sort_unstable();
        starts.dedup();
    }
    let ends =
        starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([CLIENT_PORTS.last()]);
    starts.iter().zip(ends).filter_map(|(&first, last)| PortRange::new(first, last).ok()).collect()
}
