//! Sets of points of a number line, as sorted ranges.
//!
//! The form is canonical (sorted, disjoint, no two ranges that touch), so that
//! comparing two sets is comparing two lists. The operations walk both lists once
//! and jump ahead by galloping search, so that meeting a short list with a long
//! one costs the short one's length times a logarithm: an estate is full of
//! questions like "which of these three addresses are in that large set".

use std::iter;

use super::{Address, Prefix};

/// A set of IPv4 addresses.
pub type Ipv4Set = RangeSet<u32>;
/// A set of IPv6 addresses.
pub type Ipv6Set = RangeSet<u128>;

/// A set of points of a number line.
///
/// Its ranges are closed, sorted, disjoint and never adjacent, so there is one
/// form of each set and equality is equality of sets. (The order of sets is only
/// good for sorting; it is not inclusion.)
///
/// ```
/// use portolan::net::Ipv4Set;
///
/// let low = Ipv4Set::range(0, 9);
/// let high = Ipv4Set::range(10, 19);
/// assert_eq!(low.union(&high), Ipv4Set::range(0, 19));
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RangeSet<A: Address>(Vec<(A, A)>);

impl<A: Address> Default for RangeSet<A> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<A: Address> RangeSet<A> {
    /// The set without members.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The whole line.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![(A::MIN, A::MAX)])
    }

    /// The set of one member.
    #[must_use]
    pub fn single(member: A) -> Self {
        Self(vec![(member, member)])
    }

    /// All `a` with `first <= a` and `a <= last`; none if `last` is below `first`.
    #[must_use]
    pub fn range(first: A, last: A) -> Self {
        Self::from_ranges([(first, last)])
    }

    /// The union of closed ranges, in any order and overlapping or not.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// let set = Ipv4Set::from_ranges([(5, 9), (1, 2), (8, 12), (3, 3)]);
    /// assert_eq!(set.ranges(), [(1, 3), (5, 12)]);
    /// ```
    #[must_use]
    pub fn from_ranges(ranges: impl IntoIterator<Item = (A, A)>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        ranges.sort_unstable();
        let mut set = Builder::with_capacity(0);
        for range in ranges {
            set.push(range);
        }
        set.finish()
    }

    /// Ranges that are sorted, disjoint and not adjacent already.
    pub(super) fn from_canonical(ranges: Vec<(A, A)>) -> Self {
        let touch = |end: A, start: A| end.successor().is_none_or(|next| start <= next);
        debug_assert!(!ranges.windows(2).any(|two| matches!(two, [a, b] if touch(a.1, b.0))));
        Self(ranges)
    }

    /// The addresses of a CIDR block.
    #[must_use]
    pub fn from_prefix(prefix: Prefix<A>) -> Self {
        Self(vec![(prefix.first(), prefix.last())])
    }

    /// The ranges, ascending.
    #[must_use]
    pub fn ranges(&self) -> &[(A, A)] {
        &self.0
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the whole line is in the set.
    #[must_use]
    pub fn is_all(&self) -> bool {
        matches!(self.0.as_slice(), [(first, last)] if (*first, *last) == (A::MIN, A::MAX))
    }

    /// The lowest member.
    #[must_use]
    pub fn first(&self) -> Option<A> {
        self.0.first().map(|&(first, _)| first)
    }

    /// The highest member.
    #[must_use]
    pub fn last(&self) -> Option<A> {
        self.0.last().map(|&(_, last)| last)
    }

    /// How many members there are; the 2^128 of all IPv6 count as one fewer.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// assert_eq!(Ipv4Set::all().size(), 1 << 32);
    /// ```
    #[must_use]
    pub fn size(&self) -> u128 {
        self.0.iter().fold(0, |sum: u128, (first, last)| {
            let beyond_first = last.to_u128().saturating_sub(first.to_u128());
            sum.saturating_add(beyond_first).saturating_add(1)
        })
    }

    /// Whether the point is a member.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// assert!(Ipv4Set::range(1, 5).contains(5));
    /// ```
    #[must_use]
    pub fn contains(&self, point: A) -> bool {
        self.intersects_range(point, point)
    }

    /// Whether a closed range holds a member.
    #[must_use]
    pub fn intersects_range(&self, first: A, last: A) -> bool {
        self.first_within(first, last).is_some()
    }

    /// The lowest member within a closed range.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// let set = Ipv4Set::from_ranges([(1, 5), (20, 30)]);
    /// assert_eq!(set.first_within(3, 100), Some(3));
    /// assert_eq!(set.first_within(6, 100), Some(20));
    /// assert_eq!(set.first_within(6, 19), None);
    /// ```
    #[must_use]
    pub fn first_within(&self, first: A, last: A) -> Option<A> {
        let at = self.0.partition_point(|&(_, end)| end < first);
        let lowest = self.0.get(at)?.0.max(first);
        (lowest <= last).then_some(lowest)
    }

    /// The ranges that do not end before a point.
    pub(super) fn not_before(&self, point: A) -> &[(A, A)] {
        skip_before(&self.0, point)
    }

    /// The highest member within a closed range.
    #[must_use]
    pub fn last_within(&self, first: A, last: A) -> Option<A> {
        let behind = self.0.partition_point(|&(start, _)| start <= last);
        let highest = self.0.get(behind.checked_sub(1)?)?.1.min(last);
        (highest >= first).then_some(highest)
    }

    /// What is in either set.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// let set = Ipv4Set::range(1, 5).union(&Ipv4Set::range(3, 8));
    /// assert_eq!(set, Ipv4Set::range(1, 8));
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut union = Builder::with_capacity(self.0.len().saturating_add(other.0.len()));
        let (mut a, mut b) = (self.0.as_slice(), other.0.as_slice());
        loop {
            let range = match (a.split_first(), b.split_first()) {
                (Some((head_a, rest)), Some((head_b, _))) if head_a <= head_b => {
                    a = rest;
                    head_a
                }
                (Some((head, rest)), None) => {
                    a = rest;
                    head
                }
                (_, Some((head, rest))) => {
                    b = rest;
                    head
                }
                (None, None) => return union.finish(),
            };
            union.push(*range);
        }
    }

    /// What is in any of the sets, joined in one step.
    #[must_use]
    pub(super) fn union_of<'s>(sets: impl Iterator<Item = &'s Self> + Clone) -> Self {
        // Sorted runs one after the other are what the standard (stable) sort is
        // fastest with: it finds and merges them.
        let count = sets.clone().map(|set| set.0.len()).sum();
        let mut ranges = Vec::with_capacity(count);
        sets.for_each(|set| ranges.extend_from_slice(&set.0));
        ranges.sort();
        let mut union = Builder::with_capacity(0);
        for range in ranges {
            union.push(range);
        }
        union.finish()
    }

    /// What is in both sets.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// let set = Ipv4Set::range(1, 5).intersection(&Ipv4Set::range(3, 8));
    /// assert_eq!(set, Ipv4Set::range(3, 5));
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        // Pieces of two canonical sets are canonical: between two of them there
        // is a gap of one set or the other.
        Self(overlaps(&self.0, &other.0).collect())
    }

    /// Whether the sets share a member; nothing is allocated.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// assert!(Ipv4Set::range(1, 5).intersects(&Ipv4Set::range(5, 8)));
    /// ```
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        overlaps(&self.0, &other.0).next().is_some()
    }

    /// What is in this set and not in the other.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// let set = Ipv4Set::range(1, 9).difference(&Ipv4Set::range(3, 4));
    /// assert_eq!(set.ranges(), [(1, 2), (5, 9)]);
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len());
        let mut removed = other.0.as_slice();
        for &(first, last) in &self.0 {
            removed = skip_before(removed, first);
            // Where what is left of this range begins, none once nothing is.
            let mut from = Some(first);
            for &(start, end) in removed.iter().take_while(|&&(start, _)| start <= last) {
                if let (Some(from), Some(before)) = (from, start.predecessor())
                    && from <= before
                {
                    left.push((from, before));
                }
                from = end.successor();
            }
            if let Some(from) = from.filter(|from| *from <= last) {
                left.push((from, last));
            }
        }
        Self(left)
    }

    /// What is not in the set.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// let set = Ipv4Set::range(0, 9).complement();
    /// assert_eq!(set, Ipv4Set::range(10, u32::MAX));
    /// ```
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::all().difference(self)
    }

    /// The same set without spare memory, for those that are kept.
    pub(super) fn shrunk(mut self) -> Self {
        self.0.shrink_to_fit();
        self
    }

    /// Whether every member is in the other set too.
    ///
    /// ```
    /// use portolan::net::Ipv4Set;
    ///
    /// assert!(Ipv4Set::range(2, 3).is_subset(&Ipv4Set::range(1, 5)));
    /// ```
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let mut rest = other.0.as_slice();
        self.0.iter().all(|&(first, last)| {
            rest = skip_before(rest, first);
            rest.first().is_some_and(|&(start, end)| start <= first && last <= end)
        })
    }
}

impl<A: Address> FromIterator<(A, A)> for RangeSet<A> {
    fn from_iter<I: IntoIterator<Item = (A, A)>>(ranges: I) -> Self {
        Self::from_ranges(ranges)
    }
}

impl<A: Address> FromIterator<Prefix<A>> for RangeSet<A> {
    fn from_iter<I: IntoIterator<Item = Prefix<A>>>(prefixes: I) -> Self {
        prefixes.into_iter().map(|prefix| (prefix.first(), prefix.last())).collect()
    }
}

/// Takes ranges in ascending order of their first point, joins what touches.
struct Builder<A> {
    done: Vec<(A, A)>,
    open: Option<(A, A)>,
}

impl<A: Address> Builder<A> {
    fn with_capacity(capacity: usize) -> Self {
        Self { done: Vec::with_capacity(capacity), open: None }
    }

    fn push(&mut self, (first, last): (A, A)) {
        match &mut self.open {
            // Without a successor the open range ends with the line.
            Some((_, end)) if end.successor().is_none_or(|next| first <= next) => {
                *end = last.max(*end);
            }
            Some(open) => {
                self.done.push(*open);
                *open = (first, last);
            }
            None => self.open = Some((first, last)),
        }
    }

    fn finish(mut self) -> RangeSet<A> {
        self.done.extend(self.open);
        RangeSet(self.done)
    }
}

/// The pieces that two canonical lists share, ascending.
fn overlaps<'a, A: Address>(
    mut a: &'a [(A, A)],
    mut b: &'a [(A, A)],
) -> impl Iterator<Item = (A, A)> + 'a {
    iter::from_fn(move || {
        loop {
            let (first_a, last_a) = *a.first()?;
            b = skip_before(b, first_a);
            let (first_b, last_b) = *b.first()?;
            if last_a < first_b {
                a = skip_before(a, first_b);
                continue;
            }
            // Whichever ends first has nothing more to share.
            if last_a <= last_b {
                a = a.get(1..).unwrap_or_default();
            } else {
                b = b.get(1..).unwrap_or_default();
            }
            return Some((first_a.max(first_b), last_a.min(last_b)));
        }
    })
}

/// The ranges that do not end before a point.
fn skip_before<A: Address>(ranges: &[(A, A)], point: A) -> &[(A, A)] {
    ranges.get(leading(ranges, |range| range.1 < point)..).unwrap_or_default()
}

/// How many items from the front on something holds for, where it holds for no
/// item behind one for which it does not.
///
/// Gallops: doubles its stride from the front and then halves it, so that the
/// usual case, the very next item, costs one comparison, and a long jump a
/// logarithm.
pub(super) fn leading<T>(items: &[T], holds: impl Fn(&T) -> bool) -> usize {
    let mut rest = items;
    let mut stride = 1_usize;
    while rest.get(stride.saturating_sub(1)).is_some_and(&holds) {
        rest = rest.get(stride..).unwrap_or_default();
        stride = stride.saturating_mul(2);
    }
    // The answer is now within the first `stride` items.
    let window = rest.get(..stride.min(rest.len())).unwrap_or_default();
    let passed = items.len().saturating_sub(rest.len());
    passed.saturating_add(window.partition_point(holds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let set = RangeSet::from_ranges([(4_u32, 6), (0, 1), (2, 3), (9, 9), (6, 5)]);
        assert_eq!(set.ranges(), [(0, 6), (9, 9)]);
    }

    #[test]
    fn the_ends_of_the_line_are_ordinary_points() {
        let all = RangeSet::<u128>::all();
        let ends = RangeSet::from_ranges([(0, 0), (u128::MAX, u128::MAX)]);
        assert_eq!(all.difference(&ends).ranges(), [(1, u128::MAX - 1)]);
        assert_eq!(ends.complement().complement(), ends);
        assert_eq!(all.union(&ends), all);
        assert_eq!(all.complement(), RangeSet::empty());
        assert_eq!(all.size(), u128::MAX);
    }

    #[test]
    fn galloping_finds_the_range_at_any_distance() {
        let many: Vec<(u32, u32)> = (0..1000).map(|n| (n * 10, n * 10 + 3)).collect();
        for point in 0..10_010 {
            let expected = many.iter().position(|range| range.1 >= point).unwrap_or(1000);
            assert_eq!(skip_before(&many, point).len(), 1000 - expected, "{point}");
        }
    }
}
