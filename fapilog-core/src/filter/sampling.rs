//! Keeping a share of all events.

use super::{Filter, Verdict};
use crate::event::Event;

/// A filter that keeps a share of events, each by chance.
///
/// Events of protected levels are always kept. A kept one tells the share in `data.sample_rate`.
/// The books call it `sampling`.
#[derive(Clone, Debug)]
pub struct Sampling {
    rate: f64,
    random: fastrand::Rng,
}

impl Sampling {
    /// Keeps this share, 0 to 1; what is beyond counts as the nearer end.
    pub fn new(rate: f64) -> Self {
        Self {
            rate: share(rate),
            random: fastrand::Rng::new(),
        }
    }

    /// Makes the choice repeatable: of the same events, filters with the same seed keep the same.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.random.seed(seed);
        self
    }
}

impl Filter for Sampling {
    fn name(&self) -> &str {
        "sampling"
    }

    fn spares_protected(&self) -> bool {
        true
    }

    fn admit(&mut self, _: &Event<'_>) -> Verdict {
        by_chance(&mut self.random, self.rate)
    }
}

/// The nearest share; what is no number keeps everything.
pub(super) fn share(rate: f64) -> f64 {
    if rate.is_nan() {
        1.0
    } else {
        rate.clamp(0.0, 1.0)
    }
}

/// Keeps this share of events.
pub(super) fn by_chance(random: &mut fastrand::Rng, rate: f64) -> Verdict {
    // Never 1, so that a share of 1 keeps everything.
    if random.f64() < rate {
        Verdict::KeepAt(rate)
    } else {
        Verdict::Drop
    }
}
