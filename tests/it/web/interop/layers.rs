//! Layers of tower and tower-http, further in and further out.

use axum::{BoxError, error_handling::HandleErrorLayer};
use tower::{ServiceBuilder, buffer::BufferLayer, limit::ConcurrencyLimitLayer};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
};

use super::*;

/// Judges a service with this layer further in than ours, then further out, both added to a router,
/// and both around it.
macro_rules! judge_with {
    ($other:expr) => {{
        let name = stringify!($other);
        let (layer, memory, pipeline) = capture();
        let address = listen(app().layer($other).layer(layer)).await;
        let case = Case::new(format!("{name} in"), address);
        case.judge(&memory, pipeline).await;

        let (layer, memory, pipeline) = capture();
        let address = listen(app().layer(layer).layer($other)).await;
        let case = Case::new(format!("{name} out"), address);
        case.judge(&memory, pipeline).await;

        let (layer, memory, pipeline) = capture();
        let stack = ServiceBuilder::new().layer(layer).layer($other);
        judge_around(name, accept(stack.service(app())).await, &memory, pipeline).await;

        let (layer, memory, pipeline) = capture();
        let stack = ServiceBuilder::new().layer($other).layer(layer);
        judge_around(name, accept(stack.service(app())).await, &memory, pipeline).await;
    }};
}

async fn judge_around(name: &str, address: SocketAddr, memory: &Memory, pipeline: Pipeline) {
    let name = format!("around: {name}");
    let case = Case {
        routes: None,
        knows_clients: false,
        ..Case::new(name, address)
    };
    case.judge(memory, pipeline).await;
}

fn timeout(time: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time)
}

#[tokio::test]
async fn with_a_layer_further_in_or_out_requests_are_told_truly() {
    judge_with!(timeout(PATIENCE));
    judge_with!(CompressionLayer::new());
    judge_with!(CatchPanicLayer::new());
    judge_with!(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    judge_with!(PropagateRequestIdLayer::x_request_id());
    judge_with!(ConcurrencyLimitLayer::new(1));
}

#[tokio::test]
async fn with_a_buffer_further_in_or_out_requests_are_told_truly() {
    let failed = || HandleErrorLayer::new(|_: BoxError| async { StatusCode::BAD_GATEWAY });
    let (layer, memory, pipeline) = capture();
    let stack = ServiceBuilder::new().layer(failed()).layer(layer);
    let service = stack.layer(BufferLayer::new(8)).service(app());
    judge_around("buffer in", accept(service).await, &memory, pipeline).await;

    let (layer, memory, pipeline) = capture();
    let stack = ServiceBuilder::new()
        .layer(failed())
        .layer(BufferLayer::new(8));
    let service = stack.layer(layer).service(app());
    judge_around("buffer out", accept(service).await, &memory, pipeline).await;
}

/// An app whose answer never comes.
fn hangs() -> Router {
    Router::new().route("/", get(std::future::pending::<()>))
}

#[tokio::test]
async fn a_timeout_further_in_is_a_status_and_one_further_out_a_request_that_was_dropped() {
    let time = Duration::from_millis(20);
    let (layer, memory, pipeline) = capture();
    let inside = listen(hangs().layer(timeout(time)).layer(layer.clone())).await;
    let outside = listen(hangs().layer(layer).layer(timeout(time))).await;
    for address in [inside, outside] {
        let mut client = Client::connect(address, Version::HTTP_11).await;
        let answer = client.send(asks("GET", "/", &[], "")).await;
        assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    }
    let events = terminal(&memory, &pipeline, 2).await;
    assert_eq!(outcome(&events[0]), ("request_completed", "completed"));
    assert_eq!(*field(&events[0], "status_code"), 408_u16.into());
    assert_eq!(
        outcome(&events[1]),
        ("request_cancelled", "client_disconnected")
    );
    assert_eq!(*field(&events[1], "status_code"), FieldValue::Null);
}

#[tokio::test]
async fn what_is_compressed_further_in_counts_as_it_is_sent_and_further_out_as_it_was_made() {
    let plain = "all work and no play ".repeat(500);
    let app = || {
        let text = plain.clone();
        Router::new().route("/", get(|| async { text }))
    };
    let (layer, memory, pipeline) = capture();
    let inside = listen(app().layer(CompressionLayer::new()).layer(layer.clone())).await;
    let outside = listen(app().layer(layer).layer(CompressionLayer::new())).await;
    let mut sent = Vec::new();
    for address in [inside, outside] {
        let mut client = Client::connect(address, Version::HTTP_11).await;
        let gzip = [("accept-encoding", "gzip")];
        let answer = client.send(asks("GET", "/", &gzip, "")).await;
        assert_eq!(text(answer.headers(), "content-encoding"), "gzip");
        sent.push(answer.body().len() as u64);
    }
    assert!(sent[0] < 1000, "{sent:?}");
    let events = terminal(&memory, &pipeline, 2).await;
    for event in &events {
        assert_eq!(outcome(event), ("request_completed", "completed"));
    }
    assert_eq!(*field(&events[0], "response_bytes"), sent[0].into());
    assert_eq!(
        *field(&events[1], "response_bytes"),
        (plain.len() as u64).into()
    );
}

#[tokio::test]
async fn a_panic_that_is_caught_further_in_is_a_status_and_one_further_out_a_failure() {
    async fn panics() {
        panic!("the payload")
    }
    let app = || Router::new().route("/", get(panics));
    let (layer, memory, pipeline) = capture();
    let inside = listen(app().layer(CatchPanicLayer::new()).layer(layer.clone())).await;
    let outside = listen(app().layer(layer).layer(CatchPanicLayer::new())).await;
    for address in [inside, outside] {
        let mut client = Client::connect(address, Version::HTTP_11).await;
        let answer = client.send(asks("GET", "/", &[], "")).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
    let events = terminal(&memory, &pipeline, 2).await;
    assert_eq!(outcome(&events[0]), ("request_completed", "completed"));
    assert_eq!(outcome(&events[1]), ("request_failed", "panicked"));
    assert_eq!(*field(&events[1], "error"), "the payload".into());
    for event in &events {
        assert_eq!(*field(event, "status_code"), 500_u16.into());
        assert_eq!(event.level(), fapilog_core::Level::Error);
    }
}
