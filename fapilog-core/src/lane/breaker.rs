//! [`CircuitBreaker`]: leaves a sink alone for a while when it keeps failing.

use std::time::Duration;

/// When a sink is left alone, and for how long.
///
/// After so many failures in a row (**threshold**), the breaker opens: nothing is sent. After a while
/// (**recovery**), one batch or a few (**half open**) are tried: if they are delivered the breaker
/// closes; else it opens again. Only what [`Action::Retry`](crate::Action::Retry) stands for is a
/// failure, and what a sink gives up.
///
/// What comes while it is open goes to the fallback if there is one; else it waits, as far as memory
/// and [`Delivery::max_age`](crate::Delivery::max_age) allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct CircuitBreaker {
    pub(super) threshold: usize,
    pub(super) recovery: Duration,
    pub(super) probes: usize,
}

impl CircuitBreaker {
    /// Five failures, 30 s, one batch.
    pub fn new() -> Self {
        Self {
            threshold: 5,
            recovery: Duration::from_secs(30),
            probes: 1,
        }
    }

    /// Sets how many failures in a row open it; at least 1.
    pub fn threshold(mut self, failures: usize) -> Self {
        self.threshold = failures.max(1);
        self
    }

    /// Sets how long it is open before a batch is tried, at least; at random up to half as long
    /// again, lest many clients come back together.
    pub fn recovery(mut self, pause: Duration) -> Self {
        self.recovery = pause;
        self
    }

    /// Sets how many batches are tried at once when it is half open; at least 1.
    pub fn half_open(mut self, batches: usize) -> Self {
        self.probes = batches.max(1);
        self
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::new()
    }
}
