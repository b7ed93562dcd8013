//! [`Headers`]: those that are logged, and of which only that they were there.

use std::collections::BTreeMap;

use fapilog_core::{MASK, settings::AxumSettings};
use http::{HeaderMap, HeaderName, HeaderValue};

/// These hold credentials: their values are never logged.
const SECRET: [&str; 9] = [
    "authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-forwarded-authorization",
    "proxy-authorization",
    "www-authenticate",
];

/// Which headers are logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    included: Vec<HeaderName>,
    masked: Vec<String>,
    most: usize,
}

impl Headers {
    pub(crate) fn new(settings: &AxumSettings) -> Self {
        let name = |name: &String| HeaderName::from_bytes(name.as_bytes()).ok();
        let lower = |name: &String| name.to_ascii_lowercase();
        Self {
            // What is no name of a header is in no request.
            included: settings.include_headers.iter().filter_map(name).collect(),
            masked: settings.redact_headers.iter().map(lower).collect(),
            most: settings.max_header_bytes,
        }
    }

    /// Those of a request, by their names in lower case; `None` if none are logged.
    pub(crate) fn of<'a>(&'a self, headers: &HeaderMap) -> Option<BTreeMap<&'a str, String>> {
        if self.included.is_empty() {
            return None;
        }
        let present = self.included.iter().filter_map(|name| {
            let values: Vec<_> = headers.get_all(name).iter().collect();
            (!values.is_empty()).then(|| (name.as_str(), self.shown(name.as_str(), &values)))
        });
        Some(present.collect())
    }

    fn shown(&self, name: &str, values: &[&HeaderValue]) -> String {
        let is_secret = SECRET.contains(&name)
            || self.masked.iter().any(|it| it == name)
            || values.iter().any(|value| value.is_sensitive());
        if is_secret {
            return MASK.to_owned();
        }
        let texts = values
            .iter()
            .map(|it| String::from_utf8_lossy(it.as_bytes()));
        let mut text = texts.collect::<Vec<_>>().join(", ");
        if text.len() > self.most {
            text.truncate(text.floor_char_boundary(self.most));
            text.push('…');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(included: &[&str], masked: &[&str]) -> Headers {
        let mut settings = AxumSettings::default();
        settings.include_headers = included.iter().map(ToString::to_string).collect();
        settings.redact_headers = masked.iter().map(ToString::to_string).collect();
        settings.max_header_bytes = 16;
        Headers::new(&settings)
    }

    #[test]
    fn credentials_are_masked_whatever_is_asked_for() {
        let all = headers(&SECRET, &[]);
        let sent = SECRET.map(|name| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static("s3cret"),
            )
        });
        let shown = all.of(&HeaderMap::from_iter(sent)).unwrap();
        assert_eq!(shown.len(), SECRET.len());
        assert!(shown.values().all(|value| value == MASK));
    }

    #[test]
    fn only_what_is_asked_for_is_logged_and_no_more_than_fits() {
        let some = headers(
            &["Accept", "x-own", "x-long", "x-none", "no name"],
            &["X-Own"],
        );
        let mut sent = HeaderMap::new();
        for (name, value) in [
            ("accept", "text/html"),
            ("accept", "*/*"),
            ("x-own", "mine"),
            ("x-long", "0123456789abcdef0"),
            ("x-other", "unasked"),
        ] {
            sent.append(name, HeaderValue::from_static(value));
        }
        let shown = some.of(&sent).unwrap();
        let expected = [
            ("accept", "text/html, */*".to_owned()),
            ("x-long", "0123456789abcdef…".to_owned()),
            ("x-own", MASK.to_owned()),
        ];
        assert_eq!(shown, BTreeMap::from(expected));
        assert_eq!(Headers::default().of(&sent), None);
    }
}
