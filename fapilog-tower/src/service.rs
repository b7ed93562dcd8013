//! [`FapilogService`]: what happens when a request comes.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::{
    FapilogBody, RequestHandle, ResponseFuture, admission::Admission, layer::Config,
    outcome::Outcome, request::State, request_body,
};

/// A service whose requests are logged; made by [`FapilogLayer`](crate::FapilogLayer).
#[derive(Clone, Debug)]
pub struct FapilogService<S> {
    inner: S,
    config: Arc<Config>,
    admission: Admission,
}

impl<S> FapilogService<S> {
    pub(crate) fn new(inner: S, config: Arc<Config>) -> Self {
        Self {
            inner,
            config,
            admission: Admission::default(),
        }
    }

    /// The service inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service inside.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service inside.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for FapilogService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: fmt::Display,
    ReqBody: Body + 'static,
    ResBody: Body,
    ResBody::Data: From<Bytes>,
    ResBody::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<FapilogBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        ready!(self.admission.poll_ready(&self.config.logger, cx));
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        if let Some(outer) = request.extensions().get::<RequestHandle>() {
            // Another layer, further out, has this request in hand.
            outer.0.learn_route(&request);
            return ResponseFuture::unwatched(self.inner.call(request));
        }
        let state = State::begin(&mut request, &self.config, self.admission.take());
        request_body::count(&mut request, &state);
        let called = {
            let _entered = state.enter();
            catch_unwind(AssertUnwindSafe(|| self.inner.call(request)))
        };
        match called {
            Ok(future) => ResponseFuture::watched(future, state),
            Err(payload) => {
                let text = fapilog_core::__private::panic_text(&*payload);
                state.end_panicked(text);
                if !self.config.options.settings.catch_panics {
                    resume_unwind(payload);
                }
                ResponseFuture::panicked(state)
            }
        }
    }
}

impl State {
    /// Ends the request as one that panicked; its status is 500 if it has none.
    pub(crate) fn end_panicked(&self, text: &str) {
        self.head_is_sent(http::StatusCode::INTERNAL_SERVER_ERROR);
        self.end(Outcome::Panicked, Some(&text));
    }
}
