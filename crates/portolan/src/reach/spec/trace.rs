//! What the specification notes on a packet's way: every hop, everything that
//! refuses, everything it could not know.

use std::collections::BTreeSet;

use super::Ternary;
use crate::model::{Assumption, Component, LimitationCode, Listing, Place, TextId, VpcId};
use crate::record::Way;

/// Whether a packet leaves a place or arrives there.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Stage {
    /// It leaves.
    Egress,
    /// It arrives.
    Ingress,
}

impl Stage {
    /// As the contract prints it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Egress => "egress",
            Self::Ingress => "ingress",
        }
    }
}

/// The part of a resource that decided.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Part {
    /// The resource as a whole.
    Whole,
    /// Nothing in it matched.
    Default,
    /// A security group rule: its id (may be empty), direction and ordinal.
    Rule {
        /// `sgr-…`.
        id: TextId,
        /// Outbound.
        egress: bool,
        /// The permission.
        ordinal: u32,
    },
    /// A network ACL entry: its number and ordinal.
    Entry {
        /// The rule number.
        number: u32,
        /// The entry.
        ordinal: u32,
    },
    /// A rule of a firewall's rule group: its priority or `sid`, and ordinal.
    FirewallRule {
        /// The priority, or `sid`; 0 if it has none.
        number: u32,
        /// The rule.
        ordinal: u32,
    },
    /// A route: its ordinal.
    Route {
        /// The route.
        ordinal: u32,
    },
}

/// One step of a packet.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Step {
    /// `security-group`, `network-acl`, `route-table`, …
    pub component: &'static str,
    /// The resource.
    pub id: TextId,
    /// What decided.
    pub part: Part,
    /// `allow`, `deny`, `forward`, …
    pub action: &'static str,
    /// Leaving or arriving.
    pub stage: Stage,
    /// Where the resource stands.
    pub place: Option<Place>,
    /// What it led to: a gateway, a peering connection, an interface.
    pub towards: TextId,
}

/// Something that refuses the packet or its reply.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Block {
    /// AWS's explanation code, or ours where AWS has none.
    pub code: &'static str,
    /// Which of the two is refused.
    pub way: Way,
    /// Where.
    pub step: Step,
}

/// Something that could not be known.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Unknown {
    /// A thing that was not seen, contradicts itself or is not modelled.
    Thing(LimitationCode, TextId),
    /// A listing that was not collected, of this account and region.
    Listing(Listing, TextId, TextId),
}

/// The notes of one evaluation.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Which way is being walked.
    pub way: Way,
    /// The packet's hops.
    pub forward: Vec<Step>,
    /// The reply's hops.
    pub reply: Vec<Step>,
    /// What refuses, in the order of the way.
    pub blocks: Vec<Block>,
    /// What could not be known.
    pub limitations: BTreeSet<Unknown>,
    /// What was assumed.
    pub assumptions: BTreeSet<Assumption>,
    /// A NAT gateway's own ports get answers only in part.
    pub some_nat_ports: bool,
    /// A rule names a group of the far side, and the way does not preserve references.
    pub(super) reference_lost: bool,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            way: Way::Forward,
            forward: Vec::new(),
            reply: Vec::new(),
            blocks: Vec::new(),
            limitations: BTreeSet::new(),
            assumptions: BTreeSet::new(),
            some_nat_ports: false,
            reference_lost: false,
        }
    }
}

impl Trace {
    /// Notes a hop.
    pub fn step(&mut self, step: Step) {
        let lane = match self.way {
            Way::Forward => &mut self.forward,
            Way::Reply => &mut self.reply,
        };
        // Asking twice at one place is no second hop.
        if lane.last() != Some(&step) {
            lane.push(step);
        }
    }

    /// Notes a refusal, and the hop where it happens.
    pub fn refuse(&mut self, code: &'static str, step: Step) -> Ternary {
        let step = Step { action: "deny", ..step };
        self.step(step);
        let block = Block { code, way: self.way, step };
        if !self.blocks.contains(&block) {
            self.blocks.push(block);
        }
        Ternary::No
    }

    /// Notes that something can't be known.
    pub fn unknown(&mut self, code: LimitationCode, about: TextId) -> Ternary {
        self.limitations.insert(Unknown::Thing(code, about));
        Ternary::Unknown
    }

    /// Notes that a listing is missing where the VPC is.
    pub(super) fn not_collected(
        &mut self,
        component: &Component,
        vpc: VpcId,
        listing: Listing,
    ) -> Ternary {
        let scope = &component.scopes[component.vpcs[vpc].scope];
        self.limitations.insert(Unknown::Listing(listing, scope.account, scope.region));
        Ternary::Unknown
    }
}
