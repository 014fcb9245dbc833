//! Transit gateways, their attachments and route tables.
//!
//! Routes come in three shapes: a reply of search-transit-gateway-routes, which
//! does not say of which table it is (the path does), and lists of such replies
//! with the table's id, of all routes or, as Batfish keeps them, the static ones.

use portolan::model::{
    AttachedResource, AttachmentEnd, AttachmentState, Destination, LimitationCode, RouteOrigin,
    RouteState, RoutesGiven, SubnetId, TextId, TransitGateway, TransitGatewayAssociation,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, VpcId,
};
use portolan::net::Cidr;

use super::field::{Field, List, Str};
use super::network::id;
use super::remote;
use super::sink::Cx;
use super::words;
use crate::detect;

pub(crate) fn gateway(cx: &mut Cx<'_>, given: &words::TransitGateway<'_>) {
    let id = id(cx, "TransitGatewayId");
    cx.owner(&given.owner_id);
    cx.region(&Str::Absent, &given.transit_gateway_arn);
    if matches!(given.state.as_str(), "deleted" | "deleting") {
        return;
    }
    let options = given.options.get();
    let group_references = options
        .and_then(|options| enabled(cx, "SecurityGroupReferencingSupport", &options.references));
    let auto_accept = options.and_then(|options| {
        enabled(cx, "AutoAcceptSharedAttachments", &options.auto_accept_shared_attachments)
    });
    cx.add(TransitGateway { id, place: cx.place, group_references, auto_accept, seen: true });
}

/// `enable` or `disable`.
fn enabled(cx: &mut Cx<'_>, field: &'static str, given: &Str<'_>) -> Option<bool> {
    match given.as_str() {
        "enable" => Some(true),
        "disable" => Some(false),
        "" => None,
        other => {
            cx.unknown(field, other);
            None
        }
    }
}

fn gateway_id(cx: &mut Cx<'_>, given: &Str<'_>) -> TransitGatewayId {
    TransitGatewayId::named(cx.text("TransitGatewayId", given))
}

fn state(cx: &mut Cx<'_>, given: &Str<'_>) -> AttachmentState {
    match given.as_str() {
        "available" | "modifying" => AttachmentState::Available,
        "initiating" | "initiatingRequest" | "pendingAcceptance" | "pending" | "rejected"
        | "rejecting" | "failing" | "failed" | "deleted" => AttachmentState::Gone,
        // `deleting` and `rollingBack` may still let packets pass.
        other => {
            cx.unknown("State", other);
            AttachmentState::Unknown
        }
    }
}

pub(crate) fn attachment(cx: &mut Cx<'_>, given: &words::TransitGatewayAttachment<'_>) {
    let id = id(cx, "TransitGatewayAttachmentId");
    let gateway = gateway_id(cx, &given.transit_gateway_id);
    let named = cx.text("ResourceId", &given.resource_id);
    let mut ends = vec![AttachmentEnd { gateway, association: association(cx, given) }];
    let resource = match given.resource_type.as_str() {
        "vpc" => AttachedResource::Vpc(VpcId::named(named)),
        "peering" | "tgw-peering" => {
            let gateway = TransitGatewayId::named(named);
            ends.push(AttachmentEnd { gateway, association: TransitGatewayAssociation::Unknown });
            AttachedResource::TransitGateway
        }
        "vpn" | "vpn-concentrator" | "direct-connect-gateway" | "connect" | "client-vpn" => {
            AttachedResource::Network(named)
        }
        other => {
            cx.unknown("ResourceType", other);
            AttachedResource::Unknown(named)
        }
    };
    let state = state(cx, &given.state);
    cx.add(TransitGatewayAttachment {
        id,
        place: cx.place,
        resource,
        state,
        ends,
        subnets: None,
        ipv6: None,
        appliance_mode: None,
        group_references: None,
        seen: true,
    });
}

fn association(
    cx: &mut Cx<'_>,
    given: &words::TransitGatewayAttachment<'_>,
) -> TransitGatewayAssociation {
    let Some(association) = given.association.get() else {
        // Only the account of the transit gateway sees the association of others'
        // attachments: there it is none, elsewhere it is not known.
        let known = !given.transit_gateway_owner_id.as_str().is_empty()
            && given.transit_gateway_owner_id == given.resource_owner_id
            && given.association.is_absent();
        return if known {
            TransitGatewayAssociation::None
        } else {
            TransitGatewayAssociation::Unknown
        };
    };
    match association.state.as_str() {
        "associated" | "" => {}
        "disassociated" => return TransitGatewayAssociation::None,
        other => {
            cx.unknown("Association.State", other);
            return TransitGatewayAssociation::Unknown;
        }
    }
    let table = association.route_table_id.as_str();
    let policy = association.policy_table_id.as_str();
    if !table.is_empty() {
        let table = TransitGatewayRouteTableId::named(cx.intern(table));
        TransitGatewayAssociation::RouteTable(table)
    } else if !policy.is_empty() {
        TransitGatewayAssociation::PolicyTable(cx.intern(policy))
    } else {
        cx.unreadable("Association");
        TransitGatewayAssociation::Unknown
    }
}

pub(crate) fn vpc_attachment(cx: &mut Cx<'_>, given: &words::TransitGatewayVpcAttachment<'_>) {
    let id = id(cx, "TransitGatewayAttachmentId");
    let gateway = gateway_id(cx, &given.transit_gateway_id);
    let vpc = VpcId::named(cx.text("VpcId", &given.vpc_id));
    let subnets = if given.subnet_ids.get().is_none() || given.subnet_ids.is_damaged() {
        cx.unreadable("SubnetIds");
        None
    } else {
        let subnets = given.subnet_ids.items();
        Some(subnets.map(|subnet| SubnetId::named(cx.intern(subnet))).collect())
    };
    let options = given.options.get();
    let ipv6 = options.and_then(|options| enabled(cx, "Ipv6Support", &options.ipv6));
    let appliance_mode = options
        .and_then(|options| enabled(cx, "ApplianceModeSupport", &options.appliance_mode))
        // Answers from before there was such a thing do not name it.
        .or_else(|| options.filter(|options| options.appliance_mode.is_absent()).map(|_| false));
    let group_references = options
        .and_then(|options| enabled(cx, "SecurityGroupReferencingSupport", &options.references));
    let state = state(cx, &given.state);
    cx.add(TransitGatewayAttachment {
        id,
        place: cx.place,
        resource: AttachedResource::Vpc(vpc),
        state,
        ends: vec![AttachmentEnd { gateway, association: TransitGatewayAssociation::Unknown }],
        subnets,
        ipv6,
        appliance_mode,
        group_references,
        seen: true,
    });
}

fn empty_table(cx: &Cx<'_>, id: TextId) -> TransitGatewayRouteTable {
    TransitGatewayRouteTable {
        id,
        place: cx.place,
        gateway: None,
        routes: Vec::new(),
        given: RoutesGiven::None,
        propagations: None,
        contested: false,
    }
}

pub(crate) fn route_table(cx: &mut Cx<'_>, given: &words::TransitGatewayRouteTable<'_>) {
    let id = id(cx, "TransitGatewayRouteTableId");
    let gateway = Some(gateway_id(cx, &given.transit_gateway_id));
    cx.add(TransitGatewayRouteTable { gateway, ..empty_table(cx, id) });
}

pub(crate) fn all_routes(cx: &mut Cx<'_>, given: &words::TransitGatewayRoutes<'_>) {
    routes(cx, given, RoutesGiven::All);
}

pub(crate) fn static_routes(cx: &mut Cx<'_>, given: &words::TransitGatewayRoutes<'_>) {
    routes(cx, given, RoutesGiven::Static);
}

fn routes(cx: &mut Cx<'_>, given: &words::TransitGatewayRoutes<'_>, which: RoutesGiven) {
    let id = id(cx, "TransitGatewayRouteTableId");
    let complete = given.additional_routes_available != Field::Given(true)
        && given.routes.get().is_some()
        && !given.routes.is_damaged();
    if !complete {
        cx.unreadable("Routes");
    }
    let mut routes = Vec::new();
    for (ordinal, given) in given.routes.get().into_iter().flatten().enumerate() {
        if let Field::Given(given) = given {
            let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
            routes.extend(route(cx, given, ordinal));
        }
    }
    let given = if complete { which } else { RoutesGiven::None };
    cx.add(TransitGatewayRouteTable { routes, given, ..empty_table(cx, id) });
}

/// A route, unless it is gone.
fn route(
    cx: &mut Cx<'_>,
    given: &words::TransitGatewayRoute<'_>,
    ordinal: u32,
) -> Option<TransitGatewayRoute> {
    let state = match given.state.as_str() {
        "active" => RouteState::Active,
        "blackhole" => RouteState::Blackhole,
        "deleted" => return None,
        other => {
            cx.unknown("State", other);
            RouteState::Unknown
        }
    };
    let origin = match given.kind.as_str() {
        "static" => RouteOrigin::Static,
        "propagated" => RouteOrigin::Propagated,
        other => {
            cx.unknown("Type", other);
            RouteOrigin::Static
        }
    };
    let list = given.prefix_list_id.as_str();
    let destination = if !given.destination_cidr_block.is_absent() {
        cx.cidr("DestinationCidrBlock", &given.destination_cidr_block).map(|block| match block {
            Cidr::V4(prefix) => Destination::Ipv4(prefix),
            Cidr::V6(prefix) => Destination::Ipv6(prefix),
        })
    } else if !list.is_empty() {
        Some(Destination::PrefixList(cx.prefix_list(list)))
    } else {
        cx.unreadable("DestinationCidrBlock");
        None
    };
    if given.attachments.is_damaged() {
        cx.unreadable("TransitGatewayAttachments");
    }
    let attachments = given
        .attachments
        .items()
        .map(|attachment| attachment_id(cx, &attachment.transit_gateway_attachment_id))
        .collect();
    Some(TransitGatewayRoute { destination, attachments, state, origin, place: cx.place, ordinal })
}

fn attachment_id(cx: &mut Cx<'_>, given: &Str<'_>) -> TransitGatewayAttachmentId {
    TransitGatewayAttachmentId::named(cx.text("TransitGatewayAttachmentId", given))
}

/// A route of a reply that does not say of which table it is.
pub(crate) fn loose_route(cx: &mut Cx<'_>, given: &words::TransitGatewayRoute<'_>) {
    if !given.client_vpn_endpoint_id.is_absent() {
        remote::client_vpn_route(cx, given);
        return;
    }
    let Some(table) = detect::transit_gateway_route_table_of(cx.name) else {
        // Other things have routes too.
        if given.attachments.get().is_some() {
            let about = cx.intern(cx.name);
            cx.limit(LimitationCode::UnattributedFile, about);
        }
        return;
    };
    let table = cx.intern(table);
    cx.about = table;
    if let Some(route) = route(cx, given, cx.ordinal) {
        cx.add_transit_gateway_route(table, route);
    }
}

/// Says that all routes of a table were given, if the reply says that no more follow.
pub(super) fn end_loose_routes(cx: &mut Cx<'_>, offset: usize, continued: bool) {
    let Some(table) = detect::transit_gateway_route_table_of(cx.name) else { return };
    cx.at(offset, &Str::Given(table.into()));
    let id = cx.about;
    if !continued {
        cx.add(TransitGatewayRouteTable { given: RoutesGiven::All, ..empty_table(cx, id) });
    }
}

pub(crate) fn propagations(cx: &mut Cx<'_>, given: &words::TransitGatewayPropagations<'_>) {
    let id = id(cx, "TransitGatewayRouteTableId");
    let propagations = propagating(cx, &given.propagations);
    cx.add(TransitGatewayRouteTable { propagations, ..empty_table(cx, id) });
}

fn propagating(
    cx: &mut Cx<'_>,
    given: &List<words::TransitGatewayPropagation<'_>>,
) -> Option<Vec<TransitGatewayAttachmentId>> {
    if given.get().is_none() || given.is_damaged() {
        cx.unreadable("TransitGatewayRouteTablePropagations");
        return None;
    }
    let mut all = Vec::new();
    let mut known = true;
    for propagation in given.items() {
        match propagation.state.as_str() {
            "enabled" => all.push(attachment_id(cx, &propagation.transit_gateway_attachment_id)),
            "disabled" | "disabling" => {}
            other => {
                cx.unknown("State", other);
                known = false;
            }
        }
    }
    known.then_some(all)
}
