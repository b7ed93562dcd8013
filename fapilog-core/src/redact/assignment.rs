//! Credentials that stand in a text behind their names.

use std::ops::Range;

use super::{credential::is_secret, edits::Edits, texts::CUT};

/// A name is no longer than this.
const LONGEST: usize = 64;
/// Words before a credential that say how it is meant.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "token"];
/// Names that are looked at in a text; what comes behind more of them is masked.
const MOST_NAMES: usize = 4096;

/// Marks what stands behind `password=`, `"token":`, `secret =>`, `Authorization: Bearer`.
pub(super) fn scrub<'m>(text: &str, mask: &'m str, edits: &mut Edits<'m>) {
    let (mut from, mut names) = (0, 0);
    while let Some(found) = text[from..].find(['=', ':']) {
        let sign = from + found;
        from = sign + 1;
        let Some(name) = name(&text[..sign]) else {
            continue;
        };
        names += 1;
        if names > MOST_NAMES {
            return edits.put(from..text.len(), mask);
        }
        if is_secret(name) {
            from = scrub_value(text, from, mask, edits);
        }
    }
}

/// Marks the value behind a sign; returns where it ends.
fn scrub_value<'m>(text: &str, from: usize, mask: &'m str, edits: &mut Edits<'m>) -> usize {
    let after = text[from..].strip_prefix('>').unwrap_or(&text[from..]);
    let start = text.len() - after.trim_start_matches([' ', '\t']).len();
    // Without a look at it, a second run would mask the mask.
    if let Some(length) = masked(&text[start..], mask) {
        return start + length;
    }
    let value = value(text, start);
    let end = value.end.max(start);
    if !value.is_empty() {
        edits.put(value, mask);
    }
    end
}

/// The name that a text ends with, perhaps in quotes.
fn name(before: &str) -> Option<&str> {
    let before = before.trim_end_matches([' ', '\t']);
    let before = before.trim_end_matches(['"', '\'', '\\']);
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
    if opened.is_empty() || opened.starts_with(CUT) {
        // Where a quote stood, the text was cut.
        return from..from;
    }
    if let Some(quote) = opened.chars().next().filter(|it| ['"', '\''].contains(it)) {
        let start = text.len() - opened.len() + 1;
        let escapes = rest.len() - opened.len();
        return start..start + quoted(&text[start..], quote, escapes);
    }
    let word = |rest: &str| rest.find(is_end).unwrap_or(rest.len());
    let first = word(rest);
    let after = &rest[first..];
    if is_cut_in_scheme(&rest[..first], after) {
        return from..from;
    }
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

/// Whether a text was cut within the word that says how a credential is meant.
fn is_cut_in_scheme(word: &str, after: &str) -> bool {
    let begins_so = |it: &&str| {
        let head = it.get(..word.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    after.starts_with(CUT) && SCHEMES.iter().any(begins_so)
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
    use crate::redact::edits::edited;

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
            (r#"\"token\":\[truncated]"#, r#"\"token\":\[truncated]"#),
            (
                "Authorization: Bea[truncated]",
                "Authorization: Bea[truncated]",
            ),
            ("password=***", "password=***"),
            (
                "code: 200, author: me, http://x:80",
                "code: 200, author: me, http://x:80",
            ),
        ] {
            let scrubbed = |text| edited(text, |edits| scrub(text, "***", edits));
            assert_eq!(scrubbed(given), left, "{given}");
            assert_eq!(scrubbed(left), left, "twice is as good as once: {given}");
        }
    }
}
