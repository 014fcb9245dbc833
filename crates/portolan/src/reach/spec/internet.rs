//! Out of the VPC and into it: internet gateways, NAT gateways, endpoints,
//! Block Public Access, and networks behind ways that are not modelled.

use std::net::{IpAddr, Ipv4Addr};

use super::filter::{self, Identity};
use super::route::{self, Hop};
use super::trace::{Stage, Step};
use super::walk::{Side, Walk, nothing, peering_blocks_hold};
use super::{End, Ternary};
use crate::model::{
    Assumption, BlockMode, Component, ExclusionMode, InternetGatewayId, LimitationCode, Listing,
    NatConnectivity, NatGatewayId, NatState, PublicOwner, RouteTarget, SubnetId, TextId,
    VpcEndpointId, VpcEndpointKind, VpcId,
};
use crate::net::{CLIENT_PORTS, IcmpType, Protocol};

/// What Block Public Access is asked about.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Access {
    /// From the internet to an interface.
    Inbound,
    /// From an interface through an internet gateway.
    Outbound,
    /// Through a NAT gateway or an egress-only internet gateway.
    EgressOnly,
}

impl<'n> Walk<'n> {
    // ---- to places that are no interface ----

    /// From an interface to something that is none.
    pub(super) fn outward(&mut self, x: Side<'n>, to: End) -> Ternary {
        let far = to.address();
        match to {
            End::Internet(_) => {
                let left = self.leave(x, far, self.internet_identity(far), true);
                let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
                let passes: Vec<Ternary> =
                    ways.into_iter().map(|hop| self.exit(x, far, hop)).collect();
                left.and(Ternary::whichever(passes))
            }
            End::Network(_) => {
                let left = self.leave(x, far, Identity::Network, true);
                left.and(self.network_way(x, far))
            }
            End::Public(_) => self.hairpin(x, None, far),
            End::NatGateway { .. } => {
                let left = self.leave(x, far, Identity::Network, true);
                let step =
                    Step { id: self.text_of(to), ..nothing("nat-gateway", "deny", Stage::Ingress) };
                left.and(self.trace.refuse("NAT_GATEWAY_UNSOLICITED", step))
            }
            End::Vpc { component, vpc, .. } => {
                let left = self.leave(x, far, Identity::Network, true);
                left.and(self.nobody(component, vpc))
            }
            End::AmazonService(_) => {
                self.trace.unknown(LimitationCode::AmazonService, TextId::EMPTY)
            }
            End::Interface { .. } => Ternary::No,
        }
    }

    pub(super) fn outward_reply(&mut self, x: Side<'n>, to: End) -> Ternary {
        let far = to.address();
        let back = match to {
            End::Internet(_) => {
                let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
                let passes: Vec<Ternary> =
                    ways.into_iter().map(|hop| self.exit_reply(x, far, hop)).collect();
                Ternary::whichever(passes)
            }
            End::Public(_) => return self.hairpin_reply(x, None, far),
            // The forward way decides; nothing more is known of the reply's.
            _ => Ternary::Yes,
        };
        back.and(self.acl(x.component, x.subnet(), Stage::Ingress, far))
    }

    /// To an interface from something that is none. `to`: as the sender addresses it.
    pub(super) fn inward(&mut self, from: End, y: Side<'n>, to: End) -> Ternary {
        let far = from.address();
        match from {
            End::Internet(_) if y.address.is_ipv4() && !matches!(to, End::Public(_)) => {
                let arrived = self.arrive(y, far, self.internet_identity(far), true);
                let step = y.step("network-interface", "deny", Stage::Ingress);
                arrived.and(self.trace.refuse("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", step))
            }
            End::Internet(_) => self.arrive_from_internet(y, far),
            // A private sender never arrives through an internet gateway.
            _ if matches!(to, End::Public(_)) => {
                let step = y.step("internet-gateway", "deny", Stage::Ingress);
                self.trace.refuse("GATEWAY_REJECTS_SPOOFED_TRAFFIC", step)
            }
            End::Network(_) => {
                let way = self.unnoted(|walk| walk.network_way(y, far));
                way.and(self.arrive(y, far, Identity::Network, true))
            }
            End::Vpc { component, vpc, .. } => {
                let beside = component == y.at && in_subnet(y.component, y.subnet(), far);
                let way =
                    if beside { Ternary::Yes } else { self.unnoted(|walk| walk.vpc_way(y, from)) };
                let identity =
                    if component == y.at { Identity::Unheld(vpc) } else { Identity::Network };
                way.and(self.arrive(y, far, identity, !beside))
            }
            End::Public(_) => {
                let arrived = self.arrive(y, far, Identity::Network, true);
                arrived.and(self.trace.unknown(LimitationCode::LoadBalancer, self.text_of(from)))
            }
            End::NatGateway { .. } => {
                let step = Step {
                    id: self.text_of(from),
                    ..nothing("nat-gateway", "deny", Stage::Egress)
                };
                self.trace.refuse("NAT_GATEWAY_UNSOLICITED", step)
            }
            End::AmazonService(_) => {
                self.trace.unknown(LimitationCode::AmazonService, TextId::EMPTY)
            }
            End::Interface { .. } => Ternary::No,
        }
    }

    pub(super) fn inward_reply(&mut self, from: End, y: Side<'n>) -> Ternary {
        let far = from.address();
        match from {
            End::Internet(_) => self.reply_to_internet(y, far),
            End::Network(_) => {
                let left = self.acl(y.component, y.subnet(), Stage::Egress, far);
                left.and(self.network_way(y, far))
            }
            End::Vpc { component, .. } => {
                if component == y.at && in_subnet(y.component, y.subnet(), far) {
                    return Ternary::Yes;
                }
                let left = self.acl(y.component, y.subnet(), Stage::Egress, far);
                left.and(self.vpc_way(y, from))
            }
            _ => Ternary::Yes,
        }
    }

    /// Neither end is an interface.
    pub(super) fn neither(&mut self, from: End, to: End) -> Ternary {
        match (from, to) {
            (End::AmazonService(_), _) | (_, End::AmazonService(_)) => {
                self.trace.unknown(LimitationCode::AmazonService, TextId::EMPTY)
            }
            (End::Internet(_) | End::Network(_), End::Internet(_) | End::Network(_)) => {
                self.trace.unknown(LimitationCode::OutsideEstate, TextId::EMPTY)
            }
            (_, End::NatGateway { .. }) | (End::NatGateway { .. }, _) => {
                let id = if matches!(to, End::NatGateway { .. }) {
                    self.text_of(to)
                } else {
                    self.text_of(from)
                };
                let step = Step { id, ..nothing("nat-gateway", "deny", Stage::Ingress) };
                self.trace.refuse("NAT_GATEWAY_UNSOLICITED", step)
            }
            (_, End::Public(public)) => match self.owner_without_interface(public) {
                Some(verdict) => verdict,
                None => {
                    self.trace.refuse("NO_SUCH_ADDRESS", nothing("address", "deny", Stage::Ingress))
                }
            },
            (_, End::Vpc { component, vpc, .. }) | (End::Vpc { component, vpc, .. }, _) => {
                self.nobody(component, vpc)
            }
            (End::Public(_), _) => {
                self.trace.unknown(LimitationCode::LoadBalancer, self.text_of(from))
            }
            (End::Internet(_) | End::Network(_) | End::Interface { .. }, _) => Ternary::No,
        }
    }

    /// No interface holds the address; unless they were not listed.
    fn nobody(&mut self, component: crate::model::ComponentId, vpc: VpcId) -> Ternary {
        let component: &Component = &self.network.components[component];
        if self.listing_missing(component, vpc, Listing::NetworkInterfaces) {
            return self.trace.unknown(LimitationCode::NotCollected, component.vpcs[vpc].id);
        }
        let step = Step {
            id: component.vpcs[vpc].id,
            place: Some(component.vpcs[vpc].place),
            ..nothing("vpc", "deny", Stage::Ingress)
        };
        self.trace.refuse("NO_SUCH_ADDRESS", step)
    }

    fn text_of(&self, end: End) -> TextId {
        match end {
            End::NatGateway { component, nat_gateway, .. } => {
                self.network.components[component].nat_gateways[nat_gateway].id
            }
            End::Public(public) => self
                .network
                .public_owners(public)
                .find_map(|owner| match owner {
                    PublicOwner::LoadBalancer { name } => Some(name),
                    PublicOwner::Elsewhere { id } => Some(id),
                    PublicOwner::NatGateway { component, nat_gateway } => {
                        Some(self.network.components[component].nat_gateways[nat_gateway].id)
                    }
                    PublicOwner::Interface { .. } | PublicOwner::Unassociated => None,
                })
                .unwrap_or_default(),
            _ => TextId::EMPTY,
        }
    }

    // ---- networks behind ways that are not modelled ----

    /// Whether a route leads from the interface to a host outside the VPCs that
    /// the source holds: at most perhaps.
    fn network_way(&mut self, x: Side<'n>, far: IpAddr) -> Ternary {
        let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                if self.dark(x.component, hop) {
                    return Ternary::Unknown;
                }
                match hop {
                    Hop::Route { target: RouteTarget::VpcPeeringConnection(peering), .. } => {
                        self.unseen_peer(x, far, peering)
                    }
                    Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                        self.relay(x, far, None, relay).and(Ternary::Unknown)
                    }
                    Hop::Route { .. } => self.refuse_route("CANNOT_ROUTE", x),
                    Hop::Nowhere | Hop::Anywhere => Ternary::No,
                }
            })
            .collect();
        Ternary::whichever(passes)
    }

    /// A host of a VPC that the source does not hold, behind a peering connection.
    fn unseen_peer(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        id: crate::model::VpcPeeringConnectionId,
    ) -> Ternary {
        let Some((verdict, side)) = self.peering_from(id, x.component, x.vpc()) else {
            return Ternary::Unknown;
        };
        let unseen = side.vpc.is_none_or(|vpc| !x.component.vpcs[vpc].seen);
        let inside = peering_blocks_hold(x.component, side, far);
        if !unseen || inside == Ternary::No {
            return self.refuse_route("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", x);
        }
        let about = side.vpc.map_or(TextId::EMPTY, |vpc| x.component.vpcs[vpc].id);
        verdict.and(self.trace.unknown(LimitationCode::UnknownVpc, about))
    }

    /// Whether the receiver's router leads back to an address of a VPC that no interface holds.
    fn vpc_way(&mut self, y: Side<'n>, from: End) -> Ternary {
        let End::Vpc { component, vpc, address } = from else { return Ternary::No };
        let ways = route::ways(y.component, y.subnet(), address, &mut self.trace);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                if self.dark(y.component, hop) {
                    return Ternary::Unknown;
                }
                let passed = match hop {
                    Hop::Route { target: RouteTarget::Local, .. }
                        if component == y.at && vpc == y.vpc() =>
                    {
                        Ternary::Yes
                    }
                    Hop::Route { target: RouteTarget::VpcPeeringConnection(peering), .. }
                        if component == y.at =>
                    {
                        match self.peering_from(peering, y.component, y.vpc()) {
                            None => Ternary::Unknown,
                            Some((verdict, side)) if side.vpc == Some(vpc) => {
                                verdict.and(peering_blocks_hold(y.component, side, address))
                            }
                            Some(_) => self.refuse_route("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", y),
                        }
                    }
                    Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                        self.relay(y, address, None, relay)
                    }
                    Hop::Route { .. } => self.refuse_route("CANNOT_ROUTE", y),
                    Hop::Nowhere | Hop::Anywhere => Ternary::No,
                };
                passed.and(route::certainty(hop))
            })
            .collect();
        Ternary::whichever(passes)
    }

    // ---- the internet ----

    /// Seen through an internet gateway, everybody is a public address.
    fn internet_identity(&self, far: IpAddr) -> Identity {
        let of_the_estate = match far {
            IpAddr::V4(_) => false,
            IpAddr::V6(address) => self.network.components.iter().any(|component| {
                component
                    .vpcs
                    .ids()
                    .any(|vpc| component.ipv6_holders(vpc, address.to_bits()).next().is_some())
            }),
        };
        Identity::Internet { of_the_estate }
    }

    /// A packet from `far` through the VPC's internet gateway to an interface.
    pub(super) fn arrive_from_internet(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        let mut verdict = Ternary::Yes;
        if y.address.is_ipv6() && y.interface.deny_all_igw_traffic() {
            let step = y.step("network-interface", "deny", Stage::Ingress);
            verdict = self.trace.refuse("DENY_ALL_IGW_TRAFFIC", step);
        }
        if never_from_internet(far) || in_vpc(y.component, y.vpc(), far) {
            let step = y.step("internet-gateway", "deny", Stage::Ingress);
            verdict = self.trace.refuse("GATEWAY_REJECTS_SPOOFED_TRAFFIC", step);
        }
        verdict = verdict.and(self.attached_gateway(y));
        verdict = verdict.and(self.public_access(y.component, y.subnet(), Access::Inbound));
        verdict.and(self.arrive(y, far, self.internet_identity(far), true))
    }

    /// Some internet gateway leads into the VPC, and its own route table, if it
    /// has one, to the interface and not to a middlebox.
    fn attached_gateway(&mut self, y: Side<'n>) -> Ternary {
        let attached: Vec<TextId> = y
            .component
            .internet_gateways
            .iter()
            .filter(|gateway| gateway.seen && is_attached(gateway.attachments.iter(), y.vpc()))
            .map(|gateway| gateway.id)
            .collect();
        if attached.is_empty() {
            let unseen = y.component.internet_gateways.iter().find(|gateway| !gateway.seen);
            if let Some(gateway) = unseen {
                return self.trace.unknown(LimitationCode::UnknownRouteTarget, gateway.id);
            }
            if self.listing_missing(y.component, y.vpc(), Listing::InternetGateways) {
                return self
                    .trace
                    .unknown(LimitationCode::NotCollected, y.component.vpcs[y.vpc()].id);
            }
            let step = y.step("internet-gateway", "deny", Stage::Ingress);
            return self.trace.refuse("NO_INTERNET_GATEWAY", step);
        }
        let mut verdict = Ternary::No;
        for id in attached {
            self.trace.step(Step { id, ..nothing("internet-gateway", "forward", Stage::Ingress) });
            verdict = verdict.or(self.gateway_table(y, id));
        }
        verdict
    }

    /// The route table that an internet gateway is associated with.
    fn gateway_table(&mut self, y: Side<'n>, gateway: TextId) -> Ternary {
        let tables: Vec<_> = y
            .component
            .route_tables
            .iter()
            .filter(|table| table.gateways.iter().any(|association| association.gateway == gateway))
            .collect();
        let passes: Vec<Ternary> = tables
            .into_iter()
            .flat_map(|table| {
                let ways = route::ways_of(y.component, table, y.address, false, &mut self.trace);
                ways.into_iter()
                    .map(|hop| match hop {
                        Hop::Route { target: RouteTarget::Local, sure: true, .. }
                        | Hop::Nowhere => Ternary::Yes,
                        Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                            self.relay(y, y.address, Some(y.interface.index()), relay)
                        }
                        Hop::Route { .. } | Hop::Anywhere => {
                            self.trace.unknown(LimitationCode::Middlebox, gateway)
                        }
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        if passes.is_empty() { Ternary::Yes } else { Ternary::whichever(passes) }
    }

    /// The reply of an interface to a host on the internet: it must leave as it came.
    fn reply_to_internet(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        let left = self.acl(y.component, y.subnet(), Stage::Egress, far);
        let ways = route::ways(y.component, y.subnet(), far, &mut self.trace);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                if self.dark(y.component, hop) {
                    return Ternary::Unknown;
                }
                let passed = match hop {
                    Hop::Route { target: RouteTarget::InternetGateway(gateway), .. } => {
                        self.internet_gateway(y, gateway)
                    }
                    Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                        self.relay(y, far, None, relay)
                    }
                    // Whether an endpoint carries the answer to somebody who came
                    // through the internet gateway is not documented.
                    Hop::Route { target: RouteTarget::VpcEndpoint(endpoint), .. } => {
                        self.trace.unknown(
                            LimitationCode::UnmodelledRouteTarget,
                            y.component.vpc_endpoints[endpoint].id,
                        )
                    }
                    Hop::Route { .. } => self.refuse_route("CANNOT_ROUTE", y),
                    Hop::Nowhere | Hop::Anywhere => Ternary::No,
                };
                passed.and(route::certainty(hop))
            })
            .collect();
        left.and(Ternary::whichever(passes))
    }

    /// Whether an internet gateway that a route names is attached to the VPC.
    fn internet_gateway(&mut self, x: Side<'n>, id: InternetGatewayId) -> Ternary {
        self.gateway_of_vpc(x.component, id, x.vpc())
    }

    fn gateway_of_vpc(
        &mut self,
        component: &Component,
        id: InternetGatewayId,
        vpc: VpcId,
    ) -> Ternary {
        let gateway = &component.internet_gateways[id];
        let step = Step {
            id: gateway.id,
            place: Some(gateway.place),
            ..nothing("internet-gateway", "forward", Stage::Egress)
        };
        if !gateway.seen {
            self.trace.step(Step { action: "unknown", ..step });
            return self.trace.unknown(LimitationCode::UnknownRouteTarget, gateway.id);
        }
        if !is_attached(gateway.attachments.iter(), vpc) {
            return self.trace.refuse("CANNOT_ROUTE", step);
        }
        self.trace.step(step);
        Ternary::Yes
    }

    /// From an interface's router to a public address.
    pub(super) fn exit(&mut self, x: Side<'n>, far: IpAddr, hop: Hop) -> Ternary {
        if self.dark(x.component, hop) {
            return Ternary::Unknown;
        }
        let Hop::Route { target, by_prefix_list, .. } = hop else { return Ternary::No };
        let passed = match target {
            RouteTarget::InternetGateway(gateway) => {
                let attached = self.internet_gateway(x, gateway);
                let translated = if x.address.is_ipv6() || public_of(x).is_some() {
                    Ternary::Yes
                } else {
                    let step = x.step("network-interface", "deny", Stage::Egress);
                    self.trace.refuse("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", step)
                };
                let access = self.public_access(x.component, x.subnet(), Access::Outbound);
                attached.and(translated).and(access)
            }
            RouteTarget::EgressOnlyInternetGateway(id) => {
                let gateway = &x.component.egress_only_internet_gateways[id];
                let step = Step {
                    id: gateway.id,
                    place: Some(gateway.place),
                    ..nothing("egress-only-internet-gateway", "forward", Stage::Egress)
                };
                let attached = if x.address.is_ipv4() {
                    self.trace.refuse("CANNOT_ROUTE", step)
                } else if !gateway.seen {
                    self.trace.unknown(LimitationCode::UnknownRouteTarget, gateway.id)
                } else if is_attached(gateway.attachments.iter(), x.vpc()) {
                    self.trace.step(step);
                    Ternary::Yes
                } else {
                    self.trace.refuse("CANNOT_ROUTE", step)
                };
                attached.and(self.public_access(x.component, x.subnet(), Access::EgressOnly))
            }
            RouteTarget::NatGateway(nat) => self.nat_gateway(x, far, nat),
            RouteTarget::VpcEndpoint(endpoint) => {
                self.gateway_endpoint(x, endpoint, by_prefix_list)
            }
            RouteTarget::NetworkInterface(relay) => {
                self.relay(x, far, None, relay).and(Ternary::Unknown)
            }
            RouteTarget::VpcPeeringConnection(peering) => self.unseen_peer(x, far, peering),
            RouteTarget::Local
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => self.refuse_route("CANNOT_ROUTE", x),
        };
        passed.and(route::certainty(hop))
    }

    /// The way of the answer from a public address back to the sender's subnet.
    fn exit_reply(&mut self, x: Side<'n>, far: IpAddr, hop: Hop) -> Ternary {
        if self.dark(x.component, hop) {
            return Ternary::Unknown;
        }
        let Hop::Route { target, .. } = hop else { return Ternary::Yes };
        match target {
            RouteTarget::InternetGateway(gateway) => {
                let id = x.component.internet_gateways[gateway].id;
                self.gateway_table(x, id)
            }
            RouteTarget::NatGateway(nat) => self.nat_gateway_reply(x, far, nat),
            _ => Ternary::Yes,
        }
    }

    /// Out through a NAT gateway: into its subnet, translated, and out by that subnet's router.
    fn nat_gateway(&mut self, x: Side<'n>, far: IpAddr, id: NatGatewayId) -> Ternary {
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
        if subnet == x.subnet() {
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
                        _ => self.trace.unknown(LimitationCode::PrivateNatGateway, nat.id),
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
                    Hop::Route {
                        target: RouteTarget::NetworkInterface(_) | RouteTarget::VpcEndpoint(_),
                        ..
                    } => self.trace.unknown(LimitationCode::PrivateNatGateway, nat.id),
                    Hop::Route { .. } => self.trace.refuse("CANNOT_ROUTE", step),
                    Hop::Nowhere | Hop::Anywhere => Ternary::No,
                };
                passed.and(route::certainty(hop))
            })
            .collect();
        entered.and(left).and(access).and(Ternary::whichever(passes))
    }

    /// The answer to a NAT gateway: to the port that it chose, and on to the sender.
    fn nat_gateway_reply(&mut self, x: Side<'n>, far: IpAddr, id: NatGatewayId) -> Ternary {
        let nat = &x.component.nat_gateways[id];
        let Some(subnet) = nat.subnet else { return Ternary::Yes };
        let outer = self.any_nat_port(x.component, subnet, far);
        outer.and(self.acl(x.component, subnet, Stage::Egress, x.address))
    }

    /// Whether the ACL admits the answer at some port that a NAT gateway may
    /// have chosen (1024-65535; VPC user guide, "NAT gateway basics").
    fn any_nat_port(&mut self, component: &Component, subnet: SubnetId, far: IpAddr) -> Ternary {
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
    fn gateway_endpoint(
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

    // ---- from inside to a public address of the estate ----

    /// Out to the internet and back in, to the owner of a public address.
    pub(super) fn hairpin(&mut self, x: Side<'n>, owner: Option<Side<'n>>, far: IpAddr) -> Ternary {
        let left = self.leave(x, far, self.internet_identity(far), true);
        let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                let passed = self.exit(x, far, hop);
                if self.is_service(x, hop) {
                    return passed;
                }
                let arrived: Vec<Ternary> = match owner {
                    Some(owner) => {
                        let sources = self.seen_as(x, hop);
                        sources
                            .into_iter()
                            .map(|source| self.arrive_from_internet(owner, source))
                            .collect()
                    }
                    None => vec![self.no_interface_behind(far)],
                };
                passed.and(Ternary::whichever(arrived))
            })
            .collect();
        left.and(Ternary::whichever(passes))
    }

    pub(super) fn hairpin_reply(
        &mut self,
        x: Side<'n>,
        owner: Option<Side<'n>>,
        far: IpAddr,
    ) -> Ternary {
        let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                let home = self.exit_reply(x, far, hop);
                let Some(owner) = owner.filter(|_| !self.is_service(x, hop)) else { return home };
                let sources = self.seen_as(x, hop);
                let left: Vec<Ternary> = sources
                    .into_iter()
                    .map(|source| self.reply_to_internet(owner, source))
                    .collect();
                home.and(Ternary::whichever(left))
            })
            .collect();
        Ternary::whichever(passes).and(self.acl(x.component, x.subnet(), Stage::Ingress, far))
    }

    fn is_service(&self, x: Side<'n>, hop: Hop) -> bool {
        matches!(hop, Hop::Route { target: RouteTarget::VpcEndpoint(id), by_prefix_list: true, .. }
            if x.component.vpc_endpoints[id].kind == VpcEndpointKind::Gateway)
    }

    /// As whom the far side sees the sender. Empty: that is not known.
    fn seen_as(&self, x: Side<'n>, hop: Hop) -> Vec<IpAddr> {
        let Hop::Route { target, .. } = hop else { return Vec::new() };
        match target {
            RouteTarget::InternetGateway(_) => public_of(x).into_iter().collect(),
            RouteTarget::NatGateway(nat) => x.component.nat_gateways[nat]
                .addresses
                .iter()
                .filter_map(|address| address.public)
                .map(|public| IpAddr::V4(Ipv4Addr::from_bits(public)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A public address of the estate that leads to no interface of the source.
    fn no_interface_behind(&mut self, far: IpAddr) -> Ternary {
        let IpAddr::V4(public) = far else { return Ternary::No };
        let refused = self.owner_without_interface(public.to_bits());
        refused.unwrap_or(Ternary::No)
    }

    fn owner_without_interface(&mut self, public: u32) -> Option<Ternary> {
        let verdicts: Vec<Ternary> = self
            .network
            .public_owners(public)
            .map(|owner| match owner {
                PublicOwner::NatGateway { component, nat_gateway } => {
                    let id = self.network.components[component].nat_gateways[nat_gateway].id;
                    let step = Step { id, ..nothing("nat-gateway", "deny", Stage::Ingress) };
                    self.trace.refuse("NAT_GATEWAY_UNSOLICITED", step)
                }
                PublicOwner::LoadBalancer { name } => {
                    self.trace.unknown(LimitationCode::LoadBalancer, name)
                }
                PublicOwner::Elsewhere { id } => {
                    self.trace.unknown(LimitationCode::UnknownNetworkInterface, id)
                }
                PublicOwner::Unassociated | PublicOwner::Interface { .. } => {
                    let step = nothing("address", "deny", Stage::Ingress);
                    self.trace.refuse("NO_SUCH_ADDRESS", step)
                }
            })
            .collect();
        (!verdicts.is_empty()).then(|| Ternary::whichever(verdicts))
    }

    // ---- VPC Block Public Access ----

    /// Whether Block Public Access lets traffic of a subnet pass (VPC user guide,
    /// "Block public access to VPCs and subnets": the subnet's owner decides).
    fn public_access(
        &mut self,
        component: &Component,
        subnet: SubnetId,
        access: Access,
    ) -> Ternary {
        let subnet = &component.subnets[subnet];
        let Some(options) = &component.scopes[subnet.scope].block_public_access else {
            self.trace.assumptions.insert(Assumption::BlockPublicAccessOff);
            return Ternary::Yes;
        };
        let vpc = component.vpcs[subnet.vpc].id;
        let refused = match (options.mode, access) {
            (BlockMode::Off, _) | (BlockMode::Ingress, Access::EgressOnly) => return Ternary::Yes,
            (BlockMode::Bidirectional, _)
            | (BlockMode::Ingress, Access::Inbound | Access::Outbound) => Ternary::No,
            (BlockMode::Unknown, _) => self.trace.unknown(LimitationCode::UnreadableValue, vpc),
        };
        let Some(exclusions) = &options.exclusions else {
            return self.trace.unknown(LimitationCode::UnknownExclusions, subnet.id);
        };
        let mut excluded = Ternary::No;
        for exclusion in
            exclusions.iter().filter(|exclusion| [vpc, subnet.id].contains(&exclusion.resource))
        {
            let lets = match (exclusion.mode, access, options.mode) {
                (ExclusionMode::Bidirectional, ..) => Ternary::Yes,
                (ExclusionMode::Egress, Access::Inbound, _) => Ternary::No,
                // Allow-egress is documented for the bidirectional mode only.
                (ExclusionMode::Egress, _, BlockMode::Ingress) => Ternary::Unknown,
                (ExclusionMode::Egress, ..) => Ternary::Yes,
                (ExclusionMode::Unknown, ..) => Ternary::Unknown,
            };
            if lets == Ternary::Unknown {
                self.trace.unknown(LimitationCode::UnreadableValue, exclusion.resource);
            }
            excluded = excluded.or(lets);
        }
        let verdict = refused.or(excluded);
        if verdict == Ternary::No {
            let step = Step {
                id: subnet.id,
                place: Some(options.place),
                ..nothing("vpc-block-public-access", "deny", Stage::Ingress)
            };
            self.trace.refuse("VPC_BLOCK_PUBLIC_ACCESS_ENABLED", step);
        }
        verdict
    }
}

/// The public IPv4 address of the sending address.
fn public_of(x: Side<'_>) -> Option<IpAddr> {
    let IpAddr::V4(address) = x.address else { return None };
    let address = address.to_bits();
    let held =
        x.interface.ipv4().iter().find(|held| held.first <= address && address <= held.last)?;
    held.public.map(|public| IpAddr::V4(Ipv4Addr::from_bits(public)))
}

fn is_attached<'a>(
    mut attachments: impl Iterator<Item = &'a crate::model::GatewayAttachment>,
    vpc: VpcId,
) -> bool {
    attachments.any(|attachment| attachment.attached && attachment.vpc == vpc)
}

/// Addresses that an internet gateway rejects as a source: RFC 1918 and RFC 6598.
fn never_from_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let shared = address.to_bits() >> 22 == Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22;
            address.is_private() || shared
        }
        IpAddr::V6(_) => false,
    }
}

/// Whether the address is inside the blocks of the VPC.
fn in_vpc(component: &Component, vpc: VpcId, address: IpAddr) -> bool {
    let vpc = &component.vpcs[vpc];
    match address {
        IpAddr::V4(address) => vpc.ipv4.iter().any(|block| block.contains(address.to_bits())),
        IpAddr::V6(address) => vpc.ipv6.iter().any(|block| block.contains(address.to_bits())),
    }
}

/// Whether the address is inside the blocks of the subnet.
fn in_subnet(component: &Component, subnet: SubnetId, address: IpAddr) -> bool {
    let subnet = &component.subnets[subnet];
    match address {
        IpAddr::V4(address) => subnet.ipv4.is_some_and(|block| block.contains(address.to_bits())),
        IpAddr::V6(address) => subnet.ipv6.iter().any(|block| block.contains(address.to_bits())),
    }
}
