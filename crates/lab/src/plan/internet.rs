//! The internet: internet gateways, which give private addresses their public ones
//! and back, and the way to hosts outside.
//!
//! A namespace of its own, since a packet that goes out and in again must come back
//! with its public address: seen from the VPC it is another packet (VPC user guide,
//! "How IP addressing works for internet gateways"). The translation keeps no state:
//! both directions, and the way out and in, are one pass.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use portolan::model::{Network, PublicOwner};
use portolan::net::{Cidr, Prefix};

use super::host::held;
use super::vpc::{Draft, MAIN};
use super::{Action, Packets, Plan, Route, Rule, Space};
use crate::ruleset::{Hook, Ruleset, words};

/// Routing tables of the VPCs: this and a number from 1.
const VPCS: u32 = 30_000;

/// A VPC as the internet sees it.
pub(super) struct Shore {
    /// Its devices: the internet gateway's first.
    pub(super) devices: Vec<(String, u32)>,
}

/// Fills the namespace.
pub(super) fn finish(
    network: &Network,
    drafts: &[Draft<'_>],
    shores: &BTreeMap<usize, Shore>,
    vantages: &[(u32, Vec<std::net::IpAddr>)],
    plan: &mut Plan,
) -> Space {
    let mut space = Space { name: "internet".to_owned(), forwards: true, ..Space::default() };
    for block in [Cidr::ALL_V4, Cidr::ALL_V6] {
        space.routes.push(Route { table: MAIN, destination: block, action: Action::Drop });
    }
    let mut sources = Vec::new();
    let mut devices = Vec::new();
    let mut inward: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
    for (&number, shore) in shores {
        let Some(draft) = drafts.get(number) else { continue };
        let Some((_, home)) = shore.devices.first() else { continue };
        let mark = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
        let table = VPCS.saturating_add(mark);
        let action = Action::Device(*home);
        space.rules.push(Rule {
            priority: 100,
            packets: Packets::Marked { mark, mask: u32::MAX },
            table,
        });
        space.routes.push(Route { table, destination: Cidr::ALL_V4, action });
        devices.extend(shore.devices.iter().map(|(name, _)| words::device(name)));
        for (private, public) in translated(draft) {
            for (name, _) in &shore.devices {
                sources.push(format!(
                    "{} . {} : {}",
                    words::device(name),
                    Ipv4Addr::from_bits(private),
                    Ipv4Addr::from_bits(public)
                ));
            }
        }
        for &interface in draft.interfaces.keys() {
            let interface = draft.component.interface(interface);
            for block in held(interface).into_iter().filter(|block| !block.is_v4()) {
                space.routes.push(Route { table: MAIN, destination: block, action });
            }
        }
        for (public, private) in owned(network, draft) {
            if inward.insert(public, (private, number)).is_some() {
                let id = draft.component.vpcs[draft.vpc].id;
                plan.leave_out(id, "a public address of this VPC has several owners");
            }
        }
    }
    for (device, addresses) in vantages {
        for &address in addresses {
            space.routes.push(Route {
                table: MAIN,
                destination: Cidr::single(address),
                action: Action::Device(*device),
            });
        }
    }
    space.ruleset = translation(&devices, &sources, &inward);
    space
}

fn translation(
    devices: &[String],
    sources: &[String],
    inward: &BTreeMap<u32, (u32, usize)>,
) -> Ruleset {
    let mut rules = Ruleset::default();
    rules.set("public_of", "ifname . ipv4_addr : ipv4_addr", false, sources);
    let private: Vec<String> = inward
        .iter()
        .map(|(&public, &(private, _))| {
            format!("{} : {}", Ipv4Addr::from_bits(public), Ipv4Addr::from_bits(private))
        })
        .collect();
    rules.set("private_of", "ipv4_addr : ipv4_addr", false, &private);
    let marks: Vec<String> = inward
        .iter()
        .map(|(&public, &(_, vpc))| {
            format!("{} : {:#x}", Ipv4Addr::from_bits(public), vpc.saturating_add(1))
        })
        .collect();
    rules.set("vpc_of", "ipv4_addr : mark", false, &marks);
    rules.chain("outward");
    rules.base_chain(
        "gateways",
        Hook { kind: "filter", hook: "prerouting", priority: -300, policy: "accept" },
    );
    rules.rule("gateways", "meta nfproto ipv6 accept");
    if !devices.is_empty() {
        rules.rule("gateways", &format!("iifname {{ {} }} jump outward", devices.join(", ")));
    }
    rules.rule("gateways", "meta mark set ip daddr map @vpc_of");
    rules.rule("gateways", "ip daddr set ip daddr map @private_of");
    // Without a public address nothing leaves; a map that holds nothing ends the rule.
    rules.rule("outward", "meta mark set 0");
    rules.rule("outward", "ip saddr set iifname . ip saddr map @public_of return");
    rules.rule("outward", "drop");
    rules
}

/// Private addresses that leave, with the public ones that they get.
fn translated(draft: &Draft<'_>) -> BTreeMap<u32, u32> {
    let of_interfaces = draft.interfaces.keys().flat_map(|&id| {
        let held = draft.component.interface(id).ipv4().iter();
        held.filter_map(|held| held.public.map(|public| (held.first, public)))
    });
    let nats = draft.ways.nat_gateways.values();
    let of_nats = nats.filter_map(|nat| nat.public.map(|public| (nat.private, public)));
    of_interfaces.chain(of_nats).collect()
}

/// Public addresses that lead into the VPC.
fn owned(network: &Network, draft: &Draft<'_>) -> Vec<(u32, u32)> {
    let of_interfaces = network.public_ipv4.iter().filter_map(|&(public, owner)| match owner {
        PublicOwner::Interface { component, interface, private }
            if component == draft.at && draft.interfaces.contains_key(&interface) =>
        {
            Some((public, private))
        }
        PublicOwner::Interface { .. }
        | PublicOwner::NatGateway { .. }
        | PublicOwner::LoadBalancer { .. }
        | PublicOwner::Unassociated
        | PublicOwner::Elsewhere { .. } => None,
    });
    let nats = draft.ways.nat_gateways.values();
    let of_nats = nats.filter_map(|nat| nat.public.map(|public| (public, nat.private)));
    of_interfaces.chain(of_nats).collect()
}

/// The block of all IPv4 addresses that a VPC's own are in, for its gateways.
pub(super) fn blocks(draft: &Draft<'_>) -> Vec<Cidr> {
    let vpc = &draft.component.vpcs[draft.vpc];
    let v4 = vpc.ipv4.iter().map(|&block| Cidr::V4(block));
    let v6 = vpc.ipv6.iter().map(|&block| Cidr::V6(block));
    v4.chain(v6).collect()
}

/// What an internet gateway takes from nobody: RFC 1918 and RFC 6598.
pub(super) fn never_from_internet() -> Vec<Cidr> {
    [(0x0a00_0000, 8), (0xac10_0000, 12), (0xc0a8_0000, 16), (0x6440_0000, 10)]
        .into_iter()
        .filter_map(|(first, length)| Prefix::new(first, length).map(Cidr::V4))
        .collect()
}
