//! The id of a request: taken over, or made.

use fapilog_core::__private::new_id;
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::fmt::Hyphenated;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// The id that the client sent, if it is one and only one, and harmless; else a new one, which
/// then stands in the request for the services behind this one.
pub(crate) fn take_or_make(headers: &mut HeaderMap) -> HeaderValue {
    let mut sent = headers.get_all(X_REQUEST_ID).iter();
    if let (Some(id), None) = (sent.next(), sent.next())
        && is_harmless(id.as_bytes())
    {
        return id.clone();
    }
    let mut text = [0; Hyphenated::LENGTH];
    let text = new_id().hyphenated().encode_lower(&mut text);
    let id = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("invalid"));
    headers.insert(X_REQUEST_ID, id.clone());
    id
}

/// Whether an id can do no harm in a log, a header or a file name.
fn is_harmless(id: &[u8]) -> bool {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
    (1..=LONGEST).contains(&id.len()) && id.iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(sent: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for id in sent {
            headers.append(X_REQUEST_ID, HeaderValue::from_static(id));
        }
        let id = take_or_make(&mut headers);
        let left: Vec<_> = headers.get_all(X_REQUEST_ID).iter().collect();
        assert_eq!(left, [&id], "the request carries the id, once");
        id.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_harmless_id_is_taken_over() {
        for id in ["a", "A-z_0.9:x", "0197f6c0-0000-7000-8000-000000000000"] {
            assert_eq!(ids(&[id]), id);
        }
    }

    #[test]
    fn anything_else_is_replaced_by_a_uuid_of_version_7() {
        let long = "x".repeat(LONGEST + 1).leak();
        for sent in [
            &[][..],
            &[""],
            &["a b"],
            &["a/b"],
            &["{}"],
            &["a", "b"],
            &[long],
        ] {
            let id = ids(sent);
            assert_eq!(id.len(), Hyphenated::LENGTH, "{sent:?}");
            assert_eq!(&id[14..15], "7");
        }
    }
}
