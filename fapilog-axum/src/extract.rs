//! [`RequestLogger`]: the logger of a request, as an extractor.

use std::{borrow::Cow, convert::Infallible, error::Error, fmt, ops::Deref};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use fapilog_core::{Logger, Value};
use fapilog_tower::{RequestHandle, Timing, Upgraded};

/// The logger of the request that is being served.
///
/// Its events carry the `request_id`, also on threads and in tasks that the handler starts. It
/// derefs to a [`Logger`], so it can be given to the macros and bound.
///
/// ```
/// use fapilog_axum::{RequestLogger, info};
///
/// async fn handler(log: RequestLogger) {
///     info!(logger: log, "in the request");
///     log.set("cart_total", 42); // stands in the terminal event
/// }
/// ```
///
/// `Option<RequestLogger>` is an extractor too, for handlers that are also used without the layer.
#[derive(Clone, Debug)]
pub struct RequestLogger {
    handle: RequestHandle,
    logger: Logger,
}

impl RequestLogger {
    fn of(parts: &Parts) -> Option<Self> {
        let handle = parts.extensions.get::<RequestHandle>()?.clone();
        let logger = handle.logger().bind([("request_id", handle.id())]);
        Some(Self { handle, logger })
    }

    /// The id of the request, as it stands in `x-request-id` and in every event.
    pub fn request_id(&self) -> Cow<'_, str> {
        self.handle.id()
    }

    /// Adds a field to the terminal event of the request; of a key that is set twice, the last
    /// value counts. What the layer knows itself, such as `status_code`, cannot be changed.
    pub fn set(&self, key: &str, value: impl Value) {
        self.handle.set(key, value);
    }

    /// Runs the handler of an upgraded connection as part of this request, and logs its beginning and
    /// its end; see [`RequestHandle::upgraded`].
    ///
    /// ```
    /// use axum::{extract::ws::{WebSocket, WebSocketUpgrade}, response::Response};
    /// use fapilog_axum::{RequestLogger, info};
    ///
    /// async fn handler(log: RequestLogger, upgrade: WebSocketUpgrade) -> Response {
    ///     upgrade.on_upgrade(log.upgraded(|_socket: WebSocket| async {
    ///         info!("after `connection_opened`, with the same request_id");
    ///     }))
    /// }
    /// ```
    pub fn upgraded<T, H, F>(&self, handler: H) -> impl FnOnce(T) -> Upgraded + Send + use<T, H, F>
    where
        T: Send + 'static,
        H: FnOnce(T) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        self.handle.upgraded(handler)
    }

    /// Adds to a count that stands in the terminal event; see [`RequestHandle::increment`].
    pub fn increment(&self, key: &str, by: i64) {
        self.handle.increment(key, by);
    }

    /// Measures until what is returned is dropped: `{name}_ms` and `{name}_count` in the terminal
    /// event; see [`RequestHandle::time`].
    ///
    /// ```
    /// # async fn query() {}
    /// # async fn handler(log: fapilog_axum::RequestLogger) {
    /// let timing = log.time("db");
    /// query().await;
    /// drop(timing);
    /// # }
    /// ```
    #[must_use = "it measures until it is dropped: keep it in a named variable"]
    pub fn time(&self, name: impl Into<Cow<'static, str>>) -> Timing {
        self.handle.time(name)
    }
}

impl Deref for RequestLogger {
    type Target = Logger;

    fn deref(&self) -> &Logger {
        &self.logger
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestLogger {
    type Rejection = MissingFapilogLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingFapilogLayer> {
        Self::of(parts).ok_or(MissingFapilogLayer(()))
    }
}

/// `None` where no [`FapilogLayer`](crate::FapilogLayer) is on the route.
impl<S: Send + Sync> OptionalFromRequestParts<S> for RequestLogger {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts))
    }
}

/// A handler takes a [`RequestLogger`], but no [`FapilogLayer`](crate::FapilogLayer) is on its
/// route. The response has status 500.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFapilogLayer(());

impl fmt::Display for MissingFapilogLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no request logger: add `.layer(FapilogLayer::preset(\"axum\"))` to the router, after its routes",
        )
    }
}

impl Error for MissingFapilogLayer {}

impl IntoResponse for MissingFapilogLayer {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
