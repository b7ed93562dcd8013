//! fapilog for axum: one layer, one extractor, and a server that ends well.
//!
//! ```no_run
//! use axum::{Router, extract::Path, routing::get};
//! use fapilog_axum::{DrainReport, FapilogLayer, RequestLogger, info, serve};
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<DrainReport> {
//!     let app = Router::new()
//!         .route("/users/{id}", get(user))
//!         .layer(FapilogLayer::preset("axum"));
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     serve(listener, app).await
//! }
//!
//! async fn user(log: RequestLogger, Path(id): Path<u64>) -> String {
//!     info!(logger: log, user_id = id, "loading user");
//!     log.set("plan", "free"); // stands in the terminal event of this request
//!     format!("user {id}\n")
//! }
//! ```
//!
//! [`serve`] ties the pipeline to the server, on TCP, a Unix socket or any other listener: on SIGTERM
//! or Ctrl-C, or a [signal of your own](Serve::signal), it stops accepting, lets requests finish, and
//! flushes. Hooks run [at the signal](Serve::before_shutdown), [before](Serve::on_shutdown) and
//! [after the drain](Serve::after_drain).
//!
//! With `axum::serve`, do the last step yourself, as the example `plain_axum` does:
//!
//! ```no_run
//! # use axum::Router;
//! # use fapilog_axum::{FapilogLayer, pipeline};
//! # use std::time::Duration;
//! # async fn signal() {}
//! # async fn run(listener: tokio::net::TcpListener) -> std::io::Result<()> {
//! let app = Router::new().layer(FapilogLayer::preset("axum"));
//! let pipeline = pipeline(); // ends when it is dropped: keep it until the server has ended
//! axum::serve(listener, app)
//!     .with_graceful_shutdown(signal())
//!     .await?;
//! if let Some(pipeline) = pipeline {
//!     let report = pipeline.shutdown(Duration::from_secs(3)).await;
//!     fapilog_axum::say(&report.to_string());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | type | for |
//! |---|---|
//! | [`FapilogLayer`] | request id, scope, one terminal event a request |
//! | [`RequestLogger`] | the extractor: log, and add to the terminal event; `Option` of it works too |
//! | [`RequestLogger::upgraded`] | the handler of a WebSocket: its lines, its beginning and its end |
//! | [`Logged`], [`Checked`] | errors of handlers and rejections of extractors, told in the terminal event |
//! | [`serve`] | the server, its signals, its shutdown |
//! | [`OpenRequests`](fapilog_tower::OpenRequests) | the requests that are open now |
//! | [`shutdown_on_signal`] | the same end for a program without a server |
//!
//! Feature `http2` serves HTTP/2 besides HTTP/1.1; `tower-http` shares request ids with the layers of
//! that crate, see [there](fapilog_tower#other-layers). None is on by default.
//!
//! The macros and types of [`fapilog_core`] that a service needs are here too.

mod extract;
mod hooks;
mod intake;
mod overdue;
mod reason;
mod serve;
mod shutdown;
mod signals;

pub use self::{
    extract::{MissingFapilogLayer, RequestLogger},
    reason::{Checked, Logged},
    serve::{Serve, serve},
    shutdown::shutdown_on_signal,
};
pub use fapilog_core::{
    self, DrainReport, Level, Logger, LoggerBuilder, Pipeline, context::Scope, critical, debug,
    diagnostics::say, error, info, pipeline, trace, warn,
};
pub use fapilog_tower::{
    self, FapilogLayer, PropagateLayer, Reason, RequestHandle, Timing, TraceContext, Upgraded,
    propagate,
};

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
