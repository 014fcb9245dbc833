//! Sets as lists of CIDR blocks, for people and firewalls to read.
//!
//! [`exact_cover`] is the shortest exact list. [`cover_within`] is the cover of
//! the JSON contract's `sources`: addresses outside a universe do not count, so
//! blocks may run over them, and "everyone on the internet but 10.0.0.0/8" reads
//! `0.0.0.0/0`. It is defined so that there is one answer, not a shortest of
//! several: snapshots of it are compared, so it may never depend on how it was
//! computed.

use super::{Address, Ipv4Set, Ipv6Set, Prefix, RangeSet};

/// The shortest list of CIDR blocks with exactly these members, ascending.
///
/// ```
/// use portolan::net::{Ipv4Set, exact_cover};
///
/// let cover = exact_cover(&Ipv4Set::range(0x0a00_0000, 0x0a00_0102));
/// let text: Vec<_> = cover.iter().map(ToString::to_string).collect();
/// assert_eq!(text, ["10.0.0.0/24", "10.0.1.0/31", "10.0.1.2/32"]);
/// ```
#[must_use]
pub fn exact_cover<A: Address>(set: &RangeSet<A>) -> Vec<Prefix<A>> {
    let mut blocks = Vec::with_capacity(set.ranges().len());
    for &(first, last) in set.ranges() {
        let mut next = Some(first);
        while let Some(at) = next {
            let block = largest_block(at, last);
            blocks.push(block);
            next = block.last().successor().filter(|next| *next <= last);
        }
    }
    blocks
}

/// The largest block that begins at `first` and holds nothing after `last`.
fn largest_block<A: Address>(first: A, last: A) -> Prefix<A> {
    let bits = u32::from(A::BITS);
    let aligned = first.to_u128().trailing_zeros().min(bits);
    // A block of 2^n addresses fits if n is at most the logarithm of the
    // range's size; the size of everything does not fit the number.
    let wide = last.to_u128().saturating_sub(first.to_u128());
    let fits = wide.checked_add(1).and_then(u128::checked_ilog2).unwrap_or(u128::BITS);
    let length = bits.saturating_sub(aligned.min(fits));
    Prefix::around(first, first.block_last(u8::try_from(length).unwrap_or(A::BITS)))
}

/// The contract's cover of the members of a set that lie in a universe.
///
/// From the whole line downwards: a block that holds a member and no address of
/// the universe that is not one is taken, shrunk to the smallest block with the
/// same members; other blocks with members are halved. If the whole universe is
/// in the set, the cover is the `/0`, not shrunk. Ascending; the blocks are
/// disjoint.
///
/// ```
/// use portolan::net::{Ipv4Set, cover_within, internet_v4};
///
/// // All public addresses: what is private does not count.
/// let cover = cover_within(&internet_v4(), &internet_v4());
/// assert_eq!(cover.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0.0.0.0/0"]);
/// ```
#[must_use]
pub fn cover_within<A: Address>(set: &RangeSet<A>, universe: &RangeSet<A>) -> Vec<Prefix<A>> {
    let members = set.intersection(universe);
    let others = universe.difference(set);
    let whole = Prefix::around(A::MIN, A::MAX);
    if others.is_empty() && !members.is_empty() {
        return vec![whole];
    }
    let mut blocks = Vec::new();
    cover_block(&members, &others, whole, &mut blocks);
    blocks
}

/// Shrinks first and looks for non-members second. The definition does it the
/// other way round, with the same result: between a block and the smallest one
/// with the same members, the halvings only strip halves without members.
fn cover_block<A: Address>(
    members: &RangeSet<A>,
    others: &RangeSet<A>,
    within: Prefix<A>,
    blocks: &mut Vec<Prefix<A>>,
) {
    let first = members.first_within(within.first(), within.last());
    let last = members.last_within(within.first(), within.last());
    let (Some(first), Some(last)) = (first, last) else { return };
    let smallest = Prefix::around(first, last);
    if !others.intersects_range(smallest.first(), smallest.last()) {
        blocks.push(smallest);
    } else if let Some((lower, upper)) = smallest.halves() {
        cover_block(members, others, lower, blocks);
        cover_block(members, others, upper, blocks);
    }
}

// From the IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast and
// the reserved 240.0.0.0/4 at the end. Its documentation ranges are left in on
// purpose: examples and tests use them as the internet.
const NOT_INTERNET_V4: [([u8; 4], u8); 10] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([224, 0, 0, 0], 3),
];

/// The IPv4 addresses that a packet from the internet can carry as its source.
///
/// ```
/// use portolan::net::internet_v4;
///
/// assert!(internet_v4().contains(0x0808_0808));
/// assert!(!internet_v4().contains(0x0a00_0001));
/// ```
#[must_use]
pub fn internet_v4() -> Ipv4Set {
    let private: Ipv4Set = NOT_INTERNET_V4
        .into_iter()
        .filter_map(|(first, length)| Prefix::new(u32::from_be_bytes(first), length))
        .collect();
    private.complement()
}

/// The IPv6 addresses that a packet from the internet can carry as its source:
/// global unicast, `2000::/3`.
#[must_use]
pub fn internet_v6() -> Ipv6Set {
    let first = 0x2 << 124;
    Ipv6Set::range(first, first.block_last(3))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::net::{Cidr, IpSet};

    fn set(cidrs: &str) -> IpSet {
        cidrs.split_whitespace().map(|cidr| Cidr::parse(cidr).unwrap().0).collect()
    }

    fn check(set: &IpSet, expected: &Expect) {
        let v4 = cover_within(&set.v4, &internet_v4()).into_iter().map(Cidr::V4);
        let v6 = cover_within(&set.v6, &internet_v6()).into_iter().map(Cidr::V6);
        let lines: Vec<_> = v4.chain(v6).map(|cidr| cidr.to_string()).collect();
        expected.assert_eq(&lines.join(" "));
    }

    #[test]
    fn the_whole_internet_is_the_slash_zero() {
        check(&set("0.0.0.0/0 ::/0"), &expect!["0.0.0.0/0 ::/0"]);
        check(&set("0.0.0.0/1 128.0.0.0/1 2000::/3"), &expect!["0.0.0.0/0 ::/0"]);
    }

    #[test]
    fn private_addresses_are_not_of_the_internet() {
        check(&set("10.0.0.0/8 fc00::/7"), &expect![""]);
        check(&set("10.0.0.0/8 198.51.100.7/32"), &expect!["198.51.100.7/32"]);
    }

    #[test]
    fn a_block_runs_over_private_addresses_and_shrinks_to_its_members() {
        // 10.0.0.0/8 lies between the two and is private.
        check(&set("8.0.0.0/7 11.0.0.0/8"), &expect!["8.0.0.0/6"]);
        // 192.168.0.0/16 is private: the members end at 192.167.255.255.
        check(&set("192.160.0.0/12"), &expect!["192.160.0.0/12"]);
        check(&set("192.164.0.0/14 192.168.0.0/16"), &expect!["192.164.0.0/14"]);
        // 192.0.0.0/24 is special, so one half has no members.
        check(&set("192.0.0.0/23"), &expect!["192.0.1.0/24"]);
    }

    #[test]
    fn everyone_but_one() {
        let everyone = set("0.0.0.0/0 ::/0");
        check(
            &everyone.difference(&set("198.0.0.0/8 3000::/4")),
            &expect![
                "0.0.0.0/1 128.0.0.0/2 192.0.0.0/6 196.0.0.0/7 199.0.0.0/8 200.0.0.0/5 208.0.0.0/4 2000::/4"
            ],
        );
    }

    #[test]
    fn exact_covers_hold_what_the_set_holds_in_the_fewest_blocks() {
        let edges = [0, 1, 2, 7, 8, 9, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
        for first in edges {
            for last in edges.into_iter().filter(|last| first <= *last) {
                let cover = exact_cover(&Ipv4Set::range(first, last));
                let joined: Ipv4Set = cover.iter().copied().collect();
                assert_eq!(joined, Ipv4Set::range(first, last));
                // No two neighbours are the halves of one block.
                for pair in cover.windows(2) {
                    let around = Prefix::around(pair[0].first(), pair[1].last());
                    assert_ne!(around.halves(), Some((pair[0], pair[1])), "{first}-{last}");
                }
            }
        }
    }

    #[test]
    fn exact_covers_are_the_usual_ones() {
        let cover = exact_cover(&Ipv4Set::range(1, 0xffff_fffe));
        assert_eq!(cover.len(), 62);
        assert_eq!(exact_cover(&Ipv6Set::all()).len(), 1);
        assert_eq!(exact_cover(&Ipv6Set::empty()), []);
    }
}
