//! What the specification expects, held against what the kernel did.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use portolan::model::{ComponentId, Network, NetworkInterfaceId, PublicOwner, TextId};
use portolan::net::Protocol;
use portolan::reach::spec::{End, Flow, Judgement, Step, Ternary, judge};

use crate::plan::{Host, Plan};
use crate::probe::{Outcome, Probe};

/// A flow, and the port that the client sends from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Question {
    /// The flow.
    pub flow: Flow,
    /// The client's port, of TCP and UDP.
    pub client: u16,
    /// Whether somebody shall listen.
    pub listens: bool,
}

/// What the specification says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Expected {
    /// The packet arrives, and its answer comes home.
    Arrives,
    /// It does not, or its answer does not.
    Filtered,
    /// Nothing that could be held against the kernel, and why.
    Unknown(&'static str),
}

/// Why a question can't be put to a lab.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Skip {
    /// Who sends is not built.
    NoSender,
    /// Who receives is not built.
    NoReceiver,
    /// Both ends are one host: the packet never leaves it.
    WithinTheHost,
    /// Several interfaces have the address.
    AmbiguousAddress,
    /// A protocol that is not sent.
    Protocol,
    /// No packet changes its family.
    Family,
}

impl Skip {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSender => "the sender is not built",
            Self::NoReceiver => "the receiver is not built",
            Self::WithinTheHost => "both ends are one host",
            Self::AmbiguousAddress => "several interfaces have the address",
            Self::Protocol => "only TCP, UDP and ICMP are sent",
            Self::Family => "one end is IPv4, the other IPv6",
        }
    }
}

/// Turns flows into probes of a plan, and knows what to expect of them.
#[derive(Debug)]
pub struct Comparison<'a> {
    network: &'a Network,
    host_of: BTreeMap<(ComponentId, NetworkInterfaceId), &'a Host>,
    outside: BTreeMap<IpAddr, &'a Host>,
    holders: BTreeMap<IpAddr, u32>,
    not_compiled: BTreeMap<TextId, &'static str>,
}

impl<'a> Comparison<'a> {
    /// For this plan of this network.
    #[must_use]
    pub fn new(network: &'a Network, plan: &'a Plan) -> Self {
        let mut host_of = BTreeMap::new();
        let mut outside = BTreeMap::new();
        for host in &plan.hosts {
            for &at in &host.interfaces {
                host_of.insert(at, host);
            }
            if host.interfaces.is_empty() {
                outside.extend(host.addresses.iter().map(|&address| (address, host)));
            }
        }
        let mut holders: BTreeMap<IpAddr, u32> = BTreeMap::new();
        for address in plan.hosts.iter().flat_map(|host| &host.addresses) {
            *holders.entry(*address).or_default() += 1;
        }
        let not_compiled = plan.not_compiled.iter().map(|note| (note.id, note.reason)).collect();
        Self { network, host_of, outside, holders, not_compiled }
    }

    /// The probe of a question.
    ///
    /// # Errors
    ///
    /// The lab can't ask it.
    pub fn probe(&self, question: &Question) -> Result<Probe, Skip> {
        let Question { flow, client, listens } = *question;
        if matches!(flow.protocol, Protocol::Other(_)) {
            return Err(Skip::Protocol);
        }
        let (source, destination) = (flow.from.address(), flow.to.address());
        let wrong = match flow.protocol {
            Protocol::Icmp => source.is_ipv6(),
            Protocol::Icmpv6 => source.is_ipv4(),
            Protocol::Tcp | Protocol::Udp | Protocol::Other(_) => false,
        };
        if wrong || source.is_ipv4() != destination.is_ipv4() {
            return Err(Skip::Family);
        }
        let sender = match flow.from {
            End::Interface { component, interface, .. } => {
                self.host_of.get(&(component, interface)).copied().ok_or(Skip::NoSender)?
            }
            End::Internet(address) => self.outside.get(&address).copied().ok_or(Skip::NoSender)?,
            End::Public(_)
            | End::NatGateway { .. }
            | End::Vpc { .. }
            | End::Network(_)
            | End::AmazonService(_) => return Err(Skip::NoSender),
        };
        let receiver = self.receiver(flow.to)?;
        if receiver.is_some_and(|(host, _)| host.space == sender.space) {
            return Err(Skip::WithinTheHost);
        }
        if sender.addresses.contains(&destination) {
            return Err(Skip::WithinTheHost);
        }
        let several = |address: &IpAddr| self.holders.get(address).is_some_and(|&of| of > 1);
        let addresses = [source, destination];
        let listening = receiver.map(|(_, at)| at);
        if addresses.iter().chain(&listening).any(several) {
            return Err(Skip::AmbiguousAddress);
        }
        Ok(Probe {
            from: sender.space,
            source,
            source_port: client,
            destination,
            receiver: receiver.map(|(host, at)| (host.space, at)),
            protocol: flow.protocol,
            selector: flow.selector,
            listens,
        })
    }

    /// Who receives, and at which of its addresses; `None`: nobody is there.
    fn receiver(&self, to: End) -> Result<Option<(&'a Host, IpAddr)>, Skip> {
        match to {
            End::Interface { component, interface, address } => {
                Ok(self.host_of.get(&(component, interface)).map(|&host| (host, address)))
            }
            End::Public(public) => {
                let mut owners = self.network.public_owners(public);
                let (owner, more) = (owners.next(), owners.next());
                if more.is_some() {
                    return Err(Skip::AmbiguousAddress);
                }
                Ok(match owner {
                    Some(PublicOwner::Interface { component, interface, private }) => {
                        let at = IpAddr::V4(Ipv4Addr::from_bits(private));
                        self.host_of.get(&(component, interface)).map(|&host| (host, at))
                    }
                    Some(
                        PublicOwner::NatGateway { .. }
                        | PublicOwner::LoadBalancer { .. }
                        | PublicOwner::Unassociated
                        | PublicOwner::Elsewhere { .. },
                    )
                    | None => None,
                })
            }
            End::Internet(address) => {
                let host = self.outside.get(&address).copied().ok_or(Skip::NoReceiver)?;
                Ok(Some((host, address)))
            }
            End::NatGateway { .. } | End::Vpc { .. } => Ok(None),
            End::Network(_) | End::AmazonService(_) => Err(Skip::NoReceiver),
        }
    }

    /// What the specification says of it.
    #[must_use]
    pub fn expected(&self, question: &Question) -> Expected {
        let judgement = judge(self.network, &question.flow);
        if let Some(reason) = self.met(&judgement) {
            return Expected::Unknown(reason);
        }
        let flow = &question.flow;
        let (certain, possible) = if flow.protocol.has_ports() {
            let surely = judgement.certain_clients.contains(question.client);
            let perhaps = judgement.possible_clients.contains(question.client);
            (
                judgement.forward == Ternary::Yes && surely,
                judgement.forward != Ternary::No && perhaps,
            )
        } else {
            (judgement.certain(), judgement.possible())
        };
        match (certain, possible) {
            (true, _) if judgement.trace.some_nat_ports => {
                Expected::Unknown("a NAT gateway picks the port that is answered")
            }
            (true, _) if self.is_untranslated(flow, &judgement) => {
                Expected::Unknown("the kernel translates no ICMP but requests and answers")
            }
            (true, _) => Expected::Arrives,
            (false, true) => Expected::Unknown("the model does not know"),
            (false, false) => Expected::Filtered,
        }
    }

    /// Something on the way that the lab does not have.
    fn met(&self, judgement: &Judgement) -> Option<&'static str> {
        let trace = &judgement.trace;
        let blocks = trace.blocks.iter().map(|block| &block.step);
        let steps: BTreeSet<&Step> =
            trace.forward.iter().chain(&trace.reply).chain(blocks).collect();
        steps
            .into_iter()
            .flat_map(|step| [step.id, step.towards])
            .find_map(|id| self.not_compiled.get(&id).copied())
    }

    fn is_untranslated(&self, flow: &Flow, judgement: &Judgement) -> bool {
        let one_way = flow.protocol.is_icmp()
            && !flow.protocol.icmp_replies().iter().any(|&(request, _)| request == flow.selector);
        let translates = |step: &Step| step.component == "nat-gateway";
        one_way && judgement.trace.forward.iter().any(translates)
    }
}

impl Expected {
    /// Whether an outcome is what was expected; `None`: nothing was.
    #[must_use]
    pub fn agrees(&self, outcome: Outcome) -> Option<bool> {
        match self {
            Self::Arrives => Some(outcome.arrived()),
            Self::Filtered => Some(!outcome.arrived()),
            Self::Unknown(_) => None,
        }
    }
}
