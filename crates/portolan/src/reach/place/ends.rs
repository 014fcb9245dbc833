//! From an address to the end of a flow: whose is it?

use std::net::{IpAddr, Ipv4Addr};

use super::Selector;
use crate::model::{Component, ComponentId, Listing, Network, PublicOwner, VpcId};
use crate::net::{internet_v4, internet_v6};
use crate::reach::spec::End;

/// What the address may be as a sender, one candidate for each VPC that holds it.
#[must_use]
pub fn senders(network: &Network, selector: &Selector) -> Vec<End> {
    ends(network, selector, sender, |_, ends| ends)
}

/// What the address may be as a receiver.
#[must_use]
pub fn receivers(network: &Network, selector: &Selector) -> Vec<End> {
    ends(network, selector, receiver, unlisted)
}

/// The ends that a selector names by address; none if it names no single one.
fn ends(
    network: &Network,
    selector: &Selector,
    of_address: fn(&Network, IpAddr) -> Vec<End>,
    of_vpc: fn(&Network, Vec<End>) -> Vec<End>,
) -> Vec<End> {
    match selector {
        Selector::Address(address) => of_address(network, *address),
        Selector::VpcAddress(vpc, address) => of_vpc(network, in_named_vpc(network, vpc, *address)),
        Selector::Any
        | Selector::Internet
        | Selector::Cidr(_)
        | Selector::NetworkInterface(_)
        | Selector::Instance(_)
        | Selector::SecurityGroup(_)
        | Selector::Subnet(_)
        | Selector::Vpc(_)
        | Selector::Remote(_)
        | Selector::Tag(..)
        | Selector::Name(_)
        | Selector::Zone(_)
        | Selector::Word(_) => Vec::new(),
    }
}

fn in_named_vpc(network: &Network, vpc: &str, address: IpAddr) -> Vec<End> {
    let mut candidates = Vec::new();
    for (id, number) in network.vpcs_of(vpc) {
        let component: &Component = &network.components[id];
        let holders = holders(component, id, number, address);
        if holders.is_empty() {
            candidates.extend(unheld(component, id, number, address));
        }
        candidates.extend(holders);
    }
    candidates
}

fn sender(network: &Network, address: IpAddr) -> Vec<End> {
    let private = in_vpcs(network, address);
    if !private.is_empty() {
        return private;
    }
    if let IpAddr::V4(public) = address {
        let owners: Vec<End> = network
            .public_owners(public.to_bits())
            .map(|owner| match owner {
                PublicOwner::Interface { component, interface, private } => End::Interface {
                    component,
                    interface,
                    address: IpAddr::V4(Ipv4Addr::from_bits(private)),
                },
                PublicOwner::NatGateway { component, nat_gateway } => {
                    End::NatGateway { component, nat_gateway, address }
                }
                PublicOwner::LoadBalancer { .. }
                | PublicOwner::Unassociated
                | PublicOwner::Elsewhere { .. } => End::Public(public.to_bits()),
            })
            .collect();
        if !owners.is_empty() {
            return owners;
        }
    }
    vec![outside(address)]
}

fn receiver(network: &Network, address: IpAddr) -> Vec<End> {
    let private = in_vpcs(network, address);
    if !private.is_empty() {
        return unlisted(network, private);
    }
    match address {
        IpAddr::V4(public) if network.public_owners(public.to_bits()).next().is_some() => {
            vec![End::Public(public.to_bits())]
        }
        IpAddr::V4(_) | IpAddr::V6(_) => vec![outside(address)],
    }
}

/// Where nobody holds an address of a VPC, whoever may hold it unlisted: a service. Where
/// the interfaces were not collected at all it may as well be somebody else.
fn unlisted(network: &Network, ends: Vec<End>) -> Vec<End> {
    let perhaps = |end: End| match end {
        End::Vpc { component, vpc, address } if is_listed(network, component, vpc) => {
            let unlisted = network.components[component].unlisted_holders(vpc, address);
            let found: Vec<End> = unlisted
                .map(|it| End::Interface { component, interface: it.index(), address })
                .collect();
            if found.is_empty() { vec![end] } else { found }
        }
        End::Interface { .. }
        | End::NatGateway { .. }
        | End::Vpc { .. }
        | End::Public(_)
        | End::Internet(_)
        | End::Network(_)
        | End::AmazonService(_) => vec![end],
    };
    ends.into_iter().flat_map(perhaps).collect()
}

/// Whether the source holds a listing of the VPC's interfaces.
fn is_listed(network: &Network, component: ComponentId, vpc: VpcId) -> bool {
    let component = &network.components[component];
    let scope = &component.scopes[component.vpcs[vpc].scope];
    scope.listings.contains(Listing::NetworkInterfaces)
}

/// An address that no VPC of the source holds.
fn outside(address: IpAddr) -> End {
    let amazon = match address {
        IpAddr::V4(address) => address.is_link_local(),
        // fd00:ec2::/32
        IpAddr::V6(address) => address.to_bits() >> 96 == 0xfd00_0ec2,
    };
    let public = match address {
        IpAddr::V4(address) => internet_v4().contains(address.to_bits()),
        IpAddr::V6(address) => internet_v6().contains(address.to_bits()),
    };
    match (amazon, public) {
        (true, _) => End::AmazonService(address),
        (false, true) => End::Internet(address),
        (false, false) => End::Network(address),
    }
}

/// The VPCs that hold the address: by an interface, else by their blocks.
fn in_vpcs(network: &Network, address: IpAddr) -> Vec<End> {
    let mut held = Vec::new();
    let mut inside = Vec::new();
    let around = match address {
        IpAddr::V4(address) => network.vpcs_with_ipv4(address.to_bits()),
        IpAddr::V6(address) => network.vpcs_with_ipv6(address.to_bits()),
    };
    for (id, vpc) in around {
        let component: &Component = &network.components[id];
        let holders = holders(component, id, vpc, address);
        if holders.is_empty() {
            inside.extend(unheld(component, id, vpc, address));
        }
        held.extend(holders);
    }
    if held.is_empty() { inside } else { held }
}

fn holders(component: &Component, id: ComponentId, vpc: VpcId, address: IpAddr) -> Vec<End> {
    let interfaces: Vec<_> = match address {
        IpAddr::V4(address) => {
            component.ipv4_holders(vpc, address.to_bits()).map(|held| held.index()).collect()
        }
        IpAddr::V6(address) => {
            component.ipv6_holders(vpc, address.to_bits()).map(|held| held.index()).collect()
        }
    };
    if !interfaces.is_empty() {
        return interfaces
            .into_iter()
            .map(|interface| End::Interface { component: id, interface, address })
            .collect();
    }
    let IpAddr::V4(private) = address else { return Vec::new() };
    component
        .nat_gateways
        .entries()
        .filter(|(_, nat)| nat.vpc == vpc)
        .filter(|(_, nat)| nat.addresses.iter().any(|held| held.private == Some(private.to_bits())))
        .map(|(nat_gateway, _)| End::NatGateway { component: id, nat_gateway, address })
        .collect()
}

fn unheld(component: &Component, id: ComponentId, vpc: VpcId, address: IpAddr) -> Option<End> {
    let facts = &component.vpcs[vpc];
    match address {
        IpAddr::V4(bits) => {
            let bits = bits.to_bits();
            let block = facts.ipv4.iter().find(|block| block.contains(bits))?;
            // The Amazon DNS server is at the base of the block plus two.
            if bits.checked_sub(block.first()) == Some(2) {
                return Some(End::AmazonService(address));
            }
        }
        IpAddr::V6(bits) => {
            facts.ipv6.iter().find(|block| block.contains(bits.to_bits()))?;
        }
    }
    Some(End::Vpc { component: id, vpc, address })
}

/// The VPC of an end.
pub(crate) fn vpc_of(network: &Network, end: End) -> Option<(ComponentId, VpcId)> {
    match end {
        End::Interface { component, interface, .. } => {
            Some((component, network.components[component].interface(interface).vpc()))
        }
        End::Vpc { component, vpc, .. } => Some((component, vpc)),
        End::NatGateway { component, nat_gateway, .. } => {
            Some((component, network.components[component].nat_gateways[nat_gateway].vpc))
        }
        End::Public(public) => network.public_owners(public).find_map(|owner| match owner {
            PublicOwner::Interface { component, interface, .. } => {
                Some((component, network.components[component].interface(interface).vpc()))
            }
            PublicOwner::NatGateway { .. }
            | PublicOwner::LoadBalancer { .. }
            | PublicOwner::Unassociated
            | PublicOwner::Elsewhere { .. } => None,
        }),
        End::Internet(_) | End::Network(_) | End::AmazonService(_) => None,
    }
}
