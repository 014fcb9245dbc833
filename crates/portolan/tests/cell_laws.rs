//! Sets that are kept in cells are the sets that they were made from.
//!
//! Every operation on ids is compared with the operation on ranges, which
//! `set_laws.rs` proves point by point. Addresses are around the edges of cells and
//! the ends of the line, so that cells become whole and empty and runs of cells
//! meet; both the forms for few and for many ranges come up.
#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "a wrong piece fails the test")]

use portolan::net::{Address, Piece, RangeSet, SetId, Sets};
use proptest::collection::vec;
use proptest::prelude::*;

/// The same line with cells for every set of more than two ranges.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Line<A>(A);

impl<A: Address> Address for Line<A> {
    const MIN: Self = Self(A::MIN);
    const MAX: Self = Self(A::MAX);
    const BITS: u8 = A::BITS;
    const CELL_LENGTH: u8 = A::CELL_LENGTH;
    const FEW: usize = 2;

    fn successor(self) -> Option<Self> {
        self.0.successor().map(Self)
    }

    fn predecessor(self) -> Option<Self> {
        self.0.predecessor().map(Self)
    }

    fn block_first(self, length: u8) -> Self {
        Self(self.0.block_first(length))
    }

    fn block_last(self, length: u8) -> Self {
        Self(self.0.block_last(length))
    }

    fn common_length(self, other: Self) -> u8 {
        self.0.common_length(other.0)
    }

    fn to_u128(self) -> u128 {
        self.0.to_u128()
    }
}

/// A place: the cell, counted from the start of the line, from its middle or back
/// from its end; and the point, counted from the start or back from the end.
type Spot = (u8, u8, bool, u8);

fn spot() -> impl Strategy<Value = Spot> {
    (0..3_u8, 0..4_u8, any::<bool>(), prop_oneof![3 => 0..3_u8, 1 => 3..8_u8])
}

fn neighbour<A: Address>(mut from: A, by: u8, up: bool) -> A {
    for _ in 0..by {
        from = (if up { from.successor() } else { from.predecessor() }).unwrap_or(from);
    }
    from
}

fn place<A: Address>((part, cells, from_start, points): Spot) -> A {
    let up = part != 2;
    let mut cell = match part {
        0 => A::MIN,
        1 => A::MAX.block_first(1),
        _ => A::MAX,
    };
    for _ in 0..cells {
        let beside = if up {
            cell.block_last(A::CELL_LENGTH).successor()
        } else {
            cell.block_first(A::CELL_LENGTH).predecessor()
        };
        cell = beside.unwrap_or(cell);
    }
    if from_start {
        neighbour(cell.block_first(A::CELL_LENGTH), points, true)
    } else {
        neighbour(cell.block_last(A::CELL_LENGTH), points, false)
    }
}

/// Something of which a set is put together.
#[derive(Clone, Debug)]
enum Shape {
    Range(Spot, Spot),
    Cells(Spot, Spot),
    Point(Spot),
    /// Every other point of so many, more ranges than are kept without cells.
    Comb(Spot, u8),
    Everything,
}

fn shapes() -> impl Strategy<Value = Vec<(Shape, bool)>> {
    let shape = prop_oneof![
        4 => (spot(), spot()).prop_map(|(a, b)| Shape::Range(a, b)),
        4 => (spot(), spot()).prop_map(|(a, b)| Shape::Cells(a, b)),
        4 => spot().prop_map(Shape::Point),
        2 => (spot(), 0..90_u8).prop_map(|(at, points)| Shape::Comb(at, points)),
        1 => Just(Shape::Everything),
    ];
    vec((shape, prop::bool::weighted(0.7)), 0..9)
}

/// Shapes put in or taken out one after the other.
fn set<A: Address>(shapes: &[(Shape, bool)]) -> RangeSet<A> {
    shapes.iter().fold(RangeSet::empty(), |set, (shape, put_in)| {
        let ordered = |a: &Spot, b: &Spot| {
            let (a, b) = (place::<A>(*a), place::<A>(*b));
            (a.min(b), a.max(b))
        };
        let shape = match shape {
            Shape::Range(a, b) => RangeSet::from_ranges([ordered(a, b)]),
            Shape::Cells(a, b) => {
                let (a, b) = ordered(a, b);
                RangeSet::range(a.block_first(A::CELL_LENGTH), b.block_last(A::CELL_LENGTH))
            }
            Shape::Point(at) => RangeSet::single(place(*at)),
            Shape::Comb(at, points) => (0..*points)
                .map(|n| neighbour(place::<A>(*at), n.saturating_mul(2), true))
                .map(|point| (point, point))
                .collect(),
            Shape::Everything => RangeSet::all(),
        };
        if *put_in { set.union(&shape) } else { set.difference(&shape) }
    })
}

/// The set that pieces add up to; they are ascending and never touch in a cell.
fn put_together<A: Address>(sets: &Sets<A>, id: SetId) -> RangeSet<A> {
    let mut ranges = Vec::new();
    for piece in sets.pieces(id) {
        match piece {
            Piece::Range(first, last) => ranges.push((first, last)),
            Piece::Cell(_, content) => {
                let ends = content.first().zip(content.last());
                let Some((first, last)) = ends else { panic!("a part without a member") };
                let cell = (first.block_first(A::CELL_LENGTH), first.block_last(A::CELL_LENGTH));
                assert!(last <= cell.1, "{content:?}");
                assert_ne!(content.ranges(), [cell], "a whole cell is no content");
                ranges.extend_from_slice(content.ranges());
            }
        }
    }
    assert!(ranges.is_sorted());
    ranges.into_iter().collect()
}

fn check<A: Address>(input: &[Vec<(Shape, bool)>]) -> Result<(), TestCaseError> {
    let input: Vec<RangeSet<A>> = input.iter().map(|shapes| set(shapes)).collect();
    let mut sets = Sets::<A>::new();
    let ids: Vec<SetId> = input.iter().map(|set| sets.intern(set.clone())).collect();
    let union = input.iter().fold(RangeSet::empty(), |sum, set| sum.union(set));
    prop_assert_eq!(sets.union_all(ids.iter().copied()), sets.intern(union));
    for (a, &id_a) in input.iter().zip(&ids) {
        prop_assert_eq!(&sets.get(id_a), a);
        prop_assert_eq!(&put_together(&sets, id_a), a);
        prop_assert!(sets.ranges(id_a).eq(a.ranges().iter().copied()));
        prop_assert_eq!(sets.difference(SetId::ALL, id_a), sets.intern(a.complement()));
        for (b, &id_b) in input.iter().zip(&ids) {
            prop_assert_eq!(id_a == id_b, a == b);
            prop_assert_eq!(sets.intersects(id_a, id_b), a.intersects(b));
            prop_assert_eq!(sets.is_subset(id_a, id_b), a.is_subset(b));
            for &(first, last) in b.ranges() {
                for point in [first, last, neighbour(first, 1, false), neighbour(last, 1, true)] {
                    prop_assert_eq!(sets.contains(id_a, point), a.contains(point));
                }
            }
            // The operation first: what it makes is not known yet.
            let union = sets.union(id_a, id_b);
            prop_assert_eq!(&sets.get(union), &a.union(b));
            prop_assert_eq!(union, sets.intern(a.union(b)));
            let both = sets.intersection(id_a, id_b);
            prop_assert_eq!(&sets.get(both), &a.intersection(b));
            prop_assert_eq!(both, sets.intern(a.intersection(b)));
            let left = sets.difference(id_a, id_b);
            prop_assert_eq!(&sets.get(left), &a.difference(b));
            prop_assert_eq!(left, sets.intern(a.difference(b)));
            // And made in another way.
            prop_assert_eq!(sets.union(both, left), id_a);
            prop_assert_eq!(sets.difference(union, left), sets.intersection(union, id_b));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn cells_of_ipv4_are_the_ranges(input in vec(shapes(), 1..5)) {
        check::<u32>(&input)?;
        check::<Line<u32>>(&input)?;
    }

    #[test]
    fn cells_of_ipv6_are_the_ranges(input in vec(shapes(), 1..5)) {
        check::<u128>(&input)?;
        check::<Line<u128>>(&input)?;
    }
}

#[test]
fn sets_that_differ_in_a_hole_share_all_other_cells() {
    let mut sets = Sets::<u32>::new();
    let many = sets.intern((0..10_000).map(|n| (n * 3, n * 3 + 1)).collect());
    let hole = sets.intern(RangeSet::single(9_000));
    let rest = sets.difference(many, hole);
    let different = sets.pieces(many).zip(sets.pieces(rest)).filter(|(one, other)| one != other);
    assert_eq!(different.count(), 1);
}
