//! A sign of life on stderr for what takes longer than a second.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// A spinner that shows itself after a second, only on a terminal; gone when dropped.
pub(crate) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to count.
    pub(crate) fn begin(quiet: bool, doing: &'static str) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self { running: None };
        }
        let (done, ended) = mpsc::channel::<()>();
        let shown = std::thread::spawn(move || {
            if ended.recv_timeout(Duration::from_secs(1)) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let spinner = indicatif::ProgressBar::new_spinner().with_message(doing);
            spinner.enable_steady_tick(Duration::from_millis(120));
            // Ends with an error as soon as the other side is dropped.
            _ = ended.recv();
            spinner.finish_and_clear();
        });
        Self { running: Some((done, shown)) }
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
