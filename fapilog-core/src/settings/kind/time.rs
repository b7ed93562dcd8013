//! Lengths of time.

use std::time::Duration;

use jiff::{SignedDuration, tz::TimeZone};
use serde_json::{Value as Json, json};

use super::{Describe, Kind, Refused, text};

/// A number of seconds, or one with a unit.
pub(in crate::settings) struct Seconds {
    pub(in crate::settings) or_zero: bool,
}

impl Seconds {
    pub(in crate::settings) const ANY: Self = Self { or_zero: true };
    pub(in crate::settings) const SOME: Self = Self { or_zero: false };
}

impl Describe for Seconds {
    fn expected(&self) -> String {
        let least = if self.or_zero {
            "0 or more"
        } else {
            "more than 0"
        };
        format!("a time, {least}: a number of seconds, or one with a unit (ms, s, m, h, d, w)")
    }

    fn example(&self) -> String {
        "5s".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": ["number", "string"] })
    }
}

impl Kind for Seconds {
    type Value = Duration;

    fn read(&self, given: &Json) -> Result<Duration, Refused> {
        let time = match given.as_f64() {
            Some(number) => seconds(number),
            None => text(given).and_then(parse),
        };
        time.filter(|time| self.or_zero || !time.is_zero())
            .ok_or_else(Refused::default)
    }

    fn show(&self, value: &Duration) -> Json {
        number(value.as_secs_f64())
    }
}

/// The longest time there is, if it would be longer.
fn seconds(count: f64) -> Option<Duration> {
    match count.is_finite() && count >= Duration::MAX.as_secs_f64() {
        true => Some(Duration::MAX),
        false => Duration::try_from_secs_f64(count).ok(),
    }
}

/// A whole number as such.
fn number(value: f64) -> Json {
    match value.fract() == 0.0 && value < u64::MAX as f64 {
        true => json!(value as u64),
        false => json!(value),
    }
}

/// Reads `3`, `0.5` (seconds), `500ms`, `5s`, `1h`, `2d`.
fn parse(text: &str) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    if let Ok(count) = text.parse::<f64>() {
        return seconds(count);
    }
    let days = [("d", 86_400.0), ("w", 7.0 * 86_400.0)];
    for (unit, seconds) in days {
        if let Some(Ok(count)) = text.strip_suffix(unit).map(|it| it.trim().parse::<f64>()) {
            return Duration::try_from_secs_f64(count * seconds).ok();
        }
    }
    let signed: SignedDuration = text.parse().ok()?;
    signed.try_into().ok()
}

/// A number of milliseconds.
pub(in crate::settings) struct Millis;

impl Describe for Millis {
    fn expected(&self) -> String {
        "a number of milliseconds, 0 or more".to_owned()
    }

    fn example(&self) -> String {
        "50".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "number", "minimum": 0 })
    }
}

impl Kind for Millis {
    type Value = Duration;

    fn read(&self, given: &Json) -> Result<Duration, Refused> {
        let millis = given.as_f64().or_else(|| text(given)?.parse().ok());
        let time = millis.map(|millis: f64| seconds(millis / 1000.0));
        time.flatten().ok_or_else(Refused::default)
    }

    fn show(&self, value: &Duration) -> Json {
        number(value.as_secs_f64() * 1000.0)
    }
}

/// The time from one file to the next: by a word, or like [`Seconds`].
pub(in crate::settings) struct Rotation;

const WORDS: [(&str, u64); 3] = [("hourly", 3600), ("daily", 86_400), ("weekly", 604_800)];

impl Describe for Rotation {
    fn expected(&self) -> String {
        "hourly, daily, weekly, or a time such as 15m".to_owned()
    }

    fn example(&self) -> String {
        "daily".to_owned()
    }

    fn schema(&self) -> Json {
        Seconds::SOME.schema()
    }
}

impl Kind for Rotation {
    type Value = Duration;

    fn read(&self, given: &Json) -> Result<Duration, Refused> {
        let word = text(given).map(str::to_ascii_lowercase);
        let known = WORDS.iter().find(|(name, _)| word.as_deref() == Some(name));
        match known {
            Some((_, seconds)) => Ok(Duration::from_secs(*seconds)),
            None => Seconds::SOME.read(given),
        }
    }

    fn show(&self, value: &Duration) -> Json {
        Seconds::SOME.show(value)
    }
}

/// The name of a time zone.
pub(in crate::settings) struct Zone;

impl Describe for Zone {
    fn expected(&self) -> String {
        "a time zone of the IANA database".to_owned()
    }

    fn example(&self) -> String {
        "Europe/Berlin".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Kind for Zone {
    type Value = String;

    fn read(&self, given: &Json) -> Result<String, Refused> {
        let name = text(given).ok_or_else(Refused::default)?;
        let zone = TimeZone::get(name).map_err(|_| Refused::default())?;
        Ok(zone.iana_name().unwrap_or(name).to_owned())
    }

    fn show(&self, value: &String) -> Json {
        json!(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_seconds_and_units_are_read() {
        for (given, millis) in [
            (json!("3"), Some(3000)),
            (json!(0.25), Some(250)),
            (json!("500ms"), Some(500)),
            (json!("1h"), Some(3_600_000)),
            (json!("2d"), Some(172_800_000)),
            (json!("1 W"), Some(604_800_000)),
            (json!("inf"), None),
            (json!("-1"), None),
            (json!(-1), None),
            (json!("soon"), None),
        ] {
            let read = Seconds::ANY.read(&given).ok();
            assert_eq!(read, millis.map(Duration::from_millis), "{given}");
        }
        assert!(Seconds::SOME.read(&json!(0)).is_err());
    }

    #[test]
    fn words_of_rotation_are_times() {
        let daily = Rotation.read(&json!("Daily"));
        assert_eq!(daily, Ok(Duration::from_secs(86_400)));
        assert_eq!(Rotation.read(&json!("15m")), Ok(Duration::from_secs(900)));
    }
}
