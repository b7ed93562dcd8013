//! When to tell, in the log itself, that events were lost.

use std::time::{Duration, Instant};

use super::ledger::Ledger;

/// Remembers which losses have been told.
#[derive(Debug)]
pub(crate) struct Losses {
    /// A summary is written at most this often; never, if there is none.
    interval: Option<Duration>,
    told: u64,
    since: Instant,
}

/// Losses to tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) count: u64,
    /// The time in which they happened.
    pub(crate) window: Duration,
}

impl Losses {
    pub(crate) fn new(interval: Option<Duration>) -> Self {
        Self {
            interval,
            told: 0,
            since: Instant::now(),
        }
    }

    /// What was lost since the last summary, if it is time for one. The end of a pipeline is.
    pub(crate) fn due(&mut self, ledger: &Ledger, closing: bool) -> Option<Lost> {
        let interval = self.interval?;
        let lost = ledger.lost();
        let window = self.since.elapsed();
        if lost == self.told || (window < interval && !closing) {
            return None;
        }
        let count = lost - self.told;
        self.told = lost;
        self.since = Instant::now();
        Some(Lost { count, window })
    }

    pub(crate) fn are_untold(&self, ledger: &Ledger) -> bool {
        self.interval.is_some() && ledger.lost() > self.told
    }
}
