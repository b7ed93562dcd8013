//! What logging costs a web service: time and allocations a request, without a network.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, request::Builder},
    routing::any,
};
use fapilog_axum::{FapilogLayer, fapilog_tower::Finished};
use tower_service::Service;

use crate::{
    allocator::allocations,
    clock::{WARM_UP, paced},
    effort::Effort,
    group::Group,
    http::{self, Logging, app},
};

pub const GROUP: Group = Group {
    name: "http-call",
    title: "axum hello world called in the process, 50,000 requests/s",
    metrics: &["p50 ns", "p99 ns", "allocations", "events lost"],
    contenders: http::CONTENDERS,
    baseline: "bare",
    rounds: 5,
    measure,
};

const REQUESTS: u64 = 100_000;
const SLOT: Duration = Duration::from_micros(20);

/// What each option of the layer adds to a request that has all that they look at.
pub const OPTIONS: Group = Group {
    name: "http-options",
    title: "the same with options of the layer, one at a time; each request has a query, a trace, headers and a body",
    contenders: &[
        "none",
        "skip-paths",
        "slow",
        "level",
        "headers",
        "query",
        "trace",
        "bodies",
        "start",
        "all",
    ],
    baseline: "none",
    measure: |contender, effort| {
        let app = Router::new().route("/", any(|_: Bytes| async { "hello" }));
        let (app, logging) = http::with_layer(app, |layer| with(layer, contender));
        let lines = if ["start", "all"].contains(&contender) {
            2
        } else {
            1
        };
        called(app, logging, (Kind::Rich, lines), effort)
    },
    ..GROUP
};

fn with(layer: FapilogLayer, option: &str) -> FapilogLayer {
    match option {
        "skip-paths" => layer.skip_paths(["/healthz", "/static/*", "*.png"]),
        "slow" => layer.slow_threshold(Duration::from_secs(1)),
        "level" => layer.level(Finished::default_level),
        "headers" => layer.include_headers(["accept", "user-agent", "authorization"]),
        "query" => layer.include_query(true),
        "trace" => layer.trace_context(true).traceresponse(true),
        "bodies" => layer.capture_request_body(true).capture_response_body(true),
        "start" => layer.log_start(true),
        "all" => {
            let others = OPTIONS.contenders.iter().filter(|it| **it != "all");
            others.fold(layer, |layer, option| with(layer, option))
        }
        _ => layer,
    }
}

fn measure(contender: &str, effort: Effort) -> Vec<f64> {
    let (app, logging) = app(contender);
    called(app, logging, (Kind::Plain, 1), effort)
}

/// Calls a service that logs so many lines a request.
fn called(app: Router, logging: Logging, (kind, lines): (Kind, u64), effort: Effort) -> Vec<f64> {
    let requests = effort.events(REQUESTS);
    let mut service = app.into_service::<Body>();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime on this thread needs nothing");
    let mut before = 0;
    let times = paced(requests, SLOT, |number| {
        if number == WARM_UP {
            before = allocations();
        }
        runtime.block_on(request(&mut service, kind));
    });
    let allocations = (allocations() - before) as f64 / requests as f64;
    let lost = logging.finish(lines * (WARM_UP + requests));
    vec![
        times.value_at_quantile(0.5) as f64,
        times.value_at_quantile(0.99) as f64,
        allocations,
        lost as f64,
    ]
}

const JSON: &str =
    r#"{"order":17,"items":[{"sku":"A-1","count":2}],"note":"by noon","token":"t0ken"}"#;

/// What a request brings along.
#[derive(Clone, Copy)]
enum Kind {
    Plain,
    /// All that options look at.
    Rich,
}

impl Kind {
    fn body(self) -> Body {
        match self {
            Kind::Plain => Body::empty(),
            Kind::Rich => Body::from(JSON),
        }
    }

    fn request(self) -> Builder {
        match self {
            Kind::Plain => Request::get("/"),
            Kind::Rich => Request::post("/?page=2&access_token=t0ken")
                .header("accept", "text/html")
                .header("authorization", "Bearer t0ken")
                .header("content-type", "application/json")
                .header(
                    "traceparent",
                    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                ),
        }
    }
}

async fn request(service: &mut axum::routing::RouterIntoService<Body>, kind: Kind) {
    let request = kind.request().header("host", "x").body(kind.body());
    let request = request.expect("the path and the headers are valid");
    let Ok(response) = service.call(request).await;
    let body = axum::body::to_bytes(response.into_body(), 64).await;
    assert_eq!(body.expect("the body is whole"), "hello");
}
