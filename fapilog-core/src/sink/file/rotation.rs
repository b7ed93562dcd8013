//! [`Schedule`]: when a file has been in use for long enough.

use std::time::{Duration, SystemTime};

use jiff::{RoundMode, Timestamp, ToSpan, Unit, Zoned, ZonedRound, civil::Weekday, tz::TimeZone};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(604_800);

/// Knows the period that the active file is of.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    interval: Option<Duration>,
    zone: TimeZone,
    begun: SystemTime,
    until: Option<SystemTime>,
}

impl Schedule {
    pub(super) fn new(interval: Option<Duration>, zone: TimeZone, now: SystemTime) -> Self {
        let mut schedule = Self {
            interval,
            zone,
            begun: now,
            until: None,
        };
        schedule.begin(now);
        schedule
    }

    /// A file was begun.
    pub(super) fn begin(&mut self, now: SystemTime) {
        self.begun = now;
        let interval = self.interval;
        self.until = interval.map(|interval| end(interval, &self.zone, now));
    }

    /// Whether the period of the file is over. A clock that was set back begins the period that it
    /// shows, and the file goes on: else one that had been years ahead would stop rotation for years.
    pub(super) fn is_due(&mut self, now: SystemTime) -> bool {
        if now < self.begun {
            self.begin(now);
        }
        self.until.is_some_and(|until| now >= until)
    }
}

/// The end of the period that this moment is in: of an hour, day or week as people count them where
/// they live, else of a multiple of the interval since 1970. Always later than the moment.
fn end(interval: Duration, zone: &TimeZone, now: SystemTime) -> SystemTime {
    let plain = || {
        let since = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let over = since.as_nanos() % interval.as_nanos().max(1);
        let over = u64::try_from(over).map_or(Duration::ZERO, Duration::from_nanos);
        now.checked_add(interval.saturating_sub(over).max(Duration::from_nanos(1)))
    };
    let civil = || {
        let at = Timestamp::try_from(now).ok()?.to_zoned(zone.clone());
        let end = civil_end(interval, &at)?;
        Some(SystemTime::from(end.timestamp()))
    };
    let later = |end: &SystemTime| *end > now;
    let end = civil().filter(later).or_else(plain);
    // Nobody lives to see it.
    end.unwrap_or(now + WEEK * 52 * 100)
}

fn civil_end(interval: Duration, at: &Zoned) -> Option<Zoned> {
    match interval {
        HOUR => {
            let floor = ZonedRound::new()
                .smallest(Unit::Hour)
                .mode(RoundMode::Trunc);
            at.round(floor).ok()?.checked_add(1.hour()).ok()
        }
        DAY => at.tomorrow().ok()?.start_of_day().ok(),
        WEEK => {
            let monday = at.date().nth_weekday(1, Weekday::Monday).ok()?;
            monday
                .to_zoned(at.time_zone().clone())
                .ok()?
                .start_of_day()
                .ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        text.parse::<Timestamp>().unwrap().into()
    }

    fn ends(interval: Duration, zone: &str, now: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let end = Timestamp::try_from(end(interval, &zone, at(now))).unwrap();
        end.to_string()
    }

    #[test]
    fn hours_days_and_weeks_end_where_people_live() {
        for (interval, zone, now, end) in [
            (HOUR, "UTC", "2026-01-15T10:30:00Z", "2026-01-15T11:00:00Z"),
            (
                HOUR,
                "Asia/Kolkata",
                "2026-01-15T10:31:00Z",
                "2026-01-15T11:30:00Z",
            ),
            (DAY, "UTC", "2026-01-15T00:00:00Z", "2026-01-16T00:00:00Z"),
            (
                DAY,
                "Europe/Berlin",
                "2026-01-15T22:30:00Z",
                "2026-01-15T23:00:00Z",
            ),
            // 2026-01-15 is a Thursday.
            (WEEK, "UTC", "2026-01-15T10:30:00Z", "2026-01-19T00:00:00Z"),
            (WEEK, "UTC", "2026-01-19T00:00:00Z", "2026-01-26T00:00:00Z"),
            (
                Duration::from_secs(900),
                "UTC",
                "2026-01-15T10:31:00Z",
                "2026-01-15T10:45:00Z",
            ),
        ] {
            assert_eq!(ends(interval, zone, now), end, "{interval:?} in {zone}");
        }
    }

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        for (zone, now, end) in [
            // 23 and 25 hours.
            (
                "Europe/Berlin",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z",
            ),
            (
                "America/New_York",
                "2026-03-08T05:00:00Z",
                "2026-03-09T04:00:00Z",
            ),
            // Half an hour.
            (
                "Australia/Lord_Howe",
                "2026-04-04T13:00:00Z",
                "2026-04-05T13:30:00Z",
            ),
            // A day that there was not.
            (
                "Pacific/Apia",
                "2011-12-30T09:59:59Z",
                "2011-12-30T10:00:00Z",
            ),
        ] {
            assert_eq!(ends(DAY, zone, now), end, "{zone}");
        }
    }

    #[test]
    fn a_period_ends_later_than_it_begins_at_any_moment_of_any_zone() {
        for zone in [
            "UTC",
            "Europe/Berlin",
            "Australia/Lord_Howe",
            "Pacific/Apia",
        ] {
            let zone = TimeZone::get(zone).unwrap();
            for year in [1970, 2011, 2026, 2400] {
                let begin = at(&format!("{year}-01-01T00:00:00Z"));
                for step in 0..2000 {
                    let now = begin + Duration::from_secs(step * 15_787);
                    for interval in [HOUR, DAY, WEEK, Duration::from_secs(7)] {
                        let length = end(interval, &zone, now).duration_since(now).unwrap();
                        assert!(length > Duration::ZERO && length <= interval + HOUR);
                    }
                }
            }
        }
    }

    #[test]
    fn a_clock_that_jumps_rotates_once_and_goes_on() {
        let day = at("2026-01-15T10:00:00Z");
        let mut schedule = Schedule::new(Some(DAY), TimeZone::UTC, day);
        let ahead = day + DAY * 3650;
        assert!(schedule.is_due(ahead));
        schedule.begin(ahead);
        assert!(!schedule.is_due(day), "set back: the file goes on");
        assert!(!schedule.is_due(at("2026-01-15T23:59:59Z")));
        assert!(schedule.is_due(at("2026-01-16T00:00:00Z")));
        let mut never = Schedule::new(None, TimeZone::UTC, day);
        assert!(!never.is_due(ahead));
    }
}
