//! The web layer.

use std::time::Duration;

use crate::settings::{
    kind::{Flag, Names, Number, Seconds},
    leaf::group,
};

group! {
    /// The web layer, where a preset makes it, and `serve`.
    pub struct AxumSettings at [axum] {
        /// Whether a panic of the service becomes a response of status 500 with the request id,
        /// instead of going on. Defaults to false; preset `axum` enables it.
        catch_panics: bool = false, Flag;
        /// How long `serve` waits for open requests when it ends. Defaults to 5 s.
        request_deadline as "request_deadline_seconds": Duration = Duration::from_secs(5),
            Seconds::ANY;
        /// Paths whose successes are not logged. None by default.
        skip_paths: Vec<String> = Vec::new(), Names { example: "/healthz,/metrics" };
        /// Whether errors are logged on these paths. Defaults to true.
        log_errors_on_skip: bool = true, Flag;
        /// Share of successes that are logged. Defaults to 1.
        sample_rate: f64 = 1.0, Number::SHARE;
        /// Whether headers are logged. Defaults to false.
        include_headers: bool = false, Flag;
    }
}
