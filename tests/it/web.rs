//! The layer, over real sockets and against services that misbehave.

mod bodies;
mod canaries;
mod captured;
mod context;
mod cuts;
mod faults;
mod hooks;
mod interop;
mod long_lived;
#[cfg(target_os = "linux")]
mod loris;
mod never_lose;
mod plain;
mod serving;
mod sockets;
mod stalled;
mod told;
mod trace;
#[cfg(unix)]
mod unix;
mod wanted;

use std::{
    collections::HashSet,
    convert::Infallible,
    future::IntoFuture,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    response::Response,
    routing::{any, get, post},
};
use bytes::Bytes;
use fapilog_axum::{FapilogLayer, RequestLogger, Scope, info};
use fapilog_core::{
    Event, FieldValue, LoggerBuilder, Memory, Pipeline, StageError, redact::Redactor,
};
use fapilog_tests::{
    PATIENCE,
    http::{request, send},
    oracle::assert_settled,
    random, scaled,
};
use fapilog_tower::OpenRequests;
use futures_util::stream;
use http::{Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::{Layer, Service, ServiceExt, service_fn};

/// A pipeline whose events a test can look at.
fn capture() -> (FapilogLayer, Memory, Pipeline) {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    (FapilogLayer::new(log), memory, pipeline)
}

async fn listen(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

/// The terminal events, as soon as there are so many; then there are no more.
async fn terminal(memory: &Memory, pipeline: &Pipeline, count: usize) -> Vec<Event<'static>> {
    let begun = std::time::Instant::now();
    loop {
        assert!(pipeline.flush(PATIENCE).await.is_complete());
        let mut events = memory.events();
        events.retain(|event| event.logger() == "fapilog::request");
        assert!(events.len() <= count, "{events:#?}");
        if events.len() == count {
            return events;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{} of {count}: {events:#?}",
            events.len()
        );
        tokio::task::yield_now().await;
    }
}

fn field<'a>(event: &'a Event<'static>, key: &str) -> &'a FieldValue<'static> {
    event.data().get(key).unwrap_or(&FieldValue::Null)
}

fn outcome<'a>(event: &'a Event<'static>) -> (&'a str, &'a str) {
    (
        event.message(),
        field(event, "outcome").as_str().unwrap_or_default(),
    )
}

/// A body of chunks that come one at a time, then perhaps an error.
fn chunks(count: usize, fails: bool) -> Body {
    let items = (0..count).map(|_| Ok(Bytes::from_static(b"chunk")));
    let error = fails.then(|| Err(std::io::Error::other("broken in the middle")));
    Body::from_stream(stream::iter(items.chain(error)))
}
