//! What records need to know beside the lanes.

use std::collections::BTreeMap;

use super::lane::{Lane, Sender};
use super::part::OwnAddresses;
use super::route::{Hop, Routes};
use super::{Engine, ground};
use crate::model::{
    Interface, InterfaceKind, RouteTableId, RouteTarget, SecurityGroupId, SubnetId, VpcId,
};
use crate::net::{IpSet, IpSetId, PortRange, PortSet, SpaceId};

impl Engine {
    /// The addresses of a host's interfaces, by VPC.
    pub(crate) fn own_address_sets(&mut self, interface: Interface<'_>) -> OwnAddresses {
        let mut own = OwnAddresses::default();
        for interface in self.ground.own_addresses(interface) {
            // What another interface holds too may be that one's.
            let held = self.sets.intern(ground::addresses(interface));
            let held = self.sets.difference(held, self.ground.doubtful[interface.vpc()]);
            let mut add = |own: &mut BTreeMap<VpcId, IpSetId>| {
                let all = own.entry(interface.vpc()).or_default();
                *all = self.sets.union(*all, held);
            };
            add(&mut own.all);
            if interface.kind() == InterfaceKind::Host {
                add(&mut own.as_unheld);
            }
        }
        own
    }

    /// Whether a host's own addresses have the same ports open as addresses of
    /// others and as addresses of nobody, so that nothing has to be done apart.
    pub(crate) fn own_addresses_do_not_matter(&self, lanes: &[Lane], own: &OwnAddresses) -> bool {
        own.all == own.as_unheld
            && own.all.iter().all(|(&vpc, &own)| {
                let set = self.sets.to_set(own);
                let single = set.v4.ranges().iter().all(|(first, last)| first == last)
                    && set.v6.ranges().iter().all(|(first, last)| first == last);
                if !single {
                    return false;
                }
                let v4 = set
                    .v4
                    .ranges()
                    .iter()
                    .map(|&(at, _)| IpSet::single(std::net::IpAddr::V4(at.into())));
                let v6 = set
                    .v6
                    .ranges()
                    .iter()
                    .map(|&(at, _)| IpSet::single(std::net::IpAddr::V6(at.into())));
                v4.chain(v6).filter_map(|one| one.first()).all(|address| {
                    let held = self.profile(lanes, Sender::Held(vpc), address);
                    let unheld = self.profile(lanes, Sender::Unheld(vpc), address);
                    held == unheld
                })
            })
    }

    /// What the lanes of one kind of sender have for one address.
    fn profile(&self, lanes: &[Lane], sender: Sender, address: std::net::IpAddr) -> Profile {
        let mut profile = Profile::default();
        let has = |space: SpaceId| {
            let space = self.sets.space(space);
            let slot = |segments: &[crate::net::Segment]| -> PortSet {
                segments
                    .iter()
                    .filter(|segment| self.sets.contains(segment.peers, address))
                    .map(|segment| segment.ports)
                    .collect()
            };
            let one = |peers: IpSetId| -> PortSet {
                let there = self.sets.contains(peers, address);
                if there { PortRange::ALL.into() } else { PortSet::empty() }
            };
            let mut all =
                vec![slot(&space.tcp), slot(&space.udp), slot(&space.icmp), slot(&space.icmpv6)];
            all.push(one(space.other));
            all.extend(space.numbered.iter().map(|&(_, peers)| one(peers)));
            all
        };
        for lane in lanes.iter().filter(|lane| lane.sender == sender) {
            let forward = (has(lane.forward.certain()), has(lane.forward.possible()));
            if forward.1.iter().all(PortSet::is_empty) {
                continue;
            }
            let reply = (has(lane.reply.certain()), has(lane.reply.possible()));
            profile.0.push((forward, reply));
        }
        profile.0.sort();
        profile.0.dedup();
        profile
    }

    /// The addresses of a group's members in all VPCs.
    pub(crate) fn members_of(&mut self, group: SecurityGroupId) -> IpSetId {
        let first = (group, <VpcId as crate::model::Id>::from_index(0));
        let all: Vec<IpSetId> = self
            .ground
            .members
            .range(first..)
            .take_while(|((of, _), _)| *of == group)
            .map(|(_, members)| members.possible())
            .collect();
        self.sets.union_all(all)
    }

    /// The addresses of a subnet: its block and what its interfaces hold.
    pub(crate) fn beside(&mut self, subnet: SubnetId) -> IpSetId {
        let held = self.ground.held_in_subnet[subnet];
        let facts = &self.ground.component.subnets[subnet];
        let block = IpSet {
            v4: facts.ipv4.iter().copied().collect(),
            v6: facts.ipv6.iter().copied().collect(),
        };
        let block = self.sets.intern(block);
        self.sets.union(held, block)
    }

    /// The targets to which a table sends some of the peers within a region, each
    /// with the part of the region that goes there.
    pub(crate) fn targets(
        &mut self,
        table: RouteTableId,
        within: IpSetId,
        peers: IpSetId,
    ) -> Vec<(RouteTarget, IpSetId)> {
        let mut all: Vec<(RouteTarget, IpSetId)> = Vec::new();
        let Self { ground, sets, .. } = self;
        let Routes::Known(regions) = &ground.routes[table] else { return all };
        for (hops, region) in regions {
            let here = sets.intersection(*region, within);
            if !sets.intersects(here, peers) {
                continue;
            }
            for hop in hops {
                let Hop::To { target, .. } = *hop else { continue };
                match all.iter_mut().find(|(known, _)| *known == target) {
                    Some((_, known)) => *known = sets.union(*known, here),
                    None => all.push((target, here)),
                }
            }
        }
        all
    }
}

type Slots = (Vec<PortSet>, Vec<PortSet>);

/// Ports by slot, forward and reply, certain and possible, of each lane.
#[derive(Default, Eq, PartialEq)]
struct Profile(Vec<(Slots, Slots)>);
