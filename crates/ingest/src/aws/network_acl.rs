//! Network ACLs.

use portolan::model::{NetworkAcl, NetworkAclEntry, SubnetId};
use portolan::net::Cidr;

use super::field::{Field, Str};
use super::network::{id, vpc_id};
use super::sink::Cx;
use super::{traffic, words};

pub(crate) fn acl(cx: &mut Cx<'_>, given: &words::NetworkAcl<'_>) {
    let id = id(cx, "NetworkAclId");
    let vpc = vpc_id(cx, &given.vpc_id);
    cx.owner(&given.owner_id);
    let mut contested = false;
    if given.is_default.is_wrong() {
        cx.unreadable("IsDefault");
        contested = true;
    }
    if given.associations.is_damaged() {
        cx.unreadable("Associations");
        contested = true;
    }
    let subnets = given
        .associations
        .items()
        .map(|association| SubnetId::named(cx.text("SubnetId", &association.subnet_id)))
        .collect();
    let mut entries = Vec::new();
    // An ACL without entries still has its implicit ones: a list that is not
    // there was cut off.
    if given.entries.get().is_none() || given.entries.is_damaged() {
        cx.unreadable("Entries");
        contested = true;
    }
    for (ordinal, entry) in given.entries.get().into_iter().flatten().enumerate() {
        let Field::Given(entry) = entry else { continue };
        match self::entry(cx, entry, u32::try_from(ordinal).unwrap_or(u32::MAX)) {
            Some(entry) => entries.push(entry),
            None => contested = true,
        }
    }
    cx.add(NetworkAcl {
        id,
        place: cx.place,
        vpc,
        is_default: given.is_default == Field::Given(true),
        subnets,
        entries,
        contested,
    });
}

/// `None`: nobody knows which packets of which direction are meant, or when.
fn entry(cx: &mut Cx<'_>, given: &words::AclEntry<'_>, ordinal: u32) -> Option<NetworkAclEntry> {
    let number = given.rule_number.get().and_then(|&number| u32::try_from(number).ok());
    let egress = given.egress.get().copied();
    let (Some(number), Some(egress)) = (number, egress) else {
        cx.unreadable("RuleNumber, Egress");
        return None;
    };
    let allow = match given.rule_action.as_str() {
        "allow" => Some(true),
        "deny" => Some(false),
        other => {
            cx.unknown("RuleAction", other);
            None
        }
    };
    let cidr = block(cx, &given.cidr_block, &given.ipv6_cidr_block);
    let traffic =
        traffic::of_acl_entry(&given.protocol, &given.port_range, &given.icmp_type_code, cidr);
    if traffic.is_none() {
        cx.unreadable("Protocol, PortRange, IcmpTypeCode");
    }
    Some(NetworkAclEntry { number, egress, allow, traffic, cidr, ordinal })
}

fn block(cx: &mut Cx<'_>, ipv4: &Str<'_>, ipv6: &Str<'_>) -> Option<Cidr> {
    if ipv4.is_absent() { cx.cidr("Ipv6CidrBlock", ipv6) } else { cx.cidr("CidrBlock", ipv4) }
}
