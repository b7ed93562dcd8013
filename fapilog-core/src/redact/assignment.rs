//! [`Assignments`]: credentials that stand in a text behind their names.

use std::ops::Range;

use regex::Regex;

use super::{credential::is_secret, edits::Edits};

/// A name, and what is between it and its value.
const NAME: &str = r#"([A-Za-z][A-Za-z0-9_.-]{0,63})\\?["']?[ \t]*(?:=>|=|:)[ \t]*"#;

/// Words before a credential that say how it is meant.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "token"];

/// Finds `password=…`, `"token": "…"`, `Authorization: Bearer …`.
#[derive(Debug)]
pub(super) struct Assignments(Regex);

impl Assignments {
    pub(super) fn new() -> Result<Self, regex::Error> {
        Regex::new(NAME).map(Self)
    }

    pub(super) fn scrub<'m>(&self, text: &str, mask: &'m str, edits: &mut Edits<'m>) {
        let mut from = 0;
        while let Some(found) = self.0.captures_at(text, from) {
            let (Some(all), Some(name)) = (found.get(0), found.get(1)) else {
                return;
            };
            from = all.end();
            if is_secret(name.as_str()) {
                let value = value(text, all.end());
                from = value.end.max(from);
                // Without a look at it, a second run would mask the mask.
                if !value.is_empty() && text.get(value.clone()) != Some(mask) {
                    edits.put(value, mask);
                }
            }
        }
    }
}

/// Where the value is that begins here: in quotes or up to what ends it, after the word that says
/// how it is meant.
fn value(text: &str, from: usize) -> Range<usize> {
    let rest = &text[from..];
    let opened = rest.trim_start_matches('\\');
    if let Some(quote) = opened.chars().next().filter(|it| ['"', '\''].contains(it)) {
        let start = text.len() - opened.len() + 1;
        return start..start + quoted(&text[start..], quote);
    }
    let word = |rest: &str| rest.find(is_end).unwrap_or(rest.len());
    let first = word(rest);
    let after = &rest[first..];
    let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
    let is_scheme = SCHEMES
        .iter()
        .any(|it| it.eq_ignore_ascii_case(&rest[..first]));
    let start = from
        + if is_scheme && blanks > 0 {
            first + blanks
        } else {
            0
        };
    start..start + word(&text[start..])
}

/// How long a text in quotes is.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        if letter == quote {
            // `\"` ends what began with `\"`, and does not end what began with `"`; the former is
            // usual where JSON stands in a text, the latter rare in credentials.
            return if is_escaped { at - 1 } else { at };
        }
        is_escaped = letter == '\\';
    }
    text.len()
}

fn is_end(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            ',' | ';' | '&' | '"' | '\'' | '{' | '}' | '[' | ']' | '(' | ')' | '<' | '>'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_name_of_a_credential_is_masked() {
        let assignments = Assignments::new().unwrap();
        for (given, left) in [
            ("password=hunter2", "password=***"),
            (
                "login with password: hunter2, user: joe",
                "login with password: ***, user: joe",
            ),
            (r#"{"token":"a b","n":1}"#, r#"{"token":"***","n":1}"#),
            (
                r#"{\"token\":\"a b\",\"n\":1}"#,
                r#"{\"token\":\"***\",\"n\":1}"#,
            ),
            ("Authorization: Bearer abc", "Authorization: Bearer ***"),
            ("a=api_key=b", "a=api_key=***"),
            ("clientSecret => 'x y'", "clientSecret => '***'"),
            ("DB_PASSWORD=a=b;x=1", "DB_PASSWORD=***;x=1"),
            ("password=", "password="),
            ("password=***", "password=***"),
            (
                "code: 200, author: me, http://x:80",
                "code: 200, author: me, http://x:80",
            ),
        ] {
            let mut edits = Edits::default();
            assignments.scrub(given, "***", &mut edits);
            assert_eq!(edits.apply(given), left, "{given}");
        }
    }
}
