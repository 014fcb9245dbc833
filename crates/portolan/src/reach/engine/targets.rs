//! The targets behind a load balancer's node, each by itself.
//!
//! What a node lets on is asked together where its ports are asked for. Who goes on from
//! host to host asks it by target. A Network Load Balancer passes connections on: what it
//! hands to a target is known as well as its ports are. An Application Load Balancer and a
//! Classic one ask the target themselves: no packet of the client gets there, what the
//! client asks for does, and nothing of it is more than possible.

use std::sync::Arc;

use super::Engine;
use super::balancer::{
    Answering, Back, ByTarget, From, Onward, Ways, modelled, numbered, primary, takes,
};
use super::truth::Truth;
use crate::model::{
    Component, Interface, InterfaceKind, Listener, ListenerAction, LoadBalancer, LoadBalancerKind,
    NetworkInterfaceId, Target, TargetGroup, TargetId,
};
use crate::net::{Bounds, HeaderSpace, Match, Protocol, SpaceId};

/// What one target gets of what comes to a node.
#[derive(Clone, Debug)]
pub(crate) struct Handed {
    /// The target.
    pub(crate) target: NetworkInterfaceId,
    /// Its protocol and port.
    pub(crate) port: (Protocol, u16),
    /// What clients ask the node for.
    pub(crate) listener: Match,
    /// Whether the load balancer asks by itself, so that only requests get through.
    pub(crate) requests: bool,
    /// The ways there.
    pub(crate) onwards: Vec<Onward>,
}

impl Engine {
    /// Who gets what comes to a node's addresses of a family.
    pub(crate) fn handed_to(&mut self, node: NetworkInterfaceId, v4: bool) -> Vec<Handed> {
        let component = Arc::clone(&self.ground.component);
        let Some(balancer) = modelled(&component, node) else { return Vec::new() };
        let requests = balancer.kind != LoadBalancerKind::Network;
        let interface = component.interface(node);
        let targets = match requests {
            false => self.ways_on(&component, balancer, interface, v4).by_target,
            true => self.asked(&component, balancer, interface, v4),
        };
        let mut all = Vec::new();
        for ByTarget { target, port, listener, ways } in targets {
            let mut onwards = Vec::new();
            for (back, forward) in ways {
                let forward = numbered(&mut self.handed, forward);
                let back = (back != Back::all()).then(|| numbered(&mut self.backs, back));
                onwards.push(Onward { forward, back });
            }
            all.push(Handed { target, port, listener, requests, onwards });
        }
        all
    }

    /// The targets that a load balancer asks by itself.
    fn asked(
        &mut self,
        component: &Component,
        balancer: &LoadBalancer,
        node: Interface<'_>,
        v4: bool,
    ) -> Vec<ByTarget> {
        let from = From { balancer, node, v4, active: Truth::Maybe };
        let mut ways = Ways::default();
        for listener in balancer.listeners.iter().flatten() {
            for (protocol, ports, _) in takes(listener) {
                let rule = Match::Ports(protocol, ports);
                for action in actions(listener) {
                    self.asked_by(component, from, action, rule, &mut ways);
                }
            }
        }
        ways.by_target
    }

    fn asked_by(
        &mut self,
        component: &Component,
        from: From<'_>,
        action: &ListenerAction,
        rule: Match,
        ways: &mut Ways,
    ) {
        match action {
            ListenerAction::Forward(groups) => {
                for group in groups.iter().filter(|group| group.weight != Some(0)) {
                    let group = &component.target_groups[group.target_group];
                    let known = group.seen && group.vpc == Some(from.node.vpc());
                    let targets = group.targets.as_deref().unwrap_or_default();
                    for target in targets {
                        let holders = self.holders(component, from, group, target);
                        match (holders, target.port.or(group.port)) {
                            (Some(holders), Some(port)) if known => {
                                self.asks(component, from, (&holders, port), rule, ways);
                            }
                            _ => {
                                let one = std::slice::from_ref(target);
                                self.perhaps_to(component, group, one, rule, ways);
                            }
                        }
                    }
                }
            }
            ListenerAction::ForwardToInstances { port, .. } => {
                let Some(port) = *port else { return };
                let behind = |it: &Interface<'_>| {
                    it.seen()
                        && it.instance().is_some_and(|id| from.balancer.instances.contains(&id))
                };
                let holders: Vec<Answering<'_>> = component
                    .interfaces
                    .iter()
                    .filter(behind)
                    .filter_map(|interface| {
                        let address = primary(interface, false)?;
                        Some(Answering { interface, address })
                    })
                    .collect();
                self.asks(component, from, (&holders, port), rule, ways);
            }
            ListenerAction::Redirect
            | ListenerAction::FixedResponse
            | ListenerAction::Authenticate
            | ListenerAction::Unknown(_) => {}
        }
    }

    fn asks(
        &mut self,
        component: &Component,
        from: From<'_>,
        (holders, port): (&[Answering<'_>], u16),
        rule: Match,
        ways: &mut Ways,
    ) {
        for &holder in holders {
            let mut own = Ways::default();
            // Requests to a target over UDP there are none.
            let tcp = match rule {
                Match::Ports(Protocol::Tcp, ports) => Match::Ports(Protocol::Tcp, ports),
                Match::Ports(..) | Match::All => continue,
            };
            self.target(component, from, (holder, port), (Truth::Maybe, false), tcp, &mut own);
            ways.take((holder, port), rule, own, &mut self.sets);
        }
    }

    /// Targets of which it is not known whether, and how, something gets there: whoever
    /// holds the address.
    pub(super) fn perhaps_to(
        &mut self,
        component: &Component,
        group: &TargetGroup,
        targets: &[Target],
        rule: Match,
        ways: &mut Ways,
    ) {
        let Match::Ports(protocol, _) = rule else { return };
        let all = self.sets.intern_space(HeaderSpace::of(&rule, crate::net::IpSetId::ALL));
        let forward: Bounds<SpaceId> = Bounds::at_most(all);
        for target in targets {
            let Some(port) = target.port.or(group.port) else { continue };
            for interface in holders_anywhere(component, target.id) {
                ways.by_target.push(ByTarget {
                    target: interface,
                    port: (protocol, port),
                    listener: rule,
                    ways: vec![(Back::all(), forward)],
                });
            }
        }
    }
}

/// What a listener does with requests, by any of its rules.
fn actions(listener: &Listener) -> impl Iterator<Item = &ListenerAction> {
    let rules = listener.rules.iter().flatten();
    listener.default_actions.iter().chain(rules.flat_map(|rule| &rule.actions))
}

/// The hosts that a target's id may mean, in any VPC of the component.
fn holders_anywhere(component: &Component, id: TargetId) -> Vec<NetworkInterfaceId> {
    let hosts = |it: &Interface<'_>| match it.kind() {
        InterfaceKind::Host | InterfaceKind::Managed | InterfaceKind::LoadBalancer => it.seen(),
        InterfaceKind::NatGateway | InterfaceKind::TransitGateway => false,
    };
    let found: Vec<Interface<'_>> = match id {
        TargetId::Instance(instance) => {
            component.interfaces.iter().filter(|it| it.instance() == Some(instance)).collect()
        }
        TargetId::Ipv4(address) => {
            component.vpcs.ids().flat_map(|vpc| component.ipv4_holders(vpc, address)).collect()
        }
        TargetId::Ipv6(address) => {
            component.vpcs.ids().flat_map(|vpc| component.ipv6_holders(vpc, address)).collect()
        }
        TargetId::LoadBalancer(_) | TargetId::Function(_) | TargetId::Unknown(_) => Vec::new(),
    };
    found.into_iter().filter(hosts).map(|it| it.index()).collect()
}
