//! Equal sets are one id.
//!
//! An estate of a million interfaces has a few thousand different sets, each met
//! with the same others over and over. So sets are kept once, named by small ids
//! in the order of their creation, and each operation on two ids is computed
//! once. Whether two sets are equal is whether their ids are.
#![expect(
    clippy::disallowed_types,
    reason = "lookup only: ids are given in order of creation, never in map order"
)]

// The one place with hash maps. They are only asked, never walked: ids count up
// in the order of creation, so no order of a map reaches a report.
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use super::spaces::Spaces;
use super::{Address, IpSet, RangeSet};

/// The name of a set within one [`Sets`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SetId(u32);

impl SetId {
    /// The set without members, in every arena.
    pub const EMPTY: Self = Self(0);
    /// The whole number line, in every arena.
    pub const ALL: Self = Self(1);

    /// The position in the order of creation.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// The sets of one number line that have come up so far.
///
/// An id is good for the arena that gave it and for no other.
///
/// ```
/// use portolan::net::{Ipv4Set, SetId, Sets};
///
/// let mut sets = Sets::new();
/// let low = sets.intern(Ipv4Set::range(0, 9));
/// let rest = sets.difference(SetId::ALL, low);
/// assert_eq!(sets.union(low, rest), SetId::ALL);
/// assert_eq!(sets.intersection(low, rest), SetId::EMPTY);
/// ```
#[derive(Clone, Debug)]
pub struct Sets<A: Address> {
    /// By id.
    sets: Vec<Arc<RangeSet<A>>>,
    ids: HashMap<Arc<RangeSet<A>>, SetId, FixedState>,
    unions: Memo,
    /// Unions of three and more, by their ids ascending.
    wide_unions: HashMap<Box<[SetId]>, SetId, FixedState>,
    intersections: Memo,
    differences: Memo,
    nothing: RangeSet<A>,
}

type Memo = HashMap<(SetId, SetId), SetId, BuildHasherDefault<IdHasher>>;

impl<A: Address> Default for Sets<A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Address> Sets<A> {
    /// An arena that knows the empty set and the whole line.
    #[must_use]
    pub fn new() -> Self {
        let mut sets = Self {
            sets: Vec::new(),
            ids: HashMap::with_hasher(FixedState::default()),
            unions: Memo::default(),
            wide_unions: HashMap::with_hasher(FixedState::default()),
            intersections: Memo::default(),
            differences: Memo::default(),
            nothing: RangeSet::empty(),
        };
        let empty = sets.intern(RangeSet::empty());
        let all = sets.intern(RangeSet::all());
        debug_assert_eq!((empty, all), (SetId::EMPTY, SetId::ALL));
        sets
    }

    /// The id of a set, a new one if the set has not come up before.
    pub fn intern(&mut self, set: RangeSet<A>) -> SetId {
        if let Some(&id) = self.ids.get(&set) {
            return id;
        }
        // Four billion sets of 24 bytes and more do not fit a machine that this
        // runs on; should they, all further sets would be the last one.
        let id = SetId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        let set = Arc::new(set.shrunk());
        self.sets.push(Arc::clone(&set));
        self.ids.insert(set, id);
        id
    }

    /// The set of an id.
    #[must_use]
    pub fn get(&self, id: SetId) -> &RangeSet<A> {
        let set = usize::try_from(id.0).ok().and_then(|index| self.sets.get(index));
        debug_assert!(set.is_some(), "{id:?} is of another arena");
        set.map_or(&self.nothing, |set| set)
    }

    /// How many different sets have come up.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sets.len()
    }

    /// What is in either set.
    ///
    /// ```
    /// use portolan::net::{Ipv4Set, Sets};
    ///
    /// let mut sets = Sets::new();
    /// let (a, b) = (sets.intern(Ipv4Set::range(0, 4)), sets.intern(Ipv4Set::range(5, 9)));
    /// let union = sets.union(a, b);
    /// assert_eq!(sets.get(union), &Ipv4Set::range(0, 9));
    /// ```
    pub fn union(&mut self, a: SetId, b: SetId) -> SetId {
        if a == b || b == SetId::EMPTY || a == SetId::ALL {
            return a;
        }
        if a == SetId::EMPTY || b == SetId::ALL {
            return b;
        }
        let key = (a.min(b), a.max(b));
        if let Some(&id) = self.unions.get(&key) {
            return id;
        }
        let union = self.get(a).union(self.get(b));
        let id = self.intern(union);
        self.unions.insert(key, id);
        id
    }

    /// What is in both sets.
    ///
    /// ```
    /// use portolan::net::{Ipv4Set, Sets};
    ///
    /// let mut sets = Sets::new();
    /// let (a, b) = (sets.intern(Ipv4Set::range(0, 4)), sets.intern(Ipv4Set::range(4, 9)));
    /// let both = sets.intersection(a, b);
    /// assert_eq!(sets.get(both), &Ipv4Set::single(4));
    /// ```
    pub fn intersection(&mut self, a: SetId, b: SetId) -> SetId {
        if a == b || b == SetId::ALL || a == SetId::EMPTY {
            return a;
        }
        if a == SetId::ALL || b == SetId::EMPTY {
            return b;
        }
        let key = (a.min(b), a.max(b));
        if let Some(&id) = self.intersections.get(&key) {
            return id;
        }
        let intersection = self.get(a).intersection(self.get(b));
        let id = self.intern(intersection);
        self.intersections.insert(key, id);
        id
    }

    /// What is in the first set and not in the second.
    ///
    /// ```
    /// use portolan::net::{Ipv4Set, Sets};
    ///
    /// let mut sets = Sets::new();
    /// let (a, b) = (sets.intern(Ipv4Set::range(0, 4)), sets.intern(Ipv4Set::range(4, 9)));
    /// let left = sets.difference(a, b);
    /// assert_eq!(sets.get(left), &Ipv4Set::range(0, 3));
    /// ```
    pub fn difference(&mut self, a: SetId, b: SetId) -> SetId {
        if b == SetId::EMPTY {
            return a;
        }
        if a == b || a == SetId::EMPTY || b == SetId::ALL {
            return SetId::EMPTY;
        }
        if let Some(&id) = self.differences.get(&(a, b)) {
            return id;
        }
        let difference = self.get(a).difference(self.get(b));
        let id = self.intern(difference);
        self.differences.insert((a, b), id);
        id
    }

    /// What is in any of the sets.
    ///
    /// Several at once are joined in one step, without keeping the sets between.
    ///
    /// ```
    /// use portolan::net::{Ipv4Set, Sets};
    ///
    /// let mut sets = Sets::new();
    /// let ids: Vec<_> = (0..9).map(|n| sets.intern(Ipv4Set::single(n))).collect();
    /// let union = sets.union_all(ids);
    /// assert_eq!(sets.get(union), &Ipv4Set::range(0, 8));
    /// ```
    pub fn union_all(&mut self, ids: impl IntoIterator<Item = SetId>) -> SetId {
        let mut ids: Vec<_> = ids.into_iter().filter(|&id| id != SetId::EMPTY).collect();
        ids.sort_unstable();
        ids.dedup();
        match *ids.as_slice() {
            [] => SetId::EMPTY,
            // Only the empty set has a lower id.
            [SetId::ALL, ..] => SetId::ALL,
            [id] => id,
            [a, b] => self.union(a, b),
            _ => {
                if let Some(&known) = self.wide_unions.get(ids.as_slice()) {
                    return known;
                }
                let sets = ids.iter().map(|&id| self.get(id));
                let union = RangeSet::union_of(sets);
                let union = self.intern(union);
                self.wide_unions.insert(ids.into(), union);
                union
            }
        }
    }

    /// Whether the sets share a member; no set is made.
    #[must_use]
    pub fn intersects(&self, a: SetId, b: SetId) -> bool {
        if a == SetId::EMPTY || b == SetId::EMPTY {
            return false;
        }
        a == b || self.get(a).intersects(self.get(b))
    }

    /// Whether every member of the first set is in the second; no set is made.
    #[must_use]
    pub fn is_subset(&self, a: SetId, b: SetId) -> bool {
        a == b || a == SetId::EMPTY || b == SetId::ALL || self.get(a).is_subset(self.get(b))
    }
}

/// The name of a set of addresses within one [`IpSets`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IpSetId {
    /// The IPv4 addresses.
    pub v4: SetId,
    /// The IPv6 addresses.
    pub v6: SetId,
}

impl IpSetId {
    /// The set without members.
    pub const EMPTY: Self = Self { v4: SetId::EMPTY, v6: SetId::EMPTY };
    /// Every address of both families.
    pub const ALL: Self = Self { v4: SetId::ALL, v6: SetId::ALL };
    /// Every IPv4 address.
    pub const ALL_V4: Self = Self { v4: SetId::ALL, v6: SetId::EMPTY };
    /// Every IPv6 address.
    pub const ALL_V6: Self = Self { v4: SetId::EMPTY, v6: SetId::ALL };

    /// Whether the set has no members.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// The IPv4 addresses alone.
    #[must_use]
    pub const fn only_v4(self) -> Self {
        Self { v4: self.v4, v6: SetId::EMPTY }
    }

    /// The IPv6 addresses alone.
    #[must_use]
    pub const fn only_v6(self) -> Self {
        Self { v4: SetId::EMPTY, v6: self.v6 }
    }
}

/// The sets of addresses that have come up so far, by family.
///
/// ```
/// use portolan::net::{Cidr, IpSet, IpSetId, IpSets};
///
/// let mut sets = IpSets::new();
/// let private = sets.intern(IpSet::from(Cidr::parse("10.0.0.0/8")?.0));
/// let public = sets.difference(IpSetId::ALL, private);
/// assert_eq!(sets.union(private, public), IpSetId::ALL);
/// # Ok::<(), portolan::net::CidrError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct IpSets {
    /// The sets of IPv4 addresses.
    pub v4: Sets<u32>,
    /// The sets of IPv6 addresses.
    pub v6: Sets<u128>,
    /// The header spaces made of them.
    pub(super) spaces: Spaces,
}

impl IpSets {
    /// How many sets of addresses, and header spaces, have come up.
    #[must_use]
    pub fn count(&self) -> usize {
        let sets = self.v4.count().saturating_add(self.v6.count());
        sets.saturating_add(self.spaces.count())
    }

    /// Arenas that know the empty set and the whole line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of a set, a new one if the set has not come up before.
    pub fn intern(&mut self, set: IpSet) -> IpSetId {
        IpSetId { v4: self.v4.intern(set.v4), v6: self.v6.intern(set.v6) }
    }

    /// The set of an id.
    #[must_use]
    pub fn to_set(&self, id: IpSetId) -> IpSet {
        IpSet { v4: self.v4.get(id.v4).clone(), v6: self.v6.get(id.v6).clone() }
    }

    /// Whether the address is in the set of this id.
    #[must_use]
    pub fn contains(&self, id: IpSetId, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.get(id.v4).contains(address.to_bits()),
            IpAddr::V6(address) => self.v6.get(id.v6).contains(address.to_bits()),
        }
    }

    /// What is in either set.
    pub fn union(&mut self, a: IpSetId, b: IpSetId) -> IpSetId {
        IpSetId { v4: self.v4.union(a.v4, b.v4), v6: self.v6.union(a.v6, b.v6) }
    }

    /// What is in both sets.
    pub fn intersection(&mut self, a: IpSetId, b: IpSetId) -> IpSetId {
        IpSetId { v4: self.v4.intersection(a.v4, b.v4), v6: self.v6.intersection(a.v6, b.v6) }
    }

    /// What is in the first set and not in the second.
    pub fn difference(&mut self, a: IpSetId, b: IpSetId) -> IpSetId {
        IpSetId { v4: self.v4.difference(a.v4, b.v4), v6: self.v6.difference(a.v6, b.v6) }
    }

    /// Every address of either family that is not in the set.
    pub fn complement(&mut self, id: IpSetId) -> IpSetId {
        self.difference(IpSetId::ALL, id)
    }

    /// What is in any of the sets, joined in one step.
    pub fn union_all(&mut self, ids: impl IntoIterator<Item = IpSetId>) -> IpSetId {
        let (v4, v6): (Vec<_>, Vec<_>) = ids.into_iter().map(|id| (id.v4, id.v6)).unzip();
        IpSetId { v4: self.v4.union_all(v4), v6: self.v6.union_all(v6) }
    }

    /// Whether the sets share a member; no set is made.
    #[must_use]
    pub fn intersects(&self, a: IpSetId, b: IpSetId) -> bool {
        self.v4.intersects(a.v4, b.v4) || self.v6.intersects(a.v6, b.v6)
    }

    /// Whether every member of the first set is in the second; no set is made.
    #[must_use]
    pub fn is_subset(&self, a: IpSetId, b: IpSetId) -> bool {
        self.v4.is_subset(a.v4, b.v4) && self.v6.is_subset(a.v6, b.v6)
    }
}

/// Hashes pairs of ids by multiplication.
///
/// Ids count up and no input chooses them, so the memos need no defence against
/// chosen keys and are spared its cost. The sets themselves, which input does
/// choose, keep the standard hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        // The map takes its bucket from the low bits and its tag from the high
        // ones; multiplication mixes upwards only.
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        // 2^64 divided by the golden ratio, as in Fibonacci hashing (Knuth, 6.4).
        self.0 = (self.0.rotate_left(32) ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_up_and_equal_sets_share_one() {
        let mut sets = Sets::<u32>::new();
        assert_eq!(sets.intern(RangeSet::empty()), SetId::EMPTY);
        assert_eq!(sets.intern(RangeSet::all()), SetId::ALL);
        let a = sets.intern(RangeSet::range(1, 2));
        let b = sets.intern(RangeSet::range(3, 9));
        assert_eq!((a.index(), b.index(), sets.count()), (2, 3, 4));
        let joined = sets.union(a, b);
        assert_eq!(joined, sets.intern(RangeSet::range(1, 9)));
        assert_eq!(sets.union(b, a), joined);
        assert_eq!(sets.union_all([b, SetId::EMPTY, a, joined]), joined);
        assert_eq!(sets.union_all([b, SetId::ALL, a]), SetId::ALL);
    }
}
