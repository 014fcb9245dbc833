//! VPC Block Public Access: may traffic of a subnet pass to or from the internet?

use super::Ternary;
use super::trace::{Stage, Step};
use super::walk::{Walk, nothing};
use crate::model::{Assumption, BlockMode, Component, ExclusionMode, LimitationCode, SubnetId};

/// What Block Public Access is asked about.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Access {
    /// From the internet to an interface.
    Inbound,
    /// From an interface through an internet gateway.
    Outbound,
    /// Through a NAT gateway or an egress-only internet gateway.
    EgressOnly,
}

impl Walk<'_> {
    /// Whether Block Public Access lets traffic of a subnet pass (VPC user guide,
    /// "Block public access to VPCs and subnets": the subnet's owner decides).
    pub(super) fn public_access(
        &mut self,
        component: &Component,
        subnet: SubnetId,
        access: Access,
    ) -> Ternary {
        let subnet = &component.subnets[subnet];
        let Some(options) = &component.scopes[subnet.scope].block_public_access else {
            self.trace.assumptions.insert(Assumption::BlockPublicAccessOff);
            return Ternary::Yes;
        };
        let vpc = component.vpcs[subnet.vpc].id;
        let refused = match (options.mode, access) {
            (BlockMode::Off, _) | (BlockMode::Ingress, Access::EgressOnly) => return Ternary::Yes,
            (BlockMode::Bidirectional, _)
            | (BlockMode::Ingress, Access::Inbound | Access::Outbound) => Ternary::No,
            (BlockMode::Unknown, _) => self.trace.unknown(LimitationCode::UnreadableValue, vpc),
        };
        let Some(exclusions) = &options.exclusions else {
            return self.trace.unknown(LimitationCode::UnknownExclusions, subnet.id);
        };
        let mut excluded = Ternary::No;
        for exclusion in
            exclusions.iter().filter(|exclusion| [vpc, subnet.id].contains(&exclusion.resource))
        {
            let lets = match (exclusion.mode, access, options.mode) {
                (ExclusionMode::Bidirectional, ..) => Ternary::Yes,
                (ExclusionMode::Egress, Access::Inbound, _) => Ternary::No,
                // Allow-egress is documented for the bidirectional mode only.
                (ExclusionMode::Egress, _, BlockMode::Ingress) => Ternary::Unknown,
                (ExclusionMode::Egress, ..) => Ternary::Yes,
                (ExclusionMode::Unknown, ..) => Ternary::Unknown,
            };
            if lets == Ternary::Unknown {
                self.trace.unknown(LimitationCode::UnreadableValue, exclusion.resource);
            }
            excluded = excluded.or(lets);
        }
        let verdict = refused.or(excluded);
        if verdict == Ternary::No {
            let step = Step {
                id: subnet.id,
                place: Some(options.place),
                ..nothing("vpc-block-public-access", "deny", Stage::Ingress)
            };
            self.trace.refuse("VPC_BLOCK_PUBLIC_ACCESS_ENABLED", step);
        }
        verdict
    }
}
