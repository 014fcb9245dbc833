//! Network ACLs as given: entries in the order of the source, not sorted.

use super::{Place, SubnetId, TextId, VpcId};
use crate::net::{Cidr, Match};

/// A network ACL (`describe-network-acls`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NetworkAcl {
    /// `acl-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its VPC.
    pub vpc: VpcId,
    /// Whether subnets without an association use it.
    pub is_default: bool,
    /// The subnets that it is associated with.
    pub subnets: Vec<SubnetId>,
    /// Inbound and outbound entries, in the order of the source.
    pub entries: Vec<NetworkAclEntry>,
    /// Seen twice with different content: nothing it says is certain.
    pub contested: bool,
}

/// One entry. The implicit last entry (`*`, deny) is given by AWS as number
/// 32767 (IPv4) or 32768 (IPv6) and may stand here or not; it says what no
/// match says anyway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NetworkAclEntry {
    /// The rule number: the lowest that matches decides.
    pub number: u32,
    /// Outbound (else inbound).
    pub egress: bool,
    /// `None`: an action that we do not know; then what it matches is unknown.
    pub allow: Option<bool>,
    /// Protocol and destination ports; `None`: a protocol that can't be read.
    pub traffic: Option<Match>,
    /// The far side's addresses: the source of an inbound, the destination of
    /// an outbound packet. `None`: could not be read.
    pub cidr: Option<Cidr>,
    /// Which entry of the ACL it is in its file, from 0.
    pub ordinal: u32,
}
