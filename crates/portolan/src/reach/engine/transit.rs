//! Transit gateways as sets of addresses: where each destination comes out.
//!
//! A route to a transit gateway is replaced by what lies behind it, so that a
//! road, the table of a subnet in its zone, leads to VPCs, to NAT gateways of
//! other VPCs, or to where nothing was seen.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use super::route::{self, Candidate, Hop, Routes};
use super::truth::Truth;
use crate::model::{
    AttachedResource, AttachmentState, Destination, Listing, NetworkAclId, RouteOrigin, RouteState,
    RouteTarget, RoutesGiven, SubnetId, TextId, TransitGatewayAssociation,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId, VpcId,
};
use crate::net::{Cidr, IpSet, IpSetId, IpSets, RangeSet};

/// One way through transit gateways.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Leg {
    /// The ACL of the subnet where packets go in; `None`: not known.
    pub(crate) entry: Option<NetworkAclId>,
    /// The VPC where they come out.
    pub(crate) vpc: VpcId,
    /// The subnet where they come out; `None`: not known.
    pub(crate) landing: Option<SubnetId>,
    /// Whether references to groups are preserved.
    pub(crate) references: Truth,
}

/// Where packets come out of a transit gateway.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Landing {
    Vpc {
        vpc: VpcId,
        subnet: Option<SubnetId>,
        references: Truth,
    },
    /// Somewhere that was not seen.
    Beyond,
    Nowhere,
}

/// Where the routes of a transit gateway's table lead.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Onward {
    By(TransitGatewayAttachmentId),
    Beyond,
    Nowhere,
}

/// All addresses, by what holds for them: disjoint, together everything.
type Regions<T> = Vec<(BTreeSet<T>, IpSetId)>;

/// Either of two things may happen.
fn combine<T: Copy + Ord>(one: Regions<T>, other: &Regions<T>, sets: &mut IpSets) -> Regions<T> {
    let mut all: BTreeMap<BTreeSet<T>, Vec<IpSetId>> = BTreeMap::new();
    for (things, region) in one {
        for (more, at) in other {
            let both = sets.intersection(region, *at);
            if !both.is_empty() {
                let things: BTreeSet<T> = things.union(more).copied().collect();
                all.entry(things).or_default().push(both);
            }
        }
    }
    all.into_iter().map(|(things, parts)| (things, sets.union_all(parts))).collect()
}

fn everywhere<T: Ord>(thing: T) -> Regions<T> {
    vec![(BTreeSet::from([thing]), IpSetId::ALL)]
}

/// Everywhere else than in a region, where nothing is said.
fn within<T: Copy + Ord>(regions: Regions<T>, region: IpSetId, sets: &mut IpSets) -> Regions<T> {
    let parts = regions.into_iter().map(|(things, at)| (things, sets.intersection(at, region)));
    parts.filter(|(_, at)| !at.is_empty()).collect()
}

/// What replaces routes to transit gateways, for the subnets of one table in one zone.
#[derive(Clone, Copy)]
struct Transit {
    /// The account whose word for it this is, and the zone in which packets entered.
    zone: Option<(TextId, TextId)>,
    references: Truth,
}

impl Ground {
    /// Whether a table leads to a transit gateway.
    pub(super) fn leads_over(routes: &Routes) -> bool {
        let Routes::Known(regions) = routes else { return false };
        let over =
            |hop: &Hop| matches!(hop, Hop::To { target: RouteTarget::TransitGateway(_), .. });
        regions.iter().any(|(hops, _)| hops.iter().any(over))
    }

    /// The road of a subnet: its table, with what lies behind transit gateways.
    pub(super) fn road(&self, subnet: SubnetId, routes: &Routes, sets: &mut IpSets) -> Routes {
        let Routes::Known(regions) = routes else { return Routes::Unknown };
        let mut all: BTreeMap<Vec<Hop>, Vec<IpSetId>> = BTreeMap::new();
        let mut known: BTreeMap<TransitGatewayId, Regions<Hop>> = BTreeMap::new();
        for (hops, region) in regions {
            let mut here: Regions<Hop> = vec![(BTreeSet::new(), *region)];
            for &hop in hops {
                let Hop::To { target: RouteTarget::TransitGateway(gateway), sure, .. } = hop else {
                    here = combine(here, &everywhere(hop), sets);
                    continue;
                };
                let behind = match known.get(&gateway) {
                    Some(behind) => behind.clone(),
                    None => {
                        let behind = self.transit(subnet, gateway, sets);
                        known.insert(gateway, behind.clone());
                        behind
                    }
                };
                let behind = behind.into_iter().map(|(hops, at)| {
                    let hops = hops.into_iter().map(|hop| match hop {
                        Hop::Over { leg, target, sure: there } => {
                            Hop::Over { leg, target, sure: there && sure }
                        }
                        Hop::To { .. } | Hop::Inspected { .. } | Hop::Nowhere | Hop::Dropped => hop,
                    });
                    (hops.collect(), at)
                });
                let behind: Regions<Hop> = behind.collect();
                here = combine(here, &behind, sets);
            }
            for (hops, at) in here {
                all.entry(hops.into_iter().collect()).or_default().push(at);
            }
        }
        Routes::Known(all.into_iter().map(|(hops, parts)| (hops, sets.union_all(parts))).collect())
    }

    /// Behind a route to a transit gateway that nobody can look.
    fn unseen_behind(gateway: TransitGatewayId) -> Hop {
        Hop::To { target: RouteTarget::TransitGateway(gateway), sure: false, listed: false }
    }

    fn transit(
        &self,
        subnet: SubnetId,
        gateway: TransitGatewayId,
        sets: &mut IpSets,
    ) -> Regions<Hop> {
        let component = &self.component;
        let vpc = component.subnets[subnet].vpc;
        let mut attached: Vec<&TransitGatewayAttachment> = component
            .transit_gateway_attachments
            .iter()
            .filter(|it| it.resource == AttachedResource::Vpc(vpc))
            .filter(|it| it.association_at(gateway).is_some())
            .collect();
        let gone = |it: &&TransitGatewayAttachment| it.state == AttachmentState::Gone;
        if attached.iter().all(gone) {
            let listings = component.scopes[component.vpcs[vpc].scope].listings;
            let listed = listings.contains(Listing::TransitGatewayVpcAttachments)
                || listings.contains(Listing::TransitGatewayAttachments);
            // Of what something is attached listings may contradict each other.
            let unsure = component.transit_gateway_attachments.iter().any(|it| {
                it.seen
                    && matches!(it.resource, AttachedResource::Unknown(_))
                    && it.state != AttachmentState::Gone
                    && it.association_at(gateway).is_some()
            });
            let known = (listed && !unsure) || !attached.is_empty();
            return everywhere(if known { Hop::Nowhere } else { Self::unseen_behind(gateway) });
        }
        attached.retain(|it| !gone(it));
        let mut all: Regions<Hop> = vec![(BTreeSet::new(), IpSetId::ALL)];
        for attachment in attached {
            let behind = self.enter(subnet, gateway, attachment, sets);
            all = combine(all, &behind, sets);
        }
        all
    }

    fn zone(&self, subnet: SubnetId) -> TextId {
        self.component.subnets[subnet].zone
    }

    fn enter(
        &self,
        subnet: SubnetId,
        gateway: TransitGatewayId,
        attachment: &TransitGatewayAttachment,
        sets: &mut IpSets,
    ) -> Regions<Hop> {
        let subnets = attachment.subnets.as_deref().unwrap_or_default();
        let zone = self.zone(subnet);
        let here: Vec<SubnetId> =
            subnets.iter().copied().filter(|&at| self.zone(at) == zone).collect();
        let zones = !zone.is_empty() && subnets.iter().all(|&at| !self.zone(at).is_empty());
        let entry = match here.as_slice() {
            _ if subnets.contains(&subnet) => Some(subnet),
            _ if attachment.subnets.is_none() || !zones => None,
            [] => return everywhere(Hop::Nowhere),
            [entry] => Some(*entry),
            _ => None,
        };
        let facts = &self.component.transit_gateways[gateway];
        let references =
            supported(facts.group_references).and(supported(attachment.group_references));
        let zone = entry.and_then(|entry| self.owned_zone(entry));
        let transit = Transit { zone, references };
        let landings = self.onward(transit, gateway, attachment, &mut Vec::new(), sets);
        let mut all: BTreeMap<BTreeSet<Hop>, Vec<IpSetId>> = BTreeMap::new();
        for (landings, region) in landings {
            let mut hops: Regions<Hop> = vec![(BTreeSet::new(), region)];
            if attachment.state == AttachmentState::Unknown {
                hops = combine(hops, &everywhere(Self::unseen_behind(gateway)), sets);
            }
            for landing in landings {
                let landed = match landing {
                    Landing::Beyond => everywhere(Self::unseen_behind(gateway)),
                    Landing::Nowhere => everywhere(Hop::Nowhere),
                    Landing::Vpc { vpc, subnet, references } => {
                        let entry = entry.and_then(|entry| self.sites[entry].acl);
                        let leg = Leg { entry, vpc, landing: subnet, references };
                        self.land(leg, gateway)
                    }
                };
                hops = combine(hops, &landed, sets);
            }
            for (hops, at) in hops {
                all.entry(hops).or_default().push(at);
            }
        }
        all.into_iter().map(|(hops, parts)| (hops, sets.union_all(parts))).collect()
    }

    /// On by the route table of the subnet where packets came out.
    fn land(&self, leg: Leg, gateway: TransitGatewayId) -> Regions<Hop> {
        let Some(subnet) = leg.landing else {
            let local = Hop::Over { leg, target: RouteTarget::Local, sure: false };
            return vec![(BTreeSet::from([local, Self::unseen_behind(gateway)]), IpSetId::ALL)];
        };
        let Some(Routes::Known(regions)) = self.sites[subnet].table.map(|at| &self.routes[at])
        else {
            return everywhere(Self::unseen_behind(gateway));
        };
        let onto = |hop: &Hop| match *hop {
            Hop::To {
                target: target @ (RouteTarget::Local | RouteTarget::NatGateway(_)),
                sure,
                ..
            } => Hop::Over { leg, target, sure },
            Hop::To { target: target @ RouteTarget::NetworkInterface(_), .. } => {
                Hop::To { target, sure: false, listed: false }
            }
            Hop::To { target, .. } if self.is_dark(target) => Self::unseen_behind(gateway),
            Hop::To { .. }
            | Hop::Nowhere
            | Hop::Dropped
            | Hop::Over { .. }
            | Hop::Inspected { .. } => Hop::Nowhere,
        };
        regions.iter().map(|(hops, region)| (hops.iter().map(onto).collect(), *region)).collect()
    }

    fn onward(
        &self,
        transit: Transit,
        gateway: TransitGatewayId,
        by: &TransitGatewayAttachment,
        passed: &mut Vec<TransitGatewayId>,
        sets: &mut IpSets,
    ) -> Regions<Landing> {
        passed.push(gateway);
        let table = match by.association_at(gateway) {
            Some(TransitGatewayAssociation::RouteTable(table)) => table,
            Some(TransitGatewayAssociation::None) => return everywhere(Landing::Nowhere),
            Some(
                TransitGatewayAssociation::PolicyTable(_) | TransitGatewayAssociation::Unknown,
            )
            | None => return everywhere(Landing::Beyond),
        };
        let Some(regions) = self.transit_routes(table, sets) else {
            return everywhere(Landing::Beyond);
        };
        let mut all = Vec::new();
        for (onward, region) in regions {
            let mut here: Regions<Landing> = vec![(BTreeSet::new(), region)];
            for hop in onward {
                let landings = match hop {
                    Onward::Beyond => everywhere(Landing::Beyond),
                    Onward::Nowhere => everywhere(Landing::Nowhere),
                    Onward::By(attachment) => {
                        self.leave_by(transit, gateway, attachment, passed, sets)
                    }
                };
                here = combine(here, &landings, sets);
            }
            all.extend(within(here, region, sets));
        }
        all
    }

    fn leave_by(
        &self,
        transit: Transit,
        gateway: TransitGatewayId,
        id: TransitGatewayAttachmentId,
        passed: &mut Vec<TransitGatewayId>,
        sets: &mut IpSets,
    ) -> Regions<Landing> {
        let attachment = &self.component.transit_gateway_attachments[id];
        if attachment.state == AttachmentState::Gone {
            return everywhere(Landing::Nowhere);
        }
        let landings = match attachment.resource {
            AttachedResource::Vpc(vpc) => {
                let references = transit.references.and(supported(attachment.group_references));
                let outlets = self.outlets(attachment, transit.zone);
                let landed =
                    outlets.into_iter().map(|subnet| Landing::Vpc { vpc, subnet, references });
                vec![(landed.collect(), IpSetId::ALL)]
            }
            AttachedResource::TransitGateway => {
                let mut far = attachment.ends.iter().map(|end| end.gateway);
                let far: Vec<TransitGatewayId> =
                    far.by_ref().filter(|&end| end != gateway).collect();
                match *far.as_slice() {
                    [far] if passed.contains(&far) => everywhere(Landing::Nowhere),
                    [far] => {
                        let transit = Transit { zone: None, references: Truth::No };
                        let landings = self.onward(transit, far, attachment, passed, sets);
                        passed.pop();
                        landings
                    }
                    _ => everywhere(Landing::Beyond),
                }
            }
            AttachedResource::Network(_) | AttachedResource::Unknown(_) => {
                everywhere(Landing::Beyond)
            }
        };
        match attachment.state {
            AttachmentState::Unknown => combine(landings, &everywhere(Landing::Beyond), sets),
            AttachmentState::Available | AttachmentState::Gone => landings,
        }
    }

    /// The zone of a subnet: nobody's own word for it if it has an id, else the account's whose
    /// word for it this is.
    fn owned_zone(&self, subnet: SubnetId) -> Option<(TextId, TextId)> {
        let facts = &self.component.subnets[subnet];
        let id = facts.zone_id;
        if id != TextId::EMPTY {
            return Some((TextId::EMPTY, id));
        }
        (!facts.owner.is_empty() && !facts.zone.is_empty()).then_some((facts.owner, facts.zone))
    }

    /// The subnets in which an attachment may hand packets out that entered in a zone.
    fn outlets(
        &self,
        attachment: &TransitGatewayAttachment,
        zone: Option<(TextId, TextId)>,
    ) -> Vec<Option<SubnetId>> {
        let subnets = attachment.subnets.as_deref().unwrap_or_default();
        if subnets.is_empty() {
            return vec![None];
        }
        let zones: Vec<Option<(TextId, TextId)>> =
            subnets.iter().map(|&at| self.owned_zone(at)).collect();
        // Each account has names of its own for zones.
        let comparable = zone.is_some_and(|(account, _)| {
            zones.iter().all(|zone| zone.is_some_and(|(of, _)| of == account))
        });
        let same: Vec<SubnetId> = subnets
            .iter()
            .zip(&zones)
            .filter(|(_, at)| **at == zone)
            .map(|(&subnet, _)| subnet)
            .collect();
        match same.as_slice() {
            [only] if comparable && attachment.appliance_mode == Some(false) => vec![Some(*only)],
            _ => subnets.iter().copied().map(Some).collect(),
        }
    }

    /// Where the routes of a transit gateway's table lead; `None`: they are not known.
    fn transit_routes(
        &self,
        id: TransitGatewayRouteTableId,
        sets: &mut IpSets,
    ) -> Option<Regions<Onward>> {
        let table = &self.component.transit_gateway_route_tables[id];
        let unreadable = table.routes.iter().any(|route| route.destination.is_none());
        if table.contested || table.given == RoutesGiven::None || unreadable {
            return None;
        }
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        let mut anywhere: BTreeSet<Onward> = BTreeSet::new();
        // Blocks that may be propagated or not.
        let mut perhaps: Vec<(Onward, IpSet)> = Vec::new();
        let mut add = |cidr: Cidr, rank: u8, hop: Onward| match cidr {
            Cidr::V4(prefix) => v4.push(Candidate { prefix, rank, hop }),
            Cidr::V6(prefix) => v6.push(Candidate { prefix, rank, hop }),
        };
        for route in &table.routes {
            let hops: Vec<Onward> = match route.state {
                RouteState::Blackhole => vec![Onward::Nowhere],
                RouteState::Active | RouteState::Unknown => {
                    let unsure = route.state == RouteState::Unknown || route.attachments.is_empty();
                    let by = route.attachments.iter().copied().map(Onward::By);
                    by.chain(unsure.then_some(Onward::Beyond)).collect()
                }
            };
            let vpc = route.attachments.iter().any(|&at| {
                let attachment = &self.component.transit_gateway_attachments[at];
                matches!(attachment.resource, AttachedResource::Vpc(_))
            });
            let rank = match route.origin {
                RouteOrigin::Static => 4,
                RouteOrigin::Propagated if vpc => 6,
                RouteOrigin::Propagated => 7,
            };
            for hop in hops {
                match route.destination {
                    Some(Destination::Ipv4(prefix)) => add(Cidr::V4(prefix), rank, hop),
                    Some(Destination::Ipv6(prefix)) => add(Cidr::V6(prefix), rank, hop),
                    Some(Destination::PrefixList(list)) => {
                        match &self.component.prefix_lists[list].entries {
                            Some(entries) => {
                                let rank = if rank == 4 { 5 } else { rank };
                                entries.iter().for_each(|&entry| add(entry, rank, hop));
                            }
                            None => {
                                anywhere.insert(hop);
                            }
                        }
                    }
                    None => {}
                }
            }
        }
        if table.given == RoutesGiven::Static {
            match &table.propagations {
                Some(propagations) => {
                    for &id in propagations {
                        self.propagate(id, &mut add, &mut anywhere, &mut perhaps);
                    }
                }
                None => {
                    anywhere.insert(Onward::Beyond);
                }
            }
        }
        let mut regions: BTreeMap<BTreeSet<Onward>, IpSet> = BTreeMap::new();
        for (hops, set) in route::partition(v4, Onward::Nowhere) {
            regions.entry(hops.into_iter().collect()).or_default().v4 = set;
        }
        for (hops, set) in route::partition(v6, Onward::Nowhere) {
            regions.entry(hops.into_iter().collect()).or_default().v6 = set;
        }
        let regions = regions.into_iter().map(|(hops, set)| {
            let hops: BTreeSet<Onward> = hops.union(&anywhere).copied().collect();
            (hops, sets.intern(set))
        });
        let mut regions: Regions<Onward> = regions.collect();
        for (hop, blocks) in perhaps {
            let blocks = sets.intern(blocks);
            let others = sets.complement(blocks);
            let overlay = vec![(BTreeSet::from([hop]), blocks), (BTreeSet::new(), others)];
            regions = combine(regions, &overlay, sets);
        }
        Some(regions)
    }

    fn propagate(
        &self,
        id: TransitGatewayAttachmentId,
        add: &mut impl FnMut(Cidr, u8, Onward),
        anywhere: &mut BTreeSet<Onward>,
        perhaps: &mut Vec<(Onward, IpSet)>,
    ) {
        let attachment = &self.component.transit_gateway_attachments[id];
        if attachment.state == AttachmentState::Gone {
            return;
        }
        let hop = Onward::By(id);
        let vpc = match attachment.resource {
            AttachedResource::TransitGateway => return,
            AttachedResource::Vpc(vpc) => &self.component.vpcs[vpc],
            AttachedResource::Network(_) | AttachedResource::Unknown(_) => {
                anywhere.insert(hop);
                return;
            }
        };
        if !vpc.seen || vpc.contested {
            // Of IPv6 it propagates nothing, whatever the VPC has.
            match attachment.ipv6 {
                Some(false) => {
                    perhaps.push((hop, IpSet { v4: RangeSet::all(), ..IpSet::default() }));
                }
                Some(true) | None => {
                    anywhere.insert(hop);
                }
            }
            return;
        }
        vpc.ipv4.iter().for_each(|&block| add(Cidr::V4(block), 6, hop));
        match attachment.ipv6 {
            Some(true) => vpc.ipv6.iter().for_each(|&block| add(Cidr::V6(block), 6, hop)),
            Some(false) => {}
            None => {
                let v6 = vpc.ipv6.iter().copied().collect();
                perhaps.push((hop, IpSet { v6, ..IpSet::default() }));
            }
        }
    }

    /// The subnets in which attachments have interfaces, or may have.
    pub(super) fn find_attached(&self) -> BTreeSet<SubnetId> {
        let component = &self.component;
        let mut attached: BTreeMap<VpcId, Option<BTreeSet<SubnetId>>> = BTreeMap::new();
        for attachment in component.transit_gateway_attachments.iter() {
            let AttachedResource::Vpc(vpc) = attachment.resource else { continue };
            if attachment.state == AttachmentState::Gone {
                continue;
            }
            let known = attached.entry(vpc).or_insert_with(|| Some(BTreeSet::new()));
            match (known.as_mut(), &attachment.subnets) {
                (Some(known), Some(subnets)) => known.extend(subnets),
                _ => *known = None,
            }
        }
        // Where attachments were not listed, a route tells that there is one.
        for table in component.route_tables.iter() {
            let listings = component.scopes[component.vpcs[table.vpc].scope].listings;
            let listed = listings.contains(Listing::TransitGatewayVpcAttachments)
                || listings.contains(Listing::TransitGatewayAttachments);
            let mut targets = table.routes.iter().map(|route| route.target);
            if !listed && targets.any(|target| matches!(target, RouteTarget::TransitGateway(_))) {
                attached.entry(table.vpc).or_insert(None);
            }
        }
        let may_be_there = |subnet: SubnetId, vpc: VpcId| match attached.get(&vpc) {
            Some(Some(subnets)) => subnets.contains(&subnet),
            Some(None) => true,
            None => false,
        };
        let subnets = component.subnets.entries();
        subnets.filter(|(id, it)| may_be_there(*id, it.vpc)).map(|(id, _)| id).collect()
    }
}

fn supported(option: Option<bool>) -> Truth {
    option.map_or(Truth::Maybe, Truth::from)
}
