//! Errors to a webhook, signed; and the service behind it, which believes nobody else.
//!
//! `cargo run -p webhook`. Both are in one process here, with a secret that everybody can read.

use std::{
    error::Error,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use fapilog_core::{
    Level, LoggerBuilder, error, info,
    sink::{SinkOptions, Webhook, WebhookVerifier},
};
use tokio::net::TcpListener;

/// `echo whsec_$(openssl rand -base64 24)` makes one.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}/alerts", listener.local_addr()?);
    let verifier = Arc::new(WebhookVerifier::new([SECRET])?);
    let app = Router::new().route("/alerts", post(alert));
    let server = axum::serve(listener, app.with_state(verifier));
    tokio::spawn(server.into_future());

    let only_errors = SinkOptions::default().level(Level::Error);
    let (log, pipeline) = LoggerBuilder::new()
        .async_sink_with(Webhook::new(&endpoint).secret(SECRET), only_errors.clone())
        // Who does not know the secret is not believed.
        .async_sink_with(
            Webhook::new(&endpoint).secret("guessed").named("stranger"),
            only_errors,
        )
        .build()?;
    info!(logger: log, user = "ada", "signed in");
    error!(logger: log, order_id = 7, "payment failed");

    let report = pipeline.shutdown(Duration::from_secs(3)).await;
    writeln!(io::stdout(), "{report}")?;
    Ok(())
}

/// Looks at the bytes as they came, before anything reads them as JSON.
async fn alert(
    State(verifier): State<Arc<WebhookVerifier>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    match verifier.verify(|name| headers.get(name)?.to_str().ok(), &body) {
        Ok(()) => tell(&format!("alert: {}", String::from_utf8_lossy(&body))),
        Err(error) => {
            tell(&format!("refused: {error}"));
            StatusCode::UNAUTHORIZED
        }
    }
}

/// What was not written was not taken either: it is sent again.
fn tell(line: &str) -> StatusCode {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
