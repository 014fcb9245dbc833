//! What the estate itself knows of addresses: its interfaces, gateways and networks,
//! those that its routes lead to, and whether its own addresses were all listed.

use std::collections::{BTreeMap, BTreeSet};

use super::key::Key;
use super::layer::Claim;
use crate::model::{
    Component, ComponentId, Destination, InterfaceKind, LimitationCode, Listing, Listings,
    NatState, Network, NetworkInterfaceId, Origin, PeeringSide, PublicOwner, RouteTarget, TextId,
};
use crate::net::{Address, IpSet, Ipv4Set, RangeSet};
use crate::reach::place::{Selector, Zones, networks};

/// Claims of both families.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) v4: Vec<Claim<u32, Key>>,
    pub(super) v6: Vec<Claim<u128, Key>>,
}

impl Claims {
    pub(super) fn add(&mut self, set: &IpSet, rank: u8, size: Option<u128>, key: Key) {
        add(&mut self.v4, &set.v4, rank, size, key);
        add(&mut self.v6, &set.v6, rank, size, key);
    }
}

fn add<A: Address>(
    claims: &mut Vec<Claim<A, Key>>,
    set: &RangeSet<A>,
    rank: u8,
    size: Option<u128>,
    key: Key,
) {
    for &(first, last) in set.ranges() {
        let claim = Claim::new(first, last, rank, key);
        claims.push(Claim { size: size.unwrap_or(claim.size), ..claim });
    }
}

/// What the interfaces, subnets, VPCs, peering connections and routes of a component
/// say of addresses, as hosts of the component see them.
pub(super) fn inside(network: &Network, at: ComponentId) -> Claims {
    let component: &Component = &network.components[at];
    let mut claims = Claims::default();
    for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
        let key = Key::Interface(at, interface.index());
        let v4 = interface.ipv4().iter();
        claims.v4.extend(v4.map(|held| Claim::new(held.first, held.last, 1, key)));
        let v6 = interface.ipv6().iter();
        claims.v6.extend(v6.map(|held| Claim::new(held.first, held.last, 1, key)));
    }
    for (id, nat) in component.nat_gateways.entries() {
        // Where the interface is in the source, the gateway is the better word for it.
        let private = nat.addresses.iter().filter_map(|address| address.private);
        claims.v4.extend(private.map(|held| Claim::new(held, held, 0, Key::Nat(at, id))));
    }
    for (id, subnet) in component.subnets.entries() {
        let blocks = blocks(subnet.ipv4.as_slice(), &subnet.ipv6);
        claims.add(&blocks, 2, None, Key::Subnet(at, id));
    }
    let mut all = Vec::new();
    for (id, vpc) in component.vpcs.entries().filter(|(_, vpc)| vpc.seen) {
        let blocks = blocks(&vpc.ipv4, &vpc.ipv6);
        claims.add(&blocks, 3, None, Key::Vpc(at, id));
        all.push(blocks);
    }
    // Two VPCs have the address: whose of them it is depends on who asks.
    claims.add(&of_several(&all), 0, Some(0), Key::Networks);
    for (id, peering) in component.peerings.entries() {
        for side in [&peering.requester, &peering.accepter] {
            if !is_seen(component, side) {
                claims.add(&blocks(&side.ipv4, &side.ipv6), 4, None, Key::Peer(at, id));
            }
        }
    }
    for route in component.route_tables.iter().flat_map(|table| &table.routes) {
        let gateway = match route.target {
            RouteTarget::TransitGateway(gateway) => component.transit_gateways[gateway].id,
            RouteTarget::VpnGateway(gateway) => gateway,
            RouteTarget::Local
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::Other(_) => continue,
        };
        // What is led there by a default route is not of that network.
        let set = match route.destination {
            Some(Destination::Ipv4(prefix)) if prefix.length() > 0 => {
                IpSet::from_iter([crate::net::Cidr::V4(prefix)])
            }
            Some(Destination::Ipv6(prefix)) if prefix.length() > 0 => {
                IpSet::from_iter([crate::net::Cidr::V6(prefix)])
            }
            Some(Destination::Ipv4(_) | Destination::Ipv6(_) | Destination::PrefixList(_))
            | None => continue,
        };
        claims.add(&set, 5, None, Key::Behind(gateway));
    }
    for beyond in networks(network) {
        // The routes to a gateway are said above; a customer gateway is its connections.
        let id = network.text(beyond.id);
        if !id.starts_with("vgw-") && !id.starts_with("cgw-") {
            // A better word than the gateway, of the same addresses.
            for block in beyond.known.cidrs() {
                let set = IpSet::from_cidr(block);
                let size = set.v4.size().max(set.v6.size()).saturating_sub(2);
                claims.add(&set, 5, Some(size), Key::Behind(beyond.id));
            }
        }
    }
    claims
}

fn is_seen(component: &Component, side: &PeeringSide) -> bool {
    side.vpc.is_some_and(|vpc| component.vpcs[vpc].seen)
}

/// What is known whoever asks: public addresses, IPv6 addresses, VPCs.
pub(super) fn outside(network: &Network) -> Claims {
    let mut claims = Claims::default();
    let mut gateways: BTreeMap<(ComponentId, NetworkInterfaceId), Key> = BTreeMap::new();
    let mut all = Vec::new();
    for (at, component) in network.components.entries() {
        for (id, nat) in component.nat_gateways.entries() {
            for interface in nat.addresses.iter().filter_map(|address| address.interface) {
                gateways.insert((at, interface), Key::PublicNat(at, id));
            }
        }
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            let key = Key::Interface(at, interface.index());
            let v6 = interface.ipv6().iter();
            claims.v6.extend(v6.map(|held| Claim::new(held.first, held.last, 1, key)));
        }
        for (id, vpc) in component.vpcs.entries().filter(|(_, vpc)| vpc.seen) {
            let blocks = blocks(&vpc.ipv4, &vpc.ipv6);
            claims.add(&blocks, 3, None, Key::Vpc(at, id));
            all.push(blocks);
        }
    }
    claims.add(&of_several(&all), 2, None, Key::Networks);
    let listed: Ipv4Set =
        network.elastic_addresses.iter().map(|address| (address.public, address.public)).collect();
    for &(address, owner) in &network.public_ipv4 {
        let key = match owner {
            PublicOwner::Interface { component, interface, .. } => {
                let kind = network.components[component].interface(interface).kind();
                let gateway = gateways.get(&(component, interface));
                let gateway = gateway.filter(|_| kind == InterfaceKind::NatGateway);
                gateway.copied().unwrap_or(Key::PublicInterface(component, interface))
            }
            PublicOwner::NatGateway { component, nat_gateway } => {
                // Its listing remembers a gateway that is gone for an hour, and with it
                // an address that may have been released.
                let nat = &network.components[component].nat_gateways[nat_gateway];
                if nat.state == NatState::Gone && !listed.contains(address) {
                    continue;
                }
                Key::PublicNat(component, nat_gateway)
            }
            PublicOwner::LoadBalancer { name } => Key::LoadBalancer(name),
            PublicOwner::Unassociated if !listed.contains(address) => continue,
            PublicOwner::Unassociated => Key::Elastic(TextId::EMPTY, address),
            PublicOwner::Elsewhere { id } => Key::Elastic(id, address),
        };
        claims.v4.push(Claim::new(address, address, 0, key));
    }
    claims
}

fn blocks(v4: &[crate::net::Prefix<u32>], v6: &[crate::net::Prefix<u128>]) -> IpSet {
    IpSet { v4: v4.iter().copied().collect(), v6: v6.iter().copied().collect() }
}

/// What is in at least two of some sets.
fn of_several(sets: &[IpSet]) -> IpSet {
    let v4 = shared(sets.iter().flat_map(|set| set.v4.ranges().iter().copied()));
    IpSet { v4, v6: shared(sets.iter().flat_map(|set| set.v6.ranges().iter().copied())) }
}

/// What at least two of some ranges have.
fn shared<A: Address>(ranges: impl Iterator<Item = (A, A)>) -> RangeSet<A> {
    let mut ranges: Vec<(A, A)> = ranges.collect();
    ranges.sort_unstable();
    let mut reach: Option<A> = None;
    let mut twice = Vec::new();
    for (first, last) in ranges {
        if let Some(reach) = reach
            && first <= reach
        {
            twice.push((first, last.min(reach)));
        }
        reach = Some(reach.map_or(last, |reach| reach.max(last)));
    }
    RangeSet::from_ranges(twice)
}

/// The addresses of a zone: those that it names whoever asks, and those that hosts
/// of a component have.
pub(super) fn members(
    selector: &Selector,
    network: &Network,
    zones: &Zones,
) -> Vec<(Option<ComponentId>, IpSet)> {
    if let Some((members, inner)) = selector.zone(zones) {
        return members.iter().flat_map(|member| self::members(member, network, &inner)).collect();
    }
    match selector {
        Selector::Any | Selector::Internet | Selector::Address(_) | Selector::Cidr(_) => {
            vec![(None, selector.addresses(network, zones))]
        }
        Selector::VpcAddress(vpc, address) => {
            network.vpcs_of(vpc).map(|(at, _)| (Some(at), IpSet::single(*address))).collect()
        }
        Selector::NetworkInterface(_)
        | Selector::Instance(_)
        | Selector::SecurityGroup(_)
        | Selector::Subnet(_)
        | Selector::Vpc(_)
        | Selector::Remote(_)
        | Selector::Tag(..)
        | Selector::Name(_)
        | Selector::Zone(_)
        | Selector::Word(_) => {
            let mut all = of_interfaces(network, selector.interfaces(network, zones));
            let beyond = selector.beyond(network);
            if !beyond.is_empty() {
                all.push((None, beyond));
            }
            all
        }
    }
}

/// Ranges of both families.
type Ranges = (Vec<(u32, u32)>, Vec<(u128, u128)>);

fn of_interfaces(
    network: &Network,
    interfaces: BTreeSet<(ComponentId, NetworkInterfaceId)>,
) -> Vec<(Option<ComponentId>, IpSet)> {
    let mut all: BTreeMap<Option<ComponentId>, Ranges> = BTreeMap::new();
    for (at, interface) in interfaces {
        let interface = network.components[at].interface(interface);
        let (v4, v6) = all.entry(Some(at)).or_default();
        v4.extend(interface.ipv4().iter().map(|held| (held.first, held.last)));
        v6.extend(interface.ipv6().iter().map(|held| (held.first, held.last)));
        // Over the internet it comes with its public addresses, to whomever.
        let public = interface.ipv4().iter().filter_map(|held| held.public);
        let (v4, v6) = all.entry(None).or_default();
        v4.extend(public.map(|public| (public, public)));
        v6.extend(interface.ipv6().iter().map(|held| (held.first, held.last)));
    }
    let set =
        |(v4, v6): Ranges| IpSet { v4: RangeSet::from_ranges(v4), v6: RangeSet::from_ranges(v6) };
    all.into_iter().map(|(at, ranges)| (at, set(ranges))).collect()
}

/// What the source lists, to know whether an address is surely not the estate's.
#[derive(Debug)]
pub(super) struct Listed<'n> {
    network: &'n Network,
    /// The accounts whose listings the source holds, where it says so.
    accounts: BTreeSet<TextId>,
    /// The region, if the source speaks of one only.
    region: Option<TextId>,
    /// Listings that are cut short.
    short: BTreeSet<TextId>,
}

impl<'n> Listed<'n> {
    pub(super) fn of(network: &'n Network) -> Self {
        let origins = || network.listings.iter().map(|(origin, _)| *origin);
        let mut accounts: BTreeSet<TextId> = origins().map(|origin| origin.account).collect();
        accounts.remove(&TextId::EMPTY);
        let mut regions: BTreeSet<TextId> = origins().map(|origin| origin.region).collect();
        for component in network.components.iter() {
            for vpc in component.vpcs.iter().filter(|vpc| vpc.seen) {
                regions.insert(vpc.region);
                // Without an account of their own, listings are of those that they speak of.
                if accounts.is_empty() || origins().any(|origin| origin.account.is_empty()) {
                    accounts.insert(vpc.owner);
                }
            }
        }
        accounts.remove(&TextId::EMPTY);
        regions.remove(&TextId::EMPTY);
        let region = regions.first().copied().filter(|_| regions.len() == 1);
        let short = network.limitations.iter().filter(|limitation| {
            limitation.code == LimitationCode::NotCollected && limitation.scope.is_empty()
        });
        let short = short.map(|limitation| limitation.about).collect();
        Self { network, accounts, region, short }
    }

    /// Whether the source holds some listings of a region, of every account whose
    /// listings it holds.
    pub(super) fn all(&self, region: &str, listings: &[Listing]) -> bool {
        let Some(region) = self.network.text.find(region) else { return false };
        let cut = |listing: &Listing| {
            self.network.text.find(listing.command()).is_some_and(|it| self.short.contains(&it))
        };
        if listings.iter().any(cut) {
            return false;
        }
        let only = if self.accounts.len() > 1 { None } else { Some(TextId::EMPTY) };
        let mut asked: Vec<Option<TextId>> = self.accounts.iter().copied().map(Some).collect();
        if asked.is_empty() {
            asked.push(None);
        }
        asked.into_iter().all(|account| {
            let of = |origin: Origin| {
                let mine = Some(origin.account) == account || Some(origin.account) == only;
                let here = origin.region == region
                    || (origin.region.is_empty() && self.region == Some(region));
                mine && here
            };
            let mut seen = Listings::default();
            for &(_, found) in self.network.listings.iter().filter(|(origin, _)| of(*origin)) {
                seen.extend(found);
            }
            listings.iter().all(|&listing| seen.contains(listing))
        })
    }
}
