//! How fast: a bucket that fills with time, and lets one probe go for each drop.

use std::time::{Duration, Instant};

/// How many probes a second.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rate {
    /// At most so many.
    PerSecond(u32),
    /// As fast as they can be sent.
    Unlimited,
}

impl Rate {
    /// How long so many probes take.
    #[must_use]
    pub fn time(self, probes: u64) -> Duration {
        match self {
            // What a core sends in a second; nothing promised.
            Self::Unlimited => Duration::from_micros(probes.saturating_mul(4)),
            Self::PerSecond(rate) => {
                let micros = probes.saturating_mul(1_000_000) / u64::from(rate.max(1));
                Duration::from_micros(micros)
            }
        }
    }
}

/// Lets probes go at a rate, in bursts of a fiftieth of a second.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    /// When the bucket would be empty: a time in the past is what may be sent at once.
    empty_at: Instant,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, empty_at: now }
    }

    /// Whether a probe may go now.
    pub(crate) fn has(&self, now: Instant) -> bool {
        self.wait(now).is_zero()
    }

    /// How long until a probe may go.
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        match self.rate {
            Rate::Unlimited => Duration::ZERO,
            Rate::PerSecond(_) => self.empty_at.saturating_duration_since(now),
        }
    }

    /// A probe went.
    pub(crate) fn take(&mut self, now: Instant) {
        if let Rate::PerSecond(rate) = self.rate {
            let drop = Duration::from_secs(1) / rate.max(1);
            let burst = (Duration::from_millis(20)).max(drop);
            let earliest = now.checked_sub(burst).unwrap_or(now);
            self.empty_at = self.empty_at.max(earliest) + drop;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lets_as_many_go_as_the_rate_says() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate::PerSecond(1_000), start);
        let mut sent = 0_u32;
        for millisecond in 0..1_000 {
            let now = start + Duration::from_millis(millisecond);
            while bucket.has(now) {
                bucket.take(now);
                sent += 1;
            }
        }
        assert!((990..=1_021).contains(&sent), "{sent}");
    }

    #[test]
    fn what_was_not_sent_is_not_saved_up() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate::PerSecond(1_000), start);
        let later = start + Duration::from_secs(60);
        let mut sent = 0_u32;
        while bucket.has(later) {
            bucket.take(later);
            sent += 1;
        }
        assert!(sent <= 21, "{sent}");
    }
}
