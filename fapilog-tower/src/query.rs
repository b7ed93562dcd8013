//! [`Query`]: the query as it may be logged.

use fapilog_core::{
    MASK,
    redact::{has_credentials, is_credential},
};
use percent_encoding::percent_decode_str;

/// Masks parameters of the query.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    masked: Vec<String>,
}

impl Query {
    pub(crate) fn new(names: &[String]) -> Self {
        Self {
            masked: names.iter().map(|name| plain(name)).collect(),
        }
    }

    /// The query with the values of credentials masked.
    pub(crate) fn shown(&self, query: &str) -> String {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) if self.is_masked(name) || holds_url(value) => {
                format!("{name}={MASK}")
            }
            _ => pair.to_owned(),
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn is_masked(&self, name: &str) -> bool {
        let name = percent_decode_str(name).decode_utf8_lossy();
        is_credential(&name) || self.masked.contains(&plain(&name))
    }
}

/// Whether a value is a URL with credentials.
fn holds_url(value: &str) -> bool {
    value.contains(['%', ':']) && has_credentials(&percent_decode_str(value).decode_utf8_lossy())
}

/// A name in the one of its spellings that all are compared in.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|it| it.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_in_whatever_spelling() {
        let query = Query::new(&["E-Mail".to_owned()]);
        for (given, shown) in [
            ("a=1&b=two", "a=1&b=two"),
            ("access_token=x&a=1", "access_token=**REDACTED**&a=1"),
            ("to%6Ben=x", "to%6Ben=**REDACTED**"),
            (
                "API-Key=x&apiKey=y",
                "API-Key=**REDACTED**&apiKey=**REDACTED**",
            ),
            ("e_mail=a@b.c", "e_mail=**REDACTED**"),
            ("password", "password"),
            (
                "author=me&country_code=de&code=x",
                "author=me&country_code=de&code=**REDACTED**",
            ),
            (
                "pass=x&db_pass=y&passenger=z",
                "pass=**REDACTED**&db_pass=**REDACTED**&passenger=z",
            ),
            (
                "next=https%3A%2F%2Fu%3Ap%40h&to=https%3A%2F%2Fh",
                "next=**REDACTED**&to=https%3A%2F%2Fh",
            ),
            ("&&=", "&&="),
            ("", ""),
        ] {
            assert_eq!(query.shown(given), shown);
        }
    }
}
