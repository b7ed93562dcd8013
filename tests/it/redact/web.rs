//! What a request brings along.

use std::{future::IntoFuture, net::SocketAddr};

use axum::{Router, routing::get};
use fapilog_axum::FapilogLayer;
use fapilog_tests::{
    PATIENCE,
    canary::{CANARY, leak},
    http::{request, send},
    sinks::Lines,
};
use serde_json::Value;
use tokio::net::TcpListener;

use super::preset;

/// Names of parameters and headers that hold credentials.
const NAMES: [&str; 20] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "client_secret",
    "token",
    "access_token",
    "jwt",
    "api_key",
    "private_key",
    "authorization",
    "session_id",
    "cookie",
    "otp",
    "totp",
    "mfa_code",
    "verification_code",
    "code",
    "sig",
];
const HEADERS: [&str; 12] = [
    "authorization",
    "cookie",
    "x-api-key",
    "proxy-authorization",
    "x-amz-security-token",
    "x-vault-token",
    "x-own-token",
    "x-client-secret",
    "x-session-id",
    "x-user-email",
    "x-auth",
    "x-goog-api-key",
];

async fn visit(address: SocketAddr, path: String) {
    let mut headers: Vec<_> = HEADERS.iter().map(|name| (*name, CANARY)).collect();
    let refered = format!("https://u:{CANARY}@h/?token={CANARY}");
    headers.extend([
        ("referer", &*refered),
        ("user-agent", &*refered),
        ("accept", "kept/1"),
    ]);
    let sent = request("GET", &path, &headers);
    let visit = move || send(address, &sent).unwrap();
    assert_eq!(
        tokio::task::spawn_blocking(visit).await.unwrap().status,
        200
    );
}

#[tokio::test]
async fn no_secret_of_a_request_is_logged() {
    for name in ["production", "hardened"] {
        let lines = Lines::default();
        let builder = preset(name).drop_on_full(false).sink(lines.clone());
        let (log, pipeline) = builder.build().unwrap();
        let wanted = HEADERS.iter().chain(&["referer", "accept"]).copied();
        let layer = FapilogLayer::new(log)
            .include_headers(wanted)
            .include_query(true);
        let app = Router::new().route("/{*rest}", get(|| async { "ok" }));
        let app = app.layer(layer.log_start(true));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, app).into_future());
        for name in NAMES {
            let camel = name.replace('_', "-").to_uppercase();
            visit(
                address,
                format!("/a?kept=1&{name}={CANARY}&{camel}={CANARY}"),
            )
            .await;
        }
        visit(address, format!("/go/https://u:{CANARY}@h/x?kept=1")).await;
        visit(
            address,
            format!("/a?kept=1&next=https%3A%2F%2Fu%3A{CANARY}%40h"),
        )
        .await;
        let count = 2 * (NAMES.len() + 2);
        while lines.len() < count {
            assert!(pipeline.flush(PATIENCE).await.is_complete());
        }
        for line in lines.all() {
            assert_eq!(leak(&line), None, "{line}");
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["message"] == "request_completed" {
                assert_eq!(event["data"]["headers"]["accept"], "kept/1");
                assert!(
                    event["data"]["query"]
                        .as_str()
                        .unwrap()
                        .starts_with("kept=1")
                );
            }
        }
        pipeline.shutdown(PATIENCE).await;
    }
}
