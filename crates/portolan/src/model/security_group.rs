//! Security groups as given: each rule names one peer.

use super::{Place, PrefixListId, SecurityGroupId, TextId, VpcId};
use crate::net::{Match, Prefix};

/// Into the interface or out of it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Direction {
    /// Inbound.
    Ingress,
    /// Outbound.
    Egress,
}

/// A security group (`describe-security-groups`, `describe-security-group-rules`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `GroupName`.
    pub name: TextId,
    /// What the group is for, in the words of who made it. Decides nothing.
    pub description: TextId,
    /// The VPC that it was made in. It may be worn elsewhere too:
    /// see `associated`.
    pub vpc: VpcId,
    /// `OwnerId`.
    pub owner: TextId,
    /// VPCs that the group is associated with besides its own
    /// (`describe-security-group-vpc-associations`, state `associated`).
    pub associated: Vec<VpcId>,
    /// The rules of both directions.
    pub rules: Vec<SecurityGroupRule>,
    /// `false`: something refers to the group, but its rules were not in the source.
    pub seen: bool,
}

/// One rule with one peer. An API permission with three ranges is three rules.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SecurityGroupRule {
    /// The direction.
    pub direction: Direction,
    /// Protocol and ports; `None`: could not be read, so it may be anything.
    pub traffic: Option<Match>,
    /// Who.
    pub peer: Peer,
    /// `sgr-…`, empty where the source gives none.
    pub id: TextId,
    /// What the rule is for, in the words of who made it. Decides nothing.
    pub description: TextId,
    /// `IpPermissions/<n>` or `IpPermissionsEgress/<n>`, or the entry of
    /// `SecurityGroupRules`, from 0.
    pub ordinal: u32,
    /// Only one of two differing listings of the group has this rule.
    pub contested: bool,
}

/// The far side of a rule.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Peer {
    /// `CidrIp`.
    Ipv4(Prefix<u32>),
    /// `CidrIpv6`.
    Ipv6(Prefix<u128>),
    /// `PrefixListId`.
    PrefixList(PrefixListId),
    /// `UserIdGroupPairs`: the private addresses of the group's members.
    SecurityGroup {
        /// The group.
        group: SecurityGroupId,
        /// `PeeringStatus` says that the peering is gone: matches nothing.
        stale: bool,
    },
    /// A peer that can't be read: it may be anyone. The text as given.
    Unknown(TextId),
}
