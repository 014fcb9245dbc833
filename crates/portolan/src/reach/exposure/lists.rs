//! The peers of records as lists of blocks.
//!
//! In a large VPC thousands of records list thousands of blocks each, and the
//! lists differ in places: by the members of a group, by an interface's own
//! addresses. So the line of addresses is cut into aligned cells. A block of an
//! exact cover lies within a cell or is made of whole ones, so the blocks within
//! a cell depend on the members within it alone: cells of which a set holds a
//! part are written once, however many lists have that part.

use std::collections::BTreeMap;
#[expect(clippy::disallowed_types, reason = "looked up, never walked")]
use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;

use crate::net::{
    ContentId, IpAddress, IpSet, IpSetId, IpSets, Piece, Prefix, RangeSet, cover_within,
    exact_cover,
};
use crate::reach::engine::World;
use crate::record::{Audience, Blocks, Book, Breadth, Run};

/// The number of a list within its component.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct ListId(u32);

/// The lists of a component, while it is evaluated.
#[derive(Default)]
pub(super) struct Lists {
    book: Book,
    v4: Cells<u32>,
    v6: Cells<u128>,
    all: Vec<(Breadth, Range<usize>)>,
    known: BTreeMap<Key, ListId>,
}

/// The peers, whether they are of the internet, and whose members are left out.
type Key = (IpSetId, bool, Vec<IpSetId>);

/// The lists of a component that was evaluated.
pub(super) struct Written {
    book: Blocks,
    all: Vec<(Breadth, Range<usize>)>,
}

impl Written {
    pub(super) fn get(&self, id: ListId) -> Option<(Breadth, Blocks)> {
        let (breadth, runs) = self.all.get(usize::try_from(id.0).ok()?)?;
        Some((*breadth, self.book.list(runs.clone())))
    }
}

impl Lists {
    /// The list of peers without the members of groups that are named instead.
    pub(super) fn list(
        &mut self,
        world: &World,
        sets: &mut IpSets,
        audience: Audience,
        peers: IpSetId,
        without: Vec<IpSetId>,
    ) -> ListId {
        let key = (peers, audience == Audience::Internet, without);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let (breadth, runs) = match audience {
            Audience::Network | Audience::Estate => {
                let breadth = match few(peers, sets) {
                    true => Breadth::Some,
                    false => breadth(&sets.to_set(peers), world),
                };
                let left = key.2.iter().fold(peers, |left, &id| sets.difference(left, id));
                let mut runs = Vec::new();
                self.v4.cut(sets.v4.pieces(left.v4), &mut self.book, &mut runs);
                self.v6.cut(sets.v6.pieces(left.v6), &mut self.book, &mut runs);
                (breadth, self.book.list(runs))
            }
            Audience::Internet => {
                let peers = sets.to_set(peers);
                let breadth = breadth(&peers, world);
                let left = key.2.iter().fold(peers, |left, &id| left.difference(&sets.to_set(id)));
                let v4 = self.book.write(&cover_within(&left.v4, &world.internet.v4));
                let v6 = self.book.write(&cover_within(&left.v6, &world.internet.v6));
                (breadth, self.book.list(v4.into_iter().chain(v6)))
            }
        };
        let id = ListId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push((breadth, runs));
        self.known.insert(key, id);
        id
    }

    pub(super) fn written(mut self) -> Written {
        self.all.shrink_to_fit();
        Written { book: self.book.closed(), all: self.all }
    }
}

/// The parts of cells that were written.
#[expect(clippy::disallowed_types, reason = "looked up, never walked")]
#[derive(Default)]
struct Cells<A> {
    parts: HashMap<Box<[(A, A)]>, Run, FixedState>,
    /// By the name under which sets keep them.
    named: HashMap<ContentId, Run, FixedState>,
}

impl<A: IpAddress> Cells<A> {
    /// The exact cover of a set, piece by piece.
    fn cut<'s>(
        &mut self,
        set: impl Iterator<Item = Piece<'s, A>>,
        book: &mut Book,
        runs: &mut Vec<Run>,
    ) {
        // The part of the cell that the last range ended in.
        let mut part: Vec<(A, A)> = Vec::new();
        for piece in set {
            match piece {
                Piece::Range(first, last) => self.range((first, last), &mut part, book, runs),
                Piece::Cell(content, within) => {
                    runs.extend(self.part(&part, book));
                    part.clear();
                    runs.extend(self.named(content, within, book));
                }
            }
        }
        runs.extend(self.part(&part, book));
    }

    /// Cuts a range at the edges of cells; a part of a cell waits for the next range.
    fn range(
        &mut self,
        (first, last): (A, A),
        part: &mut Vec<(A, A)>,
        book: &mut Book,
        runs: &mut Vec<Run>,
    ) {
        let mut next = Some(first);
        while let Some(at) = next {
            let (start, end) = (at.block_first(A::CELL_LENGTH), at.block_last(A::CELL_LENGTH));
            if part.last().is_some_and(|&(_, before)| before < start) {
                runs.extend(self.part(part, book));
                part.clear();
            }
            let end = if at == start && end <= last {
                // Whole cells, up to the one that is not.
                let end = if last == last.block_last(A::CELL_LENGTH) {
                    last
                } else {
                    last.block_first(A::CELL_LENGTH).predecessor().unwrap_or(end)
                };
                runs.extend(self.part(&[(at, end)], book));
                end
            } else {
                part.push((at, end.min(last)));
                end.min(last)
            };
            next = end.successor().filter(|next| *next <= last);
        }
    }

    /// The blocks of a part, written if they were not before.
    fn part(&mut self, part: &[(A, A)], book: &mut Book) -> Option<Run> {
        if let Some(run) = self.parts.get(part) {
            return Some(run.clone());
        }
        let run = book.write(&exact_cover(&RangeSet::from_ranges(part.iter().copied())))?;
        self.parts.insert(part.into(), run.clone());
        Some(run)
    }

    /// The blocks of what sets keep under a name.
    fn named(&mut self, content: ContentId, within: &RangeSet<A>, book: &mut Book) -> Option<Run> {
        if let Some(run) = self.named.get(&content) {
            return Some(run.clone());
        }
        let run = self.part(within.ranges(), book)?;
        self.named.insert(content, run.clone());
        Some(run)
    }
}

/// Whether the peers are too few to be everyone, strangers or not; no set is made.
fn few(peers: IpSetId, sets: &IpSets) -> bool {
    fn at_most<'s, A: IpAddress>(pieces: impl Iterator<Item = Piece<'s, A>>) -> u128 {
        pieces.fold(0, |sum: u128, piece| {
            let (first, last) = match piece {
                Piece::Range(first, last) => (first, last),
                Piece::Cell(_, within) => {
                    (within.first().unwrap_or(A::MIN), within.last().unwrap_or(A::MIN))
                }
            };
            let beyond_first = last.to_u128().saturating_sub(first.to_u128());
            sum.saturating_add(beyond_first).saturating_add(1)
        })
    }
    at_most(sets.v4.pieces(peers.v4)) < EVERYONE_V4
        && at_most(sets.v6.pieces(peers.v6)) < EVERYONE_V6
}

/// So many strangers are everyone.
const EVERYONE_V4: u128 = 1 << 24;
const EVERYONE_V6: u128 = 1 << 108;

/// How many strangers there are among the peers.
pub(crate) fn breadth(peers: &IpSet, world: &World) -> Breadth {
    let strangers = peers.intersection(&world.internet);
    if strangers.v4.size() >= EVERYONE_V4 || strangers.v6.size() >= EVERYONE_V6 {
        Breadth::Everyone
    } else {
        Breadth::Some
    }
}

/// Peers as blocks: what is no address of the internet does not count there.
pub(crate) fn cover<A: IpAddress>(
    set: &RangeSet<A>,
    universe: &RangeSet<A>,
    audience: Audience,
) -> Vec<Prefix<A>> {
    match audience {
        Audience::Internet => cover_within(set, universe),
        Audience::Network | Audience::Estate => exact_cover(set),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::net::{Address, Sets};

    /// The pieces of a set that is kept as ranges.
    fn ranges<A: IpAddress>(set: &RangeSet<A>) -> impl Iterator<Item = Piece<'_, A>> {
        set.ranges().iter().map(|&(first, last)| Piece::Range(first, last))
    }

    /// The lists of sets, each as it is kept and as its ranges, and their covers.
    fn whole<A: IpAddress + Default>(sets: &[RangeSet<A>]) -> Vec<(String, String)> {
        let (mut cells, mut book) = (Cells::<A>::default(), Book::default());
        let (mut arena, mut lists) = (Sets::new(), Vec::new());
        for set in sets {
            let id = arena.intern(set.clone());
            let mut pieces = Vec::new();
            cells.cut(arena.pieces(id), &mut book, &mut pieces);
            lists.push(book.list(pieces.drain(..)));
            cells.cut(ranges(set), &mut book, &mut pieces);
            lists.push(book.list(pieces));
        }
        let book = book.closed();
        let cover = |set| exact_cover(set).iter().map(ToString::to_string).collect::<Vec<_>>();
        let lists = lists.into_iter().map(|list| book.list(list).joined());
        let covers = sets.iter().flat_map(|set| [set, set]).map(|set| cover(set).join(" "));
        lists.zip(covers).collect()
    }

    fn line<A: Address>(ends: &[(A, A)]) -> RangeSet<A> {
        RangeSet::from_ranges(ends.iter().map(|&(a, b)| (a.min(b), a.max(b))))
    }

    /// Addresses near the edges of cells and of the line.
    fn v4() -> impl Strategy<Value = u32> {
        (0..4_u32, prop_oneof![0..3_u32, 250..256_u32, 0..256_u32], any::<bool>())
            .prop_map(|(cell, at, high)| if high { !(cell << 8 | at) } else { cell << 8 | at })
    }

    proptest! {
        #[test]
        fn lists_of_cells_are_exact_covers(
            narrow in prop::collection::vec(prop::collection::vec((v4(), v4()), 0..6), 1..4),
            wide in prop::collection::vec(prop::collection::vec((v4(), v4()), 0..4), 1..3),
            // So many that sets keep them in cells.
            many in prop::collection::vec(v4(), 60..90),
        ) {
            let mut narrow: Vec<_> = narrow.iter().map(|ends| line(ends)).collect();
            let many = line(&many.iter().map(|&at| (at, at)).collect::<Vec<_>>());
            narrow.extend(narrow.iter().map(|set| set.union(&many)).collect::<Vec<_>>());
            narrow.push(many);
            for (list, cover) in whole(&narrow) {
                prop_assert_eq!(list, cover);
            }
            let wider = |at: u32| u128::from(at >> 8) << 64 | u128::from(at & 0xff) << 56;
            let wide: Vec<_> = wide
                .iter()
                .map(|ends| ends.iter().map(|&(a, b)| (wider(a), wider(b))).collect::<Vec<_>>())
                .map(|ends| line(&ends))
                .collect();
            for (list, cover) in whole(&wide) {
                prop_assert_eq!(list, cover);
            }
        }
    }

    #[test]
    fn a_part_of_a_cell_is_written_once() {
        let (mut cells, mut book) = (Cells::<u32>::default(), Book::default());
        let mut pieces = Vec::new();
        for set in [[(0, 9), (256, 1025)], [(0, 9), (1024, 1025)]] {
            cells.cut(ranges(&RangeSet::from_ranges(set)), &mut book, &mut pieces);
        }
        let [head, whole, tail, again, tail_again] = pieces.as_slice() else {
            panic!("{pieces:?}")
        };
        assert_eq!((head, tail), (again, tail_again));
        assert_ne!(head, whole);
    }
}
