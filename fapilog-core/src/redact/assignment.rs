//! Credentials that stand in a text behind their names.

use std::ops::Range;

use super::{credential::is_secret, edits::Edits};

/// A name is no longer than this.
const LONGEST: usize = 64;
/// Words before a credential that say how it is meant.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "token"];

/// Marks what stands behind `password=`, `"token":`, `secret =>`, `Authorization: Bearer`.
pub(super) fn scrub<'m>(text: &str, mask: &'m str, edits: &mut Edits<'m>) {
    let mut from = 0;
    while let Some(found) = text[from..].find(['=', ':']) {
        let sign = from + found;
        from = sign + 1;
        if !name(&text[..sign]).is_some_and(is_secret) {
            continue;
        }
        let after = text[from..].trim_start_matches('>');
        let start = text.len() - after.trim_start_matches([' ', '\t']).len();
        let value = value(text, start);
        from = value.end.max(from);
        // Without a look at it, a second run would mask the mask.
        if !value.is_empty() && text.get(value.clone()) != Some(mask) {
            edits.put(value, mask);
        }
    }
}

/// The name that a text ends with, perhaps in quotes.
fn name(before: &str) -> Option<&str> {
    let before = before.trim_end_matches([' ', '\t']);
    let before = before.trim_end_matches(['"', '\'']).trim_end_matches('\\');
    let bytes = before.as_bytes();
    let is_inside = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.');
    let length = bytes
        .iter()
        .rev()
        .take(LONGEST)
        .take_while(|it| is_inside(it))
        .count();
    let name = before.get(before.len() - length..)?;
    name.contains(|it: char| it.is_ascii_alphabetic())
        .then_some(name)
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
    let mut schemes = SCHEMES.iter();
    let is_scheme = schemes.any(|it| it.eq_ignore_ascii_case(&rest[..first]));
    let skipped = if is_scheme && blanks > 0 {
        first + blanks
    } else {
        0
    };
    let start = from + skipped;
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
            ("ünique=1, =2, :3", "ünique=1, =2, :3"),
            (
                "code: 200, author: me, http://x:80",
                "code: 200, author: me, http://x:80",
            ),
        ] {
            let mut edits = Edits::default();
            scrub(given, "***", &mut edits);
            assert_eq!(edits.apply(given), left, "{given}");
        }
    }
}
