//! Targets behind load balancers: who gets to a target's own port by way of a listener.
//!
//! A Network Load Balancer hands the client's own packets to the target. An Application
//! or Classic Load Balancer opens a connection of its own, once a rule of its listener
//! takes the client's request (Application Load Balancers guide, "Listener rules",
//! "Condition types for listener rules": `source-ip`).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::choice::Choice;
use super::{Handed, Onward, active, known, listens, onwards, shown};
use crate::model::{
    Assumption, Component, ComponentId, EndpointService, LimitationCode, Listener, ListenerAction,
    ListenerRule, LoadBalancer, LoadBalancerId, LoadBalancerKind, Network, NetworkInterfaceId,
    RuleCondition, TargetGroup, TargetGroupId, TargetId,
};
use crate::net::{CLIENT_PORTS, Protocol};
use crate::reach::spec::walk::{Side, Walk};
use crate::reach::spec::{End, Flow, Ternary};

/// A target's own port.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TargetPort {
    /// The target's interface.
    pub interface: NetworkInterfaceId,
    /// Its address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

/// A connection that a load balancer opens for a client.
#[derive(Clone, Copy)]
pub(in crate::reach::spec) struct Request<'n> {
    node: Side<'n>,
    listener: &'n Listener,
    /// The rule that takes the request; `None`: the default one.
    rule: Option<usize>,
    target: Side<'n>,
    port: u16,
    taken: Ternary,
    assumed: bool,
}

impl Request<'_> {
    fn is_for(&self, target: TargetPort) -> bool {
        is(self.target, self.port, target)
    }
}

fn is(side: Side<'_>, port: u16, target: TargetPort) -> bool {
    side.interface.index() == target.interface
        && side.address == target.address
        && port == target.port
}

/// The ways by which a flow for a load balancer's node gets to a target's own port.
pub(in crate::reach::spec) fn ways_to<'n>(
    network: &'n Network,
    flow: &'n Flow,
    target: TargetPort,
) -> Vec<Onward<'n>> {
    if !matches!(flow.protocol, Protocol::Tcp | Protocol::Udp) {
        return Vec::new();
    }
    let walk = Walk::new(network, flow, CLIENT_PORTS.first());
    let Some(node) = walk.receiver(flow.to) else { return Vec::new() };
    let mut ways = Vec::new();
    for onward in onwards(network, flow).into_iter().flatten() {
        match onward.to {
            Handed::Itself => {
                let requests = requests(network, node, flow.protocol, flow.selector);
                let wanted = requests.into_iter().filter(|request| request.is_for(target));
                ways.extend(wanted.map(|request| Onward { asks: Some(request), ..onward }));
            }
            Handed::Target { target: next, port, .. } => {
                if is(next, port, target) {
                    ways.push(onward);
                }
                let requests = requests(network, next, flow.protocol, port);
                let wanted = requests.into_iter().filter(|request| request.is_for(target));
                ways.extend(wanted.map(|request| Onward { asks: Some(request), ..onward }));
            }
            Handed::Nobody(_) | Handed::Unknown(..) => {}
        }
    }
    ways
}

/// The connections that a node may open for who connects to its port.
fn requests<'n>(
    network: &'n Network,
    node: Side<'n>,
    protocol: Protocol,
    port: u16,
) -> Vec<Request<'n>> {
    let mut requests = Vec::new();
    let Some(balancer) = known(node) else { return requests };
    if balancer.kind == LoadBalancerKind::Network {
        return requests;
    }
    let choice = Choice { network, y: node, balancer, linked: false };
    let active = active(balancer);
    for listener in balancer.listeners.iter().flatten() {
        let listening = listens(listener, protocol, port).and(active);
        if listening == Ternary::No {
            continue;
        }
        let by_rule = listener.rules.iter().flatten().enumerate();
        let by_rule = by_rule.map(|(number, rule)| (Some(number), rule.actions.as_slice()));
        let actions = by_rule.chain([(None, listener.default_actions.as_slice())]);
        for (rule, actions) in actions {
            let mut taken = listening;
            for action in actions {
                let ways = match action {
                    ListenerAction::Forward(groups) => groups
                        .iter()
                        .filter(|group| group.weight != Some(0))
                        .flat_map(|group| {
                            choice.within(&node.component.target_groups[group.target_group])
                        })
                        .collect(),
                    ListenerAction::ForwardToInstances { port, .. } => {
                        instances(choice, balancer, *port)
                    }
                    // Who proves who he is nobody knows.
                    ListenerAction::Authenticate | ListenerAction::Unknown(_) => {
                        taken = Ternary::Unknown;
                        continue;
                    }
                    ListenerAction::Redirect { .. } | ListenerAction::FixedResponse => continue,
                };
                for way in ways {
                    let Handed::Target { target, port, .. } = way.to else { continue };
                    requests.push(Request {
                        node,
                        listener,
                        rule,
                        target,
                        port,
                        taken: way.taken.and(taken),
                        assumed: way.assumed,
                    });
                }
            }
        }
    }
    requests
}

fn instances<'n>(
    choice: Choice<'n>,
    balancer: &'n LoadBalancer,
    port: Option<u16>,
) -> Vec<Onward<'n>> {
    let Some(port) = port else { return Vec::new() };
    balancer.instances.iter().flat_map(|&instance| choice.instance(instance, port)).collect()
}

impl<'n> Walk<'n> {
    /// Whether a load balancer asks a target for a client that it sees come from `far`.
    pub(super) fn ask(&mut self, request: Request<'n>, far: IpAddr) -> Ternary {
        let Request { node, listener, target, port, .. } = request;
        let taken = takes(node, listener, request.rule, far).and(request.taken);
        if taken == Ternary::Unknown {
            self.trace.unknown(LimitationCode::LoadBalancer, listener.id);
        }
        if request.assumed {
            self.trace.assumptions.insert(Assumption::LoadBalancerDefaults);
        }
        if listener.rules.as_ref().is_some_and(|rules| !rules.is_empty()) {
            self.trace.assumptions.insert(Assumption::ListenerRules);
        }
        let Some(source) = shown(node, far, target, false) else {
            return taken.and(self.trace.unknown(LimitationCode::LoadBalancer, listener.id));
        };
        let asked = self.at_target(node, node.address, (target, port, false), source);
        taken.and(asked).and(self.answered(node, target, source, None))
    }
}

/// Whether a rule takes a request of a client at an address. What else rules ask for a
/// client may write as he likes (assumption `listener-rules`).
fn takes(node: Side<'_>, listener: &Listener, rule: Option<usize>, far: IpAddr) -> Ternary {
    let Some(rules) = &listener.rules else {
        // Only Application Load Balancers have any.
        let application = known(node).is_some_and(|it| it.kind == LoadBalancerKind::Application);
        return if application { Ternary::Unknown } else { Ternary::Yes };
    };
    let own = rule.and_then(|rule| rules.get(rule)).map_or(Ternary::Yes, |rule| meets(rule, far));
    let before = rules.iter().take(rule.unwrap_or(rules.len()));
    before.fold(own, |verdict, earlier| {
        let only = earlier.conditions.iter().all(|it| matches!(it, RuleCondition::SourceIp(_)));
        verdict.and(match meets(earlier, far) {
            Ternary::Unknown => Ternary::Unknown,
            Ternary::Yes if only => Ternary::No,
            Ternary::Yes | Ternary::No => Ternary::Yes,
        })
    })
}

/// Whether a client's address is what a rule asks for.
fn meets(rule: &ListenerRule, far: IpAddr) -> Ternary {
    if rule.contested {
        return Ternary::Unknown;
    }
    let all = rule.conditions.iter().all(|condition| match condition {
        RuleCondition::SourceIp(blocks) => blocks.iter().any(|block| block.contains(far)),
        RuleCondition::Other(_) => true,
    });
    Ternary::known(all)
}

/// A port of a load balancer's node that leads to a target's own port.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Door {
    /// The load balancer.
    pub balancer: LoadBalancerId,
    /// The node.
    pub node: NetworkInterfaceId,
    /// The node's address.
    pub address: IpAddr,
    /// The listener's port.
    pub port: u16,
}

/// The doors to a target's own port.
#[must_use]
pub fn doors(
    network: &Network,
    component: ComponentId,
    protocol: Protocol,
    target: TargetPort,
) -> Vec<Door> {
    let facts: &Component = &network.components[component];
    let mut doors = BTreeSet::new();
    for (balancer, load_balancer) in leading(facts, target) {
        let endpoints = facts.vpc_endpoints.iter().filter(|endpoint| match &endpoint.behind {
            EndpointService::Provided(provider) => provider.load_balancers.contains(&balancer),
            EndpointService::Unknown | EndpointService::Api => false,
        });
        let endpoints = endpoints.flat_map(|endpoint| &endpoint.interfaces);
        for &node in load_balancer.interfaces.iter().chain(endpoints) {
            let held = facts.interface(node);
            let v4 = held.ipv4().iter().map(|it| IpAddr::V4(Ipv4Addr::from_bits(it.first)));
            let v6 = held.ipv6().iter().map(|it| IpAddr::V6(Ipv6Addr::from_bits(it.first)));
            for address in v4.chain(v6) {
                let ports = load_balancer.listeners.iter().flatten().filter_map(|it| it.port);
                for port in ports {
                    let to = End::Interface { component, interface: node, address };
                    let flow = Flow { from: to, to, protocol, selector: port };
                    if !ways_to(network, &flow, target).is_empty() {
                        doors.insert(Door { balancer, node, address, port });
                    }
                }
            }
        }
    }
    doors.into_iter().collect()
}

/// The load balancers that may lead to a target: those with a target group that has it, and
/// those with one that has such a load balancer.
fn leading(facts: &Component, target: TargetPort) -> Vec<(LoadBalancerId, &LoadBalancer)> {
    let instance = facts.interface(target.interface).instance();
    let has = |of: &dyn Fn(TargetId) -> bool| -> BTreeSet<TargetGroupId> {
        let groups = facts.target_groups.entries();
        let has = |group: &TargetGroup| group.targets.iter().flatten().any(|it| of(it.id));
        groups.filter(|(_, group)| has(group)).map(|(id, _)| id).collect()
    };
    let direct = has(&|id| match id {
        TargetId::Instance(of) => instance == Some(of),
        TargetId::Ipv4(at) => IpAddr::V4(Ipv4Addr::from_bits(at)) == target.address,
        TargetId::Ipv6(at) => IpAddr::V6(Ipv6Addr::from_bits(at)) == target.address,
        TargetId::LoadBalancer(_) | TargetId::Function(_) | TargetId::Unknown(_) => false,
    });
    let by = |groups: &BTreeSet<TargetGroupId>| -> BTreeSet<LoadBalancerId> {
        let all = facts.load_balancers.entries();
        let leads = |balancer: &LoadBalancer| {
            let listed = instance.is_some_and(|id| balancer.instances.contains(&id));
            listed || forwards(balancer).any(|group| groups.contains(&group))
        };
        all.filter(|(_, balancer)| leads(balancer)).map(|(id, _)| id).collect()
    };
    let mut all = by(&direct);
    let next = has(&|id| matches!(id, TargetId::LoadBalancer(id) if all.contains(&id)));
    all.extend(by(&next));
    all.into_iter().map(|id| (id, &facts.load_balancers[id])).collect()
}

/// The target groups that a load balancer's listeners name.
fn forwards(balancer: &LoadBalancer) -> impl Iterator<Item = TargetGroupId> {
    let listeners = balancer.listeners.iter().flatten();
    let actions = listeners.flat_map(|listener| {
        let rules = listener.rules.iter().flatten().flat_map(|rule| &rule.actions);
        listener.default_actions.iter().chain(rules)
    });
    actions
        .flat_map(|action| match action {
            ListenerAction::Forward(groups) => groups.as_slice(),
            ListenerAction::ForwardToInstances { .. }
            | ListenerAction::Redirect { .. }
            | ListenerAction::FixedResponse
            | ListenerAction::Authenticate
            | ListenerAction::Unknown(_) => &[],
        })
        .map(|group| group.target_group)
}
