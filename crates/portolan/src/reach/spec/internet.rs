//! Through an internet gateway: out of the VPC, into it, and out and in again.

use std::net::{IpAddr, Ipv4Addr};

use super::Ternary;
use super::access::Access;
use super::filter::Identity;
use super::firewall::Inspection;
use super::route::{self, Hop};
use super::trace::{Stage, Step};
use super::walk::{Side, Walk, nothing};
use crate::model::{
    Component, InternetGatewayId, LimitationCode, Listing, PublicOwner, RouteTarget, SubnetId,
    TextId, VpcEndpointId, VpcEndpointKind, VpcId,
};

impl<'n> Walk<'n> {
    /// Who an interface is to another over the internet.
    pub(super) fn identity_online(of: Side<'n>, to: Side<'n>) -> Identity {
        Identity::Internet { holder: (of.at == to.at).then(|| of.interface.index()) }
    }

    /// A packet from `far` through the VPC's internet gateway to an interface.
    pub(super) fn arrive_from_internet(
        &mut self,
        y: Side<'n>,
        far: IpAddr,
        identity: Identity,
    ) -> Ternary {
        self.come_in(y, far, identity, None)
    }

    /// The same from a stranger, perhaps through a firewall.
    pub(super) fn arrive_from_stranger(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        self.come_in(y, far, Identity::STRANGER, self.gate_inspection(y))
    }

    fn come_in(
        &mut self,
        y: Side<'n>,
        far: IpAddr,
        identity: Identity,
        by: Option<Inspection>,
    ) -> Ternary {
        let mut verdict = Ternary::Yes;
        match y.interface.deny_all_igw_traffic() {
            Some(true) if y.address.is_ipv6() => {
                let step = y.step("network-interface", "deny", Stage::Ingress);
                verdict = self.trace.refuse("DENY_ALL_IGW_TRAFFIC", step);
            }
            None if y.address.is_ipv6() => {
                verdict =
                    self.trace.not_collected(y.component, y.vpc(), Listing::NetworkInterfaces);
            }
            Some(_) | None => {}
        }
        if never_from_internet(far) || in_vpc(y.component, y.vpc(), far) {
            let step = y.step("internet-gateway", "deny", Stage::Ingress);
            verdict = verdict.and(self.trace.refuse("GATEWAY_REJECTS_SPOOFED_TRAFFIC", step));
        }
        verdict = verdict.and(match by {
            Some(way) => {
                let gateways = y.component.internet_gateways.iter();
                let mut attached = gateways.filter(|gateway| {
                    gateway.seen && is_attached(gateway.attachments.iter(), y.vpc())
                });
                if let Some(gateway) = attached.next() {
                    let step = nothing("internet-gateway", "forward", Stage::Ingress);
                    self.trace.step(Step { id: gateway.id, place: Some(gateway.place), ..step });
                }
                self.inspect(y.component, way, far, y.address)
            }
            None => self.attached_gateway(y),
        });
        verdict = verdict.and(self.public_access(y.component, y.subnet(), Access::Inbound));
        verdict.and(self.arrive(y, far, identity, true))
    }

    /// Some internet gateway leads into the VPC, and its own route table, if it
    /// has one, to the interface and not to a middlebox.
    pub(super) fn attached_gateway(&mut self, y: Side<'n>) -> Ternary {
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
                let listing = Listing::InternetGateways;
                return self.trace.not_collected(y.component, y.vpc(), listing);
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
    pub(super) fn gateway_table(&mut self, y: Side<'n>, gateway: TextId) -> Ternary {
        let passes: Vec<Ternary> = y
            .component
            .tables_naming_gateway(gateway)
            .flat_map(|table| {
                let table = &y.component.route_tables[table];
                let ways = route::ways_of(y.component, table, y.address, false, &mut self.trace);
                ways.into_iter()
                    .map(|hop| match hop {
                        Hop::Route { target: RouteTarget::Local, sure: true, .. }
                        | Hop::Nowhere => Ternary::Yes,
                        Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                            self.relay(y, y.address, Some(y.interface.index()), relay)
                        }
                        Hop::Route { target: RouteTarget::VpcEndpoint(endpoint), .. } => {
                            let endpoint = &y.component.vpc_endpoints[endpoint];
                            let code = match endpoint.kind {
                                VpcEndpointKind::GatewayLoadBalancer => {
                                    LimitationCode::GatewayLoadBalancerEndpoint
                                }
                                VpcEndpointKind::Gateway
                                | VpcEndpointKind::Interface
                                | VpcEndpointKind::Resource
                                | VpcEndpointKind::ServiceNetwork
                                | VpcEndpointKind::Unknown => LimitationCode::UnknownRouteTarget,
                            };
                            self.trace.unknown(code, endpoint.id)
                        }
                        Hop::Route { .. }
                        | Hop::Over(_)
                        | Hop::Inspected(_)
                        | Hop::Beyond
                        | Hop::Anywhere => self.trace.unknown(LimitationCode::Middlebox, gateway),
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        if passes.is_empty() { Ternary::Yes } else { Ternary::whichever(passes) }
    }

    /// The reply of an interface to a host on the internet: it must leave as it came.
    pub(super) fn reply_to_internet(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        let left = self.acl(y.component, y.subnet(), Stage::Egress, far);
        left.and(self.way_back_online(y, far))
    }

    /// The same to a stranger who came perhaps through a firewall.
    pub(super) fn reply_to_stranger(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        let left = self.acl(y.component, y.subnet(), Stage::Egress, far);
        let came = self.gate_inspection(y).map(|way| way.endpoint);
        left.and(self.way_back(y, far, came))
    }

    /// Whether the interface's router leads back to a host on the internet.
    pub(super) fn way_back_online(&mut self, y: Side<'n>, far: IpAddr) -> Ternary {
        self.way_back(y, far, None)
    }

    /// `came`: the firewall through which the packet came.
    fn way_back(&mut self, y: Side<'n>, far: IpAddr, came: Option<VpcEndpointId>) -> Ternary {
        let ways = self.roads(y.component, y.subnet(), y.address, far);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                if self.dark(y.component, hop) {
                    return Ternary::Unknown;
                }
                if let Hop::Inspected(way) = hop {
                    if way.target == RouteTarget::Local {
                        return self.refuse_route("CANNOT_ROUTE", y);
                    }
                    if came != Some(way.endpoint) {
                        return self.asymmetric(y.component, way.endpoint);
                    }
                    return self.inspect(y.component, way, y.address, far);
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
                    Hop::Route { .. } | Hop::Over(_) | Hop::Inspected(_) => {
                        self.refuse_route("CANNOT_ROUTE", y)
                    }
                    Hop::Nowhere | Hop::Beyond | Hop::Anywhere => Ternary::No,
                };
                let passed = match came {
                    Some(endpoint) => passed.and(self.asymmetric(y.component, endpoint)),
                    None => passed,
                };
                passed.and(route::certainty(hop))
            })
            .collect();
        Ternary::whichever(passes)
    }

    /// Whether an internet gateway that a route names is attached to the VPC.
    pub(super) fn internet_gateway(&mut self, x: Side<'n>, id: InternetGatewayId) -> Ternary {
        self.gateway_of_vpc(x.component, id, x.vpc())
    }

    pub(super) fn gateway_of_vpc(
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
        if let Hop::Over(crossing) = hop {
            return self.exit_over(x, far, crossing).and(route::certainty(hop));
        }
        if let Hop::Inspected(way) = hop {
            if way.target == RouteTarget::Local {
                return self.refuse_route("CANNOT_ROUTE", x);
            }
            let passed = self.inspect(x.component, way, x.address, far);
            return passed.and(self.translated_at_gateway(x));
        }
        let Hop::Route { target, by_prefix_list, .. } = hop else { return Ternary::No };
        let passed = match target {
            RouteTarget::InternetGateway(gateway) => {
                let attached = self.internet_gateway(x, gateway);
                let translated = self.translated_at_gateway(x);
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
            RouteTarget::NatGateway(nat) => self.nat_gateway(x, x.subnet(), far, nat),
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

    /// Whether an internet gateway has a public address for an interface's own.
    fn translated_at_gateway(&mut self, x: Side<'n>) -> Ternary {
        if x.address.is_ipv6() || public_of(x).is_some() {
            return Ternary::Yes;
        }
        let step = x.step("network-interface", "deny", Stage::Egress);
        self.trace.refuse("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", step)
    }

    /// The way of the answer from a public address back to the sender's subnet.
    pub(super) fn exit_reply(&mut self, x: Side<'n>, far: IpAddr, hop: Hop) -> Ternary {
        if self.dark(x.component, hop) {
            return Ternary::Unknown;
        }
        if let Hop::Over(crossing) = hop {
            return self.exit_over_reply(x, far, crossing);
        }
        if let Hop::Inspected(way) = hop {
            return self.inspected_home(x, far, way);
        }
        let Hop::Route { target, .. } = hop else { return Ternary::Yes };
        match target {
            RouteTarget::InternetGateway(gateway) => {
                // Of a gateway that may not be the VPC's the table says nothing.
                let gateway = &x.component.internet_gateways[gateway];
                if gateway.seen && is_attached(gateway.attachments.iter(), x.vpc()) {
                    self.gateway_table(x, gateway.id)
                } else {
                    Ternary::Yes
                }
            }
            RouteTarget::NatGateway(nat) => self.nat_gateway_home(x, far, nat),
            RouteTarget::Local
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => Ternary::Yes,
        }
    }

    /// The answer to what a firewall let out: it must come in through the same one.
    fn inspected_home(&mut self, x: Side<'n>, far: IpAddr, way: Inspection) -> Ternary {
        let RouteTarget::InternetGateway(gateway) = way.target else { return Ternary::Yes };
        match self.gate_inspection(x) {
            Some(back) if back.endpoint == way.endpoint => {
                self.inspect(x.component, back, far, x.address)
            }
            Some(_) | None => {
                let gateway = x.component.internet_gateways[gateway].id;
                let handed = self.gateway_table(x, gateway);
                handed.and(self.asymmetric(x.component, way.endpoint))
            }
        }
    }

    // ---- from inside to a public address of the estate ----

    /// Out to the internet and back in, to the owner of a public address.
    pub(super) fn hairpin(&mut self, x: Side<'n>, owner: Option<Side<'n>>, far: IpAddr) -> Ternary {
        let left = self.leave(x, far, Identity::STRANGER, true);
        let ways = self.roads(x.component, x.subnet(), x.address, far);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                let passed = self.exit(x, far, hop);
                if self.is_service(x, hop) || self.may_be_service(x, hop) {
                    return passed;
                }
                let arrived: Vec<Ternary> = match owner {
                    Some(owner) => {
                        let sources = self.seen_as(x, hop);
                        sources
                            .into_iter()
                            .map(|source| {
                                self.arrive_from_internet(owner, source, Identity::STRANGER)
                            })
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
        let ways = self.roads_of_packet(x, far);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                let home = self.exit_reply(x, far, hop);
                let home = home.and(self.admitted_home(x, far, hop));
                let Some(owner) = owner.filter(|_| !self.is_service(x, hop)) else { return home };
                let sources = self.seen_as(x, hop);
                let left: Vec<Ternary> = sources
                    .into_iter()
                    .map(|source| {
                        self.reply_to_internet(owner, source).and(self.handed_back(owner, source))
                    })
                    .collect();
                home.and(Ternary::whichever(left))
            })
            .collect();
        Ternary::whichever(passes)
    }

    pub(super) fn is_service(&self, x: Side<'n>, hop: Hop) -> bool {
        matches!(hop, Hop::Route { target: RouteTarget::VpcEndpoint(id), by_prefix_list: true, .. }
            if x.component.vpc_endpoints[id].kind == VpcEndpointKind::Gateway)
    }

    /// An endpoint that was not seen may be one to a service.
    fn may_be_service(&self, x: Side<'n>, hop: Hop) -> bool {
        matches!(hop, Hop::Route { target: RouteTarget::VpcEndpoint(id), .. }
            if x.component.vpc_endpoints[id].kind == VpcEndpointKind::Unknown)
    }

    /// As whom the far side sees the sender. Empty: that is not known.
    pub(super) fn seen_as(&self, x: Side<'n>, hop: Hop) -> Vec<IpAddr> {
        let target = match hop {
            Hop::Route { target, .. } => target,
            Hop::Over(crossing) => crossing.target,
            Hop::Inspected(way) => way.target,
            Hop::Beyond | Hop::Nowhere | Hop::Anywhere => return Vec::new(),
        };
        match target {
            RouteTarget::InternetGateway(_) => public_of(x).into_iter().collect(),
            RouteTarget::NatGateway(nat) => x.component.nat_gateways[nat]
                .addresses
                .iter()
                .filter_map(|address| address.public)
                .map(|public| IpAddr::V4(Ipv4Addr::from_bits(public)))
                .collect(),
            RouteTarget::Local
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => Vec::new(),
        }
    }

    /// A public address of the estate that leads to no interface of the source.
    pub(super) fn no_interface_behind(&mut self, far: IpAddr) -> Ternary {
        let IpAddr::V4(public) = far else { return Ternary::No };
        let refused = self.owner_without_interface(public.to_bits());
        refused.unwrap_or(Ternary::No)
    }

    pub(super) fn owner_without_interface(&mut self, public: u32) -> Option<Ternary> {
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
}

/// The public IPv4 address of the sending address.
pub(super) fn public_of(x: Side<'_>) -> Option<IpAddr> {
    let IpAddr::V4(address) = x.address else { return None };
    let address = address.to_bits();
    let held =
        x.interface.ipv4().iter().find(|held| held.first <= address && address <= held.last)?;
    held.public.map(|public| IpAddr::V4(Ipv4Addr::from_bits(public)))
}

pub(super) fn is_attached<'a>(
    mut attachments: impl Iterator<Item = &'a crate::model::GatewayAttachment>,
    vpc: VpcId,
) -> bool {
    attachments.any(|attachment| attachment.attached && attachment.vpc == vpc)
}

/// Addresses that an internet gateway rejects as a source: RFC 1918 and RFC 6598.
pub(super) fn never_from_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let shared = address.to_bits() >> 22 == Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22;
            address.is_private() || shared
        }
        IpAddr::V6(_) => false,
    }
}

/// Whether the address is inside the blocks of the VPC.
pub(super) fn in_vpc(component: &Component, vpc: VpcId, address: IpAddr) -> bool {
    let vpc = &component.vpcs[vpc];
    match address {
        IpAddr::V4(address) => vpc.ipv4.iter().any(|block| block.contains(address.to_bits())),
        IpAddr::V6(address) => vpc.ipv6.iter().any(|block| block.contains(address.to_bits())),
    }
}

/// Whether the address is inside the blocks of the subnet.
pub(super) fn in_subnet(component: &Component, subnet: SubnetId, address: IpAddr) -> Ternary {
    let subnet = &component.subnets[subnet];
    if !subnet.seen || subnet.contested {
        return Ternary::Unknown;
    }
    Ternary::known(match address {
        IpAddr::V4(address) => subnet.ipv4.is_some_and(|block| block.contains(address.to_bits())),
        IpAddr::V6(address) => subnet.ipv6.iter().any(|block| block.contains(address.to_bits())),
    })
}
