//! Transit gateways: what several listings say of one thing is put together.
//!
//! An attachment is listed twice, once with its association and once with its
//! subnets, and of a peering each side lists its own end. A route table is listed
//! by up to four calls: that it is there, its static routes or all of them, and
//! what propagates to it.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::Assembly;
use super::{Chunks, Conflicts, Given, NetworkBuilder};
use crate::model::id::Id;
use crate::model::{
    AttachedResource, AttachmentEnd, AttachmentState, Destination, LimitationCode, Place,
    RoutesGiven, Text, TextId, TransitGateway, TransitGatewayAssociation, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute, TransitGatewayRouteTable,
    TransitGatewayRouteTableId,
};

impl NetworkBuilder {
    pub(super) fn merge_transit_gateways(&mut self, conflicts: &mut Conflicts) {
        let text = &self.text;
        let join = |one: &mut TransitGateway, other: TransitGateway, _: &mut Conflicts| {
            if one.group_references != other.group_references {
                one.group_references = None;
            }
            one.seen |= other.seen;
        };
        join_all(&mut self.transit_gateways, text, |it| it.id, join, conflicts);
        let attachments = &mut self.transit_gateway_attachments;
        join_all(attachments, text, |it| it.id, join_attachments, conflicts);
        let tables = &mut self.transit_gateway_route_tables;
        join_all(tables, text, |it| it.id, join_tables, conflicts);
        let mut loose: BTreeMap<TextId, Vec<TransitGatewayRoute>> = BTreeMap::new();
        let mut said = BTreeSet::new();
        for (table, route) in std::mem::take(&mut self.transit_gateway_routes) {
            // The same reply may be there twice.
            if said.insert((table, says(&route))) {
                loose.entry(table).or_default().push(route);
            }
        }
        for Given { fact, .. } in self.transit_gateway_route_tables.iter_mut() {
            let Some(routes) = loose.remove(&fact.id) else { continue };
            // Pages that are not all of a table say less than what else is known of it.
            match fact.given {
                RoutesGiven::All if fact.routes.is_empty() => fact.routes = routes,
                RoutesGiven::All if canonical(&fact.routes) != canonical(&routes) => {
                    fact.contested = true;
                    conflicts.push((fact.id, fact.place));
                }
                RoutesGiven::All | RoutesGiven::Static | RoutesGiven::None => {}
            }
        }
    }
}

/// Joins all facts of one id, in the order of the ids.
fn join_all<T>(
    chunks: &mut Chunks<Given<T>>,
    text: &Text,
    id: fn(&T) -> TextId,
    join: impl Fn(&mut T, T, &mut Conflicts),
    conflicts: &mut Conflicts,
) {
    let mut joined: BTreeMap<&str, Given<T>> = BTreeMap::new();
    for given in std::mem::take(chunks) {
        match joined.get_mut(text.get(id(&given.fact))) {
            Some(known) => join(&mut known.fact, given.fact, conflicts),
            None => {
                joined.insert(text.get(id(&given.fact)), given);
            }
        }
    }
    *chunks = joined.into_values().collect::<Vec<_>>().into();
}

/// What one of two listings says; what they both say and differ in is unknown.
fn either<T: Clone + PartialEq>(
    one: &mut T,
    other: T,
    unknown: T,
    is_unknown: impl Fn(&T) -> bool,
) -> bool {
    if is_unknown(&other) || *one == other {
        return true;
    }
    if is_unknown(one) {
        *one = other;
        return true;
    }
    *one = unknown;
    false
}

fn join_attachments(
    one: &mut TransitGatewayAttachment,
    mut other: TransitGatewayAttachment,
    conflicts: &mut Conflicts,
) {
    let place = other.place;
    let mut agree = either(
        &mut one.resource,
        other.resource,
        AttachedResource::Unknown(TextId::EMPTY),
        |resource| matches!(resource, AttachedResource::Unknown(_)),
    );
    agree &= either(&mut one.state, other.state, AttachmentState::Unknown, |state| {
        *state == AttachmentState::Unknown
    });
    for end in other.ends {
        match one.ends.iter_mut().find(|known| known.gateway == end.gateway) {
            Some(known) => {
                agree &= either(
                    &mut known.association,
                    end.association,
                    TransitGatewayAssociation::Unknown,
                    |association| *association == TransitGatewayAssociation::Unknown,
                );
            }
            None => one.ends.push(end),
        }
    }
    for subnets in [&mut one.subnets, &mut other.subnets].into_iter().flatten() {
        subnets.sort_unstable();
    }
    agree &= either(&mut one.subnets, other.subnets, None, Option::is_none);
    agree &= either(&mut one.ipv6, other.ipv6, None, Option::is_none);
    agree &= either(&mut one.appliance_mode, other.appliance_mode, None, Option::is_none);
    agree &= either(&mut one.group_references, other.group_references, None, Option::is_none);
    if !agree {
        conflicts.push((one.id, place));
    }
}

fn join_tables(
    one: &mut TransitGatewayRouteTable,
    mut other: TransitGatewayRouteTable,
    conflicts: &mut Conflicts,
) {
    let mut agree = either(&mut one.gateway, other.gateway, None, Option::is_none);
    if other.given > one.given {
        std::mem::swap(&mut one.routes, &mut other.routes);
        std::mem::swap(&mut one.given, &mut other.given);
    } else if other.given == one.given && one.given != RoutesGiven::None {
        agree &= canonical(&one.routes) == canonical(&other.routes);
    }
    for propagations in [&mut one.propagations, &mut other.propagations].into_iter().flatten() {
        propagations.sort_unstable();
    }
    agree &= either(&mut one.propagations, other.propagations, None, Option::is_none);
    one.contested |= other.contested;
    if !agree {
        one.contested = true;
        conflicts.push((one.id, other.place));
    }
}

/// What a route says, wherever it stands.
fn says(route: &TransitGatewayRoute) -> impl Ord + use<> {
    let mut attachments = route.attachments.clone();
    attachments.sort_unstable();
    (route.destination, attachments, route.state, route.origin)
}

/// What routes say, in any order.
fn canonical(routes: &[TransitGatewayRoute]) -> Vec<impl Ord + use<>> {
    let mut all: Vec<_> = routes.iter().map(says).collect();
    all.sort_unstable();
    all
}

impl Assembly<'_> {
    /// The number of a transit gateway that something names.
    pub(super) fn transit_gateway(
        &mut self,
        named: TransitGatewayId,
        place: Place,
    ) -> TransitGatewayId {
        let id = named.as_text();
        let number = self.transit_gateways.number_or(id, || TransitGateway {
            id,
            place,
            group_references: None,
            auto_accept: None,
            seen: false,
        });
        TransitGatewayId::from_index(number)
    }

    fn transit_gateway_table(
        &mut self,
        named: TransitGatewayRouteTableId,
        gateway: TransitGatewayId,
        place: Place,
    ) -> TransitGatewayRouteTableId {
        let id = named.as_text();
        let number = self.transit_gateway_route_tables.number_or(id, || TransitGatewayRouteTable {
            id,
            place,
            gateway: Some(gateway),
            routes: Vec::new(),
            given: RoutesGiven::None,
            propagations: None,
            contested: false,
        });
        TransitGatewayRouteTableId::from_index(number)
    }

    fn attachment(
        &mut self,
        named: TransitGatewayAttachmentId,
        gateway: Option<TransitGatewayId>,
        place: Place,
    ) -> TransitGatewayAttachmentId {
        let id = named.as_text();
        let association = TransitGatewayAssociation::Unknown;
        let ends = gateway.map(|gateway| AttachmentEnd { gateway, association });
        let number = self.transit_gateway_attachments.number_or(id, || TransitGatewayAttachment {
            id,
            place,
            resource: AttachedResource::Unknown(TextId::EMPTY),
            state: AttachmentState::Unknown,
            ends: ends.into_iter().collect(),
            subnets: None,
            ipv6: None,
            appliance_mode: None,
            group_references: None,
            seen: false,
        });
        TransitGatewayAttachmentId::from_index(number)
    }

    pub(super) fn resolve_transit_gateways(&mut self) {
        let mut attachments = std::mem::take(&mut self.transit_gateway_attachments.items);
        let mut tables = std::mem::take(&mut self.transit_gateway_route_tables.items);
        for attachment in &mut attachments {
            let place = attachment.place;
            let gone = attachment.state == AttachmentState::Gone;
            for end in &mut attachment.ends {
                end.gateway = self.transit_gateway(end.gateway, place);
            }
            let vpc = match attachment.resource {
                // Of what is gone nothing is asked; its VPC may be gone too.
                AttachedResource::Vpc(named)
                    if gone && !self.vpcs.number.contains_key(&named.as_text()) =>
                {
                    attachment.resource = AttachedResource::Unknown(TextId::EMPTY);
                    None
                }
                AttachedResource::Vpc(named) => {
                    let vpc = self.vpc(named, place);
                    attachment.resource = AttachedResource::Vpc(vpc);
                    Some(vpc)
                }
                AttachedResource::TransitGateway
                | AttachedResource::Network(_)
                | AttachedResource::Unknown(_) => None,
            };
            let subnets = attachment.subnets.take().filter(|_| !gone);
            attachment.subnets = vpc.zip(subnets).map(|(vpc, subnets)| {
                subnets.into_iter().map(|subnet| self.subnet(subnet, vpc, place)).collect()
            });
        }
        self.transit_gateway_attachments.items = attachments;
        for table in &mut tables {
            let place = table.place;
            table.gateway = table.gateway.map(|gateway| self.transit_gateway(gateway, place));
            let gateway = table.gateway;
            for attachment in table.propagations.iter_mut().flatten() {
                *attachment = self.attachment(*attachment, gateway, place);
            }
            for route in &mut table.routes {
                if let Some(Destination::PrefixList(list)) = route.destination {
                    let list = self.prefix_list(list, route.place);
                    route.destination = Some(Destination::PrefixList(list));
                }
                for attachment in &mut route.attachments {
                    *attachment = self.attachment(*attachment, gateway, route.place);
                }
            }
        }
        self.transit_gateway_route_tables.items = tables;
        let mut attachments = std::mem::take(&mut self.transit_gateway_attachments.items);
        for attachment in &mut attachments {
            for end in &mut attachment.ends {
                if let TransitGatewayAssociation::RouteTable(table) = end.association {
                    let table = self.transit_gateway_table(table, end.gateway, attachment.place);
                    end.association = TransitGatewayAssociation::RouteTable(table);
                }
            }
        }
        self.transit_gateway_attachments.items = attachments;
    }

    /// Says what answers about transit gateways can't know.
    pub(super) fn report_transit_gateways(&mut self) {
        let code = LimitationCode::TransitGateway;
        let mut missing: Vec<(TextId, Place)> = Vec::new();
        let mut attached = vec![false; self.transit_gateways.items.len()];
        for attachment in &self.transit_gateway_attachments.items {
            let about = (attachment.id, attachment.place);
            for end in &attachment.ends {
                if let Some(attached) = attached.get_mut(end.gateway.index()) {
                    *attached = true;
                }
            }
            if attachment.state == AttachmentState::Gone {
                continue;
            }
            let routed = attachment.ends.iter().all(|end| {
                matches!(
                    end.association,
                    TransitGatewayAssociation::RouteTable(_) | TransitGatewayAssociation::None
                )
            });
            let unseen = match attachment.resource {
                AttachedResource::Vpc(vpc) => {
                    let seen = self.vpcs.items.get(vpc.index()).is_some_and(|vpc| vpc.seen);
                    seen && attachment.subnets.is_none()
                }
                AttachedResource::TransitGateway => attachment.ends.len() < 2,
                AttachedResource::Network(_) => false,
                AttachedResource::Unknown(_) => true,
            };
            if !routed || unseen || attachment.state == AttachmentState::Unknown {
                missing.push(about);
            }
        }
        for table in &self.transit_gateway_route_tables.items {
            let known = match table.given {
                RoutesGiven::None => false,
                RoutesGiven::Static => table.propagations.is_some(),
                RoutesGiven::All => true,
            };
            if !known {
                missing.push((table.id, table.place));
            }
        }
        for (gateway, attached) in self.transit_gateways.items.iter().zip(attached) {
            if !attached {
                missing.push((gateway.id, gateway.place));
            }
        }
        for (about, place) in missing {
            self.limit(code, about, place);
        }
    }
}
