//! [`Reason`]: why a response is what it is.

use std::{error::Error, fmt::Write, sync::Arc};

use http::Extensions;

/// Why a response is what it is, as an extension of the [`http::Response`]: the layer logs it as
/// `error` in the terminal event, and sends nothing of it.
///
/// ```
/// use fapilog_tower::Reason;
/// use http::{Response, StatusCode};
///
/// let error = "no".parse::<u8>().unwrap_err();
/// let mut response = Response::new("not found\n");
/// *response.status_mut() = StatusCode::NOT_FOUND;
/// response.extensions_mut().insert(Reason::of(&error));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Arc<str>);

/// Causes of an error that are told, at most.
const CAUSES: usize = 16;

impl Reason {
    /// In these words.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text of an error, and of what caused it: `charge failed: card declined`.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        for _ in 0..CAUSES {
            let Some(told) = cause else { break };
            // Writing to a string cannot fail.
            let _ = write!(text, ": {told}");
            cause = told.source();
        }
        Self(text.into())
    }

    pub(crate) fn in_extensions(extensions: &Extensions) -> Option<&str> {
        extensions.get::<Self>().map(|reason| &*reason.0)
    }
}
