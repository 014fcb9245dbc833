//! VPCs, their subnets, and the peerings between them.

use std::io;

use super::layout::{Tier, ipv6_range};
use super::listing::Listings;
use super::plan::{Estate, Vpc};
use super::shapes::{
    CidrAssociation, CidrBlock, Ipv6CidrAssociation, Ipv6CidrBlock, PeeringStatus, PeeringVpcInfo,
    State, Subnet, Vpc as VpcShape, VpcPeeringConnection,
};
use super::{Counts, Site, name_tag, transit_gateways};

/// Writes a VPC and its subnets.
pub(super) fn write(
    site: &Site<'_>,
    listings: &mut Listings,
    counts: &mut Counts,
) -> io::Result<()> {
    let vpc = site.vpc;
    let primary = vpc.blocks.first().copied().unwrap_or(vpc.range);
    let association = |(number, range): (u32, String)| CidrAssociation {
        association_id: site.id("vpc-cidr-assoc", number),
        cidr_block: range,
        cidr_block_state: State { state: "associated" },
    };
    listings.vpcs.push(&VpcShape {
        cidr_block: primary.to_string(),
        cidr_block_association_set: (0..)
            .zip(vpc.all_blocks().map(|range| range.to_string()))
            .map(association)
            .collect(),
        dhcp_options_id: site.estate.id("dopt", &[vpc.account]),
        instance_tenancy: "default",
        ipv6_cidr_block_association_set: ipv6_range(vpc)
            .map(|range| ipv6_association(site, 1_000, range))
            .into_iter()
            .collect(),
        is_default: false,
        owner_id: site.account.to_owned(),
        state: "available",
        tags: name_tag(format!("vpc-{}", vpc.number)),
        vpc_id: site.vpc_id(),
    })?;
    counts.vpcs += 1;

    for subnet in site.subnets {
        let size = 1 << (32 - subnet.range.length);
        listings.subnets.push(&Subnet {
            assign_ipv6_address_on_creation: vpc.dual_stack,
            availability_zone: subnet.zone.clone(),
            availability_zone_id: transit_gateways::zone_id(subnet, vpc.region),
            available_ip_address_count: (size - 5_u32).saturating_sub(subnet.interfaces),
            cidr_block: subnet.range.to_string(),
            default_for_az: false,
            ipv6_cidr_block_association_set: subnet
                .ipv6
                .map(|first| ipv6_association(site, 1_001 + subnet.number, format!("{first}/64")))
                .into_iter()
                .collect(),
            map_public_ip_on_launch: subnet.tier == Tier::Public,
            owner_id: site.account.to_owned(),
            state: "available",
            subnet_arn: format!("arn:aws:ec2:{}:{}:subnet/{}", vpc.region, site.account, subnet.id),
            subnet_id: subnet.id.clone(),
            tags: name_tag(format!("{}-{}", subnet.tier.name(), subnet.number)),
            vpc_id: site.vpc_id(),
        })?;
        counts.subnets += 1;
    }
    Ok(())
}

fn ipv6_association(site: &Site<'_>, number: u32, range: String) -> Ipv6CidrAssociation {
    Ipv6CidrAssociation {
        association_id: site.id("vpc-cidr-assoc", number),
        ipv6_cidr_block: range,
        ipv6_cidr_block_state: State { state: "associated" },
    }
}

/// Writes each peering that one of these VPCs has, once: AWS lists a peering in
/// the account and region of either end.
pub(super) fn write_peerings(
    estate: &Estate,
    vpcs: &[&Vpc],
    listings: &mut Listings,
    counts: &mut Counts,
) -> io::Result<()> {
    for vpc in vpcs {
        for peering in &vpc.peerings {
            let (Some(requester), Some(accepter)) =
                (estate.vpc(peering.requester), estate.vpc(peering.accepter))
            else {
                continue;
            };
            let is_requester = vpc.number == peering.requester;
            if !is_requester && vpcs.iter().any(|other| other.number == peering.requester) {
                continue;
            }
            listings.vpc_peering_connections.push(&VpcPeeringConnection {
                accepter_vpc_info: end(estate, accepter, peering.active),
                requester_vpc_info: end(estate, requester, peering.active),
                status: if peering.active {
                    PeeringStatus { code: "active", message: "Active" }
                } else {
                    PeeringStatus { code: "deleted", message: "Deleted by the owner" }
                },
                tags: name_tag(format!("{}-{}", peering.requester, peering.accepter)),
                vpc_peering_connection_id: estate.peering_id(peering),
            })?;
            counts.peerings += u32::from(is_requester);
        }
    }
    Ok(())
}

/// One end; AWS tells the ranges of active peerings only.
fn end(estate: &Estate, vpc: &Vpc, active: bool) -> PeeringVpcInfo {
    let ranges = [Some(vpc.range), vpc.second].into_iter().flatten();
    let ipv6 = ipv6_range(vpc).map(|range| vec![Ipv6CidrBlock { ipv6_cidr_block: range }]);
    PeeringVpcInfo {
        cidr_block: active.then(|| vpc.range.to_string()),
        cidr_block_set: active
            .then(|| ranges.map(|range| CidrBlock { cidr_block: range.to_string() }).collect()),
        ipv6_cidr_block_set: if active { ipv6 } else { None },
        owner_id: estate.account_id(vpc.account),
        region: vpc.region,
        vpc_id: estate.vpc_id(vpc.number),
    }
}
