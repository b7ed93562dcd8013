//! How an [`Http`] is set up.

use std::{fmt, time::Duration};

use super::{Credentials, Http, HttpReply};
use crate::{Sensitive, lane::BatchError, settings::BatchFormat};

/// Most of these are settings of `http` too.
impl Http {
    /// Adds a header to each request. Values are never shown. None by default, but for `User-Agent`
    /// and `Content-Type`, which can be replaced.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = Sensitive::new(value.into());
        self.settings.headers.insert(name.into(), value);
        self
    }

    /// Sets what says the value of `Authorization`, such as `Bearer …`. It is asked before the first
    /// event, and again when the destination answers 401 or 403: if it then says another value, the
    /// attempt is made once more with that; else the events are kept and tried later,
    /// [`Action::Pause`](crate::Action::Pause). It runs on the sink's own thread, and may block it.
    pub fn authorization(mut self, ask: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.credentials = Credentials::new(ask);
        self
    }

    /// Sets the form of the body. Defaults to [`BatchFormat::Array`].
    pub fn format(mut self, format: BatchFormat) -> Self {
        self.settings.batch_format = format;
        self
    }

    /// Sets the key of the events in a [`BatchFormat::Wrapped`] body. Defaults to `logs`.
    pub fn wrapper_key(mut self, key: impl Into<String>) -> Self {
        self.settings.batch_wrapper_key = key.into();
        self
    }

    /// Sets whether bodies are compressed (feature `gzip`). Defaults to false.
    pub fn compress(mut self, compress: bool) -> Self {
        self.settings.compress = compress;
        self
    }

    /// Sets how many events a batch has at most. Defaults to 100.
    pub fn batch_size(mut self, events: usize) -> Self {
        self.settings.batch_size = events;
        self
    }

    /// Sets how long an event waits for others to fill its batch. Defaults to 5 s.
    pub fn batch_timeout(mut self, most: Duration) -> Self {
        self.settings.batch_timeout = most;
        self
    }

    /// Sets how long an attempt may take, from looking the name up to the reply. Defaults to 5 s.
    pub fn timeout(mut self, most: Duration) -> Self {
        self.settings.timeout = most;
        self
    }

    /// Sets how long a connection may take to be made, TLS included. Defaults to 3 s.
    pub fn connect_timeout(mut self, most: Duration) -> Self {
        self.settings.connect_timeout = most;
        self
    }

    /// Sets how many attempts there are for a batch, at most. Defaults to 3.
    pub fn retry_max_attempts(mut self, most: usize) -> Self {
        self.settings.retry_max_attempts = most;
        self
    }

    /// Sets how long the first pause between attempts is, at most; it doubles. Defaults to 1 s.
    pub fn retry_backoff(mut self, pause: Duration) -> Self {
        self.settings.retry_backoff = pause;
        self
    }

    /// Sets how many connections without work are kept. Defaults to 4.
    pub fn pool_max_idle(mut self, connections: usize) -> Self {
        self.settings.pool_max_idle = connections;
        self
    }

    /// Sets how long they are kept. Defaults to 30 s, less than most load balancers do.
    pub fn pool_idle_timeout(mut self, most: Duration) -> Self {
        self.settings.pool_idle_timeout = most;
        self
    }

    /// Sets whose certificates are trusted, in PEM, instead of those that the system trusts.
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca = Some(pem.into());
        self
    }

    /// Sets a certificate of our own and its key, both in PEM. None by default.
    pub fn client_identity(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.identity = Some(Sensitive::new(pem.into()));
        self
    }

    /// Sets the proxy that requests go through: `http://user:password@proxy:3128`. None by default;
    /// that of the environment is not asked.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.settings.proxy = Some(Sensitive::new(url.into()));
        self
    }

    /// Allows plain `http://` to other machines, for requests without credentials. Disabled by
    /// default.
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.settings.allow_insecure_http = allow;
        self
    }

    /// Says that the endpoint comes from somebody who must not reach our own network: addresses are
    /// refused that are not public, whatever name leads there. Disabled by default.
    pub fn untrusted_endpoint(mut self, untrusted: bool) -> Self {
        self.settings.untrusted_endpoint = untrusted;
        self
    }

    /// Posts with a client of one's own. Its TLS, proxy, pool, redirects and lookup of names are its
    /// own business then, and options of the sink for these are refused. What drives its connections
    /// is the runtime that made them: one that the service shuts down earlier may take them along.
    pub fn client(mut self, client: reqwest::Client) -> Self {
        self.own_client = Some(client);
        self
    }

    /// Sets what reads a reply of 200 to 299 that may tell which events were not taken after all:
    /// with [`BatchError::some`] these are tried again, or whatever else their errors ask for, and all
    /// others are delivered. It runs on the sink's own thread. Without it, all are delivered.
    ///
    /// ```
    /// use fapilog_core::{Action, BatchError, Http, SinkError};
    ///
    /// // The collector answers with the indices of those that it had no room for: "3,17".
    /// let http = Http::new("https://logs.example.com/ingest").on_reply(|reply| {
    ///     let text = str::from_utf8(reply.body()).unwrap_or_default();
    ///     let full = |index| (index, SinkError::with(Action::Retry, "no room"));
    ///     let failed: Vec<_> = text.split(',').filter_map(|it| it.parse().ok()).map(full).collect();
    ///     if failed.is_empty() { Ok(()) } else { Err(BatchError::some(failed)) }
    /// });
    /// ```
    pub fn on_reply(
        mut self,
        read: impl Fn(&HttpReply<'_>) -> Result<(), BatchError> + Send + Sync + 'static,
    ) -> Self {
        self.on_reply = Some(Box::new(read));
        self
    }

    /// Names the sink in the books. Defaults to `http`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("name", &self.name)
            .field("endpoint", &self.place())
            .field("format", &self.settings.batch_format)
            .finish_non_exhaustive()
    }
}
