//! The id of a request: taken over, or made.

use bytes::Bytes;
use fapilog_core::__private::{caught, new_id};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request};
#[cfg(feature = "tower-http")]
use tower_http::request_id::RequestId as Shared;
use uuid::fmt::Hyphenated;

use crate::options::Options;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// The id of a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The id that was sent, if it is one and only one, harmless and to be trusted; else a new one for
    /// a request that has `begun` by this stamp. The request carries it on, and no other, so that
    /// whoever is further in takes it over.
    pub(crate) fn of<B>(request: &mut Request<B>, options: &Options, begun: u64) -> Self {
        let name = &options.request_id_header;
        let sent = extension(request.extensions()).or_else(|| sole(request.headers(), name));
        let is_trusted = options.settings.trust_request_id;
        let sent = sent.filter(|id| is_trusted && is_harmless(id.as_bytes()));
        let id = sent.cloned().or_else(|| made(options));
        let id = id.unwrap_or_else(|| new(begun));
        extend(request.extensions_mut(), &id);
        request.headers_mut().insert(name, id.clone());
        Self(id)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// As the caller's generator makes it, if it does so without harm.
fn made(options: &Options) -> Option<HeaderValue> {
    let make = options.make_request_id.as_ref()?;
    let made = caught(|| make()).ok()?;
    let harmless = is_harmless(made.as_bytes()).then_some(made)?;
    HeaderValue::try_from(harmless).ok()
}

fn new(begun: u64) -> HeaderValue {
    let mut text = [0; Hyphenated::LENGTH];
    new_id(begun).hyphenated().encode_lower(&mut text);
    // Of an owner, so that no clone has to allocate. It holds letters, digits and hyphens: never an
    // error.
    let value = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
    value.unwrap_or_else(|_| HeaderValue::from_static("invalid"))
}

/// The value of a header that stands there once.
fn sole<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// The id that a layer of tower-http further out has set.
fn extension(extensions: &Extensions) -> Option<&HeaderValue> {
    #[cfg(feature = "tower-http")]
    return extensions.get().map(Shared::header_value);
    #[cfg(not(feature = "tower-http"))]
    {
        let _ = extensions;
        None
    }
}

/// Sets the id for those who look for that of tower-http.
fn extend(extensions: &mut Extensions, id: &HeaderValue) {
    #[cfg(feature = "tower-http")]
    extensions.insert(Shared::new(id.clone()));
    #[cfg(not(feature = "tower-http"))]
    let _ = (extensions, id);
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
        let mut request = Request::new(());
        for id in sent {
            let id = HeaderValue::from_static(id);
            request.headers_mut().append(X_REQUEST_ID, id);
        }
        let options = Options::new(&AxumSettings::default());
        let id = RequestId::of(&mut request, &options, 0).to_header();
        let left: Vec<_> = request.headers().get_all(X_REQUEST_ID).iter().collect();
        assert_eq!(left, [&id], "no other id is left in the request");
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
