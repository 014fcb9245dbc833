//! Classes: addresses of interfaces to which the same ports are open for the same peers.

use std::net::IpAddr;
use std::sync::Arc;

use super::Engine;
use super::ground::Ground;
use super::sea::{FilterKey, filter_key};
use super::table::SignatureId;
use super::truth::Truth;
use crate::model::{
    Direction, GroupSetId, Interface, InterfaceKind, NetworkInterfaceId, SubnetId, Unlisted, VpcId,
};
use crate::net::IpAddress;

/// What decides about an own address.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Class {
    /// The subnet, which has the ACL and the table.
    pub(crate) subnet: SubnetId,
    /// The groups that are worn.
    pub(crate) groups: GroupSetId,
    /// How they filter.
    pub(crate) key: FilterKey,
    /// The node of a load balancer that it is: its ports are the listeners'.
    pub(crate) balancer: Option<NetworkInterfaceId>,
    /// Which groups are worn is not known.
    pub(crate) contested: bool,
    /// Whether anything may be certain.
    pub(crate) sure: bool,
    /// Whether internet gateways may hand IPv6 in: not with `DenyAllIgwTraffic`.
    pub(crate) online: Truth,
    /// The family.
    pub(crate) v4: bool,
    /// Whether a public address leads here.
    pub(crate) public: bool,
    /// What other interfaces may send to the address.
    pub(crate) sea: SignatureId,
    /// What those of the same subnet may send.
    pub(crate) shore: SignatureId,
}

/// Addresses of one class that an interface holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// Their class.
    pub(crate) class: Class,
    /// The lowest.
    pub(crate) first: IpAddr,
    /// The highest.
    pub(crate) last: IpAddr,
    /// The public address that leads to them.
    pub(crate) public: Option<u32>,
}

impl Engine {
    /// The addresses of an interface by class; none if nothing is there.
    pub(crate) fn held(&mut self, direction: Direction, interface: Interface<'_>) -> Vec<Held> {
        let mut all = Vec::new();
        let balancer = (direction == Direction::Ingress && self.balances(interface.index()))
            .then(|| interface.index());
        let kind =
            if balancer.is_some() { Truth::Yes } else { self.ground.kind(direction, interface) };
        let host = self.ground.host(interface).and(kind);
        if host == Truth::No || !(interface.seen() || interface.unlisted().is_some()) {
            return all;
        }
        let component = Arc::clone(&self.ground.component);
        // What is certain needs the blocks of the VPC.
        let seen = component.vpcs[interface.vpc()].seen;
        let sure = host == Truth::Yes && !interface.contested() && seen;
        let sea = self.sea(direction, interface.vpc());
        let shore = self.shore(direction, interface.subnet());
        let key = filter_key(&component, interface, direction);
        let key = self.met_by_people(key, direction, interface);
        let class = |v4, public, sea, shore| Class {
            subnet: interface.subnet(),
            groups: interface.group_set(),
            key,
            balancer,
            contested: interface.contested(),
            sure,
            online: Ground::online(interface),
            v4,
            public,
            sea,
            shore,
        };
        // Which public address it has, if any, nobody knows.
        let maybe_public = interface.unlisted() == Some(Unlisted::MaybePublic);
        for held in interface.ipv4() {
            let public = held.public.is_some() || maybe_public;
            for (first, last, at_sea) in sea.regions.pieces_v4(held.first, held.last) {
                for (first, last, at_shore) in shore.regions.pieces_v4(first, last) {
                    all.push(Held {
                        class: class(true, public, at_sea, at_shore),
                        first: IpAddr::V4(first.to_ip()),
                        last: IpAddr::V4(last.to_ip()),
                        public: held.public,
                    });
                }
            }
        }
        for held in interface.ipv6() {
            for (first, last, at_sea) in sea.regions.pieces_v6(held.first, held.last) {
                for (first, last, at_shore) in shore.regions.pieces_v6(first, last) {
                    all.push(Held {
                        class: class(false, true, at_sea, at_shore),
                        first: IpAddr::V6(first.to_ip()),
                        last: IpAddr::V6(last.to_ip()),
                        public: None,
                    });
                }
            }
        }
        all
    }

    /// The class of one address of an interface.
    pub(crate) fn class_at(
        &mut self,
        direction: Direction,
        interface: Interface<'_>,
        at: IpAddr,
    ) -> Option<Class> {
        let held = self.held(direction, interface);
        let found = held.into_iter().find(|held| {
            held.first.is_ipv4() == at.is_ipv4() && held.first <= at && at <= held.last
        });
        found.map(|held| held.class)
    }

    /// The VPCs in which the interface's own host holds the address, and
    /// whether it may count as nobody's there: that of a load balancer or the
    /// like is no end at all.
    pub(crate) fn own_vpcs(&self, interface: Interface<'_>, peer: IpAddr) -> Vec<(VpcId, bool)> {
        self.ground
            .own_addresses(interface)
            .into_iter()
            .filter(|own| super::ground::addresses(*own).contains(peer))
            // What another interface holds too may be that one's.
            .filter(|own| !self.sets.contains(self.ground.doubtful[own.vpc()], peer))
            .map(|own| (own.vpc(), own.kind() == InterfaceKind::Host))
            .collect()
    }
}
