//! Network ACLs by themselves: what their entries decide, in order.
//!
//! The lowest number that matches a packet decides it
//! (<https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>), so an
//! entry decides what no earlier one matches. Exact: entries are sets of packets,
//! of both families.

use super::Context;
use crate::model::{Component, ComponentId, Direction, NetworkAcl, NetworkAclId};
use crate::net::{HeaderSpace, IpSetId, IpSets, Match};
use crate::reach::exposure::Reason;
use crate::record::Finding;

/// From here on numbers are of the entry that AWS adds by itself: `*`.
const IMPLICIT: u32 = 32767;

/// An entry that decides nothing, since earlier ones match all its packets.
pub(super) struct Shadowed {
    /// Its place among the ACL's entries.
    pub(super) entry: usize,
    /// The earlier entries that match some of its packets, in their order.
    pub(super) by: Vec<usize>,
    /// Whether an earlier entry lets in (or out) what this one denies.
    pub(super) overruled: bool,
}

/// The entries of a direction that decide nothing.
pub(super) fn shadowed(acl: &NetworkAcl, direction: Direction, sets: &mut IpSets) -> Vec<Shadowed> {
    let egress = direction == Direction::Egress;
    let mut entries: Vec<(usize, &_)> = acl.entries.iter().enumerate().collect();
    entries.retain(|(_, entry)| entry.egress == egress);
    entries.sort_by_key(|(_, entry)| entry.number);
    let mut found = Vec::new();
    let mut earlier: Vec<(usize, bool, HeaderSpace)> = Vec::new();
    for (at, entry) in entries {
        // What can't be read may match anything or nothing.
        let (Some(cidr), Some(traffic), Some(allow)) = (entry.cidr, entry.traffic, entry.allow)
        else {
            continue;
        };
        let mine = packets(traffic, sets.intern(cidr.into()), cidr.is_v4());
        if entry.number < IMPLICIT && !mine.is_empty() {
            let mut left = mine.clone();
            let (mut by, mut overruled) = (Vec::new(), false);
            for (other, allowed, theirs) in &earlier {
                let taken = left.intersection(theirs, sets);
                if !taken.is_empty() {
                    by.push(*other);
                    overruled |= *allowed && !allow;
                    left = left.difference(theirs, sets);
                }
            }
            if left.is_empty() {
                found.push(Shadowed { entry: at, by, overruled });
            }
        }
        earlier.push((at, allow, mine));
    }
    found
}

/// The packets of an entry: IPv4 has its ICMP and IPv6 its own.
fn packets(traffic: Match, peers: IpSetId, v4: bool) -> HeaderSpace {
    let mut space = HeaderSpace::of(&traffic, peers);
    if v4 {
        space.icmpv6 = Vec::new();
    } else {
        space.icmp = Vec::new();
    }
    space
}

impl Context<'_> {
    /// Every ACL.
    pub(super) fn acls(
        &self,
    ) -> impl Iterator<Item = (ComponentId, &Component, NetworkAclId, &NetworkAcl)> {
        self.network.components.entries().flat_map(|(id, component)| {
            component.network_acls.entries().map(move |(acl, facts)| (id, &**component, acl, facts))
        })
    }

    /// Whether a subnet uses the ACL.
    pub(super) fn is_used(&self, component: ComponentId, acl: NetworkAclId) -> bool {
        self.layout.component(component).subnets.iter().any(|it| it.acl == Some(acl))
    }

    /// Adds reasons to a finding.
    pub(super) fn because(
        &self,
        finding: &mut Finding,
        component: &Component,
        direction: Direction,
        reasons: impl IntoIterator<Item = Reason>,
    ) {
        let causes = reasons
            .into_iter()
            .map(|reason| reason.cause(self.network, component, direction, self.locate).into());
        finding.because.extend(causes);
    }
}

/// The words of both directions.
pub(super) const DIRECTIONS: [(Direction, &str, &str); 2] =
    [(Direction::Ingress, "ingress", "inbound"), (Direction::Egress, "egress", "outbound")];
