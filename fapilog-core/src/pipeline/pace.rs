//! [`Pace`]: how often the worker looks.

use std::time::{Duration, Instant};

/// How long the worker sleeps between turns while events flow, so that no call has to wake it.
///
/// Few events at a time: what they lie in is still in the cache, and a turn on a busy machine takes
/// a core away from nobody for long. Not fewer, and never more often than a core can spare.
#[derive(Debug)]
pub(crate) struct Pace {
    turn: Instant,
}

impl Pace {
    const EVENTS: u32 = 16;
    const SHORTEST: Duration = Duration::from_micros(100);
    /// Nobody notices it in a log.
    const LONGEST: Duration = Duration::from_millis(5);

    pub(crate) fn new() -> Self {
        Self {
            turn: Instant::now(),
        }
    }

    /// How long to sleep after a turn that handled so many events.
    pub(super) fn next(&mut self, handled: u64) -> Duration {
        let now = Instant::now();
        pause(now - std::mem::replace(&mut self.turn, now), handled)
    }
}

/// The time in which as many events come as a turn should have, if they come as before.
fn pause(since: Duration, handled: u64) -> Duration {
    let handled = u32::try_from(handled).unwrap_or(u32::MAX).max(1);
    (since * Pace::EVENTS / handled).clamp(Pace::SHORTEST, Pace::LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_comes_sooner_the_faster_events_come_within_limits() {
        let milli = Duration::from_millis(1);
        assert_eq!(pause(milli, 0), Pace::LONGEST);
        assert_eq!(pause(milli, 2 * u64::from(Pace::EVENTS)), milli / 2);
        assert_eq!(pause(milli, 1_000_000), Pace::SHORTEST);
        assert_eq!(pause(Duration::from_secs(3600), u64::MAX), Pace::SHORTEST);
    }
}
