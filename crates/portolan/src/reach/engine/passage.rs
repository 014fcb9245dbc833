//! Where routes lead: to which addresses of a VPC, of the network, of the
//! internet, and how what they carry looks to the receiver's groups.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::route::{Hop, RoadId, Routes};
use super::transit::Leg;
use super::truth::Truth;
use crate::model::{
    NatGatewayId, NatState, PeeringStatus, RouteTarget, VpcEndpointId, VpcEndpointKind, VpcId,
    VpcPeeringConnectionId,
};
use crate::net::{Bounds, IpSet, IpSetId, IpSets, Ipv6Set};

/// One thing for each way on which a packet comes to a receiver of the estate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ByWay<T> {
    /// Within the VPC or over peering, references to groups hold.
    pub(crate) direct: T,
    /// Over peering, references to groups do not hold.
    pub(crate) bare: T,
    /// Through what is not modelled (a transit gateway): a reference may hold.
    pub(crate) dark: T,
    /// Through an interface that forwards: it may translate, and references
    /// may hold or see the relay.
    pub(crate) relay: T,
    /// IPv6 out through one internet gateway and in through another.
    pub(crate) internet: T,
    /// IPv6 out through an egress-only internet gateway, in through an internet gateway.
    pub(crate) egress_only: T,
}

impl<T> ByWay<T> {
    pub(crate) fn as_array(&self) -> [&T; 6] {
        let Self { direct, bare, dark, relay, internet, egress_only } = self;
        [direct, bare, dark, relay, internet, egress_only]
    }
}

/// Addresses of a VPC to which transit gateways lead.
#[derive(Clone, Debug)]
pub(crate) struct Over {
    /// The ways: one, or several of which one is taken. Of several only what passes
    /// on all of them is meant; each of them is there by itself too.
    pub(crate) legs: Vec<Leg>,
    /// The addresses.
    pub(crate) at: Bounds,
}

/// The addresses of a VPC that a road leads to.
#[derive(Clone, Debug)]
pub(crate) struct Passages {
    /// By way.
    pub(crate) ways: ByWay<Bounds>,
    /// Through transit gateways.
    pub(crate) over: Vec<Over>,
    /// Through firewalls, within the VPC.
    pub(crate) inspected: BTreeMap<VpcEndpointId, IpSetId>,
}

impl Passages {
    pub(crate) fn is_empty(&self) -> bool {
        self.over.is_empty()
            && self.inspected.is_empty()
            && self.ways.as_array().iter().all(|at| at.is_empty())
    }
}

/// The addresses to which a hop leads in some way.
struct Leads {
    way: Way,
    at: Bounds,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Way {
    Direct,
    Dark,
    Relay,
    Internet,
    EgressOnly,
}

impl Ground {
    /// The addresses of `to` that a table of `from` leads to, by way.
    pub(crate) fn passages(
        &self,
        road: Option<RoadId>,
        from: VpcId,
        to: VpcId,
        sets: &mut IpSets,
    ) -> Passages {
        let nothing = ByWay {
            direct: Bounds::EMPTY,
            bare: Bounds::EMPTY,
            dark: Bounds::EMPTY,
            relay: Bounds::EMPTY,
            internet: Bounds::EMPTY,
            egress_only: Bounds::EMPTY,
        };
        let Some(regions) = self.road_regions(road) else {
            // Of an IPv6 packet on an unknown way the internet is one.
            let online = Bounds::at_most(IpSetId::ALL_V6);
            let egress_only = if from == to { Bounds::EMPTY } else { online };
            let ways = ByWay { dark: Bounds::UNKNOWN, egress_only, ..nothing };
            return Passages { ways, over: Vec::new(), inspected: BTreeMap::new() };
        };
        let mut ways = nothing;
        let mut over: BTreeMap<Vec<Leg>, Bounds> = BTreeMap::new();
        let mut inspected: BTreeMap<VpcEndpointId, IpSetId> = BTreeMap::new();
        for (hops, region) in regions {
            if let [Hop::Inspected { endpoint, target: RouteTarget::Local }] = *hops.as_slice()
                && from == to
            {
                let known = inspected.entry(endpoint).or_insert(IpSetId::EMPTY);
                *known = sets.union(*known, *region);
                continue;
            }
            self.legs(hops, *region, to, &mut over, sets);
            let by_hop: Vec<Vec<Leads>> =
                hops.iter().map(|hop| self.leads(hop, from, to, sets)).collect();
            for lead in by_hop.iter().flatten() {
                // Certain is only what every hop surely takes, and in this way; whoever
                // may leave by an internet gateway may by an egress-only one.
                let as_sure = |other: Way| {
                    other == lead.way || (lead.way, other) == (Way::Internet, Way::EgressOnly)
                };
                let mut certain = sets.intersection(lead.at.certain(), *region);
                for hop in &by_hop {
                    let alike = hop.iter().filter(|other| as_sure(other.way));
                    let alike = sets.union_all(alike.map(|other| other.at.certain()));
                    certain = sets.intersection(certain, alike);
                }
                let possible = sets.intersection(lead.at.possible(), *region);
                let at = Bounds::between(certain, possible, sets);
                let slot = match (lead.way, self.references_hold(from, to)) {
                    (Way::Direct, Truth::Yes) => &mut ways.direct,
                    (Way::Direct, Truth::No) => &mut ways.bare,
                    (Way::Direct, Truth::Maybe) => {
                        let perhaps = Bounds::at_most(at.possible());
                        ways.direct = ways.direct.union(&perhaps, sets);
                        &mut ways.bare
                    }
                    (Way::Dark, _) => &mut ways.dark,
                    (Way::Relay, _) => &mut ways.relay,
                    (Way::Internet, _) => &mut ways.internet,
                    (Way::EgressOnly, _) => &mut ways.egress_only,
                };
                *slot = slot.union(&at, sets);
            }
        }
        let over = over.into_iter().map(|(legs, at)| Over { legs, at }).collect();
        Passages { ways, over, inspected }
    }

    /// The ways through transit gateways to a VPC for one region of a road.
    fn legs(
        &self,
        hops: &[Hop],
        region: IpSetId,
        to: VpcId,
        over: &mut BTreeMap<Vec<Leg>, Bounds>,
        sets: &mut IpSets,
    ) {
        let mut legs = Vec::new();
        let mut all = true;
        for hop in hops {
            match *hop {
                Hop::Over { leg, target: RouteTarget::Local, sure } if leg.vpc == to => {
                    all &= sure;
                    legs.push(leg);
                }
                Hop::Over { .. }
                | Hop::Inspected { .. }
                | Hop::To { .. }
                | Hop::Nowhere
                | Hop::Dropped => all = false,
            }
        }
        let mut add = |legs: Vec<Leg>, at: Bounds| {
            let known = over.entry(legs).or_insert(Bounds::EMPTY);
            *known = known.union(&at, sets);
        };
        if all && !legs.is_empty() {
            add(legs.clone(), Bounds::exact(region));
        }
        if !all || legs.len() > 1 {
            for leg in legs {
                add(vec![leg], Bounds::at_most(region));
            }
        }
    }

    /// Whether references to groups hold between VPCs that something joins.
    pub(crate) fn references_hold(&self, from: VpcId, to: VpcId) -> Truth {
        let regions = [from, to].map(|vpc| self.component.vpcs[vpc].region);
        match regions {
            _ if from == to => Truth::Yes,
            [one, other] if one.is_empty() || other.is_empty() => Truth::Maybe,
            [one, other] => (one == other).into(),
        }
    }

    fn leads(&self, hop: &Hop, from: VpcId, to: VpcId, sets: &mut IpSets) -> Vec<Leads> {
        if let Some(nat) = translator(hop) {
            let at = Bounds::at_most(self.translated_elsewhere(nat, sets));
            return if at.is_empty() { Vec::new() } else { vec![Leads { way: Way::Dark, at }] };
        }
        let Hop::To { target, sure, .. } = *hop else { return Vec::new() };
        let certainty = if sure { Truth::Yes } else { Truth::Maybe };
        let lead = |way, truth: Truth, at: Bounds| Leads { way, at: truth.and(certainty).of(&at) };
        let mut leads = match target {
            RouteTarget::Local if from == to => vec![lead(Way::Direct, Truth::Yes, Bounds::ALL)],
            RouteTarget::VpcPeeringConnection(peering) => {
                let (truth, at) = self.peering(peering, from, to);
                vec![lead(Way::Direct, truth, at)]
            }
            RouteTarget::NetworkInterface(relay) => {
                let at = Bounds::at_most(self.relayed(relay));
                let relay = self.component.interface(relay);
                let own = match relay.vpc() == to && relay.seen() {
                    true => sets.intern(super::ground::addresses(relay)),
                    false => IpSetId::EMPTY,
                };
                let at = at.minus(&Bounds::exact(own), sets);
                vec![
                    lead(Way::Direct, Truth::Yes, Bounds::exact(own)),
                    lead(Way::Relay, Truth::Maybe, at),
                ]
            }
            RouteTarget::InternetGateway(gateway) if from != to => {
                let at = Bounds::exact(IpSetId::ALL_V6);
                vec![lead(Way::Internet, self.gateway_at(gateway, from), at)]
            }
            RouteTarget::EgressOnlyInternetGateway(gateway) if from != to => {
                let at = Bounds::exact(IpSetId::ALL_V6);
                vec![lead(Way::EgressOnly, self.egress_only_at(gateway, from), at)]
            }
            dark if self.is_dark(dark) => vec![lead(Way::Dark, Truth::Maybe, Bounds::UNKNOWN)],
            RouteTarget::Local
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => Vec::new(),
        };
        leads.retain(|lead| !lead.at.is_empty());
        leads
    }

    /// Whether the target is one that we do not model.
    pub(super) fn is_dark(&self, target: RouteTarget) -> bool {
        match target {
            RouteTarget::TransitGateway(_) | RouteTarget::VpnGateway(_) | RouteTarget::Other(_) => {
                true
            }
            RouteTarget::VpcEndpoint(endpoint) => {
                self.component.vpc_endpoints[endpoint].kind != VpcEndpointKind::Gateway
            }
            RouteTarget::Local
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_) => false,
        }
    }

    /// Whether a peering carries packets from one VPC to the other, and to which
    /// addresses.
    fn peering(&self, id: VpcPeeringConnectionId, from: VpcId, to: VpcId) -> (Truth, Bounds) {
        let peering = &self.component.peerings[id];
        // Which VPCs it joins is not known.
        if !peering.seen {
            return (Truth::Maybe, Bounds::UNKNOWN);
        }
        let joins = |side: Option<VpcId>, vpc: VpcId| match side {
            Some(known) => Truth::from(known == vpc),
            None => Truth::Maybe,
        };
        let (requester, accepter) = (&peering.requester, &peering.accepter);
        let fit = |near: Option<VpcId>, far: Option<VpcId>| joins(near, from).and(joins(far, to));
        let ends = [(requester, accepter), (accepter, requester)];
        let best = ends.into_iter().max_by_key(|(near, far)| fit(near.vpc, far.vpc));
        let Some((near, far)) = best.filter(|_| from != to) else {
            return (Truth::No, Bounds::EMPTY);
        };
        let works = match peering.status {
            PeeringStatus::Active => Truth::Yes,
            PeeringStatus::Inactive => Truth::No,
            PeeringStatus::Unknown => Truth::Maybe,
        };
        (fit(near.vpc, far.vpc).and(works), self.peering_blocks(far, to))
    }

    fn peering_blocks(&self, side: &crate::model::PeeringSide, vpc: VpcId) -> Bounds {
        match (self.side_blocks.get(&blocks_of(side)), self.component.vpcs[vpc].seen) {
            (Some(&blocks), _) if !blocks.is_empty() => Bounds::exact(blocks),
            (_, true) => Bounds::exact(self.blocks[vpc]),
            (_, false) => Bounds::UNKNOWN,
        }
    }

    /// The addresses of `to` that answers from `from` reach: to packets that came
    /// privately, and to those that came over the internet. IPv6 keeps its
    /// addresses, so an answer may come home another way than its packet took;
    /// nobody says that it does.
    pub(crate) fn ways_back(
        &self,
        road: Option<RoadId>,
        from: VpcId,
        to: VpcId,
        sets: &mut IpSets,
    ) -> (Bounds, Bounds) {
        let Passages { ways, inspected, .. } = self.passages(road, from, to, sets);
        let direct = ways.direct.union(&ways.bare, sets);
        // An egress-only gateway lets out only what began inside.
        let ByWay { direct: a, bare: b, dark: c, relay: d, internet: e, .. } = ways;
        let possible = [a, b, c, d, e].map(|at| at.possible());
        // Nor is it said what a firewall does that sees one direction only.
        let possible = possible.into_iter().chain(inspected.into_values());
        let all = Bounds::at_most(sets.union_all(possible));
        (direct.union(&all, sets), ways.internet.union(&all, sets))
    }

    /// The addresses to which answers leave through an internet gateway of the
    /// VPC; with `others` also those that may leave unseen.
    pub(crate) fn internet_back(
        &self,
        road: Option<RoadId>,
        vpc: VpcId,
        others: bool,
        sets: &mut IpSets,
    ) -> Bounds {
        let Some(regions) = self.road_regions(road) else { return Bounds::UNKNOWN };
        let mut all = Bounds::EMPTY;
        for (hops, region) in regions {
            let (mut certain, mut possible) = (*region, IpSetId::EMPTY);
            for hop in hops {
                let at = match *hop {
                    Hop::To { target: RouteTarget::InternetGateway(gateway), sure, .. } => {
                        let sure = if sure { Truth::Yes } else { Truth::Maybe };
                        self.gateway_at(gateway, vpc).and(sure).of(&Bounds::ALL)
                    }
                    Hop::To { target: RouteTarget::NetworkInterface(relay), .. } if others => {
                        Bounds::at_most(self.relayed(relay))
                    }
                    Hop::To { target, .. } if others && self.is_dark(target) => Bounds::UNKNOWN,
                    // Whether an endpoint carries answers to somebody who came
                    // through an internet gateway is not documented.
                    Hop::To { target: RouteTarget::VpcEndpoint(_), .. } if others => {
                        Bounds::UNKNOWN
                    }
                    Hop::Inspected { target, .. } if others && target != RouteTarget::Local => {
                        Bounds::UNKNOWN
                    }
                    Hop::To { .. }
                    | Hop::Over { .. }
                    | Hop::Inspected { .. }
                    | Hop::Nowhere
                    | Hop::Dropped => Bounds::EMPTY,
                };
                certain = sets.intersection(certain, at.certain());
                possible = sets.union(possible, at.possible());
            }
            let possible = sets.intersection(possible, *region);
            let at = Bounds::between(certain, possible, sets);
            all = all.union(&at, sets);
        }
        all
    }

    /// The addresses beyond everything that was seen to which the table may
    /// lead: on-premises, other VPCs. Blocks of seen VPCs are not taken out.
    pub(crate) fn network_set(
        &self,
        road: Option<RoadId>,
        vpc: VpcId,
        sets: &mut IpSets,
    ) -> IpSetId {
        let Some(regions) = self.road_regions(road) else { return IpSetId::ALL };
        let mut all = Vec::new();
        for (hops, region) in regions {
            for hop in hops {
                let target = match *hop {
                    Hop::To { target, .. } => target,
                    // Of a VPC that was not seen we know no block.
                    Hop::Over { leg, .. } if !self.component.vpcs[leg.vpc].seen => {
                        all.push(*region);
                        continue;
                    }
                    Hop::Over { .. } | Hop::Inspected { .. } | Hop::Nowhere | Hop::Dropped => {
                        continue;
                    }
                };
                let at = match target {
                    RouteTarget::NetworkInterface(relay) => self.relayed(relay),
                    RouteTarget::VpcPeeringConnection(peering) => self.unseen_peer(peering, vpc),
                    // Of a VPC that was not seen we know no block.
                    RouteTarget::Local if !self.component.vpcs[vpc].seen => IpSetId::ALL,
                    dark if self.is_dark(dark) => IpSetId::ALL,
                    RouteTarget::Local
                    | RouteTarget::InternetGateway(_)
                    | RouteTarget::EgressOnlyInternetGateway(_)
                    | RouteTarget::NatGateway(_)
                    | RouteTarget::VpcEndpoint(_)
                    | RouteTarget::TransitGateway(_)
                    | RouteTarget::VpnGateway(_)
                    | RouteTarget::Other(_) => continue,
                };
                all.push(sets.intersection(at, *region));
            }
        }
        sets.union_all(all)
    }

    /// The addresses that may leave the VPC for somewhere unseen or the internet.
    pub(crate) fn beyond(&self, road: Option<RoadId>, vpc: VpcId, sets: &mut IpSets) -> IpSetId {
        let Some(regions) = self.road_regions(road) else { return IpSetId::ALL };
        let leaves = |hop: &Hop| match *hop {
            Hop::To { target: RouteTarget::InternetGateway(id), .. } => {
                self.gateway_at(id, vpc) != Truth::No
            }
            Hop::To { target: RouteTarget::EgressOnlyInternetGateway(id), .. } => {
                self.egress_only_at(id, vpc) != Truth::No
            }
            Hop::To { target: RouteTarget::NetworkInterface(_), .. } => true,
            Hop::To { target, .. } => self.is_dark(target),
            Hop::Over { leg, .. } => !self.component.vpcs[leg.vpc].seen,
            Hop::Inspected { target, .. } => target != RouteTarget::Local,
            Hop::Nowhere | Hop::Dropped => false,
        };
        let far = regions.iter().filter(|(hops, _)| hops.iter().any(leaves));
        let far: Vec<IpSetId> = far.map(|&(_, region)| region).collect();
        sets.union_all(far)
    }

    /// The IPv4 hosts that a NAT gateway may give IPv6 senders: the well-known
    /// prefix 64:ff9b::/96, as far as the table leads it to one.
    pub(crate) fn nat64_set(&self, road: Option<RoadId>, sets: &mut IpSets) -> IpSetId {
        let Some(regions) = self.road_regions(road) else { return IpSetId::EMPTY };
        let first = 0x64_ff9b_u128 << 96;
        let prefix = IpSet { v6: Ipv6Set::range(first, first | 0xffff_ffff), ..IpSet::default() };
        let prefix = sets.intern(prefix);
        let leads = |hops: &[Hop]| {
            hops.iter().any(|hop| matches!(hop, Hop::To { target: RouteTarget::NatGateway(_), .. }))
        };
        let all: Vec<IpSetId> = regions
            .iter()
            .filter(|(hops, _)| leads(hops))
            .map(|(_, region)| sets.intersection(prefix, *region))
            .collect();
        sets.union_all(all)
    }

    /// The addresses outside the internet to which NAT gateways of a road may pass packets on.
    pub(crate) fn translated_set(&self, road: Option<RoadId>, sets: &mut IpSets) -> IpSetId {
        let Some(regions) = self.road_regions(road) else { return IpSetId::EMPTY };
        let mut all = Vec::new();
        for (hops, region) in regions {
            for nat in hops.iter().filter_map(translator) {
                let at = self.translated_elsewhere(nat, sets);
                all.push(sets.intersection(at, *region));
            }
        }
        sets.union_all(all)
    }

    /// The IPv4 addresses that the table of a NAT gateway's subnet leads to elsewhere than
    /// over an internet gateway.
    fn translated_elsewhere(&self, nat: NatGatewayId, sets: &mut IpSets) -> IpSetId {
        let nat = &self.component.nat_gateways[nat];
        if nat.state == NatState::Gone {
            return IpSetId::EMPTY;
        }
        let table = nat.subnet.and_then(|subnet| self.sites[subnet].table);
        let Some(Routes::Known(regions)) = table.map(|table| &self.routes[table]) else {
            return IpSetId::ALL_V4;
        };
        let leads = |hop: &Hop| match *hop {
            Hop::To { target, .. } => match target {
                RouteTarget::InternetGateway(_)
                | RouteTarget::EgressOnlyInternetGateway(_)
                | RouteTarget::NatGateway(_) => false,
                RouteTarget::VpcEndpoint(_) => self.is_dark(target),
                RouteTarget::Local
                | RouteTarget::VpcPeeringConnection(_)
                | RouteTarget::NetworkInterface(_)
                | RouteTarget::TransitGateway(_)
                | RouteTarget::VpnGateway(_)
                | RouteTarget::Other(_) => true,
            },
            Hop::Over { .. } | Hop::Inspected { .. } => true,
            Hop::Nowhere | Hop::Dropped => false,
        };
        let far = regions.iter().filter(|(hops, _)| hops.iter().any(leads));
        let far: Vec<IpSetId> = far.map(|&(_, region)| region).collect();
        let far = sets.union_all(far);
        sets.intersection(far, IpSetId::ALL_V4)
    }

    /// The addresses behind a peering whose other side was not seen.
    pub(crate) fn unseen_peer(&self, id: VpcPeeringConnectionId, vpc: VpcId) -> IpSetId {
        let peering = &self.component.peerings[id];
        if !peering.seen {
            return IpSetId::ALL;
        }
        if peering.status == PeeringStatus::Inactive {
            return IpSetId::EMPTY;
        }
        let far = match (peering.requester.vpc, peering.accepter.vpc) {
            (Some(near), _) if near == vpc => &peering.accepter,
            (_, Some(near)) if near == vpc => &peering.requester,
            _ => return IpSetId::EMPTY,
        };
        if far.vpc.is_some_and(|vpc| self.component.vpcs[vpc].seen) {
            return IpSetId::EMPTY;
        }
        match self.side_blocks.get(&blocks_of(far)) {
            Some(&blocks) if !blocks.is_empty() => blocks,
            Some(_) | None => IpSetId::ALL,
        }
    }

    /// Interns the blocks of all peerings' sides.
    pub(crate) fn find_side_blocks(&mut self, sets: &mut IpSets) {
        for peering in self.component.peerings.iter() {
            for side in [&peering.requester, &peering.accepter] {
                let blocks = blocks_of(side);
                let id = sets.intern(blocks.clone());
                self.side_blocks.insert(blocks, id);
            }
        }
    }
}

fn blocks_of(side: &crate::model::PeeringSide) -> IpSet {
    IpSet { v4: side.ipv4.iter().copied().collect(), v6: side.ipv6.iter().copied().collect() }
}

/// The NAT gateway to which a hop leads.
fn translator(hop: &Hop) -> Option<NatGatewayId> {
    match *hop {
        Hop::To { target: RouteTarget::NatGateway(nat), .. }
        | Hop::Over { target: RouteTarget::NatGateway(nat), .. } => Some(nat),
        Hop::To { .. } | Hop::Over { .. } | Hop::Inspected { .. } | Hop::Nowhere | Hop::Dropped => {
            None
        }
    }
}
