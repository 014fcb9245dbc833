//! Where routes lead: to which addresses of a VPC, of the network, of the
//! internet, and how what they carry looks to the receiver's groups.

use super::ground::Ground;
use super::route::{Hop, Routes};
use super::truth::Truth;
use crate::model::{
    PeeringStatus, RouteTableId, RouteTarget, VpcEndpointKind, VpcId, VpcPeeringConnectionId,
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
    /// IPv6 out through an egress-only internet gateway and in through an
    /// internet gateway.
    pub(crate) egress_only: T,
}

impl<T> ByWay<T> {
    pub(crate) fn as_array(&self) -> [&T; 6] {
        [&self.direct, &self.bare, &self.dark, &self.relay, &self.internet, &self.egress_only]
    }

    pub(crate) fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> ByWay<U> {
        ByWay {
            direct: f(&self.direct),
            bare: f(&self.bare),
            dark: f(&self.dark),
            relay: f(&self.relay),
            internet: f(&self.internet),
            egress_only: f(&self.egress_only),
        }
    }
}

/// The addresses of a region from which a hop leads somewhere.
struct Leads {
    way: Way,
    at: Bounds,
    references: Truth,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Way {
    Direct,
    Dark,
    Relay,
    Internet,
    EgressOnly,
}

impl Ground<'_> {
    fn regions(&self, table: Option<RouteTableId>) -> Option<&[(Vec<Hop>, IpSetId)]> {
        match &self.routes[table?] {
            Routes::Unknown => None,
            Routes::Known(regions) => Some(regions),
        }
    }

    /// The addresses of `to` that a table of `from` leads to, by way.
    pub(crate) fn passages(
        &self,
        table: Option<RouteTableId>,
        from: VpcId,
        to: VpcId,
        sets: &mut IpSets,
    ) -> ByWay<Bounds> {
        let nothing = ByWay {
            direct: Bounds::EMPTY,
            bare: Bounds::EMPTY,
            dark: Bounds::EMPTY,
            relay: Bounds::EMPTY,
            internet: Bounds::EMPTY,
            egress_only: Bounds::EMPTY,
        };
        let Some(regions) = self.regions(table) else {
            let online = Bounds::at_most(IpSetId::ALL_V6);
            let egress_only = if from == to { Bounds::EMPTY } else { online };
            return ByWay { dark: Bounds::UNKNOWN, egress_only, ..nothing };
        };
        let mut ways = nothing;
        for (hops, region) in regions {
            let leads: Vec<Option<Leads>> =
                hops.iter().map(|hop| self.lead(hop, from, to, sets)).collect();
            // A hop that fails, or one of another way, leaves nothing certain.
            let mut sure = *region;
            let mut references = Truth::Yes;
            let mut one_way = None;
            for lead in &leads {
                match lead {
                    Some(lead) if one_way.is_none_or(|way| way == lead.way) => {
                        one_way = Some(lead.way);
                        sure = sets.intersection(sure, lead.at.certain());
                        references = references.and(lead.references);
                    }
                    Some(_) | None => sure = IpSetId::EMPTY,
                }
            }
            for lead in leads.iter().flatten() {
                let possible = sets.intersection(lead.at.possible(), *region);
                let certain = if one_way == Some(lead.way) { sure } else { IpSetId::EMPTY };
                let at = Bounds::between(certain, possible, sets);
                let mut add = |slot: &mut Bounds, at: Bounds| *slot = slot.union(&at, sets);
                match lead.way {
                    Way::Direct => match (references, lead.references) {
                        (Truth::Yes, Truth::Yes) => add(&mut ways.direct, at),
                        (_, Truth::No) => add(&mut ways.bare, at),
                        _ => {
                            add(&mut ways.bare, at);
                            add(&mut ways.direct, Bounds::at_most(at.possible()));
                        }
                    },
                    Way::Dark => add(&mut ways.dark, at),
                    Way::Relay => add(&mut ways.relay, at),
                    Way::Internet => add(&mut ways.internet, at),
                    Way::EgressOnly => add(&mut ways.egress_only, at),
                }
            }
        }
        ways
    }

    fn lead(&self, hop: &Hop, from: VpcId, to: VpcId, sets: &mut IpSets) -> Option<Leads> {
        let Hop::To { target, sure } = *hop else { return None };
        let certainty = if sure { Truth::Yes } else { Truth::Maybe };
        let leads = |way, truth: Truth, at: Bounds| {
            let at = truth.and(certainty).of(&at);
            (!at.is_empty()).then_some(Leads { way, at, references: Truth::Yes })
        };
        match target {
            RouteTarget::Local if from == to => leads(Way::Direct, Truth::Yes, Bounds::ALL),
            RouteTarget::VpcPeeringConnection(peering) => {
                let (truth, at, references) = self.peering(peering, from, to)?;
                let leads = leads(Way::Direct, truth, at)?;
                Some(Leads { references, ..leads })
            }
            RouteTarget::NetworkInterface(relay) => {
                let at = Bounds::at_most(self.relayed(relay, sets));
                leads(Way::Relay, Truth::Maybe, at)
            }
            RouteTarget::InternetGateway(gateway) if from != to => {
                let at = Bounds::exact(IpSetId::ALL_V6);
                leads(Way::Internet, self.gateway_at(gateway, from), at)
            }
            RouteTarget::EgressOnlyInternetGateway(gateway) if from != to => {
                let at = Bounds::exact(IpSetId::ALL_V6);
                leads(Way::EgressOnly, self.egress_only_at(gateway, from), at)
            }
            _ if self.is_dark(target) => leads(Way::Dark, Truth::Maybe, Bounds::UNKNOWN),
            _ => None,
        }
    }

    /// Whether the target is one that we do not model.
    fn is_dark(&self, target: RouteTarget) -> bool {
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

    /// Whether a peering carries packets from one VPC to the other, to which
    /// addresses, and whether references to groups hold over it.
    fn peering(
        &self,
        id: VpcPeeringConnectionId,
        from: VpcId,
        to: VpcId,
    ) -> Option<(Truth, Bounds, Truth)> {
        let peering = &self.component.peerings[id];
        if from == to {
            return None;
        }
        let joins = |side: Option<VpcId>, vpc: VpcId| match side {
            Some(known) => Truth::from(known == vpc),
            None => Truth::Maybe,
        };
        let ends =
            [(&peering.requester, &peering.accepter), (&peering.accepter, &peering.requester)];
        let fit = |near: Option<VpcId>, far: Option<VpcId>| joins(near, from).and(joins(far, to));
        let (near, far) = ends.into_iter().max_by_key(|(near, far)| fit(near.vpc, far.vpc))?;
        let works = match peering.status {
            PeeringStatus::Active => Truth::Yes,
            PeeringStatus::Inactive => Truth::No,
            PeeringStatus::Unknown => Truth::Maybe,
        };
        let works = if peering.seen { works } else { works.and(Truth::Maybe) };
        let truth = fit(near.vpc, far.vpc).and(works);
        let references = match (near.region, far.region) {
            (one, other) if one.is_empty() || other.is_empty() => Truth::Maybe,
            (one, other) => Truth::from(one == other),
        };
        (truth != Truth::No).then(|| (truth, self.peering_blocks(far, to), references))
    }

    fn peering_blocks(&self, side: &crate::model::PeeringSide, vpc: VpcId) -> Bounds {
        match (self.side_blocks.get(&blocks_of(side)), self.component.vpcs[vpc].seen) {
            (Some(&blocks), _) if !blocks.is_empty() => Bounds::exact(blocks),
            (_, true) => Bounds::exact(self.blocks[vpc]),
            (_, false) => Bounds::UNKNOWN,
        }
    }

    /// The addresses of `to` that answers from `from` reach.
    pub(crate) fn way_back(
        &self,
        table: Option<RouteTableId>,
        from: VpcId,
        to: VpcId,
        sets: &mut IpSets,
    ) -> Bounds {
        let ways = self.passages(table, from, to, sets);
        let direct = ways.direct.union(&ways.bare, sets);
        let other = ways.dark.union(&ways.relay, sets);
        direct.union(&Bounds::at_most(other.possible()), sets)
    }

    /// The addresses to which answers leave through an internet gateway of the
    /// VPC; with `others` also those that may leave unseen.
    pub(crate) fn internet_back(
        &self,
        table: Option<RouteTableId>,
        vpc: VpcId,
        others: bool,
        sets: &mut IpSets,
    ) -> Bounds {
        let Some(regions) = self.regions(table) else { return Bounds::UNKNOWN };
        let mut all = Bounds::EMPTY;
        for (hops, region) in regions {
            let (mut certain, mut possible) = (*region, IpSetId::EMPTY);
            for hop in hops {
                let at = match *hop {
                    Hop::To { target: RouteTarget::InternetGateway(gateway), sure } => {
                        let sure = if sure { Truth::Yes } else { Truth::Maybe };
                        self.gateway_at(gateway, vpc).and(sure).of(&Bounds::ALL)
                    }
                    Hop::To { target: RouteTarget::NetworkInterface(relay), .. } if others => {
                        Bounds::at_most(self.relayed(relay, sets))
                    }
                    Hop::To { target, .. } if others && self.is_dark(target) => Bounds::UNKNOWN,
                    // Whether an endpoint carries answers to somebody who came
                    // through an internet gateway is not documented.
                    Hop::To { target: RouteTarget::VpcEndpoint(_), .. } if others => {
                        Bounds::UNKNOWN
                    }
                    Hop::To { .. } | Hop::Nowhere | Hop::Dropped => Bounds::EMPTY,
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
        table: Option<RouteTableId>,
        vpc: VpcId,
        sets: &mut IpSets,
    ) -> IpSetId {
        let Some(regions) = self.regions(table) else { return IpSetId::ALL };
        let mut all = Vec::new();
        for (hops, region) in regions {
            for hop in hops {
                let Hop::To { target, .. } = *hop else { continue };
                let at = match target {
                    RouteTarget::NetworkInterface(relay) => self.relayed(relay, sets),
                    RouteTarget::VpcPeeringConnection(peering) => self.unseen_peer(peering, vpc),
                    // Of a VPC that was not seen we know no block.
                    RouteTarget::Local if !self.component.vpcs[vpc].seen => IpSetId::ALL,
                    target if self.is_dark(target) => IpSetId::ALL,
                    _ => continue,
                };
                all.push(sets.intersection(at, *region));
            }
        }
        sets.union_all(all)
    }

    /// The IPv4 hosts that a NAT gateway may give IPv6 senders: the well-known
    /// prefix 64:ff9b::/96, as far as the table leads it to one.
    pub(crate) fn nat64_set(&self, table: Option<RouteTableId>, sets: &mut IpSets) -> IpSetId {
        let Some(regions) = self.regions(table) else { return IpSetId::EMPTY };
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

    /// The addresses behind a peering whose other side was not seen.
    fn unseen_peer(&self, id: VpcPeeringConnectionId, vpc: VpcId) -> IpSetId {
        let peering = &self.component.peerings[id];
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
