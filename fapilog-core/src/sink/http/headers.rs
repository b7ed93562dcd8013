//! The headers of every request.

use std::collections::BTreeMap;

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING, USER_AGENT},
};

use super::trouble::Trouble;
use crate::{Sensitive, redact::is_credential};

/// The same at each attempt for a batch.
pub(in crate::sink) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Headers that follow from the body, the batch or the connection, and are not for others to say.
const OURS: [HeaderName; 5] = [
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    IDEMPOTENCY_KEY,
    TRANSFER_ENCODING,
];

const PRODUCT: &str = concat!("fapilog/", env!("CARGO_PKG_VERSION"));

/// Reads headers, whose values are not shown from then on.
pub(in crate::sink) fn read(
    given: &BTreeMap<String, Sensitive<String>>,
) -> Result<HeaderMap, Trouble> {
    let trouble = |text: String| Trouble::new("headers", text);
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    let mut seen = Vec::new();
    for (name, value) in given {
        let header: HeaderName = name
            .trim()
            .parse()
            .map_err(|_| trouble(format!("{name:?} is no name of a header")))?;
        if OURS.contains(&header) {
            return Err(trouble(format!("{name:?} is for the sink alone to say")));
        }
        if seen.contains(&header) {
            return Err(trouble(format!("{name:?} stands there twice")));
        }
        let value = value_of(value.expose());
        let value =
            value.ok_or_else(|| trouble(format!("the value of {name:?} cannot be sent")))?;
        headers.insert(header.clone(), value);
        seen.push(header);
    }
    Ok(headers)
}

/// The text as the value of a header that is not shown, if it can be one.
pub(in crate::sink) fn value_of(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text.trim()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether one of them is a credential, by its name.
pub(in crate::sink) fn have_credentials(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| is_credential(name.as_str()))
}
