//! VPC peering: from one VPC into another, and no further.

use std::net::IpAddr;

use super::Ternary;
use super::trace::{Part, Stage, Step};
use super::walk::{Side, Walk};
use crate::model::{
    Component, LimitationCode, PeeringSide, PeeringStatus, TextId, VpcId, VpcPeeringConnectionId,
};

impl<'n> Walk<'n> {
    /// A peering connection from `a`'s VPC to `b`'s: active, and `b`'s address is
    /// inside the blocks of the VPC that it leads to.
    pub(super) fn peering(
        &mut self,
        id: VpcPeeringConnectionId,
        a: Side<'n>,
        b: Side<'n>,
    ) -> Ternary {
        let Some((verdict, far)) = self.peering_from(id, a.component, a.vpc()) else {
            return Ternary::Unknown;
        };
        let inside = match far.vpc {
            Some(vpc) if vpc == b.vpc() => peering_blocks_hold(a.component, far, b.address),
            Some(_) => Ternary::No,
            None => Ternary::Unknown,
        };
        if inside == Ternary::No {
            self.trace
                .refuse("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", peering_step(a.component, id, "deny"));
        } else {
            self.trace.step(peering_step(a.component, id, "forward"));
        }
        if inside == Ternary::Unknown {
            self.trace.unknown(LimitationCode::UnknownVpc, a.component.peerings[id].id);
        }
        verdict.and(inside)
    }

    /// Whether a peering connection works, and its far side as seen from `vpc`.
    /// `None`: nothing is known of it.
    pub(super) fn peering_from(
        &mut self,
        id: VpcPeeringConnectionId,
        component: &'n Component,
        vpc: VpcId,
    ) -> Option<(Ternary, &'n PeeringSide)> {
        let peering = &component.peerings[id];
        if !peering.seen {
            self.trace.unknown(LimitationCode::UnknownRouteTarget, peering.id);
            return None;
        }
        let verdict = match peering.status {
            PeeringStatus::Active => Ternary::Yes,
            PeeringStatus::Inactive => {
                self.trace.refuse("BAD_STATE_ROUTE", peering_step(component, id, "deny"))
            }
            PeeringStatus::Unknown => {
                self.trace.unknown(LimitationCode::UnreadableValue, peering.id)
            }
        };
        let far =
            if peering.requester.vpc == Some(vpc) { &peering.accepter } else { &peering.requester };
        Some((verdict, far))
    }
}

/// Whether the blocks of a side of a peering hold the address. A peering whose
/// blocks are not given leads to the VPC's own.
pub(super) fn peering_blocks_hold(
    component: &Component,
    side: &PeeringSide,
    address: IpAddr,
) -> Ternary {
    let (ipv4, ipv6, known) = if side.ipv4.is_empty() && side.ipv6.is_empty() {
        match side.vpc.map(|vpc| &component.vpcs[vpc]) {
            Some(vpc) => (&vpc.ipv4, &vpc.ipv6, vpc.seen),
            None => return Ternary::Unknown,
        }
    } else {
        (&side.ipv4, &side.ipv6, true)
    };
    let inside = match address {
        IpAddr::V4(address) => ipv4.iter().any(|block| block.contains(address.to_bits())),
        IpAddr::V6(address) => ipv6.iter().any(|block| block.contains(address.to_bits())),
    };
    if known { Ternary::known(inside) } else { Ternary::Unknown }
}

fn peering_step(component: &Component, id: VpcPeeringConnectionId, action: &'static str) -> Step {
    let peering = &component.peerings[id];
    Step {
        component: "vpc-peering-connection",
        id: peering.id,
        part: Part::Whole,
        action,
        stage: Stage::Egress,
        place: Some(peering.place),
        towards: TextId::EMPTY,
    }
}
