//! How long an answer is waited for: the way of TCP (RFC 6298), since the answers are
//! TCP's own.

use std::time::Duration;

/// Before anything answered.
const UNKNOWN: Duration = Duration::from_millis(1_000);
/// A host may be busy for a moment.
const LEAST: Duration = Duration::from_millis(250);
/// Longer than this no answer is on its way.
const MOST: Duration = Duration::from_millis(3_000);

/// The time that a host's answers take.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timing {
    known: Option<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    smoothed: Duration,
    spread: Duration,
}

impl Timing {
    /// An answer to a probe that was sent once took so long.
    pub(crate) fn took(&mut self, time: Duration) {
        self.known = Some(match self.known {
            None => Known { smoothed: time, spread: time / 2 },
            Some(Known { smoothed, spread }) => Known {
                smoothed: (smoothed * 7 + time) / 8,
                spread: (spread * 3 + smoothed.abs_diff(time)) / 4,
            },
        });
    }

    /// How long an answer is waited for.
    pub(crate) fn patience(&self) -> Duration {
        match self.known {
            None => UNKNOWN,
            Some(Known { smoothed, spread }) => {
                (smoothed + (spread * 4).max(smoothed)).clamp(LEAST, MOST)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_learned_and_never_less_than_twice_the_way() {
        let mut timing = Timing::default();
        assert_eq!(timing.patience(), UNKNOWN);
        timing.took(Duration::from_micros(80));
        assert_eq!(timing.patience(), LEAST);
        let mut far = Timing::default();
        for _ in 0..50 {
            far.took(Duration::from_millis(300));
        }
        assert!(far.patience() >= Duration::from_millis(600));
        far.took(Duration::from_secs(60));
        assert_eq!(far.patience(), MOST);
    }
}
