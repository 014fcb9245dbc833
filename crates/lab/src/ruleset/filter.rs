//! Security groups and network ACLs as chains.
//!
//! The two are base chains on one hook: what one accepts the other still sees, what
//! one drops is gone. Within their chains "allow" is `return`, since `accept` would
//! end the base chain before the other side of the link is asked. A security group
//! is stateful: what belongs to a connection passes (VPC user guide, "Security group
//! connection tracking"). A network ACL is not: its chains never look at connections.
//!
//! What the source does not say is left open and named: nobody shall try a change in
//! a lab that is tighter than the network it stands for.

use std::collections::BTreeSet;

use portolan::model::{
    Component, Direction, NetworkAcl, NetworkAclEntry, Peer, SecurityGroupId, SecurityGroupRule,
    TextId,
};
use portolan::net::Cidr;

use super::words;

/// What rules were made of that others have to know.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Groups that rules refer to: each needs the sets of its members.
    pub references: BTreeSet<(SecurityGroupId, Direction)>,
    /// What was left open, since the source does not say it.
    pub open: BTreeSet<(TextId, &'static str)>,
}

/// The end of a packet that is the far side: `saddr` and the device it comes from, or
/// `daddr` and the device it goes to.
fn far_side(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Ingress => ("saddr", "iifname"),
        Direction::Egress => ("daddr", "oifname"),
    }
}

/// The name of the set of a group's members in one family, as rules of one direction
/// know them.
#[must_use]
pub fn members(group: SecurityGroupId, direction: Direction, ipv4: bool) -> String {
    let direction = match direction {
        Direction::Ingress => "in",
        Direction::Egress => "out",
    };
    format!("members{}_{direction}_{}", group.number(), if ipv4 { "v4" } else { "v6" })
}

/// The rules of a set of groups, in one direction, as a chain that ends in `drop`.
#[must_use]
pub fn groups(
    component: &Component,
    set: &[SecurityGroupId],
    direction: Direction,
    notes: &mut Notes,
) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for &id in set {
        let group = &component.security_groups[id];
        if !group.seen {
            notes.open.insert((group.id, "the rules of this security group were not seen"));
            lines.insert("return".to_owned());
        }
        for rule in group.rules.iter().filter(|rule| rule.direction == direction) {
            if rule.traffic.is_none() || matches!(rule.peer, Peer::Unknown(_)) {
                notes.open.insert((group.id, "a rule of this security group can't be read"));
            }
            lines.extend(group_rule(component, rule, notes));
        }
    }
    lines.into_iter().chain(["drop".to_owned()]).collect()
}

fn group_rule(component: &Component, rule: &SecurityGroupRule, notes: &mut Notes) -> Vec<String> {
    let (end, device) = far_side(rule.direction);
    let peers = match rule.peer {
        Peer::Ipv4(block) => vec![words::address_in(end, Cidr::V4(block))],
        Peer::Ipv6(block) => vec![words::address_in(end, Cidr::V6(block))],
        Peer::PrefixList(list) => {
            let list = &component.prefix_lists[list];
            match &list.entries {
                Some(entries) => words::address_in_any(end, entries),
                None => {
                    notes.open.insert((list.id, "the entries of this prefix list were not seen"));
                    vec![String::new()]
                }
            }
        }
        // A stale reference matches nobody.
        Peer::SecurityGroup { stale: true, .. } => Vec::new(),
        Peer::SecurityGroup { group, stale: false } => {
            notes.references.insert((group, rule.direction));
            let of_family = |ipv4| {
                let family = words::family(ipv4);
                format!("{device} . {family} {end} @{}", members(group, rule.direction, ipv4))
            };
            vec![of_family(true), of_family(false)]
        }
        Peer::Unknown(_) => vec![String::new()],
    };
    let traffic = rule.traffic.map(words::traffic).unwrap_or_default();
    peers.into_iter().map(|peer| join([&peer, &traffic, "return"])).collect()
}

/// The entries of an ACL in one direction, as a chain that ends in `drop`.
#[must_use]
pub fn acl(acl: &NetworkAcl, egress: bool, notes: &mut Notes) -> Vec<String> {
    let mut entries: Vec<&NetworkAclEntry> =
        acl.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.number);
    let end = if egress { "daddr" } else { "saddr" };
    let mut lines = Vec::new();
    for entry in entries {
        let readable = entry.cidr.is_some() && entry.traffic.is_some() && entry.allow.is_some();
        if !readable {
            notes.open.insert((acl.id, "an entry of this network ACL can't be read"));
        }
        let cidr = entry.cidr.map(|cidr| words::address_in(end, cidr)).unwrap_or_default();
        let traffic = entry.traffic.map(words::traffic).unwrap_or_default();
        let denies = readable && entry.allow == Some(false);
        lines.push(join([&cidr, &traffic, if denies { "drop" } else { "return" }]));
    }
    lines.push("drop".to_owned());
    lines
}

fn join(parts: [&str; 3]) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}
