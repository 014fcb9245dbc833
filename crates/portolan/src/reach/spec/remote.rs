//! Ways in from outside of AWS: what a virtual private gateway carries, and where people
//! get who come in by a Client VPN or an Instance Connect Endpoint.
//!
//! A virtual private gateway sends only to prefixes that it knows: the static routes of its
//! VPN connections, and what it learns by BGP (Site-to-Site VPN user guide, "Site-to-Site
//! VPN routing options"), which no listing tells. A VPN connection at it carries no IPv6.

use std::net::IpAddr;

use super::Ternary;
use super::trace::{Stage, Step};
use super::walk::{Side, Walk};
use crate::model::{
    Assumption, ClientVpnEndpoint, Component, InstanceConnectEndpoint, LimitationCode, Listing,
    RemoteEndpoint, TextId, VpcId, VpnConnection, VpnEnd,
};
use crate::net::Protocol;

/// Why a virtual private gateway carries nothing between a VPC and an address; `None`: it
/// may carry it.
pub(super) fn vpn_refusal(
    component: &Component,
    vpc: VpcId,
    gateway: TextId,
    address: IpAddr,
) -> Option<&'static str> {
    let remote = &component.remote_access;
    let facts = remote.vpn_gateway(gateway).filter(|facts| !facts.contested)?;
    let facts_of_vpc = &component.vpcs[vpc];
    let here = facts.attachments.iter().filter(|it| it.vpc == facts_of_vpc.id);
    if facts.available == Some(false) || here.clone().all(|it| it.attached == Some(false)) {
        return Some("VGW_NOT_ATTACHED");
    }
    let listings = component.scopes[facts_of_vpc.scope].listings;
    let joined = remote.direct_connects.iter().any(|it| it.gateways.contains(&gateway));
    let all_known = remote.asked_for_direct_connect.contains(&gateway)
        && listings.contains(Listing::VirtualInterfaces);
    // What Direct Connect brings is learnt by BGP.
    if joined || !all_known {
        return None;
    }
    let IpAddr::V4(address) = address else { return Some("VGW_VPN_CARRIES_NO_IPV6") };
    if !listings.contains(Listing::VpnConnections) {
        return None;
    }
    let mut ours = remote.vpn_connections.iter().filter(|it| {
        it.available != Some(false) && (it.end == VpnEnd::VpnGateway(gateway) || it.contested)
    });
    let carries = |it: &VpnConnection| {
        it.contested
            || it.customer_block.is_none_or(|block| block.contains(address.to_bits()))
                && (it.static_routes_only != Some(true)
                    || it.routes.iter().any(|route| route.contains(address.to_bits())))
    };
    (!ours.any(carries)).then_some("VGW_NO_ROUTE_TO_DESTINATION")
}

/// What is not known of a virtual private gateway that leads to an address.
pub(super) fn behind_vpn_gateway(component: &Component, gateway: TextId) -> LimitationCode {
    match component.remote_access.vpn_gateway(gateway) {
        Some(facts) if !facts.contested => LimitationCode::NetworkBeyond,
        Some(_) | None => LimitationCode::VpnGateway,
    }
}

impl<'n> Walk<'n> {
    /// Whether people who come in at an interface may send to the address: of all other
    /// interfaces yes.
    pub(super) fn admits_people(&mut self, x: Side<'n>, far: IpAddr) -> Ternary {
        match x.component.remote_endpoint_of(x.interface.index()) {
            Some(RemoteEndpoint::ClientVpn(endpoint)) => self.client_vpn(x, endpoint, far),
            Some(RemoteEndpoint::InstanceConnect(endpoint)) => self.instance_connect(endpoint),
            None => Ternary::Yes,
        }
    }

    /// A client gets where an authorization rule allows it, by the interface in the subnet
    /// to which the endpoint's route leads (Client VPN administrator guide, "Client VPN
    /// authorization rules", "Client VPN endpoint routes").
    fn client_vpn(&mut self, x: Side<'n>, endpoint: &ClientVpnEndpoint, far: IpAddr) -> Ternary {
        let step = |action| Step {
            component: "client-vpn-endpoint",
            id: endpoint.id,
            place: Some(endpoint.place),
            ..x.step("", action, Stage::Egress)
        };
        let there = self.available(endpoint.available, (endpoint.id, step("deny")));
        let rules = endpoint.authorization_rules.iter();
        let rules = rules.filter(|rule| rule.destination.contains(far));
        let authorized = match rules.map(|rule| rule.sure).max() {
            Some(true) => Ternary::Yes,
            None if !endpoint.authorization_rules.is_empty() => {
                self.trace.refuse("CLIENT_VPN_NOT_AUTHORIZED", step("deny"))
            }
            Some(false) | None => self.trace.unknown(LimitationCode::RemoteAccess, endpoint.id),
        };
        let subnet = x.component.subnets[x.subnet()].id;
        let holding = endpoint.routes.iter().filter(|route| route.destination.contains(far));
        let longest = holding.clone().map(|route| route.destination.length()).max();
        let here = holding.filter(|route| route.subnet == subnet);
        let best =
            here.clone().any(|route| route.sure && Some(route.destination.length()) == longest);
        let routed = match here.count() {
            0 if !endpoint.routes.is_empty() => {
                self.trace.refuse("CLIENT_VPN_NO_ROUTE", step("deny"))
            }
            1.. if best => Ternary::Yes,
            _ => self.trace.unknown(LimitationCode::RemoteAccess, endpoint.id),
        };
        self.trace.assumptions.insert(Assumption::RemoteUsers);
        let verdict = there.and(authorized).and(routed);
        if verdict != Ternary::No {
            self.trace.step(step("forward"));
        }
        verdict
    }

    /// Tunnels carry TCP to two ports (EC2 user guide, "Connect using EC2 Instance Connect
    /// Endpoint", limitations).
    fn instance_connect(&mut self, endpoint: &InstanceConnectEndpoint) -> Ternary {
        let step = |action| Step {
            id: endpoint.id,
            place: Some(endpoint.place),
            ..super::walk::nothing("instance-connect-endpoint", action, Stage::Egress)
        };
        let there = self.available(endpoint.available, (endpoint.id, step("deny")));
        if self.flow.protocol != Protocol::Tcp || ![22, 3389].contains(&self.flow.selector) {
            return self.trace.refuse("INSTANCE_CONNECT_PORT_RESTRICTION", step("deny"));
        }
        self.trace.assumptions.insert(Assumption::RemoteUsers);
        if there != Ternary::No {
            self.trace.step(step("forward"));
        }
        // Targets see addresses that nobody knows, or their groups see the endpoint's.
        match endpoint.preserves_client {
            Some(false) => there,
            Some(true) | None => {
                there.and(self.trace.unknown(LimitationCode::RemoteAccess, endpoint.id))
            }
        }
    }

    fn available(&mut self, given: Option<bool>, (id, step): (TextId, Step)) -> Ternary {
        match given {
            Some(true) => Ternary::Yes,
            Some(false) => self.trace.refuse("BAD_STATE_ROUTE", step),
            None => self.trace.unknown(LimitationCode::RemoteAccess, id),
        }
    }
}
