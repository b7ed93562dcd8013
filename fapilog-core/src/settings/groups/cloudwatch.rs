//! AWS CloudWatch Logs.

use std::time::Duration;

use crate::settings::{
    kind::{Flag, Maybe, Seconds, Text, Whole},
    leaf::group,
};

group! {
    /// The sink `cloudwatch`.
    pub struct CloudWatchSettings at [sink_config.cloudwatch] {
        /// The log group. Defaults to `/fapilog/default`.
        log_group_name: String = "/fapilog/default".to_owned(), Text;
        /// The log stream. Defaults to the name of the host and the time of the start.
        log_stream_name: Option<String> = None, Maybe(Text);
        /// The region. Defaults to that of the environment.
        region: Option<String> = None, Maybe(Text);
        /// Whether the group is created if it is missing. Defaults to true.
        create_log_group: bool = true, Flag;
        /// Whether the stream is created if it is missing. Defaults to true.
        create_log_stream: bool = true, Flag;
        /// Events in a batch, at most. Defaults to 100; 1 to 10,000.
        batch_size: usize = 100, Whole::of(1, 10_000);
        /// How long a batch may wait for more events. Defaults to 5 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// Another server, such as LocalStack. None by default.
        endpoint_url: Option<String> = None, Maybe(Text);
        /// Attempts after the first, at most. Defaults to 3.
        max_retries: usize = 3, Whole::ANY;
        /// How long the first pause between attempts is; it doubles. Defaults to 0.5 s.
        retry_base_delay: Duration = Duration::from_millis(500), Seconds::SOME;
        /// Whether CloudWatch is left alone for a while when it keeps failing. Defaults to true.
        circuit_breaker_enabled: bool = true, Flag;
        /// Failures in a row after which it is. Defaults to 5.
        circuit_breaker_threshold: usize = 5, Whole::from(1);
    }
}
