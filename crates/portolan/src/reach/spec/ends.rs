//! Flows of which one end, or neither, is an interface of the estate.

use std::net::IpAddr;

use super::filter::Identity;
use super::internet::in_subnet;
use super::nat::translated_elsewhere;
use super::peering::peering_blocks_hold;
use super::route::{self, Hop};
use super::trace::{Stage, Step};
use super::transit::has_attachment;
use super::walk::{Side, Walk, holds, nothing};
use super::{End, Ternary};
use crate::model::{
    Component, ComponentId, LimitationCode, Listing, PublicOwner, RouteTarget, TextId, Unlisted,
    VpcId, VpcPeeringConnectionId,
};
use crate::record::Way;

impl<'n> Walk<'n> {
    /// From an interface to something that is none.
    pub(super) fn outward(&mut self, x: Side<'n>, to: End) -> Ternary {
        let far = to.address();
        match to {
            End::Internet(_) => {
                let left = self.leave(x, far, Identity::STRANGER, true);
                let ways = self.roads(x.component, x.subnet(), x.address, far);
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
                let beside = self.beside(x, far, (component, vpc));
                let identity =
                    if component == x.at { Identity::Unheld(vpc) } else { Identity::Network };
                let left = self.leave(x, far, identity, beside == Ternary::No);
                let way = match beside {
                    Ternary::No => {
                        self.unnoted(|walk| walk.vpc_way(x, to).or(walk.vpc_way_online(x, to)))
                    }
                    Ternary::Unknown | Ternary::Yes => Ternary::Yes,
                };
                left.and(way).and(self.nobody(component, vpc))
            }
            End::AmazonService(_) => {
                self.trace.unknown(LimitationCode::AmazonService, TextId::EMPTY)
            }
            End::Interface { .. } => Ternary::No,
        }
    }

    pub(super) fn outward_reply(&mut self, x: Side<'n>, to: End) -> Ternary {
        let far = to.address();
        match to {
            End::Internet(_) => {
                let mut ways = self.roads_of_packet(x, far);
                // Nothing answers to what a way did not let out.
                if ways.len() > 1 {
                    ways.retain(|&hop| self.lets_out(x, far, hop));
                }
                let passes: Vec<Ternary> = ways
                    .into_iter()
                    .map(|hop| {
                        let home = self.exit_reply(x, far, hop);
                        home.and(self.admitted_home(x, far, hop))
                    })
                    .collect();
                Ternary::whichever(passes)
            }
            End::Public(_) => self.hairpin_reply(x, None, far),
            End::Vpc { component, vpc, .. }
                if self.beside(x, far, (component, vpc)) != Ternary::No =>
            {
                Ternary::Yes
            }
            // The forward way decides; nothing more is known of the reply's.
            End::Interface { .. }
            | End::NatGateway { .. }
            | End::Vpc { .. }
            | End::Network(_)
            | End::AmazonService(_) => {
                // Nor whether it comes out of a transit gateway in the subnet itself.
                let admitted = self.acl(x.component, x.subnet(), Stage::Ingress, far);
                let beside = has_attachment(x.component, x.subnet());
                if beside { admitted.or(Ternary::Unknown) } else { admitted }
            }
        }
    }

    /// Whether the packet that is answered may have gone this way.
    fn lets_out(&mut self, x: Side<'n>, far: IpAddr, hop: Hop) -> bool {
        let way = std::mem::replace(&mut self.trace.way, Way::Forward);
        let verdict = self.unnoted(|walk| walk.exit(x, far, hop));
        self.trace.way = way;
        verdict != Ternary::No
    }

    /// To an interface from something that is none. `to`: as the sender addresses it.
    pub(super) fn inward(&mut self, from: End, y: Side<'n>, to: End) -> Ternary {
        let far = from.address();
        match from {
            // Nobody knows the public address of an interface that nobody listed.
            End::Internet(_)
                if y.address.is_ipv4()
                    && !matches!(to, End::Public(_))
                    && y.interface.unlisted() != Some(Unlisted::MaybePublic) =>
            {
                let arrived = self.arrive(y, far, Identity::STRANGER, true);
                let step = y.step("network-interface", "deny", Stage::Ingress);
                arrived.and(self.trace.refuse("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", step))
            }
            End::Internet(_) => self.arrive_from_stranger(y, far),
            // Nobody knows whether a public address leads to it.
            End::Vpc { component, vpc, .. }
                if matches!(to, End::Public(_))
                    && self.unheld(component, vpc) == Ternary::Unknown =>
            {
                Ternary::Unknown
            }
            // A private sender never arrives through an internet gateway.
            _ if matches!(to, End::Public(_)) => {
                let step = y.step("internet-gateway", "deny", Stage::Ingress);
                self.trace.refuse("GATEWAY_REJECTS_SPOOFED_TRAFFIC", step)
            }
            End::Network(_) => {
                let way = self.unnoted(|walk| walk.network_way(y, far));
                let crosses = !has_attachment(y.component, y.subnet());
                let arrived = way.and(self.arrive(y, far, Identity::Network, crosses));
                if arrived == Ternary::No && may_be_beside(y, far) {
                    let beside = self.unnoted(|walk| walk.arrive(y, far, Identity::Network, false));
                    let about = y.component.vpcs[y.vpc()].id;
                    return beside.and(self.trace.unknown(LimitationCode::UnknownVpc, about));
                }
                arrived
            }
            End::Vpc { component, vpc, .. } => {
                let arrived = self.inward_from_vpc(from, y, (component, vpc));
                arrived.and(self.unheld(component, vpc))
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
            End::Internet(_) => self.reply_to_stranger(y, far),
            End::Network(_) => {
                let left = self.acl(y.component, y.subnet(), Stage::Egress, far);
                let answered = left.and(self.network_way(y, far));
                if may_be_beside(y, far) { answered.or(Ternary::Unknown) } else { answered }
            }
            End::Vpc { component, vpc, .. } => {
                let beside = self.beside(y, far, (component, vpc));
                if beside == Ternary::Yes {
                    return Ternary::Yes;
                }
                // IPv6 keeps its addresses: whichever way it came, the table decides.
                if self.answers_online(y, from) {
                    return self.reply_to_internet(y, far);
                }
                let left = self.acl(y.component, y.subnet(), Stage::Egress, far);
                // Within the subnet neither ACL nor table is asked.
                left.and(self.vpc_way(y, from)).or(beside)
            }
            End::Interface { .. }
            | End::Public(_)
            | End::NatGateway { .. }
            | End::AmazonService(_) => Ternary::Yes,
        }
    }

    /// From an address of a VPC that no interface holds: privately or, IPv6 of
    /// another VPC, over the internet.
    fn inward_from_vpc(&mut self, from: End, y: Side<'n>, vpc: (ComponentId, VpcId)) -> Ternary {
        let far = from.address();
        let identity = if vpc.0 == y.at { Identity::Unheld(vpc.1) } else { Identity::Network };
        let beside = self.beside(y, far, vpc);
        if beside == Ternary::Yes {
            return self.arrive(y, far, identity, false);
        }
        if self.answers_online(y, from) {
            return self.inward_online(y, far, vpc);
        }
        let way = self.unnoted(|walk| walk.vpc_way(y, from));
        let mut across = way.and(self.arrive(y, far, identity, true));
        // It may come out of a transit gateway in the subnet itself.
        if across != Ternary::Yes && has_attachment(y.component, y.subnet()) {
            let uncrossed = way.and(self.unnoted(|walk| walk.arrive(y, far, identity, false)));
            across = across.or(uncrossed.and(Ternary::Unknown));
        }
        if comes_online(y, from) && across == Ternary::No {
            return self.unnoted(|walk| walk.inward_online(y, far, vpc));
        }
        if beside == Ternary::No {
            return across;
        }
        let within = self.unnoted(|walk| walk.arrive(y, far, identity, false));
        Ternary::whichever([across, within])
    }

    /// Whether answers leave over the internet and not privately: then the packet
    /// is told as it comes over the internet.
    fn answers_online(&mut self, y: Side<'n>, from: End) -> bool {
        comes_online(y, from)
            && self.unnoted(|walk| walk.vpc_way(y, from)) == Ternary::No
            && self.unnoted(|walk| walk.way_back_online(y, from.address())) != Ternary::No
    }

    /// From an address of another VPC that no interface holds, over the IPv6
    /// internet. The receiver's side is judged alone, and it does not say that the
    /// other VPC has a way out: at most perhaps.
    fn inward_online(
        &mut self,
        y: Side<'n>,
        far: IpAddr,
        (component, vpc): (ComponentId, VpcId),
    ) -> Ternary {
        let here = component == y.at;
        let identity = if here { Identity::Unheld(vpc) } else { Identity::STRANGER };
        let arrived = self.arrive_from_internet(y, far, identity);
        if arrived == Ternary::No {
            return arrived;
        }
        let about = self.network.components[component].vpcs[vpc].id;
        arrived.and(self.trace.unknown(LimitationCode::UnheldAddress, about))
    }

    /// Whether an address of a VPC lies in the interface's own subnet.
    fn beside(
        &mut self,
        y: Side<'n>,
        far: IpAddr,
        (component, vpc): (ComponentId, VpcId),
    ) -> Ternary {
        if component != y.at || vpc != y.vpc() {
            return Ternary::No;
        }
        let inside = in_subnet(y.component, y.subnet(), far);
        if inside == Ternary::Unknown {
            let subnet = y.component.subnets[y.subnet()].id;
            self.trace.unknown(LimitationCode::UnknownSubnet, subnet);
        }
        inside
    }

    /// Whether it is known that no interface holds an address of the VPC: one
    /// that does may have groups that send nothing.
    fn unheld(&mut self, component: ComponentId, vpc: VpcId) -> Ternary {
        let component: &Component = &self.network.components[component];
        if self.listing_missing(component, vpc, Listing::NetworkInterfaces) {
            return self.trace.not_collected(component, vpc, Listing::NetworkInterfaces);
        }
        Ternary::Yes
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
    pub(super) fn nobody(&mut self, component: ComponentId, vpc: VpcId) -> Ternary {
        let component: &Component = &self.network.components[component];
        if self.listing_missing(component, vpc, Listing::NetworkInterfaces) {
            return self.trace.not_collected(component, vpc, Listing::NetworkInterfaces);
        }
        let step = Step {
            id: component.vpcs[vpc].id,
            place: Some(component.vpcs[vpc].place),
            ..nothing("vpc", "deny", Stage::Ingress)
        };
        self.trace.refuse("NO_SUCH_ADDRESS", step)
    }

    pub(super) fn text_of(&self, end: End) -> TextId {
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
            End::Interface { .. }
            | End::Vpc { .. }
            | End::Internet(_)
            | End::Network(_)
            | End::AmazonService(_) => TextId::EMPTY,
        }
    }

    // ---- networks behind ways that are not modelled ----

    /// Whether a route leads from the interface to a host outside the VPCs that
    /// the source holds: at most perhaps.
    pub(super) fn network_way(&mut self, x: Side<'n>, far: IpAddr) -> Ternary {
        let ways = self.roads(x.component, x.subnet(), x.address, far);
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
                    // What else the VPC's blocks hold is not known.
                    Hop::Route { target: RouteTarget::Local, .. }
                        if !x.component.vpcs[x.vpc()].seen =>
                    {
                        let vpc = x.component.vpcs[x.vpc()].id;
                        self.trace.unknown(LimitationCode::UnknownVpc, vpc)
                    }
                    // An IPv4 host in the IPv6 prefix that a NAT gateway translates
                    // (VPC user guide, "DNS64 and NAT64"): not modelled.
                    Hop::Route { target: RouteTarget::NatGateway(nat), .. }
                        if is_nat64(far) && self.flow.to.address() == far =>
                    {
                        let about = x.component.nat_gateways[nat].id;
                        self.trace.unknown(LimitationCode::UnmodelledRouteTarget, about)
                    }
                    // Outward only: nobody can begin a connection to what is translated.
                    Hop::Route { .. } | Hop::Over(_)
                        if self.flow.to.address() == far
                            && translated_elsewhere(x.component, hop, far).is_some() =>
                    {
                        self.hidden(x.component, hop, far);
                        Ternary::Unknown
                    }
                    // What else a VPC holds that was not seen is not known.
                    Hop::Over(crossing) if !x.component.vpcs[crossing.vpc].seen => {
                        let vpc = x.component.vpcs[crossing.vpc].id;
                        self.trace.unknown(LimitationCode::UnknownVpc, vpc)
                    }
                    Hop::Route { .. } | Hop::Over(_) | Hop::Inspected(_) => {
                        self.refuse_route("CANNOT_ROUTE", x)
                    }
                    Hop::Beyond | Hop::Nowhere | Hop::Anywhere => Ternary::No,
                }
            })
            .collect();
        Ternary::whichever(passes)
    }

    /// A host of a VPC that the source does not hold, behind a peering connection.
    pub(super) fn unseen_peer(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        id: VpcPeeringConnectionId,
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

    /// Whether the receiver's router leads back to an address of a VPC that no
    /// interface holds, privately.
    pub(super) fn vpc_way(&mut self, y: Side<'n>, from: End) -> Ternary {
        let End::Vpc { component, vpc, address } = from else { return Ternary::No };
        // What joins it to a VPC of another component is beyond what was seen.
        if component != y.at {
            let answered = self.network_way(y, address);
            let ways = self.roads_unnoted(y, address);
            let handed = ways
                .into_iter()
                .find(|&hop| translated_elsewhere(y.component, hop, address).is_some());
            return match handed.filter(|_| answered == Ternary::No) {
                // As between interfaces.
                Some(hop) if self.hidden(y.component, hop, address) => Ternary::Unknown,
                Some(_) | None => answered,
            };
        }
        let ways = self.roads(y.component, y.subnet(), y.address, address);
        let over = ways.iter().filter(|hop| matches!(hop, Hop::Over(_))).count();
        // By different kinds of ways it is not the same packet.
        let alike = over == 0 || over == ways.len();
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                if self.hidden(y.component, hop, address) {
                    return Ternary::Unknown;
                }
                let passed = match hop {
                    Hop::Over(crossing) => self.over_to_unheld(y, vpc, address, crossing),
                    // Nobody there has a table that says how an answer comes.
                    Hop::Inspected(way) if way.target == RouteTarget::Local && vpc == y.vpc() => {
                        self.asymmetric(y.component, way.endpoint)
                    }
                    Hop::Route { target: RouteTarget::Local, .. } if vpc == y.vpc() => Ternary::Yes,
                    Hop::Route { target: RouteTarget::VpcPeeringConnection(peering), .. } => {
                        match self.peering_from(peering, y.component, y.vpc()) {
                            None => Ternary::Unknown,
                            Some((verdict, side)) if side.vpc == Some(vpc) => {
                                verdict.and(peering_blocks_hold(y.component, side, address))
                            }
                            Some(_) => self.refuse_route("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", y),
                        }
                    }
                    // It is delivered to whom the route names.
                    Hop::Route { target: RouteTarget::NetworkInterface(relay), .. }
                        if vpc == y.vpc() && holds(y.component.interface(relay), address) =>
                    {
                        Ternary::Yes
                    }
                    Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                        self.relay(y, address, None, relay)
                    }
                    Hop::Route { .. } | Hop::Inspected(_) => self.refuse_route("CANNOT_ROUTE", y),
                    Hop::Beyond | Hop::Nowhere | Hop::Anywhere => Ternary::No,
                };
                passed.and(route::certainty(hop))
            })
            .collect();
        Ternary::whichever(passes).and(if alike { Ternary::Yes } else { Ternary::Unknown })
    }

    /// Whether the sender's router leads to an address of another VPC over the
    /// IPv6 internet.
    fn vpc_way_online(&mut self, x: Side<'n>, to: End) -> Ternary {
        if !comes_online(x, to) {
            return Ternary::No;
        }
        let far = to.address();
        let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| match hop {
                Hop::Route {
                    target:
                        RouteTarget::InternetGateway(_) | RouteTarget::EgressOnlyInternetGateway(_),
                    ..
                } => self.exit(x, far, hop),
                Hop::Route { .. }
                | Hop::Over(_)
                | Hop::Inspected(_)
                | Hop::Beyond
                | Hop::Nowhere
                | Hop::Anywhere => Ternary::No,
            })
            .collect();
        Ternary::whichever(passes)
    }
}

/// Whether an address without an interface meets the interface over the internet
/// too: IPv6 of another VPC.
fn comes_online(side: Side<'_>, far: End) -> bool {
    let End::Vpc { component, vpc, address } = far else { return false };
    address.is_ipv6() && (component, vpc) != (side.at, side.vpc())
}

/// 64:ff9b::/96, in which IPv6 writes IPv4 (RFC 6052).
fn is_nat64(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.to_bits() >> 32 == 0x0064_ff9b << 64,
    }
}

/// Whether an address that no seen VPC holds may be in the interface's own
/// subnet: the subnet's block holds it, and the VPC's blocks were not seen.
fn may_be_beside(y: Side<'_>, address: IpAddr) -> bool {
    let unseen = !y.component.vpcs[y.vpc()].seen;
    unseen && in_subnet(y.component, y.subnet(), address) != Ternary::No
}
