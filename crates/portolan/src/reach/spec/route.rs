//! Which way a packet goes: the subnet's route table.
//!
//! The longest prefix wins; among equals the local route, then static routes,
//! then static routes through prefix lists, then propagated ones. A propagated
//! route inside the local one loses to it however long it is (VPC user guide,
//! "Route priority"; Site-to-Site VPN, "Route tables and VPN route priority").

use std::net::IpAddr;

use super::firewall::Inspection;
use super::remote;
use super::trace::{Part, Stage, Step};
use super::transit::Crossing;
use super::{Ternary, Trace};
use crate::model::{
    Component, Destination, LimitationCode, Route, RouteOrigin, RouteState, RouteTable,
    RouteTarget, SubnetId, TextId,
};

/// One way that a packet may go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hop {
    /// Along this route.
    Route {
        target: RouteTarget,
        /// Its destination is a prefix list.
        by_prefix_list: bool,
        /// It may be in force or not.
        sure: bool,
    },
    /// Through transit gateways into a VPC.
    Over(Crossing),
    /// Through a firewall, and on by the table of its subnet.
    Inspected(Inspection),
    /// Through a transit gateway to where nothing was seen, which has been noted.
    Beyond,
    /// Nowhere: no route, or a blackhole.
    Nowhere,
    /// Nobody knows: there is no table, or it can't be read.
    Anywhere,
}

/// The route table of a subnet: the one that names it, else its VPC's main table.
fn table_of<'c>(
    component: &'c Component,
    subnet: SubnetId,
    trace: &mut Trace,
) -> Option<&'c RouteTable> {
    let about = component.subnets[subnet].id;
    let mut named = component.tables_naming(subnet);
    if let Some(table) = named.next() {
        if named.next().is_some() {
            trace.unknown(LimitationCode::ContradictoryAssociation, about);
            return None;
        }
        return Some(&component.route_tables[table]);
    }
    let mut mains = component.main_tables(component.subnets[subnet].vpc);
    match (mains.next(), mains.next()) {
        (Some(table), None) => Some(&component.route_tables[table]),
        (Some(_), Some(_)) => {
            trace.unknown(LimitationCode::ContradictoryAssociation, about);
            None
        }
        (None, _) => {
            trace.unknown(LimitationCode::NoRouteTable, about);
            None
        }
    }
}

/// Where the subnet's router sends a packet for `address`: one way, or all
/// those that may be taken if something was not seen.
pub(super) fn ways(
    component: &Component,
    subnet: SubnetId,
    address: IpAddr,
    trace: &mut Trace,
) -> Vec<Hop> {
    match table_of(component, subnet, trace) {
        Some(table) => ways_of(component, table, address, true, trace),
        None => vec![Hop::Anywhere],
    }
}

/// A route that holds the address.
#[derive(Clone, Copy)]
struct Candidate<'r> {
    route: &'r Route,
    /// The length of the prefix that matches; `None` if a prefix list without
    /// entries may match at any length, or not at all.
    length: Option<u8>,
}

/// Where a table sends a packet for `address`. `refuse`: note it where that is nowhere.
pub(super) fn ways_of(
    component: &Component,
    table: &RouteTable,
    address: IpAddr,
    refuse: bool,
    trace: &mut Trace,
) -> Vec<Hop> {
    if table.contested {
        trace.unknown(LimitationCode::ConflictingListings, table.id);
        return vec![Hop::Anywhere];
    }
    let mut certain = Vec::new();
    let mut perhaps = Vec::new();
    for route in &table.routes {
        match route.destination {
            Some(Destination::Ipv4(prefix)) => {
                if let IpAddr::V4(address) = address
                    && prefix.contains(address.to_bits())
                {
                    certain.push(Candidate { route, length: Some(prefix.length()) });
                }
            }
            Some(Destination::Ipv6(prefix)) => {
                if let IpAddr::V6(address) = address
                    && prefix.contains(address.to_bits())
                {
                    certain.push(Candidate { route, length: Some(prefix.length()) });
                }
            }
            Some(Destination::PrefixList(list)) => match &component.prefix_lists[list].entries {
                Some(entries) => {
                    let matching = entries.iter().filter(|entry| entry.contains(address));
                    if let Some(length) = matching.map(|entry| entry.length()).max() {
                        certain.push(Candidate { route, length: Some(length) });
                    }
                }
                None => {
                    trace.unknown(
                        LimitationCode::UnknownPrefixList,
                        component.prefix_lists[list].id,
                    );
                    perhaps.push(Candidate { route, length: None });
                }
            },
            None => {
                trace.unknown(LimitationCode::UnreadableValue, table.id);
                return vec![Hop::Anywhere];
            }
        }
    }
    // What is propagated never overrides the local route.
    if certain.iter().any(|candidate| candidate.route.target == RouteTarget::Local) {
        certain.retain(|candidate| candidate.route.origin != RouteOrigin::Propagated);
    }
    let best = certain.iter().map(rank).max();
    let mut winners: Vec<Candidate<'_>> =
        certain.into_iter().filter(|candidate| Some(rank(candidate)) == best).collect();
    let ambiguous = winners.iter().any(|winner| {
        winners.first().is_some_and(|first| first.route.target != winner.route.target)
    });
    if ambiguous {
        trace.unknown(LimitationCode::AmbiguousRoute, table.id);
    }
    let nowhere_else = winners.is_empty();
    winners.extend(perhaps);

    let mut hops: Vec<Hop> = Vec::new();
    if nowhere_else {
        hops.push(Hop::Nowhere);
    }
    for candidate in winners {
        let by_prefix_list =
            matches!(candidate.route.destination, Some(Destination::PrefixList(_)));
        let refusal = match candidate.route.target {
            RouteTarget::VpnGateway(gateway) if candidate.route.state != RouteState::Blackhole => {
                remote::vpn_refusal(component, table.vpc, gateway, address)
            }
            RouteTarget::Local
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => None,
        };
        let hop = match candidate.route.state {
            _ if refusal.is_some() => Hop::Nowhere,
            RouteState::Active => {
                Hop::Route { target: candidate.route.target, by_prefix_list, sure: true }
            }
            RouteState::Blackhole => Hop::Nowhere,
            RouteState::Unknown => {
                trace.unknown(LimitationCode::UnreadableValue, table.id);
                Hop::Route { target: candidate.route.target, by_prefix_list, sure: false }
            }
        };
        let step = Step {
            component: "route-table",
            id: table.id,
            part: Part::Route { ordinal: candidate.route.ordinal },
            action: "forward",
            stage: Stage::Egress,
            place: Some(table.place),
            towards: target_id(component, candidate.route.target),
        };
        if hop == Hop::Nowhere && refuse {
            trace.refuse(refusal.unwrap_or("BAD_STATE_ROUTE"), step);
        } else {
            trace.step(step);
        }
        if !hops.contains(&hop) {
            hops.push(hop);
        }
    }
    if hops == [Hop::Nowhere] && nowhere_else && refuse {
        let step = Step {
            component: "route-table",
            id: table.id,
            part: Part::Default,
            action: "deny",
            stage: Stage::Egress,
            place: Some(table.place),
            towards: TextId::EMPTY,
        };
        trace.refuse("NO_ROUTE_TO_DESTINATION", step);
    }
    hops
}

/// The order of preference: longer first, then by kind.
fn rank(candidate: &Candidate<'_>) -> (Option<u8>, u8) {
    let kind = match (candidate.route.target, candidate.route.origin, candidate.route.destination) {
        (RouteTarget::Local, ..) => 3,
        (_, RouteOrigin::Propagated, _) => 0,
        (_, RouteOrigin::Static, Some(Destination::PrefixList(_))) => 1,
        (_, RouteOrigin::Static, _) => 2,
    };
    (candidate.length, kind)
}

/// The AWS id of a route's target.
pub(super) fn target_id(component: &Component, target: RouteTarget) -> TextId {
    match target {
        RouteTarget::Local => TextId::EMPTY,
        RouteTarget::InternetGateway(id) => component.internet_gateways[id].id,
        RouteTarget::EgressOnlyInternetGateway(id) => {
            component.egress_only_internet_gateways[id].id
        }
        RouteTarget::NatGateway(id) => component.nat_gateways[id].id,
        RouteTarget::VpcPeeringConnection(id) => component.peerings[id].id,
        RouteTarget::NetworkInterface(id) => component.interface(id).id(),
        RouteTarget::VpcEndpoint(id) => component.vpc_endpoints[id].id,
        RouteTarget::TransitGateway(id) => component.transit_gateways[id].id,
        RouteTarget::VpnGateway(id) | RouteTarget::Other(id) => id,
    }
}

/// What it means that a way leads to something that is not modelled: the
/// limitation, or `None` for a way that is.
pub(super) fn dark(component: &Component, hop: Hop) -> Option<(LimitationCode, TextId)> {
    let Hop::Route { target, .. } = hop else {
        let anywhere = matches!(hop, Hop::Anywhere | Hop::Beyond);
        return anywhere.then_some((LimitationCode::NoRouteTable, TextId::EMPTY));
    };
    match target {
        RouteTarget::TransitGateway(id) => {
            Some((LimitationCode::TransitGateway, component.transit_gateways[id].id))
        }
        RouteTarget::VpnGateway(id) => Some((remote::behind_vpn_gateway(component, id), id)),
        RouteTarget::Other(id) => Some((LimitationCode::UnmodelledRouteTarget, id)),
        RouteTarget::VpcEndpoint(id) => {
            let endpoint = &component.vpc_endpoints[id];
            use crate::model::VpcEndpointKind::{
                Gateway, GatewayLoadBalancer, Interface, Resource, ServiceNetwork, Unknown,
            };
            match endpoint.kind {
                Gateway => None,
                GatewayLoadBalancer => {
                    Some((LimitationCode::GatewayLoadBalancerEndpoint, endpoint.id))
                }
                Interface | Resource | ServiceNetwork | Unknown => {
                    Some((LimitationCode::UnknownRouteTarget, endpoint.id))
                }
            }
        }
        RouteTarget::Local
        | RouteTarget::InternetGateway(_)
        | RouteTarget::EgressOnlyInternetGateway(_)
        | RouteTarget::NatGateway(_)
        | RouteTarget::VpcPeeringConnection(_)
        | RouteTarget::NetworkInterface(_) => None,
    }
}

/// `Unknown` if the route's state could not be read.
pub(super) fn certainty(hop: Hop) -> Ternary {
    match hop {
        Hop::Route { sure: true, .. } => Ternary::Yes,
        Hop::Inspected(_) => Ternary::Yes,
        Hop::Over(crossing) if crossing.sure => Ternary::Yes,
        Hop::Route { sure: false, .. } | Hop::Over(_) | Hop::Beyond | Hop::Anywhere => {
            Ternary::Unknown
        }
        Hop::Nowhere => Ternary::No,
    }
}
