//! How long a destination asks to be left alone.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap,
    header::{DATE, RETRY_AFTER},
};

/// What the header `Retry-After` asks for: a number of seconds, or a date in one of the three forms of
/// HTTP; `None` if there is none that can be read. A date that is over asks for nothing, and one is
/// counted from the destination's own clock, if it tells that.
pub(super) fn of(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let date = |text| httpdate::parse_http_date(text).ok();
    let asked = text(RETRY_AFTER)?.trim();
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        // What has more digits than a number of seconds can have is for ever.
        return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
    }
    let now = text(DATE).and_then(date).unwrap_or(now);
    Some(date(asked)?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_445_412_480; // Wed, 21 Oct 2015 07:28:00 GMT

    fn asked(value: &str) -> Option<u64> {
        let headers = [(RETRY_AFTER, value.parse().unwrap())];
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        of(&HeaderMap::from_iter(headers), now).map(|it| it.as_secs())
    }

    #[test]
    fn each_form_is_read_and_what_is_none_asks_for_nothing() {
        for (value, expected) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("1000000000", Some(1_000_000_000)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Wed, 21 Oct 2015 07:29:00 GMT", Some(60)),
            ("Wednesday, 21-Oct-15 07:29:00 GMT", Some(60)),
            ("Wed Oct 21 07:29:00 2015", Some(60)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("1s", None),
            ("", None),
            ("soon", None),
            ("Wed, 21 Oct 2015", None),
            ("Wed, 99 Oct 2015 07:29:00 GMT", None),
        ] {
            assert_eq!(asked(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_date_is_counted_from_the_clock_of_the_destination() {
        let mut headers = HeaderMap::new();
        let date = |text: &str| text.parse().unwrap();
        headers.insert(RETRY_AFTER, date("Wed, 21 Oct 2015 07:29:00 GMT"));
        headers.insert(DATE, date("Wed, 21 Oct 2015 07:28:50 GMT"));
        let told = of(&headers, SystemTime::UNIX_EPOCH);
        assert_eq!(told, Some(Duration::from_secs(10)));
    }

    #[test]
    fn what_is_no_text_asks_for_nothing() {
        let value = http::HeaderValue::from_bytes(b"\xff\xfe").unwrap();
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
        assert_eq!(of(&headers, SystemTime::UNIX_EPOCH), None);
    }
}
