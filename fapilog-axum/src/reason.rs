//! Errors of handlers and of extractors, so that the log tells them.

use std::{error::Error, ops::Deref};

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use fapilog_tower::Reason;

/// An error of a handler that is logged: it makes the response of what is inside, and the terminal
/// event of the request tells its text and its causes as `error`.
///
/// ```
/// use axum::{http::StatusCode, response::{IntoResponse, Response}};
/// use fapilog_axum::Logged;
///
/// #[derive(Debug)]
/// struct NoStock;
///
/// impl std::fmt::Display for NoStock {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("nothing left on the shelf")
///     }
/// }
/// impl std::error::Error for NoStock {}
/// impl IntoResponse for NoStock {
///     fn into_response(self) -> Response {
///         StatusCode::CONFLICT.into_response()
///     }
/// }
///
/// async fn handler() -> Result<&'static str, Logged<NoStock>> {
///     Err(NoStock)? // the client gets 409, the log gets the reason
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Logged<E>(pub E);

impl<E> From<E> for Logged<E> {
    fn from(error: E) -> Self {
        Self(error)
    }
}

impl<E: Error + IntoResponse + 'static> IntoResponse for Logged<E> {
    fn into_response(self) -> Response {
        let reason = Reason::of(&self.0);
        let mut response = self.0.into_response();
        response.extensions_mut().insert(reason);
        response
    }
}

/// An extractor whose rejection is logged: the client gets the same response as without it, and the
/// terminal event tells why as `error`.
///
/// ```
/// use fapilog_axum::Checked;
///
/// // Not UTF-8? The client gets 400, the log gets the reason.
/// async fn handler(Checked(text): Checked<String>) -> String {
///     text.to_uppercase()
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Checked<T>(pub T);

impl<T> Deref for Checked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<S, T> FromRequest<S> for Checked<T>
where
    S: Send + Sync,
    T: FromRequest<S>,
    T::Rejection: Error + 'static,
{
    type Rejection = Logged<T::Rejection>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let extracted = T::from_request(request, state).await;
        extracted.map(Self).map_err(Logged)
    }
}
