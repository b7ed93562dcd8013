//! The id of a request: taken over, or made.

use fapilog_core::__private::{caught, new_id};
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::fmt::Hyphenated;

use crate::options::Options;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// The id of a request.
#[derive(Clone, Debug)]
pub(crate) enum RequestId {
    /// As the client, or the caller's generator, gave it.
    Sent(HeaderValue),
    /// The text of a UUID, in place: most requests bring no id, and this one costs no memory.
    Made([u8; Hyphenated::LENGTH]),
}

impl RequestId {
    /// The id that the client sent, if it is one and only one, harmless and to be trusted; else a new
    /// one for a request that has `begun` by this stamp. An id that is not taken over is taken out of
    /// the request, so that nobody behind takes it over.
    pub(crate) fn of(headers: &mut HeaderMap, options: &Options, begun: u64) -> Self {
        let name = &options.request_id_header;
        let mut sent = headers.get_all(name).iter();
        let (first, second) = (sent.next(), sent.next());
        let was_sent = first.is_some();
        if let (Some(id), None, true) = (first, second, options.settings.trust_request_id)
            && is_harmless(id.as_bytes())
        {
            return Self::Sent(id.clone());
        }
        let made = options.make_request_id.as_ref().and_then(|make| {
            let made = caught(|| make()).ok();
            let harmless = made.filter(|made| is_harmless(made.as_bytes()))?;
            HeaderValue::try_from(harmless).ok().map(Self::Sent)
        });
        let made = made.unwrap_or_else(|| Self::new(begun));
        if was_sent {
            headers.insert(name, made.to_header());
        }
        made
    }

    fn new(begun: u64) -> Self {
        let mut text = [0; Hyphenated::LENGTH];
        new_id(begun).hyphenated().encode_lower(&mut text);
        Self::Made(text)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sent(id) => id.as_bytes(),
            Self::Made(id) => id,
        }
    }

    pub(crate) fn to_header(&self) -> HeaderValue {
        match self {
            Self::Sent(id) => id.clone(),
            // It holds letters, digits and hyphens: never an error.
            Self::Made(id) => {
                HeaderValue::from_bytes(id).unwrap_or_else(|_| HeaderValue::from_static("invalid"))
            }
        }
    }
}

/// Whether an id can do no harm in a log, a header or a file name.
fn is_harmless(id: &[u8]) -> bool {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
    (1..=LONGEST).contains(&id.len()) && id.iter().all(known)
}

#[cfg(test)]
mod tests {
    use fapilog_core::settings::AxumSettings;

    use super::*;

    fn id_for(sent: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for id in sent {
            headers.append(X_REQUEST_ID, HeaderValue::from_static(id));
        }
        let id =
            RequestId::of(&mut headers, &Options::new(&AxumSettings::default()), 0).to_header();
        let left: Vec<_> = headers.get_all(X_REQUEST_ID).iter().collect();
        let expected = if sent.is_empty() { vec![] } else { vec![&id] };
        assert_eq!(left, expected, "no other id is left in the request");
        id.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_harmless_id_is_taken_over() {
        for id in ["a", "A-z_0.9:x", "0197f6c0-0000-7000-8000-000000000000"] {
            assert_eq!(id_for(&[id]), id);
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
            let id = id_for(sent);
            assert_eq!(id.len(), Hyphenated::LENGTH, "{sent:?}");
            assert_eq!(&id[14..15], "7");
        }
    }
}
