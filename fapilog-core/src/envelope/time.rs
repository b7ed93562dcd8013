//! Timestamps as RFC 3339 text in UTC, with milliseconds.

use jiff::tz::Offset;

use crate::clock::moment;

/// Writes timestamps; all events of one second share the text of that second.
#[derive(Debug, Default)]
pub(super) struct Timestamps {
    second: i64,
    text: String,
}

impl Timestamps {
    pub(super) fn write(&mut self, out: &mut Vec<u8>, millis: i64) {
        let second = millis.div_euclid(1000);
        if self.second != second || self.text.is_empty() {
            self.second = second;
            self.text = second_text(second);
        }
        out.extend_from_slice(self.text.as_bytes());
        let fraction = millis.rem_euclid(1000) as u16;
        let digits = [fraction / 100, fraction / 10 % 10, fraction % 10];
        out.extend_from_slice(&digits.map(|digit| b'0' + digit as u8));
        out.push(b'Z');
    }
}

/// The text up to the point before the fraction. A clock outside the years 0 to 9999 is held at
/// their ends, since RFC 3339 knows no others.
fn second_text(second: i64) -> String {
    let at = Offset::UTC.to_datetime(moment(second, 0));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(millis: i64) -> String {
        let mut out = Vec::new();
        Timestamps::default().write(&mut out, millis);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn timestamps_are_rfc_3339_in_utc_with_milliseconds() {
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(text(1_768_473_000_123), "2026-01-15T10:30:00.123Z");
    }

    #[test]
    fn a_clock_gone_mad_still_gives_a_timestamp() {
        assert_eq!(&text(i64::MAX)[..4], "9999");
        assert_eq!(&text(i64::MIN)[..4], "0000");
    }
}
