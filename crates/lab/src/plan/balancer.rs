//! Nodes of Application and Classic Load Balancers, which end connections themselves.
//!
//! A node is a host that answers at the ports of the load balancer's listeners, and nowhere
//! else. What it asks of its targets is another connection, from its own address (Elastic
//! Load Balancing guide, "How Elastic Load Balancing works"); none is made here. A Network
//! Load Balancer hands on the client's own packets and is not built.

use std::collections::BTreeSet;

use portolan::model::{
    Component, Interface, ListenerProtocol, LoadBalancer, LoadBalancerKind, LoadBalancerState,
};

use crate::ruleset::{Hook, Ruleset};

/// The ports at which a node answers, or why that is not known.
pub(super) fn ports(
    component: &Component,
    interface: Interface<'_>,
) -> Result<BTreeSet<u16>, &'static str> {
    let unknown = "which load balancer this interface is of is not known";
    let id = component.load_balancer_of(interface.index()).ok_or(unknown)?;
    let balancer = &component.load_balancers[id];
    if !balancer.seen || balancer.contested {
        return Err("this load balancer was not seen");
    }
    match balancer.kind {
        LoadBalancerKind::Application | LoadBalancerKind::Classic => {}
        LoadBalancerKind::Network => return Err("Network Load Balancers are not compiled"),
        LoadBalancerKind::Gateway | LoadBalancerKind::Unknown => {
            return Err("this kind of load balancer is not compiled");
        }
    }
    match balancer.state {
        LoadBalancerState::Active => listening(balancer),
        LoadBalancerState::Provisioning
        | LoadBalancerState::Failed
        | LoadBalancerState::Unknown => Err("whether this load balancer works is not known"),
    }
}

fn listening(balancer: &LoadBalancer) -> Result<BTreeSet<u16>, &'static str> {
    let listeners = balancer.listeners.as_ref().ok_or("its listeners were not seen")?;
    let mut ports = BTreeSet::new();
    for listener in listeners {
        let (false, Some(port), Some(protocol)) =
            (listener.contested, listener.port, listener.protocol)
        else {
            return Err("one of its listeners can't be read");
        };
        match protocol {
            ListenerProtocol::Http
            | ListenerProtocol::Https
            | ListenerProtocol::Tcp
            | ListenerProtocol::Tls
            | ListenerProtocol::TcpUdp
            | ListenerProtocol::TcpQuic => drop(ports.insert(port)),
            // HTTP/3 comes over UDP, which is not built.
            ListenerProtocol::Udp | ListenerProtocol::Quic => {}
            ListenerProtocol::Geneve | ListenerProtocol::Unknown => {
                return Err("one of its listeners can't be read");
            }
        }
    }
    Ok(ports)
}

/// What a node's namespace takes.
pub(super) fn ruleset(ports: &BTreeSet<u16>) -> Ruleset {
    let mut rules = Ruleset::default();
    rules.base_chain(
        "listeners",
        Hook { kind: "filter", hook: "input", priority: 0, policy: "drop" },
    );
    if !ports.is_empty() {
        let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
        rules.rule("listeners", &format!("tcp dport {{ {} }} accept", ports.join(", ")));
    }
    rules
}
