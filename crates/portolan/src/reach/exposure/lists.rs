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

use crate::net::{IpAddress, IpSet, IpSetId, IpSets, Prefix, RangeSet, cover_within, exact_cover};
use crate::reach::engine::World;
use crate::record::{Audience, Blocks, Book, Breadth, Run};

/// The number of a list within its component.
#[derive(Clone, Copy, Debug)]
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
        sets: &IpSets,
        audience: Audience,
        peers: IpSetId,
        without: Vec<IpSetId>,
    ) -> ListId {
        let key = (peers, audience == Audience::Internet, without);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let peers = sets.to_set(peers);
        let breadth = breadth(&peers, world);
        let listed = key.2.iter().fold(peers, |left, &id| left.difference(&sets.to_set(id)));
        let runs = match audience {
            Audience::Internet => {
                let v4 = self.book.write(&cover_within(&listed.v4, &world.internet.v4));
                let v6 = self.book.write(&cover_within(&listed.v6, &world.internet.v6));
                self.book.list(v4.into_iter().chain(v6))
            }
            Audience::Network | Audience::Estate => {
                let mut pieces = Vec::new();
                self.v4.cut(&listed.v4, &mut self.book, &mut pieces);
                self.v6.cut(&listed.v6, &mut self.book, &mut pieces);
                self.book.list(pieces)
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

/// A family whose line is cut into cells.
trait Cut: IpAddress + Default {
    /// The length of a cell's prefix: about what one subnet holds.
    const CELL: u8;
}

impl Cut for u32 {
    const CELL: u8 = 24;
}

impl Cut for u128 {
    const CELL: u8 = 64;
}

/// The parts of cells that were written.
#[expect(clippy::disallowed_types, reason = "looked up, never walked")]
#[derive(Default)]
struct Cells<A>(HashMap<Box<[(A, A)]>, Run, FixedState>);

impl<A: Cut> Cells<A> {
    /// The exact cover of a set, piece by piece.
    fn cut(&mut self, set: &RangeSet<A>, book: &mut Book, pieces: &mut Vec<Run>) {
        // The part of the cell that the last range ended in.
        let mut part: Vec<(A, A)> = Vec::new();
        for &(first, last) in set.ranges() {
            let mut next = Some(first);
            while let Some(at) = next {
                let (start, end) = (at.block_first(A::CELL), at.block_last(A::CELL));
                if part.last().is_some_and(|&(_, before)| before < start) {
                    pieces.extend(self.piece(&part, book));
                    part.clear();
                }
                let end = if at == start && end <= last {
                    // Whole cells, up to the one that is not.
                    let end = if last == last.block_last(A::CELL) {
                        last
                    } else {
                        last.block_first(A::CELL).predecessor().unwrap_or(end)
                    };
                    pieces.extend(self.piece(&[(at, end)], book));
                    end
                } else {
                    part.push((at, end.min(last)));
                    end.min(last)
                };
                next = end.successor().filter(|next| *next <= last);
            }
        }
        pieces.extend(self.piece(&part, book));
    }

    /// The blocks of a part, written if they were not before.
    fn piece(&mut self, part: &[(A, A)], book: &mut Book) -> Option<Run> {
        if let Some(run) = self.0.get(part) {
            return Some(run.clone());
        }
        let run = book.write(&exact_cover(&RangeSet::from_ranges(part.iter().copied())))?;
        self.0.insert(part.into(), run.clone());
        Some(run)
    }
}

/// How many strangers there are among the peers.
pub(crate) fn breadth(peers: &IpSet, world: &World) -> Breadth {
    let strangers = peers.intersection(&world.internet);
    if strangers.v4.size() >= 1 << 24 || strangers.v6.size() >= 1 << 108 {
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
    use crate::net::Address;

    fn whole<A: Cut>(sets: &[RangeSet<A>]) -> Vec<(String, String)> {
        let (mut cells, mut book) = (Cells::<A>::default(), Book::default());
        let lists: Vec<Range<usize>> = sets
            .iter()
            .map(|set| {
                let mut pieces = Vec::new();
                cells.cut(set, &mut book, &mut pieces);
                book.list(pieces)
            })
            .collect();
        let book = book.closed();
        let cover = |set| exact_cover(set).iter().map(ToString::to_string).collect::<Vec<_>>();
        let lists = lists.into_iter().map(|list| book.list(list).joined());
        lists.zip(sets.iter().map(|set| cover(set).join(" "))).collect()
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
        ) {
            let narrow: Vec<_> = narrow.iter().map(|ends| line(ends)).collect();
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
        cells.cut(&RangeSet::from_ranges([(0, 9), (256, 1025)]), &mut book, &mut pieces);
        cells.cut(&RangeSet::from_ranges([(0, 9), (1024, 1025)]), &mut book, &mut pieces);
        let [head, whole, tail, again, tail_again] = pieces.as_slice() else {
            panic!("{pieces:?}")
        };
        assert_eq!((head, tail), (again, tail_again));
        assert_ne!(head, whole);
    }
}
