//! Transit gateways: a namespace each, with a link for every subnet of every attachment.
//!
//! A VPC sends by the attachment's interface in the sender's own zone, and nobody else's
//! serves (Transit gateways guide, "Transit gateway VPC attachments"). The table with
//! which the attachment is associated routes; what is handed out comes from the interface
//! in the zone where the packet came in, if there is one there ("Appliance mode"), and
//! the route table of that subnet sends it on. The link has the subnet's device group, so
//! that the subnet's ACL is asked for what goes in and for what comes out ("Network ACLs").

use std::collections::{BTreeMap, BTreeSet};

use portolan::model::{
    AttachedResource, AttachmentState, Component, ComponentId, Destination, Listing, RouteOrigin,
    RouteState, RoutesGiven, SubnetId, TextId, TransitGatewayAssociation, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute, TransitGatewayRouteTable,
    TransitGatewayRouteTableId, VpcId,
};
use portolan::net::Cidr;

use super::compile::Compiler;
use super::host::FIRST_DEVICE;
use super::vpc::{Device, Draft, MAIN};
use super::{Action, Packets, Plan, Route, Rule, Space, SpaceId};
use crate::ruleset::{Hook, Ruleset, words};

/// Routing tables of a transit gateway: this and a number from 1.
const TABLES: u32 = 40_000;

/// An attachment, seen from its VPC.
#[derive(Debug)]
pub(super) struct Attached {
    /// The device in each of its subnets.
    pub(super) devices: BTreeMap<SubnetId, Device>,
    /// VPCs behind it whose groups rules for what comes in may name.
    pub(super) partners: BTreeSet<VpcId>,
}

/// A zone, as an account calls it: each has names of its own.
type Zone = Option<(TextId, TextId)>;

/// A transit gateway that is being built.
struct Gateway {
    space: SpaceId,
    next: u32,
    /// Its devices: of an attachment in a subnet, or of one to another transit gateway.
    devices: BTreeMap<(TransitGatewayAttachmentId, Option<SubnetId>), Device>,
}

impl Gateway {
    fn device(&mut self, name: String) -> Device {
        let index = self.next;
        self.next = index.saturating_add(1);
        Device { name, index }
    }
}

type Gateways = BTreeMap<(ComponentId, TransitGatewayId), Gateway>;

/// Where the router of a subnet hands over what is for a transit gateway; `None`: nowhere.
pub(super) fn entry(
    draft: &mut Draft<'_>,
    subnet: SubnetId,
    gateway: TransitGatewayId,
) -> Option<u32> {
    let component = draft.component;
    let vpc = draft.vpc;
    let attached: Vec<(TransitGatewayAttachmentId, &TransitGatewayAttachment)> = component
        .transit_gateway_attachments
        .entries()
        .filter(|(_, it)| it.resource == AttachedResource::Vpc(vpc))
        .filter(|(_, it)| it.association_at(gateway).is_some())
        .collect();
    let mut alive = attached.iter().filter(|(_, it)| it.state != AttachmentState::Gone);
    let Some(&(id, attachment)) = alive.next() else {
        let listings = component.scopes[component.vpcs[vpc].scope].listings;
        let listed = [Listing::TransitGatewayVpcAttachments, Listing::TransitGatewayAttachments]
            .into_iter()
            .any(|listing| listings.contains(listing));
        if attached.is_empty() && !listed {
            let id = component.transit_gateways[gateway].id;
            draft.leave_out(id, "what is attached to this transit gateway was not seen");
        }
        return None;
    };
    if alive.next().is_some() {
        draft.leave_out(attachment.id, "its VPC is attached to one transit gateway twice");
    }
    let Some(subnets) = &attachment.subnets else {
        draft.leave_out(attachment.id, "the subnets of this attachment were not seen");
        return None;
    };
    let zone = component.subnets[subnet].zone;
    let known = |at: &SubnetId| !component.subnets[*at].zone.is_empty();
    let mut here = subnets.iter().filter(|&&at| component.subnets[at].zone == zone);
    let chosen = match (here.next(), here.next()) {
        _ if subnets.contains(&subnet) => Some(subnet),
        (Some(&only), None) if !zone.is_empty() => Some(only),
        (None, _) if !zone.is_empty() && subnets.iter().all(known) => None,
        _ => {
            let reason = "which subnet of this attachment serves the sender's zone is not known";
            draft.leave_out(attachment.id, reason);
            subnets.first().copied()
        }
    };
    let devices = &draft.ways.attachments.get(&id)?.devices;
    devices.get(&chosen?).map(|device| device.index)
}

impl Compiler<'_, '_> {
    /// Links every attachment of a VPC that is built, and fills the transit gateways.
    pub(super) fn transit_gateways(&mut self, drafts: &mut [Draft<'_>]) {
        let components: BTreeSet<ComponentId> = drafts.iter().map(|draft| draft.at).collect();
        for at in components {
            let component = &self.network.components[at];
            let mut gateways = Gateways::new();
            for (id, attachment) in component.transit_gateway_attachments.entries() {
                match attachment.state {
                    AttachmentState::Gone => continue,
                    AttachmentState::Available => {}
                    AttachmentState::Unknown => self
                        .plan
                        .leave_out(attachment.id, "whether this attachment works is not known"),
                }
                match attachment.resource {
                    AttachedResource::Vpc(vpc) => {
                        let mut drafts = drafts.iter_mut();
                        if let Some(draft) = drafts.find(|draft| (draft.at, draft.vpc) == (at, vpc))
                        {
                            self.attach(&mut gateways, draft, id);
                        }
                    }
                    AttachedResource::TransitGateway => self.join(&mut gateways, at, id),
                    // Said where a route leads there.
                    AttachedResource::Network(_) | AttachedResource::Unknown(_) => {}
                }
            }
            partners(component, drafts.iter_mut().filter(|draft| draft.at == at), self.plan);
            for (&(_, id), gateway) in &gateways {
                let filled = fill(component, id, gateway, self.plan);
                if let Some(place) = self.plan.spaces.get_mut(gateway.space) {
                    *place = Space { name: std::mem::take(&mut place.name), ..filled };
                }
            }
        }
    }

    fn gateway<'g>(
        &mut self,
        gateways: &'g mut Gateways,
        at: ComponentId,
        id: TransitGatewayId,
    ) -> &'g mut Gateway {
        gateways.entry((at, id)).or_insert_with(|| {
            let name = self.network.text(self.network.components[at].transit_gateways[id].id);
            let space = Space { name: name.to_owned(), ..Space::default() };
            let space = self.plan.push_space(space);
            Gateway { space, next: FIRST_DEVICE, devices: BTreeMap::new() }
        })
    }

    /// An attachment of a VPC: a link in each of its subnets.
    fn attach(
        &mut self,
        gateways: &mut Gateways,
        draft: &mut Draft<'_>,
        id: TransitGatewayAttachmentId,
    ) {
        let attachment = &draft.component.transit_gateway_attachments[id];
        let (Some(end), Some(subnets)) = (attachment.ends.first(), &attachment.subnets) else {
            return;
        };
        let mut devices = BTreeMap::new();
        for &subnet in subnets {
            let group = draft.subnet(subnet);
            let device = draft.device(format!("t{}x{group}", id.number()));
            let near = (draft.space, device.name.clone(), device.index);
            let gateway = self.gateway(gateways, draft.at, end.gateway);
            let far = gateway.device(format!("a{}x{group}", id.number()));
            let plug = (gateway.space, far.name.clone(), far.index);
            gateway.devices.insert((id, Some(subnet)), far);
            self.link(near, group, plug);
            devices.insert(subnet, device);
        }
        draft.ways.attachments.insert(id, Attached { devices, partners: BTreeSet::new() });
    }

    /// A peering attachment: a link between two transit gateways.
    fn join(&mut self, gateways: &mut Gateways, at: ComponentId, id: TransitGatewayAttachmentId) {
        let attachment = &self.network.components[at].transit_gateway_attachments[id];
        let [one, other] = *attachment.ends.as_slice() else {
            let reason = "the other end of this attachment was not seen";
            self.plan.leave_out(attachment.id, reason);
            return;
        };
        let plugs = [one, other].map(|end| {
            let gateway = self.gateway(gateways, at, end.gateway);
            let device = gateway.device(format!("p{}", id.number()));
            let plug = (gateway.space, device.name.clone(), device.index);
            gateway.devices.insert((id, None), device);
            plug
        });
        let [near, far] = plugs;
        self.link(near, 0, far);
    }
}

/// Notes for each attachment which VPCs' groups arrive through it: the transit gateway
/// and both attachments must support it ("Security group referencing").
fn partners<'d, 'n: 'd>(
    component: &Component,
    drafts: impl Iterator<Item = &'d mut Draft<'n>>,
    plan: &mut Plan,
) {
    let mut supports = |id: TextId, option: Option<bool>| {
        if option.is_none() {
            plan.leave_out(id, "whether groups may be named across it is not known");
        }
        option != Some(false)
    };
    let mut offered: BTreeMap<TransitGatewayId, Vec<(TransitGatewayAttachmentId, VpcId)>> =
        BTreeMap::new();
    for (id, attachment) in component.transit_gateway_attachments.entries() {
        let AttachedResource::Vpc(vpc) = attachment.resource else { continue };
        let Some(end) = attachment.ends.first() else { continue };
        let gateway = &component.transit_gateways[end.gateway];
        if attachment.state != AttachmentState::Gone
            && supports(gateway.id, gateway.group_references)
            && supports(attachment.id, attachment.group_references)
        {
            offered.entry(end.gateway).or_default().push((id, vpc));
        }
    }
    for draft in drafts {
        for (id, attached) in &mut draft.ways.attachments {
            for with in offered.values().filter(|with| with.iter().any(|(at, _)| at == id)) {
                attached.partners.extend(with.iter().map(|&(_, vpc)| vpc));
            }
        }
    }
}

/// The namespace of a transit gateway: which table is asked for what comes in where.
fn fill(component: &Component, id: TransitGatewayId, gateway: &Gateway, plan: &mut Plan) -> Space {
    let mut space = Space { forwards: true, ..Space::default() };
    for destination in [Cidr::ALL_V4, Cidr::ALL_V6] {
        space.routes.push(Route { table: MAIN, destination, action: Action::Drop });
    }
    let mut numbers: BTreeMap<(TransitGatewayRouteTableId, Zone), u32> = BTreeMap::new();
    let mut marks = Vec::new();
    for (&(attachment, subnet), device) in &gateway.devices {
        let facts = &component.transit_gateway_attachments[attachment];
        let table = match facts.association_at(id) {
            Some(TransitGatewayAssociation::RouteTable(table)) => table,
            Some(TransitGatewayAssociation::None) => continue,
            Some(TransitGatewayAssociation::PolicyTable(_)) => {
                plan.leave_out(facts.id, "policy tables are not compiled");
                continue;
            }
            Some(TransitGatewayAssociation::Unknown) | None => {
                plan.leave_out(facts.id, "the route table of this attachment was not seen");
                continue;
            }
        };
        let zone = subnet.and_then(|subnet| zone_of(component, subnet));
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX).saturating_add(1);
        let number = *numbers.entry((table, zone)).or_insert(next);
        marks.push(format!("{} : {number:#x}", words::device(&device.name)));
    }
    for (&(table, zone), &number) in &numbers {
        let kernel = TABLES.saturating_add(number);
        let packets = Packets::Marked { mark: number, mask: u32::MAX };
        space.rules.push(Rule { priority: 100, packets, table: kernel });
        let facts = &component.transit_gateway_route_tables[table];
        for (destination, attachment) in chosen(component, facts, plan) {
            let device = attachment
                .and_then(|attachment| outlet(component, gateway, attachment, zone, plan));
            let action = device.map_or(Action::Drop, Action::Device);
            space.routes.push(Route { table: kernel, destination, action });
        }
    }
    let mut rules = Ruleset::default();
    rules.base_chain(
        "attachments",
        Hook { kind: "filter", hook: "prerouting", priority: -150, policy: "accept" },
    );
    if !marks.is_empty() {
        let marks = marks.join(", ");
        rules.rule("attachments", &format!("meta mark set iifname map {{ {marks} }}"));
    }
    space.ruleset = rules;
    space
}

/// The route that is in force for each prefix of a table: static ones before those of
/// prefix lists, those before what VPCs propagate, those before the rest ("Route
/// evaluation order"). `None`: a blackhole.
fn chosen(
    component: &Component,
    table: &TransitGatewayRouteTable,
    plan: &mut Plan,
) -> BTreeMap<Cidr, Option<TransitGatewayAttachmentId>> {
    if table.contested {
        plan.leave_out(table.id, "two listings of this route table differ");
    }
    let mut routes: Vec<(Cidr, u8, Option<TransitGatewayAttachmentId>)> = Vec::new();
    for route in &table.routes {
        let Some(prefixes) = prefixes(component, route) else {
            plan.leave_out(table.id, "the destination of a route of this table is not known");
            continue;
        };
        let to = match route.state {
            RouteState::Blackhole => None,
            RouteState::Active => route.attachments.first().copied(),
            RouteState::Unknown => {
                plan.leave_out(table.id, "whether a route of this table works is not known");
                route.attachments.first().copied()
            }
        };
        let of_vpc = |id: &TransitGatewayAttachmentId| {
            let attachment = &component.transit_gateway_attachments[*id];
            matches!(attachment.resource, AttachedResource::Vpc(_))
        };
        let rank = match (route.origin, route.destination) {
            (RouteOrigin::Static, Some(Destination::PrefixList(_))) => 2,
            (RouteOrigin::Static, _) => 3,
            (RouteOrigin::Propagated, _) => u8::from(route.attachments.iter().any(of_vpc)),
        };
        routes.extend(prefixes.into_iter().map(|prefix| (prefix, rank, to)));
    }
    match (table.given, &table.propagations) {
        (RoutesGiven::All, _) => {}
        (RoutesGiven::Static, Some(propagations)) => {
            for &id in propagations {
                routes.extend(
                    propagated(component, id, plan).into_iter().map(|block| (block, 1, Some(id))),
                );
            }
        }
        (RoutesGiven::None, _) | (RoutesGiven::Static, None) => {
            plan.leave_out(table.id, "the routes of this table were not seen");
        }
    }
    routes.sort_by_key(|&(_, rank, _)| rank);
    routes.into_iter().map(|(prefix, _, to)| (prefix, to)).collect()
}

fn prefixes(component: &Component, route: &TransitGatewayRoute) -> Option<Vec<Cidr>> {
    match route.destination? {
        Destination::Ipv4(prefix) => Some(vec![Cidr::V4(prefix)]),
        Destination::Ipv6(prefix) => Some(vec![Cidr::V6(prefix)]),
        Destination::PrefixList(list) => {
            component.prefix_lists[list].entries.as_ref().map(|entries| entries.to_vec())
        }
    }
}

/// What an attachment propagates: the blocks of its VPC, IPv6 where it supports that.
fn propagated(component: &Component, id: TransitGatewayAttachmentId, plan: &mut Plan) -> Vec<Cidr> {
    let attachment = &component.transit_gateway_attachments[id];
    if attachment.state == AttachmentState::Gone {
        return Vec::new();
    }
    match attachment.resource {
        AttachedResource::Vpc(vpc) => {
            let vpc = &component.vpcs[vpc];
            if !vpc.ipv6.is_empty() && attachment.ipv6.is_none() {
                plan.leave_out(attachment.id, "whether this attachment carries IPv6 is not known");
            }
            let v6 = vpc.ipv6.iter().filter(|_| attachment.ipv6 != Some(false));
            vpc.ipv4.iter().map(|&it| Cidr::V4(it)).chain(v6.map(|&it| Cidr::V6(it))).collect()
        }
        // Between transit gateways there are static routes only.
        AttachedResource::TransitGateway => Vec::new(),
        AttachedResource::Network(_) | AttachedResource::Unknown(_) => {
            plan.leave_out(attachment.id, "what is behind this attachment was not seen");
            Vec::new()
        }
    }
}

/// The device by which packets leave that came in in a zone.
fn outlet(
    component: &Component,
    gateway: &Gateway,
    id: TransitGatewayAttachmentId,
    zone: Zone,
    plan: &mut Plan,
) -> Option<u32> {
    let attachment = &component.transit_gateway_attachments[id];
    match attachment.resource {
        AttachedResource::Vpc(_) | AttachedResource::TransitGateway => {}
        AttachedResource::Network(_) | AttachedResource::Unknown(_) => {
            plan.leave_out(attachment.id, "what is behind this attachment was not seen");
            return None;
        }
    }
    let devices = gateway.devices.range((id, None)..).take_while(|((of, _), _)| *of == id);
    let mut devices: Vec<_> = devices.map(|((_, subnet), device)| (*subnet, device)).collect();
    devices.sort_by_key(|(subnet, _)| {
        let there = subnet.and_then(|subnet| zone_of(component, subnet));
        (zone.is_none() || there != zone, *subnet)
    });
    devices.first().map(|(_, device)| device.index)
}

fn zone_of(component: &Component, subnet: SubnetId) -> Zone {
    let facts = &component.subnets[subnet];
    (!facts.zone.is_empty()).then_some((facts.owner, facts.zone))
}
