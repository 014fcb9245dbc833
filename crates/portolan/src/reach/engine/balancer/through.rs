//! Targets behind load balancers: what gets to a target's own port by way of a listener.

use std::net::IpAddr;
use std::sync::Arc;

use super::chosen::{Chosen, primary};
use super::{Answering, Back, From, Onward, modelled, numbered, packets, takes};
use crate::model::{
    Component, Direction, Interface, Listener, ListenerAction, ListenerRule, LoadBalancerId,
    LoadBalancerKind, NetworkInterfaceId, RuleCondition,
};
use crate::net::{Bounds, IpSet, IpSetId, PortRange, Protocol, SpaceId};
use crate::reach::engine::truth::Truth;
use crate::reach::engine::{Class, Engine, Lane};
use crate::reach::spec::TargetPort;

/// A port of a node that leads to a target's own port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Entrance {
    /// The load balancer, also behind an endpoint.
    pub(crate) balancer: LoadBalancerId,
    pub(crate) protocol: Protocol,
    /// The listener's port.
    pub(crate) port: u16,
    pub(crate) target: TargetPort,
    /// Whom the target sees; `None`: the client.
    pub(crate) seen: Option<IpAddr>,
    /// What gets there, and the answers.
    pub(crate) onward: Onward,
}

/// What gets from a listener to a target's own port, and the answers.
#[derive(Clone, Copy)]
pub(in crate::reach::engine) struct Passage {
    pub(in crate::reach::engine) protocol: Protocol,
    pub(in crate::reach::engine) port: u16,
    pub(in crate::reach::engine) target: TargetPort,
    pub(in crate::reach::engine) seen: Option<IpAddr>,
    pub(in crate::reach::engine) back: Back,
    pub(in crate::reach::engine) forward: Bounds<SpaceId>,
}

impl Answering<'_> {
    fn port(self, port: u16) -> TargetPort {
        TargetPort { interface: self.interface.index(), address: self.address, port }
    }
}

/// A connection that an Application or Classic Load Balancer may open.
struct Request<'c> {
    target: Answering<'c>,
    port: u16,
    /// For clients at these addresses.
    clients: Bounds,
    /// Only some of the ports that the node may pick get answers.
    limited: bool,
}

impl Engine {
    /// The ways on from a node's addresses of a family to the own ports of targets.
    pub(crate) fn entrances(&mut self, node: NetworkInterfaceId, v4: bool) -> Vec<Entrance> {
        let component = Arc::clone(&self.ground.component);
        let passages = match (component.endpoint_of(node), component.load_balancer_of(node)) {
            (Some(endpoint), _) => self.passages_behind(&component, endpoint, node, v4),
            (None, Some(balancer)) if modelled(&component, node).is_some() => {
                let facts = &component.load_balancers[balancer];
                let from = From::of(facts, component.interface(node), v4);
                let passages = self.passages_on(&component, from);
                passages.into_iter().map(|passage| (balancer, passage)).collect()
            }
            (None, _) => Vec::new(),
        };
        let mut entrances = Vec::new();
        for (balancer, passage) in passages {
            let Passage { protocol, port, target, seen, back, forward } = passage;
            let forward = numbered(&mut self.handed, forward);
            let back = (back != Back::all()).then(|| numbered(&mut self.backs, back));
            let onward = Onward { forward, back };
            entrances.push(Entrance { balancer, protocol, port, target, seen, onward });
        }
        entrances
    }

    /// The ways on from a node.
    pub(in crate::reach::engine) fn passages_on(
        &mut self,
        component: &Component,
        from: From<'_>,
    ) -> Vec<Passage> {
        let mut passages = Vec::new();
        for listener in from.balancer.listeners.iter().flatten() {
            for (protocol, ports, sure) in takes(listener) {
                if sure {
                    let at = (protocol, ports.first());
                    if from.balancer.kind == LoadBalancerKind::Network {
                        self.handed_on(component, from, listener, at, &mut passages);
                    } else {
                        self.asked_for(component, from, at, &mut passages);
                    }
                }
            }
        }
        passages
    }

    /// What a class, of a node's address, lets on to a target's own port.
    pub(crate) fn lanes_through(&mut self, class: &Class, onward: Onward) -> Vec<Lane> {
        let mut lanes = Vec::new();
        self.lanes_onward(Direction::Ingress, class, onward, &mut lanes);
        self.finish_lanes(class, &mut lanes);
        lanes
    }

    /// By a listener of a Network Load Balancer.
    fn handed_on(
        &mut self,
        component: &Component,
        from: From<'_>,
        listener: &Listener,
        (protocol, port): (Protocol, u16),
        passages: &mut Vec<Passage>,
    ) {
        let rule = packets(protocol, PortRange::single(port));
        for action in &listener.default_actions {
            let ListenerAction::Forward(groups) = action else { continue };
            for chosen in self.choice(component, from, groups).targets {
                let truth = chosen.truth.and(from.active);
                for (preserved, truth) in chosen.readings(truth) {
                    let Chosen { target, port: at, .. } = chosen;
                    let (back, forward) =
                        self.passed(component, from, (target, at), (truth, preserved), rule);
                    if forward.is_empty() {
                        continue;
                    }
                    let kept = preserved && from.v4 == target.address.is_ipv4();
                    let sees = match kept {
                        true => None,
                        false => primary(from.node, target.address.is_ipv6()),
                    };
                    let own = target.port(at);
                    passages.push(Passage {
                        protocol,
                        port,
                        target: own,
                        seen: sees,
                        back,
                        forward,
                    });
                    // Behind an Application Load Balancer the next connection begins.
                    for request in self.requests(component, target.interface, (protocol, at)) {
                        let clients = match (kept, sees) {
                            (true, _) => request.clients,
                            (false, Some(source)) => self.holds_address(request.clients, source),
                            (false, None) => Bounds::at_most(IpSetId::ALL),
                        };
                        let clients = self.space_of(&rule, clients);
                        let forward = forward.intersection(&clients, &mut self.sets);
                        let limited = back.limited || request.limited;
                        let seen = primary(target.interface, request.target.address.is_ipv6());
                        let target = request.target.port(request.port);
                        let back = Back { limited, ..back };
                        passages.push(Passage { protocol, port, target, seen, back, forward });
                    }
                }
            }
        }
    }

    /// By a listener of an Application or Classic Load Balancer.
    fn asked_for(
        &mut self,
        component: &Component,
        from: From<'_>,
        (protocol, port): (Protocol, u16),
        passages: &mut Vec<Passage>,
    ) {
        let rule = packets(protocol, PortRange::single(port));
        for request in self.requests(component, from.node, (protocol, port)) {
            let forward = self.space_of(&rule, request.clients);
            let back = Back { limited: request.limited, ..Back::all() };
            let target = request.target.port(request.port);
            let seen = primary(from.node, request.target.address.is_ipv6());
            passages.push(Passage { protocol, port, target, seen, back, forward });
        }
    }

    /// Everybody or nobody, as an address is among these.
    fn holds_address(&self, clients: Bounds, address: IpAddr) -> Bounds {
        if self.sets.contains(clients.certain(), address) {
            Bounds::ALL
        } else if self.sets.contains(clients.possible(), address) {
            Bounds::UNKNOWN
        } else {
            Bounds::EMPTY
        }
    }

    /// The connections that a node may open for who connects to its port.
    fn requests<'c>(
        &mut self,
        component: &'c Component,
        node: Interface<'_>,
        (protocol, port): (Protocol, u16),
    ) -> Vec<Request<'c>> {
        let mut requests = Vec::new();
        let Some(balancer) = modelled(component, node.index()) else { return requests };
        if balancer.kind == LoadBalancerKind::Network {
            return requests;
        }
        let from = From::of(balancer, node, true);
        for listener in balancer.listeners.iter().flatten() {
            let listening = takes(listener)
                .into_iter()
                .filter(|(spoken, ports, _)| *spoken == protocol && ports.contains(port))
                .map(|(.., sure)| if sure { Truth::Yes } else { Truth::Maybe })
                .max()
                .unwrap_or(Truth::No)
                .and(from.active);
            if listening == Truth::No {
                continue;
            }
            let rules = self.clients_by_rule(listener, balancer.kind);
            for (clients, actions) in rules {
                let mut truth = listening;
                for action in actions {
                    let targets = match action {
                        ListenerAction::Forward(groups) => {
                            self.choice(component, from, groups).targets
                        }
                        ListenerAction::ForwardToInstances { port: Some(port), .. } => balancer
                            .instances
                            .iter()
                            .flat_map(|&instance| self.instance(component, from, instance, *port))
                            .collect(),
                        ListenerAction::Authenticate | ListenerAction::Unknown(_) => {
                            truth = truth.and(Truth::Maybe);
                            continue;
                        }
                        ListenerAction::ForwardToInstances { port: None, .. }
                        | ListenerAction::Redirect { .. }
                        | ListenerAction::FixedResponse => continue,
                    };
                    for chosen in targets {
                        let at = (protocol, chosen.port);
                        let opened = self.opened(component, from, chosen.target, at);
                        let (opens, limited) = opened.map_or((Truth::Maybe, false), |opened| {
                            (opened.gets_there.and(opened.answered), opened.limited)
                        });
                        let clients = truth.and(chosen.truth).and(opens).of(&clients);
                        if !clients.is_empty() {
                            let Chosen { target, port, .. } = chosen;
                            requests.push(Request { target, port, clients, limited });
                        }
                    }
                }
            }
        }
        requests
    }

    /// Whose requests each rule of a listener takes, the default one last.
    fn clients_by_rule<'l>(
        &mut self,
        listener: &'l Listener,
        kind: LoadBalancerKind,
    ) -> Vec<(Bounds, &'l [ListenerAction])> {
        let mut left = Bounds::ALL;
        if listener.rules.is_none() && kind == LoadBalancerKind::Application {
            left = Bounds::UNKNOWN;
        }
        let mut all = Vec::new();
        for rule in listener.rules.iter().flatten() {
            let (meet, only) = self.meet(rule);
            all.push((left.intersection(&meet, &mut self.sets), rule.actions.as_slice()));
            if rule.contested {
                left = Bounds::at_most(left.possible());
            } else if only {
                left = left.minus(&meet, &mut self.sets);
            }
        }
        all.push((left, listener.default_actions.as_slice()));
        all
    }

    /// The addresses that meet a rule, and whether it asks for nothing else.
    fn meet(&mut self, rule: &ListenerRule) -> (Bounds, bool) {
        if rule.contested {
            return (Bounds::UNKNOWN, false);
        }
        let (mut meet, mut only) = (IpSetId::ALL, true);
        for condition in &rule.conditions {
            match condition {
                RuleCondition::SourceIp(blocks) => {
                    let blocks: IpSet = blocks.iter().copied().collect();
                    let blocks = self.sets.intern(blocks);
                    meet = self.sets.intersection(meet, blocks);
                }
                RuleCondition::Other(_) => only = false,
            }
        }
        (Bounds::exact(meet), only)
    }
}
