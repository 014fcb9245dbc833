//! Security groups and network ACLs: may this packet pass?
//!
//! A security group admits what any rule of any group of the interface admits;
//! there is no deny and no order (VPC user guide, "Security group rules"). A
//! network ACL is read by rule number; the first entry that matches decides,
//! and what nothing matches is denied ("Network ACL rules"). Security groups
//! are stateful and asked once, for the first packet; network ACLs are not, and
//! are asked for the reply too.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::balancer::is_unfiltered;
use super::trace::{Part, Stage, Step};
use super::walk::holds;
use super::{Ternary, Trace};
use crate::model::{
    Component, Direction, Interface, InterfaceKind, LimitationCode, Listing, NetworkAcl,
    NetworkAclEntry, NetworkAclId, NetworkInterfaceId, Peer, PrefixListId, SecurityGroupId,
    SecurityGroupRule, SubnetId, TextId, VpcId,
};
use crate::net::{Match, Protocol};

/// What a filter sees of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers {
    pub(super) protocol: Protocol,
    /// Destination port, ICMP key, or 0.
    pub(super) selector: u16,
    /// The address of the far side.
    pub(super) far: IpAddr,
}

/// Who the far side is, as far as a reference to a group asks for it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Identity {
    /// An interface of the component, by its private or IPv6 address.
    Kept {
        interface: NetworkInterfaceId,
        /// References are preserved on the way that the packet took.
        preserved: Ternary,
    },
    /// Anybody behind a load balancer that shows its clients' addresses: its own groups
    /// are seen too.
    Behind {
        /// The node.
        balancer: NetworkInterfaceId,
    },
    /// Somebody at the other side of an endpoint, as a load balancer's own groups see him.
    Linked,
    /// A host outside the VPCs that the source holds, through a private way.
    Network,
    /// An address of this VPC that no interface holds.
    Unheld(VpcId),
    /// Through the internet; the holder: the interface of the component that it is.
    Internet { holder: Option<NetworkInterfaceId> },
}

impl Identity {
    /// Somebody on the internet.
    pub(super) const STRANGER: Self = Self::Internet { holder: None };
}

/// Asks the groups of an interface.
pub(super) fn groups(
    component: &Component,
    interface: Interface<'_>,
    direction: Direction,
    headers: Headers,
    identity: Identity,
    trace: &mut Trace,
) -> Ternary {
    let stage = match direction {
        Direction::Ingress => Stage::Ingress,
        Direction::Egress => Stage::Egress,
    };
    let set = &component.group_sets[interface.group_set()];
    // A Network Load Balancer without groups lets everything in; what other
    // interfaces of AWS's own do without groups is not known either.
    if set.is_empty() && interface.kind() != InterfaceKind::Host {
        let open = direction == Direction::Ingress && is_unfiltered(component, interface);
        if open && !interface.contested() {
            return Ternary::Yes;
        }
        return Ternary::Unknown;
    }
    let mut verdict = Ternary::No;
    let mut best: Option<(SecurityGroupId, &SecurityGroupRule)> = None;
    let mut has_rules = false;
    trace.reference_lost = false;
    for &id in set {
        let group = &component.security_groups[id];
        if !group.seen {
            verdict = verdict.or(trace.unknown(LimitationCode::UnknownSecurityGroup, group.id));
        }
        for rule in group.rules.iter().filter(|rule| rule.direction == direction) {
            has_rules = true;
            let admits = rule_admits(component, id, rule, headers, identity, trace);
            if admits > verdict || (best.is_none() && admits != Ternary::No) {
                best = Some((id, rule));
            }
            verdict = verdict.or(admits);
        }
    }
    if interface.contested() {
        verdict = trace.unknown(contested(interface), interface.id());
    }
    let step = |id: SecurityGroupId, part: Part, action: &'static str| {
        let group = &component.security_groups[id];
        Step {
            component: "security-group",
            id: group.id,
            part,
            action,
            stage,
            place: Some(group.place),
            towards: TextId::EMPTY,
        }
    };
    match (verdict, best) {
        (Ternary::No, _) => {
            let code = match (trace.reference_lost, has_rules) {
                (true, _) => "SG_REFERENCES_NOT_PRESERVED",
                (false, true) => "ENI_SG_RULES_MISMATCH",
                (false, false) => "SG_HAS_NO_RULES",
            };
            for &id in set {
                trace.refuse(code, step(id, Part::Default, "deny"));
            }
            if set.is_empty() {
                let step = Step {
                    component: "network-interface",
                    id: interface.id(),
                    part: Part::Whole,
                    action: "deny",
                    stage,
                    place: Some(interface.place()),
                    towards: TextId::EMPTY,
                };
                trace.refuse(code, step);
            }
        }
        (verdict, Some((id, rule))) => {
            let part = Part::Rule {
                id: rule.id,
                egress: direction == Direction::Egress,
                ordinal: rule.ordinal,
            };
            trace.step(step(id, part, if verdict == Ternary::Yes { "allow" } else { "unknown" }));
        }
        (_, None) => {
            if let Some(&id) = set.first() {
                trace.step(step(id, Part::Whole, "unknown"));
            }
        }
    }
    verdict
}

/// Why an interface is contested: it was seen twice, or a route names it and nothing else does.
pub(super) fn contested(interface: Interface<'_>) -> LimitationCode {
    if interface.unlisted().is_some() {
        LimitationCode::UnlistedService
    } else if interface.seen() {
        LimitationCode::ConflictingListings
    } else {
        LimitationCode::UnknownNetworkInterface
    }
}

fn rule_admits(
    component: &Component,
    of: SecurityGroupId,
    rule: &SecurityGroupRule,
    headers: Headers,
    identity: Identity,
    trace: &mut Trace,
) -> Ternary {
    let group = component.security_groups[of].id;
    let traffic = match rule.traffic {
        Some(traffic) => Ternary::known(traffic.matches(headers.protocol, headers.selector)),
        None => Ternary::Unknown,
    };
    if traffic == Ternary::No {
        return Ternary::No;
    }
    let peer = peer_is(component, rule.peer, headers.far, identity, trace);
    let mut admits = traffic.and(peer);
    if admits == Ternary::No {
        return Ternary::No;
    }
    if rule.traffic.is_none() {
        admits = admits.and(trace.unknown(LimitationCode::UnreadableValue, group));
    }
    if rule.contested {
        admits = admits.and(trace.unknown(LimitationCode::ConflictingListings, group));
    }
    admits
}

fn peer_is(
    component: &Component,
    peer: Peer,
    far: IpAddr,
    identity: Identity,
    trace: &mut Trace,
) -> Ternary {
    match (peer, far) {
        (Peer::Ipv4(prefix), IpAddr::V4(far)) => Ternary::known(prefix.contains(far.to_bits())),
        (Peer::Ipv6(prefix), IpAddr::V6(far)) => Ternary::known(prefix.contains(far.to_bits())),
        (Peer::Ipv4(_), IpAddr::V6(_)) | (Peer::Ipv6(_), IpAddr::V4(_)) => Ternary::No,
        (Peer::PrefixList(list), far) => prefix_list_contains(component, list, far, trace),
        (Peer::SecurityGroup { stale: true, .. }, _) => Ternary::No,
        (Peer::SecurityGroup { group, stale: false }, _) => {
            is_member(component, group, far, identity, trace)
        }
        (Peer::Unknown(_), _) => trace.unknown(LimitationCode::UnreadableValue, TextId::EMPTY),
    }
}

/// Whether a prefix list holds the address: only its entries count, at their current version.
pub(super) fn prefix_list_contains(
    component: &Component,
    list: PrefixListId,
    address: IpAddr,
    trace: &mut Trace,
) -> Ternary {
    let list = &component.prefix_lists[list];
    match &list.entries {
        Some(entries) => Ternary::known(entries.iter().any(|entry| entry.contains(address))),
        None => trace.unknown(LimitationCode::UnknownPrefixList, list.id),
    }
}

/// Whether the far side is a member of the group: an interface that wears it,
/// reached by a private address on a way that preserves references.
fn is_member(
    component: &Component,
    id: SecurityGroupId,
    far: IpAddr,
    identity: Identity,
    trace: &mut Trace,
) -> Ternary {
    let group = &component.security_groups[id];
    match identity {
        Identity::Kept { interface, preserved } => {
            let interface = component.interface(interface);
            if interface.contested() && preserved != Ternary::No {
                return trace.unknown(contested(interface), interface.id());
            }
            let member = component.group_sets[interface.group_set()].contains(&id);
            trace.reference_lost |= member && preserved == Ternary::No;
            let verdict = Ternary::known(member).and(preserved);
            if verdict == Ternary::Unknown {
                trace.unknown(LimitationCode::UnknownVpc, group.id);
            }
            verdict
        }
        Identity::Behind { balancer } => {
            let node = component.interface(balancer);
            if node.contested() {
                return trace.unknown(contested(node), node.id());
            }
            if component.group_sets[node.group_set()].contains(&id) {
                return Ternary::Yes;
            }
            if !group.seen || !component.vpcs[group.vpc].seen {
                return trace.unknown(LimitationCode::UnknownSecurityGroup, group.id);
            }
            // Whether a rule that names the client's group means it here is not documented.
            let wears = |it: Interface<'_>| {
                it.contested() || component.group_sets[it.group_set()].contains(&id)
            };
            let listed = component.interfaces.iter().filter(|it| it.seen());
            let mut all = listed.chain(component.unlisted());
            match all.any(|it| holds(it, far) && wears(it)) {
                true => trace.unknown(LimitationCode::LoadBalancer, group.id),
                false => Ternary::No,
            }
        }
        // Whether a rule that names a group means anybody there is not documented.
        Identity::Linked => trace.unknown(LimitationCode::EndpointService, group.id),
        Identity::Network => {
            if !group.seen || !component.vpcs[group.vpc].seen {
                trace.unknown(LimitationCode::UnknownSecurityGroup, group.id)
            } else {
                Ternary::No
            }
        }
        Identity::Unheld(vpc) => {
            let scope = &component.scopes[component.vpcs[vpc].scope];
            if !scope.listings.contains(Listing::NetworkInterfaces) {
                return trace.not_collected(component, vpc, Listing::NetworkInterfaces);
            }
            // A service that wears the group may have the address.
            let perhaps = component
                .unlisted_holders(vpc, far)
                .find(|it| it.contested() || component.group_sets[it.group_set()].contains(&id));
            match perhaps {
                Some(interface) => trace.unknown(LimitationCode::UnlistedService, interface.id()),
                None => Ternary::No,
            }
        }
        Identity::Internet { holder } => {
            let wears = |interface: Interface<'_>| {
                let groups = &component.group_sets[interface.group_set()];
                interface.contested() || groups.contains(&id)
            };
            let member = match (holder, far) {
                // A reference means private addresses, which nobody shows there.
                (_, IpAddr::V4(_)) => return Ternary::No,
                (Some(holder), IpAddr::V6(_)) => wears(component.interface(holder)),
                (None, IpAddr::V6(v6)) => component.vpcs.ids().any(|vpc| {
                    let listed = component.ipv6_holders(vpc, v6.to_bits());
                    listed.chain(component.unlisted_holders(vpc, far)).any(wears)
                }),
            };
            let seen = group.seen && component.vpcs[group.vpc].seen;
            if member {
                // Whether IPv6, which keeps its addresses, keeps references too
                // is not documented.
                trace.unknown(LimitationCode::GroupOverInternet, group.id)
            } else if holder.is_none() && !seen {
                // Its members may have any address.
                trace.unknown(LimitationCode::UnknownSecurityGroup, group.id)
            } else {
                Ternary::No
            }
        }
    }
}

/// The network ACL of a subnet: the one that names it, else its VPC's default.
fn acl_of<'c>(
    component: &'c Component,
    subnet: SubnetId,
    trace: &mut Trace,
) -> Option<&'c NetworkAcl> {
    let about = component.subnets[subnet].id;
    let mut named = component.acls_naming(subnet);
    if let Some(acl) = named.next() {
        if named.next().is_some() {
            trace.unknown(LimitationCode::ContradictoryAssociation, about);
            return None;
        }
        return Some(&component.network_acls[acl]);
    }
    let mut defaults = component.default_acls(component.subnets[subnet].vpc);
    match (defaults.next(), defaults.next()) {
        (Some(acl), None) => Some(&component.network_acls[acl]),
        (Some(_), Some(_)) => {
            trace.unknown(LimitationCode::ContradictoryAssociation, about);
            None
        }
        (None, _) => {
            trace.unknown(LimitationCode::NoNetworkAcl, about);
            None
        }
    }
}

/// Asks the network ACL of a subnet about a packet that crosses the subnet's border.
pub(super) fn acl(
    component: &Component,
    subnet: SubnetId,
    stage: Stage,
    headers: Headers,
    trace: &mut Trace,
) -> Ternary {
    let Some(acl) = acl_of(component, subnet, trace) else { return Ternary::Unknown };
    let step = |part, action| Step {
        component: "network-acl",
        id: acl.id,
        part,
        action,
        stage,
        place: Some(acl.place),
        towards: TextId::EMPTY,
    };
    if acl.contested {
        trace.step(step(Part::Whole, "unknown"));
        return trace.unknown(LimitationCode::ConflictingListings, acl.id);
    }
    let mut entries: Vec<&NetworkAclEntry> =
        acl.entries.iter().filter(|entry| entry.egress == (stage == Stage::Egress)).collect();
    // AWS gives entries in any order; the number decides.
    entries.sort_by_key(|entry| entry.number);
    for entry in entries {
        let part = Part::Entry { number: entry.number, ordinal: entry.ordinal };
        let matches = entry_matches(entry, headers);
        match (matches, entry.allow) {
            (Ternary::No, _) => {}
            (Ternary::Yes, Some(true)) => {
                trace.step(step(part, "allow"));
                return Ternary::Yes;
            }
            (Ternary::Yes, Some(false)) => {
                return trace.refuse("SUBNET_ACL_RESTRICTION", step(part, "deny"));
            }
            (Ternary::Yes, None) | (Ternary::Unknown, _) => {
                trace.step(step(part, "unknown"));
                return trace.unknown(LimitationCode::UnreadableValue, acl.id);
            }
        }
    }
    trace.refuse("SUBNET_ACL_RESTRICTION", step(Part::Default, "deny"))
}

fn entry_matches(entry: &NetworkAclEntry, headers: Headers) -> Ternary {
    let address = match entry.cidr {
        Some(cidr) => Ternary::known(cidr.contains(headers.far)),
        None => Ternary::Unknown,
    };
    let traffic = match entry.traffic {
        Some(traffic) => Ternary::known(traffic.matches(headers.protocol, headers.selector)),
        None => Ternary::Unknown,
    };
    address.and(traffic)
}

/// Where the answer of a subnet's ACL about client ports changes: the ports in
/// `first..=last` at which some entry begins, or that follow one's end.
pub(super) fn client_cuts(component: &Component, subnet: SubnetId, protocol: Protocol) -> Vec<u16> {
    let mut cuts = Vec::new();
    let defaults = component.default_acls(component.subnets[subnet].vpc);
    let concerned: BTreeSet<NetworkAclId> = component.acls_naming(subnet).chain(defaults).collect();
    for acl in concerned {
        for entry in &component.network_acls[acl].entries {
            if let Some(Match::Ports(of, ports)) = entry.traffic
                && of == protocol
            {
                cuts.push(ports.first());
                cuts.extend(ports.last().checked_add(1));
            }
        }
    }
    cuts
}
