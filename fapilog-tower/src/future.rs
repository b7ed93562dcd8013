//! [`ResponseFuture`]: from the call to the head of the response.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use fapilog_core::__private::{DisplayValue, panic_text};
use http::{Method, Response, StatusCode, header::CONTENT_TYPE};
use http_body::Body;
use pin_project_lite::pin_project;

use crate::{FapilogBody, Reason, outcome::Outcome, request::State};

pin_project! {
    /// The response to come. Dropped before it is there, the request ends as
    /// `client_disconnected`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        // `None` if the call itself panicked.
        #[pin]
        inner: Option<F>,
        // `None` if a layer further out watches the request.
        state: Option<Arc<State>>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _watched = this.state.as_ref().map(|state| {
                (state.enter(), state.end_on_drop(Outcome::ClientDisconnected))
            });
            this.inner.set(None);
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) fn watched(future: F, state: Arc<State>) -> Self {
        Self {
            inner: Some(future),
            state: Some(state),
        }
    }

    pub(crate) fn unwatched(future: F) -> Self {
        Self {
            inner: Some(future),
            state: None,
        }
    }

    /// The call panicked, and is to be answered.
    pub(crate) fn panicked(state: Arc<State>) -> Self {
        Self {
            inner: None,
            state: Some(state),
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: fmt::Display,
    B: Body,
    B::Data: From<Bytes>,
{
    type Output = Result<Response<FapilogBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(state) = this.state.take() else {
            return match this.inner.as_pin_mut() {
                Some(inner) => inner.poll(cx).map_ok(|it| it.map(FapilogBody::unwatched)),
                None => Poll::Pending,
            };
        };
        let _entered = state.enter();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(Ok(apology(&state)));
        };
        let result = match catch_unwind(AssertUnwindSafe(|| inner.poll(cx))) {
            Ok(Poll::Pending) => {
                *this.state = Some(state);
                return Poll::Pending;
            }
            // From here on the body watches the request; the drop of this future will not end it.
            Ok(Poll::Ready(Ok(response))) => Ok(head(response, state)),
            Ok(Poll::Ready(Err(error))) => {
                state.end(Outcome::ServiceError, Some(&DisplayValue(&error)));
                Err(error)
            }
            Err(payload) => {
                state.end_panicked(panic_text(&*payload));
                if !state.catches_panics() {
                    *this.state = Some(state);
                    resume_unwind(payload);
                }
                Ok(apology(&state))
            }
        };
        // What is left of the service is dropped in its scope.
        this.inner.set(None);
        Poll::Ready(result)
    }
}

/// Marks the response with the ids, and watches its body if there is one to watch.
fn head<B: Body>(mut response: Response<B>, state: Arc<State>) -> Response<FapilogBody<B>> {
    let status = response.status();
    state.head_is_sent(status);
    state.mark(response.headers_mut());
    if let Some(reason) = Reason::in_extensions(response.extensions()) {
        state.explain(reason);
    }
    if status == StatusCode::SWITCHING_PROTOCOLS {
        state.learn_protocol(response.headers());
    }
    if has_no_body(&state, status) || response.body().is_end_stream() {
        state.learn_grpc_status(response.headers());
        state.end(Outcome::Completed, None);
    } else {
        state.capture_response(&response);
    }
    response.map(|body| FapilogBody::watched(body, state))
}

/// Whether the protocol sends no body with such a response, whatever the service gave.
fn has_no_body(state: &State, status: StatusCode) -> bool {
    let method = state.method();
    method == Method::HEAD
        || (method == Method::CONNECT && status.is_success())
        || matches!(
            status,
            StatusCode::SWITCHING_PROTOCOLS | StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        )
}

/// The response to a request whose service panicked.
fn apology<B: Body>(state: &State) -> Response<FapilogBody<B>>
where
    B::Data: From<Bytes>,
{
    let id = String::from_utf8_lossy(state.id().as_bytes()).into_owned();
    let text = format!("internal server error\nrequest id: {id}\n");
    let mut response = Response::new(FapilogBody::text(text));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let headers = response.headers_mut();
    state.mark(headers);
    let plain = http::HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(CONTENT_TYPE, plain);
    response
}
