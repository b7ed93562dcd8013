//! The layer with `axum::serve`, for a service that keeps its own server: what
//! `fapilog_axum::serve` does beyond that is a deadline for open requests, and the hooks.
//!
//! `cargo run -p plain_axum`, then `curl -i http://127.0.0.1:3000/users/7`. Events are on stdout.

use std::{env, io, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use fapilog_axum::{DrainReport, FapilogLayer, RequestLogger, info, pipeline, say};
use tokio::{net::TcpListener, time::sleep};

#[tokio::main]
async fn main() -> io::Result<DrainReport> {
    let app = Router::new()
        .route("/users/{id}", get(user))
        .route("/slow", get(slow))
        .layer(FapilogLayer::preset("axum"))
        // Without it, nobody knows the address of a client.
        .into_make_service_with_connect_info::<SocketAddr>();
    // The preset has made it. It ends when it is dropped: it has to outlive the server.
    let pipeline = pipeline().ok_or_else(|| io::Error::other("nothing to log to"))?;

    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let server = axum::serve(listener, app);
    server.with_graceful_shutdown(signal()?).await?;

    let report = pipeline.shutdown(Duration::from_secs(3)).await;
    say(&report.to_string());
    Ok(report)
}

/// Completes at SIGTERM or Ctrl-C, which are watched from the call on.
#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

async fn user(log: RequestLogger, Path(id): Path<u64>) -> String {
    info!(logger: log, user_id = id, "loading user");
    format!("user {id}\n")
}

#[derive(serde::Deserialize)]
struct Slow {
    ms: u64,
}

async fn slow(Query(Slow { ms }): Query<Slow>) -> String {
    sleep(Duration::from_millis(ms)).await;
    format!("{ms} ms later\n")
}
