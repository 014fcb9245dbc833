//! Which targets a node may choose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Answering, From};
use crate::model::{
    Component, CrossZone, InstanceId, Interface, IpAddressType, ListenerProtocol, Listing,
    LoadBalancerKind, Target, TargetGroup, TargetHealth, TargetId, TargetKind, TextId,
    WeightedTargetGroup,
};
use crate::reach::engine::Engine;
use crate::reach::engine::truth::Truth;

/// The targets that a node may choose for a listener.
pub(super) struct Choice<'c> {
    pub(super) targets: Vec<Chosen<'c>>,
    /// Whether these are all that there may be.
    pub(super) whole: bool,
}

/// A target that may be chosen.
pub(super) struct Chosen<'c> {
    pub(super) target: Answering<'c>,
    pub(super) port: u16,
    pub(super) truth: Truth,
    /// Whether it sees the client's address, and whether that is known.
    preserved: (bool, bool),
}

impl Chosen<'_> {
    /// What the target may see of a client, each with how sure the choice is then.
    pub(super) fn readings(&self, truth: Truth) -> Vec<(bool, Truth)> {
        let (preserved, known) = self.preserved;
        let mut readings = vec![(preserved, truth)];
        if !known {
            readings.push((!preserved, truth.and(Truth::Maybe)));
        }
        readings
    }
}

impl Engine {
    /// The targets of a forward action.
    pub(super) fn choice<'c>(
        &self,
        component: &'c Component,
        from: From<'_>,
        groups: &[WeightedTargetGroup],
    ) -> Choice<'c> {
        let mut choice = Choice { targets: Vec::new(), whole: true };
        for group in groups.iter().filter(|group| group.weight != Some(0)) {
            let group = &component.target_groups[group.target_group];
            let targets = match &group.targets {
                Some(targets)
                    if group.seen && !group.contested && group.vpc == Some(from.node.vpc()) =>
                {
                    targets
                }
                Some(_) | None => {
                    choice.whole = false;
                    continue;
                }
            };
            for target in targets {
                let chosen = self.chosen(component, from, (group, targets), target);
                if chosen == Truth::No {
                    continue;
                }
                let port = target.port.or(group.port);
                let holders = self.holders(component, from, group.ip_address_type, target.id);
                let (Some(port), Some(holders)) = (port, holders) else {
                    choice.whole = false;
                    continue;
                };
                let any = matches!(target.id, TargetId::LoadBalancer(_));
                let sure = Truth::from(any || holders.len() == 1);
                let truth = chosen.and(sure.max(Truth::Maybe));
                let preserved = preserves(group);
                let targets = holders.into_iter();
                choice.targets.extend(targets.map(|target| Chosen {
                    target,
                    port,
                    truth,
                    preserved,
                }));
            }
        }
        choice
    }

    /// An instance of a Classic Load Balancer as a target. That it is in service is assumed.
    pub(super) fn instance<'c>(
        &self,
        component: &'c Component,
        from: From<'_>,
        instance: InstanceId,
        port: u16,
    ) -> Vec<Chosen<'c>> {
        let id = TargetId::Instance(instance);
        let holders = self.holders(component, from, IpAddressType::Ipv4, id).unwrap_or_default();
        let zones: Vec<TextId> =
            holders.iter().map(|holder| zone_of(component, holder.interface)).collect();
        let crosses = from.balancer.attributes.and_then(|all| all.cross_zone);
        let near = match (beside(component, from, &zones), crosses) {
            (Truth::Yes, _) | (_, Some(true)) => Truth::Yes,
            (beside, Some(false)) => beside,
            (_, None) => Truth::Maybe,
        };
        let truth = near.and(if holders.len() == 1 { Truth::Yes } else { Truth::Maybe });
        let preserved = (false, true);
        holders.into_iter().map(|target| Chosen { target, port, truth, preserved }).collect()
    }

    /// Whether a node may choose a target.
    fn chosen(
        &self,
        component: &Component,
        from: From<'_>,
        (group, targets): (&TargetGroup, &[Target]),
        target: &Target,
    ) -> Truth {
        let near = self.near(component, from, group, target);
        let well =
            |it: &Target| matches!(it.health, TargetHealth::Healthy | TargetHealth::Unavailable);
        let healthy = match target.health {
            TargetHealth::Healthy | TargetHealth::Unavailable => Truth::Yes,
            TargetHealth::Unhealthy => {
                if targets.iter().all(|it| it.health == TargetHealth::Unhealthy) {
                    Truth::Yes
                } else if targets
                    .iter()
                    .any(|it| well(it) && self.near(component, from, group, it) == Truth::Yes)
                {
                    Truth::No
                } else {
                    Truth::Maybe
                }
            }
            TargetHealth::Initial
            | TargetHealth::Draining
            | TargetHealth::Unused
            | TargetHealth::Unknown => Truth::Maybe,
        };
        let told = if target.contested { Truth::Maybe } else { Truth::Yes };
        near.and(healthy).and(told)
    }

    /// Whether a node uses the zone of a target.
    fn near(
        &self,
        component: &Component,
        from: From<'_>,
        group: &TargetGroup,
        target: &Target,
    ) -> Truth {
        let beside = if Some(target.zone) == self.ground.all_zones {
            Truth::Yes
        } else if !target.zone.is_empty() {
            beside(component, from, &[target.zone])
        } else {
            let holders = self.holders(component, from, group.ip_address_type, target.id);
            let holders = holders.into_iter().flatten();
            let zones: Vec<TextId> =
                holders.map(|holder| zone_of(component, holder.interface)).collect();
            beside(component, from, &zones)
        };
        if beside == Truth::Yes {
            return Truth::Yes;
        }
        // By default nodes keep to their zone; of what was not collected that is not sure.
        let application = from.balancer.kind == LoadBalancerKind::Application;
        let (crosses, sure) = match (group.attributes, from.balancer.attributes) {
            (Some(group), _) if application => (group.cross_zone != Some(CrossZone::Off), true),
            (None, _) if application => (true, false),
            (Some(group), balancer) => match (group.cross_zone, balancer) {
                (Some(CrossZone::On), _) => (true, true),
                (Some(CrossZone::Off), _) => (false, true),
                (Some(CrossZone::OfLoadBalancer) | None, Some(balancer)) => {
                    (balancer.cross_zone == Some(true), true)
                }
                (Some(CrossZone::OfLoadBalancer) | None, None) => (false, false),
            },
            (None, Some(balancer)) => (balancer.cross_zone == Some(true), false),
            (None, None) => (false, false),
        };
        match (crosses, sure) {
            (true, _) => Truth::Yes,
            (false, true) => beside,
            (false, false) => Truth::Maybe,
        }
    }

    /// The interfaces that may be a target; `None`: not known.
    fn holders<'c>(
        &self,
        component: &'c Component,
        from: From<'_>,
        family: IpAddressType,
        target: TargetId,
    ) -> Option<Vec<Answering<'c>>> {
        let vpc = from.node.vpc();
        let facts = &component.vpcs[vpc];
        let v6 = family == IpAddressType::Ipv6;
        let found: Vec<Answering<'c>> = match target {
            TargetId::Instance(instance) => self
                .ground
                .by_instance
                .get(&instance)
                .into_iter()
                .flatten()
                .map(|&interface| component.interface(interface))
                .map(|it| primary(it, v6).map(|address| Answering { interface: it, address }))
                .collect::<Option<_>>()?,
            TargetId::Ipv4(address) => {
                facts.ipv4.iter().find(|block| block.contains(address))?;
                let at = IpAddr::V4(Ipv4Addr::from_bits(address));
                let held = component.ipv4_holders(vpc, address);
                held.map(|interface| Answering { interface, address: at }).collect()
            }
            TargetId::Ipv6(address) => {
                facts.ipv6.iter().find(|block| block.contains(address))?;
                let at = IpAddr::V6(Ipv6Addr::from_bits(address));
                let held = component.ipv6_holders(vpc, address);
                held.map(|interface| Answering { interface, address: at }).collect()
            }
            TargetId::LoadBalancer(balancer) => {
                let nodes = &component.load_balancers[balancer].interfaces;
                if nodes.is_empty() {
                    return None;
                }
                let nodes = nodes.iter().map(|&node| component.interface(node));
                return nodes
                    .map(|it| primary(it, v6).map(|address| Answering { interface: it, address }))
                    .collect();
            }
            TargetId::Function(_) | TargetId::Unknown(_) => return None,
        };
        let listed = component.scopes[facts.scope].listings.contains(Listing::NetworkInterfaces);
        (!found.is_empty() || (facts.seen && listed)).then_some(found)
    }
}

fn zone_of(component: &Component, interface: Interface<'_>) -> TextId {
    component.subnets[interface.subnet()].zone
}

/// Whether a node is in the zone of these.
fn beside(component: &Component, from: From<'_>, zones: &[TextId]) -> Truth {
    let own = zone_of(component, from.node);
    let known = !own.is_empty() && !zones.is_empty() && zones.iter().all(|it| !it.is_empty());
    let here = zones.iter().filter(|zone| **zone == own).count();
    if !known || (here > 0 && here < zones.len()) {
        return Truth::Maybe;
    }
    Truth::from(here > 0)
}

/// The primary address of an interface in a family.
pub(super) fn primary(interface: Interface<'_>, v6: bool) -> Option<IpAddr> {
    if v6 {
        let held = interface.ipv6().first()?;
        return Some(IpAddr::V6(Ipv6Addr::from_bits(held.first)));
    }
    let held = interface.ipv4().first()?;
    Some(IpAddr::V4(Ipv4Addr::from_bits(held.first)))
}

/// Whether a group's targets see their clients' addresses, and whether that is known.
fn preserves(group: &TargetGroup) -> (bool, bool) {
    let instances = group.kind == TargetKind::Instance;
    match (group.kind, group.protocol) {
        (TargetKind::LoadBalancer, _)
        | (
            _,
            Some(
                ListenerProtocol::Udp
                | ListenerProtocol::TcpUdp
                | ListenerProtocol::Quic
                | ListenerProtocol::TcpQuic,
            ),
        ) => (true, true),
        (_, Some(ListenerProtocol::Tcp | ListenerProtocol::Tls)) => {
            let said = group.attributes.map(|attributes| attributes.preserve_client_ip);
            (said.flatten().unwrap_or(instances), said.is_some())
        }
        (_, _) => (instances, false),
    }
}
