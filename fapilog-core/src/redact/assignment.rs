//! [`Assignments`]: credentials that stand in a text behind their names.

use std::ops::Range;

use regex::Regex;

use super::{credential::is_secret, edits::Edits};

/// A name, and what is between it and its value.
const NAME: &str = r#"([A-Za-z][A-Za-z0-9_.-]{0,63})\\*["']?[ \t]*(?:=>|=|:)[ \t]*"#;

/// Words before a credential that say how it is meant.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "token"];

/// Names that are looked at in a text; what comes behind more of them is masked.
const MOST_NAMES: usize = 4096;

/// Finds `password=…`, `"token": "…"`, `Authorization: Bearer …`.
#[derive(Debug)]
pub(super) struct Assignments(Regex);

impl Assignments {
    pub(super) fn new() -> Result<Self, regex::Error> {
        Regex::new(NAME).map(Self)
    }

    pub(super) fn scrub<'m>(&self, text: &str, mask: &'m str, edits: &mut Edits<'m>) {
        let (mut from, mut names) = (0, 0);
        while let Some(found) = self.0.captures_at(text, from) {
            let (Some(all), Some(name)) = (found.get(0), found.get(1)) else {
                return;
            };
            from = all.end();
            names += 1;
            if names > MOST_NAMES {
                edits.put(from..text.len(), mask);
                return;
            }
            if is_secret(name.as_str()) {
                // Without a look at it, a second run would mask the mask.
                if let Some(length) = masked(&text[from..], mask) {
                    from += length;
                    continue;
                }
                let value = value(text, from);
                from = value.end.max(from);
                if !value.is_empty() {
                    edits.put(value, mask);
                }
            }
        }
    }
}

/// How long the mask is, with quotes around it, if that is the value.
fn masked(text: &str, mask: &str) -> Option<usize> {
    let is_quote = |it| ['\\', '"', '\''].contains(&it);
    let opened = text.trim_start_matches(is_quote);
    let after = opened.strip_prefix(mask).filter(|_| !mask.is_empty())?;
    let is_over = after.is_empty() || after.starts_with(is_quote) || after.starts_with(is_end);
    is_over.then(|| text.len() - after.len())
}

/// Where the value is that begins here: in quotes, in brackets, perhaps after a name, or up to what
/// ends it, after the word that says how it is meant.
fn value(text: &str, from: usize) -> Range<usize> {
    let rest = &text[from..];
    let opened = rest.trim_start_matches('\\');
    if let Some(quote) = opened.chars().next().filter(|it| ['"', '\''].contains(it)) {
        let start = text.len() - opened.len() + 1;
        let escapes = rest.len() - opened.len();
        return start..start + quoted(&text[start..], quote, escapes);
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
    let end = start + word(&text[start..]);
    let after = &text[end..];
    // As `Debug` writes structures: `Name { … }`, `Some(…)`.
    let blank = usize::from(after.starts_with(" {"));
    match after[blank..].starts_with(['(', '[', '{']) {
        true => start..end + blank + bracketed(&after[blank..]),
        false => start..end,
    }
}

/// How long a text is that begins with a bracket: up to the one that answers it, not counting those
/// in quotes.
fn bracketed(text: &str) -> usize {
    let (mut depth, mut in_quotes, mut is_escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => {}
            '"' => in_quotes = !in_quotes,
            '(' | '[' | '{' if !in_quotes => depth += 1,
            ')' | ']' | '}' if !in_quotes => depth -= 1,
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        if depth == 0 {
            return at + letter.len_utf8();
        }
    }
    text.len()
}

/// How long a text in quotes is, if so many backslashes stand before each of these. Where there are
/// more, the quote is part of the text.
fn quoted(text: &str, quote: char, escapes: usize) -> usize {
    let mut before = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '\\' => before += 1,
            _ if letter == quote && before <= escapes => return at - before,
            _ => before = 0,
        }
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
            (r#"{"token":"a\"b","n":1}"#, r#"{"token":"***","n":1}"#),
            (
                r#"{\\\"token\\\":\\\"a b\\\",\\\"n\\\":1}"#,
                r#"{\\\"token\\\":\\\"***\\\",\\\"n\\\":1}"#,
            ),
            ("Authorization: Bearer abc", "Authorization: Bearer ***"),
            ("a=api_key=b", "a=api_key=***"),
            ("clientSecret => 'x y'", "clientSecret => '***'"),
            ("DB_PASSWORD=a=b;x=1", "DB_PASSWORD=***;x=1"),
            (
                r#"Login { password: Some("a, b"), user: "joe" }"#,
                r#"Login { password: ***, user: "joe" }"#,
            ),
            (
                r#"{"token": ["a", {"b": "]"}], "n": 1}"#,
                r#"{"token": ***, "n": 1}"#,
            ),
            ("token: Some(\n    \"a\",\n), n: 1", "token: ***, n: 1"),
            ("password: Secret { a: 1", "password: ***"),
            ("password=(see below)", "password=***"),
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
            let mut again = Edits::default();
            assignments.scrub(left, "***", &mut again);
            assert_eq!(again.apply(left), left, "twice is as good as once: {given}");
        }
    }
}
