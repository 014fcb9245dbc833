//! Security groups, their rules, the VPCs that they are associated with.

use portolan::model::{Direction, Peer, SecurityGroup, SecurityGroupId, SecurityGroupRule, TextId};
use portolan::net::{Cidr, Match};

use super::field::{Field, List, Str};
use super::network::{id, vpc_id};
use super::sink::Cx;
use super::{traffic, words};

pub(crate) fn group(cx: &mut Cx<'_>, given: &words::SecurityGroup<'_>) {
    let id = id(cx, "GroupId");
    let vpc = vpc_id(cx, &given.vpc_id);
    let owner = cx.owner(&given.owner_id);
    cx.region(&Str::Absent, &given.security_group_arn);
    let name = cx.intern(given.group_name.as_str());
    // The CLI says the one, some libraries the other.
    let description = match given.description.as_str() {
        "" => cx.intern(given.group_description.as_str()),
        description => cx.intern(description),
    };
    let mut rules = Vec::new();
    permissions(cx, &given.ip_permissions, Direction::Ingress, &mut rules);
    permissions(cx, &given.ip_permissions_egress, Direction::Egress, &mut rules);
    cx.add(SecurityGroup {
        id,
        place: cx.place,
        name,
        description,
        vpc,
        owner,
        associated: Vec::new(),
        rules,
        seen: true,
    });
}

fn permissions(
    cx: &mut Cx<'_>,
    given: &List<words::IpPermission<'_>>,
    direction: Direction,
    rules: &mut Vec<SecurityGroupRule>,
) {
    let field = match direction {
        Direction::Ingress => "IpPermissions",
        Direction::Egress => "IpPermissionsEgress",
    };
    let anyone = (Peer::Unknown(TextId::EMPTY), TextId::EMPTY);
    let anything = |ordinal| rule_of(direction, None, anyone, ordinal);
    // The API gives an empty list where there is no rule: a list that is not
    // there was cut off, and nobody knows what it held.
    let Field::Given(given) = given else {
        cx.unreadable(field);
        rules.push(anything(0));
        return;
    };
    for (ordinal, permission) in given.iter().enumerate() {
        let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
        match permission {
            Field::Absent => {}
            Field::Wrong => {
                cx.unreadable(field);
                rules.push(anything(ordinal));
            }
            Field::Given(permission) => {
                let traffic = readable_traffic(
                    cx,
                    traffic::of_group_rule(
                        &permission.ip_protocol,
                        &permission.from_port,
                        &permission.to_port,
                    ),
                );
                for peer in peers(cx, permission) {
                    rules.push(rule_of(direction, traffic, peer, ordinal));
                }
            }
        }
    }
}

fn rule_of(
    direction: Direction,
    traffic: Option<Match>,
    (peer, description): (Peer, TextId),
    ordinal: u32,
) -> SecurityGroupRule {
    let id = TextId::EMPTY;
    SecurityGroupRule { direction, traffic, peer, id, description, ordinal, contested: false }
}

fn readable_traffic(cx: &mut Cx<'_>, traffic: Option<Match>) -> Option<Match> {
    if traffic.is_none() {
        cx.unreadable("IpProtocol, FromPort, ToPort");
    }
    traffic
}

/// Each peer, and what the permission says that it is for.
fn peers(cx: &mut Cx<'_>, permission: &words::IpPermission<'_>) -> Vec<(Peer, TextId)> {
    let mut peers = Vec::new();
    for range in permission.ip_ranges.items() {
        let peer = block(cx, "CidrIp", &range.cidr_ip);
        peers.push((peer, cx.intern(range.description.as_str())));
    }
    for range in permission.ipv6_ranges.items() {
        let peer = block(cx, "CidrIpv6", &range.cidr_ipv6);
        peers.push((peer, cx.intern(range.description.as_str())));
    }
    for list in permission.prefix_list_ids.items() {
        let peer = prefix_list(cx, &list.prefix_list_id);
        peers.push((peer, cx.intern(list.description.as_str())));
    }
    for pair in permission.user_id_group_pairs.items() {
        let peer = group_peer(cx, pair);
        peers.push((peer, cx.intern(pair.description.as_str())));
    }
    let damaged = permission.ip_ranges.is_damaged()
        || permission.ipv6_ranges.is_damaged()
        || permission.prefix_list_ids.is_damaged()
        || permission.user_id_group_pairs.is_damaged();
    if damaged {
        cx.unreadable("IpRanges, Ipv6Ranges, PrefixListIds, UserIdGroupPairs");
        peers.push((Peer::Unknown(TextId::EMPTY), TextId::EMPTY));
    }
    peers
}

fn block(cx: &mut Cx<'_>, field: &str, given: &Str<'_>) -> Peer {
    match cx.cidr(field, given) {
        Some(Cidr::V4(prefix)) => Peer::Ipv4(prefix),
        Some(Cidr::V6(prefix)) => Peer::Ipv6(prefix),
        None => Peer::Unknown(cx.intern(given.as_str())),
    }
}

fn prefix_list(cx: &mut Cx<'_>, given: &Str<'_>) -> Peer {
    if given.as_str().is_empty() {
        cx.unreadable("PrefixListId");
        return Peer::Unknown(TextId::EMPTY);
    }
    Peer::PrefixList(cx.prefix_list(given.as_str()))
}

fn group_peer(cx: &mut Cx<'_>, pair: &words::GroupPair<'_>) -> Peer {
    if pair.group_id.as_str().is_empty() {
        cx.unreadable("GroupId");
        return Peer::Unknown(cx.intern(pair.group_name.as_str()));
    }
    // "The status of a VPC peering connection, if applicable": while it lasts,
    // the peering itself decides.
    let stale =
        matches!(pair.peering_status.as_str(), "deleted" | "expired" | "rejected" | "failed");
    let group = cx.intern(pair.group_id.as_str());
    Peer::SecurityGroup { group: SecurityGroupId::named(group), stale }
}

/// An element of `describe-security-group-rules`.
pub(crate) fn rule(cx: &mut Cx<'_>, given: &words::SecurityGroupRule<'_>) {
    let rule_id = id(cx, "SecurityGroupRuleId");
    let group = cx.text("GroupId", &given.group_id);
    if group.is_empty() {
        cx.unreadable("GroupId");
        return;
    }
    cx.owner(&given.group_owner_id);
    cx.region(&Str::Absent, &given.security_group_rule_arn);
    let traffic = readable_traffic(
        cx,
        traffic::of_group_rule(&given.ip_protocol, &given.from_port, &given.to_port),
    );
    let peer = if !given.cidr_ipv4.is_absent() {
        block(cx, "CidrIpv4", &given.cidr_ipv4)
    } else if !given.cidr_ipv6.is_absent() {
        block(cx, "CidrIpv6", &given.cidr_ipv6)
    } else if !given.prefix_list_id.is_absent() {
        prefix_list(cx, &given.prefix_list_id)
    } else if let Field::Given(pair) = &given.referenced_group_info {
        group_peer(cx, pair)
    } else {
        cx.unreadable("CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo");
        Peer::Unknown(TextId::EMPTY)
    };
    let description = cx.intern(given.description.as_str());
    let directions: &[Direction] = match given.is_egress {
        Field::Given(false) => &[Direction::Ingress],
        Field::Given(true) => &[Direction::Egress],
        Field::Absent | Field::Wrong => {
            cx.unreadable("IsEgress");
            &[Direction::Ingress, Direction::Egress]
        }
    };
    for &direction in directions {
        let mut rule = rule_of(direction, traffic, (peer, description), cx.ordinal);
        rule.id = rule_id;
        rule.contested = directions.len() > 1;
        cx.add_rule(group, rule);
    }
}

pub(crate) fn association(cx: &mut Cx<'_>, given: &words::SecurityGroupVpcAssociation<'_>) {
    let group = id(cx, "GroupId");
    let vpc = cx.text("VpcId", &given.vpc_id);
    if group.is_empty() || vpc.is_empty() {
        cx.unreadable("VpcId");
        return;
    }
    match given.state.as_str() {
        "associated" => cx.add_association(group, vpc),
        "disassociated" | "association-failed" => {}
        // On its way in or out, or a word that we do not know: it may be there.
        other => {
            cx.unknown("State", other);
            cx.add_association(group, vpc);
        }
    }
}
