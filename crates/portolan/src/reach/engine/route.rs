//! Route tables as disjoint sets of addresses.
//!
//! The longest prefix decides; between equal ones local, then static, then
//! prefix lists, then propagated routes; a propagated route within a local one
//! never wins (VPC user guide, "Route priority"). What is not known makes a
//! region with several hops: the packet takes one of them.

use std::collections::{BTreeMap, BTreeSet};

use super::remote;
use super::transit::Leg;
use crate::model::{
    Component, Destination, RouteOrigin, RouteState, RouteTable, RouteTarget, VpcEndpointId,
};
use crate::net::{Address, Cidr, IpSet, IpSetId, IpSets, Prefix, RangeSet};

/// Where a packet may go next.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Hop {
    /// No route has the address.
    Nowhere,
    /// A blackhole route.
    Dropped,
    /// To a target, surely or not.
    To {
        /// The target.
        target: RouteTarget,
        /// Whether the route surely works.
        sure: bool,
        /// Whether its destination is a prefix list.
        listed: bool,
    },
    /// Through a firewall.
    Inspected {
        /// Its endpoint.
        endpoint: VpcEndpointId,
        /// Where the router of its subnet sends them: within the VPC, or to its internet
        /// gateway.
        target: RouteTarget,
    },
    /// Through transit gateways.
    Over {
        /// Where they come out.
        leg: Leg,
        /// Where the router there sends them: within the VPC, or to a NAT gateway.
        target: RouteTarget,
        /// Whether all of that surely works.
        sure: bool,
    },
}

/// The number of a road: a route table, with what lies behind transit gateways for the
/// subnets of one zone.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct RoadId(pub(super) usize);

/// All addresses, by where they lead.
#[derive(Clone, Debug)]
pub(crate) enum Routes {
    /// Nothing is known: every address may lead anywhere.
    Unknown,
    /// Disjoint regions with the hops that the packet may take: one, if
    /// everything is known. Together they are all addresses.
    Known(Vec<(Vec<Hop>, IpSetId)>),
}

/// One route to one prefix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<A, H> {
    pub(super) prefix: Prefix<A>,
    pub(super) rank: u8,
    pub(super) hop: H,
}

/// The regions of a table.
pub(crate) fn compile(component: &Component, table: &RouteTable, sets: &mut IpSets) -> Routes {
    if table.contested || table.routes.iter().any(|route| route.destination.is_none()) {
        return Routes::Unknown;
    }
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    // Lists without entries: their routes may win anywhere.
    let mut anywhere = BTreeSet::new();
    for route in &table.routes {
        let listed = matches!(route.destination, Some(Destination::PrefixList(_)));
        let hop = match route.state {
            RouteState::Blackhole => Hop::Dropped,
            RouteState::Active => Hop::To { target: route.target, sure: true, listed },
            RouteState::Unknown => Hop::To { target: route.target, sure: false, listed },
        };
        let rank = |list: bool| match (route.origin, route.target, list) {
            (RouteOrigin::Static, RouteTarget::Local, _) => 0,
            (RouteOrigin::Static, _, false) => 1,
            (RouteOrigin::Static, _, true) => 2,
            (RouteOrigin::Propagated, ..) => 3,
        };
        match route.destination {
            Some(Destination::Ipv4(prefix)) => {
                v4.push(Candidate { prefix, rank: rank(false), hop });
            }
            Some(Destination::Ipv6(prefix)) => {
                v6.push(Candidate { prefix, rank: rank(false), hop });
            }
            Some(Destination::PrefixList(list)) => match &component.prefix_lists[list].entries {
                None => {
                    anywhere.insert(hop);
                }
                Some(entries) => {
                    for &entry in entries.iter() {
                        let rank = rank(true);
                        match entry {
                            Cidr::V4(prefix) => v4.push(Candidate { prefix, rank, hop }),
                            Cidr::V6(prefix) => v6.push(Candidate { prefix, rank, hop }),
                        }
                    }
                }
            },
            None => {}
        }
    }
    let mut regions: BTreeMap<Vec<Hop>, IpSet> = BTreeMap::new();
    for (hops, set) in partition(v4, Hop::Nowhere) {
        regions.entry(hops).or_default().v4 = set;
    }
    for (hops, set) in partition(v6, Hop::Nowhere) {
        regions.entry(hops).or_default().v6 = set;
    }
    let mut merged: BTreeMap<Vec<Hop>, Vec<IpSetId>> = BTreeMap::new();
    for (hops, set) in regions {
        let all: BTreeSet<Hop> = hops.into_iter().chain(anywhere.iter().copied()).collect();
        merged.entry(all.into_iter().collect()).or_default().push(sets.intern(set));
    }
    let mut regions: BTreeMap<Vec<Hop>, Vec<IpSetId>> = BTreeMap::new();
    for (hops, parts) in merged {
        let region = sets.union_all(parts);
        for (hops, part) in remote::divided(component, table.vpc, (hops, region), sets) {
            regions.entry(hops).or_default().push(part);
        }
    }
    Routes::Known(regions.into_iter().map(|(hops, parts)| (hops, sets.union_all(parts))).collect())
}

/// The regions of one family. Every address is in exactly one; to `nowhere` leads
/// what no route holds.
pub(super) fn partition<A: Address, H: Copy + Ord>(
    mut routes: Vec<Candidate<A, H>>,
    nowhere: H,
) -> Vec<(Vec<H>, RangeSet<A>)> {
    let locals: Vec<Prefix<A>> =
        routes.iter().filter(|route| route.rank == 0).map(|route| route.prefix).collect();
    routes.retain(|route| {
        let within = |local: &Prefix<A>| {
            local.length() <= route.prefix.length() && local.contains(route.prefix.first())
        };
        route.rank != 3 || !locals.iter().any(within)
    });
    // Of routes to one prefix the lowest rank counts; equal ones may both win.
    let mut best: BTreeMap<(std::cmp::Reverse<u8>, A), (u8, BTreeSet<H>)> = BTreeMap::new();
    for route in routes {
        let key = (std::cmp::Reverse(route.prefix.length()), route.prefix.first());
        let (rank, hops) = best.entry(key).or_insert_with(|| (route.rank, BTreeSet::new()));
        if route.rank < *rank {
            *rank = route.rank;
            hops.clear();
        }
        if route.rank == *rank {
            hops.insert(route.hop);
        }
    }
    // Longest first: what a longer prefix has is decided.
    let mut undecided = RangeSet::<A>::all();
    let mut regions: BTreeMap<Vec<H>, Vec<(A, A)>> = BTreeMap::new();
    let mut at = best.into_iter().peekable();
    while let Some(((length, first), (_, hops))) = at.next() {
        let mut level = vec![(first, hops)];
        while let Some(((_, first), (_, hops))) = at.next_if(|((next, _), _)| *next == length) {
            level.push((first, hops));
        }
        let mut taken = Vec::with_capacity(level.len());
        for (first, hops) in level {
            let block = RangeSet::range(first, first.block_last(length.0));
            let mine = undecided.intersection(&block);
            regions.entry(hops.into_iter().collect()).or_default().extend(mine.ranges());
            taken.push((first, first.block_last(length.0)));
        }
        undecided = undecided.difference(&RangeSet::from_ranges(taken));
    }
    regions.entry(vec![nowhere]).or_default().extend(undecided.ranges());
    regions.into_iter().map(|(hops, ranges)| (hops, RangeSet::from_ranges(ranges))).collect()
}
