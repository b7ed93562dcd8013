//! What those who serve a request have to say in its terminal event.

use std::{error::Error, fmt};

use axum::response::IntoResponse;
use fapilog_axum::{Checked, Logged, RequestHandle};
use fapilog_core::Level;

use super::*;

/// The terminal event of a request to a service with this handler at `/`.
async fn told<T: 'static>(
    handler: impl axum::handler::Handler<T, ()>,
    body: &[u8],
) -> (u16, Event<'static>) {
    let (layer, memory, pipeline) = capture();
    let app = Router::new().route("/", post(handler)).layer(layer);
    let address = listen(app).await;
    let length = body.len().to_string();
    let mut bytes = request("POST", "/", &[("content-length", &length)]);
    bytes.extend_from_slice(body);
    let reply = tokio::task::spawn_blocking(move || send(address, &bytes).unwrap());
    let status = reply.await.unwrap().status;
    (status, terminal(&memory, &pipeline, 1).await.remove(0))
}

fn data<'a>(event: &'a Event<'static>, key: &str) -> Option<&'a FieldValue<'static>> {
    event.data().get(key)
}

#[tokio::test]
async fn counts_and_times_of_a_request_add_up_in_its_terminal_event() {
    async fn query(log: &RequestLogger) {
        let _timing = log.time("db");
        log.increment("rows", 20);
    }
    async fn deeper() {
        // Nobody has handed the request down here.
        let request = RequestHandle::current().expect("one is being served");
        request.increment("rows", 2);
        request.set("cart", "full");
    }
    let handler = |log: RequestLogger| async move {
        query(&log).await;
        query(&log).await;
        deeper().await;
        fapilog_core::context::spawn(deeper()).await.unwrap();
        assert!(
            tokio::spawn(async { RequestHandle::current().is_none() })
                .await
                .unwrap()
        );
    };
    let (_, event) = told(handler, b"").await;
    assert_eq!(data(&event, "rows"), Some(&44_i64.into()));
    assert_eq!(data(&event, "db_count"), Some(&2_i64.into()));
    assert!(
        matches!(data(&event, "db_ms"), Some(FieldValue::F64(_))),
        "{event:?}"
    );
    assert_eq!(data(&event, "cart"), Some(&"full".into()));
}

#[tokio::test]
async fn keys_without_end_cost_no_more_than_those_that_count() {
    let handler = |log: RequestLogger| async move {
        (0..10_000).for_each(|number| log.increment(&format!("key{number}"), 1));
    };
    let (_, event) = told(handler, b"").await;
    assert_eq!(data(&event, "key63"), Some(&1_i64.into()));
    assert_eq!(data(&event, "key64"), None);
}

#[derive(Debug)]
struct ChargeFailed(fmt::Error);

impl fmt::Display for ChargeFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("charge failed")
    }
}

impl Error for ChargeFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl IntoResponse for ChargeFailed {
    fn into_response(self) -> axum::response::Response {
        StatusCode::PAYMENT_REQUIRED.into_response()
    }
}

#[tokio::test]
async fn the_error_of_a_handler_is_told_with_its_causes() {
    let handler = || async { Err::<(), _>(Logged(ChargeFailed(fmt::Error))) };
    let (status, event) = told(handler, b"").await;
    assert_eq!(status, 402);
    let reason = format!("charge failed: {}", fmt::Error);
    assert_eq!(data(&event, "error"), Some(&reason.as_str().into()));
}

#[tokio::test]
async fn the_rejection_of_an_extractor_is_told() {
    let handler = |Checked(text): Checked<String>| async { text };
    let (status, event) = told(handler, b"no \xff text").await;
    assert_eq!(status, 400);
    let Some(FieldValue::Str(reason)) = data(&event, "error") else {
        panic!("{event:?}");
    };
    assert!(reason.contains("UTF-8"), "{reason}");
    let (status, event) = told(handler, b"text").await;
    assert_eq!((status, data(&event, "error")), (200, None));
}

/// The terminal event of a gRPC call with this status: in trailers, or in the head.
async fn grpc(status: &'static str, in_head: bool) -> Event<'static> {
    let handler = move || async move {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("grpc-status", status.parse().unwrap());
        let mut response = Response::new(Body::empty());
        match in_head {
            true => *response.headers_mut() = trailers,
            false => {
                let data = Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"reply")));
                let frames = stream::iter([data, Ok(Frame::trailers(trailers))]);
                *response.body_mut() = Body::new(StreamBody::new(frames));
            }
        }
        response
            .headers_mut()
            .insert("content-type", "application/grpc".parse().unwrap());
        response
    };
    told(handler, b"").await.1
}

#[tokio::test]
async fn the_status_of_a_grpc_call_decides_like_that_of_http() {
    for (status, level) in [
        ("0", Level::Info),
        ("5", Level::Info),
        ("13", Level::Error),
        ("14", Level::Error),
    ] {
        for in_head in [false, true] {
            let event = grpc(status, in_head).await;
            assert_eq!(event.level(), level, "{status} {in_head}");
            let number: u64 = status.parse().unwrap();
            assert_eq!(data(&event, "grpc_status"), Some(&number.into()));
            assert_eq!(event.message(), "request_completed");
        }
    }
}
