//! Transit gateways: every VPC of a neighbourhood of three or more is attached to one.
//!
//! A gateway has one table, from which all know all, or two: then the first VPC is
//! the hub, and the others know nothing but it.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::layout::{Subnet, Tier, ipv6_range};
use super::listing::Listings;
use super::plan::{Estate, Range, Vpc};
use super::random::Random;
use super::shapes::Route;
use super::{Counts, Site};

/// A transit gateway with the VPCs that are attached to it.
#[derive(Debug)]
pub(super) struct TransitGateway {
    pub(super) number: u32,
    /// That of its first VPC, as is the region.
    pub(super) account: u32,
    pub(super) region: &'static str,
    /// By number, the hub first.
    pub(super) vpcs: Vec<u32>,
    /// Whether all but the hub know only the hub.
    pub(super) hub: bool,
}

impl TransitGateway {
    fn id(&self, estate: &Estate) -> String {
        estate.id("tgw", &[self.number])
    }

    /// The table that is associated with the hub (0) or with the others.
    fn table(&self, estate: &Estate, table: u32) -> String {
        estate.id("tgw-rtb", &[self.number, table])
    }

    fn table_of(&self, vpc: u32) -> u32 {
        u32::from(self.hub && self.vpcs.first() != Some(&vpc))
    }

    fn attachment(&self, estate: &Estate, vpc: u32) -> String {
        estate.id("tgw-attach", &[self.number, vpc])
    }
}

/// The routes of a VPC's tables to its transit gateway: what is private, or the
/// ranges of those that it knows of.
pub(super) fn routes(site: &Site<'_>, random: &mut Random, route: &Route) -> Vec<Route> {
    let Some(gateway) = site.estate.transit_gateway(site.vpc) else { return Vec::new() };
    let to = |range: String| Route {
        destination_cidr_block: Some(range),
        transit_gateway_id: Some(gateway.id(site.estate)),
        ..route.clone()
    };
    let mut routes: Vec<Route> = if random.chance(60) {
        [(10 << 24, 8), ((172 << 24) | (16 << 16), 12)]
            .map(|(first, length)| to(Range { first, length }.to_string()))
            .to_vec()
    } else {
        let others = gateway.vpcs.iter().filter(|number| **number != site.vpc.number);
        let others = others.filter_map(|number| site.estate.vpc(*number));
        others.map(|vpc| to(vpc.range.to_string())).collect()
    };
    if site.vpc.dual_stack {
        // All IPv6 ranges of the estate lie in it.
        routes.push(Route {
            destination_cidr_block: None,
            destination_ipv6_cidr_block: Some("2600:1f00::/24".to_owned()),
            ..to(String::new())
        });
    }
    routes
}

/// Writes the attachment of a VPC, as its own account sees it.
pub(super) fn write_attachment(site: &Site<'_>, listings: &mut Listings) -> io::Result<()> {
    let (estate, vpc) = (site.estate, site.vpc);
    let Some(gateway) = estate.transit_gateway(vpc) else { return Ok(()) };
    // One subnet a zone, isolated ones first.
    let mut by_zone: BTreeMap<&str, &Subnet> = BTreeMap::new();
    for subnet in site.subnets {
        let best = by_zone.entry(subnet.zone.as_str()).or_insert(subnet);
        if best.tier != Tier::Isolated && subnet.tier == Tier::Isolated {
            *best = subnet;
        }
    }
    let subnets: Vec<&str> = by_zone.values().map(|subnet| subnet.id.as_str()).collect();
    listings.transit_gateway_vpc_attachments.push(&json!({
        "TransitGatewayAttachmentId": gateway.attachment(estate, vpc.number),
        "TransitGatewayId": gateway.id(estate),
        "VpcId": estate.vpc_id(vpc.number),
        "VpcOwnerId": site.account,
        "State": "available",
        "SubnetIds": subnets,
        "CreationTime": "2026-01-15T08:00:00+00:00",
        "Options": {
            "DnsSupport": "enable",
            "SecurityGroupReferencingSupport": "enable",
            "Ipv6Support": if vpc.dual_stack { "enable" } else { "disable" },
            "ApplianceModeSupport": "disable",
        },
        "Tags": [],
    }))
}

/// Writes the transit gateways of an account and region with their attachments,
/// tables and routes, as their own account sees them.
pub(super) fn write(
    estate: &Estate,
    account: u32,
    region: &str,
    listings: &mut Listings,
    counts: &mut Counts,
) -> io::Result<()> {
    let here = estate.transit_gateways.iter();
    for gateway in here.filter(|it| it.account == account && it.region == region) {
        counts.transit_gateways += 1;
        let (id, owner) = (gateway.id(estate), estate.account_id(account));
        listings.transit_gateways.push(&json!({
            "TransitGatewayId": id,
            "TransitGatewayArn": format!("arn:aws:ec2:{region}:{owner}:transit-gateway/{id}"),
            "State": "available",
            "OwnerId": owner,
            "Description": "",
            "CreationTime": "2026-01-15T08:00:00+00:00",
            "Options": {
                "AmazonSideAsn": 64_512,
                "AutoAcceptSharedAttachments": "disable",
                "DefaultRouteTableAssociation": "disable",
                "DefaultRouteTablePropagation": "disable",
                "VpnEcmpSupport": "enable",
                "DnsSupport": "enable",
                "SecurityGroupReferencingSupport": "enable",
                "MulticastSupport": "disable",
            },
            "Tags": [],
        }))?;
        for number in &gateway.vpcs {
            let Some(vpc) = estate.vpc(*number) else { continue };
            listings.transit_gateway_attachments.push(&json!({
                "TransitGatewayAttachmentId": gateway.attachment(estate, *number),
                "TransitGatewayId": id,
                "TransitGatewayOwnerId": owner,
                "ResourceOwnerId": estate.account_id(vpc.account),
                "ResourceType": "vpc",
                "ResourceId": estate.vpc_id(*number),
                "State": "available",
                "Association": {
                    "TransitGatewayRouteTableId": gateway.table(estate, gateway.table_of(*number)),
                    "State": "associated",
                },
                "CreationTime": "2026-01-15T08:00:00+00:00",
                "Tags": [],
            }))?;
        }
        for table in 0..=u32::from(gateway.hub) {
            let table_id = gateway.table(estate, table);
            listings.transit_gateway_route_tables.push(&json!({
                "TransitGatewayRouteTableId": table_id,
                "TransitGatewayId": id,
                "State": "available",
                "DefaultAssociationRouteTable": false,
                "DefaultPropagationRouteTable": false,
                "CreationTime": "2026-01-15T08:00:00+00:00",
                "Tags": [],
            }))?;
            listings.transit_gateway_routes.push(&json!({
                "TransitGatewayRouteTableId": table_id,
                "Routes": table_routes(estate, gateway, table),
                "AdditionalRoutesAvailable": false,
            }))?;
        }
    }
    Ok(())
}

/// What a table holds, as search-transit-gateway-routes prints it: routes that
/// attachments propagate; in one of ten a hole for a subnet of the hub.
fn table_routes(estate: &Estate, gateway: &TransitGateway, table: u32) -> Vec<Value> {
    let known = gateway.vpcs.iter().filter(|number| table == 0 || gateway.table_of(**number) == 0);
    let mut routes = Vec::new();
    for number in known {
        let Some(vpc) = estate.vpc(*number) else { continue };
        let ranges = vpc.all_blocks().map(|range| range.to_string()).chain(ipv6_range(vpc));
        routes.extend(ranges.map(|range| {
            json!({
                "DestinationCidrBlock": range,
                "TransitGatewayAttachments": [{
                    "ResourceId": estate.vpc_id(*number),
                    "TransitGatewayAttachmentId": gateway.attachment(estate, *number),
                    "ResourceType": "vpc",
                }],
                "Type": "propagated",
                "State": "active",
            })
        }));
    }
    let mut random = Random::of(&[estate.seed, 0x7690, u64::from(gateway.number), table.into()]);
    if random.chance(10)
        && let Some(hub) = gateway.vpcs.first().and_then(|number| estate.vpc(*number))
    {
        let first = hub.subnet_first(random.below(hub.subnets));
        routes.push(json!({
            "DestinationCidrBlock": Range { first, length: 24 }.to_string(),
            "Type": "static",
            "State": "blackhole",
        }));
    }
    routes
}

/// Whether a neighbourhood has a transit gateway, and of what kind.
pub(super) fn plan(random: &mut Random, number: usize, vpcs: &[Vpc]) -> Option<TransitGateway> {
    let first = vpcs.first().filter(|_| vpcs.len() > 2)?;
    Some(TransitGateway {
        number: u32::try_from(number).ok()?,
        account: first.account,
        region: first.region,
        vpcs: vpcs.iter().map(|vpc| vpc.number).collect(),
        hub: random.chance(40),
    })
}

/// The id of an availability zone, the same in all accounts.
pub(super) fn zone_id(subnet: &Subnet, region: &str) -> String {
    let short = match region {
        "us-east-1" => "use1",
        "us-west-2" => "usw2",
        "eu-central-1" => "euc1",
        _ => "apse2",
    };
    let number = match subnet.zone.chars().last() {
        Some('a') => 1,
        Some('b') => 2,
        _ => 3,
    };
    format!("{short}-az{number}")
}
