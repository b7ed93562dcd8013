//! What logging costs a web service: time and allocations a request, without a network.

use std::time::Duration;

use axum::{body::Body, http::Request};
use tower_service::Service;

use crate::{
    allocator::allocations,
    clock::{WARM_UP, paced},
    effort::Effort,
    group::Group,
    http::{self, app},
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

fn measure(contender: &str, effort: Effort) -> Vec<f64> {
    let requests = effort.events(REQUESTS);
    let (app, logging) = app(contender);
    let mut service = app.into_service::<Body>();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime on this thread needs nothing");
    let mut before = 0;
    let times = paced(requests, SLOT, |number| {
        if number == WARM_UP {
            before = allocations();
        }
        runtime.block_on(request(&mut service));
    });
    let allocations = (allocations() - before) as f64 / requests as f64;
    let lost = logging.finish(WARM_UP + requests);
    vec![
        times.value_at_quantile(0.5) as f64,
        times.value_at_quantile(0.99) as f64,
        allocations,
        lost as f64,
    ]
}

async fn request(service: &mut axum::routing::RouterIntoService<Body>) {
    let request = Request::get("/").header("host", "x").body(Body::empty());
    let request = request.expect("the path and the header are valid");
    let Ok(response) = service.call(request).await;
    let body = axum::body::to_bytes(response.into_body(), 64).await;
    assert_eq!(body.expect("the body is whole"), "hello");
}
