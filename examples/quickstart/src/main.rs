//! A service with request logging, request ids and a graceful end, in one layer and one call.
//!
//! `cargo run -p quickstart`, then `curl -i http://127.0.0.1:3000/users/7`. Events are on stdout.

use std::{convert::Infallible, env, io, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Path, Query},
    http::StatusCode,
    routing::get,
};
use bytes::Bytes;
use fapilog_axum::{DrainReport, FapilogLayer, RequestLogger, error, info, serve};
use tokio::{net::TcpListener, time::sleep};

#[tokio::main]
async fn main() -> io::Result<DrainReport> {
    let app = Router::new()
        .route("/", get(|| async { "hello\n" }))
        .route("/users/{id}", get(user))
        .route("/slow", get(slow))
        .route("/stream", get(stream))
        .route("/fail", get(fail))
        .route("/panic", get(panic))
        .layer(FapilogLayer::preset("axum"));

    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    serve(listener, app).await
}

/// Logs a line of its own, and adds a field to the request's terminal event.
async fn user(log: RequestLogger, Path(id): Path<u64>) -> String {
    info!(logger: log, user_id = id, cached = false, "loading user");
    log.set("plan", "free");
    format!("user {id}\n")
}

#[derive(serde::Deserialize)]
struct Slow {
    #[serde(default)]
    ms: u64,
}

async fn slow(Query(Slow { ms }): Query<Slow>) -> String {
    sleep(Duration::from_millis(ms)).await;
    format!("{ms} ms later\n")
}

/// Ten chunks over one second.
async fn stream() -> Body {
    let chunks = futures_util::stream::unfold(0, |number| async move {
        if number == 10 {
            return None;
        }
        sleep(Duration::from_millis(100)).await;
        let chunk = Bytes::from(format!("chunk {number}\n"));
        Some((Ok::<_, Infallible>(chunk), number + 1))
    });
    Body::from_stream(chunks)
}

async fn fail(log: RequestLogger) -> (StatusCode, &'static str) {
    error!(logger: log, code = 42, "something went wrong");
    (StatusCode::INTERNAL_SERVER_ERROR, "failed\n")
}

async fn panic() -> &'static str {
    panic!("the handler of /panic panics")
}
