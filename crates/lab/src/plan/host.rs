//! Hosts: an instance with all its interfaces, or an interface without one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use portolan::model::{
    Attachment, ComponentId, InstanceId, InstanceState, Interface, InterfaceKind, Network,
    NetworkInterfaceId,
};
use portolan::net::{Cidr, Prefix};

use super::balancer;
use super::{Action, DeviceAddress, Host, Options, Packets, Plan, Route, Rule, Space, Vantage};
use crate::plan::vpc::MAIN;

/// The kernel's table of what is for itself.
const LOCAL: u32 = 255;
/// The index of a host's first device.
pub(super) const FIRST_DEVICE: u32 = 10;

/// The addresses of an interface: single ones, and delegated prefixes.
pub(super) fn held(interface: Interface<'_>) -> Vec<Cidr> {
    let ipv4 = interface.ipv4().iter().map(|held| Cidr::V4(Prefix::around(held.first, held.last)));
    let ipv6 = interface.ipv6().iter().map(|held| Cidr::V6(Prefix::around(held.first, held.last)));
    ipv4.chain(ipv6).collect()
}

/// The interfaces to build, by host.
pub(super) type Hosts = Vec<(ComponentId, Option<InstanceId>, Vec<NetworkInterfaceId>)>;

/// Which interfaces answer, and why others don't.
pub(super) fn choose(network: &Network, options: &Options, plan: &mut Plan) -> Hosts {
    let mut hosts = Hosts::new();
    for (at, component) in network.components.entries() {
        let mut instances: BTreeMap<InstanceId, usize> = BTreeMap::new();
        for interface in component.interfaces.iter() {
            let id = interface.index();
            let wanted = options.only.as_ref().is_none_or(|only| only.contains(&(at, id)));
            if !wanted || !interface.seen() || !answers(network, at, interface, plan) {
                continue;
            }
            match interface.instance() {
                Some(instance) => match instances.get(&instance) {
                    Some(&number) => {
                        if let Some((_, _, interfaces)) = hosts.get_mut(number) {
                            interfaces.push(id);
                        }
                    }
                    None => {
                        instances.insert(instance, hosts.len());
                        hosts.push((at, Some(instance), vec![id]));
                    }
                },
                None => hosts.push((at, None, vec![id])),
            }
        }
    }
    hosts
}

/// Whether somebody is behind the interface; what can't be built is noted.
fn answers(network: &Network, at: ComponentId, interface: Interface<'_>, plan: &mut Plan) -> bool {
    let component = &network.components[at];
    let id = interface.id();
    match interface.kind() {
        InterfaceKind::Host => {}
        // They are built as what they are.
        InterfaceKind::NatGateway | InterfaceKind::TransitGateway => return false,
        InterfaceKind::LoadBalancer => {
            if let Err(reason) = balancer::ports(component, interface) {
                plan.leave_out(id, reason);
                return false;
            }
        }
        InterfaceKind::VpcEndpoint | InterfaceKind::Managed | InterfaceKind::RemoteAccess => {
            plan.leave_out(id, "interfaces that AWS manages are not compiled");
            return false;
        }
    }
    if interface.contested() {
        plan.leave_out(id, "two listings of this interface differ");
        return false;
    }
    if !component.vpcs[interface.vpc()].seen {
        plan.leave_out(component.vpcs[interface.vpc()].id, "this VPC was not seen");
        return false;
    }
    let state = interface.instance().map(|instance| component.instances[instance].state);
    match (interface.attachment(), state) {
        (Attachment::Detached, _) | (_, Some(InstanceState::Stopped)) => false,
        (Attachment::Unknown, _) | (_, Some(InstanceState::Unknown)) => {
            plan.leave_out(id, "whether somebody is behind this interface is not known");
            false
        }
        (
            Attachment::Attached,
            Some(InstanceState::Running | InstanceState::NotCollected) | None,
        ) => true,
    }
}

/// A host that is not linked yet.
pub(super) fn host(
    network: &Network,
    (at, instance, interfaces): &(ComponentId, Option<InstanceId>, Vec<NetworkInterfaceId>),
    taken: &mut BTreeSet<String>,
) -> (Space, Host) {
    let component = &network.components[*at];
    let first = interfaces.first().map(|&id| component.interface(id));
    let (id, name) = match (instance, first) {
        (Some(instance), _) => {
            let instance = &component.instances[*instance];
            (instance.id, instance.name)
        }
        (None, Some(interface)) => (interface.id(), interface.name()),
        (None, None) => Default::default(),
    };
    let id = network.text(id).to_owned();
    let name = match network.text(name) {
        "" => id.clone(),
        name if taken.contains(name) => id.clone(),
        name => name.to_owned(),
    };
    taken.insert(name.clone());

    let mut space = Space { name: name.clone(), ..Space::default() };
    if let Some(interface) = first
        && interface.kind() == InterfaceKind::LoadBalancer
        && let Ok(ports) = balancer::ports(component, interface)
    {
        space.ruleset = balancer::ruleset(&ports);
    }
    let mut addresses = Vec::new();
    let mut public = Vec::new();
    for (device, &interface) in (FIRST_DEVICE..).zip(interfaces) {
        let interface = component.interface(interface);
        let table = if device == FIRST_DEVICE { MAIN } else { device.saturating_add(1_000) };
        for destination in [Cidr::ALL_V4, Cidr::ALL_V6] {
            space.routes.push(Route { table, destination, action: Action::Device(device) });
        }
        for block in held(interface) {
            let address = block.first();
            addresses.push(address);
            if block == Cidr::single(address) {
                space.addresses.push(DeviceAddress { device, address });
            } else {
                space.holds_blocks = true;
                let action = Action::Here;
                space.routes.push(Route { table: LOCAL, destination: block, action });
            }
            if table != MAIN {
                let priority = table;
                space.rules.push(Rule { priority, packets: Packets::From(block), table });
            }
        }
        let seen = interface.ipv4().iter().filter_map(|held| held.public);
        public.extend(seen.map(|public| IpAddr::V4(Ipv4Addr::from_bits(public))));
    }
    let interfaces = interfaces.iter().map(|&interface| (*at, interface)).collect();
    (space, Host { name, id, space: 0, interfaces, addresses, public })
}

/// A host on the internet that is not linked yet.
pub(super) fn vantage(vantage: &Vantage) -> (Space, Host) {
    let device = FIRST_DEVICE;
    let addresses = vantage.addresses.iter();
    let space = Space {
        name: vantage.name.clone(),
        addresses: addresses.map(|&address| DeviceAddress { device, address }).collect(),
        routes: [Cidr::ALL_V4, Cidr::ALL_V6]
            .map(|destination| Route { table: MAIN, destination, action: Action::Device(device) })
            .to_vec(),
        ..Space::default()
    };
    let host = Host {
        name: vantage.name.clone(),
        id: String::new(),
        space: 0,
        interfaces: Vec::new(),
        addresses: vantage.addresses.clone(),
        public: Vec::new(),
    };
    (space, host)
}
