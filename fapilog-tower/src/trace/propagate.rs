//! [`PropagateLayer`]: the ids of a request go on to the services that it calls.

use std::task::{Context, Poll};

use fapilog_core::context::Scope;
use http::{HeaderMap, Request};
use tower_layer::Layer;
use tower_service::Service;

use super::{parent::TRACEPARENT, tracestate::TRACESTATE};
use crate::request::State;

/// Adds the ids of the request that is being served to the headers of one that is to be sent:
/// its id, and, where [`trace_context`](crate::FapilogLayer::trace_context) is enabled,
/// `traceparent` with its span as the parent, and `tracestate`. For clients without tower, such as
/// reqwest.
///
/// Headers that are set already stay as they are. Outside of a request nothing is added; tasks and
/// threads are inside it if they were begun with [`spawn`](fapilog_core::context::spawn) or
/// [`carry`](fapilog_core::context::carry()).
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// fapilog_tower::propagate(&mut headers);
/// assert!(headers.is_empty(), "no request is being served here");
/// ```
pub fn propagate(headers: &mut HeaderMap) {
    let request = Scope::current().and_then(Scope::request);
    let Some(state) = request.as_deref().and_then(|it| it.downcast_ref::<State>()) else {
        return;
    };
    let id_header = state.id_header();
    if !headers.contains_key(id_header) {
        headers.insert(id_header, state.id().to_header());
    }
    let Some(trace) = &state.trace else {
        return;
    };
    // Our state says nothing of a trace that is not ours.
    if headers.contains_key(TRACEPARENT) {
        return;
    }
    headers.insert(TRACEPARENT, trace.0.own.to_header());
    if let Some(tracestate) = &trace.0.tracestate
        && !headers.contains_key(TRACESTATE)
    {
        headers.insert(TRACESTATE, tracestate.clone());
    }
}

/// Does what [`propagate`] does, with every request of a client that is a tower service.
///
/// ```
/// use fapilog_tower::PropagateLayer;
/// use tower_layer::Layer;
/// # let client = ();
///
/// let client = PropagateLayer::new().layer(client);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct PropagateLayer(());

impl PropagateLayer {
    /// There is nothing to choose.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for PropagateLayer {
    type Service = PropagateService<S>;

    fn layer(&self, inner: S) -> PropagateService<S> {
        PropagateService { inner }
    }
}

/// A client whose requests carry the ids of the request that is being served when they are sent;
/// made by [`PropagateLayer`].
#[derive(Clone, Debug)]
pub struct PropagateService<S> {
    inner: S,
}

impl<S> PropagateService<S> {
    /// The client inside.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The client inside.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The client inside.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B> Service<Request<B>> for PropagateService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        propagate(request.headers_mut());
        self.inner.call(request)
    }
}
