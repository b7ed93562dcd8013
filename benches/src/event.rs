//! The event that every contender logs.

/// Bound to the request, as the users of each logger bind it.
pub const REQUEST_ID: &str = "0197f6c0-5b1e-7cc3-98c4-dc0c0c07398f";

/// What a call says besides the request id.
pub struct Sample {
    pub method: &'static str,
    pub path: &'static str,
    pub status: u16,
    pub latency_ms: f64,
    pub user_id: u64,
    pub bytes: u64,
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
            bytes: 512 + number % 4_099,
            region: "eu-central-1",
        }
    }
}
