//! The route tables of transit gateways: which routes hold a destination.
//!
//! The longest prefix wins; between equal ones a static route, then one of a prefix
//! list, then one that a VPC propagates, then the others (Transit gateways guide, "Route
//! evaluation order").

use std::net::IpAddr;

use super::Transit;
use crate::model::{
    AttachedResource, AttachmentState, Component, Destination, RouteOrigin, RouteState,
    RoutesGiven, TextId, TransitGatewayAttachmentId, TransitGatewayRouteTableId,
};
use crate::net::{Address, Prefix};
use crate::reach::spec::trace::{Part, Step};

/// A route of a transit gateway's table that holds the address.
pub(super) struct Candidate {
    /// `None`: it may match at any length, or not at all.
    pub(super) length: Option<u8>,
    /// The order among equal lengths, the higher first.
    pub(super) kind: u8,
    /// `None`: a blackhole.
    pub(super) attachments: Option<Vec<TransitGatewayAttachmentId>>,
    pub(super) sure: bool,
    pub(super) step: Step,
}

impl Transit<'_> {
    /// The routes of a table that hold the destination; `None`: they are not known.
    pub(super) fn candidates(self, id: TransitGatewayRouteTableId) -> Option<Vec<Candidate>> {
        let Transit { component, destination, .. } = self;
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
                    ..self.step
                },
            });
        }
        if table.given == RoutesGiven::Static {
            candidates.extend(self.propagated(id));
        }
        Some(candidates)
    }

    /// Routes that attachments propagate: the blocks of VPCs; what a VPN, Direct
    /// Connect or Connect learns is not known, and may be any block.
    fn propagated(self, id: TransitGatewayRouteTableId) -> Vec<Candidate> {
        let Transit { component, destination, .. } = self;
        let table = &component.transit_gateway_route_tables[id];
        let step = Step {
            component: "transit-gateway-route-table",
            id: table.id,
            part: Part::Whole,
            place: Some(table.place),
            ..self.step
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
}

fn is_vpc(component: &Component, attachment: TransitGatewayAttachmentId) -> bool {
    let attachment = &component.transit_gateway_attachments[attachment];
    matches!(attachment.resource, AttachedResource::Vpc(_))
}

/// The length of the longest block that holds the address.
fn longest<A: Address>(blocks: &[Prefix<A>], address: A) -> Option<u8> {
    let holding = blocks.iter().filter(|block| block.contains(address));
    holding.map(|block| block.length()).max()
}
