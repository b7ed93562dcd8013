//! Lengths of time as people write them.

use std::time::Duration;

use jiff::SignedDuration;

/// Reads `3`, `0.5` (seconds), `500ms`, `5s`, `1h`.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let signed: SignedDuration = text.parse().ok()?;
    signed.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_seconds_and_units_are_read() {
        assert_eq!(parse("3"), Some(Duration::from_secs(3)));
        assert_eq!(parse("0.25"), Some(Duration::from_millis(250)));
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse("1h"), Some(Duration::from_secs(3600)));
        assert_eq!(parse("-1"), None);
        assert_eq!(parse("soon"), None);
    }
}
