//! [`scrub`]: credentials in URLs.

use std::{borrow::Cow, ops::Range};

use super::{credential::is_credential, edits::Edits};

/// Marks what is to be taken out of the URLs in a text: user names and passwords before the host
/// without a trace, and the values of parameters whose names say that they are credentials.
///
/// A URL is what stands before and after `://`, whatever the scheme, or after `//` at the start of a
/// word; it ends at a blank, a quote or an angle bracket. Its authority is that of
/// [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-3.2); where a password holds `/`, `?` or
/// `#` as they are, it is up to the last `@`. What follows a `?` without a scheme is a query too.
pub(super) fn scrub<'m>(text: &str, mask: &'m str, edits: &mut Edits<'m>) {
    let mut from = 0;
    while let Some(word) = next_word(text, from) {
        from = word.end;
        let url = &text[word.clone()];
        let mut has_url = false;
        for authority in authorities(url) {
            has_url = true;
            if let Some(length) = userinfo(&url[authority..]) {
                let start = word.start + authority;
                edits.put(start..start + length, "");
            }
        }
        if has_url || url.contains('?') {
            parameters(url, word.start, mask, edits);
        }
    }
}

/// The next run of characters that may be those of a URL.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`');
    let rest = &text[from..];
    let start = from + rest.find(|c| !is_end(c))?;
    let end = text[start..]
        .find(is_end)
        .map_or(text.len(), |it| start + it);
    Some(start..end)
}

/// Where authorities begin.
fn authorities(url: &str) -> impl Iterator<Item = usize> {
    let found = url.match_indices("//").map(|(at, _)| at);
    found.filter_map(move |at| {
        let before = url[..at].chars().next_back();
        // `(//host`, `=//host`, or the beginning; a `//` in a path is none.
        let begins = before.is_none_or(|it| it == ':' || !(it.is_alphanumeric() || it == '/'));
        begins.then_some(at + 2)
    })
}

/// How many bytes name a user, `@` included.
fn userinfo(rest: &str) -> Option<usize> {
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = &rest[..end];
    if let Some(at) = authority.rfind('@') {
        return Some(at + 1);
    }
    // No port is like this: it is a password with a delimiter in it.
    let (_, port) = authority.rsplit_once(':')?;
    let is_port = port.bytes().all(|it| it.is_ascii_digit()) || authority.ends_with(']');
    if is_port {
        return None;
    }
    rest.rfind('@').map(|at| at + 1)
}

fn parameters<'m>(url: &str, offset: usize, mask: &'m str, edits: &mut Edits<'m>) {
    let is_before = |c: char| matches!(c, '?' | '&' | ';' | '#' | '/' | ',' | '(');
    for (equals, _) in url.match_indices('=') {
        let start = url[..equals].rfind(is_before).map_or(0, |it| it + 1);
        let value = &url[equals + 1..];
        let length = value.find(['&', ';', '#']).unwrap_or(value.len());
        if length > 0 && is_credential(&decoded(&url[start..equals])) {
            let start = offset + equals + 1;
            edits.put(start..start + length, mask);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(text: &str) -> String {
        let mut edits = Edits::default();
        scrub(text, "***", &mut edits);
        edits.apply(text).into_owned()
    }

    #[test]
    fn users_and_passwords_go_wherever_a_url_stands() {
        for (given, left) in [
            (
                "https://user:pass@example.com:8443/a?b=c#d",
                "https://example.com:8443/a?b=c#d",
            ),
            ("HTTPS://User:Pass@Example.com", "HTTPS://Example.com"),
            (" postgres://u:p@db/x", " postgres://db/x"),
            (
                "mysql+pymysql://u:p@[::1]:3306/x",
                "mysql+pymysql://[::1]:3306/x",
            ),
            ("kafka://u:p@a:9092,b:9092", "kafka://a:9092,b:9092"),
            ("http://a:b@h1,http://c:d@h2", "http://h1,http://h2"),
            (
                "cannot reach <redis://:secret@cache:6379/0>: refused",
                "cannot reach <redis://cache:6379/0>: refused",
            ),
            ("//user:pw@host/x", "//host/x"),
            ("see (//user:pw@host)", "see (//host)"),
            ("amqp://u:p/w?d#@host/v", "amqp://host/v"),
            ("https://token@github.com/a.git", "https://github.com/a.git"),
            ("http://a@b@c/", "http://c/"),
            ("url=https://u:p@h", "url=https://h"),
        ] {
            assert_eq!(scrubbed(given), left, "{given}");
            assert_eq!(scrubbed(left), left, "twice is as good as once: {given}");
        }
    }

    #[test]
    fn values_of_credentials_are_masked_in_queries_and_fragments() {
        for (given, left) in [
            (
                "https://h/cb?code=abc&state=1",
                "https://h/cb?code=***&state=1",
            ),
            ("/cb?access_token=abc", "/cb?access_token=***"),
            (
                "https://h/#access_token=abc&x=1",
                "https://h/#access_token=***&x=1",
            ),
            ("https://h/a;jsessionid=1", "https://h/a;jsessionid=***"),
            ("https://h/a;session_id=1", "https://h/a;session_id=***"),
            ("https://h/?to%6ben=abc", "https://h/?to%6ben=***"),
            (
                "https://s3/x?X-Amz-Signature=a&X-Amz-Date=b",
                "https://s3/x?X-Amz-Signature=***&X-Amz-Date=b",
            ),
        ] {
            assert_eq!(scrubbed(given), left, "{given}");
        }
    }

    #[test]
    fn what_is_no_credential_stays() {
        for text in [
            "",
            "?",
            "//",
            "://",
            "a//b@c",
            "really? yes = no",
            "mail me@example.com",
            "https://host:8080/@user",
            "https://[::1]/a@b",
            "https://h/a//b@c",
            "a=b",
            "https://h/p?author=me&page=2",
            "50% = 1/2 // half",
            "ümlaut://hö@st",
        ] {
            if !text.contains("hö") {
                assert_eq!(scrubbed(text), text);
            }
        }
        assert_eq!(scrubbed("ümlaut://hö@st"), "ümlaut://st");
    }
}
