//! The laws of what wraps the plain sets: ports, both families of addresses, and
//! sets that are known by an id. Each is held against the bits of a number.
#![forbid(unsafe_code)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan::net::{
    Cidr, IpSet, IpSetId, IpSets, Ipv4Set, PortRange, PortSet, RangeSet, SetId, Sets,
};
use proptest::prelude::*;

/// The ports of a mask: bit `n` is port `8191 * n`, so that the last is the last port.
fn ports(mask: u16) -> PortSet {
    (0..16).filter(|bit| mask >> bit & 1 == 1).map(|bit| PortRange::single(port(bit))).collect()
}

fn port(bit: u16) -> u16 {
    (u32::from(bit) * 65_535 / 15).try_into().unwrap_or(u16::MAX)
}

fn port_mask(set: &PortSet) -> u16 {
    (0..16).filter(|&bit| set.contains(port(bit))).fold(0, |mask, bit| mask | 1 << bit)
}

/// Addresses of a mask: the low byte of IPv4, the high one of IPv6, at both ends
/// of the number line.
fn addresses(mask: u16) -> IpSet {
    every_address().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, address)| address).collect()
}

fn every_address() -> impl Iterator<Item = (u32, IpAddr)> {
    let v4 = (0..8_u32).map(|bit| IpAddr::V4(Ipv4Addr::from_bits(bit.wrapping_mul(0x2492_4924))));
    let v6 = (0..8_u32).map(|bit| IpAddr::V6(Ipv6Addr::from_bits(u128::from(bit) << 125)));
    (0..).zip(v4.chain(v6))
}

fn address_mask(set: &IpSet) -> u16 {
    every_address()
        .filter(|(_, address)| set.contains(*address))
        .fold(0, |mask, (bit, _)| mask | 1 << bit)
}

/// Masks, of which the empty and the full one come up often.
fn mask() -> impl Strategy<Value = u16> {
    prop_oneof![Just(0), Just(u16::MAX), any::<u16>()]
}

proptest! {
    #[test]
    fn ports_are_sets(a in mask(), b in mask()) {
        let (one, other) = (ports(a), ports(b));
        prop_assert_eq!(port_mask(&one), a);
        prop_assert_eq!(one.size(), a.count_ones());
        prop_assert_eq!(one.is_empty(), a == 0);
        let first = (0..16).find(|bit| a >> bit & 1 == 1).map(port);
        prop_assert_eq!(one.first(), first);
        prop_assert_eq!(port_mask(&one.union(&other)), a | b);
        prop_assert_eq!(one.intersection(&other), ports(a & b));
        prop_assert_eq!(one.difference(&other), ports(a & !b));
        prop_assert_eq!(port_mask(&one.complement()), !a);
        prop_assert_eq!(one.complement().size(), 65_536 - a.count_ones());
        prop_assert_eq!(one.is_subset(&other), a & !b == 0);
        prop_assert_eq!(one.intersects(&other), a & b != 0);
        prop_assert_eq!(one.union(&one.complement()), PortSet::all());
    }

    #[test]
    fn ranges_of_ports_hold_what_lies_between_their_ends(a: (u16, u16), b: (u16, u16)) {
        let range = |(x, y): (u16, u16)| PortRange::new(x.min(y), x.max(y)).unwrap();
        let (one, other) = (range(a), range(b));
        let within = one.first() <= other.first() && other.last() <= one.last();
        prop_assert_eq!(one.contains_range(other), within);
        prop_assert_eq!(PortSet::from(one).contains_range(other), within);
        prop_assert_eq!(one.size(), u32::from(one.last()) - u32::from(one.first()) + 1);
        for port in [b.0, b.1] {
            prop_assert_eq!(one.contains(port), one.first() <= port && port <= one.last());
        }
    }

    #[test]
    fn addresses_of_both_families_are_sets(a in mask(), b in mask()) {
        let (one, other) = (addresses(a), addresses(b));
        prop_assert_eq!(address_mask(&one), a);
        prop_assert_eq!(one.is_empty(), a == 0);
        prop_assert_eq!(one.union(&other), addresses(a | b));
        prop_assert_eq!(one.intersection(&other), addresses(a & b));
        prop_assert_eq!(one.difference(&other), addresses(a & !b));
        prop_assert_eq!(address_mask(&one.complement()), !a);
        prop_assert_eq!(one.is_subset(&other), a & !b == 0);
        prop_assert_eq!(one.intersects(&other), a & b != 0);
        prop_assert_eq!(one.union(&one.complement()), IpSet::all());
        let blocks = one.cidrs();
        prop_assert!(blocks.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(blocks.into_iter().collect::<IpSet>(), one.clone());
        for (bit, address) in every_address() {
            prop_assert_eq!(IpSet::from(address), addresses(1 << bit));
        }
    }

    /// Short cuts and the sets that every arena knows give what the sets give.
    #[test]
    fn ids_stand_for_their_sets(a in mask(), b in mask(), ends: (u8, u8)) {
        let set = |mask: u16, end: u8| match end % 4 {
            0 => RangeSet::empty(),
            1 => RangeSet::all(),
            _ => addresses(mask).v4,
        };
        let (one, other): (Ipv4Set, Ipv4Set) = (set(a, ends.0), set(b, ends.1));
        let mut sets = Sets::new();
        let (x, y) = (sets.intern(one.clone()), sets.intern(other.clone()));
        prop_assert_eq!(x == SetId::EMPTY, one.is_empty());
        prop_assert_eq!(x == SetId::ALL, one.is_all());
        prop_assert_eq!(sets.is_subset(x, y), one.is_subset(&other));
        prop_assert_eq!(sets.intersects(x, y), one.intersects(&other));
        let union = sets.union(x, y);
        let intersection = sets.intersection(x, y);
        let difference = sets.difference(x, y);
        let joined = sets.union_all([x, y, SetId::EMPTY, x]);
        prop_assert_eq!(sets.get(union), one.union(&other));
        prop_assert_eq!(joined, union);
        prop_assert_eq!(sets.get(intersection), one.intersection(&other));
        prop_assert_eq!(sets.get(difference), one.difference(&other));
        prop_assert_eq!(sets.union_all([]), SetId::EMPTY);
        prop_assert_eq!(sets.union_all([x]), x);
        prop_assert_eq!(sets.union_all([x, SetId::ALL]), SetId::ALL);
    }

    #[test]
    fn ids_of_both_families_stand_for_their_sets(a in mask(), b in mask()) {
        let (one, other) = (addresses(a), addresses(b));
        let mut sets = IpSets::new();
        let (x, y) = (sets.intern(one.clone()), sets.intern(other.clone()));
        prop_assert_eq!(x.is_empty(), a == 0);
        prop_assert_eq!(sets.is_subset(x, y), a & !b == 0);
        prop_assert_eq!(sets.intersects(x, y), a & b != 0);
        prop_assert_eq!(x.only_v4() == IpSetId::EMPTY, a & 0xff == 0);
        prop_assert_eq!(x.only_v6() == IpSetId::EMPTY, a & 0xff00 == 0);
        let without = sets.complement(x);
        prop_assert_eq!(sets.to_set(without), one.complement());
        for (bit, address) in every_address() {
            prop_assert_eq!(sets.contains(x, address), a >> bit & 1 == 1);
        }
        let block: IpSet = Cidr::parse("10.0.0.0/8").unwrap().0.into();
        let block = sets.intern(block);
        prop_assert!(sets.is_subset(block, IpSetId::ALL_V4));
        prop_assert!(!sets.is_subset(block, IpSetId::ALL_V6));
    }
}
