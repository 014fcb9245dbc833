//! The way out of a component, and as whom the far side sees who takes it.
//!
//! A lane says what an interface may exchange with destinations outside. Of IPv4 on the
//! internet the far side sees another address than the sender's own: the public one that
//! an internet gateway puts in its place, or a NAT gateway's. Who goes on from host to
//! host needs it, since the far side may be a host of the estate at its public address.

use super::Engine;
use super::class::Class;
use super::lane::{Lane, Sender};
use super::route::Hop;
use super::sea::restrict;
use crate::model::RouteTarget;
use crate::net::{Bounds, IpSetId};
use crate::record::Audience;

/// As whom the far side sees a sender.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum SeenAs {
    /// At the address that it has.
    Itself,
    /// At the public address that leads to that.
    Public,
    /// At one of these public addresses: a NAT gateway's.
    Translated(Vec<u32>),
    /// That is not known.
    Anyone,
}

/// What a class may exchange with the world outside in one way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Away {
    /// What is outside there.
    pub(crate) audience: Audience,
    /// As whom it sees the sender; with several, one of them.
    pub(crate) seen_as: Vec<SeenAs>,
    /// The packets.
    pub(crate) lanes: Vec<Lane>,
}

impl Engine {
    /// What a class that opens connections may exchange outside of the component.
    pub(crate) fn away(&mut self, class: &Class, lanes: &[Lane]) -> Vec<Away> {
        let outside = lanes.iter().filter(|lane| lane.sender == Sender::Outside).copied();
        let (internet, others): (Vec<Lane>, Vec<Lane>) =
            outside.partition(|lane| lane.audience == Audience::Internet && class.v4);
        let mut all: Vec<Away> = Vec::new();
        for audience in [Audience::Internet, Audience::Network, Audience::Estate] {
            let lanes: Vec<Lane> =
                others.iter().filter(|lane| lane.audience == audience).copied().collect();
            if !lanes.is_empty() {
                all.push(Away { audience, seen_as: vec![SeenAs::Itself], lanes });
            }
        }
        if internet.is_empty() {
            return all;
        }
        let road = self.ground.sites[class.subnet].road;
        let known = self.ground.road_regions(road).map(<[_]>::to_vec);
        let unknown = vec![(Vec::new(), IpSetId::ALL)];
        for (hops, region) in known.unwrap_or(unknown) {
            let mut seen_as: Vec<SeenAs> = hops.iter().map(|hop| self.seen_as(hop)).collect();
            seen_as.sort();
            seen_as.dedup();
            if seen_as.is_empty() {
                seen_as.push(SeenAs::Anyone);
            }
            let mut there = Vec::new();
            for lane in &internet {
                let forward = restrict(lane.forward, Bounds::exact(region), &mut self.sets);
                if !forward.is_empty() {
                    there.push(Lane { forward, ..*lane });
                }
            }
            if there.is_empty() {
                continue;
            }
            match all
                .iter_mut()
                .find(|it| it.audience == Audience::Internet && it.seen_as == seen_as)
            {
                Some(known) => known.lanes.extend(there),
                None => all.push(Away { audience: Audience::Internet, seen_as, lanes: there }),
            }
        }
        all
    }

    fn seen_as(&self, hop: &Hop) -> SeenAs {
        let (Hop::To { target, .. } | Hop::Over { target, .. } | Hop::Inspected { target, .. }) =
            hop
        else {
            return SeenAs::Anyone;
        };
        match *target {
            RouteTarget::InternetGateway(_) => SeenAs::Public,
            RouteTarget::NatGateway(nat) => {
                let addresses = &self.ground.component.nat_gateways[nat].addresses;
                let public: Vec<u32> = addresses.iter().filter_map(|it| it.public).collect();
                if public.is_empty() { SeenAs::Anyone } else { SeenAs::Translated(public) }
            }
            RouteTarget::Local
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => SeenAs::Anyone,
        }
    }
}
