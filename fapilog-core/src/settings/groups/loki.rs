//! Grafana Loki.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    Sensitive,
    settings::{
        kind::{Flag, Maybe, Names, Pairs, Seconds, Secret, Text, Whole},
        leaf::group,
    },
};

group! {
    /// The sink `loki`.
    pub struct LokiSettings at [sink_config.loki] {
        /// Where Loki is. Defaults to `http://localhost:3100`.
        url: String = "http://localhost:3100".to_owned(), Text;
        /// The tenant that events belong to. None by default.
        tenant_id: Option<String> = None, Maybe(Text);
        /// Labels of all streams. Defaults to `service=fapilog`.
        labels: BTreeMap<String, String> =
            BTreeMap::from([("service".to_owned(), "fapilog".to_owned())]), Pairs;
        /// Fields that become labels. Defaults to `level`.
        label_keys: Vec<String> = vec!["level".to_owned()], Names { example: "level,logger" };
        /// Events in a batch, at most. Defaults to 100.
        batch_size: usize = 100, Whole::from(1);
        /// How long a batch may wait for more events. Defaults to 5 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// How long an attempt may take. Defaults to 10 s.
        timeout as "timeout_seconds": Duration = Duration::from_secs(10), Seconds::SOME;
        /// Attempts after the first, at most. Defaults to 3.
        max_retries: usize = 3, Whole::ANY;
        /// How long the first pause between attempts is; it doubles. Defaults to 0.5 s.
        retry_base_delay: Duration = Duration::from_millis(500), Seconds::SOME;
        /// Name for basic authentication. None by default.
        auth_username: Option<String> = None, Maybe(Text);
        /// Password for basic authentication. None by default.
        auth_password: Option<Sensitive<String>> = None, Maybe(Secret);
        /// Bearer token. None by default.
        auth_token: Option<Sensitive<String>> = None, Maybe(Secret);
        /// Whether Loki is left alone for a while when it keeps failing. Defaults to true.
        circuit_breaker_enabled: bool = true, Flag;
        /// Failures in a row after which it is. Defaults to 5.
        circuit_breaker_threshold: usize = 5, Whole::from(1);
    }
}
