//! HTTP and webhooks.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    Sensitive,
    settings::{
        kind::{Choose, Hidden, Maybe, Seconds, Secret, Text, Whole, choice},
        leaf::group,
    },
};

group! {
    /// The sink `http`.
    pub struct HttpSettings at [http] {
        /// Where batches are posted to. None by default.
        endpoint: Option<String> = None, Maybe(Text);
        /// Headers of each request. None by default.
        headers: BTreeMap<String, Sensitive<String>> = BTreeMap::new(), Hidden;
        /// Attempts for a batch, at most. Defaults to 3.
        retry_max_attempts: usize = 3, Whole::from(1);
        /// How long the first pause between attempts is; it doubles. Defaults to 1 s.
        retry_backoff as "retry_backoff_seconds": Duration = Duration::from_secs(1), Seconds::SOME;
        /// How long an attempt may take. Defaults to 5 s.
        timeout as "timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// Events in a batch, at most. Defaults to 100.
        batch_size: usize = 100, Whole::from(1);
        /// How long a batch may wait for more events. Defaults to 5 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// The form of the body. Defaults to `array`.
        batch_format: BatchFormat = BatchFormat::Array, Choose::<BatchFormat>::NEW;
        /// The key of the events in a `wrapped` body. Defaults to `logs`.
        batch_wrapper_key: String = "logs".to_owned(), Text;
    }
}

choice! {
    /// The form of a body.
    pub enum BatchFormat {
        /// A JSON array.
        Array = "array",
        /// A JSON object a line.
        Ndjson = "ndjson",
        /// A JSON object with the array under a key.
        Wrapped = "wrapped",
    }
}

group! {
    /// The sink `webhook`.
    pub struct WebhookSettings at [sink_config.webhook] {
        /// Where events are posted to. None by default.
        endpoint: Option<String> = None, Maybe(Text);
        /// What bodies are signed with. None by default.
        secret: Option<Sensitive<String>> = None, Maybe(Secret);
        /// Headers of each request. None by default.
        headers: BTreeMap<String, Sensitive<String>> = BTreeMap::new(), Hidden;
        /// Attempts for a batch, at most. Defaults to 3.
        retry_max_attempts: usize = 3, Whole::from(1);
        /// How long the first pause between attempts is; it doubles. Defaults to 1 s.
        retry_backoff as "retry_backoff_seconds": Duration = Duration::from_secs(1), Seconds::SOME;
        /// How long an attempt may take. Defaults to 5 s.
        timeout as "timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// Events in a request, at most. Defaults to 1.
        batch_size: usize = 1, Whole::from(1);
        /// How long a batch may wait for more events. Defaults to 5 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
    }
}
