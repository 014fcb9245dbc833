//! One question, put to the specification and to the engine.
//!
//! The engine is asked about an interface, one of its addresses, and a peer's
//! address; the specification about the ends of a flow. What an address may be
//! for whom is settled here, in words of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan::model::{
    Component, ComponentId, Direction, EndpointService, Interface, InterfaceKind, Listing, Network,
    NetworkInterfaceId, Unlisted, VpcEndpoint, VpcId,
};
use portolan::net::{PortSet, Protocol};
use portolan::reach::engine::{Chart, World};
use portolan::reach::spec::{self, End, Flow, TargetPort, Ternary};
use portolan::record::Audience;

/// What either says: the client ports that get answers, surely and perhaps.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) certain: PortSet,
    pub(crate) possible: PortSet,
}

/// A question as the engine takes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Asked {
    pub(crate) direction: Direction,
    pub(crate) component: ComponentId,
    pub(crate) interface: NetworkInterfaceId,
    pub(crate) own: IpAddr,
    pub(crate) peer: IpAddr,
    /// Which way the peer may come.
    pub(crate) audiences: &'static [Audience],
    pub(crate) protocol: Protocol,
    pub(crate) selector: u16,
    /// The target's own port that is asked for by way of a load balancer's node.
    pub(crate) through: Option<TargetPort>,
}

/// The same question to a load balancer's node, about each target's own port that may be
/// behind it.
pub(crate) fn through(network: &Network, asked: &Asked) -> Vec<Asked> {
    let component = &network.components[asked.component];
    let of = asked.interface;
    let is_node = component.load_balancer_of(of).is_some() || component.endpoint_of(of).is_some();
    let ports = asked.protocol == Protocol::Tcp || asked.protocol == Protocol::Udp;
    if !is_node || !ports || asked.direction != Direction::Ingress {
        return Vec::new();
    }
    let groups = component.target_groups.iter();
    let own = groups.clone().flat_map(|group| group.targets.iter().flatten()).map(|it| it.port);
    let mut ports: Vec<u16> = own.chain(groups.map(|group| group.port)).flatten().collect();
    ports.push(80);
    ports.sort_unstable();
    ports.dedup();
    let mut all = Vec::new();
    for interface in component.interfaces.iter() {
        let v4 = interface.ipv4().iter().map(|it| IpAddr::V4(Ipv4Addr::from_bits(it.first)));
        let v6 = interface.ipv6().iter().map(|it| IpAddr::V6(Ipv6Addr::from_bits(it.first)));
        for address in v4.chain(v6) {
            for &port in &ports {
                let target = TargetPort { interface: interface.index(), address, port };
                all.push(Asked { through: Some(target), ..*asked });
            }
        }
    }
    all
}

/// Flows to the listeners of load balancers, from everybody near and from strangers.
pub(crate) fn to_listeners(network: &Network) -> Vec<Flow> {
    let mut flows = Vec::new();
    for (at, component) in network.components.entries() {
        let ends = |interface: Interface<'_>| {
            let v4 = interface.ipv4().first();
            let v6 = interface.ipv6().first();
            let v4 = v4.map(|held| IpAddr::V4(Ipv4Addr::from_bits(held.first)));
            let v6 = v6.map(|held| IpAddr::V6(Ipv6Addr::from_bits(held.first)));
            let end =
                |address| End::Interface { component: at, interface: interface.index(), address };
            [v4.map(end), v6.map(end)].into_iter().flatten().collect::<Vec<End>>()
        };
        let strangers = ["52.0.0.1", "200.0.0.1", "2a05:d000::1"];
        let strangers = strangers.map(|it| End::Internet(it.parse().unwrap()));
        let near = component.interfaces.iter().filter(|it| it.kind() == InterfaceKind::Host);
        let senders: Vec<End> = near.flat_map(ends).chain(strangers).collect();
        let behind = |endpoint: &VpcEndpoint| match &endpoint.behind {
            EndpointService::Provided(provider) => provider.load_balancers.clone(),
            EndpointService::Unknown | EndpointService::Api => Vec::new(),
        };
        for (id, balancer) in component.load_balancers.entries() {
            let endpoints = component.vpc_endpoints.iter().filter(|it| behind(it).contains(&id));
            let nodes = balancer.interfaces.iter().chain(endpoints.flat_map(|it| &it.interfaces));
            let nodes = nodes.map(|&node| component.interface(node));
            let listeners: Vec<u16> =
                balancer.listeners.iter().flatten().filter_map(|it| it.port).collect();
            for to in nodes.flat_map(ends) {
                for (&from, &selector) in
                    senders.iter().flat_map(|from| listeners.iter().map(move |it| (from, it)))
                {
                    if from.address().is_ipv4() == to.address().is_ipv4() {
                        flows.push(Flow { from, to, protocol: Protocol::Tcp, selector });
                    }
                }
            }
        }
    }
    flows
}

/// The questions that a flow is to the engine: to the receiver, to the sender.
pub(crate) fn questions(network: &Network, flow: &Flow) -> Vec<Asked> {
    let mut all = Vec::new();
    for (direction, own, peer) in
        [(Direction::Ingress, flow.to, flow.from), (Direction::Egress, flow.from, flow.to)]
    {
        let Some((component, interface, own)) = interface_of(network, own) else { continue };
        let audiences: &[Audience] = match peer {
            End::Interface { .. } | End::Vpc { .. } => &[Audience::Estate],
            End::Network(_) => &[Audience::Network],
            // A public address may also be that of a host of the network; but
            // nobody there asks for an interface by its public address.
            End::Internet(_) if matches!(flow.to, End::Public(_)) => &[Audience::Internet],
            // Nobody knows the public address of an interface that nobody listed.
            End::Internet(_)
                if direction == Direction::Ingress
                    && peer.address().is_ipv4()
                    && !may_be_public(network, component, interface) =>
            {
                &[Audience::Network]
            }
            End::Internet(_) => &[Audience::Internet, Audience::Network],
            End::Public(_) | End::NatGateway { .. } | End::AmazonService(_) => continue,
        };
        // What an interface that is no host sends to itself nobody asks.
        let itself = network.components[component].interface(interface);
        let to_itself = matches!(peer, End::Interface { interface: other, component: at, .. }
            if (at, other) == (component, interface));
        if to_itself && itself.kind() != InterfaceKind::Host {
            continue;
        }
        let peer = peer.address();
        let (protocol, selector) = (flow.protocol, flow.selector);
        all.push(Asked {
            direction,
            component,
            interface,
            own,
            peer,
            audiences,
            protocol,
            selector,
            through: None,
        });
    }
    all
}

fn may_be_public(network: &Network, at: ComponentId, interface: NetworkInterfaceId) -> bool {
    network.components[at].interface(interface).unlisted() == Some(Unlisted::MaybePublic)
}

fn interface_of(network: &Network, end: End) -> Option<(ComponentId, NetworkInterfaceId, IpAddr)> {
    let (component, interface) = super::flows::interface_at(network, end)?;
    let own = match end {
        End::Public(public) => {
            let held = network.components[component].interface(interface).ipv4().iter();
            let private = held.clone().find(|held| held.public == Some(public))?.first;
            IpAddr::V4(Ipv4Addr::from_bits(private))
        }
        _ => end.address(),
    };
    Some((component, interface, own))
}

/// The engine, for one network.
pub(crate) struct Engines<'n> {
    network: &'n Network,
    world: World,
    charts: Vec<Option<Chart>>,
}

impl<'n> Engines<'n> {
    pub(crate) fn of(network: &'n Network) -> Self {
        let charts = network.components.iter().map(|_| None).collect();
        Self { network, world: World::of(network), charts }
    }

    pub(crate) fn judge(&mut self, asked: &Asked) -> Verdict {
        let number = self.network.components.ids().position(|id| id == asked.component).unwrap();
        let chart = self.charts[number]
            .get_or_insert_with(|| Chart::within(self.network, &self.world, asked.component));
        computed(chart, asked)
    }
}

/// What the engine says.
pub(crate) fn computed(chart: &mut Chart, asked: &Asked) -> Verdict {
    let mut all = Verdict::default();
    for &audience in asked.audiences {
        let own = (asked.interface, asked.own);
        let port = (asked.protocol, asked.selector);
        let judgement = match asked.through {
            None => chart.judge(asked.direction, own, asked.peer, audience, port),
            Some(target) => chart.judge_through(own, asked.peer, audience, port, target),
        };
        all.certain = all.certain.union(&judgement.certain_clients);
        all.possible = all.possible.union(&judgement.possible_clients);
    }
    all
}

/// What the specification says, and whether the engine may say more: it does
/// not look at the filters of other components.
pub(crate) fn specified(network: &Network, asked: &Asked) -> (Verdict, bool) {
    let mut all = Verdict::default();
    let (ends, loose) = peers(network, asked);
    let own = End::Interface {
        component: asked.component,
        interface: asked.interface,
        address: asked.own,
    };
    for peer in ends {
        let (from, to) = match asked.direction {
            Direction::Ingress => (peer, addressed(network, asked, own)),
            Direction::Egress => (own, peer),
        };
        let flow = Flow { from, to, protocol: asked.protocol, selector: asked.selector };
        let judgement = match asked.through {
            None => spec::judge(network, &flow),
            Some(target) => spec::judge_through(network, &flow, target),
        };
        if judgement.forward == Ternary::Yes {
            all.certain = all.certain.union(&judgement.certain_clients);
        }
        if judgement.forward != Ternary::No {
            all.possible = all.possible.union(&judgement.possible_clients);
        }
    }
    (all, loose)
}

/// From the internet an IPv4 address is asked for by its public one.
fn addressed(network: &Network, asked: &Asked, own: End) -> End {
    if asked.audiences != [Audience::Internet] {
        return own;
    }
    let interface = network.components[asked.component].interface(asked.interface);
    let found = interface.ipv4().iter().find(|held| {
        IpAddr::V4(Ipv4Addr::from_bits(held.first)) <= asked.own
            && asked.own <= IpAddr::V4(Ipv4Addr::from_bits(held.last))
    });
    found.and_then(|held| held.public).map_or(own, End::Public)
}

/// Who the peer may be.
fn peers(network: &Network, asked: &Asked) -> (Vec<End>, bool) {
    if asked.audiences != [Audience::Estate] {
        let outside = if is_public(asked.peer) { End::Internet } else { End::Network };
        return (vec![outside(asked.peer)], false);
    }
    let mut ends = Vec::new();
    let mut loose = false;
    for (at, component) in network.components.entries() {
        for vpc in component.vpcs.ids() {
            let holders: Vec<Interface<'_>> = match asked.peer {
                IpAddr::V4(peer) => component.ipv4_holders(vpc, peer.to_bits()).collect(),
                IpAddr::V6(peer) => component.ipv6_holders(vpc, peer.to_bits()).collect(),
            };
            let unheld = End::Vpc { component: at, vpc, address: asked.peer };
            for holder in &holders {
                let same_host = at == asked.component && is_same_host(component, asked, *holder);
                let host = holder.kind() == InterfaceKind::Host;
                // People who come in send as hosts do.
                let sends = host || holder.kind() == InterfaceKind::RemoteAccess;
                if same_host && host {
                    ends.push(unheld);
                } else if !same_host
                    && (sends || at == asked.component && asked.direction == Direction::Egress)
                {
                    loose |= at != asked.component;
                    ends.push(End::Interface {
                        component: at,
                        interface: holder.index(),
                        address: asked.peer,
                    });
                }
            }
            // A service that nobody listed receives what would be nobody's.
            let unlisted: Vec<_> = component.unlisted_holders(vpc, asked.peer).collect();
            let scope = &component.scopes[component.vpcs[vpc].scope];
            let listed = scope.listings.contains(Listing::NetworkInterfaces);
            let receives = asked.direction == Direction::Egress && listed && !unlisted.is_empty();
            if holders.is_empty() && receives {
                // The engine may let one of several in where rules name another.
                loose |= at != asked.component || unlisted.len() > 1;
                ends.extend(unlisted.into_iter().map(|it| End::Interface {
                    component: at,
                    interface: it.index(),
                    address: asked.peer,
                }));
            } else if holders.is_empty() && is_free(component, vpc, asked.peer) {
                // Who holds an address that is sent to the engine does not look at either.
                loose |= at != asked.component && asked.direction == Direction::Egress;
                ends.push(unheld);
            }
        }
    }
    (ends, loose)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => portolan::net::internet_v4().contains(address.to_bits()),
        IpAddr::V6(address) => portolan::net::internet_v6().contains(address.to_bits()),
    }
}

fn is_same_host(component: &Component, asked: &Asked, holder: Interface<'_>) -> bool {
    let own = component.interface(asked.interface);
    holder.index() == asked.interface
        || (holder.instance().is_some() && holder.instance() == own.instance())
}

/// Whether the address is one of a VPC that was seen, and no NAT gateway's.
fn is_free(component: &Component, vpc: VpcId, address: IpAddr) -> bool {
    let translated = component.nat_gateways.iter().any(|nat| {
        nat.vpc == vpc
            && nat.addresses.iter().any(|held| {
                held.private.map(|held| IpAddr::V4(Ipv4Addr::from_bits(held))) == Some(address)
            })
    });
    in_blocks(component, vpc, address) && !translated
}

fn in_blocks(component: &Component, vpc: VpcId, address: IpAddr) -> bool {
    let facts = &component.vpcs[vpc];
    facts.seen
        && match address {
            IpAddr::V4(address) => facts.ipv4.iter().any(|block| block.contains(address.to_bits())),
            IpAddr::V6(address) => facts.ipv6.iter().any(|block| block.contains(address.to_bits())),
        }
}

/// Whether the answers agree.
pub(crate) fn agree(asked: &Asked, specified: &Verdict, engine: &Verdict, loose: bool) -> bool {
    if !loose {
        return specified == engine;
    }
    // Between components the engine goes by what leads to the peer from here.
    // Of a packet that wants no answer the peer's routes say more; and so they
    // do of IPv6, whose answers may come home another way.
    let one_way = asked.protocol.is_icmp()
        && asked.protocol.icmp_replies().iter().all(|&(request, _)| request != asked.selector);
    let at_least = if one_way {
        &PortSet::empty()
    } else if asked.own.is_ipv6() {
        &specified.certain
    } else {
        &specified.possible
    };
    engine.certain.is_subset(&specified.possible) && at_least.is_subset(&engine.possible)
}
