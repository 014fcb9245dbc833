//! Peers of other VPCs over the IPv6 internet, as far as self's side alone says:
//! addresses that no interface holds, and whatever components of their own hold.
//!
//! An IPv6 address of a VPC is routed everywhere, and the answer may come home
//! another way than its packet took. Whether the other VPC has a way out is not
//! looked at, so nothing here is more than possible.

use super::Engine;
use super::lane::{Lane, Own, Seen};
use super::truth::Truth;
use crate::model::{Direction, VpcId};
use crate::net::IpSetId;
use crate::record::Audience;

impl Own<'_> {
    /// Peers of other VPCs who may come over the IPv6 internet, and those whom
    /// answers may reach there.
    pub(super) fn online_peers(&self, engine: &mut Engine) -> (IpSetId, IpSetId) {
        let nobody = (IpSetId::EMPTY, IpSetId::EMPTY);
        if self.class.v4 || self.direction == Direction::Egress {
            return nobody;
        }
        if self.arrives(engine) == Truth::No {
            return nobody;
        }
        let back = engine.internet_back(self.site.road, self.vpc(), true);
        let own = engine.ground.blocks[self.vpc()];
        let sets = &mut engine.sets;
        // Those of the VPC itself are spoofed.
        let online = sets.difference(IpSetId::ALL_V6, own);
        (online, back.possible().only_v6())
    }

    /// Peers of another VPC to whom the subnet's table leads over the IPv6 internet.
    pub(super) fn online_to(&self, engine: &mut Engine, other: VpcId) -> (IpSetId, IpSetId) {
        if self.class.v4 {
            return (IpSetId::EMPTY, IpSetId::EMPTY);
        }
        let ways = engine.passages(self.site.road, self.vpc(), other).ways;
        let sets = &mut engine.sets;
        let internet = self.site.outbound.of(&ways.internet);
        let egress_only = self.site.translated.of(&ways.egress_only);
        let all = sets.union(internet.possible(), egress_only.possible());
        (all, all)
    }

    /// Seen VPCs that nothing joins to this component but what is not modelled, and
    /// the internet. Neither their filters nor who holds an address is looked at here,
    /// so they are possible at most, all of their blocks. (Which addresses of a /64 are
    /// held is a list without end.)
    pub(super) fn elsewhere(
        &self,
        engine: &mut Engine,
        (online, answered): (IpSetId, IpSetId),
        lanes: &mut Vec<Lane>,
    ) {
        let beyond = engine.network_set(self.site.road, self.vpc());
        let translated = engine.ground.translated_set(self.site.road, &mut engine.sets);
        let beyond = engine.sets.union(beyond, translated);
        let (online, answered) = match self.direction {
            Direction::Ingress => (online, answered),
            Direction::Egress if self.class.v4 => (IpSetId::EMPTY, IpSetId::EMPTY),
            Direction::Egress => {
                let out = engine.beyond(self.site.road, self.vpc()).only_v6();
                (out, out)
            }
        };
        let elsewhere = engine.ground.elsewhere;
        let sets = &mut engine.sets;
        let privately = sets.intersection(beyond, elsewhere);
        let online = sets.intersection(online, elsewhere);
        // Self's table does not say which way a peer came, only where answers go.
        let answered = sets.union(beyond, answered);
        let answered = sets.intersection(answered, elsewhere);
        let audience = Audience::Estate;
        self.strangers(engine, (privately, answered), (Seen::Network, audience), lanes);
        self.strangers(engine, (online, answered), (Seen::Internet, audience), lanes);
    }
}
