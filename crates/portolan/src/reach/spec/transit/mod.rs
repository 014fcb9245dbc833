//! Through transit gateways: from a subnet's route to a VPC on the other side.
//!
//! A packet enters by the attachment's interface in its own zone, is routed by
//! the table with which that attachment is associated, and comes out of another
//! attachment, in its zone if that has an interface there. The route table of the
//! subnet where it comes out says where it goes next (Transit gateways guide, "How
//! transit gateways work", "Transit gateway VPC attachments", "Network ACLs for
//! transit gateways").

mod exits;
mod table;

use std::net::IpAddr;

use super::Ternary;
use super::firewall::inspected;
use super::route::{self, Hop};
use super::trace::{Part, Stage, Step};
use super::walk::Walk;
use crate::model::{
    AttachedResource, AttachmentState, Component, LimitationCode, Listing, RouteTarget, SubnetId,
    TextId, TransitGatewayAssociation, TransitGatewayAttachment, TransitGatewayAttachmentId,
    TransitGatewayId, TransitGatewayRouteTableId, VpcId,
};
use table::Candidate;

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
    /// The zone in which it entered, by its id or by the name that an account has for it. `None`: not known, or in another region.
    zone: Option<(TextId, TextId)>,
    references: Ternary,
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
        if let Some(way) = inspected(component, subnet, &ways, destination) {
            return vec![Hop::Inspected(way)];
        }
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
            // Of what something is attached listings may contradict each other.
            let may_be_ours = component.transit_gateway_attachments.iter().find(|it| {
                it.seen
                    && matches!(it.resource, AttachedResource::Unknown(_))
                    && it.state != AttachmentState::Gone
                    && it.association_at(gateway).is_some()
            });
            if let Some(attachment) = may_be_ours {
                self.trace.unknown(LimitationCode::TransitGateway, attachment.id);
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
            zone: entry.and_then(|entry| zone_of(component, entry)),
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
                    Hop::Nowhere
                    | Hop::Anywhere
                    | Hop::Beyond
                    | Hop::Over(_)
                    | Hop::Inspected(_) => Hop::Nowhere,
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
        let Some(candidates) = transit.candidates(id) else {
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
                        let transit = Transit { zone: None, references: Ternary::No, ..transit };
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
    zone: Option<(TextId, TextId)>,
) -> Vec<Option<SubnetId>> {
    let Some(subnets) = attachment.subnets.as_ref().filter(|subnets| !subnets.is_empty()) else {
        return vec![None];
    };
    let zones = subnets.iter().map(|&at| zone_of(component, at));
    // Zones of another account can't be compared.
    let known = zone.is_some_and(|(account, _)| {
        zones.into_iter().all(|zone| zone.is_some_and(|(of, _)| of == account))
    });
    let same: Vec<Option<SubnetId>> =
        subnets.iter().copied().filter(|&at| zone_of(component, at) == zone).map(Some).collect();
    if known && attachment.appliance_mode == Some(false) && same.len() == 1 {
        return same;
    }
    subnets.iter().copied().map(Some).collect()
}

/// The zone of a subnet: its id, which is everybody's, or its name, and the account whose
/// word for it this is ("AZ IDs", AWS Resource Access Manager user guide).
fn zone_of(component: &Component, subnet: SubnetId) -> Option<(TextId, TextId)> {
    let facts = &component.subnets[subnet];
    if !facts.zone_id.is_empty() {
        return Some((TextId::EMPTY, facts.zone_id));
    }
    (!facts.owner.is_empty() && !facts.zone.is_empty()).then_some((facts.owner, facts.zone))
}

/// Whether references to groups are supported; not where nobody says so.
fn supported(option: Option<bool>) -> Ternary {
    option.map_or(Ternary::Unknown, Ternary::known)
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
