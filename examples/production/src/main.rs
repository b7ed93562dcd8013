//! A service as it would run in production: preset `axum` in code, everything else from the
//! environment, or from the file that `FAPILOG_CONFIG` names.
//!
//! `FAPILOG_CORE__LOG_LEVEL=debug cargo run -p production`, then
//! `curl -i --json '{"id": 7, "lines": ["tea"]}' http://127.0.0.1:3000/orders`.

use std::{env, io};

use axum::{
    Json, Router,
    extract::Path,
    http::StatusCode,
    routing::{get, post},
};
use fapilog_axum::{DrainReport, FapilogLayer, RequestLogger, debug, error, info, serve};
use fapilog_core::json;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<DrainReport> {
    // Settings that cannot work end the service here, with a text that tells each of them and its
    // fix.
    let layer = FapilogLayer::preset("axum");
    let app = Router::new()
        .route("/", get(|| async { "hello\n" }))
        .route("/users/{id}", get(user))
        .route("/fail", get(fail))
        .route("/orders", post(order))
        .layer(layer);

    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    serve(listener, app).await
}

async fn user(log: RequestLogger, Path(id): Path<u64>) -> String {
    debug!(logger: log, user_id = id, "loading user");
    format!("user {id}\n")
}

async fn fail(log: RequestLogger) -> (StatusCode, &'static str) {
    error!(logger: log, code = 42, "something went wrong");
    (StatusCode::INTERNAL_SERVER_ERROR, "failed\n")
}

/// Logs what was posted as it is, with every digit of its whole numbers.
async fn order(log: RequestLogger, Json(order): Json<Box<RawValue>>) -> StatusCode {
    info!(logger: log, order = json(&order), "order received");
    StatusCode::CREATED
}
