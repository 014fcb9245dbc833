//! Long sets in cells, so that equal parts are kept once.
//!
//! The sets of a large VPC have tens of thousands of ranges, there are tens of
//! thousands of them, and two of them differ in a few places: a hole for a sender
//! that is restricted, a few members more. So the number line is cut into aligned
//! cells of one width ([`Address::CELL_LENGTH`]), and what a set holds of a cell is
//! one small number: [nothing](ContentId::NOTHING), the
//! [whole](ContentId::WHOLE) cell, or the name of a set of ranges that is kept
//! once for all sets. A set is the list of places where that number changes.
//! Operations walk two such lists and look at ranges only where two different
//! contents meet, once for each pair.
//!
//! There is one form of each set: a content that is partly in a cell stands for
//! that cell alone, is never empty and never the whole cell, and no place is
//! listed where nothing changes. So equality is equality of lists.
#![expect(
    clippy::disallowed_types,
    reason = "lookup only: ids are given in order of creation, never in map order"
)]

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::{iter, mem};

use foldhash::fast::FixedState;

use super::interner::IdHasher;
use super::range_set::leading;
use super::{Address, RangeSet};

/// The name of what a set holds of one cell, within one [`Sets`](super::Sets).
///
/// A content that is partly in its cell belongs to that cell: the same shape
/// elsewhere has another name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ContentId(u32);

impl ContentId {
    /// Nothing of any cell.
    pub(super) const NOTHING: Self = Self(0);
    /// All of any cell.
    pub(super) const WHOLE: Self = Self(1);

    /// The position in the order of creation, for tables by content.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }

    fn is_part(self) -> bool {
        self > Self::WHOLE
    }
}

/// What is done with two sets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operation {
    /// What is in either.
    Union,
    /// What is in both.
    Intersection,
    /// What is in the first and not in the second.
    Difference,
}

impl Operation {
    /// The result where one side is nothing or everything or both are the same,
    /// none if the members have to be looked at.
    fn at_once(self, a: ContentId, b: ContentId) -> Option<ContentId> {
        use ContentId as Id;
        match (self, a, b) {
            (Self::Union | Self::Intersection, ..) if a == b => Some(a),
            (Self::Union, other, Id::NOTHING) | (Self::Union, Id::NOTHING, other) => Some(other),
            (Self::Union, Id::WHOLE, _) | (Self::Union, _, Id::WHOLE) => Some(Id::WHOLE),
            (Self::Intersection, Id::NOTHING, _) | (Self::Intersection, _, Id::NOTHING) => {
                Some(Id::NOTHING)
            }
            (Self::Intersection, other, Id::WHOLE) | (Self::Intersection, Id::WHOLE, other) => {
                Some(other)
            }
            (Self::Difference, _, Id::NOTHING) => Some(a),
            (Self::Difference, Id::NOTHING, _) | (Self::Difference, _, Id::WHOLE) => {
                Some(Id::NOTHING)
            }
            (Self::Difference, ..) if a == b => Some(Id::NOTHING),
            (Self::Union | Self::Intersection | Self::Difference, ..) => None,
        }
    }

    /// What becomes of one side along a stretch where the other does not change.
    fn along(self, constant: ContentId, side: Side) -> Along {
        use ContentId as Id;
        match (self, constant, side) {
            (Self::Union, Id::NOTHING, _)
            | (Self::Intersection, Id::WHOLE, _)
            | (Self::Difference, Id::NOTHING, Side::Second) => Along::Kept,
            (Self::Union, Id::WHOLE, _)
            | (Self::Intersection, Id::NOTHING, _)
            | (Self::Difference, Id::NOTHING, Side::First)
            | (Self::Difference, Id::WHOLE, Side::Second) => Along::Passed,
            (Self::Union | Self::Intersection | Self::Difference, ..) => Along::Each,
        }
    }
}

/// Which of two sets is the constant one.
#[derive(Clone, Copy)]
enum Side {
    First,
    Second,
}

/// What becomes of the entries of one side of an operation.
enum Along {
    /// All of them are in the result as they are.
    Kept,
    /// None of them changes the result.
    Passed,
    /// Each has to be looked at.
    Each,
}

/// From this point on, the first of a cell, every cell holds this; if the content
/// is a part, then that cell alone, and the next holds nothing if it has no entry.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Entry<A> {
    first: A,
    content: ContentId,
}

/// A set as the places where the content of cells changes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Cells<A>(Box<[Entry<A>]>);

/// A part of a set that is kept in cells: see [`Sets::pieces`](super::Sets::pieces).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Piece<'s, A: Address> {
    /// All points of a closed range: cells that are wholly in the set, or a range
    /// of a set that is too short for cells.
    Range(A, A),
    /// What is in the set of one cell that is partly in it. Whoever derives
    /// something from it may keep that by the name.
    Cell(ContentId, &'s RangeSet<A>),
}

impl<A: Address> Cells<A> {
    pub(super) fn contains(&self, point: A, contents: &Contents<A>) -> bool {
        match self.from(point).first() {
            None | Some(Entry { content: ContentId::NOTHING, .. }) => false,
            Some(entry) if entry.first > point => false,
            Some(Entry { content: ContentId::WHOLE, .. }) => true,
            Some(Entry { content: part, .. }) => contents.get(*part).contains(point),
        }
    }

    /// The pieces, without those that end before the cell of a point.
    pub(super) fn pieces<'s>(
        &'s self,
        from: A,
        contents: &'s Contents<A>,
    ) -> impl Iterator<Item = Piece<'s, A>> {
        spans(self.from(from)).map(|(first, last, content)| {
            if content.is_part() {
                Piece::Cell(content, contents.get(content))
            } else {
                Piece::Range(first, last)
            }
        })
    }

    /// The entries from the one on that says what is at a point.
    fn from(&self, point: A) -> &[Entry<A>] {
        let behind = self.0.partition_point(|entry| entry.first <= point);
        self.0.get(behind.saturating_sub(1)..).unwrap_or_default()
    }
}

/// The runs of whole cells and the cells that are partly in a set, ascending.
fn spans<A: Address>(mut rest: &[Entry<A>]) -> impl Iterator<Item = (A, A, ContentId)> {
    iter::from_fn(move || {
        loop {
            let &Entry { first, content } = rest.split_off_first()?;
            let last = match content {
                ContentId::NOTHING => continue,
                ContentId::WHOLE => {
                    let next = rest.first().and_then(|next| next.first.predecessor());
                    next.unwrap_or(A::MAX)
                }
                _ => first.block_last(A::CELL_LENGTH),
            };
            return Some((first, last, content));
        }
    })
}

/// Walks a set from cell to cell: what is here, and where something else begins.
struct Steps<'c, A> {
    content: ContentId,
    /// None if the content is the same up to the end of the line.
    until: Option<A>,
    rest: &'c [Entry<A>],
}

impl<'c, A: Address> Steps<'c, A> {
    fn of(cells: &'c Cells<A>) -> Self {
        let rest = &*cells.0;
        let until = rest.first().map(|entry| entry.first);
        let mut steps = Self { content: ContentId::NOTHING, until, rest };
        steps.step(A::MIN);
        steps
    }

    /// Takes the step at this point if there is one.
    fn step(&mut self, at: A) {
        if self.until != Some(at) {
            return;
        }
        match self.rest.split_first() {
            Some((&entry, rest)) if entry.first == at => self.stand_on(entry, rest),
            // The cell after a part, of which nothing is said.
            next => {
                self.content = ContentId::NOTHING;
                self.until = next.map(|(entry, _)| entry.first);
            }
        }
    }

    /// Takes all steps to entries before a point at once, and gives these.
    fn jump(&mut self, until: Option<A>) -> &'c [Entry<A>] {
        let before = |entry: &Entry<A>| until.is_none_or(|until| entry.first < until);
        let (passed, rest) = self.rest.split_at(leading(self.rest, before));
        if let Some(&last) = passed.last() {
            self.stand_on(last, rest);
        }
        passed
    }

    fn stand_on(&mut self, entry: Entry<A>, rest: &'c [Entry<A>]) {
        self.content = entry.content;
        self.rest = rest;
        self.until = if entry.content.is_part() {
            entry.first.block_last(A::CELL_LENGTH).successor()
        } else {
            rest.first().map(|next| next.first)
        };
    }
}

/// What an operation comes by.
enum Step<'c, A> {
    /// From here on these two contents meet.
    Meet(A, ContentId, ContentId),
    /// The result goes on with these entries as they are.
    Kept(&'c [Entry<A>]),
}

/// Walks two sets and shows what decides about the result, until told to stop.
fn walk<'c, A: Address>(
    operation: Operation,
    (a, b): (&'c Cells<A>, &'c Cells<A>),
    mut show: impl FnMut(Step<'c, A>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let (mut a, mut b) = (Steps::of(a), Steps::of(b));
    let mut at = A::MIN;
    loop {
        show(Step::Meet(at, a.content, b.content))?;
        match operation.along(a.content, Side::First) {
            Along::Kept => show(Step::Kept(b.jump(a.until)))?,
            Along::Passed => drop(b.jump(a.until)),
            Along::Each => match operation.along(b.content, Side::Second) {
                Along::Kept => show(Step::Kept(a.jump(b.until)))?,
                Along::Passed => drop(a.jump(b.until)),
                Along::Each => {}
            },
        }
        at = match (a.until, b.until) {
            (Some(one), Some(other)) => one.min(other),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return ControlFlow::Continue(()),
        };
        a.step(at);
        b.step(at);
    }
}

/// Takes contents in ascending order of their cells and lists what changes.
struct Builder<A>(Vec<Entry<A>>);

impl<A: Address> Builder<A> {
    /// From a point on, the last one or one behind it, there is this.
    fn push(&mut self, first: A, content: ContentId) {
        self.0.pop_if(|last| last.first == first);
        let in_run = self.0.last().is_some_and(|last| last.content == ContentId::WHOLE);
        let changes = match content {
            ContentId::NOTHING => in_run,
            ContentId::WHOLE => !in_run,
            _ => true,
        };
        if changes {
            self.0.push(Entry { first, content });
        }
    }

    /// From the first of a cell to the last of a cell there is this.
    fn push_span(&mut self, first: A, last: A, content: ContentId) {
        self.push(first, content);
        if let Some(behind) = last.successor() {
            self.push(behind, ContentId::NOTHING);
        }
    }

    fn finish(self) -> Cells<A> {
        Cells(self.0.into_boxed_slice())
    }
}

/// What sets hold of cells that are partly in them, each once.
#[derive(Clone, Debug)]
pub(super) struct Contents<A: Address> {
    /// By id.
    contents: Vec<Arc<RangeSet<A>>>,
    ids: HashMap<Arc<RangeSet<A>>, ContentId, FixedState>,
    unions: Memo,
    intersections: Memo,
    differences: Memo,
    nothing: RangeSet<A>,
}

type Memo = HashMap<(ContentId, ContentId), ContentId, BuildHasherDefault<IdHasher>>;

impl<A: Address> Contents<A> {
    pub(super) fn new() -> Self {
        Self {
            // The places of nothing and of the whole, so that ids are positions.
            contents: vec![Arc::new(RangeSet::empty()), Arc::new(RangeSet::all())],
            ids: HashMap::default(),
            unions: Memo::default(),
            intersections: Memo::default(),
            differences: Memo::default(),
            nothing: RangeSet::empty(),
        }
    }

    fn shared(&self, id: ContentId) -> Option<&Arc<RangeSet<A>>> {
        let content = usize::try_from(id.0).ok().and_then(|index| self.contents.get(index));
        debug_assert!(content.is_some(), "{id:?} is of another arena");
        content
    }

    fn get(&self, id: ContentId) -> &RangeSet<A> {
        self.shared(id).map_or(&self.nothing, |content| content)
    }

    /// The name of what is in one cell, a new one if it has not come up before.
    fn intern(&mut self, content: RangeSet<A>) -> ContentId {
        let Some(first) = content.first() else { return ContentId::NOTHING };
        if content.ranges() == [cell(first)] {
            return ContentId::WHOLE;
        }
        if let Some(&id) = self.ids.get(&content) {
            return id;
        }
        let content = Arc::new(content.shrunk());
        let id = self.push(Arc::clone(&content));
        self.ids.insert(content, id);
        id
    }

    fn push(&mut self, content: Arc<RangeSet<A>>) -> ContentId {
        // More than four billion contents do not fit a machine that this runs on.
        let id = ContentId(u32::try_from(self.contents.len()).unwrap_or(u32::MAX));
        self.contents.push(content);
        id
    }

    /// A set in cells.
    pub(super) fn split(&mut self, set: &RangeSet<A>) -> Cells<A> {
        let mut cells = Builder(Vec::new());
        // What has been seen of a cell that is partly in the set.
        let mut part: Vec<(A, A)> = Vec::new();
        for &(first, last) in set.ranges() {
            let mut rest = Some(first);
            while let Some(from) = rest.filter(|from| *from <= last) {
                let (cell_first, cell_last) = cell(from);
                if part.last().is_some_and(|&(_, seen)| seen < cell_first) {
                    self.push_part(&mut part, &mut cells);
                }
                let to = if from == cell_first && cell_last <= last {
                    let to = last_of_whole_cells(last);
                    cells.push_span(from, to, ContentId::WHOLE);
                    to
                } else {
                    let to = cell_last.min(last);
                    part.push((from, to));
                    to
                };
                rest = to.successor();
            }
        }
        self.push_part(&mut part, &mut cells);
        cells.finish()
    }

    fn push_part(&mut self, part: &mut Vec<(A, A)>, cells: &mut Builder<A>) {
        if let Some(&(first, _)) = part.first() {
            let content = self.intern(RangeSet::from_canonical(mem::take(part)));
            let (first, last) = cell(first);
            cells.push_span(first, last, content);
        }
    }

    /// The result of an operation.
    pub(super) fn combine(
        &mut self,
        operation: Operation,
        (a, b): (&Cells<A>, &Cells<A>),
    ) -> Cells<A> {
        let mut cells = Builder(Vec::new());
        let _ = walk(operation, (a, b), |step| {
            match step {
                Step::Meet(at, a, b) => cells.push(at, self.meet(operation, a, b)),
                Step::Kept(entries) => cells.0.extend_from_slice(entries),
            }
            ControlFlow::Continue(())
        });
        cells.finish()
    }

    fn meet(&mut self, operation: Operation, a: ContentId, b: ContentId) -> ContentId {
        if let Some(id) = operation.at_once(a, b) {
            return id;
        }
        let (memo, key) = match operation {
            Operation::Union => (&self.unions, (a.min(b), a.max(b))),
            Operation::Intersection => (&self.intersections, (a.min(b), a.max(b))),
            Operation::Difference => (&self.differences, (a, b)),
        };
        if let Some(&id) = memo.get(&key) {
            return id;
        }
        let (one, other) = (self.get(a), self.get(b));
        let result = match operation {
            Operation::Union => one.union(other),
            Operation::Intersection => one.intersection(other),
            Operation::Difference if a == ContentId::WHOLE => {
                let around = other.first().map(cell);
                RangeSet::from_ranges(around).difference(other)
            }
            Operation::Difference => one.difference(other),
        };
        let id = self.intern(result);
        let memo = match operation {
            Operation::Union => &mut self.unions,
            Operation::Intersection => &mut self.intersections,
            Operation::Difference => &mut self.differences,
        };
        memo.insert(key, id);
        id
    }

    /// Whether the result of an operation has members; it is not made.
    pub(super) fn has_members(&self, operation: Operation, (a, b): (&Cells<A>, &Cells<A>)) -> bool {
        let members = |step| {
            let found = match step {
                Step::Meet(_, a, b) => match operation.at_once(a, b) {
                    Some(id) => id != ContentId::NOTHING,
                    None => match operation {
                        Operation::Intersection => self.get(a).intersects(self.get(b)),
                        Operation::Difference => !self.get(a).is_subset(self.get(b)),
                        Operation::Union => true,
                    },
                },
                Step::Kept(entries) => {
                    entries.iter().any(|entry| entry.content != ContentId::NOTHING)
                }
            };
            if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        walk(operation, (a, b), members).is_break()
    }

    /// What is in any of the sets, joined in one step.
    pub(super) fn union_of<'s>(&mut self, sets: impl Iterator<Item = &'s Cells<A>>) -> Cells<A> {
        let (mut runs, mut parts) = (Vec::new(), Vec::new());
        for (first, last, content) in sets.flat_map(|set| spans(&set.0)) {
            if content.is_part() {
                parts.push((first, content));
            } else {
                runs.push((first, last));
            }
        }
        let runs = RangeSet::from_ranges(runs);
        // Sorted runs one after the other: see `RangeSet::union_of`.
        parts.sort();
        parts.dedup();
        let mut cells = Builder(Vec::new());
        let mut rest = runs.ranges();
        for same_cell in parts.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(&(first, _)) = same_cell.first() else { continue };
            while let Some(&(start, end)) = rest.first().filter(|&&(start, _)| start <= first) {
                cells.push_span(start, end, ContentId::WHOLE);
                rest = rest.get(1..).unwrap_or_default();
            }
            let content = match *same_cell {
                _ if runs.contains(first) => continue,
                [(_, only)] => only,
                [(_, one), (_, other)] => self.meet(Operation::Union, one, other),
                _ => {
                    let all = same_cell.iter().map(|&(_, content)| self.get(content));
                    let union = RangeSet::union_of(all);
                    self.intern(union)
                }
            };
            cells.push_span(first, cell(first).1, content);
        }
        for &(start, end) in rest {
            cells.push_span(start, end, ContentId::WHOLE);
        }
        cells.finish()
    }
}

/// The first and the last point of the cell around a point.
fn cell<A: Address>(point: A) -> (A, A) {
    (point.block_first(A::CELL_LENGTH), point.block_last(A::CELL_LENGTH))
}

/// The last point of the last cell that ends at a point or before it.
fn last_of_whole_cells<A: Address>(point: A) -> A {
    let (first, last) = cell(point);
    // The first cell of the line is only asked about if it is whole.
    if last == point { last } else { first.predecessor().unwrap_or(last) }
}
