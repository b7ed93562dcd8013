//! [`Headers`]: those that are logged, and of which only that they were there.

use std::collections::BTreeMap;

use fapilog_core::{MASK, redact::is_credential, settings::AxumSettings};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Bytes of all headers of a request together, their names included.
const MOST: usize = 8 * 1024;
/// Stands for those that found no room.
const MORE: &str = "…";

/// Which headers are logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    included: Vec<Included>,
    most: usize,
}

#[derive(Clone, Debug)]
struct Included {
    name: HeaderName,
    is_secret: bool,
}

impl Headers {
    pub(crate) fn new(settings: &AxumSettings) -> Self {
        let masked = &settings.redact_headers;
        let included = settings.include_headers.iter().filter_map(|name| {
            // What is no name of a header is in no request.
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let is_masked = masked
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name.as_str()));
            Some(Included {
                is_secret: is_masked || is_credential(name.as_str()),
                name,
            })
        });
        Self {
            included: included.collect(),
            most: settings.max_header_bytes,
        }
    }

    /// Those of a request, by their names in lower case; `None` if none are logged.
    pub(crate) fn of<'a>(&'a self, headers: &HeaderMap) -> Option<BTreeMap<&'a str, String>> {
        if self.included.is_empty() {
            return None;
        }
        let (mut shown, mut left_out) = (BTreeMap::new(), 0);
        // Whoever wants more of one header than that gets it.
        let mut room = MOST.max(2 * self.most);
        for Included { name, is_secret } in &self.included {
            let values: Vec<_> = headers.get_all(name).iter().collect();
            if values.is_empty() {
                continue;
            }
            let text = self.shown(*is_secret, &values);
            match room.checked_sub(name.as_str().len() + text.len()) {
                Some(rest) => {
                    room = rest;
                    shown.insert(name.as_str(), text);
                }
                None => left_out += 1,
            }
        }
        if left_out > 0 {
            shown.insert(MORE, format!("{left_out} more"));
        }
        Some(shown)
    }

    fn shown(&self, is_secret: bool, values: &[&HeaderValue]) -> String {
        if is_secret || values.iter().any(|value| value.is_sensitive()) {
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

    const SECRET: [&str; 15] = [
        "authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-forwarded-authorization",
        "proxy-authorization",
        "www-authenticate",
        "x-amz-security-token",
        "x-vault-token",
        "x-auth-key",
        "client-secret",
        "x-session-id",
        "x-hub-signature-256",
    ];

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

    #[test]
    fn those_that_find_no_room_are_counted() {
        let names: Vec<_> = (0..1000).map(|number| format!("x-{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let value = HeaderValue::from_static("0123456789");
        let sent = names.iter().map(|name| {
            let name = HeaderName::try_from(*name).unwrap();
            (name, value.clone())
        });
        let all = headers(&names, &[]);
        let mut shown = all.of(&HeaderMap::from_iter(sent)).unwrap();
        let left_out = shown.remove(MORE).unwrap();
        assert_eq!(left_out, format!("{} more", 1000 - shown.len()));
        let total: usize = shown
            .iter()
            .map(|(name, text)| name.len() + text.len())
            .sum();
        assert!((MOST - 20..=MOST).contains(&total), "{total}");
    }
}
