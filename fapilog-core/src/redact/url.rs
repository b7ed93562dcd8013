//! [`scrub`]: credentials in URLs.

use std::ops::Range;

use super::{
    edits::Edits,
    parameter::{self, Search},
};
use crate::record::CUT_MARK;

/// Ends a host.
const HOST_ENDS: [char; 4] = ['/', '?', '#', '\\'];
/// Bytes behind a blank or a quote in which a password may go on.
const LONGEST_REST: usize = 256;

/// Marks what is to be taken out of the URLs in a text: user names and passwords before the host
/// without a trace, and the values of parameters whose names say that they are credentials.
///
/// A URL is what stands before and after `://`, whatever the scheme and the kind of the slashes, or
/// after `//` at the start of a word; it ends at a blank, a quote or an angle bracket. Its authority
/// is that of [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-3.2); where a password holds
/// `/`, `?`, `#`, a quote or a blank as they are, it is up to the last `@`. What follows a `?`, or
/// stands between `&`, `;` or `#`, without a scheme is a query too, and a parameter may hold a URL that is encoded.
pub(super) fn scrub<'m>(text: &str, mask: &'m str, edits: &mut Edits<'m>) {
    scrub_within(text, &mut Search::new(mask), edits);
}

/// Whether there is a URL in a text that has a user, a password, or a parameter that is a credential.
///
/// ```
/// use fapilog_core::redact::has_credentials;
///
/// assert!(has_credentials("redirects to https://user:password@host"));
/// assert!(!has_credentials("redirects to https://host"));
/// ```
pub fn has_credentials(text: &str) -> bool {
    let mut edits = Edits::default();
    scrub(text, "", &mut edits);
    !edits.is_empty()
}

/// Does the same as [`scrub`] in a text, or in a part of one that was encoded.
pub(super) fn scrub_within<'m>(text: &str, search: &mut Search<'m>, edits: &mut Edits<'m>) {
    let mut from = 0;
    while let Some(word) = next_word(text, from) {
        from = word.end;
        let url = &text[word.clone()];
        let last_at = url.rfind('@').map(|at| word.start + at);
        let mut has_url = false;
        let mut done = word.start;
        for slashes in slashes(url) {
            let (begin, start) = (word.start + slashes.start, word.start + slashes.end);
            if start < done || !begins_authority(text, begin..start, word.clone()) {
                continue;
            }
            has_url = true;
            let end = end_of_quoted(text, begin, &word);
            if let Some(end) = userinfo(text, start..end, last_at) {
                edits.put(start..end, "");
                done = end;
            }
        }
        from = from.max(done);
        if has_url || url.contains(['?', '#', ';', '&']) || search.is_within() && url.contains('%')
        {
            parameter::scrub(url, word.start, search, edits);
        }
    }
}

/// The next run of characters that may be those of a URL.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`');
    let rest = &text[from..];
    let start = from + rest.find(|c| !is_end(c))?;
    let end = text[start..]
        .find(is_end)
        .map_or(text.len(), |it| start + it);
    Some(start..end)
}

/// Runs of slashes; backslashes are read as such by browsers, and stand before slashes in some JSON.
fn slashes(url: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = url.as_bytes();
    let is_slash = |at: usize| matches!(bytes.get(at), Some(b'/' | b'\\'));
    let begins = move |at: &usize| is_slash(*at) && (*at == 0 || !is_slash(at - 1));
    (0..bytes.len()).filter(begins).map(move |start| {
        let length = bytes[start..].iter();
        start..start + length.take_while(|it| matches!(it, b'/' | b'\\')).count()
    })
}

/// Whether a host, perhaps with a user, follows these slashes of a word.
fn begins_authority(text: &str, slashes: Range<usize>, word: Range<usize>) -> bool {
    let run = &text[slashes.clone()];
    let before = text[word.start..slashes.start].chars().next_back();
    if before == Some(':') {
        if run.len() > 1 {
            return true;
        }
        // What merges slashes has left one: `https:/user:password@host`, but not `C:/a@b`.
        let scheme = &text[scheme(text, slashes.start, word.start)..slashes.start];
        let rest = &text[slashes.end..word.end];
        let host = &rest[..rest.find(HOST_ENDS).unwrap_or(rest.len())];
        return scheme.len() > 2 && host.split_once('@').is_some_and(|it| it.0.contains(':'));
    }
    // `(//host`, `=//host`, or the beginning; a `//` in a path is none.
    run.matches('/').count() > 1 && before.is_none_or(|it| !it.is_alphanumeric())
}

/// Where the scheme begins that ends here, its `:` included.
fn scheme(text: &str, end: usize, from: usize) -> usize {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | ':');
    from + text[from..end].trim_end_matches(is_scheme).len()
}

/// Where the word ends if its URL does: at the `'` that answers one before the scheme.
fn end_of_quoted(text: &str, slashes: usize, word: &Range<usize>) -> usize {
    let before = &text[word.start..scheme(text, slashes, word.start)];
    if !before.ends_with('\'') {
        return word.end;
    }
    let length = text[slashes..word.end].find('\'');
    length.map_or(word.end, |it| slashes + it)
}

/// Where the host begins, if a user stands before it.
fn userinfo(text: &str, url: Range<usize>, last_at: Option<usize>) -> Option<usize> {
    let rest = &text[url.clone()];
    let end = rest.find(HOST_ENDS).unwrap_or(rest.len());
    let authority = &rest[..end];
    if let Some(at) = authority.rfind('@') {
        return Some(url.start + at + 1);
    }
    if let Some(before) = authority.strip_suffix(CUT_MARK).filter(|it| !it.is_empty()) {
        // Whether this is a user or a host, nobody knows any more.
        return Some(url.start + before.len());
    }
    let is_whole = end == rest.len();
    let after = &text[url.end..text.floor_char_boundary(text.len().min(url.end + LONGEST_REST))];
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    let is_port = port.bytes().all(|it| it.is_ascii_digit()) || authority.ends_with(']');
    if is_port {
        // A password that was read from a file ends with its line.
        let rest = after.trim_start_matches(['\t', '\r', '\n', '\'']);
        let goes_on = is_whole && rest.len() < after.len() && rest.starts_with('@');
        return goes_on.then(|| url.end + after.len() - rest.len() + 1);
    }
    // No port is like this: it is a password with a delimiter in it,
    if let Some(at) = last_at.filter(|at| *at >= url.start) {
        return Some(at + 1);
    }
    // a blank, or a quote.
    let may_go_on = is_whole && !port.starts_with(|it: char| it.is_ascii_digit());
    let at = after.find('@').filter(|_| may_go_on)?;
    Some(url.end + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::edits::edited;

    fn scrubbed(text: &str) -> String {
        edited(text, |edits| scrub(text, "***", edits))
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
            ("https://u:p'w@h/'x", "https://h/'x"),
            ("a='https://h',b='me@h'", "a='https://h',b='me@h'"),
            ("'https://u:p'w@h'", "'https://h'"),
            ("https://u:p\"w@h", "https://h"),
            ("https://u:p w@h", "https://h"),
            ("https://u:p\n@h/ next", "https://h/ next"),
            ("https://u:12\n@h", "https://h"),
            ("https:///u:p@h", "https:///h"),
            ("https:\\\\u:p@h\\x", "https:\\\\h\\x"),
            (r"https:\/\/u:p@h\/x", r"https:\/\/h\/x"),
            ("/go/https:/u:p@h/x", "/go/https:/h/x"),
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
            ("/cb#access_token=abc", "/cb#access_token=***"),
            ("Server=h;Password=p;X=1", "Server=h;Password=***;X=1"),
            ("page=1&token=t", "page=1&token=***"),
            (
                "https://h/#access_token=abc&x=1",
                "https://h/#access_token=***&x=1",
            ),
            ("https://h/a;jsessionid=1", "https://h/a;jsessionid=***"),
            ("https://h/a;session_id=1", "https://h/a;session_id=***"),
            ("https://h/?to%6ben=abc", "https://h/?to%6ben=***"),
            ("https://h/?q=token=a=b&c=d", "https://h/?q=token=***&c=d"),
            (
                "https://h/?next=https%3A%2F%2Fu%3Ap%40h&n=1",
                "https://h/?next=***&n=1",
            ),
            ("/x?to=%2Fcb%3Ftoken%3Da", "/x?to=***"),
            ("/x?to=%252Fcb%253Ftoken%253Da", "/x?to=***"),
            ("/go/https%3a%2f%2fu:p%40h/?", "/go/***/?"),
            (
                "https://s3/x?X-Amz-Signature=a&X-Amz-Date=b",
                "https://s3/x?X-Amz-Signature=***&X-Amz-Date=b",
            ),
        ] {
            assert_eq!(scrubbed(given), left, "{given}");
            assert_eq!(scrubbed(left), left, "twice is as good as once: {given}");
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
            "see http://h:8080. Mail me@example.com",
            "http://h:80 @me",
            "http://h:80\nme@example.com",
            r"C:\\Users\\me@home",
            "C:/me@home",
            "https://h/?data=aGVsbG8gd29ybGQ==",
            "https://h/?next=https%3A%2F%2Fhost%2Fa%3Fb%3Dc",
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
