//! Network interfaces and instances.

use std::net::{Ipv4Addr, Ipv6Addr};

use portolan::model::{
    Attachment, HeldV4, HeldV6, Instance, InstanceId, InstanceState, InterfaceFacts, InterfaceKind,
    SecurityGroupId, SubnetId,
};
use portolan::net::Cidr;

use super::field::{Field, Str};
use super::network::{id, vpc_id};
use super::sink::Cx;
use super::words;

/// An element of describe-network-interfaces.
pub(crate) fn interface(cx: &mut Cx<'_>, given: &words::NetworkInterface<'_>) {
    let facts = facts(cx, given);
    cx.add(facts);
}

/// An element of describe-instances.
pub(crate) fn reservation(cx: &mut Cx<'_>, given: &words::Reservation<'_>) {
    // Instances are never shared: who reserved them was asked.
    cx.own_account(given.owner_id.as_str());
    if given.instances.is_damaged() {
        cx.unreadable("Instances");
    }
    for instance in given.instances.items() {
        cx.about = cx.intern(instance.instance_id.as_str());
        self::instance(cx, instance);
    }
}

fn instance(cx: &mut Cx<'_>, given: &words::Instance<'_>) {
    let id = id(cx, "InstanceId");
    let state = given.state.get().map_or("", |state| state.name.as_str());
    let state = match state {
        "pending" | "running" => InstanceState::Running,
        "stopping" | "stopped" | "shutting-down" | "terminated" => InstanceState::Stopped,
        other => {
            cx.unknown("State", other);
            InstanceState::Unknown
        }
    };
    let zone = given.placement.get().map(|placement| &placement.availability_zone);
    let zone = zone.cloned().unwrap_or_default();
    let region = cx.region(&zone, &Str::Absent);
    let (name, tags) = cx.tags(&given.tags);
    cx.add(Instance { id, place: cx.place, state, name, tags, seen: true });
    for interface in given.network_interfaces.items() {
        cx.about = cx.intern(interface.network_interface_id.as_str());
        let mut facts = facts(cx, interface);
        facts.region = region;
        facts.instance = Some(InstanceId::named(id));
        // `describe-instances` does not say.
        facts.deny_all_igw_traffic = None;
        cx.add_interface_of_instance(facts);
    }
}

fn facts(cx: &mut Cx<'_>, given: &words::NetworkInterface<'_>) -> InterfaceFacts {
    let id = id(cx, "NetworkInterfaceId");
    let mut contested = false;
    let vpc = vpc_id(cx, &given.vpc_id);
    let subnet = SubnetId::named(cx.text("SubnetId", &given.subnet_id));
    let owner = cx.owner(&given.owner_id);
    let region = cx.region(&given.availability_zone, &Str::Absent);
    let (name, tags) = cx.tags(&given.tag_set);
    let description = cx.intern(given.description.as_str());
    let name = if name.is_empty() { description } else { name };
    if given.groups.get().is_none() || given.groups.is_damaged() {
        cx.unreadable("Groups");
        contested = true;
    }
    let mut groups = Vec::new();
    for group in given.groups.items() {
        let group = cx.text("GroupId", &group.group_id);
        if group.is_empty() {
            cx.unreadable("GroupId");
            contested = true;
        } else {
            groups.push(SecurityGroupId::named(group));
        }
    }
    let attached_to = given.attachment.get();
    let instance = attached_to.map_or("", |attachment| attachment.instance_id.as_str());
    let instance = cx.intern(instance);
    let attachment = match given.status.as_str() {
        "in-use" => Attachment::Attached,
        "available" => Attachment::Detached,
        "associated" | "attaching" | "detaching" => Attachment::Unknown,
        other => {
            cx.unknown("Status", other);
            Attachment::Unknown
        }
    };
    if given.source_dest_check.is_wrong() {
        cx.unreadable("SourceDestCheck");
    }
    if given.deny_all_igw_traffic.is_wrong() {
        cx.unreadable("DenyAllIgwTraffic");
        contested = true;
    }
    let (ipv4, readable) = ipv4(cx, given);
    contested |= !readable;
    let (ipv6, readable) = ipv6(cx, given);
    contested |= !readable;
    InterfaceFacts {
        id,
        place: cx.place,
        owner,
        region,
        vpc,
        subnet,
        instance: (!instance.is_empty()).then(|| InstanceId::named(instance)),
        name,
        description,
        interface_type: cx.intern(given.interface_type.as_str()),
        requester: cx.intern(given.requester_id.as_str()),
        requester_managed: given.requester_managed.get().copied(),
        kind: kind(cx, given),
        attachment,
        source_dest_check: given.source_dest_check.get().copied(),
        deny_all_igw_traffic: Some(given.deny_all_igw_traffic == Field::Given(true)),
        groups,
        ipv4,
        ipv6,
        tags,
        contested,
        seen: true,
        unlisted: None,
    }
}

fn kind(cx: &mut Cx<'_>, given: &words::NetworkInterface<'_>) -> InterfaceKind {
    match given.interface_type.as_str() {
        // The reference says the one, answers the other.
        "natGateway" | "nat_gateway" => InterfaceKind::NatGateway,
        "load_balancer" | "network_load_balancer" | "gateway_load_balancer" => {
            InterfaceKind::LoadBalancer
        }
        "transit_gateway" => InterfaceKind::TransitGateway,
        "vpc_endpoint" => InterfaceKind::VpcEndpoint,
        "gateway_load_balancer_endpoint" | "global_accelerator_managed" => InterfaceKind::Managed,
        "ec2_instance_connect_endpoint" => InterfaceKind::RemoteAccess,
        "interface" | "" => of_description(given),
        "branch"
        | "trunk"
        | "efa"
        | "efa-only"
        | "lambda"
        | "quicksight"
        | "api_gateway_managed"
        | "iot_rules_managed"
        | "aws_codestar_connections_managed"
        | "efs"
        | "evs" => InterfaceKind::Host,
        other => {
            cx.warn(format!("`InterfaceType` is `{other}`, which we do not know: taken as a host"));
            InterfaceKind::Host
        }
    }
}

/// Older answers call everything an interface. A description alone proves
/// nothing, since who makes an interface may write what he likes.
fn of_description(given: &words::NetworkInterface<'_>) -> InterfaceKind {
    let description = given.description.as_str();
    let requester = given.requester_id.as_str();
    let attached_by =
        given.attachment.get().map_or("", |attachment| attachment.instance_owner_id.as_str());
    let attached_to =
        given.attachment.get().map_or("", |attachment| attachment.instance_id.as_str());
    let by = |service: &str| requester == service || attached_by == service;
    if requester.is_empty() || !attached_to.is_empty() {
        return InterfaceKind::Host;
    }
    if description.starts_with("ELB ") {
        // The requester is `amazon-elb` or a number of the service.
        InterfaceKind::LoadBalancer
    } else if description.starts_with("Interface for NAT Gateway ") {
        InterfaceKind::NatGateway
    } else if description.starts_with("Network Interface for Transit Gateway Attachment ") {
        InterfaceKind::TransitGateway
    } else if description.starts_with("ClientVPN Endpoint resource") {
        InterfaceKind::RemoteAccess
    } else if description.starts_with("VPC Endpoint Interface ") || by("amazon-vpc-endpoints") {
        InterfaceKind::VpcEndpoint
    } else {
        InterfaceKind::Host
    }
}

/// The primary address first, then the others and delegated prefixes; and
/// whether all could be read.
fn ipv4(cx: &mut Cx<'_>, given: &words::NetworkInterface<'_>) -> (Vec<HeldV4>, bool) {
    let mut readable = true;
    if given.private_ip_addresses.is_damaged() || given.ipv4_prefixes.is_damaged() {
        cx.unreadable("PrivateIpAddresses, Ipv4Prefixes");
        readable = false;
    }
    let mut held: Vec<(bool, HeldV4)> = Vec::new();
    for address in given.private_ip_addresses.items() {
        let public = public(cx, &address.association, &mut readable);
        match of_v4(cx, &address.private_ip_address) {
            Some(private) => {
                let secondary = address.primary != Field::Given(true);
                held.push((secondary, HeldV4 { first: private, last: private, public }));
            }
            None => readable = false,
        }
    }
    held.sort_by_key(|&(secondary, _)| secondary);
    let mut held: Vec<HeldV4> = held.into_iter().map(|(_, held)| held).collect();
    if !given.private_ip_address.is_absent() {
        match of_v4(cx, &given.private_ip_address) {
            Some(private) if held.iter().any(|held| held.first == private) => {}
            Some(private) => {
                held.insert(0, HeldV4 { first: private, last: private, public: None });
            }
            None => readable = false,
        }
    }
    // The association of the interface is that of its primary address.
    if let Some(address) = public(cx, &given.association, &mut readable)
        && !held.iter().any(|held| held.public == Some(address))
        && let Some(primary) = held.first_mut()
        && primary.public.is_none()
    {
        primary.public = Some(address);
    }
    for prefix in given.ipv4_prefixes.items() {
        match cx.cidr("Ipv4Prefix", &prefix.ipv4_prefix) {
            Some(Cidr::V4(prefix)) => {
                held.push(HeldV4 { first: prefix.first(), last: prefix.last(), public: None });
            }
            Some(Cidr::V6(_)) => {
                cx.unknown("Ipv4Prefix", prefix.ipv4_prefix.as_str());
                readable = false;
            }
            None => readable = false,
        }
    }
    (held, readable)
}

fn of_v4(cx: &mut Cx<'_>, given: &Str<'_>) -> Option<u32> {
    let address = given.as_str().parse::<Ipv4Addr>().ok();
    if address.is_none() {
        cx.unknown("PrivateIpAddress", given.as_str());
    }
    address.map(u32::from)
}

fn public(
    cx: &mut Cx<'_>,
    given: &Field<words::Association<'_>>,
    readable: &mut bool,
) -> Option<u32> {
    if given.is_wrong() {
        cx.unreadable("Association");
        *readable = false;
    }
    // A carrier's address (`CarrierIp`) is not one of the internet.
    let given = &given.get()?.public_ip;
    let public = cx.address("PublicIp", given);
    *readable &= public.is_some() || given.as_str().is_empty();
    public
}

fn ipv6(cx: &mut Cx<'_>, given: &words::NetworkInterface<'_>) -> (Vec<HeldV6>, bool) {
    let mut readable = true;
    if given.ipv6_addresses.is_damaged() || given.ipv6_prefixes.is_damaged() {
        cx.unreadable("Ipv6Addresses, Ipv6Prefixes");
        readable = false;
    }
    let mut held = Vec::new();
    for address in given.ipv6_addresses.items() {
        match address.ipv6_address.as_str().parse::<Ipv6Addr>() {
            Ok(address) => held.push(HeldV6 { first: address.into(), last: address.into() }),
            Err(_) => {
                cx.unknown("Ipv6Address", address.ipv6_address.as_str());
                readable = false;
            }
        }
    }
    for prefix in given.ipv6_prefixes.items() {
        match cx.cidr("Ipv6Prefix", &prefix.ipv6_prefix) {
            Some(Cidr::V6(prefix)) => {
                held.push(HeldV6 { first: prefix.first(), last: prefix.last() });
            }
            Some(Cidr::V4(_)) => {
                cx.unknown("Ipv6Prefix", prefix.ipv6_prefix.as_str());
                readable = false;
            }
            None => readable = false,
        }
    }
    (held, readable)
}
