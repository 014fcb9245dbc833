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
use std::iter;
use std::sync::Arc;

use super::cells::{Cells, Contents, Operation, Piece};
use super::{Address, RangeSet};

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
/// A set of a few ranges is kept as such. Of longer ones equal parts are kept
/// once: the line is cut into cells, and of each a set has nothing, everything, or
/// a content that it shares with all sets which hold the same of that cell. The
/// number of ranges alone decides, so there is one form of each set.
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
    sets: Vec<Arc<Form<A>>>,
    ids: HashMap<Arc<Form<A>>, SetId, FixedState>,
    contents: Contents<A>,
    unions: Memo,
    /// Unions of three and more, by their ids ascending.
    wide_unions: HashMap<Box<[SetId]>, SetId, FixedState>,
    intersections: Memo,
    differences: Memo,
    nothing: Arc<Form<A>>,
}

/// How a set is kept: as ranges if they are few.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Form<A: Address> {
    Ranges(RangeSet<A>),
    Cells(Cells<A>),
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
            contents: Contents::new(),
            unions: Memo::default(),
            wide_unions: HashMap::with_hasher(FixedState::default()),
            intersections: Memo::default(),
            differences: Memo::default(),
            nothing: Arc::new(Form::Ranges(RangeSet::empty())),
        };
        let empty = sets.intern(RangeSet::empty());
        let all = sets.intern(RangeSet::all());
        debug_assert_eq!((empty, all), (SetId::EMPTY, SetId::ALL));
        sets
    }

    /// The id of a set, a new one if the set has not come up before.
    pub fn intern(&mut self, set: RangeSet<A>) -> SetId {
        if set.ranges().len() <= A::FEW {
            self.intern_form(Form::Ranges(set))
        } else {
            let cells = self.contents.split(&set);
            self.intern_form(Form::Cells(cells))
        }
    }

    fn intern_cells(&mut self, cells: Cells<A>) -> SetId {
        let few = ranges(cells.pieces(A::MIN, &self.contents), A::MIN);
        let few: Vec<_> = few.take(A::FEW.saturating_add(1)).collect();
        if few.len() <= A::FEW {
            self.intern_form(Form::Ranges(RangeSet::from_canonical(few)))
        } else {
            self.intern_form(Form::Cells(cells))
        }
    }

    fn intern_form(&mut self, form: Form<A>) -> SetId {
        if let Some(&id) = self.ids.get(&form) {
            return id;
        }
        let form = Arc::new(match form {
            Form::Ranges(set) => Form::Ranges(set.shrunk()),
            Form::Cells(cells) => Form::Cells(cells),
        });
        let id = self.push(Arc::clone(&form));
        self.ids.insert(form, id);
        id
    }

    fn push(&mut self, form: Arc<Form<A>>) -> SetId {
        // Four billion sets of 24 bytes and more do not fit a machine that this
        // runs on; should they, all further sets would be the last one.
        let id = SetId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        self.sets.push(form);
        id
    }

    fn form(&self, id: SetId) -> &Arc<Form<A>> {
        let form = usize::try_from(id.0).ok().and_then(|index| self.sets.get(index));
        debug_assert!(form.is_some(), "{id:?} is of another arena");
        form.unwrap_or(&self.nothing)
    }

    /// The set of an id, put together anew each time.
    #[must_use]
    pub fn get(&self, id: SetId) -> RangeSet<A> {
        match &**self.form(id) {
            Form::Ranges(set) => set.clone(),
            Form::Cells(_) => RangeSet::from_canonical(self.ranges(id).collect()),
        }
    }

    /// The ranges of a set, ascending, disjoint and never adjacent.
    pub fn ranges(&self, id: SetId) -> impl Iterator<Item = (A, A)> {
        ranges(self.pieces(id), A::MIN)
    }

    /// The parts of a set as it is kept, ascending, for those who make something of
    /// every part and do so once for all sets that have it.
    ///
    /// ```
    /// use portolan::net::{Ipv4Set, Piece, Sets};
    ///
    /// let mut sets = Sets::new();
    /// let even = sets.intern((0..1_000).map(|n| (n * 2, n * 2)).collect::<Ipv4Set>());
    /// let hole = sets.intern(Ipv4Set::single(0));
    /// let rest = sets.difference(even, hole);
    /// let mut different = sets.pieces(even).zip(sets.pieces(rest)).filter(|(a, b)| a != b);
    /// assert!(matches!(different.next(), Some((Piece::Cell(..), Piece::Cell(..)))));
    /// assert_eq!(different.next(), None);
    /// ```
    pub fn pieces(&self, id: SetId) -> impl Iterator<Item = Piece<'_, A>> {
        let (listed, cells) = match &**self.form(id) {
            Form::Ranges(set) => (set.ranges(), None),
            Form::Cells(cells) => (&[][..], Some(cells)),
        };
        let listed = listed.iter().map(|&(first, last)| Piece::Range(first, last));
        let cells = cells.into_iter().flat_map(|cells| cells.pieces(A::MIN, &self.contents));
        listed.chain(cells)
    }

    /// Whether the point is in the set of this id.
    #[must_use]
    pub fn contains(&self, id: SetId, point: A) -> bool {
        match &**self.form(id) {
            Form::Ranges(set) => set.contains(point),
            Form::Cells(cells) => cells.contains(point, &self.contents),
        }
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
    /// assert_eq!(sets.get(union), Ipv4Set::range(0, 9));
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
        let id = self.combine(Operation::Union, a, b);
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
    /// assert_eq!(sets.get(both), Ipv4Set::single(4));
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
        let id = self.combine(Operation::Intersection, a, b);
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
    /// assert_eq!(sets.get(left), Ipv4Set::range(0, 3));
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
        let id = self.combine(Operation::Difference, a, b);
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
    /// assert_eq!(sets.get(union), Ipv4Set::range(0, 8));
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
                let union = self.union_of(&ids);
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
        a == b || self.forms_intersect(self.form(a), self.form(b))
    }

    /// Whether every member of the first set is in the second; no set is made.
    #[must_use]
    pub fn is_subset(&self, a: SetId, b: SetId) -> bool {
        if a == b || a == SetId::EMPTY || b == SetId::ALL {
            return true;
        }
        match (&**self.form(a), &**self.form(b)) {
            (Form::Ranges(one), Form::Ranges(other)) => one.is_subset(other),
            (Form::Ranges(few), Form::Cells(many)) => few.ranges().iter().all(|&(first, last)| {
                let around = self.ranges_from(many, first).next();
                around.is_some_and(|(start, end)| start <= first && last <= end)
            }),
            (many @ Form::Cells(_), Form::Ranges(few)) => {
                !self.forms_intersect(many, &Form::Ranges(few.complement()))
            }
            (Form::Cells(one), Form::Cells(other)) => {
                !self.contents.has_members(Operation::Difference, (one, other))
            }
        }
    }

    fn forms_intersect(&self, a: &Form<A>, b: &Form<A>) -> bool {
        match (a, b) {
            (Form::Ranges(one), Form::Ranges(other)) => one.intersects(other),
            (Form::Ranges(few), Form::Cells(many)) | (Form::Cells(many), Form::Ranges(few)) => {
                few.ranges().iter().any(|&(first, last)| {
                    self.ranges_from(many, first).next().is_some_and(|(start, _)| start <= last)
                })
            }
            (Form::Cells(one), Form::Cells(other)) => {
                self.contents.has_members(Operation::Intersection, (one, other))
            }
        }
    }

    /// The ranges that do not end before a point.
    fn ranges_from<'s>(&'s self, cells: &'s Cells<A>, from: A) -> impl Iterator<Item = (A, A)> {
        ranges(cells.pieces(from, &self.contents), from)
    }

    fn combine(&mut self, operation: Operation, a: SetId, b: SetId) -> SetId {
        let (one, other) = (Arc::clone(self.form(a)), Arc::clone(self.form(b)));
        if let Some(few) = self.combine_few(operation, &one, &other) {
            return self.intern(few);
        }
        let (mut cells_a, mut cells_b) = (None, None);
        let both = (
            one.in_cells(&mut cells_a, &mut self.contents),
            other.in_cells(&mut cells_b, &mut self.contents),
        );
        let cells = self.contents.combine(operation, both);
        self.intern_cells(cells)
    }

    /// The result where no more than a few ranges of either set matter.
    fn combine_few(
        &self,
        operation: Operation,
        one: &Form<A>,
        other: &Form<A>,
    ) -> Option<RangeSet<A>> {
        match (operation, one, other) {
            (Operation::Union, Form::Ranges(one), Form::Ranges(other)) => Some(one.union(other)),
            (Operation::Intersection, Form::Ranges(one), Form::Ranges(other)) => {
                Some(one.intersection(other))
            }
            (Operation::Difference, Form::Ranges(one), Form::Ranges(other)) => {
                Some(one.difference(other))
            }
            (Operation::Intersection, Form::Ranges(few), Form::Cells(many))
            | (Operation::Intersection, Form::Cells(many), Form::Ranges(few)) => {
                self.shared_by(few, many)
            }
            (Operation::Difference, Form::Ranges(few), Form::Cells(many)) => {
                Some(few.difference(&self.shared_by(few, many)?))
            }
            (Operation::Union | Operation::Difference, ..)
            | (Operation::Intersection, Form::Cells(_), Form::Cells(_)) => None,
        }
    }

    /// What is in both sets, if that is a few ranges.
    fn shared_by(&self, few: &RangeSet<A>, many: &Cells<A>) -> Option<RangeSet<A>> {
        let mut shared = Vec::new();
        for &(first, last) in few.ranges() {
            for (start, end) in
                self.ranges_from(many, first).take_while(|&(start, _)| start <= last)
            {
                if shared.len() >= A::FEW {
                    return None;
                }
                shared.push((start.max(first), end.min(last)));
            }
        }
        Some(RangeSet::from_canonical(shared))
    }

    /// What is in any of three and more sets.
    fn union_of(&mut self, ids: &[SetId]) -> SetId {
        let forms: Vec<_> = ids.iter().map(|&id| Arc::clone(self.form(id))).collect();
        let few = forms.iter().filter_map(|form| match &**form {
            Form::Ranges(set) => Some(set),
            Form::Cells(_) => None,
        });
        let few = RangeSet::union_of(few);
        let mut many = forms.iter().filter_map(|form| match &**form {
            Form::Ranges(_) => None,
            Form::Cells(cells) => Some(cells),
        });
        let Some(first) = many.next() else { return self.intern(few) };
        let few = self.contents.split(&few);
        let union = self.contents.union_of([&few, first].into_iter().chain(many));
        self.intern_cells(union)
    }
}

impl<A: Address> Form<A> {
    fn in_cells<'f>(
        &'f self,
        made: &'f mut Option<Cells<A>>,
        contents: &mut Contents<A>,
    ) -> &'f Cells<A> {
        match self {
            Self::Ranges(set) => made.insert(contents.split(set)),
            Self::Cells(cells) => cells,
        }
    }
}

/// Pieces of a set as ranges, without those that end before a point.
fn ranges<'s, A: Address>(
    mut pieces: impl Iterator<Item = Piece<'s, A>>,
    from: A,
) -> impl Iterator<Item = (A, A)> {
    let mut within: &[(A, A)] = &[];
    let one_by_one = iter::from_fn(move || {
        loop {
            if let Some(&range) = within.split_off_first() {
                return Some(range);
            }
            match pieces.next()? {
                Piece::Range(first, last) => return Some((first, last)),
                Piece::Cell(_, content) => within = content.not_before(from),
            }
        }
    });
    let mut one_by_one = one_by_one.peekable();
    // What goes on in the next cell is one range.
    iter::from_fn(move || {
        let (first, mut last) = one_by_one.next()?;
        while let Some((_, end)) = one_by_one.next_if(|&(start, _)| last.successor() == Some(start))
        {
            last = end;
        }
        Some((first, last))
    })
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
