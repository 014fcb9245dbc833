//! Work on several threads whose results come in the order of what they are of.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// As many threads as there are cores.
pub(crate) fn all_cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// `work` of each item, the heaviest ones first so that no thread is left with
/// a long one at the end.
pub(crate) fn each<T: Send, R: Send>(
    threads: NonZeroUsize,
    items: Vec<T>,
    weight: impl Fn(&T) -> usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.get().min(items.len());
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let mut waiting: Vec<(usize, T)> = items.into_iter().enumerate().collect();
    waiting.sort_by_key(|(_, item)| weight(item));
    let waiting = Mutex::new(waiting);
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let worker = || {
        let mut done = Vec::new();
        while let Some((number, item)) = next() {
            done.push((number, work(item)));
        }
        done
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    results.sort_by_key(|&(number, _)| number);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_however_many_threads_work() {
        let items: Vec<usize> = (0..100).collect();
        let twice: Vec<usize> = items.iter().map(|item| item * 2).collect();
        for threads in 1..5 {
            let threads = NonZeroUsize::new(threads).unwrap();
            let weight = |item: &usize| item % 7;
            assert_eq!(each(threads, items.clone(), weight, |item| item * 2), twice);
        }
    }
}
