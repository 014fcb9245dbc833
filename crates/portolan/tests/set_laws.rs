//! The laws that sets of addresses, ports and packets obey.
//!
//! Each operation is compared, point by point, with the plainest model that can
//! be written: membership on a number line of 8 bits, all of which can be looked
//! at; a list of rules walked one by one for packets.
#![forbid(unsafe_code)]

use portolan::net::{
    Address, Bounds, FirstMatch, HeaderSpace, IpSet, IpSetId, IpSets, Ipv4Set, Ipv6Set, Match,
    PortRange, Prefix, Protocol, RangeSet, Segment, SetId, Sets, cover_within, exact_cover,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A number line of 8 bits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Tiny(u8);

impl Tiny {
    fn host_bits(length: u8) -> u8 {
        u8::MAX.checked_shr(u32::from(length)).unwrap_or(0)
    }

    fn every() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }
}

impl Address for Tiny {
    const MIN: Self = Self(0);
    const MAX: Self = Self(u8::MAX);
    const BITS: u8 = 8;
    const CELL_LENGTH: u8 = 5;
    const FEW: usize = 2;

    fn successor(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    fn predecessor(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    fn block_first(self, length: u8) -> Self {
        Self(self.0 & !Self::host_bits(length))
    }

    fn block_last(self, length: u8) -> Self {
        Self(self.0 | Self::host_bits(length))
    }

    fn common_length(self, other: Self) -> u8 {
        (0..=8).rev().find(|&n| self.block_first(n) == other.block_first(n)).unwrap_or(0)
    }

    fn to_u128(self) -> u128 {
        u128::from(self.0)
    }
}

type Set = RangeSet<Tiny>;

/// Sets with few or many ranges, short or long, often at the ends of the line.
fn any_set() -> impl Strategy<Value = Set> {
    let point = prop_oneof![4 => any::<u8>(), 1 => 0..4_u8, 1 => 252..=u8::MAX];
    let short = (point.clone(), 0..4_u8).prop_map(|(at, more)| (at, at.saturating_add(more)));
    let long = (point.clone(), point).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![vec(short.clone(), 0..40), vec(long, 0..4), vec(short, 0..4)]
        .prop_map(|ranges| ranges.into_iter().map(|(a, b)| (Tiny(a), Tiny(b))).collect())
}

/// The set of the points for which something is true, added one by one.
fn where_true(is_member: impl Fn(Tiny) -> bool) -> Set {
    Tiny::every().filter(|&point| is_member(point)).map(|point| (point, point)).collect()
}

fn is_canonical(set: &Set) -> bool {
    let ordered = set.ranges().iter().all(|(first, last)| first <= last);
    let apart = set.ranges().windows(2).all(|pair| match pair {
        [(_, end), (start, _)] => end.successor().is_some_and(|next| next < *start),
        _ => false,
    });
    ordered && apart
}

proptest! {
    #[test]
    fn operations_hold_point_by_point(a in any_set(), b in any_set()) {
        for set in [&a, &b, &a.union(&b), &a.intersection(&b), &a.difference(&b), &a.complement()] {
            prop_assert!(is_canonical(set), "{set:?}");
        }
        prop_assert_eq!(a.union(&b), where_true(|p| a.contains(p) || b.contains(p)));
        prop_assert_eq!(a.intersection(&b), where_true(|p| a.contains(p) && b.contains(p)));
        prop_assert_eq!(a.difference(&b), where_true(|p| a.contains(p) && !b.contains(p)));
        prop_assert_eq!(a.complement(), where_true(|p| !a.contains(p)));
        prop_assert_eq!(a.is_subset(&b), Tiny::every().all(|p| !a.contains(p) || b.contains(p)));
        prop_assert_eq!(a.intersects(&b), Tiny::every().any(|p| a.contains(p) && b.contains(p)));
    }

    #[test]
    fn membership_is_what_the_ranges_say(ranges in vec(any::<(u8, u8)>(), 0..8)) {
        let set: Set = ranges.iter().map(|&(a, b)| (Tiny(a), Tiny(b))).collect();
        prop_assert!(is_canonical(&set));
        for Tiny(p) in Tiny::every() {
            let expected = ranges.iter().any(|&(first, last)| first <= p && p <= last);
            prop_assert_eq!(set.contains(Tiny(p)), expected);
        }
        let members: Vec<_> = Tiny::every().filter(|&p| set.contains(p)).collect();
        prop_assert_eq!(set.is_empty(), members.is_empty());
        prop_assert_eq!(set.is_all(), members.len() == 256);
        prop_assert_eq!(usize::try_from(set.size()), Ok(members.len()));
        prop_assert_eq!(set.first(), members.first().copied());
        prop_assert_eq!(set.last(), members.last().copied());
    }

    #[test]
    fn members_within_a_range_are_found(set in any_set(), a: u8, b: u8) {
        let (first, last) = (Tiny(a.min(b)), Tiny(a.max(b)));
        let within: Vec<_> =
            Tiny::every().filter(|&p| first <= p && p <= last && set.contains(p)).collect();
        prop_assert_eq!(set.first_within(first, last), within.first().copied());
        prop_assert_eq!(set.last_within(first, last), within.last().copied());
        prop_assert_eq!(set.intersects_range(first, last), !within.is_empty());
    }

    #[test]
    fn sets_are_a_boolean_algebra(a in any_set(), b in any_set(), c in any_set()) {
        let (all, none) = (Set::all(), Set::empty());
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.intersection(&b), b.intersection(&a));
        prop_assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
        prop_assert_eq!(a.intersection(&b).intersection(&c), a.intersection(&b.intersection(&c)));
        prop_assert_eq!(a.intersection(&b.union(&c)), a.intersection(&b).union(&a.intersection(&c)));
        prop_assert_eq!(a.union(&b.intersection(&c)), a.union(&b).intersection(&a.union(&c)));
        prop_assert_eq!(a.union(&b).complement(), a.complement().intersection(&b.complement()));
        prop_assert_eq!(a.intersection(&b).complement(), a.complement().union(&b.complement()));
        prop_assert_eq!(a.difference(&b), a.intersection(&b.complement()));
        prop_assert_eq!(&a.complement().complement(), &a);
        prop_assert_eq!(&a.union(&a), &a);
        prop_assert_eq!(&a.union(&none), &a);
        prop_assert_eq!(&a.intersection(&all), &a);
        prop_assert_eq!(a.union(&a.complement()), all);
        prop_assert_eq!(a.intersection(&a.complement()), none);
        prop_assert_eq!(a.is_subset(&b), a.union(&b) == b);
        prop_assert_eq!(a.intersects(&b), !a.intersection(&b).is_empty());
    }

    #[test]
    fn ids_are_equal_exactly_if_sets_are(input in vec(any_set(), 1..6)) {
        let mut sets = Sets::<Tiny>::new();
        let ids: Vec<SetId> = input.iter().map(|set| sets.intern(set.clone())).collect();
        let union = input.iter().fold(Set::empty(), |sum, set| sum.union(set));
        prop_assert_eq!(sets.union_all(ids.iter().copied()), sets.intern(union));
        for (a, &id_a) in input.iter().zip(&ids) {
            prop_assert_eq!(&sets.get(id_a), a);
            prop_assert_eq!(id_a == SetId::EMPTY, a.is_empty());
            prop_assert_eq!(id_a == SetId::ALL, a.is_all());
            for (b, &id_b) in input.iter().zip(&ids) {
                prop_assert_eq!(id_a == id_b, a == b);
                // Twice: the second answer comes from the memo.
                for _ in 0..2 {
                    let union = sets.union(id_a, id_b);
                    let intersection = sets.intersection(id_a, id_b);
                    let difference = sets.difference(id_a, id_b);
                    prop_assert_eq!(union, sets.intern(a.union(b)));
                    prop_assert_eq!(intersection, sets.intern(a.intersection(b)));
                    prop_assert_eq!(difference, sets.intern(a.difference(b)));
                }
                prop_assert_eq!(sets.intersects(id_a, id_b), a.intersects(b));
                prop_assert_eq!(sets.is_subset(id_a, id_b), a.is_subset(b));
            }
        }
    }
}

fn members(blocks: &[Prefix<Tiny>]) -> Set {
    blocks.iter().copied().collect()
}

fn are_disjoint_and_ascending(blocks: &[Prefix<Tiny>]) -> bool {
    blocks.windows(2).all(|pair| matches!(pair, [a, b] if a.last() < b.first()))
}

fn whole_line() -> Prefix<Tiny> {
    Prefix::around(Tiny::MIN, Tiny::MAX)
}

/// How many blocks an exact cover needs: a block that is not full needs those of
/// its halves, since no block crosses the middle but the block itself.
fn fewest_blocks(set: &Set, block: Prefix<Tiny>) -> usize {
    let whole = Set::from_prefix(block);
    if !whole.intersects(set) {
        return 0;
    }
    match block.halves() {
        Some((lower, upper)) if !whole.is_subset(set) => {
            fewest_blocks(set, lower) + fewest_blocks(set, upper)
        }
        _ => 1,
    }
}

/// The cover word for word as the contract defines it.
fn cover_by_definition(set: &Set, universe: &Set, block: Prefix<Tiny>) -> Vec<Prefix<Tiny>> {
    let within = universe.intersection(&Set::from_prefix(block));
    let members = within.intersection(set);
    let (Some(first), Some(last)) = (members.first(), members.last()) else { return Vec::new() };
    if within.is_subset(set) {
        if block == whole_line() {
            return vec![block];
        }
        let lengths = (0..=8).rev().filter_map(|length| Prefix::new(first, length));
        return lengths.into_iter().find(|smallest| smallest.contains(last)).into_iter().collect();
    }
    let halves = block.halves().map(|(lower, upper)| [lower, upper]).into_iter().flatten();
    halves.flat_map(|half| cover_by_definition(set, universe, half)).collect()
}

proptest! {
    #[test]
    fn an_exact_cover_is_exact_and_the_shortest(set in any_set()) {
        let blocks = exact_cover(&set);
        prop_assert_eq!(&members(&blocks), &set);
        prop_assert!(are_disjoint_and_ascending(&blocks));
        prop_assert_eq!(blocks.len(), fewest_blocks(&set, whole_line()));
    }

    #[test]
    fn a_cover_within_a_universe_is_the_contracts(set in any_set(), universe in any_set()) {
        let blocks = cover_within(&set, &universe);
        prop_assert!(are_disjoint_and_ascending(&blocks));
        prop_assert_eq!(members(&blocks).intersection(&universe), set.intersection(&universe));
        prop_assert_eq!(&blocks, &cover_by_definition(&set, &universe, whole_line()));
        // What lies outside the universe changes nothing.
        prop_assert_eq!(&blocks, &cover_within(&set.intersection(&universe), &universe));
        prop_assert_eq!(&blocks, &cover_within(&set.union(&universe.complement()), &universe));
        // And the cover is its own cover: it says what it was made from.
        prop_assert_eq!(&blocks, &cover_within(&members(&blocks), &universe));
    }

    #[test]
    fn the_whole_universe_is_the_slash_zero(set in any_set(), universe in any_set()) {
        let blocks = cover_within(&universe.union(&set), &universe);
        let expected = if universe.is_empty() { vec![] } else { vec![whole_line()] };
        prop_assert_eq!(blocks, expected);
    }

    #[test]
    fn blocks_hold_what_their_bits_say(a: u8, b: u8, length in 0..=8_u8) {
        let around = Prefix::around(Tiny(a), Tiny(b));
        prop_assert!(around.contains(Tiny(a)) && around.contains(Tiny(b)));
        if let Some((lower, upper)) = around.halves() {
            prop_assert!(!(lower.contains(Tiny(a)) && lower.contains(Tiny(b))));
            prop_assert!(!(upper.contains(Tiny(a)) && upper.contains(Tiny(b))));
            prop_assert_eq!(lower.last().successor(), Some(upper.first()));
        }
        let block = Prefix::new(Tiny(a), length).unwrap();
        // The same bits at the low end of the real number lines.
        let v4 = Prefix::new(u32::from(a), length + 24).unwrap();
        let v6 = Prefix::new(u128::from(a), length + 120).unwrap();
        for p in Tiny::every() {
            prop_assert_eq!(block.contains(p), block.first() <= p && p <= block.last());
            prop_assert_eq!(v4.contains(u32::from(p.0)), block.contains(p));
            prop_assert_eq!(v6.contains(u128::from(p.0)), block.contains(p));
        }
    }
}

// Packets. Peers are masks of eight bits, four for each family: its three lowest
// addresses and all the rest. Selectors are looked at around every bound that a
// rule can have.

const SELECTORS: [u16; 8] = [0, 1, 2, 22, 23, 2048, 65534, 65535];
/// The last is in no rule, so it always falls back to `other`.
const PROTOCOLS: [Protocol; 7] = [
    Protocol::Tcp,
    Protocol::Udp,
    Protocol::Icmp,
    Protocol::Icmpv6,
    Protocol::Other(50),
    Protocol::Other(51),
    Protocol::Other(99),
];

#[derive(Clone, Debug)]
struct Rule {
    matches: Match,
    peers: u8,
    allow: bool,
}

fn any_match() -> impl Strategy<Value = Match> {
    let bound = prop::sample::select(SELECTORS.to_vec());
    let named = PROTOCOLS.into_iter().filter(|protocol| protocol.number() != 99);
    let protocol = prop::sample::select(named.collect::<Vec<_>>());
    let ports =
        (bound.clone(), bound).prop_filter_map("reversed", |(a, b)| PortRange::new(a, b).ok());
    prop_oneof![
        1 => Just(Match::All),
        5 => (protocol, ports).prop_map(|(protocol, ports)| Match::Ports(protocol, ports)),
    ]
}

fn any_rules() -> impl Strategy<Value = Vec<Rule>> {
    let peers = prop_oneof![3 => any::<u8>(), 1 => Just(u8::MAX)];
    let rule = (any_match(), peers, any::<bool>()).prop_map(|(matches, peers, allow)| Rule {
        matches,
        peers,
        allow,
    });
    vec(rule, 0..8)
}

fn peers(mask: u8, sets: &mut IpSets) -> IpSetId {
    let has = |bit: u32| mask >> bit & 1 == 1;
    let v4 = (0..4_u32).filter(|&bit| has(bit));
    let v6 = (0..4_u32).filter(|&bit| has(bit + 4));
    sets.intern(IpSet {
        v4: Ipv4Set::from_ranges(v4.map(|bit| (bit, if bit == 3 { u32::MAX } else { bit }))),
        v6: Ipv6Set::from_ranges(
            v6.map(u128::from).map(|bit| (bit, if bit == 3 { u128::MAX } else { bit })),
        ),
    })
}

fn mask(id: IpSetId, sets: &IpSets) -> u8 {
    (0..4_u32).fold(0, |mask, bit| {
        let v4 = u8::from(sets.v4.contains(id.v4, bit)) << bit;
        let v6 = u8::from(sets.v6.contains(id.v6, u128::from(bit))) << (bit + 4);
        mask | v4 | v6
    })
}

fn space(rules: &[Rule], sets: &mut IpSets) -> HeaderSpace {
    let mut space = HeaderSpace::empty();
    for rule in rules {
        let peers = peers(rule.peers, sets);
        space.add(sets, &rule.matches, peers);
    }
    space
}

/// Whom any of the rules admits.
fn any_of(rules: &[Rule], protocol: Protocol, selector: u16) -> u8 {
    let matching = rules.iter().filter(|rule| rule.matches.matches(protocol, selector));
    matching.fold(0, |mask, rule| mask | rule.peers)
}

/// Whom the first rule that matches allows.
fn first_match(rules: &[Rule], protocol: Protocol, selector: u16) -> u8 {
    (0..8).map(|bit| 1_u8 << bit).fold(0, |allowed, peer| {
        let matching =
            |rule: &&Rule| rule.peers & peer != 0 && rule.matches.matches(protocol, selector);
        match rules.iter().find(matching) {
            Some(rule) if rule.allow => allowed | peer,
            _ => allowed,
        }
    })
}

/// Compares a space with a model at every protocol and around every bound, and
/// looks at its form.
fn check(
    space: &HeaderSpace,
    sets: &IpSets,
    model: impl Fn(Protocol, u16) -> u8,
) -> Result<(), TestCaseError> {
    let mut empty = true;
    for protocol in PROTOCOLS {
        let segments: Vec<Segment> = space.segments(protocol).collect();
        for pair in segments.windows(2) {
            let [a, b] = pair else { continue };
            prop_assert!(a.ports.last() < b.ports.first(), "{segments:?}");
            let touch = a.ports.last().checked_add(1) == Some(b.ports.first());
            prop_assert!(!(touch && a.peers == b.peers), "{segments:?}");
        }
        prop_assert!(segments.iter().all(|segment| !segment.peers.is_empty()), "{segments:?}");
        for bound in SELECTORS {
            for selector in [bound.saturating_sub(1), bound, bound.saturating_add(1)] {
                let found = space.lookup(protocol, selector);
                let expected = model(protocol, selector);
                prop_assert_eq!(mask(found, sets), expected, "{} {}", protocol, selector);
                let segment = segments.iter().find(|segment| segment.ports.contains(selector));
                prop_assert_eq!(segment.map_or(IpSetId::EMPTY, |segment| segment.peers), found);
                empty &= found.is_empty();
            }
        }
    }
    prop_assert!(space.numbered.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0)));
    prop_assert_eq!(space.is_empty(), empty);
    Ok(())
}

proptest! {
    #[test]
    fn header_spaces_hold_packet_by_packet(a in any_rules(), b in any_rules(), only: u8) {
        let mut sets = IpSets::new();
        let (left, right) = (space(&a, &mut sets), space(&b, &mut sets));
        let only_these = peers(only, &mut sets);
        let union = left.union(&right, &mut sets);
        let intersection = left.intersection(&right, &mut sets);
        let difference = left.difference(&right, &mut sets);
        let restricted = left.restrict(only_these, &mut sets);
        check(&left, &sets, |p, s| any_of(&a, p, s))?;
        check(&union, &sets, |p, s| any_of(&a, p, s) | any_of(&b, p, s))?;
        check(&intersection, &sets, |p, s| any_of(&a, p, s) & any_of(&b, p, s))?;
        check(&difference, &sets, |p, s| any_of(&a, p, s) & !any_of(&b, p, s))?;
        check(&restricted, &sets, |p, s| any_of(&a, p, s) & only)?;
    }

    #[test]
    fn the_order_of_allow_rules_does_not_matter(mut rules in any_rules()) {
        let mut sets = IpSets::new();
        let forwards = space(&rules, &mut sets);
        rules.reverse();
        prop_assert_eq!(&forwards, &space(&rules, &mut sets));
        let collected = HeaderSpace::union_of(
            rules.iter().map(|rule| (rule.matches, peers(rule.peers, &mut sets))).collect::<Vec<_>>(),
            &mut sets,
        );
        prop_assert_eq!(&forwards, &collected);
    }

    #[test]
    fn normal_spaces_are_equal_exactly_if_their_packets_are(a in any_rules(), b in any_rules()) {
        let mut sets = IpSets::new();
        let normal = |mut space: HeaderSpace| {
            space.normalise();
            space
        };
        let (left, right) = (space(&a, &mut sets), space(&b, &mut sets));
        let same = left.difference(&right, &mut sets).is_empty()
            && right.difference(&left, &mut sets).is_empty();
        let (left, right) = (normal(left), normal(right));
        check(&left, &sets, |p, s| any_of(&a, p, s))?;
        prop_assert_eq!(left == right, same);
        // Rules that add nothing and take nothing, so that the two are the same.
        let both = left.union(&right, &mut sets);
        let back = both.intersection(&left, &mut sets);
        prop_assert_eq!(normal(back), left);
    }

    #[test]
    fn the_first_rule_that_matches_decides(rules in any_rules()) {
        let mut sets = IpSets::new();
        let mut filter = FirstMatch::new();
        for rule in &rules {
            let peers = peers(rule.peers, &mut sets);
            filter.push(&rule.matches, peers, rule.allow, &mut sets);
        }
        let allowed = filter.finish();
        check(&allowed, &sets, |p, s| first_match(&rules, p, s))?;
        for rule in &rules {
            if let Match::Ports(Protocol::Other(number), _) = rule.matches {
                prop_assert!(allowed.numbered.iter().any(|&(named, _)| named == number));
            }
        }
    }

    #[test]
    fn bounds_hold_whatever_the_unknown_turns_out_to_be(a: (u8, u8), b: (u8, u8), truth: (u8, u8)) {
        let mut sets = IpSets::new();
        let mut bounds = |(certain, possible): (u8, u8)| {
            let (certain, possible) = (peers(certain, &mut sets), peers(possible, &mut sets));
            Bounds::between(certain, possible, &mut sets)
        };
        let (left, right) = (bounds(a), bounds(b));
        // Some set between the bounds of each: the certain and part of the rest.
        let (x, y) = (a.0 | a.1 & truth.0, b.0 | b.1 & truth.1);
        let union = left.union(&right, &mut sets);
        let intersection = left.intersection(&right, &mut sets);
        let minus = left.minus(&right, &mut sets);
        for (result, real) in [(union, x | y), (intersection, x & y), (minus, x & !y)] {
            let (certain, possible) =
                (mask(result.certain(), &sets), mask(result.possible(), &sets));
            prop_assert_eq!(certain & !real, 0, "all that is certain is real");
            prop_assert_eq!(real & !possible, 0, "all that is real is possible");
            prop_assert!(sets.difference(result.certain(), result.possible()).is_empty());
            prop_assert_eq!(result.is_exact(), certain == possible);
            prop_assert_eq!(result.is_empty(), possible == 0);
        }
        // As tight as can be: each bound is reached by some choice of the unknown.
        let (a1, b1) = (a.0 | a.1, b.0 | b.1);
        prop_assert_eq!(mask(minus.certain(), &sets), a.0 & !b1);
        prop_assert_eq!(mask(minus.possible(), &sets), a1 & !b.0);
        prop_assert_eq!(mask(union.certain(), &sets), a.0 | b.0);
        prop_assert_eq!(mask(intersection.possible(), &sets), a1 & b1);
    }
}
