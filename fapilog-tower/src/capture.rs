//! [`Capture`]: which bodies are logged, and how much of them.
//!
//! Frames are copied as they pass by, none is held back. At the end of the request the copy becomes
//! what redaction can reach into: JSON and forms are read, so that their values have names, and what
//! cannot be read is left out, for as one text it would go past redaction. Credentials are masked here
//! already, as those of headers and the query are, whatever the pipeline redacts.

mod bodies;
mod copied;
mod form;
mod json;
mod text;

pub(crate) use self::bodies::Bodies;

use fapilog_core::settings::AxumSettings;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use http_body::SizeHint;

use self::copied::{Copied, Kind};
use crate::patterns::Patterns;

/// The share of an event that a body may have: in its record, structure takes up to five times the
/// bytes that it has as JSON, and what else there is to say of the request must find room.
const SHARE: usize = 16;

/// Which bodies are logged.
#[derive(Clone, Debug)]
pub(crate) struct Capture {
    request: bool,
    response: bool,
    types: Patterns,
    most: usize,
}

impl Capture {
    /// `None` if no bodies are.
    pub(crate) fn new(settings: &AxumSettings) -> Option<Self> {
        let (request, response) = (
            settings.capture_request_body,
            settings.capture_response_body,
        );
        let types = settings.body_content_types.iter();
        let types: Vec<_> = types.map(|it| it.to_ascii_lowercase()).collect();
        (request || response).then(|| Self {
            request,
            response,
            types: Patterns::new(&types),
            most: settings.max_body_bytes,
        })
    }

    /// What the body of a request is copied into, if it is, for an event of at most so many bytes.
    fn request(&self, headers: &HeaderMap, size: &SizeHint, event: usize) -> Option<Copied> {
        self.request.then(|| self.copied(headers, size, event))?
    }

    /// The same of a response.
    fn response(&self, headers: &HeaderMap, size: &SizeHint, event: usize) -> Option<Copied> {
        self.response.then(|| self.copied(headers, size, event))?
    }

    fn copied(&self, headers: &HeaderMap, size: &SizeHint, event: usize) -> Option<Copied> {
        let is_plain = |it: &[u8]| it.eq_ignore_ascii_case(b"identity");
        let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
        if !encodings.all(|it| is_plain(it.as_bytes())) {
            return None;
        }
        let given = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let (name, parameters) = given.split_once(';').unwrap_or((given, ""));
        let name = name.trim().to_ascii_lowercase();
        if !self.types.contain(&name) || !is_utf8(parameters) {
            return None;
        }
        let most = self.most.min(event / SHARE);
        Some(Copied::new(Kind::of(&name)?, most, size))
    }
}

/// Whether the parameters of a type name no other charset: in one, nothing would be found.
fn is_utf8(parameters: &str) -> bool {
    let known = ["utf-8", "utf8", "us-ascii", "ascii"];
    let pairs = parameters.split(';').filter_map(|it| it.split_once('='));
    let mut charsets = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charsets.all(|(_, charset)| {
        let charset = charset.trim().trim_matches('"');
        known.iter().any(|it| charset.eq_ignore_ascii_case(it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bodies_that_can_be_read_are_copied() {
        let mut settings = AxumSettings::default();
        settings.capture_request_body = true;
        let types = &mut settings.body_content_types;
        types.extend(["Multipart/*", "application/XML"].map(str::to_owned));
        let capture = Capture::new(&settings).unwrap();
        for (content_type, encoding, is_copied) in [
            ("application/json", None, true),
            ("Application/JSON ; charset=\"UTF-8\"", None, true),
            ("application/problem+json", None, true),
            ("application/json; charset=utf-16", None, false),
            ("application/json", Some("gzip"), false),
            ("application/json", Some("Identity"), true),
            ("application/x-www-form-urlencoded", None, true),
            ("text/csv;header=present", None, true),
            ("application/xml", None, true),
            ("application/octet-stream", None, false),
            ("multipart/form-data; boundary=x", None, false),
            ("", None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
            if let Some(encoding) = encoding {
                headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
            }
            let size = SizeHint::default();
            let label = format!("{content_type} {encoding:?}");
            let copied = capture.request(&headers, &size, 64 * 1024);
            assert_eq!(copied.is_some(), is_copied, "{label}");
            let copied = capture.response(&headers, &size, 64 * 1024);
            assert!(copied.is_none(), "{label}");
        }
        assert!(Capture::new(&AxumSettings::default()).is_none());
    }
}
