//! [`ManualClock`]: time that stands still.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{Clock, sync::unpoisoned};

/// A clock that stands still until it is moved. Clones are the same clock.
///
/// It is read when events are swept from the queue: flush before it is moved, so that what was
/// logged before has the time from before.
///
/// ```
/// use std::time::Duration;
/// use fapilog_core::{LoggerBuilder, Memory, info, testing::ManualClock};
///
/// let (clock, memory) = (ManualClock::new(), Memory::new());
/// let builder = LoggerBuilder::new().first_occurrence(Duration::from_secs(60));
/// let (log, pipeline) = builder.clock(clock.clone()).sink(memory.clone()).build()?;
/// let patience = Duration::from_secs(3);
///
/// for _ in 0..10 {
///     info!(logger: log, "again and again");
/// }
/// pipeline.flush_blocking(patience);
/// assert_eq!(memory.len(), 1);
///
/// clock.advance(Duration::from_secs(61));
/// info!(logger: log, "again and again");
/// pipeline.shutdown_blocking(patience);
/// assert_eq!(memory.len(), 2);
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<SystemTime>>);

impl ManualClock {
    /// A clock that shows the year 2026.
    pub fn new() -> Self {
        const BEGIN: Duration = Duration::from_secs(1_767_225_600);
        Self(Arc::new(Mutex::new(UNIX_EPOCH + BEGIN)))
    }

    /// Moves it forward.
    pub fn advance(&self, time: Duration) {
        *unpoisoned(self.0.lock()) += time;
    }

    /// Sets it, forward or back.
    pub fn set(&self, time: SystemTime) {
        *unpoisoned(self.0.lock()) = time;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *unpoisoned(self.0.lock())
    }
}
