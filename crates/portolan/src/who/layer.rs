//! Whose each address is, as disjoint ranges in order.
//!
//! What is known of addresses overlaps: a zone lies in a subnet, the subnet in its
//! VPC, a service's block in Amazon's. A [`Layer`] decides once for every address, so
//! that a question costs a search and what it meets, however much is known.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::net::Address;

/// Something that is known of a range of addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Claim<A, K> {
    pub(super) first: A,
    pub(super) last: A,
    /// Lower is the better word.
    pub(super) rank: u8,
    /// Of equal rank the smaller thing is the better word.
    pub(super) size: u128,
    pub(super) key: K,
}

impl<A: Address, K> Claim<A, K> {
    /// A claim that is as large as its range.
    pub(super) fn new(first: A, last: A, rank: u8, key: K) -> Self {
        let size = last.to_u128().saturating_sub(first.to_u128());
        Self { first, last, rank, size, key }
    }
}

/// Ranges that are disjoint and ascending, each with whose it is.
#[derive(Clone, Debug)]
pub(super) struct Layer<A, K>(Vec<(A, A, K)>);

/// Ranges with whose they are, and those of which nobody is known.
type Split<A, K> = (Vec<(A, A, K)>, Vec<(A, A)>);

impl<A, K> Default for Layer<A, K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<A: Address, K: Copy + Ord> Layer<A, K> {
    /// Decides between claims: the lowest rank, then the smallest thing, then the
    /// first key.
    pub(super) fn of(mut claims: Vec<Claim<A, K>>) -> Self {
        claims.retain(|claim| claim.first <= claim.last);
        claims.sort_unstable_by_key(|claim| (claim.first, claim.rank, claim.size, claim.key));
        let mut cuts: Vec<A> = claims
            .iter()
            .flat_map(|claim| [Some(claim.first), claim.last.successor()])
            .flatten()
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut layer = Self(Vec::with_capacity(cuts.len()));
        let mut open: BinaryHeap<Reverse<(u8, u128, K, A)>> = BinaryHeap::new();
        let mut upcoming = claims.into_iter().peekable();
        let mut cuts = cuts.into_iter().peekable();
        while let Some(first) = cuts.next() {
            while let Some(claim) = upcoming.next_if(|claim| claim.first <= first) {
                open.push(Reverse((claim.rank, claim.size, claim.key, claim.last)));
            }
            while open.peek().is_some_and(|Reverse((.., last))| *last < first) {
                open.pop();
            }
            let Some(Reverse((_, _, key, _))) = open.peek() else { continue };
            let last = cuts.peek().and_then(|next| next.predecessor()).unwrap_or(A::MAX);
            layer.push(first, last, *key);
        }
        layer.0.shrink_to_fit();
        layer
    }

    /// The same ranges with other words for them.
    pub(super) fn map(&self, word: impl Fn(K) -> K) -> Self {
        let mut mapped = Self::default();
        for &(first, last, key) in &self.0 {
            mapped.push(first, last, word(key));
        }
        mapped.0.shrink_to_fit();
        mapped
    }

    /// Adds a range behind the others.
    fn push(&mut self, first: A, last: A, key: K) {
        if let Some(end) = self.0.last_mut()
            && end.2 == key
            && end.1.successor() == Some(first)
        {
            end.1 = last;
        } else {
            self.0.push((first, last, key));
        }
    }

    /// The parts of some ranges that somebody is known of, and the ranges that are left.
    pub(super) fn split(&self, ranges: &[(A, A)]) -> Split<A, K> {
        let (mut known, mut left) = (Vec::new(), Vec::new());
        for &(first, last) in ranges {
            let mut from = Some(first);
            for &(start, end, key) in self.within(first, last) {
                let (start, end) = (start.max(first), end.min(last));
                if let (Some(from), Some(before)) = (from, start.predecessor())
                    && from <= before
                {
                    left.push((from, before));
                }
                known.push((start, end, key));
                from = end.successor();
            }
            left.extend(from.filter(|from| *from <= last).map(|from| (from, last)));
        }
        (known, left)
    }

    /// How many ranges meet some others.
    pub(super) fn count(&self, ranges: &[(A, A)]) -> usize {
        ranges.iter().map(|&(first, last)| self.within(first, last).len()).sum()
    }

    fn within(&self, first: A, last: A) -> &[(A, A, K)] {
        let start = self.0.partition_point(|&(_, end, _)| end < first);
        let rest = self.0.get(start..).unwrap_or_default();
        let end = rest.partition_point(|&(begin, ..)| begin <= last);
        rest.get(..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_better_word_counts_and_the_worse_one_goes_on_behind_it() {
        let layer = Layer::of(vec![
            Claim::new(0_u16, 99, 2, 'v'),
            Claim::new(10, 19, 1, 's'),
            Claim::new(12, 12, 0, 'i'),
            Claim::new(15, 40, 1, 't'),
        ]);
        assert_eq!(
            layer.0,
            [
                (0, 9, 'v'),
                (10, 11, 's'),
                (12, 12, 'i'),
                (13, 19, 's'),
                (20, 40, 't'),
                (41, 99, 'v')
            ]
        );
        let (known, left) = layer.split(&[(5, 10), (90, 110)]);
        assert_eq!(known, [(5, 9, 'v'), (10, 10, 's'), (90, 99, 'v')]);
        assert_eq!(left, [(100, 110)]);
        assert_eq!(layer.count(&[(5, 12), (99, 99)]), 4);
    }

    proptest! {
        #[test]
        fn every_address_has_the_best_of_its_claims(
            claims in prop::collection::vec((0_u16..64, 0_u16..64, 0_u8..4, 0_u8..8), 0..12),
        ) {
            let claims: Vec<Claim<u16, u8>> = claims
                .into_iter()
                .map(|(a, b, rank, key)| Claim::new(a.min(b), a.max(b), rank, key))
                .collect();
            let layer = Layer::of(claims.clone());
            for address in 0..70 {
                let best = claims
                    .iter()
                    .filter(|it| it.first <= address && address <= it.last)
                    .min_by_key(|it| (it.rank, it.size, it.key))
                    .map(|it| it.key);
                let (known, left) = layer.split(&[(address, address)]);
                prop_assert_eq!(known.first().map(|it| it.2), best);
                prop_assert_eq!(left.is_empty(), best.is_some());
            }
        }
    }
}
