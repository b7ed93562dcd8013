//! W3C Trace Context: which trace a request is part of.
//!
//! `parent.rs` and `tracestate.rs` read what the client sent, by
//! <https://www.w3.org/TR/trace-context/>; `propagate.rs` sends it on.

mod parent;
mod propagate;
mod tracestate;

use std::sync::Arc;

use fapilog_core::__private::FieldBlock;
use http::{HeaderMap, HeaderName, HeaderValue, Request};

use self::parent::Traceparent;
pub use self::propagate::{PropagateLayer, PropagateService, propagate};
use crate::{layer::Config, request::State};

const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// The trace that a request is part of, as an extension of the [`http::Request`], where
/// [`FapilogLayer::trace_context`](crate::FapilogLayer::trace_context) is enabled. Cheap to clone.
///
/// Ids are lower-case hexadecimal digits, as they stand in headers and events.
#[derive(Clone, Debug)]
pub struct TraceContext(Arc<Trace>);

#[derive(Debug)]
struct Trace {
    own: Traceparent,
    /// What the client sent, if that was valid.
    parent: Option<Traceparent>,
    tracestate: Option<HeaderValue>,
}

impl TraceContext {
    /// Continues the trace of the request, or begins one, and adds its ids to the request's
    /// extensions and to the fields of its scope. `None` if nobody wants traces.
    pub(crate) fn begin<B>(
        request: &mut Request<B>,
        config: &Config,
        begun: u64,
        fields: &mut FieldBlock,
    ) -> Option<Self> {
        // What answers with a trace has to have one.
        let settings = &config.options.settings;
        if !(settings.trace_context | settings.traceresponse) {
            return None;
        }
        let parent = Traceparent::of(request.headers());
        let trace = Self(Arc::new(Trace {
            own: parent.map_or_else(|| Traceparent::new(begun), Traceparent::child),
            parent,
            // It belongs to the parent: without one, it says nothing of this trace.
            tracestate: parent.and_then(|_| tracestate::of(request.headers())),
        }));
        let limits = config.logger.limits();
        fields.set(limits, "trace_id", &trace.trace_id());
        fields.set(limits, "span_id", &trace.span_id());
        request.extensions_mut().insert(trace.clone());
        Some(trace)
    }

    /// The id of the trace, 32 digits: that of the client's `traceparent`, else a new one.
    pub fn trace_id(&self) -> &str {
        self.0.own.trace_id()
    }

    /// The id of this request within the trace, 16 digits, always a new one.
    pub fn span_id(&self) -> &str {
        self.0.own.span_id()
    }

    /// The id of the span that sent the request, if the trace was taken over from there.
    pub fn parent_id(&self) -> Option<&str> {
        self.0.parent.as_ref().map(Traceparent::span_id)
    }

    /// Whether the trace is recorded: as the client said, and true of a trace begun here, whose
    /// events are logged.
    pub fn is_sampled(&self) -> bool {
        self.0.own.is_sampled()
    }

    /// `00-<trace id>-<span id>-<flags>` of this request, for what is sent by other means than
    /// HTTP; [`propagate`] and [`PropagateLayer`] do it for HTTP.
    pub fn to_traceparent(&self) -> String {
        self.0.own.as_str().to_owned()
    }

    /// The client's `tracestate`, several lines joined, if it and its `traceparent` were valid.
    pub fn tracestate(&self) -> Option<&str> {
        self.0.tracestate.as_ref()?.to_str().ok()
    }
}

impl State {
    /// Marks a response with the ids of its request.
    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        headers.insert(self.id_header(), self.id().to_header());
        if let Some(trace) = &self.trace
            && self.config.options.settings.traceresponse
        {
            headers.insert(TRACERESPONSE, trace.0.own.to_header());
        }
    }
}
