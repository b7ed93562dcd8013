//! Two clocks: the monotonic stamp that orders events, and the wall clock that dates them.

use std::{
    cell::Cell,
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;

/// Where a pipeline reads the time of day from.
///
/// Only the `timestamp` of events depends on it, and the windows and rates of
/// [filters](crate::filter), which go by that; order and deadlines follow the monotonic clock, so a
/// clock that jumps, or stands still in a test, changes nothing else. It is read once for each sweep
/// of the queue, not for each event.
pub trait Clock: Send + Sync + 'static {
    /// The time of day now.
    fn now(&self) -> SystemTime;
}

/// The clock of the operating system, the default of every pipeline.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

thread_local! {
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// Nanoseconds since the process first asked, strictly increasing on each thread.
///
/// It is the only clock that a log call reads: a call that happens after another one, on whatever
/// thread, gets a greater stamp.
pub fn stamp() -> u64 {
    let now = monotonic();
    LAST.try_with(|last| {
        let stamp = now.max(last.get() + 1);
        last.set(stamp);
        stamp
    })
    .unwrap_or(now)
}

/// Nanoseconds since the process first asked.
pub(crate) fn monotonic() -> u64 {
    START.elapsed().as_nanos() as u64
}

/// The time of day of a stamp of now, by the clock of the operating system, in milliseconds since
/// the Unix epoch. That clock is read once a millisecond.
pub(crate) fn wall_millis(stamp: u64) -> i64 {
    const FRESH: u64 = 1_000_000;
    thread_local! {
        static SAMPLE: Cell<Option<(u64, WallOffset)>> = const { Cell::new(None) };
    }
    let kept = SAMPLE.try_with(Cell::get).ok().flatten();
    let fresh = kept.filter(|(sampled, _)| stamp.saturating_sub(*sampled) < FRESH);
    let (_, offset) = fresh.unwrap_or_else(|| {
        let sample = (stamp, WallOffset::sample(&SystemClock));
        // A thread that is ending samples each time.
        let _ = SAMPLE.try_with(|kept| kept.set(Some(sample)));
        sample
    });
    offset.millis(stamp)
}

/// When a patience that begins now ends; one that nobody lives to see ends in a year.
pub fn deadline(patience: Duration) -> Instant {
    after(Instant::now(), patience)
}

/// So long after a moment, or a year if that is sooner.
pub(crate) fn after(moment: Instant, time: Duration) -> Instant {
    moment + at_most_a_year(time)
}

/// The time, or a year if that is shorter: what is longer is as good as for ever, and no moment.
pub(crate) fn at_most_a_year(time: Duration) -> Duration {
    time.min(Duration::from_secs(365 * 24 * 60 * 60))
}

/// Turns stamps into milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallOffset {
    /// Clocks beyond the years 1678 to 2262 are held at their ends.
    nanos: i64,
}

impl WallOffset {
    pub(crate) fn sample(clock: &dyn Clock) -> Self {
        let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        let wall = match clock.now().duration_since(UNIX_EPOCH) {
            Ok(since) => nanos(since),
            Err(before) => -nanos(before.duration()),
        };
        Self {
            nanos: wall.saturating_sub_unsigned(monotonic()),
        }
    }

    pub(crate) fn millis(self, stamp: u64) -> i64 {
        let nanos = self.nanos.saturating_add_unsigned(stamp);
        nanos.div_euclid(1_000_000)
    }
}

/// The moment so many seconds after 1970. Outside the years 0 to 9999, less so many days at each of
/// their ends, it is held there: calendars know no others.
pub(crate) fn moment(second: i64, days: i64) -> Timestamp {
    const YEAR_0: i64 = -62_167_219_200;
    const YEAR_9999: i64 = 253_402_207_200;
    const DAY: i64 = 24 * 60 * 60;
    let second = second.clamp(YEAR_0 + days * DAY, YEAR_9999 - days * DAY);
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Milliseconds since 1970; 0 before.
pub(crate) fn unix_millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_of_a_thread_strictly_increase() {
        let stamps: Vec<u64> = (0..10_000).map(|_| stamp()).collect();
        assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_clock_before_1970_gives_negative_milliseconds() {
        struct Old;
        impl Clock for Old {
            fn now(&self) -> SystemTime {
                UNIX_EPOCH - Duration::from_secs(10)
            }
        }
        let offset = WallOffset::sample(&Old);
        assert!((-10_001..-9_000).contains(&offset.millis(monotonic())));
    }
}
