//! NAT gateways: a namespace that puts its own address before those of others.
//!
//! TCP, UDP and ICMP only, from ports 1024-65535, and nothing that was not begun
//! inside (VPC user guide, "NAT gateway basics").

use std::net::Ipv4Addr;

use portolan::model::{Component, NatConnectivity, NatGateway, NatState};
use portolan::net::Cidr;

use super::host::FIRST_DEVICE;
use super::vpc::MAIN;
use super::{Action, DeviceAddress, Route, Space};
use crate::ruleset::{Hook, Ruleset};

/// The private and the public address of a NAT gateway that can be built, or why it can't.
pub(super) fn addresses(
    component: &Component,
    nat: &NatGateway,
) -> Result<(u32, Option<u32>), Option<&'static str>> {
    match nat.state {
        NatState::Available => {}
        NatState::Gone => return Err(None),
        NatState::Unknown => return Err(Some("whether this NAT gateway works is not known")),
    }
    match nat.connectivity {
        NatConnectivity::Public => {}
        NatConnectivity::Private => return Err(Some("private NAT gateways are not compiled")),
        NatConnectivity::Unknown => return Err(Some("what this NAT gateway is for is not known")),
    }
    if nat.subnet.is_none() {
        return Err(Some("regional NAT gateways are not compiled"));
    }
    let private = nat.addresses.iter().find_map(|address| {
        let behind = address
            .interface
            .and_then(|id| component.interface(id).ipv4().first().map(|held| held.first));
        let private = address.private.or(behind)?;
        Some((private, address.public))
    });
    match private {
        Some((private, Some(public))) => Ok((private, Some(public))),
        Some((_, None)) => Err(Some("the public address of this NAT gateway is not known")),
        None => Err(Some("the addresses of this NAT gateway are not known")),
    }
}

/// Its namespace.
pub(super) fn space(name: String, private: u32) -> Space {
    let address = Ipv4Addr::from_bits(private);
    let mut rules = Ruleset::default();
    rules
        .base_chain("unasked", Hook { kind: "filter", hook: "input", priority: 0, policy: "drop" });
    rules.base_chain(
        "protocols",
        Hook { kind: "filter", hook: "forward", priority: 0, policy: "drop" },
    );
    // It could not be translated.
    rules.rule("protocols", "ct state invalid drop");
    rules.rule("protocols", "meta nfproto ipv4 meta l4proto { tcp, udp, icmp } accept");
    rules.base_chain(
        "translate",
        Hook { kind: "nat", hook: "postrouting", priority: 100, policy: "accept" },
    );
    rules
        .rule("translate", &format!("meta l4proto {{ tcp, udp }} snat ip to {address}:1024-65535"));
    rules.rule("translate", &format!("meta l4proto icmp snat ip to {address}"));
    Space {
        name,
        forwards: true,
        addresses: vec![DeviceAddress { device: FIRST_DEVICE, address: address.into() }],
        routes: vec![Route {
            table: MAIN,
            destination: Cidr::ALL_V4,
            action: Action::Device(FIRST_DEVICE),
        }],
        ruleset: rules,
        ..Space::default()
    }
}
