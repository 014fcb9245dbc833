//! Which targets a load balancer's node may choose, and what they see of its clients.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{By, Handed, Node, Onward};
use crate::model::{
    CrossZone, InstanceId, Interface, IpAddressType, LimitationCode, Listener, ListenerAction,
    ListenerProtocol, Listing, LoadBalancer, LoadBalancerKind, Network, Target, TargetGroup,
    TargetHealth, TargetId, TargetKind, TextId,
};
use crate::reach::spec::Ternary;
use crate::reach::spec::walk::Side;

/// The choice among targets at one node.
#[derive(Clone, Copy)]
pub(in crate::reach::spec) struct Choice<'n> {
    pub(in crate::reach::spec) network: &'n Network,
    pub(in crate::reach::spec) y: Side<'n>,
    pub(in crate::reach::spec) balancer: &'n LoadBalancer,
    /// What comes in comes through an endpoint.
    pub(in crate::reach::spec) linked: bool,
}

impl<'n> Choice<'n> {
    /// The ways on from a listener.
    pub(in crate::reach::spec) fn of(self, listener: &'n Listener) -> Vec<Onward<'n>> {
        let mut ways = Vec::new();
        for action in &listener.default_actions {
            match action {
                ListenerAction::Forward(groups) => {
                    for group in groups.iter().filter(|group| group.weight != Some(0)) {
                        ways.extend(
                            self.within(&self.y.component.target_groups[group.target_group]),
                        );
                    }
                }
                ListenerAction::ForwardToInstances { .. }
                | ListenerAction::Redirect { .. }
                | ListenerAction::FixedResponse
                | ListenerAction::Authenticate
                | ListenerAction::Unknown(_) => ways.push(self.unknown(self.balancer.id)),
            }
        }
        ways
    }

    fn way(self, taken: Ternary, to: Handed<'n>) -> Onward<'n> {
        let node = Node { side: self.y, balancer: self.balancer };
        let node = self.linked.then_some(node);
        Onward { node, ..Onward::by(By::of(self.balancer), taken, to) }
    }

    fn unknown(self, about: TextId) -> Onward<'n> {
        self.way(Ternary::Yes, Handed::Unknown(LimitationCode::LoadBalancer, about))
    }

    /// The ways on to a target group.
    pub(super) fn within(self, group: &'n TargetGroup) -> Vec<Onward<'n>> {
        let vpc = group.vpc.filter(|_| group.seen && !group.contested);
        let (Some(vpc), Some(targets)) = (vpc, &group.targets) else {
            let code = match group.seen {
                true => LimitationCode::LoadBalancer,
                false => LimitationCode::UnknownTargetGroup,
            };
            return vec![self.way(Ternary::Yes, Handed::Unknown(code, group.id))];
        };
        if vpc != self.y.vpc() {
            return vec![self.unknown(group.id)];
        }
        let mut ways = Vec::new();
        for target in targets {
            let chosen = self.chosen(group, targets, target);
            if chosen.0 == Ternary::No {
                continue;
            }
            for way in self.reached(group, target) {
                let taken = way.taken.and(chosen.0);
                ways.push(Onward { taken, assumed: way.assumed || chosen.1, ..way });
            }
        }
        if ways.is_empty() {
            ways.push(self.way(Ternary::Yes, Handed::Nobody("ELBV2_NO_TARGETS_IN_AZ")));
        }
        ways
    }

    /// Whether the node may choose a target, and whether a default is assumed.
    fn chosen(self, group: &TargetGroup, targets: &[Target], target: &Target) -> (Ternary, bool) {
        let (near, assumed) = self.in_reach(group, target);
        let serves = |target: &Target| {
            matches!(target.health, TargetHealth::Healthy | TargetHealth::Unavailable)
        };
        let healthy = match target.health {
            TargetHealth::Healthy | TargetHealth::Unavailable => Ternary::Yes,
            // It is used if there is nobody better.
            TargetHealth::Unhealthy => {
                let better = targets
                    .iter()
                    .any(|it| serves(it) && self.in_reach(group, it).0 == Ternary::Yes);
                let perhaps = targets.iter().any(|it| it.health != TargetHealth::Unhealthy);
                match (better, perhaps) {
                    (true, _) => Ternary::No,
                    (false, true) => Ternary::Unknown,
                    (false, false) => Ternary::Yes,
                }
            }
            TargetHealth::Initial
            | TargetHealth::Draining
            | TargetHealth::Unused
            | TargetHealth::Unknown => Ternary::Unknown,
        };
        let sure = if target.contested { Ternary::Unknown } else { Ternary::Yes };
        (near.and(healthy).and(sure), assumed)
    }

    /// Whether a target is in the node's zone, or the node uses those of all zones.
    fn in_reach(self, group: &TargetGroup, target: &Target) -> (Ternary, bool) {
        let of_balancer = match self.balancer.kind {
            LoadBalancerKind::Application => Some(true),
            LoadBalancerKind::Network
            | LoadBalancerKind::Classic
            | LoadBalancerKind::Gateway
            | LoadBalancerKind::Unknown => {
                self.balancer.attributes.map(|all| all.cross_zone.unwrap_or(false))
            }
        };
        let across = match group.attributes.map(|all| all.cross_zone) {
            Some(Some(CrossZone::On)) => Some(true),
            Some(Some(CrossZone::Off)) => Some(false),
            Some(Some(CrossZone::OfLoadBalancer) | None) => of_balancer,
            None => None,
        };
        let assumed = across.is_none();
        let across = (across.or(of_balancer).unwrap_or(false), assumed);
        match (self.beside(group, target), across) {
            (Ternary::Yes, _) => (Ternary::Yes, false),
            (_, (true, assumed)) => (Ternary::Yes, assumed),
            (Ternary::No, (false, false)) => (Ternary::No, false),
            (Ternary::No | Ternary::Unknown, (false, _)) => (Ternary::Unknown, false),
        }
    }

    /// Whether a target is in the node's own zone.
    fn beside(self, group: &TargetGroup, target: &Target) -> Ternary {
        if self.network.text(target.zone) == "all" {
            return Ternary::Yes;
        }
        let zones: Vec<TextId> = match target.zone.is_empty() {
            false => vec![target.zone],
            true => self
                .sides(group.ip_address_type, target.id)
                .into_iter()
                .flatten()
                .map(zone_of)
                .collect(),
        };
        self.is_zone(&zones)
    }

    /// Whether the node's zone is the one of these.
    fn is_zone(self, zones: &[TextId]) -> Ternary {
        let own = zone_of(self.y);
        if own.is_empty() || zones.is_empty() || zones.iter().any(|zone| zone.is_empty()) {
            return Ternary::Unknown;
        }
        Ternary::whichever(zones.iter().map(|&zone| Ternary::known(zone == own)))
    }

    /// The ways on to a target that is chosen.
    fn reached(self, group: &TargetGroup, target: &Target) -> Vec<Onward<'n>> {
        let port = target.port.or(group.port);
        let (Some(port), Some(sides)) = (port, self.sides(group.ip_address_type, target.id)) else {
            return vec![self.unknown(group.id)];
        };
        if sides.is_empty() {
            return vec![self.way(Ternary::Yes, Handed::Nobody("TARGET_ADDRESS_RESTRICTION"))];
        }
        // One of several interfaces of an instance is its primary one; any node of a
        // load balancer may be asked.
        let one_of = matches!(target.id, TargetId::LoadBalancer(_)) || sides.len() == 1;
        let taken = if one_of { Ternary::Yes } else { Ternary::Unknown };
        let (preserved, sure) = match self.balancer.kind {
            LoadBalancerKind::Network if !self.linked => preservation(group),
            // The connection is the load balancer's own.
            LoadBalancerKind::Network
            | LoadBalancerKind::Application
            | LoadBalancerKind::Classic
            | LoadBalancerKind::Gateway
            | LoadBalancerKind::Unknown => (false, true),
        };
        let mut ways = Vec::new();
        for target in sides {
            let to = Handed::Target { target, port, preserved };
            ways.push(Onward { assumed: !sure, ..self.way(taken, to) });
            if !sure {
                let to = Handed::Target { target, port, preserved: !preserved };
                ways.push(self.way(Ternary::Unknown, to));
            }
        }
        ways
    }

    /// The ways on to an instance of a Classic Load Balancer. That it is in service is
    /// assumed: no listing that we read says so.
    pub(super) fn instance(self, instance: InstanceId, port: u16) -> Vec<Onward<'n>> {
        let sides = self.sides(IpAddressType::Ipv4, TargetId::Instance(instance));
        let Some(sides) = sides else { return vec![self.unknown(self.balancer.id)] };
        let zones: Vec<TextId> = sides.iter().copied().map(zone_of).collect();
        let crosses = self.balancer.attributes.and_then(|all| all.cross_zone);
        let near = match (crosses, self.is_zone(&zones)) {
            (Some(true), _) | (_, Ternary::Yes) => Ternary::Yes,
            (Some(false), near) => near,
            (None, _) => Ternary::Unknown,
        };
        let one_of = if sides.len() == 1 { Ternary::Yes } else { Ternary::Unknown };
        let way = |target| {
            let to = Handed::Target { target, port, preserved: false };
            Onward { assumed: true, ..self.way(near.and(one_of), to) }
        };
        sides.into_iter().map(way).collect()
    }

    /// The interfaces that may be a target, at the address that is asked; `None`: not known.
    fn sides(self, family: IpAddressType, target: TargetId) -> Option<Vec<Side<'n>>> {
        let Side { at, component, .. } = self.y;
        let vpc = self.y.vpc();
        let all_listed = || {
            let scope = &component.scopes[component.vpcs[vpc].scope];
            component.vpcs[vpc].seen && scope.listings.contains(Listing::NetworkInterfaces)
        };
        let side = |interface: Interface<'n>, address| Side { at, component, interface, address };
        let found: Vec<Side<'n>> = match target {
            TargetId::Instance(instance) => {
                let mut sides = Vec::new();
                let its = |it: &Interface<'n>| it.seen() && it.instance() == Some(instance);
                for interface in component.interfaces.iter().filter(its) {
                    sides.push(side(interface, first(interface, family)?));
                }
                sides
            }
            TargetId::Ipv4(address) => {
                if !component.vpcs[vpc].ipv4.iter().any(|block| block.contains(address)) {
                    return None;
                }
                let at = IpAddr::V4(Ipv4Addr::from_bits(address));
                component.ipv4_holders(vpc, address).map(|it| side(it, at)).collect()
            }
            TargetId::Ipv6(address) => {
                if !component.vpcs[vpc].ipv6.iter().any(|block| block.contains(address)) {
                    return None;
                }
                let at = IpAddr::V6(Ipv6Addr::from_bits(address));
                component.ipv6_holders(vpc, address).map(|it| side(it, at)).collect()
            }
            TargetId::LoadBalancer(id) => {
                let nodes = component.load_balancers[id].interfaces.iter();
                let mut sides = Vec::new();
                for interface in nodes.map(|&node| component.interface(node)) {
                    sides.push(side(interface, first(interface, family)?));
                }
                // Those of one that was not listed are not known.
                return (!sides.is_empty()).then_some(sides);
            }
            TargetId::Function(_) | TargetId::Unknown(_) => return None,
        };
        (!found.is_empty() || all_listed()).then_some(found)
    }
}

fn zone_of(side: Side<'_>) -> TextId {
    side.component.subnets[side.subnet()].zone
}

/// The primary address of an interface in the family of a target group.
pub(super) fn first(interface: Interface<'_>, family: IpAddressType) -> Option<IpAddr> {
    match family {
        IpAddressType::Ipv6 => {
            interface.ipv6().first().map(|held| IpAddr::V6(Ipv6Addr::from_bits(held.first)))
        }
        IpAddressType::Ipv4
        | IpAddressType::DualStack
        | IpAddressType::DualStackWithoutPublicIpv4
        | IpAddressType::Unknown => {
            interface.ipv4().first().map(|held| IpAddr::V4(Ipv4Addr::from_bits(held.first)))
        }
    }
}

/// Whether targets of a group see the client's address, and whether that is sure.
fn preservation(group: &TargetGroup) -> (bool, bool) {
    let by_default = group.kind == TargetKind::Instance;
    if group.kind == TargetKind::LoadBalancer {
        return (true, true);
    }
    match group.protocol {
        Some(
            ListenerProtocol::Udp
            | ListenerProtocol::TcpUdp
            | ListenerProtocol::Quic
            | ListenerProtocol::TcpQuic,
        ) => (true, true),
        Some(ListenerProtocol::Tcp | ListenerProtocol::Tls) => match group.attributes {
            Some(said) => (said.preserve_client_ip.unwrap_or(by_default), true),
            None => (by_default, false),
        },
        Some(
            ListenerProtocol::Http
            | ListenerProtocol::Https
            | ListenerProtocol::Geneve
            | ListenerProtocol::Unknown,
        )
        | None => (by_default, false),
    }
}
