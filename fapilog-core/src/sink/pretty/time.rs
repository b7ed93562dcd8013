//! The time of an event, for people.

use jiff::tz::{Offset, TimeZone};

use crate::clock::moment;

/// Writes times; all events of one second share the text of that second.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// The zone of the machine; UTC if there is none.
    zone: Option<TimeZone>,
    second: i64,
    text: String,
}

impl Times {
    pub(super) fn utc() -> Self {
        Self::default()
    }

    /// In the time zone of the machine: the variable `TZ`, else what the system says.
    pub(super) fn local() -> Self {
        Self {
            zone: Some(TimeZone::system()),
            ..Self::default()
        }
    }

    /// Appends `2026-01-15 10:30:00.123`, and a `Z` if it is UTC.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, millis: i64) {
        let second = millis.div_euclid(1000);
        if self.second != second || self.text.is_empty() {
            self.second = second;
            self.text = self.second_text(second);
        }
        let fraction = millis.rem_euclid(1000);
        let zone = if self.zone.is_some() { "" } else { "Z" };
        out.extend_from_slice(format!("{}{fraction:03}{zone}", self.text).as_bytes());
    }

    /// The text up to the point before the fraction, in the years 0 to 9999.
    fn second_text(&self, second: i64) -> String {
        // Two days of distance, so that no offset leaves these years.
        let timestamp = moment(second, 2);
        let zone = self.zone.as_ref();
        let offset = zone.map_or(Offset::UTC, |zone| zone.to_offset(timestamp));
        let at = offset.to_datetime(timestamp);
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(zone: Option<TimeZone>, millis: i64) -> String {
        let mut out = Vec::new();
        let mut times = Times {
            zone,
            ..Times::default()
        };
        times.write(&mut out, millis);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn utc_ends_with_z_and_local_time_does_not() {
        let millis = 1_768_473_000_123;
        assert_eq!(text(None, millis), "2026-01-15 10:30:00.123Z");
        let east = TimeZone::fixed(Offset::constant(2));
        assert_eq!(text(Some(east), millis), "2026-01-15 12:30:00.123");
        assert_eq!(text(None, -1), "1969-12-31 23:59:59.999Z");
    }

    #[test]
    fn a_clock_gone_mad_still_gives_a_time_that_begins_with_a_digit() {
        for hours in [-25, 0, 25] {
            let zone = TimeZone::fixed(Offset::constant(hours));
            assert_eq!(&text(Some(zone.clone()), i64::MAX)[..2], "99");
            assert_eq!(&text(Some(zone), i64::MIN)[..4], "0000");
        }
    }
}
