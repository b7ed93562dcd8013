//! The event that every contender logs, and the call that each of them is told with.

use fapilog_core::{Logger, context::Scope};

/// Bound to the request: in fapilog's scope, in tracing's span.
pub const REQUEST_ID: &str = "0197f6c0-5b1e-7cc3-98c4-dc0c0c07398f";

/// What a call says besides the request id.
pub struct Sample {
    pub method: &'static str,
    pub path: &'static str,
    pub status: u16,
    pub latency_ms: f64,
    pub user_id: u64,
    pub region: &'static str,
}

impl Sample {
    pub fn new(number: u64) -> Self {
        Self {
            method: "GET",
            path: "/api/v1/orders/1042/items",
            status: 200,
            latency_ms: 1.25 + (number % 977) as f64 / 64.0,
            user_id: 80_000 + number % 10_007,
            region: "eu-central-1",
        }
    }
}

pub fn fapilog_scope(log: &Logger) -> Scope {
    Scope::new(log, [("request_id", REQUEST_ID)])
}

/// Logs to the scope that is entered.
#[inline(never)]
pub fn fapilog(sample: &Sample) {
    fapilog_core::info!(
        method = sample.method,
        path = sample.path,
        status = sample.status,
        latency_ms = sample.latency_ms,
        user_id = sample.user_id,
        region = sample.region,
        "request completed"
    );
}

pub fn tracing_span() -> tracing::Span {
    tracing::info_span!("request", request_id = REQUEST_ID)
}

/// Logs with the request id as a field of the call, outside of any span: what it costs to bind the
/// id is the difference to [`tracing`].
#[inline(never)]
pub fn tracing_flat(sample: &Sample) {
    tracing::info!(
        request_id = REQUEST_ID,
        method = sample.method,
        path = sample.path,
        status = sample.status,
        latency_ms = sample.latency_ms,
        user_id = sample.user_id,
        region = sample.region,
        "request completed"
    );
}

/// Logs within the span that is entered.
#[inline(never)]
pub fn tracing(sample: &Sample) {
    tracing::info!(
        method = sample.method,
        path = sample.path,
        status = sample.status,
        latency_ms = sample.latency_ms,
        user_id = sample.user_id,
        region = sample.region,
        "request completed"
    );
}
