//! Texts, as far as they may be shown.

use std::{borrow::Cow, str};

use fapilog_core::{MASK, redact::is_credential};
use serde_json::Value;

use super::json;

/// Stands where a text was cut.
const CUT: &str = "…[truncated]";

/// The text that these bytes are; half a character at its end is left out where it was cut.
pub(super) fn of(bytes: &[u8], is_cut: bool) -> Result<&str, &'static str> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if is_cut && error.error_len().is_none() => {
            str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return Err("no text in UTF-8"),
    };
    // As in UTF-16, in which nobody would find a name.
    match text.contains('\0') {
        true => Err("no text in UTF-8"),
        false => Ok(text),
    }
}

/// The beginning of a text that was cut, up to its last blank: half of a secret looks like none.
pub(super) fn head(text: &str) -> String {
    let end = text.rfind(char::is_whitespace).unwrap_or(0);
    format!("{}{CUT}", &text[..end])
}

/// What stands in the place of a text within a body, unless it stays as it is: the structure of one
/// that is JSON.
pub(super) fn instead(text: &str) -> Option<Value> {
    if json::may_be(text) {
        let read = json::read(text);
        return Some(read.unwrap_or_else(|why| format!("[not captured: {why}]").into()));
    }
    match clean(text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(clean) => Some(clean.into()),
    }
}

/// The text with its lines masked that name a credential and have something to say of it.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.lines().any(tells) {
        return Cow::Borrowed(text);
    }
    let lines = text
        .lines()
        .map(|line| if tells(line) { MASK } else { line });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// Whether the name of a credential stands where names do: `pin: 1`, `a=1;pin=2`, `<pin>3`.
fn tells(line: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || "_-.".contains(it);
    // What follows the last sign has none behind it.
    let mut pieces = line.split([':', '=']);
    pieces.next_back();
    let is_told = pieces.any(|piece| {
        let piece = piece.trim_end_matches(|it| !is_part(it));
        let start = piece.trim_end_matches(is_part).len();
        is_credential(&piece[start..])
    });
    let mut tags = line.split('<').skip(1);
    is_told
        || tags.any(|tag| {
            let mut parts = tag.split(|it: char| !is_part(it) && it != ':');
            parts.next().is_some_and(is_credential)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_tell_a_credential_are_masked() {
        for line in [
            "password: s3cret",
            "a=1; api-key = s3cret",
            "{'apiKey': 's3cret'}",
            r#"data: {"token":"s3cret"}"#,
            "<wsse:Password Type=\"x\">s3cret</wsse:Password>",
            "<password>s3cret</password>",
            "Authorization: Bearer s3cret",
            "password :: = \"s3cret\"",
        ] {
            assert_eq!(clean(line), MASK, "{line}");
        }
        let text = "the key to it\nauthor: me\n12:30 > 11:00\n";
        assert_eq!(clean(text), text);
        assert_eq!(clean("a\npin=1\nb"), format!("a\n{MASK}\nb"));
    }

    #[test]
    fn what_was_cut_loses_its_last_word() {
        assert_eq!(head("see https://user:s3cr"), format!("see{CUT}"));
        assert_eq!(head("s3cr"), CUT);
        assert_eq!(of(b"a \xe2\x82", true), Ok("a "));
        assert!(of(b"a \xe2\x82", false).is_err());
        assert!(of(b"a\xff b", true).is_err());
        assert!(of(b"p\0w\0", false).is_err());
    }
}
