//! Work on all cores whose results are handed over in order.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::parallel;

/// So many results may wait for an earlier one: enough that workers seldom
/// stand still, little enough that results do not pile up.
const AHEAD: usize = 128;

/// Does a piece of work for each item on all cores, and hands the results over
/// in the order of the items while others are worked on.
pub(super) fn in_order<T: Sync, R: Send>(
    items: &[T],
    work: &(dyn Fn(&T) -> R + Sync),
    take: &mut dyn FnMut(R),
) {
    let threads = parallel::all_cores().get();
    if threads < 2 || items.len() < 2 {
        return items.iter().map(work).for_each(take);
    }
    let line = Line::new(items.len());
    std::thread::scope(|scope| {
        // Whoever panics must not leave the others waiting.
        let _ending = Ending(&line);
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                let _ending = Ending(&line);
                while let Some((at, item)) = line.next().and_then(|at| Some((at, items.get(at)?))) {
                    line.put(at, work(item));
                }
            });
        }
        while let Some(result) = line.take() {
            take(result);
        }
    });
}

/// The results that are still to be handed over.
struct Line<R> {
    count: usize,
    state: Mutex<State<R>>,
    /// Something was taken: there is room for more.
    room: Condvar,
    /// The next result is there.
    ready: Condvar,
}

struct State<R> {
    /// The next item to work on.
    next: usize,
    /// So many results were handed over.
    taken: usize,
    /// The results after those.
    waiting: VecDeque<Option<R>>,
    /// Somebody panicked: no more comes.
    broken: bool,
}

impl<R> Line<R> {
    fn new(count: usize) -> Self {
        let state = State { next: 0, taken: 0, waiting: VecDeque::new(), broken: false };
        Self { count, state: Mutex::new(state), room: Condvar::new(), ready: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item to work on.
    fn next(&self) -> Option<usize> {
        let full = |state: &mut State<R>| {
            !state.broken && state.next < self.count && state.waiting.len() >= AHEAD
        };
        let mut state =
            self.room.wait_while(self.state(), full).unwrap_or_else(PoisonError::into_inner);
        if state.broken || state.next >= self.count {
            return None;
        }
        let at = state.next;
        state.next = at.saturating_add(1);
        state.waiting.push_back(None);
        Some(at)
    }

    fn put(&self, at: usize, result: R) {
        let mut state = self.state();
        let place = at.saturating_sub(state.taken);
        if let Some(slot) = state.waiting.get_mut(place) {
            *slot = Some(result);
        }
        if place == 0 {
            self.ready.notify_one();
        }
    }

    /// The next result, once it is there.
    fn take(&self) -> Option<R> {
        let missing = |state: &mut State<R>| {
            !state.broken
                && state.taken < self.count
                && !matches!(state.waiting.front(), Some(Some(_)))
        };
        let mut state =
            self.ready.wait_while(self.state(), missing).unwrap_or_else(PoisonError::into_inner);
        let result = state.waiting.front_mut().and_then(Option::take)?;
        state.waiting.pop_front();
        state.taken = state.taken.saturating_add(1);
        drop(state);
        self.room.notify_all();
        Some(result)
    }
}

/// Wakes everybody up if its thread panics.
struct Ending<'l, R>(&'l Line<R>);

impl<R> Drop for Ending<'_, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state().broken = true;
            self.0.room.notify_all();
            self.0.ready.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..3 * AHEAD + 1).collect();
        let mut taken = Vec::new();
        // Uneven work, so that threads overtake each other.
        let work =
            |item: &usize| (0..item % 7 * 1_000).fold(*item, |sum, _| std::hint::black_box(sum));
        in_order(&items, &work, &mut |result| taken.push(result));
        assert_eq!(taken, items);
    }

    #[test]
    fn whoever_panics_ends_the_work_of_all() {
        let items: Vec<usize> = (0..3 * AHEAD).collect();
        let worker = std::panic::catch_unwind(|| {
            in_order(&items, &|item| assert_ne!(*item, AHEAD / 2), &mut |()| {});
        });
        assert!(worker.is_err());
        let taker = std::panic::catch_unwind(|| {
            in_order(&items, &|item| *item, &mut |result| assert_ne!(result, AHEAD / 2));
        });
        assert!(taker.is_err());
    }
}
