//! Out through a NAT gateway or a gateway endpoint.

use std::net::IpAddr;

use super::Ternary;
use super::access::Access;
use super::filter;
use super::route::{self, Hop};
use super::trace::{Stage, Step, Trace};
use super::walk::{Side, Walk, nothing};
use crate::model::{
    Component, LimitationCode, NatConnectivity, NatGatewayId, NatState, RouteTarget, SubnetId,
    VpcEndpointId, VpcEndpointKind,
};
use crate::net::{CLIENT_PORTS, IcmpType, Protocol};

impl<'n> Walk<'n> {
    /// Whether the way is not known: unmodelled, or through a NAT gateway to elsewhere
    /// than the internet.
    pub(super) fn hidden(&mut self, component: &Component, hop: Hop, far: IpAddr) -> bool {
        if let Some(nat) = translated_elsewhere(component, hop, far) {
            let nat = &component.nat_gateways[nat];
            let code = match (nat.subnet, nat.seen) {
                (_, false) => LimitationCode::UnknownRouteTarget,
                (None, true) => LimitationCode::RegionalNatGateway,
                (Some(_), true) => LimitationCode::PrivateNatGateway,
            };
            self.trace.unknown(code, nat.id);
            return true;
        }
        self.dark(component, hop)
    }

    /// Out through a NAT gateway, from the router of a subnet: into its own subnet,
    /// translated, and out by that subnet's router.
    pub(super) fn nat_gateway(
        &mut self,
        x: Side<'n>,
        from: SubnetId,
        far: IpAddr,
        id: NatGatewayId,
    ) -> Ternary {
        let nat = &x.component.nat_gateways[id];
        let step = Step {
            id: nat.id,
            place: Some(nat.place),
            ..nothing("nat-gateway", "translate", Stage::Egress)
        };
        if x.address.is_ipv6() {
            return self.trace.refuse("CANNOT_ROUTE", step);
        }
        if !matches!(self.flow.protocol, Protocol::Tcp | Protocol::Udp | Protocol::Icmp) {
            return self.trace.refuse("NGW_PROTOCOL_RESTRICTION", step);
        }
        let working = match nat.state {
            NatState::Available => Ternary::Yes,
            NatState::Gone => return self.trace.refuse("BAD_STATE_ROUTE", step),
            NatState::Unknown => self.trace.unknown(LimitationCode::UnknownRouteTarget, nat.id),
        };
        let Some(subnet) = nat.subnet else {
            let code = if nat.seen {
                LimitationCode::RegionalNatGateway
            } else {
                LimitationCode::UnknownRouteTarget
            };
            return self.trace.unknown(code, nat.id);
        };
        if subnet == from {
            return self.trace.refuse("NGW_IN_SOURCE_SUBNET", step);
        }
        self.trace.step(step);
        let entered = working.and(self.acl(x.component, subnet, Stage::Ingress, x.address));
        let ways = route::ways(x.component, subnet, far, &mut self.trace);
        match nat.connectivity {
            NatConnectivity::Public => {}
            NatConnectivity::Private => {
                let passes: Vec<Ternary> = ways
                    .into_iter()
                    .map(|hop| match hop {
                        Hop::Nowhere
                        | Hop::Route {
                            target: RouteTarget::InternetGateway(_) | RouteTarget::Local,
                            ..
                        } => self.trace.refuse("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", step),
                        Hop::Route { .. }
                        | Hop::Over(_)
                        | Hop::Inspected(_)
                        | Hop::Beyond
                        | Hop::Anywhere => {
                            self.trace.unknown(LimitationCode::PrivateNatGateway, nat.id)
                        }
                    })
                    .collect();
                return entered.and(Ternary::whichever(passes));
            }
            NatConnectivity::Unknown => {
                return entered.and(self.trace.unknown(LimitationCode::UnreadableValue, nat.id));
            }
        }
        let left = self.acl(x.component, subnet, Stage::Egress, far);
        let access = self.public_access(x.component, subnet, Access::EgressOnly);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                if self.dark(x.component, hop) {
                    return Ternary::Unknown;
                }
                let passed = match hop {
                    Hop::Route { target: RouteTarget::InternetGateway(gateway), .. } => {
                        self.gateway_of_vpc(x.component, gateway, nat.vpc)
                    }
                    Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                        self.relay(x, far, None, relay)
                    }
                    Hop::Route { target: RouteTarget::VpcEndpoint(_), .. } => {
                        self.trace.unknown(LimitationCode::PrivateNatGateway, nat.id)
                    }
                    Hop::Route { .. } => self.trace.refuse("CANNOT_ROUTE", step),
                    Hop::Over(_)
                    | Hop::Inspected(_)
                    | Hop::Beyond
                    | Hop::Nowhere
                    | Hop::Anywhere => Ternary::No,
                };
                passed.and(route::certainty(hop))
            })
            .collect();
        entered.and(left).and(access).and(Ternary::whichever(passes))
    }

    /// The answer to a NAT gateway: to the port that it chose, and on to the sender.
    pub(super) fn nat_gateway_reply(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        id: NatGatewayId,
    ) -> Ternary {
        let nat = &x.component.nat_gateways[id];
        let Some(subnet) = nat.subnet else { return Ternary::Yes };
        let outer = self.any_nat_port(x.component, subnet, far);
        outer.and(self.acl(x.component, subnet, Stage::Egress, x.address))
    }

    /// Whether the table of a NAT gateway's own subnet leads its answers to the sender: by
    /// the local route, unless a longer prefix leads elsewhere, to a firewall for instance
    /// (Network Firewall guide, "VPC route table configuration").
    pub(super) fn nat_gateway_home(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        id: NatGatewayId,
    ) -> Ternary {
        let translated = self.nat_gateway_reply(x, far, id);
        let Some(subnet) = x.component.nat_gateways[id].subnet else { return translated };
        let ways = route::ways(x.component, subnet, x.address, &mut self.trace);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                if self.hidden(x.component, hop, x.address) {
                    return Ternary::Unknown;
                }
                let Hop::Route { target, .. } = hop else { return Ternary::No };
                let passed = match target {
                    RouteTarget::Local => Ternary::Yes,
                    RouteTarget::NetworkInterface(relay) => {
                        self.relay(x, x.address, Some(x.interface.index()), relay)
                    }
                    RouteTarget::VpcPeeringConnection(peering)
                        if !x.component.peerings[peering].seen =>
                    {
                        let id = x.component.peerings[peering].id;
                        self.trace.unknown(LimitationCode::UnknownRouteTarget, id)
                    }
                    RouteTarget::InternetGateway(_)
                    | RouteTarget::EgressOnlyInternetGateway(_)
                    | RouteTarget::NatGateway(_)
                    | RouteTarget::VpcPeeringConnection(_)
                    | RouteTarget::VpcEndpoint(_)
                    | RouteTarget::TransitGateway(_)
                    | RouteTarget::VpnGateway(_)
                    | RouteTarget::Other(_) => self.refuse_route("CANNOT_ROUTE", x),
                };
                passed.and(route::certainty(hop))
            })
            .collect();
        translated.and(Ternary::whichever(passes))
    }

    /// Whether the ACL admits the answer at some port that a NAT gateway may
    /// have chosen (1024-65535; VPC user guide, "NAT gateway basics").
    pub(super) fn any_nat_port(
        &mut self,
        component: &Component,
        subnet: SubnetId,
        far: IpAddr,
    ) -> Ternary {
        if !self.flow.protocol.has_ports() {
            return self.acl(component, subnet, Stage::Ingress, far);
        }
        let mut ports = filter::client_cuts(component, subnet, self.flow.protocol);
        ports.retain(|&port| CLIENT_PORTS.contains(port));
        ports.push(CLIENT_PORTS.first());
        let mut verdicts = Vec::new();
        for port in ports {
            let mut headers = self.headers(far);
            headers.selector = port;
            let before = self.trace.clone();
            let verdict = filter::acl(component, subnet, Stage::Ingress, headers, &mut self.trace);
            let noted = std::mem::replace(&mut self.trace, before);
            verdicts.push((verdict, noted));
        }
        let best = verdicts.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Ternary::Yes);
        let all = verdicts.iter().all(|(verdict, _)| *verdict == Ternary::Yes);
        if let Some((_, noted)) = verdicts.into_iter().find(|(verdict, _)| *verdict == best) {
            self.trace = noted;
        }
        self.trace.some_nat_ports |= !all && best == Ternary::Yes;
        best
    }

    /// S3 or DynamoDB behind a gateway endpoint.
    pub(super) fn gateway_endpoint(
        &mut self,
        x: Side<'n>,
        id: VpcEndpointId,
        by_prefix_list: bool,
    ) -> Ternary {
        let endpoint = &x.component.vpc_endpoints[id];
        let step = Step {
            id: endpoint.id,
            place: Some(endpoint.place),
            ..nothing("vpc-endpoint", "forward", Stage::Egress)
        };
        if endpoint.kind != VpcEndpointKind::Gateway || !by_prefix_list {
            return self.trace.unknown(LimitationCode::UnknownRouteTarget, endpoint.id);
        }
        let available = match endpoint.available {
            Some(true) => Ternary::Yes,
            Some(false) => return self.trace.refuse("BAD_STATE_ROUTE", step),
            None => self.trace.unknown(LimitationCode::UnreadableValue, endpoint.id),
        };
        let echo = IcmpType { kind: 8, code: 0 }.key();
        let carried = match self.flow.protocol {
            Protocol::Tcp => true,
            Protocol::Icmp => self.flow.selector == echo,
            Protocol::Udp | Protocol::Icmpv6 | Protocol::Other(_) => false,
        };
        if !carried {
            return self.trace.refuse("VPCE_GATEWAY_PROTOCOL_RESTRICTION", step);
        }
        self.trace.step(step);
        available
    }
}

/// The NAT gateway to which the way leads, if it may pass a packet on to a private
/// address: whether public or private, it translates to an address of its own and hands
/// on to the router of its subnet, which may lead to other VPCs and networks (VPC user
/// guide, "NAT gateway use cases"). What comes of it is not modelled.
pub(super) fn translated_elsewhere(
    component: &Component,
    hop: Hop,
    far: IpAddr,
) -> Option<NatGatewayId> {
    let target = match hop {
        Hop::Route { target, .. } => target,
        Hop::Over(crossing) => crossing.target,
        Hop::Inspected(_) | Hop::Beyond | Hop::Nowhere | Hop::Anywhere => return None,
    };
    let RouteTarget::NatGateway(id) = target else { return None };
    let nat = &component.nat_gateways[id];
    if far.is_ipv6() || nat.state == NatState::Gone {
        return None;
    }
    // A regional one has a table of its own.
    let Some(subnet) = nat.subnet else { return Some(id) };
    let ways = route::ways(component, subnet, far, &mut Trace::default());
    let leads = ways.into_iter().any(|hop| match hop {
        Hop::Route { target, .. } => match target {
            RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_) => false,
            RouteTarget::VpcEndpoint(_) => route::dark(component, hop).is_some(),
            RouteTarget::Local
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => true,
        },
        Hop::Over(_) | Hop::Inspected(_) | Hop::Beyond | Hop::Anywhere => true,
        Hop::Nowhere => false,
    });
    leads.then_some(id)
}
