//! One question, answered: may FROM reach PORT of TO, why, or why not?

mod describe;
mod firewall;
mod set;
#[cfg(test)]
mod tests;
mod through;

use std::collections::BTreeSet;

use crate::model::{Assumption, Component, Limitation, LimitationCode, Locate, Network, TextId};
use crate::net::{CLIENT_PORTS, PortSet, Protocol};
use crate::reach::place::{self, PortFilter, PortFilterError, Selector, SelectorError, Zones};
use crate::reach::spec::{self, End, Flow, Judgement, Ternary, Unknown};
use crate::record::{Blocker, Clients, Explanation, LimitationRecord, Verdict};

/// Why a question can't be answered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExplainError {
    /// FROM or TO can't be read.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// PORT can't be read.
    #[error(transparent)]
    Port(#[from] PortFilterError),
    /// Nothing in the source has this id or name.
    #[error("nothing in the source is called `{text}`")]
    NoSuchPlace {
        /// As asked.
        text: String,
        /// Names and ids that resemble it.
        nearest: Vec<String>,
    },
}

/// Answers a question.
///
/// # Errors
/// FROM, TO or PORT can't be read, or name nothing.
pub fn explain(
    network: &Network,
    zones: &Zones,
    locate: &(dyn Locate + Sync),
    from: &str,
    to: &str,
    port: &str,
) -> Result<Explanation, ExplainError> {
    let asked = Asked { from, to, port };
    let (from, to) = (Selector::parse(from)?, Selector::parse(to)?);
    let port = PortFilter::question(port)?;
    for (selector, text) in [(&from, asked.from), (&to, asked.to)] {
        if !selector.names_something(network, zones) {
            let nearest = place::nearest(network, zones, text);
            return Err(ExplainError::NoSuchPlace { text: text.to_owned(), nearest });
        }
    }
    let question = Question { network, zones, locate, asked, from, to, port };
    Ok(question.answer())
}

/// The answer to a question of a batch that names nothing: it is not known.
#[must_use]
pub fn no_such_place(from: &str, to: &str, port: &str, text: &str) -> Explanation {
    let mut explanation = blank(&Asked { from, to, port });
    explanation.limitations.push(LimitationRecord {
        code: LimitationCode::NoSuchPlace.as_str().to_owned(),
        about: text.to_owned(),
        scope: String::new(),
        at: String::new(),
        collect: String::new(),
    });
    explanation
}

/// What the answers about a network can't know, with what to collect.
#[must_use]
pub fn limitations(network: &Network, locate: &dyn Locate) -> Vec<LimitationRecord> {
    let describe = describe::Describe { network, locate };
    network.limitations.iter().map(|limitation| describe.limitation(limitation)).collect()
}

/// What the specification says of one packet, shortly.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Surely open, for some clients at least.
    Open,
    /// Surely closed, by all of these.
    Closed(Vec<Blocker>),
    /// It depends on what was not seen.
    Unknown,
}

impl Answer {
    /// Whether it is surely open.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Open => true,
            Self::Closed(_) | Self::Unknown => false,
        }
    }
}

/// Judges one packet whose ends are known.
pub(crate) fn answer(network: &Network, locate: &dyn Locate, flow: &Flow) -> Answer {
    let judgement = spec::judge(network, flow);
    if judgement.certain() {
        return Answer::Open;
    }
    if judgement.possible() {
        return Answer::Unknown;
    }
    let describe = describe::Describe { network, locate };
    Answer::Closed(judgement.trace.blocks.iter().map(|block| describe.blocker(block)).collect())
}

/// As the user wrote it.
#[derive(Clone, Copy)]
struct Asked<'a> {
    from: &'a str,
    to: &'a str,
    port: &'a str,
}

struct Question<'a> {
    network: &'a Network,
    zones: &'a Zones,
    locate: &'a (dyn Locate + Sync),
    asked: Asked<'a>,
    from: Selector,
    to: Selector,
    port: PortFilter,
}

/// What is known of a pair before it is judged.
enum Pair {
    Ends(End, End),
    /// The same host.
    Same,
    /// Several VPCs hold an address.
    Ambiguous(Vec<End>),
}

impl Question<'_> {
    fn answer(&self) -> Explanation {
        let single = self.port.single();
        let addresses = |selector: &Selector| {
            matches!(selector, Selector::Address(_) | Selector::VpcAddress(..))
        };
        if let Some((protocol, selector)) = single
            && addresses(&self.from)
            && addresses(&self.to)
        {
            return match self.pair() {
                Pair::Same => self.within_the_host(),
                Pair::Ambiguous(candidates) => self.ambiguous(&candidates),
                Pair::Ends(from, to) => {
                    let flow = Flow { from, to, protocol, selector };
                    self.of_flow(&flow, &self.judge(&flow))
                }
            };
        }
        self.of_set()
    }

    fn pair(&self) -> Pair {
        if self.from == self.to {
            return Pair::Same;
        }
        let mut from = place::senders(self.network, &self.from);
        let mut to = place::receivers(self.network, &self.to);
        // An address that several VPCs hold is the one in the VPC of the other end.
        let vpc = |end: &End| place::vpc_of(self.network, *end);
        if from.len() > 1
            && let [other] = to.as_slice()
        {
            let other = vpc(other);
            if from.iter().any(|end| vpc(end) == other) {
                from.retain(|end| vpc(end) == other);
            }
        } else if to.len() > 1
            && let [other] = from.as_slice()
        {
            let other = vpc(other);
            if to.iter().any(|end| vpc(end) == other) {
                to.retain(|end| vpc(end) == other);
            }
        }
        match (from.as_slice(), to.as_slice()) {
            (&[from], &[to]) => {
                let same_host = match (from, to) {
                    (
                        End::Interface { component, interface, .. },
                        End::Interface { component: other, interface: receiver, .. },
                    ) if component == other => {
                        let facts: &Component = &self.network.components[component];
                        // Between two interfaces of one host the kernel delivers by itself.
                        let instances =
                            [interface, receiver].map(|id| facts.interface(id).instance());
                        interface == receiver
                            || matches!(instances, [Some(one), Some(other)] if one == other)
                    }
                    _ => false,
                };
                if same_host { Pair::Same } else { Pair::Ends(from, to) }
            }
            (from, to) => Pair::Ambiguous(from.iter().chain(to).copied().collect()),
        }
    }

    /// The specification's answer, but for what a host on the internet does
    /// with a packet where that is known to be Amazon's.
    fn judge(&self, flow: &Flow) -> Judgement {
        let mut judgement = spec::judge(self.network, flow);
        if let Some(list) = self.secret_of_amazon(flow)
            && judgement.possible()
        {
            judgement.forward = judgement.forward.and(Ternary::Unknown);
            let amazon = Unknown::Thing(LimitationCode::AmazonService, list);
            judgement.trace.limitations.insert(amazon);
        }
        judgement
    }

    /// The addresses of S3 and DynamoDB (AWS-managed prefix lists named
    /// `com.amazonaws.…`) answer HTTP, HTTPS and echo requests. Whether
    /// anything is at another of their ports nobody says.
    fn secret_of_amazon(&self, flow: &Flow) -> Option<TextId> {
        let (End::Internet(address), End::Interface { component, .. }) = (flow.to, flow.from)
        else {
            return None;
        };
        let answers = match flow.protocol {
            Protocol::Tcp => matches!(flow.selector, 80 | 443),
            Protocol::Icmp | Protocol::Icmpv6 => true,
            Protocol::Udp | Protocol::Other(_) => false,
        };
        let component: &Component = &self.network.components[component];
        let mut lists = component.prefix_lists.iter().filter(|list| {
            self.network.text(list.name).starts_with("com.amazonaws.")
                && list
                    .entries
                    .as_ref()
                    .is_some_and(|entries| entries.iter().any(|entry| entry.contains(address)))
        });
        lists.next().filter(|_| !answers).map(|list| list.id)
    }

    fn within_the_host(&self) -> Explanation {
        Explanation {
            verdict: Verdict::Open,
            clients: Clients::All,
            assumptions: vec![Assumption::WithinTheHost.as_str().to_owned()],
            ..blank(&self.asked)
        }
    }

    fn ambiguous(&self, candidates: &[End]) -> Explanation {
        let mut explanation = blank(&self.asked);
        let named = candidates.iter().filter_map(|end| {
            let (component, vpc) = place::vpc_of(self.network, *end)?;
            let id = self.network.text(self.network.components[component].vpcs[vpc].id);
            Some(format!("{id}/{}", end.address()))
        });
        let about: BTreeSet<String> = named.collect();
        explanation.limitations.push(LimitationRecord {
            code: LimitationCode::AmbiguousAddress.as_str().to_owned(),
            about: about.into_iter().collect::<Vec<_>>().join(" "),
            scope: String::new(),
            at: String::new(),
            collect: String::new(),
        });
        explanation
    }

    fn of_flow(&self, flow: &Flow, judgement: &Judgement) -> Explanation {
        let (verdict, clients, client_ports) = summary(judgement, flow.protocol);
        let trace = &judgement.trace;
        let describe = describe::Describe { network: self.network, locate: self.locate };
        let blocked_by = match verdict {
            Verdict::Open => Vec::new(),
            Verdict::Closed | Verdict::Unknown => {
                trace.blocks.iter().map(|block| describe.blocker(block)).collect()
            }
        };
        // What a closed port could not know no longer matters.
        let limitations = match verdict {
            Verdict::Unknown => self.limitations(&trace.limitations),
            Verdict::Open if clients == Clients::Unknown => self.limitations(&trace.limitations),
            Verdict::Open | Verdict::Closed => Vec::new(),
        };
        Explanation {
            verdict,
            clients,
            client_ports,
            blocked_by,
            forward: trace.forward.iter().map(|step| describe.hop(step)).collect(),
            reply: trace.reply.iter().map(|step| describe.hop(step)).collect(),
            assumptions: trace
                .assumptions
                .iter()
                .map(|assumption| assumption.as_str().to_owned())
                .collect(),
            limitations,
            also: match verdict {
                Verdict::Open => String::new(),
                Verdict::Closed | Verdict::Unknown => through::also_open(self.network, flow),
            },
            ..blank(&self.asked)
        }
    }

    fn limitations(&self, met: &BTreeSet<Unknown>) -> Vec<LimitationRecord> {
        let describe = describe::Describe { network: self.network, locate: self.locate };
        met.iter()
            .map(|&unknown| {
                let (code, about) = match unknown {
                    Unknown::Thing(code, about) => (code, about),
                    Unknown::Listing(listing, account, region) => {
                        return describe.not_collected(listing, account, region);
                    }
                };
                // They are sorted, and may be many.
                let all = &self.network.limitations;
                let at = all.partition_point(|known| (known.code, known.about) < (code, about));
                let known = all.get(at).filter(|it| (it.code, it.about) == (code, about));
                let limitation = known.copied().unwrap_or(Limitation {
                    code,
                    about,
                    scope: TextId::EMPTY,
                    place: None,
                });
                describe.limitation(&limitation)
            })
            .collect()
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Closed => 0,
        Verdict::Unknown => 1,
        Verdict::Open => 2,
    }
}

/// The verdict, and for whom.
fn summary(judgement: &Judgement, protocol: Protocol) -> (Verdict, Clients, String) {
    let every = PortSet::from(CLIENT_PORTS);
    let Judgement { certain_clients: certain, possible_clients: possible, .. } = judgement;
    let some_nat = judgement.trace.some_nat_ports;
    if judgement.certain() {
        let clients = if !protocol.has_ports() {
            Clients::All
        } else if certain != possible {
            Clients::Unknown
        } else if *certain == every && !some_nat {
            Clients::All
        } else {
            Clients::Some
        };
        let ports = if clients == Clients::Some { certain.to_string() } else { String::new() };
        return (Verdict::Open, clients, ports);
    }
    if judgement.possible() {
        return (Verdict::Unknown, Clients::Unknown, String::new());
    }
    (Verdict::Closed, Clients::None, String::new())
}

fn blank(asked: &Asked<'_>) -> Explanation {
    Explanation {
        format: "portolan.explain/1".to_owned(),
        from: asked.from.to_owned(),
        to: asked.to.to_owned(),
        port: asked.port.to_owned(),
        verdict: Verdict::Unknown,
        clients: Clients::Unknown,
        client_ports: String::new(),
        blocked_by: Vec::new(),
        forward: Vec::new(),
        reply: Vec::new(),
        assumptions: Vec::new(),
        limitations: Vec::new(),
        open_for: Vec::new(),
        also: String::new(),
    }
}
