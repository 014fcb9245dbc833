//! Route tables and gateways.
//!
//! A VPC has a main table with nothing but what is local and its peers, one
//! public table, a private one for each NAT gateway, and an isolated one.

use std::io;

use super::layout::{Subnet, Tier, has_internet_gateway, ipv6_range};
use super::listing::Listings;
use super::plan::{Range, Vpc};
use super::random::Random;
use super::shapes::{
    EgressOnlyInternetGateway, GatewayAttachment, InternetGateway, NatGateway, Route, RouteTable,
    RouteTableAssociation, State,
};
use super::{Counts, Site, name_tag, prefix_lists, transit_gateways};

/// The number of a NAT gateway that was deleted.
const GONE: u32 = 99;

/// How many NAT gateways a VPC has: one, or one a zone in large ones; and no
/// more than public subnets that hold something, for each stands in its own.
pub(super) fn nat_gateways(site: &Site<'_>) -> u32 {
    let wanted = match site.vpc.interfaces {
        _ if !has_internet_gateway(site.estate, site.vpc) => 0,
        0..40 => 0,
        40..1_000 => 1,
        _ => 3,
    };
    let homes = site.subnets.iter().filter(|it| it.tier == Tier::Public && it.interfaces > 0);
    wanted.min(u32::try_from(homes.count()).unwrap_or(u32::MAX))
}

/// Writes gateways and route tables.
pub(super) fn write(
    site: &Site<'_>,
    listings: &mut Listings,
    counts: &mut Counts,
) -> io::Result<()> {
    let attachments = || vec![GatewayAttachment { state: "available", vpc_id: site.vpc_id() }];
    let connected = has_internet_gateway(site.estate, site.vpc);
    if connected {
        listings.internet_gateways.push(&InternetGateway {
            attachments: attachments(),
            internet_gateway_id: site.id("igw", 0),
            owner_id: site.account.to_owned(),
            tags: name_tag("main"),
        })?;
        if site.vpc.dual_stack {
            listings.egress_only_internet_gateways.push(&EgressOnlyInternetGateway {
                attachments: attachments(),
                egress_only_internet_gateway_id: site.id("eigw", 0),
                tags: name_tag("out"),
            })?;
        }
    }

    let mut random = site.random(0x70);
    let nats = nat_gateways(site);
    let privates = nats.max(1);
    let mut table = |number: u32, name: &str, routes: Vec<Route>, subnets: Vec<&Subnet>| {
        let id = site.id("rtb", number);
        let association = |of: u32, subnet_id: Option<String>| RouteTableAssociation {
            association_state: State { state: "associated" },
            main: subnet_id.is_none(),
            route_table_association_id: site.id("rtbassoc", of),
            route_table_id: id.clone(),
            subnet_id,
        };
        let main = (number == 0).then(|| association(0, None));
        let explicit =
            subnets.into_iter().map(|it| association(1 + it.number, Some(it.id.clone())));
        counts.route_tables += 1;
        listings.route_tables.push(&RouteTable {
            associations: main.into_iter().chain(explicit).collect(),
            owner_id: site.account.to_owned(),
            propagating_vgws: [],
            route_table_id: id.clone(),
            routes,
            tags: name_tag(name),
            vpc_id: site.vpc_id(),
        })
    };

    let within = within(site, &mut random);
    let of_tier = |tier: Tier| site.subnets.iter().filter(move |subnet| subnet.tier == tier);
    table(0, "main", within.clone(), Vec::new())?;
    if connected {
        let mut routes = within.clone();
        routes.extend(to_the_internet(site, &mut random));
        let id = site.id("nat", GONE);
        if routes.iter().any(|route| route.nat_gateway_id.as_ref() == Some(&id)) {
            listings.nat_gateways.push(&NatGateway {
                connectivity_type: "public",
                create_time: "2026-02-01T08:00:00+00:00".to_owned(),
                nat_gateway_addresses: Vec::new(),
                nat_gateway_id: id,
                state: "deleted",
                subnet_id: of_tier(Tier::Public).map(|it| it.id.clone()).next().unwrap_or_default(),
                tags: name_tag("old"),
                vpc_id: site.vpc_id(),
            })?;
        }
        table(1, "public", routes, of_tier(Tier::Public).collect())?;
    }
    // Half of the isolated subnets have no table of their own and use the main one.
    let isolated = of_tier(Tier::Isolated).filter(|subnet| subnet.number.is_multiple_of(2));
    table(2, "isolated", within.clone(), isolated.collect())?;
    for nat in 0..privates {
        let mut routes = within.clone();
        if nats > 0 {
            routes.push(Route {
                destination_cidr_block: Some("0.0.0.0/0".to_owned()),
                nat_gateway_id: Some(site.id("nat", nat)),
                ..route()
            });
        }
        if connected && site.vpc.dual_stack {
            routes.push(Route {
                destination_ipv6_cidr_block: Some("::/0".to_owned()),
                egress_only_internet_gateway_id: Some(site.id("eigw", 0)),
                ..route()
            });
        }
        let subnets = of_tier(Tier::Private).filter(|subnet| subnet.number % privates == nat);
        table(3 + nat, "private", routes, subnets.collect())?;
    }
    Ok(())
}

/// A route that somebody made and that works.
fn route() -> Route {
    Route { origin: "CreateRoute", state: "active", ..Route::default() }
}

/// The routes of every table: what is local, and the peers.
fn within(site: &Site<'_>, random: &mut Random) -> Vec<Route> {
    let local = Route {
        gateway_id: Some("local".to_owned()),
        origin: "CreateRouteTable",
        state: "active",
        ..Route::default()
    };
    let mut routes: Vec<Route> = site
        .vpc
        .all_blocks()
        .map(|range| Route { destination_cidr_block: Some(range.to_string()), ..local.clone() })
        .collect();
    routes.extend(
        ipv6_range(site.vpc)
            .map(|range| Route { destination_ipv6_cidr_block: Some(range), ..local }),
    );

    routes.extend(transit_gateways::routes(site, random, &route()));
    for peering in &site.vpc.peerings {
        let Some(peer) = site.estate.vpc(peering.other(site.vpc.number)) else { continue };
        let to_peer = Route {
            vpc_peering_connection_id: Some(site.estate.peering_id(peering)),
            state: if peering.active { "active" } else { "blackhole" },
            ..route()
        };
        // One in twenty never got its way back.
        if random.chance(5) {
            continue;
        }
        for range in ranges_of_peer(peer, random) {
            routes
                .push(Route { destination_cidr_block: Some(range.to_string()), ..to_peer.clone() });
        }
        if let Some(range) = ipv6_range(peer).filter(|_| site.vpc.dual_stack) {
            routes.push(Route { destination_ipv6_cidr_block: Some(range), ..to_peer.clone() });
        }
    }
    routes
}

/// What a table says of a peer: all of it, the first range only, or a few subnets.
fn ranges_of_peer(peer: &Vpc, random: &mut Random) -> Vec<Range> {
    if random.chance(15) {
        let count = random.between(1, 6).min(peer.subnets);
        let subnet = |number| Range { first: peer.subnet_first(number), length: 24 };
        return (0..count).map(subnet).collect();
    }
    let second = if random.chance(50) { peer.second } else { None };
    [Some(peer.range), second].into_iter().flatten().collect()
}

/// The way to the internet gateway: for all, for a list, or for a few ranges.
fn to_the_internet(site: &Site<'_>, random: &mut Random) -> Vec<Route> {
    let gateway = Route { gateway_id: Some(site.id("igw", 0)), ..route() };
    let to = |range: String| Route { destination_cidr_block: Some(range), ..gateway.clone() };
    let kind = random.below(100);
    let mut routes = match (kind, site.lists.get(1)) {
        (85..95, Some(offices)) => {
            vec![Route { destination_prefix_list_id: Some(offices.id.clone()), ..gateway.clone() }]
        }
        (95.., _) => {
            (0..random.between(2, 5)).map(|_| to(prefix_lists::outside(random, false))).collect()
        }
        _ => vec![to("0.0.0.0/0".to_owned())],
    };
    if site.vpc.dual_stack {
        routes.push(Route {
            destination_ipv6_cidr_block: Some("::/0".to_owned()),
            ..gateway.clone()
        });
    }
    if random.chance(10) {
        // What was once routed to a gateway that is gone; AWS lists it for an hour.
        routes.push(Route {
            gateway_id: None,
            nat_gateway_id: Some(site.id("nat", GONE)),
            state: "blackhole",
            ..to("192.168.0.0/16".to_owned())
        });
    }
    routes
}
