//! VPCs and subnets.

use portolan::model::{ScopeId, Subnet, TextId, Vpc, VpcId};
use portolan::net::{Cidr, Prefix};

use super::field::{Field, List, Str};
use super::sink::Cx;
use super::words;

pub(crate) fn vpc(cx: &mut Cx<'_>, given: &words::Vpc<'_>) {
    let mut contested = given.cidr_block_association_set.is_damaged()
        || given.ipv6_cidr_block_association_set.is_damaged();
    if contested {
        cx.unreadable("CidrBlockAssociationSet");
    }
    let id = id(cx, "VpcId");
    let mut ipv4 = Vec::new();
    // The primary block first; it is always associated.
    let mut blocks: Vec<&Str<'_>> = Vec::new();
    if !given.cidr_block.is_absent() {
        blocks.push(&given.cidr_block);
    }
    for block in given.cidr_block_association_set.items() {
        if is_associated(cx, &block.cidr_block_state) {
            blocks.push(&block.cidr_block);
        }
    }
    for block in blocks {
        match cx.cidr("CidrBlock", block) {
            Some(Cidr::V4(prefix)) if ipv4.contains(&prefix) => {}
            Some(Cidr::V4(prefix)) => ipv4.push(prefix),
            Some(Cidr::V6(_)) => {
                cx.unknown("CidrBlock", block.as_str());
                contested = true;
            }
            None => contested = true,
        }
    }
    let (ipv6, unreadable) = ipv6_blocks(cx, &given.ipv6_cidr_block_association_set);
    let owner = cx.owner(&given.owner_id);
    let (name, tags) = cx.tags(&given.tags);
    cx.add(Vpc {
        id,
        place: cx.place,
        owner,
        region: TextId::EMPTY,
        scope: no_scope(),
        ipv4,
        ipv6,
        name,
        tags,
        seen: true,
        contested: contested || unreadable,
    });
}

pub(crate) fn subnet(cx: &mut Cx<'_>, given: &words::Subnet<'_>) {
    let mut contested = given.ipv6_cidr_block_association_set.is_damaged();
    if contested {
        cx.unreadable("Ipv6CidrBlockAssociationSet");
    }
    let id = id(cx, "SubnetId");
    let vpc = vpc_id(cx, &given.vpc_id);
    let (ipv6, unreadable) = ipv6_blocks(cx, &given.ipv6_cidr_block_association_set);
    contested |= unreadable;
    let ipv4 = if given.cidr_block.is_absent() && !ipv6.is_empty() {
        // A subnet of IPv6 only.
        None
    } else {
        match cx.cidr("CidrBlock", &given.cidr_block) {
            Some(Cidr::V4(prefix)) => Some(prefix),
            Some(Cidr::V6(_)) => {
                cx.unknown("CidrBlock", given.cidr_block.as_str());
                contested = true;
                None
            }
            None => {
                contested = true;
                None
            }
        }
    };
    let owner = cx.owner(&given.owner_id);
    let region = cx.region(&given.availability_zone, &given.subnet_arn);
    let zone = cx.intern(given.availability_zone.as_str());
    let zone_id = cx.intern(given.availability_zone_id.as_str());
    let (name, tags) = cx.tags(&given.tags);
    // They decide nothing for what is there already: another type is as good as none.
    let assigns_public_ipv4 = given.map_public_ip_on_launch.get().copied();
    let assigns_ipv6 = given.assign_ipv6_address_on_creation.get().copied();
    cx.add(Subnet {
        id,
        place: cx.place,
        vpc,
        owner,
        region,
        scope: no_scope(),
        zone,
        zone_id,
        ipv4,
        ipv6,
        assigns_public_ipv4,
        assigns_ipv6,
        name,
        tags,
        seen: true,
        contested,
    });
}

/// The id of the resource that `cx` is at.
pub(super) fn id(cx: &mut Cx<'_>, field: &str) -> TextId {
    if cx.about.is_empty() {
        cx.unreadable(field);
    }
    cx.about
}

/// The VPC that a resource lies in.
pub(super) fn vpc_id(cx: &mut Cx<'_>, value: &Str<'_>) -> VpcId {
    VpcId::named(cx.text("VpcId", value))
}

/// Set when the network is built.
fn no_scope() -> ScopeId {
    ScopeId::named(TextId::EMPTY)
}

fn ipv6_blocks(
    cx: &mut Cx<'_>,
    given: &List<words::Ipv6CidrAssociation<'_>>,
) -> (Vec<Prefix<u128>>, bool) {
    let mut blocks = Vec::new();
    let mut unreadable = false;
    for block in given.items() {
        if !is_associated(cx, &block.ipv6_cidr_block_state) {
            continue;
        }
        match cx.cidr("Ipv6CidrBlock", &block.ipv6_cidr_block) {
            Some(Cidr::V6(prefix)) if blocks.contains(&prefix) => {}
            Some(Cidr::V6(prefix)) => blocks.push(prefix),
            Some(Cidr::V4(_)) => {
                cx.unknown("Ipv6CidrBlock", block.ipv6_cidr_block.as_str());
                unreadable = true;
            }
            None => unreadable = true,
        }
    }
    (blocks, unreadable)
}

/// Whether a block belongs to its VPC or subnet.
fn is_associated(cx: &mut Cx<'_>, state: &Field<words::BlockState<'_>>) -> bool {
    let Field::Given(state) = state else { return true };
    match state.state.as_str() {
        "associated" | "associating" | "disassociating" | "" => true,
        "disassociated" | "failing" | "failed" => false,
        other => {
            cx.unknown("CidrBlockState", other);
            true
        }
    }
}
