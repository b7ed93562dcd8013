//! [`Retry`]: how often, and for how long, a batch is tried.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// How long a destination may ask to be left alone.
const MOST_ASKED: Duration = Duration::from_secs(300);

/// How often, and for how long, a batch is tried. The pause before the attempt that follows the n-th
/// is random, from nothing to `base * 2^(n - 1)`, so that many clients do not come back together; it
/// is at least what the destination asked for, up to five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Retry {
    pub(super) attempts: usize,
    base: Duration,
    most: Duration,
    pub(super) elapsed: Duration,
}

impl Retry {
    /// Three attempts, with pauses from 1 s on, up to 60 s, and five minutes for all of them.
    pub fn new() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_secs(1),
            most: Duration::from_secs(60),
            elapsed: Duration::from_secs(300),
        }
    }

    /// One attempt.
    pub fn never() -> Self {
        Self::new().attempts(1)
    }

    /// Sets how many attempts there are at most, the first one among them; at least 1.
    pub fn attempts(mut self, most: usize) -> Self {
        self.attempts = most.max(1);
        self
    }

    /// Sets the longest first pause.
    pub fn base(mut self, pause: Duration) -> Self {
        self.base = pause;
        self
    }

    /// Sets the longest pause, unless the destination asks for more.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.most = pause;
        self
    }

    /// Sets how long after the end of the first attempt another one may begin.
    pub fn elapsed(mut self, most: Duration) -> Self {
        self.elapsed = most;
        self
    }

    /// The pauses of one batch, but for those that it has made.
    pub(super) fn pauses(&self, made: usize) -> Pauses {
        let builder = ExponentialBuilder::new()
            .with_min_delay(self.base.min(self.most))
            .with_max_delay(self.most)
            .with_factor(2.0)
            .without_max_times();
        let mut longest = builder.build();
        longest.by_ref().take(made).for_each(drop);
        Pauses {
            most: self.most,
            longest,
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

/// The pauses of one batch, as they grow.
#[derive(Debug)]
pub(super) struct Pauses {
    most: Duration,
    longest: ExponentialBackoff,
}

impl Pauses {
    /// The next pause: never less than what the destination asked for.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let longest = self.longest.next().unwrap_or(self.most);
        longest.mul_f64(fastrand::f64()).max(asked_at_most(asked))
    }
}

/// What a destination asks for, as far as it is obeyed.
pub(super) fn asked_at_most(asked: Option<Duration>) -> Duration {
    asked.unwrap_or_default().min(MOST_ASKED)
}
