//! AWS Network Firewall: firewalls, their policies and rule groups.
//!
//! Facts only: what rules ask for, in which order they stand, and what happens to what
//! none of them matches. What a packet meets is decided in `reach`. What the source says
//! and the model can't read is kept as [`Asked::Unknown`] or as a rule that is doubtful.

use std::sync::Arc;

use super::{Place, TextId};
use crate::net::{Cidr, PortSet};

/// What a rule asks of one field of a packet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Asked<T> {
    /// Any value will do.
    Anything,
    /// One of these.
    Only(T),
    /// It is not known what.
    Unknown,
}

/// What a rule does with a packet that it matches.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum FirewallAction {
    /// `aws:pass`, `PASS`: it passes, and nothing further is asked.
    Pass,
    /// `aws:drop`, `DROP`.
    Drop,
    /// `REJECT`: dropped, and the sender is told.
    Reject,
    /// `ALERT`: written down, and the next rule is asked.
    Alert,
    /// `aws:forward_to_sfe`: the stateful rules are asked.
    Forward,
    /// A word that we do not know.
    Unknown,
}

/// A rule of a rule group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FirewallRule {
    /// `Priority` of a stateless rule, `sid` of a stateful one; 0 where it has none.
    pub number: u32,
    /// Which rule of its group it is, from 0.
    pub ordinal: u32,
    /// Protocol numbers.
    pub protocols: Asked<Vec<u8>>,
    /// Source addresses.
    pub sources: Asked<Vec<Cidr>>,
    /// Source ports, of TCP and UDP.
    pub source_ports: Asked<PortSet>,
    /// Destination addresses.
    pub destinations: Asked<Vec<Cidr>>,
    /// Destination ports, of TCP and UDP.
    pub destination_ports: Asked<PortSet>,
    /// It matches with source and destination exchanged as well.
    pub both_ways: bool,
    /// It asks for more than the model knows of a packet: what fits may match or not.
    pub doubtful: bool,
    /// What it does.
    pub action: FirewallAction,
}

/// A rule group (`describe-rule-group`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleGroup {
    /// `RuleGroupArn`.
    pub id: TextId,
    /// `RuleGroupName`.
    pub name: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its rules, stateless ones by priority, stateful ones as they stand.
    pub rules: Vec<FirewallRule>,
}

/// A rule group as a policy names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleGroupReference {
    /// `ResourceArn`.
    pub id: TextId,
    /// `Priority`; 0 where it has none.
    pub priority: u32,
    /// `Override.Action` is `DROP_TO_ALERT`: what would be dropped is written down only.
    pub alert_only: bool,
    /// The group; `None`: AWS manages it, or the source does not hold it.
    pub group: Option<Arc<RuleGroup>>,
}

/// What the stateful rules do with what none of them matches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatefulDefault {
    /// It passes.
    Pass,
    /// `aws:drop_strict`: every packet is dropped.
    Drop,
    /// `aws:drop_established` and the like: connections begin, and what they carry is
    /// dropped; or a word that we do not know.
    Unknown,
}

/// A firewall policy (`describe-firewall-policy`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FirewallPolicy {
    /// `FirewallPolicyArn`.
    pub id: TextId,
    /// `FirewallPolicyName`.
    pub name: TextId,
    /// Where it stands.
    pub place: Place,
    /// Stateless rule groups, lowest priority first.
    pub stateless: Vec<RuleGroupReference>,
    /// `StatelessDefaultActions`.
    pub stateless_default: FirewallAction,
    /// Stateful rule groups; in strict order, lowest priority first.
    pub stateful: Vec<RuleGroupReference>,
    /// `StatefulEngineOptions.RuleOrder` is `STRICT_ORDER`: else every pass rule comes
    /// before every drop rule, and those before the reject rules. `None`: a word that we
    /// do not know.
    pub strict_order: Option<bool>,
    /// `StatefulDefaultActions`.
    pub stateful_default: StatefulDefault,
}

/// A firewall (`describe-firewall`) of which an endpoint is in a subnet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Firewall {
    /// `FirewallArn`.
    pub id: TextId,
    /// `FirewallName`.
    pub name: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its policy; `None`: not in the source.
    pub policy: Option<Arc<FirewallPolicy>>,
}
