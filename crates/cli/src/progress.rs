//! A sign of life on stderr for what takes longer than a second.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Stands for "how much is done is not known".
const UNKNOWN: u64 = u64::MAX;

/// A spinner that shows itself after a second, only on a terminal; gone when dropped.
pub(crate) struct Progress {
    percent: Arc<AtomicU64>,
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to count.
    pub(crate) fn begin(quiet: bool, doing: &'static str) -> Self {
        let percent = Arc::new(AtomicU64::new(UNKNOWN));
        if quiet || !std::io::stderr().is_terminal() {
            return Self { percent, running: None };
        }
        let (done, ended) = mpsc::channel::<()>();
        let told = Arc::clone(&percent);
        let shown = std::thread::spawn(move || {
            let goes_on = |after| ended.recv_timeout(after) == Err(RecvTimeoutError::Timeout);
            if !goes_on(Duration::from_secs(1)) {
                return;
            }
            let spinner = indicatif::ProgressBar::new_spinner();
            loop {
                spinner.set_message(match told.load(Ordering::Relaxed) {
                    UNKNOWN => doing.to_owned(),
                    percent => format!("{doing}: {percent}%"),
                });
                spinner.tick();
                if !goes_on(Duration::from_millis(120)) {
                    break;
                }
            }
            spinner.finish_and_clear();
        });
        Self { percent, running: Some((done, shown)) }
    }

    /// Says how much is done.
    pub(crate) fn tell(&self, done: u64, of: u64) {
        let percent = done.saturating_mul(100).checked_div(of).unwrap_or(UNKNOWN);
        self.percent.store(percent, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, shown)) = self.running.take() {
            drop(done);
            // A spinner that panicked must not take the answer with it.
            drop(shown.join());
        }
    }
}
