//! [`Watch`]: time as filters see it.

use crate::event::Event;

/// How far events may be out of order before the clock must have been set back, in milliseconds.
const DISORDER: i64 = 1000;

/// Tells the time since the first event, by the timestamps of events: so it is when calls were made
/// that counts, not when the worker came to them. It never goes back, though the clock may.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    last: Option<i64>,
    elapsed: u64,
}

impl Watch {
    /// Milliseconds from the first event to this one.
    pub(super) fn read(&mut self, event: &Event<'_>) -> u64 {
        let now = event.millis;
        let last = self.last.get_or_insert(now);
        let passed = now.saturating_sub(*last);
        if let Ok(passed) = u64::try_from(passed) {
            self.elapsed = self.elapsed.saturating_add(passed);
            *last = now;
        } else if passed < -DISORDER {
            *last = now;
        }
        self.elapsed
    }
}
