//! HTTP and webhooks.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::{
    Sensitive,
    settings::{
        kind::{Choose, FilePath, Flag, Hidden, Maybe, Seconds, Secret, Text, Whole, choice},
        leaf::group,
    },
};

group! {
    /// The sink `http`.
    pub struct HttpSettings at [http] {
        /// Where batches are posted to. Where no sink is named, `http` is the one if this is set.
        /// Secrets belong into `headers`. None by default.
        endpoint: Option<String> = None, Maybe(Text);
        /// Headers of each request. None by default.
        headers: BTreeMap<String, Sensitive<String>> = BTreeMap::new(), Hidden;
        /// Attempts for a batch, at most. Defaults to 3.
        retry_max_attempts: usize = 3, Whole::from(1);
        /// How long the first pause between attempts is, at most; it doubles. Defaults to 1 s.
        retry_backoff as "retry_backoff_seconds": Duration = Duration::from_secs(1), Seconds::SOME;
        /// How long an attempt may take. Defaults to 5 s.
        timeout as "timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// How long a connection may take to be made, TLS included. Defaults to 3 s.
        connect_timeout as "connect_timeout_seconds": Duration = Duration::from_secs(3),
            Seconds::SOME;
        /// Events in a batch, at most. Defaults to 100.
        batch_size: usize = 100, Whole::from(1);
        /// How long a batch may wait for more events. Defaults to 5 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// The form of the body. Defaults to `array`.
        batch_format: BatchFormat = BatchFormat::Array, Choose::<BatchFormat>::NEW;
        /// The key of the events in a `wrapped` body. Defaults to `logs`.
        batch_wrapper_key: String = "logs".to_owned(), Text;
        /// Whether bodies are compressed (feature `gzip`). Defaults to false.
        compress: bool = false, Flag;
        /// Connections without work that are kept. Defaults to 4.
        pool_max_idle: usize = 4, Whole::ANY;
        /// How long they are kept. Defaults to 30 s.
        pool_idle_timeout as "pool_idle_timeout_seconds": Duration = Duration::from_secs(30),
            Seconds::SOME;
        /// The certificates of authorities that are trusted, in PEM, instead of those of the system.
        /// None by default.
        ca_file: Option<PathBuf> = None, Maybe(FilePath);
        /// A certificate of our own and its key, in PEM. None by default.
        client_identity_file: Option<PathBuf> = None, Maybe(FilePath);
        /// The proxy that requests go through, a URL. That of the environment is not asked. None by
        /// default.
        proxy: Option<Sensitive<String>> = None, Maybe(Secret);
        /// Whether requests without credentials may go over the network as plain text. Defaults to
        /// false.
        allow_insecure_http: bool = false, Flag;
        /// Whether the endpoint comes from somebody who must not reach our own network: only public
        /// addresses are connected to then. Defaults to false.
        untrusted_endpoint: bool = false, Flag;
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
        /// Where events are posted to. Secrets belong into `headers`. None by default.
        endpoint: Option<String> = None, Maybe(Text);
        /// What bodies are signed with: `whsec_` and 24 random bytes or more in base64. None by default:
        /// then nothing is signed.
        secret: Option<Sensitive<String>> = None, Maybe(Secret);
        /// The secret of before, which signs as well while receivers change over. None by default.
        secret_previous: Option<Sensitive<String>> = None, Maybe(Secret);
        /// Headers of each request. None by default.
        headers: BTreeMap<String, Sensitive<String>> = BTreeMap::new(), Hidden;
        /// Attempts for a batch, at most. Defaults to 3.
        retry_max_attempts: usize = 3, Whole::from(1);
        /// How long the first pause between attempts is, at most; it doubles. Defaults to 1 s.
        retry_backoff as "retry_backoff_seconds": Duration = Duration::from_secs(1), Seconds::SOME;
        /// How long an attempt may take. Defaults to 5 s.
        timeout as "timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// Events in a request, at most; more than 1 make the body an array. Defaults to 1.
        batch_size: usize = 1, Whole::from(1);
        /// How long a batch may wait for more events. Defaults to 5 s.
        batch_timeout as "batch_timeout_seconds": Duration = Duration::from_secs(5), Seconds::SOME;
        /// The certificates of authorities that are trusted, in PEM, instead of those of the system.
        /// None by default.
        ca_file: Option<PathBuf> = None, Maybe(FilePath);
        /// The proxy that requests go through, a URL. That of the environment is not asked. None by
        /// default.
        proxy: Option<Sensitive<String>> = None, Maybe(Secret);
        /// Whether requests without credentials may go over the network as plain text. Defaults to
        /// false.
        allow_insecure_http: bool = false, Flag;
        /// Whether the endpoint comes from somebody who must not reach our own network: only public
        /// addresses are connected to then. Defaults to false.
        untrusted_endpoint: bool = false, Flag;
    }
}
