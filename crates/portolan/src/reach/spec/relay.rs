//! Middleboxes: interfaces that routes name and that may pass packets on.

use std::net::IpAddr;

use super::Ternary;
use super::trace::Stage;
use super::walk::{Side, Walk, holds};
use crate::model::{Component, Interface, LimitationCode, NetworkInterfaceId, RouteTarget};

impl<'n> Walk<'n> {
    /// Whether an interface that a route names may pass on a packet for
    /// `destination`: only with the source/destination check off, and what it
    /// does then is not known. `receiver`: whom the packet is for.
    pub(super) fn relay(
        &mut self,
        from: Side<'n>,
        destination: IpAddr,
        receiver: Option<NetworkInterfaceId>,
        relay: NetworkInterfaceId,
    ) -> Ternary {
        let side = Side { interface: from.component.interface(relay), ..from };
        if receiver == Some(relay) && holds(side.interface, destination) {
            return Ternary::Yes;
        }
        if !side.interface.seen() {
            return self
                .trace
                .unknown(LimitationCode::UnknownNetworkInterface, side.interface.id());
        }
        if side.interface.source_dest_check() == Some(true) && !side.interface.contested() {
            let step = side.step("network-interface", "deny", Stage::Ingress);
            return self.trace.refuse("ENI_SOURCE_DEST_CHECK_RESTRICTION", step);
        }
        let there = self.host(side, Stage::Ingress);
        self.trace.step(side.step("network-interface", "unknown", Stage::Ingress));
        there.and(self.trace.unknown(LimitationCode::Middlebox, side.interface.id()))
    }

    /// What comes out of a middlebox is the packet itself, or one from the
    /// middlebox's own address (a NAT instance), perhaps past further ones.
    pub(super) fn through_relay(
        &mut self,
        x: Side<'n>,
        y: Side<'n>,
        relay: NetworkInterfaceId,
    ) -> Ternary {
        let passed = self.relay(x, y.address, Some(y.interface.index()), relay);
        if passed == Ternary::Yes {
            return self.arrive(y, x.address, self.identity(x, y), true);
        }
        let relays: Vec<Side<'n>> = relays(x.component)
            .map(|relay| Side { interface: x.component.interface(relay), ..x })
            .collect();
        let mut identities = vec![(x.address, self.identity(x, y))];
        for relay in &relays {
            let family = |address: &IpAddr| address.is_ipv4() == y.address.is_ipv4();
            for address in addresses(relay.interface).filter(family) {
                identities.push((address, self.identity(Side { address, ..*relay }, y)));
            }
        }
        let beside = relays.iter().any(|relay| relay.same_subnet(y));
        // The packet itself is told; what else may come out only decides.
        let mut best = Ternary::No;
        for (number, (far, identity)) in identities.into_iter().enumerate() {
            let verdict = if number == 0 {
                self.arrive(y, far, identity, !beside)
            } else {
                self.unnoted(|walk| walk.arrive(y, far, identity, !beside))
            };
            best = best.or(verdict);
        }
        passed.and(best)
    }
}

/// Interfaces that pass on what is not for them: some route names them, and
/// the source/destination check is not known to be on.
pub(super) fn relays(component: &Component) -> impl Iterator<Item = NetworkInterfaceId> + '_ {
    let mut named: Vec<NetworkInterfaceId> = component
        .route_tables
        .iter()
        .flat_map(|table| &table.routes)
        .filter_map(|route| match route.target {
            RouteTarget::NetworkInterface(id) => Some(id),
            RouteTarget::Local
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => None,
        })
        .filter(|&id| {
            let interface = component.interface(id);
            interface.seen()
                && (interface.source_dest_check() != Some(true) || interface.contested())
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    named.into_iter()
}

/// Every address of an interface: of a delegated prefix its first.
fn addresses(interface: Interface<'_>) -> impl Iterator<Item = IpAddr> + '_ {
    let ipv4 =
        interface.ipv4().iter().map(|held| IpAddr::V4(std::net::Ipv4Addr::from_bits(held.first)));
    let ipv6 =
        interface.ipv6().iter().map(|held| IpAddr::V6(std::net::Ipv6Addr::from_bits(held.first)));
    ipv4.chain(ipv6)
}
