//! Middleboxes: what may come out of interfaces that pass packets on.
//!
//! What such an interface does with a packet is not known. It may hand it on as
//! it is, or send it from an address of its own; either is possible, nothing is
//! certain.

use std::sync::Arc;

use super::Engine;
use super::filter::Filter;
use super::ground::Site;
use super::truth::Truth;
use crate::model::VpcId;
use crate::net::{Bounds, HeaderSpace, IpSetId, SetId, SpaceId};

impl Engine {
    /// What a receiver's filters may admit of packets that a relay passes on:
    /// the sender's own (of a VPC, if references are to be looked at), or the
    /// relay's.
    pub(super) fn relayed_in(
        &mut self,
        filter: &Filter,
        site: &Site,
        acl: Bounds<SpaceId>,
        sender: Option<VpcId>,
    ) -> Bounds<SpaceId> {
        let acl = if site.relay { SpaceId::EVERYTHING } else { acl.possible() };
        let component = Arc::clone(&self.ground.component);
        let kept = sender.filter(|&vpc| self.ground.references_hold(vpc, site.vpc) != Truth::No);
        let mut admitted = self.admitted_from(filter, kept);
        admitted = self.sets.meet_spaces(admitted, acl);
        for relay in self.ground.relays.clone() {
            let relay = component.interface(relay);
            let own = self.sets.intern(super::ground::addresses(relay));
            let kept = self.ground.references_hold(relay.vpc(), site.vpc) != Truth::No;
            let from_relay = self.admitted_from(filter, kept.then(|| relay.vpc()));
            let from_relay = self.sets.restrict_space(from_relay, own);
            let from_relay = self.sets.meet_spaces(from_relay, acl);
            // Whatever is admitted from a relay may be anyone's.
            let anyones = anyone(self.sets.space(from_relay));
            let anyones = self.sets.intern_space(anyones);
            admitted = self.sets.unite_spaces(admitted, anyones);
        }
        Bounds::at_most(admitted)
    }

    /// What a filter may admit of interfaces of a VPC.
    fn admitted_from(&mut self, filter: &Filter, vpc: Option<VpcId>) -> SpaceId {
        let mut admitted = filter.fixed.possible();
        let Some(vpc) = vpc else { return admitted };
        for reference in &filter.references {
            let members = self.ground.members.get(&(reference.group, vpc));
            let members = members.map_or(IpSetId::EMPTY, |members| members.possible());
            let more = self.sets.restrict_space(reference.packets.possible(), members);
            admitted = self.sets.unite_spaces(admitted, more);
        }
        admitted
    }
}

/// The same packets from everyone of the family.
fn anyone(space: &HeaderSpace) -> HeaderSpace {
    let whole = |peers: IpSetId| IpSetId {
        v4: if peers.v4 == SetId::EMPTY { SetId::EMPTY } else { SetId::ALL },
        v6: if peers.v6 == SetId::EMPTY { SetId::EMPTY } else { SetId::ALL },
    };
    let mut all = space.clone();
    for slot in [&mut all.tcp, &mut all.udp, &mut all.icmp, &mut all.icmpv6] {
        for segment in slot {
            segment.peers = whole(segment.peers);
        }
    }
    all.other = whole(all.other);
    for (_, peers) in &mut all.numbered {
        *peers = whole(*peers);
    }
    all
}
