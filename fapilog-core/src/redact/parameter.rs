//! [`scrub`]: credentials in parameters of URLs.

use std::borrow::Cow;

use super::{credential::is_credential, edits::Edits, url};

/// Ends a parameter.
const ENDS: [char; 3] = ['&', ';', '#'];

/// How often a URL may stand, encoded, in a parameter of another one.
const DEEPEST: usize = 3;
/// Names that are looked at in a text; values behind more of them are masked.
const MOST_NAMES: usize = 4096;

/// What is left of a search through a text.
#[derive(Debug)]
pub(super) struct Search<'m> {
    mask: &'m str,
    depth: usize,
    names_left: usize,
}

impl<'m> Search<'m> {
    pub(super) fn new(mask: &'m str) -> Self {
        Self {
            mask,
            depth: 0,
            names_left: MOST_NAMES,
        }
    }

    /// Whether this is about a part of the text that was encoded.
    pub(super) fn is_within(&self) -> bool {
        self.depth > 0
    }

    fn is_credential(&mut self, name: &str) -> bool {
        if self.names_left == 0 {
            return true;
        }
        self.names_left -= 1;
        is_credential(&decoded(name))
    }
}

/// Marks the values of parameters whose names say that they are credentials, and what is a URL with
/// credentials once it is decoded.
pub(super) fn scrub<'m>(url: &str, offset: usize, search: &mut Search<'m>, edits: &mut Edits<'m>) {
    let mut start = 0;
    for parameter in url.split(ENDS) {
        let end = start + parameter.len();
        let shown = match value(parameter, &url[start..], search) {
            Some(at) => {
                edits.put(offset + start + at..offset + end, search.mask);
                &parameter[..at]
            }
            None => parameter,
        };
        if search.depth < DEEPEST && shown.contains('%') {
            search.depth += 1;
            encoded(shown, offset + start, search, edits);
            search.depth -= 1;
        }
        start = end + 1;
    }
}

/// Where the value of a credential begins in a parameter, if it is not yet masked: up to its end.
fn value(parameter: &str, rest: &str, search: &mut Search<'_>) -> Option<usize> {
    let mut name = 0;
    // Padding of base64 is no value.
    let values_end = parameter.trim_end_matches('=').len();
    for (at, letter) in parameter.bytes().enumerate() {
        if !matches!(letter, b'=' | b'?' | b'/' | b',' | b'(') {
            continue;
        }
        let is_value = letter == b'=' && at < values_end;
        if is_value && search.is_credential(&parameter[name..at]) {
            let after = rest[at + 1..].strip_prefix(search.mask);
            let is_masked = after.is_some_and(|it| it.is_empty() || it.starts_with(ENDS));
            let is_masked = is_masked && !search.mask.is_empty();
            return (!is_masked).then_some(at + 1);
        }
        name = at + 1;
    }
    None
}

/// Marks what is a URL with credentials once it is decoded.
fn encoded<'m>(parameter: &str, offset: usize, search: &mut Search<'m>, edits: &mut Edits<'m>) {
    let mut start = 0;
    for part in parameter.split(['=', '?', '/', ',', '(']) {
        if part.contains('%') {
            let mut found = Edits::default();
            url::scrub_within(&decoded(part), search, &mut found);
            if !found.is_empty() {
                let start = offset + start;
                edits.put(start..start + part.len(), search.mask);
            }
        }
        start += part.len() + 1;
    }
}

/// The text without `%41`.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.first_chunk::<2>().filter(|_| *first == b'%');
        let hex = hex.and_then(|it| std::str::from_utf8(it).ok());
        match hex.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}
