//! The tower layer of fapilog: a request id, a scope, and exactly one terminal event a request.
//!
//! ```text
//! {"level":"INFO","message":"request_completed","context":{"request_id":"0197…",…},
//!  "data":{"method":"GET","path":"/users/7","route":"/users/{id}","status_code":200,
//!          "latency_ms":3.1,"ttfb_ms":2.9,"request_bytes":0,"response_bytes":120,
//!          "http_version":"HTTP/1.1","client_ip":"10.0.0.9","user_agent":"curl/8",
//!          "outcome":"completed"},…}
//! ```
//!
//! For each request, [`FapilogLayer`]
//!
//! 1. takes the id from `x-request-id` if that is one value of 1 to 128 of `A-Z a-z 0-9 . _ : -`,
//!    and makes a UUID of version 7 otherwise; what is further in finds it in that header;
//! 2. enters a [`Scope`](fapilog_core::context::Scope) with `request_id` whenever the inner
//!    service or the response body is polled or dropped, so that all that they log carries it;
//! 3. sends the id back in the `x-request-id` of every response;
//! 4. logs one event when the request has ended, whichever way it ends.
//!
//! # How a request may end
//!
//! | `message` | `outcome` | when |
//! |---|---|---|
//! | `request_completed` | `completed` | the body was sent to its end; or at the head, where there is no body to send: HEAD, 204, 304, 101, CONNECT, an empty body |
//! | `request_completed` | `body_unread` | the body was dropped before anybody asked for it |
//! | `request_failed` | `service_error` | the inner service returned an error |
//! | `request_failed` | `panicked` | the inner service or the body panicked |
//! | `request_failed` | `body_error` | the body ended with an error |
//! | `request_cancelled` | `client_disconnected` | the response or its body was dropped before its end |
//! | `request_cancelled` | `shutdown` | the server shut down before the end |
//!
//! Status 500 and above, a `grpc_status` that is a fault of the server, and `request_failed`, are of
//! level ERROR, all others of INFO. A failed request has an `error` besides. `latency_ms` runs to the end of the body, `ttfb_ms` to the
//! response's head. `path` never holds the query. Values that are not known are `null`:
//! `status_code` and `ttfb_ms` before the head, `route` and `client_ip` without the feature
//! `axum`. `request_bytes` is what the service has read of the request's body; where the body is
//! not axum's, what its length was announced to be.
//!
//! What is logged, and how, is said by the methods of [`FapilogLayer`], or by the group `axum` of the
//! settings: paths to skip, samples, slow requests, headers, the query, bodies, proxies, ids.
//!
//! Logging never fails a request, nor makes it wait. The layer may be added twice: the inner one
//! only adds the route.
//!
//! # Bodies
//!
//! Two options, both off by default, log what passes by of the bodies of a request, in its terminal
//! event: [`capture_request_body`](FapilogLayer::capture_request_body), where the body is axum's and as
//! far as the service reads it, and [`capture_response_body`](FapilogLayer::capture_response_body).
//! Frames go on as they come; at most [`max_body_bytes`](FapilogLayer::max_body_bytes) of each body are
//! copied, in memory besides the budget of the pipeline, and read when the request ends.
//!
//! | body | in the event |
//! |---|---|
//! | JSON | its structure, so that redaction by the names of fields reaches into it; objects and lists only |
//! | a form | a map of its fields; a list of what stands more than once |
//! | other text | the text; its beginning, up to a blank, if it is longer or breaks off |
//! | JSON or a form that is longer, breaks off, or cannot be read | why: `[not captured: longer than 4096 bytes]` |
//! | compressed, `multipart/*`, of [another type](FapilogLayer::body_content_types) or charset, or empty | nothing |
//!
//! **Credentials are masked whatever the pipeline redacts**, by the names of fields at any depth, as in
//! headers and the query; JSON within texts is read too, and lines of text that tell a credential
//! (`token: …`, `pin=…`, `<password>…`) are masked. What else is to be hidden is up to the pipeline: by
//! name in JSON and forms, in text by its looks alone (`url_credentials`, `value_patterns`). So with
//! persons in texts, leave `text/*` out. `field_blocker`, as in preset `hardened`, blocks both bodies
//! altogether.
//!
//! Where no event may be lost, a terminal event with bodies is often larger than the 2 KiB of room
//! that its request was let in with. It is taken all the same, beyond the budget of the pipeline if
//! need be; who comes after it waits until that is made up for.
//!
//! # Connections that are upgraded
//!
//! A request that becomes a WebSocket ends at its head, with status 101. What comes after it is part of
//! it all the same if its handler is run by [`RequestHandle::upgraded`], in axum
//! `upgrade.on_upgrade(log.upgraded(handler))`: all that the handler logs carries the `request_id`, and
//! two events tell of the connection. `connection_opened` has `path`, `route` and `protocol`: what the
//! response said in `Upgrade`, null over HTTP/2. The one `connection_closed` has `duration_ms` and
//! `outcome` besides, and what the handler has set since the request ended.
//!
//! | `outcome` | when |
//! |---|---|
//! | `completed` | the handler returned |
//! | `panicked` | it panicked: level ERROR, with `error`; the panic goes on |
//! | `cancelled` | its task was dropped |
//! | `shutdown` | the server shut down before the end: the handler is dropped |
//!
//! Paths to skip and samples hold for both events as for the request.
//!
//! # Other layers
//!
//! The layer may stand on a router, nested and merged ones included, be its `route_layer`, or stand
//! around it, before and behind others. Outermost it tells most; only outside of the router does it
//! not know the `route`, unless it is on the router too.
//!
//! | of tower-http | further in | further out |
//! |---|---|---|
//! | `TimeoutLayer` | its status is that of the request | the request is dropped: `client_disconnected` |
//! | `CompressionLayer` | `response_bytes` are those that are sent | … those before the compression |
//! | `CatchPanicLayer` | `completed` with status 500 | `panicked`, and a response without the id |
//! | `SetRequestIdLayer` | it takes over our id | we take over its id |
//!
//! Its `RequestId` extension needs the feature `tower-http`: then an id that a layer further out has
//! set there is taken over in preference to the header, under the same conditions, and the
//! extension holds the request's id for all that is further in.
//!
//! # Traces
//!
//! Two options, both off by default, continue the [W3C Trace Context](https://www.w3.org/TR/trace-context/):
//!
//! | option | setting | effect |
//! |---|---|---|
//! | [`trace_context`](FapilogLayer::trace_context) | `axum.trace_context` | `trace_id` and `span_id` in the context of every event of the request; a [`TraceContext`] in its extensions |
//! | [`traceresponse`](FapilogLayer::traceresponse) | `axum.traceresponse` | the same, and `traceresponse` in every response |
//!
//! The trace is that of the client's `traceparent` if there is one and only one, and it is valid:
//! version 00 to the letter, later versions as far as they are like it. Otherwise a new, sampled
//! trace is begun. The span is new with each request. `tracestate` is kept as it is if it belongs
//! to a valid parent, is valid itself, and has at most 32 members and 512 bytes.
//!
//! [`PropagateLayer`], for clients that are tower services, and [`propagate`], for all others, send
//! `x-request-id`, `traceparent` and `tracestate` on to the services that a request calls:
//!
//! ```
//! use fapilog_tower::{TraceContext, propagate};
//!
//! fn handle<B>(request: http::Request<B>) {
//!     let trace = request.extensions().get::<TraceContext>();
//!     let trace_id = trace.map(TraceContext::trace_id); // for a page of errors, say
//!     let mut headers = http::HeaderMap::new();
//!     propagate(&mut headers); // for the client: `client.get(url).headers(headers)`
//! }
//! ```

mod admission;
mod body;
mod capture;
mod client;
mod connection;
mod future;
mod grpc;
mod head;
mod headers;
mod layer;
mod open;
mod options;
mod outcome;
mod patterns;
mod query;
mod reason;
mod request;
mod request_body;
mod request_id;
mod route;
mod scope;
mod service;
mod trace;
mod upgraded;

pub use self::{
    body::FapilogBody,
    future::ResponseFuture,
    layer::{FapilogLayer, PresetError},
    open::OpenRequests,
    options::{Finished, RequestHead},
    reason::Reason,
    request::{OpenRequest, RequestHandle, Timing},
    service::FapilogService,
    trace::{PropagateLayer, PropagateService, TraceContext, propagate},
    upgraded::Upgraded,
};
