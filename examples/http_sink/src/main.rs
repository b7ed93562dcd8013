//! A service that posts its events, and a toy of a collector that shows what it gets.
//!
//! `cargo run -p http_sink`. For a real collector, its URL and its key take the place of these.

use std::{
    error::Error,
    io::{self, Write},
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use fapilog_core::{Http, LoggerBuilder, info, settings::BatchFormat, warn};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}/ingest", listener.local_addr()?);
    let collector = Router::new().route("/ingest", post(ingest));
    tokio::spawn(async { axum::serve(listener, collector).await });

    let http = Http::new(endpoint)
        .header("x-team", "shop")
        // Asked again when the collector answers 401.
        .authorization(|| "Bearer of-today".to_owned())
        .format(BatchFormat::Ndjson)
        .batch_size(500)
        .batch_timeout(Duration::from_secs(1));
    let (log, pipeline) = LoggerBuilder::new()
        .service("shop")
        .async_sink(http)
        .build()?;
    info!(logger: log, order = 4711, cents = 4200, "order placed");
    warn!(logger: log, order = 4711, "payment is slow");

    let report = pipeline.shutdown(Duration::from_secs(3)).await;
    writeln!(io::stdout(), "{report}")?;
    Ok(())
}

/// Takes a batch, if it comes from somebody known.
async fn ingest(headers: HeaderMap, body: String) -> StatusCode {
    let header = |name| headers.get(name).and_then(|it| it.to_str().ok());
    if header("authorization") != Some("Bearer of-today") {
        return StatusCode::UNAUTHORIZED;
    }
    let (team, batch) = (header("x-team"), header("idempotency-key"));
    let (team, batch) = (team.unwrap_or("?"), batch.unwrap_or("?"));
    match writeln!(io::stdout(), "{team} sent {batch}:\n{body}") {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INSUFFICIENT_STORAGE,
    }
}
