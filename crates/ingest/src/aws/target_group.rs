//! Target groups and their targets.

use std::net::{Ipv4Addr, Ipv6Addr};

use portolan::model::{
    CrossZone, HealthCheck, HealthCheckPort, InstanceId, LimitationCode, LoadBalancerId, Target,
    TargetGroup, TargetGroupAttributes, TargetHealth, TargetId, TargetKind, VpcId,
};

use super::field::Str;
use super::load_balancer::{ip_address_type, port, truth};
use super::network::id;
use super::sink::Cx;
use super::words::load_balancer as words;
use crate::detect;

/// An element of `describe-target-groups`.
pub(crate) fn target_group(cx: &mut Cx<'_>, given: &words::TargetGroup<'_>) {
    let id = id(cx, "TargetGroupArn");
    cx.region(&Str::Absent, &given.target_group_arn);
    let kind = match given.target_type.as_str() {
        "instance" => TargetKind::Instance,
        "ip" => TargetKind::Ip,
        "lambda" => TargetKind::Lambda,
        "alb" => TargetKind::LoadBalancer,
        other => {
            cx.unknown("TargetType", other);
            TargetKind::Unknown
        }
    };
    let (mut protocol, mut port, mut contested) = (None, None, false);
    if kind != TargetKind::Lambda {
        protocol = Some(super::load_balancer::protocol(cx, "Protocol", given.protocol.as_str()));
        port = super::load_balancer::port(cx, "Port", &given.port);
        contested = port.is_none();
    }
    if given.load_balancer_arns.is_damaged() {
        cx.unreadable("LoadBalancerArns");
        contested = true;
    }
    let mut load_balancers = Vec::new();
    for arn in given.load_balancer_arns.items() {
        load_balancers.push(LoadBalancerId::named(cx.intern(arn)));
    }
    let check = match given.health_check_port.as_str() {
        "traffic-port" => HealthCheckPort::OfTraffic,
        "" => HealthCheckPort::Unknown,
        port => match port.parse() {
            Ok(port) => HealthCheckPort::Port(port),
            Err(_) => {
                cx.unknown("HealthCheckPort", port);
                HealthCheckPort::Unknown
            }
        },
    };
    let vpc = cx.text("VpcId", &given.vpc_id);
    let name = cx.intern(given.target_group_name.as_str());
    let ip_address_type = ip_address_type(cx, &given.ip_address_type);
    cx.add(TargetGroup {
        id,
        place: cx.place,
        name,
        kind,
        protocol,
        port,
        vpc: (!vpc.is_empty()).then(|| VpcId::named(vpc)),
        ip_address_type,
        health_check: HealthCheck {
            enabled: given.health_check_enabled.get().copied(),
            port: check,
        },
        load_balancers,
        attributes: None,
        targets: None,
        seen: true,
        contested,
    });
}

/// An element of `LoadBalancerTargetHealth`.
pub(crate) fn targets_of(cx: &mut Cx<'_>, given: &words::TargetsOf<'_>) {
    let of = id(cx, "TargetGroupArn");
    if given.target_health_descriptions.get().is_none()
        || given.target_health_descriptions.is_damaged()
    {
        cx.unreadable("TargetHealthDescriptions");
        return;
    }
    let mut targets = Vec::new();
    for (ordinal, target) in given.target_health_descriptions.items().enumerate() {
        targets.push(read_target(cx, target, u32::try_from(ordinal).ok()));
    }
    cx.builder().add_targets(of, targets);
}

/// An element of a reply of `describe-target-health`, which does not say of which group.
pub(crate) fn target(cx: &mut Cx<'_>, given: &words::TargetHealth<'_>) {
    cx.recognised = true;
    let Some(group) = detect::balancing_of(cx.name) else { return };
    let of = cx.intern(&group);
    let target = read_target(cx, given, None);
    cx.builder().add_targets(of, vec![target]);
}

/// Such a reply was there, perhaps an empty one: says so, or that nobody knows of which
/// group it is.
pub(super) fn attribute_targets(cx: &mut Cx<'_>, offset: usize) {
    match detect::balancing_of(cx.name) {
        Some(group) => {
            let of = cx.intern(&group);
            cx.builder().add_targets(of, Vec::new());
        }
        None => {
            cx.at(offset, &Str::Absent);
            let about = cx.intern(cx.name);
            cx.limit(LimitationCode::UnattributedFile, about);
        }
    }
}

fn read_target(cx: &mut Cx<'_>, given: &words::TargetHealth<'_>, ordinal: Option<u32>) -> Target {
    let empty = words::Target::default();
    let target = given.target.get().unwrap_or(&empty);
    let id = target_id(cx, target.id.as_str());
    let port = match (id, &target.port) {
        (TargetId::Function(_), _) => None,
        (_, given) => port(cx, "Port", given),
    };
    let state = given.target_health.get().map_or("", |health| health.state.as_str());
    let health = match state {
        "healthy" => TargetHealth::Healthy,
        "unhealthy" | "unhealthy.draining" => TargetHealth::Unhealthy,
        "initial" => TargetHealth::Initial,
        "draining" => TargetHealth::Draining,
        "unused" => TargetHealth::Unused,
        "unavailable" => TargetHealth::Unavailable,
        other => {
            cx.unknown("TargetHealth", other);
            TargetHealth::Unknown
        }
    };
    let zone = cx.intern(target.availability_zone.as_str());
    Target { place: cx.place, ordinal, id, port, zone, health, contested: false }
}

fn target_id(cx: &mut Cx<'_>, id: &str) -> TargetId {
    if let Ok(address) = id.parse::<Ipv4Addr>() {
        return TargetId::Ipv4(address.into());
    }
    if let Ok(address) = id.parse::<Ipv6Addr>() {
        return TargetId::Ipv6(address.into());
    }
    let text = cx.intern(id);
    if id.starts_with("i-") {
        TargetId::Instance(InstanceId::named(text))
    } else if id.starts_with("arn:") && id.contains(":loadbalancer/") {
        TargetId::LoadBalancer(LoadBalancerId::named(text))
    } else if id.starts_with("arn:") && id.contains(":lambda:") {
        TargetId::Function(text)
    } else {
        cx.unknown("Target", id);
        TargetId::Unknown(text)
    }
}

/// An element of `TargetGroupAttributes`.
pub(crate) fn group_attributes(cx: &mut Cx<'_>, given: &words::AttributesOf<'_>) {
    let of = id(cx, "TargetGroupArn");
    if given.attributes.get().is_none() || given.attributes.is_damaged() {
        cx.unreadable("Attributes");
        return;
    }
    let mut all = TargetGroupAttributes::default();
    for attribute in given.attributes.items() {
        group_attribute(cx, &mut all, attribute);
    }
    cx.builder().add_target_group_attributes(of, all);
}

pub(super) fn group_attribute(
    cx: &mut Cx<'_>,
    all: &mut TargetGroupAttributes,
    given: &words::Attribute<'_>,
) {
    let value = given.value.as_str();
    match given.key.as_str() {
        "preserve_client_ip.enabled" => all.preserve_client_ip = truth(cx, &given.key, value),
        "load_balancing.cross_zone.enabled" if value == "use_load_balancer_configuration" => {
            all.cross_zone = Some(CrossZone::OfLoadBalancer);
        }
        "load_balancing.cross_zone.enabled" => {
            let on = truth(cx, &given.key, value);
            all.cross_zone = on.map(|on| if on { CrossZone::On } else { CrossZone::Off });
        }
        _ => {}
    }
}
