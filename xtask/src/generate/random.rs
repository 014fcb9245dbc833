//! Numbers that look random and are the same for the same seed on every machine.
//!
//! `SplitMix64` (Steele, Lea, Flood 2014), and no function of the platform's
//! mathematics library, whose last digits differ between systems.

/// A stream of numbers.
#[derive(Debug)]
pub(super) struct Random {
    state: u64,
}

/// The golden ratio's 64 bits: the stride of `SplitMix64`.
const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Scatters the bits of a number; different numbers stay different.
pub(super) fn scatter(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// One number from several, in their order.
pub(super) fn scatter_all(numbers: &[u64]) -> u64 {
    numbers.iter().fold(STRIDE, |state, number| scatter(state.wrapping_add(STRIDE) ^ number))
}

impl Random {
    /// The stream that belongs to these numbers, whatever was drawn elsewhere.
    pub(super) fn of(numbers: &[u64]) -> Self {
        Self { state: scatter_all(numbers) }
    }

    /// Any number.
    pub(super) fn any(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STRIDE);
        scatter(self.state)
    }

    /// A number below `bound`; 0 when there is none.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let product = (self.any() >> 32) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or_default()
    }

    /// A number from `first` to `last`, both included.
    pub(super) fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`; the default when there is none.
    pub(super) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let count = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        let at = usize::try_from(self.below(count)).unwrap_or_default();
        choices.get(at).copied().unwrap_or_default()
    }

    /// One of `choices`, as often as its weight says.
    pub(super) fn weighted<T: Copy + Default>(&mut self, choices: &[(u32, T)]) -> T {
        let mut at = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if at < *weight {
                return *choice;
            }
            at -= weight;
        }
        T::default()
    }

    /// A lognormal number: half are below `median`, a few far above it; 1 to `limit`.
    pub(super) fn lognormal(&mut self, median: f64, sigma: f64, limit: u32) -> u32 {
        // Twelve uniform numbers have the variance of one normal one.
        let sum: f64 = (0..12).map(|_| f64::from(self.below(1 << 20)) / f64::from(1 << 20)).sum();
        let mut factor = 1.0 + (sum - 6.0) * sigma / 1024.0;
        for _ in 0..10 {
            factor *= factor; // (1 + x/1024)^1024 is e^x, near enough
        }
        whole((median * factor).clamp(1.0, f64::from(limit)))
    }
}

/// The whole part of a number that lies within `u32`.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "clamped by the caller; the standard library has no other conversion"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut random = Random::of(&[seed, 1]);
            (random.any(), random.below(10), random.lognormal(7.0, 0.75, 60))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::of(&[1]);
        for _ in 0..1_000 {
            assert!((3..=5).contains(&random.between(3, 5)));
            assert!((1..=60).contains(&random.lognormal(7.0, 2.0, 60)));
        }
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u32>(&[]), 0);
        assert_eq!(random.weighted(&[(0, 1), (5, 2)]), 2);
    }
}
