//! Interface endpoints: what answers behind them.
//!
//! An interface endpoint is an interface like another, with groups, an ACL and routes;
//! what comes in is answered by a service, which begins nothing by itself (AWS
//! PrivateLink, "Access an AWS service using an interface VPC endpoint"). It carries
//! TCP, and UDP for services that have it. An API of AWS answers HTTPS. An endpoint
//! service of the estate is a Network Load Balancer: a node in the endpoint's own zone
//! gets the connection and asks its targets with its own address, whatever its target
//! groups say of client addresses ("Create a service powered by AWS PrivateLink"). The
//! load balancer's groups see the client's private address, unless the load balancer
//! does not ask them for what comes through endpoints.

use std::net::IpAddr;

use super::balancer::{By, Choice, Handed, Node, Onward, active, listens, not_listening};
use super::filter::{self, Identity};
use super::trace::Stage;
use super::walk::{Side, Walk};
use super::{Flow, Ternary, needs_reply};
use crate::model::{
    Direction, EndpointProvider, EndpointService, LimitationCode, LoadBalancer, LoadBalancerKind,
    Network, TextId, VpcEndpoint,
};
use crate::net::Protocol;

const HTTPS: u16 = 443;
const HTTP: u16 = 80;

/// The ways on for a packet to an interface endpoint; `None`: the interface is not one of
/// an endpoint that the source describes.
pub(super) fn onwards<'n>(
    network: &'n Network,
    flow: &'n Flow,
    y: Side<'n>,
) -> Option<Vec<Option<Onward<'n>>>> {
    let endpoint = y.component.endpoint_of(y.interface.index())?;
    let endpoint = &y.component.vpc_endpoints[endpoint];
    let behind = Behind { network, flow, y, endpoint };
    let available = match endpoint.available {
        Some(true) => Ternary::Yes,
        Some(false) => {
            let nobody = Handed::Nobody("VPC_ENDPOINT_NOT_AVAILABLE");
            return Some(vec![Some(behind.way(Ternary::Yes, nobody))]);
        }
        None => Ternary::Unknown,
    };
    let Some(ways) = behind.ways() else { return Some(vec![None]) };
    let taken = |way: Onward<'n>| Some(Onward { taken: way.taken.and(available), ..way });
    Some(ways.into_iter().map(taken).collect())
}

/// What is behind one interface of an endpoint.
#[derive(Clone, Copy)]
struct Behind<'n> {
    network: &'n Network,
    flow: &'n Flow,
    y: Side<'n>,
    endpoint: &'n VpcEndpoint,
}

impl<'n> Behind<'n> {
    fn by(self) -> By {
        By {
            component: "vpc-endpoint",
            id: self.endpoint.id,
            place: self.endpoint.place,
            doubt: LimitationCode::EndpointService,
        }
    }

    fn way(self, taken: Ternary, to: Handed<'n>) -> Onward<'n> {
        Onward::by(self.by(), taken, to)
    }

    fn unknown(self) -> Onward<'n> {
        let about = self.endpoint.id;
        self.way(Ternary::Yes, Handed::Unknown(LimitationCode::EndpointService, about))
    }

    fn nobody(self, code: &'static str) -> Onward<'n> {
        self.way(Ternary::Yes, Handed::Nobody(code))
    }

    /// The ways on; `None`: it is not documented what becomes of the packet.
    fn ways(self) -> Option<Vec<Onward<'n>>> {
        const PROTOCOL: &str = "VPCE_INTERFACE_PROTOCOL_RESTRICTION";
        match self.flow.protocol {
            Protocol::Tcp | Protocol::Udp => {}
            // What it does with ICMP that asks for nothing is not documented.
            Protocol::Icmp | Protocol::Icmpv6 if !needs_reply(self.flow) => return None,
            Protocol::Icmp | Protocol::Icmpv6 | Protocol::Other(_) => {
                return Some(vec![self.nobody(PROTOCOL)]);
            }
        }
        let is_tcp = self.flow.protocol == Protocol::Tcp;
        Some(match &self.endpoint.behind {
            EndpointService::Unknown => vec![self.unknown()],
            EndpointService::Api => vec![match self.flow.selector {
                _ if !is_tcp => self.nobody(PROTOCOL),
                HTTPS => self.way(Ternary::Yes, Handed::Itself),
                // Some of them speak HTTP as well.
                HTTP => self.unknown(),
                _ => self.nobody("VPCE_SERVICE_PORT_RESTRICTION"),
            }],
            EndpointService::Provided(provider) => {
                let mut ways = self.provided(provider);
                // UDP is carried where both sides have IPv6 for it.
                if !is_tcp {
                    for way in &mut ways {
                        way.taken = way.taken.and(Ternary::Unknown);
                    }
                }
                ways
            }
        })
    }

    /// An endpoint service of the estate.
    fn provided(self, provider: &'n EndpointProvider) -> Vec<Onward<'n>> {
        let taken = match provider.available {
            Some(true) if !provider.contested => Ternary::Yes,
            Some(_) | None => Ternary::Unknown,
        };
        let mut nodes: Vec<(Ternary, Node<'n>)> = Vec::new();
        let mut ways = Vec::new();
        for &balancer in &provider.load_balancers {
            let balancer = &self.y.component.load_balancers[balancer];
            let here = self.nodes(balancer);
            if here.is_empty() {
                ways.push(self.unknown());
            }
            nodes.extend(here);
        }
        if provider.load_balancers.is_empty() {
            ways.push(self.unknown());
        }
        // One of several is chosen by chance, for all connections of the interface.
        let chosen = if nodes.len() > 1 { Ternary::Unknown } else { Ternary::Yes };
        for (beside, node) in nodes {
            let taken = taken.and(beside).and(chosen);
            ways.extend(self.through(node).into_iter().map(|way| {
                let by = if taken == Ternary::Unknown { self.by() } else { way.by };
                Onward { by, taken: taken.and(way.taken), ..way }
            }));
        }
        ways
    }

    /// The nodes of a load balancer that serve the endpoint's zone, as far as that is
    /// known; none: nobody knows what it does.
    fn nodes(self, balancer: &'n LoadBalancer) -> Vec<(Ternary, Node<'n>)> {
        let described = balancer.kind == LoadBalancerKind::Network
            && balancer.seen
            && !balancer.contested
            && balancer.listeners.is_some();
        if !described {
            return Vec::new();
        }
        let Side { at, component, .. } = self.y;
        let (own, other) = (&component.vpcs[self.y.vpc()], &component.vpcs[balancer.vpc]);
        let zone = component.subnets[self.y.subnet()].zone;
        // Each account has names of its own for zones.
        let comparable = own.seen
            && other.seen
            && (own.owner, own.region) == (other.owner, other.region)
            && !zone.is_empty();
        let mut nodes = Vec::new();
        for &node in &balancer.interfaces {
            let interface = component.interface(node);
            let address = first_address(interface);
            let theirs = component.subnets[interface.subnet()].zone;
            let ids = (
                component.subnets[self.y.subnet()].zone_id,
                component.subnets[interface.subnet()].zone_id,
            );
            // An id is the same for all accounts of a region.
            let by_id = own.seen
                && other.seen
                && own.region == other.region
                && ![own.region, ids.0, ids.1].contains(&TextId::EMPTY);
            let beside = match (comparable && !theirs.is_empty(), theirs == zone) {
                _ if by_id => Ternary::known(ids.0 == ids.1),
                (true, same) => Ternary::known(same),
                (false, _) => Ternary::Unknown,
            };
            if let (Some(address), Ternary::Yes | Ternary::Unknown) = (address, beside) {
                let side = Side { at, component, interface, address };
                nodes.push((beside, Node { side, balancer }));
            }
        }
        nodes
    }

    /// What a node does with the packet.
    fn through(self, node: Node<'n>) -> Vec<Onward<'n>> {
        let balancer = node.balancer;
        let way = |to| {
            let way = Onward::by(By::of(balancer), Ternary::Yes, to);
            Onward { node: Some(node), ..way }
        };
        let mut ways = Vec::new();
        for listener in balancer.listeners.iter().flatten() {
            match listens(listener, self.flow.protocol, self.flow.selector) {
                Ternary::No => {}
                Ternary::Unknown => {
                    let code = LimitationCode::UnreadableValue;
                    ways.push(way(Handed::Unknown(code, balancer.id)));
                }
                Ternary::Yes => {
                    let before = ways.len();
                    let (network, y) = (self.network, node.side);
                    ways.extend(Choice { network, y, balancer, linked: true }.of(listener));
                    if ways.len() == before {
                        ways.push(way(Handed::Nobody("ELBV2_LISTENER_HAS_NO_TG")));
                    }
                }
            }
        }
        if ways.is_empty() {
            ways.push(way(Handed::Nobody(not_listening(balancer))));
        }
        for way in &mut ways {
            way.taken = way.taken.and(active(balancer));
        }
        ways
    }
}

fn first_address(interface: crate::model::Interface<'_>) -> Option<IpAddr> {
    let v4 = interface.ipv4().first().map(|held| IpAddr::V4(held.first.into()));
    v4.or_else(|| interface.ipv6().first().map(|held| IpAddr::V6(held.first.into())))
}

impl<'n> Walk<'n> {
    /// From an endpoint's interface to a load balancer's node. `far`: the client.
    pub(super) fn link(&mut self, y: Side<'n>, far: IpAddr, node: Node<'n>) -> Ternary {
        let Node { side, balancer } = node;
        let step = y.step("vpc-endpoint", "forward", Stage::Ingress);
        self.trace.step(super::Step { towards: balancer.id, ..step });
        let headers = self.headers(far);
        let groups = |walk: &mut Self| {
            filter::groups(
                side.component,
                side.interface,
                Direction::Ingress,
                headers,
                Identity::Linked,
                &mut walk.trace,
            )
        };
        let admitted = match balancer.filters_private_link {
            Some(true) => groups(self),
            Some(false) => Ternary::Yes,
            None => {
                let admitted = self.unnoted(groups);
                self.or_unknown(admitted, balancer)
            }
        };
        // Whether the ACL of the node's subnet is asked is not documented.
        let acl = self.unnoted(|walk| {
            filter::acl(side.component, side.subnet(), Stage::Ingress, headers, &mut walk.trace)
        });
        admitted.and(self.or_unknown(acl, balancer))
    }

    /// From a load balancer's node back to an endpoint's interface.
    pub(super) fn link_back(&mut self, far: IpAddr, node: Node<'n>) -> Ternary {
        let Node { side, balancer } = node;
        let headers = self.headers(far);
        let acl = self.unnoted(|walk| {
            filter::acl(side.component, side.subnet(), Stage::Egress, headers, &mut walk.trace)
        });
        self.or_unknown(acl, balancer)
    }

    fn or_unknown(&mut self, acl: Ternary, balancer: &LoadBalancer) -> Ternary {
        match acl {
            Ternary::Yes => Ternary::Yes,
            Ternary::Unknown | Ternary::No => {
                self.trace.unknown(LimitationCode::EndpointService, balancer.id)
            }
        }
    }
}
