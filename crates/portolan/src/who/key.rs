//! Whose an address is, by number, and how exactly that is told: layers from the best word
//! to the one that holds for every address.

use std::collections::BTreeMap;

use super::layer::{Claim, Layer};
use super::own::Claims;
use super::{Detail, Special};
use crate::model::{
    ComponentId, NatGatewayId, Network, NetworkInterfaceId, SubnetId, TextId, VpcId,
    VpcPeeringConnectionId,
};
use crate::net::{Address, RangeSet};

/// Whose an address is, by number.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Key {
    Zone(usize),
    Interface(ComponentId, NetworkInterfaceId),
    Nat(ComponentId, NatGatewayId),
    PublicInterface(ComponentId, NetworkInterfaceId),
    PublicNat(ComponentId, NatGatewayId),
    LoadBalancer(TextId),
    /// Its holder and itself.
    Elastic(TextId, u32),
    Public,
    Subnet(ComponentId, SubnetId),
    Vpc(ComponentId, VpcId),
    Networks,
    Peer(ComponentId, VpcPeeringConnectionId),
    Behind(TextId),
    Beyond,
    Service(usize),
    Aws,
    Elsewhere(Option<usize>),
    Unseen(Option<usize>),
    Special(Special),
    Unknown,
}

/// Who has which address, of one family, at each detail.
#[derive(Debug)]
pub(super) struct Family<A> {
    /// Zones, for everyone and for components in which zones name hosts.
    zones: Layer<A, Key>,
    zones_of: BTreeMap<ComponentId, Layer<A, Key>>,
    /// Every address.
    outside: Details<A>,
}

/// A layer for each detail.
pub(super) type Details<A> = [Layer<A, Key>; 4];

/// What hosts of a component know.
#[derive(Debug)]
pub(super) struct Inside {
    pub(super) v4: Details<u32>,
    pub(super) v6: Details<u128>,
}

impl<A: Address> Family<A> {
    pub(super) fn of(
        network: &Network,
        outside: Vec<Claim<A, Key>>,
        named: &BTreeMap<Option<ComponentId>, Claims>,
        family: impl Fn(&Claims) -> &Vec<Claim<A, Key>>,
    ) -> Self {
        let everywhere = named.get(&None).map(&family).cloned().unwrap_or_default();
        let mut zones_of = BTreeMap::new();
        for (at, claims) in named {
            let own = family(claims);
            if let Some(at) = at
                && !own.is_empty()
            {
                zones_of.insert(*at, Layer::of([own.as_slice(), &everywhere].concat()));
            }
        }
        Self { zones: Layer::of(everywhere), zones_of, outside: details(network, outside) }
    }

    /// From the best word to the one for every address.
    pub(super) fn layers<'f>(
        &'f self,
        seen_from: Option<ComponentId>,
        inside: Option<&'f Details<A>>,
        detail: Detail,
    ) -> impl Iterator<Item = &'f Layer<A, Key>> {
        let zones = seen_from.and_then(|at| self.zones_of.get(&at)).unwrap_or(&self.zones);
        let inside = inside.map(|layers| pick(layers, detail));
        [Some(zones), inside, Some(pick(&self.outside, detail))].into_iter().flatten()
    }
}

/// The parts of some ranges, by whose they are in the first layer that knows.
pub(super) fn split<'f, A: Address>(
    layers: impl Iterator<Item = &'f Layer<A, Key>>,
    ranges: &[(A, A)],
) -> BTreeMap<Key, RangeSet<A>> {
    let mut parts: BTreeMap<Key, Vec<(A, A)>> = BTreeMap::new();
    let mut left = ranges.to_vec();
    for layer in layers {
        let (known, rest) = layer.split(&left);
        for (first, last, key) in known {
            parts.entry(key).or_default().push((first, last));
        }
        left = rest;
    }
    parts.into_iter().map(|(key, ranges)| (key, RangeSet::from_ranges(ranges))).collect()
}

fn pick<A>(layers: &Details<A>, detail: Detail) -> &Layer<A, Key> {
    let [things, subnets, vpcs, kinds] = layers;
    match detail {
        Detail::Things => things,
        Detail::Subnets => subnets,
        Detail::Vpcs => vpcs,
        Detail::Kinds => kinds,
    }
}

pub(super) fn details<A: Address>(network: &Network, claims: Vec<Claim<A, Key>>) -> Details<A> {
    let things = Layer::of(claims);
    let subnets = things.map(|key| subnet_of(network, key));
    let vpcs = subnets.map(|key| vpc_of(network, key));
    let kinds = vpcs.map(kind_of);
    [things, subnets, vpcs, kinds]
}

fn subnet_of(network: &Network, key: Key) -> Key {
    match key {
        Key::Interface(at, id) => Key::Subnet(at, network.components[at].interface(id).subnet()),
        Key::Nat(at, id) => {
            let nat = &network.components[at].nat_gateways[id];
            nat.subnet.map_or(Key::Vpc(at, nat.vpc), |subnet| Key::Subnet(at, subnet))
        }
        Key::PublicInterface(..)
        | Key::PublicNat(..)
        | Key::LoadBalancer(_)
        | Key::Elastic(..)
        | Key::Public => Key::Public,
        Key::Zone(_)
        | Key::Subnet(..)
        | Key::Vpc(..)
        | Key::Networks
        | Key::Peer(..)
        | Key::Behind(_)
        | Key::Beyond
        | Key::Service(_)
        | Key::Aws
        | Key::Elsewhere(_)
        | Key::Unseen(_)
        | Key::Special(_)
        | Key::Unknown => key,
    }
}

fn vpc_of(network: &Network, key: Key) -> Key {
    match subnet_of(network, key) {
        Key::Subnet(at, id) => Key::Vpc(at, network.components[at].subnets[id].vpc),
        key @ (Key::Zone(_)
        | Key::Interface(..)
        | Key::Nat(..)
        | Key::PublicInterface(..)
        | Key::PublicNat(..)
        | Key::LoadBalancer(_)
        | Key::Elastic(..)
        | Key::Public
        | Key::Vpc(..)
        | Key::Networks
        | Key::Peer(..)
        | Key::Behind(_)
        | Key::Beyond
        | Key::Service(_)
        | Key::Aws
        | Key::Elsewhere(_)
        | Key::Unseen(_)
        | Key::Special(_)
        | Key::Unknown) => key,
    }
}

fn kind_of(key: Key) -> Key {
    match key {
        Key::Interface(..) | Key::Nat(..) | Key::Subnet(..) | Key::Vpc(..) | Key::Networks => {
            Key::Networks
        }
        Key::PublicInterface(..)
        | Key::PublicNat(..)
        | Key::LoadBalancer(_)
        | Key::Elastic(..)
        | Key::Public => Key::Public,
        Key::Peer(..) | Key::Behind(_) | Key::Beyond => Key::Beyond,
        Key::Service(_) | Key::Aws => Key::Aws,
        Key::Elsewhere(_) => Key::Elsewhere(None),
        Key::Unseen(_) => Key::Unseen(None),
        Key::Zone(_) | Key::Special(_) | Key::Unknown => key,
    }
}
