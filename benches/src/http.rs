//! What logging costs a web service: requests a second over loopback.

use std::{
    future::IntoFuture,
    net::TcpListener,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::Request,
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use fapilog_axum::FapilogLayer;
use tower_http::{
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    trace::{DefaultOnResponse, TraceLayer},
};
use tracing::{Level, Span};

use crate::{
    client,
    effort::Effort,
    group::Group,
    output::Output,
    peers::{Fapilog, Overflow, Peer, Tracing},
};

/// A server that one thread makes the bottleneck: what a request costs that thread, and the
/// wake-ups of a client that has to wait for it.
pub const ONE: Group = Group {
    name: "http-1",
    title: "axum hello world over loopback, 1 server thread, 16 connections, 2 s",
    metrics: &["requests/s", "events lost"],
    contenders: CONTENDERS,
    baseline: "bare",
    rounds: 7,
    measure: |contender, effort| measure(contender, 1, 16, effort),
};

/// A machine that is busy on both cores, as a runtime with its defaults makes it: what a request
/// costs in all, with what is done for it in the background.
pub const TWO: Group = Group {
    name: "http-2",
    title: "axum hello world over loopback, 2 server threads, 64 connections, 2 s",
    measure: |contender, effort| measure(contender, 2, 64, effort),
    ..ONE
};

/// `request-ids` logs nothing: what the two layers cost that set and propagate the header.
/// `one-line` is what people write who want one event a request, without ids.
pub const CONTENDERS: &[&str] = &["bare", "fapilog", "request-ids", "one-line", "tower-http"];

const WARM_UP: Duration = Duration::from_millis(300);
const TIME: Duration = Duration::from_secs(2);
const QUICK: Duration = Duration::from_millis(500);

fn measure(contender: &str, threads: usize, connections: usize, effort: Effort) -> Vec<f64> {
    let (app, logging) = app(contender);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .expect("the system has a thread to give");
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let server = listener
        .local_addr()
        .expect("a bound listener has an address");
    runtime.spawn(async move {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, app).into_future().await
    });
    let time = if effort.quick { QUICK } else { TIME };
    let load = client::load(server, connections, WARM_UP, time);
    let load = load.expect("the server is up until the runtime is dropped");
    drop(runtime);
    let lost = logging.finish(load.answered);
    vec![load.per_second, lost as f64]
}

/// What a service logs with.
pub enum Logging {
    Nothing,
    Fapilog(Fapilog),
    Tracing(Tracing),
}

impl Logging {
    /// Ends it, checks that each request has its line or is counted as lost, and returns how many
    /// are.
    pub fn finish(self, requests: u64) -> u64 {
        let finished = match self {
            Logging::Nothing => return 0,
            Logging::Fapilog(fapilog) => fapilog.finish(),
            Logging::Tracing(tracing) => tracing.finish(),
        };
        let (lines, lost) = (finished.arrived.events(), finished.lost);
        // Besides, fapilog tells in a line or two that there were losses.
        let complete = lines + lost >= requests && (lost > 0 || lines == requests);
        assert!(complete, "{requests} requests, {lines} lines, {lost} lost");
        lost
    }
}

/// A service with fapilog's layer, as it is wanted.
pub fn with_layer(
    app: Router,
    options: impl FnOnce(FapilogLayer) -> FapilogLayer,
) -> (Router, Logging) {
    let fapilog = Fapilog::start(Overflow::Default, Output::File);
    let layer = options(FapilogLayer::new(fapilog.log.clone()));
    (app.layer(layer), Logging::Fapilog(fapilog))
}

/// The service of a contender; without a log, with fapilog, and as the documentation of axum and
/// tower-http has it.
pub fn app(contender: &str) -> (Router, Logging) {
    let bare = Router::new().route("/", get(|| async { "hello" }));
    match contender {
        "bare" => (bare, Logging::Nothing),
        "fapilog" => with_layer(bare, |layer| layer),
        "request-ids" => {
            let layers = (
                SetRequestIdLayer::x_request_id(MakeRequestUuid),
                PropagateRequestIdLayer::x_request_id(),
            );
            (bare.layer(layers), Logging::Nothing)
        }
        "one-line" => {
            let tracing = Tracing::start(Overflow::Default, Output::File);
            (bare.layer(from_fn(one_line)), Logging::Tracing(tracing))
        }
        _ => {
            let tracing = Tracing::start(Overflow::Default, Output::File);
            let trace = TraceLayer::new_for_http()
                .make_span_with(span)
                .on_response(DefaultOnResponse::new().level(Level::INFO));
            let layers = (
                SetRequestIdLayer::x_request_id(MakeRequestUuid),
                trace,
                PropagateRequestIdLayer::x_request_id(),
            );
            (bare.layer(layers), Logging::Tracing(tracing))
        }
    }
}

async fn one_line(request: Request<Body>, next: Next) -> Response {
    let begun = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    tracing::info!(
        %method,
        path = uri.path(),
        status = response.status().as_u16(),
        latency_ms = begun.elapsed().as_secs_f64() * 1e3,
        "request completed"
    );
    response
}

fn span(request: &Request<Body>) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok());
    tracing::info_span!(
        "request",
        method = %request.method(),
        uri = %request.uri(),
        version = ?request.version(),
        request_id = id.unwrap_or_default(),
    )
}
