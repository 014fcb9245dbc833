//! Through transit gateways: from a subnet's route to a VPC on the other side.
//!
//! A packet enters by the attachment's interface in its own zone, is routed by
//! the table with which that attachment is associated, and comes out of another
//! attachment, in its zone if that has an interface there. The route table of the
//! subnet where it comes out says where it goes next (Transit gateways guide, "How
//! transit gateways work", "Transit gateway VPC attachments", "Network ACLs for
//! transit gateways").

use std::net::IpAddr;

use super::Ternary;
use super::route::{self, Hop};
use super::trace::{Part, Stage, Step};
use super::walk::{Side, Walk};
use crate::model::{
    AttachedResource, AttachmentState, Component, Destination, LimitationCode, Listing,
    RouteOrigin, RouteState, RouteTarget, RoutesGiven, SubnetId, TextId, TransitGatewayAssociation,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId, VpcId,
};
use crate::record::Way;

/// A packet that came out of a transit gateway in a VPC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Crossing {
    /// Whether it was let in: the ACL of the attachment's subnet on the near side.
    pub(super) entered: Ternary,
    /// The VPC.
    pub(super) vpc: VpcId,
    /// The subnet of the attachment's interface; `None`: not known.
    pub(super) subnet: Option<SubnetId>,
    /// Whether references to groups are preserved.
    pub(super) references: Ternary,
    /// Where that subnet's router sends it: within the VPC, or to a NAT gateway.
    pub(super) target: RouteTarget,
    /// Whether that route is surely in force.
    pub(super) sure: bool,
}

/// Where a transit gateway hands a packet out.
#[derive(Clone, Copy)]
enum Landing {
    Vpc {
        vpc: VpcId,
        subnet: Option<SubnetId>,
        references: Ternary,
    },
    /// To somewhere that was not seen.
    Beyond,
    Nowhere,
}

/// A packet within transit gateways.
#[derive(Clone, Copy)]
struct Transit<'n> {
    component: &'n Component,
    destination: IpAddr,
    /// The zone in which it entered; empty if that is not known, or in another region.
    zone: TextId,
    references: Ternary,
    step: Step,
}

/// A route of a transit gateway's table that holds the address.
struct Candidate {
    /// `None`: it may match at any length, or not at all.
    length: Option<u8>,
    /// The order among equal lengths, the higher first.
    kind: u8,
    /// `None`: a blackhole.
    attachments: Option<Vec<TransitGatewayAttachmentId>>,
    sure: bool,
    step: Step,
}

impl<'n> Walk<'n> {
    /// Where the router of a subnet sends a packet, transit gateways passed: see
    /// [`route::ways`]. `source` is the packet's own, as the ACLs on the way see it.
    pub(super) fn roads(
        &mut self,
        component: &'n Component,
        subnet: SubnetId,
        source: IpAddr,
        destination: IpAddr,
    ) -> Vec<Hop> {
        let ways = route::ways(component, subnet, destination, &mut self.trace);
        if !ways.iter().any(leads_over) {
            return ways;
        }
        let mut hops = Vec::new();
        for hop in ways {
            let Hop::Route { target: RouteTarget::TransitGateway(gateway), sure, .. } = hop else {
                hops.push(hop);
                continue;
            };
            for mut passed in self.transit(component, subnet, gateway, (source, destination)) {
                if let Hop::Over(crossing) = &mut passed {
                    crossing.sure &= sure;
                }
                if !hops.contains(&passed) {
                    hops.push(passed);
                }
            }
        }
        hops
    }

    /// All ways that a packet may take behind a route to a transit gateway.
    fn transit(
        &mut self,
        component: &'n Component,
        subnet: SubnetId,
        gateway: TransitGatewayId,
        (source, destination): (IpAddr, IpAddr),
    ) -> Vec<Hop> {
        let vpc = component.subnets[subnet].vpc;
        let facts = &component.transit_gateways[gateway];
        let step = Step {
            component: "transit-gateway",
            id: facts.id,
            part: Part::Whole,
            action: "forward",
            stage: Stage::Egress,
            place: Some(facts.place),
            towards: TextId::EMPTY,
        };
        let mut attached: Vec<&TransitGatewayAttachment> = component
            .transit_gateway_attachments
            .iter()
            .filter(|it| it.resource == AttachedResource::Vpc(vpc))
            .filter(|it| it.association_at(gateway).is_some())
            .collect();
        // One that was deleted is listed for a while beside its successor.
        let gone = |it: &&TransitGatewayAttachment| it.state == AttachmentState::Gone;
        if !attached.iter().all(gone) {
            attached.retain(|it| !gone(it));
        }
        if attached.is_empty() {
            let listings =
                [Listing::TransitGatewayVpcAttachments, Listing::TransitGatewayAttachments];
            if listings.iter().all(|&listing| self.listing_missing(component, vpc, listing)) {
                self.trace.unknown(LimitationCode::TransitGateway, facts.id);
                let listing = Listing::TransitGatewayVpcAttachments;
                self.trace.not_collected(component, vpc, listing);
                return vec![Hop::Beyond];
            }
            self.trace.refuse("TGW_NO_VPC_ATTACHMENT", step);
            return vec![Hop::Nowhere];
        }
        let mut hops = Vec::new();
        for attachment in attached {
            hops.extend(self.enter(
                component,
                subnet,
                (gateway, attachment),
                (source, destination),
            ));
        }
        hops
    }

    /// Into a transit gateway by an attachment of the subnet's VPC.
    fn enter(
        &mut self,
        component: &'n Component,
        subnet: SubnetId,
        (gateway, attachment): (TransitGatewayId, &'n TransitGatewayAttachment),
        (source, destination): (IpAddr, IpAddr),
    ) -> Vec<Hop> {
        let step = attachment_step(attachment, "forward");
        let mut unsure = Vec::new();
        match attachment.state {
            AttachmentState::Available => {}
            AttachmentState::Gone => {
                self.trace.refuse("BAD_STATE_ROUTE", step);
                return vec![Hop::Nowhere];
            }
            AttachmentState::Unknown => {
                self.trace.unknown(LimitationCode::TransitGateway, attachment.id);
                unsure.push(Hop::Beyond);
            }
        }
        let zone = component.subnets[subnet].zone;
        let entry = match &attachment.subnets {
            Some(subnets) if subnets.contains(&subnet) => Some(subnet),
            Some(subnets) => {
                let zone_of = |subnet: SubnetId| component.subnets[subnet].zone;
                let known = !zone.is_empty() && subnets.iter().all(|&at| !zone_of(at).is_empty());
                let mut here = subnets.iter().copied().filter(|&at| zone_of(at) == zone);
                match (known, here.next(), here.next()) {
                    (true, None, _) => {
                        self.trace.refuse("TGW_ROUTE_AZ_RESTRICTION", step);
                        return vec![Hop::Nowhere];
                    }
                    (true, Some(entry), None) => Some(entry),
                    (true, Some(_), Some(_)) | (false, ..) => None,
                }
            }
            None => None,
        };
        self.trace.step(step);
        let entered = match entry {
            Some(entry) => self.acl(component, entry, Stage::Ingress, source),
            None => self.trace.unknown(LimitationCode::TransitGateway, attachment.id),
        };
        let facts = &component.transit_gateways[gateway];
        let offered = [facts.group_references, attachment.group_references];
        let transit = Transit {
            component,
            destination,
            zone: entry.map_or(TextId::EMPTY, |entry| component.subnets[entry].zone),
            references: offered.into_iter().map(supported).fold(Ternary::Yes, Ternary::and),
            step,
        };
        let landings = self.onward(transit, gateway, attachment, &mut Vec::new());
        for landing in landings {
            match landing {
                Landing::Beyond => unsure.push(Hop::Beyond),
                Landing::Nowhere => unsure.push(Hop::Nowhere),
                Landing::Vpc { vpc, subnet, references } => {
                    let crossing = Crossing {
                        entered,
                        vpc,
                        subnet,
                        references,
                        target: RouteTarget::Local,
                        sure: true,
                    };
                    unsure.extend(self.land(component, crossing, destination));
                }
            }
        }
        unsure
    }

    /// On from the interface of an attachment, by the route table of its subnet.
    fn land(
        &mut self,
        component: &'n Component,
        crossing: Crossing,
        destination: IpAddr,
    ) -> Vec<Hop> {
        let Some(subnet) = crossing.subnet else {
            // Most likely within the VPC, by a table that is not known.
            return vec![Hop::Over(Crossing { sure: false, ..crossing }), Hop::Beyond];
        };
        let ways = route::ways(component, subnet, destination, &mut self.trace);
        ways.into_iter()
            .map(|hop| {
                if let Some((code, about)) = route::dark(component, hop) {
                    if !matches!(hop, Hop::Anywhere | Hop::Beyond) {
                        self.trace.unknown(code, about);
                    }
                    return Hop::Beyond;
                }
                match hop {
                    Hop::Route {
                        target: target @ (RouteTarget::Local | RouteTarget::NatGateway(_)),
                        sure,
                        ..
                    } => Hop::Over(Crossing { target, sure, ..crossing }),
                    Hop::Route { target: target @ RouteTarget::NetworkInterface(_), .. } => {
                        Hop::Route { target, by_prefix_list: false, sure: false }
                    }
                    // Neither an internet gateway, which knows no address of another
                    // VPC, nor a peering connection or gateway endpoint takes it on.
                    Hop::Route { target, .. } => {
                        let facts = &component.subnets[subnet];
                        let step = Step {
                            component: "subnet",
                            id: facts.id,
                            part: Part::Whole,
                            action: "deny",
                            stage: Stage::Egress,
                            place: Some(facts.place),
                            towards: route::target_id(component, target),
                        };
                        self.trace.refuse("CANNOT_ROUTE", step);
                        Hop::Nowhere
                    }
                    Hop::Nowhere | Hop::Anywhere | Hop::Beyond | Hop::Over(_) => Hop::Nowhere,
                }
            })
            .collect()
    }

    /// From an attachment at which a packet came in to those at which it goes out.
    fn onward(
        &mut self,
        transit: Transit<'n>,
        gateway: TransitGatewayId,
        by: &TransitGatewayAttachment,
        passed: &mut Vec<TransitGatewayId>,
    ) -> Vec<Landing> {
        passed.push(gateway);
        match by.association_at(gateway) {
            Some(TransitGatewayAssociation::RouteTable(table)) => {
                self.by_table(transit, gateway, table, passed)
            }
            Some(TransitGatewayAssociation::PolicyTable(table)) => {
                self.trace.unknown(LimitationCode::TransitGatewayPolicyTable, table);
                vec![Landing::Beyond]
            }
            Some(TransitGatewayAssociation::None) => {
                let step = attachment_step(by, "deny");
                self.trace.refuse("TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION", step);
                vec![Landing::Nowhere]
            }
            Some(TransitGatewayAssociation::Unknown) | None => {
                self.trace.unknown(LimitationCode::TransitGateway, by.id);
                vec![Landing::Beyond]
            }
        }
    }

    fn by_table(
        &mut self,
        transit: Transit<'n>,
        gateway: TransitGatewayId,
        id: TransitGatewayRouteTableId,
        passed: &mut Vec<TransitGatewayId>,
    ) -> Vec<Landing> {
        let table = &transit.component.transit_gateway_route_tables[id];
        if table.contested {
            self.trace.unknown(LimitationCode::ConflictingListings, table.id);
            return vec![Landing::Beyond];
        }
        let Some(candidates) = self.candidates(transit, id) else {
            self.trace.unknown(LimitationCode::TransitGateway, table.id);
            return vec![Landing::Beyond];
        };
        let (certain, perhaps): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|candidate| candidate.length.is_some());
        let rank = |candidate: &Candidate| (candidate.length, candidate.kind);
        let best = certain.iter().map(rank).max();
        let winners: Vec<Candidate> =
            certain.into_iter().filter(|candidate| Some(rank(candidate)) == best).collect();
        let mut landings = Vec::new();
        if winners.is_empty() {
            let step = Step {
                component: "transit-gateway-route-table",
                id: table.id,
                part: Part::Default,
                place: Some(table.place),
                ..transit.step
            };
            self.trace.refuse("TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", step);
            landings.push(Landing::Nowhere);
        }
        for candidate in winners.into_iter().chain(perhaps) {
            if candidate.length.is_none() {
                self.trace.unknown(LimitationCode::TransitGateway, table.id);
            }
            let Some(attachments) = candidate.attachments else {
                self.trace.refuse("TGW_RTB_BAD_STATE_ROUTE", candidate.step);
                landings.push(Landing::Nowhere);
                continue;
            };
            self.trace.step(candidate.step);
            if !candidate.sure || attachments.is_empty() {
                self.trace.unknown(LimitationCode::UnreadableValue, table.id);
                landings.push(Landing::Beyond);
            }
            for attachment in attachments {
                landings.extend(self.leave_by(transit, gateway, attachment, passed));
            }
        }
        landings
    }

    /// The routes of a table that hold the destination; `None`: they are not known.
    fn candidates(
        &mut self,
        transit: Transit<'n>,
        id: TransitGatewayRouteTableId,
    ) -> Option<Vec<Candidate>> {
        let Transit { component, destination, .. } = transit;
        let table = &component.transit_gateway_route_tables[id];
        if table.given == RoutesGiven::None {
            return None;
        }
        let mut candidates = Vec::new();
        for route in &table.routes {
            let length = match route.destination? {
                Destination::Ipv4(prefix) => match destination {
                    IpAddr::V4(address) if prefix.contains(address.to_bits()) => {
                        Some(prefix.length())
                    }
                    IpAddr::V4(_) | IpAddr::V6(_) => continue,
                },
                Destination::Ipv6(prefix) => match destination {
                    IpAddr::V6(address) if prefix.contains(address.to_bits()) => {
                        Some(prefix.length())
                    }
                    IpAddr::V4(_) | IpAddr::V6(_) => continue,
                },
                Destination::PrefixList(list) => match &component.prefix_lists[list].entries {
                    Some(entries) => {
                        let matching = entries.iter().filter(|entry| entry.contains(destination));
                        let Some(length) = matching.map(|entry| entry.length()).max() else {
                            continue;
                        };
                        Some(length)
                    }
                    None => None,
                },
            };
            let kind = match (route.origin, route.destination) {
                (RouteOrigin::Static, Some(Destination::PrefixList(_))) => 2,
                (RouteOrigin::Static, _) => 3,
                (RouteOrigin::Propagated, _) => {
                    let mut all = route.attachments.iter();
                    u8::from(all.any(|&at| is_vpc(component, at)))
                }
            };
            candidates.push(Candidate {
                length,
                kind,
                attachments: match route.state {
                    RouteState::Blackhole => None,
                    RouteState::Active | RouteState::Unknown => Some(route.attachments.clone()),
                },
                sure: route.state == RouteState::Active,
                step: Step {
                    component: "transit-gateway-route-table",
                    id: table.id,
                    part: Part::Route { ordinal: route.ordinal },
                    place: Some(route.place),
                    towards: route
                        .attachments
                        .first()
                        .map_or(TextId::EMPTY, |&at| component.transit_gateway_attachments[at].id),
                    ..transit.step
                },
            });
        }
        if table.given == RoutesGiven::Static {
            candidates.extend(self.propagated(transit, id));
        }
        Some(candidates)
    }

    /// Routes that attachments propagate: the blocks of VPCs; what a VPN, Direct
    /// Connect or Connect learns is not known, and may be any block.
    fn propagated(
        &mut self,
        transit: Transit<'n>,
        id: TransitGatewayRouteTableId,
    ) -> Vec<Candidate> {
        let Transit { component, destination, .. } = transit;
        let table = &component.transit_gateway_route_tables[id];
        let step = Step {
            component: "transit-gateway-route-table",
            id: table.id,
            part: Part::Whole,
            place: Some(table.place),
            ..transit.step
        };
        let Some(propagations) = &table.propagations else {
            let attachments = Some(Vec::new());
            return vec![Candidate { length: None, kind: 0, attachments, sure: true, step }];
        };
        let mut candidates = Vec::new();
        for &id in propagations {
            let attachment = &component.transit_gateway_attachments[id];
            if attachment.state == AttachmentState::Gone {
                continue;
            }
            let length = match attachment.resource {
                // Between transit gateways there are static routes only.
                AttachedResource::TransitGateway => continue,
                AttachedResource::Network(_) | AttachedResource::Unknown(_) => None,
                AttachedResource::Vpc(vpc) => {
                    let vpc = &component.vpcs[vpc];
                    let longest = match destination {
                        IpAddr::V4(at) => longest(&vpc.ipv4, at.to_bits()),
                        IpAddr::V6(_) if attachment.ipv6 == Some(false) => continue,
                        IpAddr::V6(at) => longest(&vpc.ipv6, at.to_bits()),
                    };
                    let known = destination.is_ipv4() || attachment.ipv6 == Some(true);
                    match longest {
                        _ if !vpc.seen || vpc.contested => None,
                        Some(_) if !known => None,
                        None => continue,
                        length => length,
                    }
                }
            };
            let kind = u8::from(length.is_some());
            let attachments = Some(vec![id]);
            let step = Step { towards: attachment.id, ..step };
            candidates.push(Candidate { length, kind, attachments, sure: true, step });
        }
        candidates
    }

    /// Out of a transit gateway by an attachment.
    fn leave_by(
        &mut self,
        transit: Transit<'n>,
        gateway: TransitGatewayId,
        id: TransitGatewayAttachmentId,
        passed: &mut Vec<TransitGatewayId>,
    ) -> Vec<Landing> {
        let component = transit.component;
        let attachment = &component.transit_gateway_attachments[id];
        let step = attachment_step(attachment, "forward");
        let mut landings = Vec::new();
        match attachment.state {
            AttachmentState::Available => {}
            AttachmentState::Gone => {
                self.trace.refuse("TGW_RTB_BAD_STATE_ROUTE", step);
                return vec![Landing::Nowhere];
            }
            AttachmentState::Unknown => {
                self.trace.unknown(LimitationCode::TransitGateway, attachment.id);
                landings.push(Landing::Beyond);
            }
        }
        self.trace.step(step);
        match attachment.resource {
            AttachedResource::Vpc(vpc) => {
                let references = transit.references.and(supported(attachment.group_references));
                for subnet in outlets(component, attachment, transit.zone) {
                    landings.push(Landing::Vpc { vpc, subnet, references });
                }
            }
            AttachedResource::TransitGateway => {
                let far: Vec<TransitGatewayId> = attachment
                    .ends
                    .iter()
                    .map(|end| end.gateway)
                    .filter(|&end| end != gateway)
                    .collect();
                match *far.as_slice() {
                    [far] if passed.contains(&far) => {
                        self.trace.refuse("TGW_RTB_CANNOT_ROUTE", step);
                        landings.push(Landing::Nowhere);
                    }
                    [far] => {
                        // Zones are of one region, and references of one transit gateway.
                        let transit =
                            Transit { zone: TextId::EMPTY, references: Ternary::No, ..transit };
                        landings.extend(self.onward(transit, far, attachment, passed));
                        passed.pop();
                    }
                    _ => {
                        self.trace.unknown(LimitationCode::TransitGateway, attachment.id);
                        landings.push(Landing::Beyond);
                    }
                }
            }
            AttachedResource::Network(_) => {
                self.trace.unknown(LimitationCode::NetworkBeyond, attachment.id);
                landings.push(Landing::Beyond);
            }
            AttachedResource::Unknown(_) => {
                self.trace.unknown(LimitationCode::TransitGateway, attachment.id);
                landings.push(Landing::Beyond);
            }
        }
        landings
    }
}

impl<'n> Walk<'n> {
    /// Where the router of an interface's subnet sent a packet that is being answered.
    pub(super) fn roads_of_packet(&mut self, x: Side<'n>, far: IpAddr) -> Vec<Hop> {
        let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
        if !ways.iter().any(leads_over) {
            return ways;
        }
        let way = std::mem::replace(&mut self.trace.way, Way::Forward);
        let steps = self.trace.forward.len();
        let hops = self.roads(x.component, x.subnet(), x.address, far);
        self.trace.forward.truncate(steps);
        self.trace.way = way;
        hops
    }

    /// Out to the internet by a NAT gateway behind a transit gateway.
    pub(super) fn exit_over(&mut self, x: Side<'n>, far: IpAddr, crossing: Crossing) -> Ternary {
        let (RouteTarget::NatGateway(nat), Some(subnet)) = (crossing.target, crossing.subnet)
        else {
            return self.refuse_route("CANNOT_ROUTE", x);
        };
        let left = self.acl(x.component, subnet, Stage::Egress, far);
        crossing.entered.and(left).and(self.nat_gateway(x, subnet, far, nat))
    }

    /// The way of an answer from such a NAT gateway back to the sender's subnet.
    pub(super) fn exit_over_reply(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        crossing: Crossing,
    ) -> Ternary {
        let RouteTarget::NatGateway(nat) = crossing.target else { return Ternary::Yes };
        let translated = self.nat_gateway_reply(x, far, nat);
        let Some(subnet) = x.component.nat_gateways[nat].subnet else { return Ternary::Unknown };
        let ways = self.roads(x.component, subnet, far, x.address);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| match hop {
                Hop::Over(back) if back.vpc == x.vpc() && back.target == RouteTarget::Local => {
                    let left = match back.subnet {
                        Some(subnet) if subnet == x.subnet() => Ternary::Yes,
                        Some(subnet) => {
                            let left = self.acl(x.component, subnet, Stage::Egress, x.address);
                            left.and(self.acl(x.component, x.subnet(), Stage::Ingress, far))
                        }
                        None => Ternary::Unknown,
                    };
                    back.entered.and(left).and(route::certainty(hop))
                }
                Hop::Route { target: RouteTarget::Local, .. }
                    if x.component.nat_gateways[nat].vpc == x.vpc() =>
                {
                    let admitted = self.acl(x.component, x.subnet(), Stage::Ingress, far);
                    admitted.and(route::certainty(hop))
                }
                hop if self.dark(x.component, hop) => Ternary::Unknown,
                Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                    self.relay(x, x.address, None, relay).and(Ternary::Unknown)
                }
                Hop::Over(_) | Hop::Route { .. } => self.refuse_route("CANNOT_ROUTE", x),
                Hop::Beyond | Hop::Nowhere | Hop::Anywhere => Ternary::No,
            })
            .collect();
        translated.and(Ternary::whichever(passes))
    }

    /// Whether the ACL of the sender's subnet admits an answer from the internet; that
    /// of a NAT gateway behind a transit gateway was asked on its way home.
    pub(super) fn admitted_home(&mut self, x: Side<'n>, far: IpAddr, hop: Hop) -> Ternary {
        if matches!(hop, Hop::Over(Crossing { target: RouteTarget::NatGateway(_), .. })) {
            return Ternary::Yes;
        }
        let admitted = self.acl(x.component, x.subnet(), Stage::Ingress, far);
        let beside = has_attachment(x.component, x.subnet());
        let unseen = beside && self.dark_unnoted(x.component, hop);
        if unseen { admitted.or(Ternary::Unknown) } else { admitted }
    }

    /// Whether an answer gets to an address of a VPC that no interface holds.
    pub(super) fn over_to_unheld(
        &mut self,
        y: Side<'n>,
        vpc: VpcId,
        address: IpAddr,
        crossing: Crossing,
    ) -> Ternary {
        if crossing.vpc != vpc || crossing.target != RouteTarget::Local {
            return self.refuse_route("CANNOT_ROUTE", y);
        }
        // Whether there is a way at all is no matter of ACLs.
        if self.trace.way == Way::Forward {
            return Ternary::Yes;
        }
        let left = match crossing.subnet {
            Some(subnet) => self.acl(y.component, subnet, Stage::Egress, address),
            None => Ternary::Unknown,
        };
        crossing.entered.and(left)
    }
}

/// Whether a hop leads to a transit gateway.
fn leads_over(hop: &Hop) -> bool {
    matches!(hop, Hop::Route { target: RouteTarget::TransitGateway(_), .. })
}

/// Whether an attachment has an interface in the subnet, or may have one for all that
/// is known: what comes out of it there meets no ACL ("Network ACLs for transit gateways").
pub(super) fn has_attachment(component: &Component, subnet: SubnetId) -> bool {
    let vpc = component.subnets[subnet].vpc;
    let mut attached = component
        .transit_gateway_attachments
        .iter()
        .filter(|attachment| attachment.state != AttachmentState::Gone)
        .filter(|attachment| attachment.resource == AttachedResource::Vpc(vpc))
        .peekable();
    if attached.peek().is_some() {
        return attached.any(|attachment| {
            attachment.subnets.as_ref().is_none_or(|subnets| subnets.contains(&subnet))
        });
    }
    let listings = component.scopes[component.vpcs[vpc].scope].listings;
    let listed = [Listing::TransitGatewayVpcAttachments, Listing::TransitGatewayAttachments]
        .into_iter()
        .any(|listing| listings.contains(listing));
    !listed
        && component.route_tables.iter().filter(|table| table.vpc == vpc).any(|table| {
            let mut targets = table.routes.iter().map(|route| route.target);
            targets.any(|target| matches!(target, RouteTarget::TransitGateway(_)))
        })
}

/// The subnets in which an attachment may hand a packet out that entered in `zone`:
/// in the same zone if it has an interface there, else in any; with appliance mode
/// in any too ("Appliance mode").
fn outlets(
    component: &Component,
    attachment: &TransitGatewayAttachment,
    zone: TextId,
) -> Vec<Option<SubnetId>> {
    let Some(subnets) = attachment.subnets.as_ref().filter(|subnets| !subnets.is_empty()) else {
        return vec![None];
    };
    let zone_of = |subnet: SubnetId| component.subnets[subnet].zone;
    let known = !zone.is_empty() && subnets.iter().all(|&at| !zone_of(at).is_empty());
    let same: Vec<Option<SubnetId>> =
        subnets.iter().copied().filter(|&at| zone_of(at) == zone).map(Some).collect();
    if known && attachment.appliance_mode == Some(false) && same.len() == 1 {
        return same;
    }
    subnets.iter().copied().map(Some).collect()
}

/// Whether references to groups are supported; not where nobody says so.
fn supported(option: Option<bool>) -> Ternary {
    option.map_or(Ternary::Unknown, Ternary::known)
}

fn is_vpc(component: &Component, attachment: TransitGatewayAttachmentId) -> bool {
    let attachment = &component.transit_gateway_attachments[attachment];
    matches!(attachment.resource, AttachedResource::Vpc(_))
}

/// The length of the longest block that holds the address.
fn longest<A: crate::net::Address>(blocks: &[crate::net::Prefix<A>], address: A) -> Option<u8> {
    let holding = blocks.iter().filter(|block| block.contains(address));
    holding.map(|block| block.length()).max()
}

fn attachment_step(attachment: &TransitGatewayAttachment, action: &'static str) -> Step {
    Step {
        component: "transit-gateway-attachment",
        id: attachment.id,
        part: Part::Whole,
        action,
        stage: Stage::Egress,
        place: Some(attachment.place),
        towards: TextId::EMPTY,
    }
}
