//! How a [`Webhook`] is set up.

use std::{fmt, sync::Arc, time::Duration};

use super::Webhook;
use crate::{Sensitive, clock::Clock};

/// Most of these are settings of `sink_config.webhook` too.
impl Webhook {
    /// Sets what bodies are signed with; a good one is `whsec_` and 24 random bytes or more in base64.
    /// None by default: then nothing is signed.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.settings.secret = Some(Sensitive::new(secret.into()));
        self
    }

    /// Sets the secret of before, with which bodies are signed as well while receivers change over.
    /// None by default.
    pub fn secret_previous(mut self, secret: impl Into<String>) -> Self {
        self.settings.secret_previous = Some(Sensitive::new(secret.into()));
        self
    }

    /// Adds a header to each request. Values are never shown. None by default, but for `User-Agent`
    /// and `Content-Type`, which can be replaced.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = Sensitive::new(value.into());
        self.settings.headers.insert(name.into(), value);
        self
    }

    /// Sets how many events a request has at most; more than 1 make the body an array. Defaults to 1.
    pub fn batch_size(mut self, events: usize) -> Self {
        self.settings.batch_size = events;
        self
    }

    /// Sets how long an event waits for others to fill its request. Defaults to 5 s.
    pub fn batch_timeout(mut self, most: Duration) -> Self {
        self.settings.batch_timeout = most;
        self
    }

    /// Sets how long an attempt may take, from looking the name up to the reply. Defaults to 5 s.
    pub fn timeout(mut self, most: Duration) -> Self {
        self.settings.timeout = most;
        self
    }

    /// Sets how many attempts there are for a request, at most. Defaults to 3.
    pub fn retry_max_attempts(mut self, most: usize) -> Self {
        self.settings.retry_max_attempts = most;
        self
    }

    /// Sets how long the first pause between attempts is, at most; it doubles. Defaults to 1 s.
    pub fn retry_backoff(mut self, pause: Duration) -> Self {
        self.settings.retry_backoff = pause;
        self
    }

    /// Sets whose certificates are trusted, in PEM, instead of those that the system trusts.
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca = Some(pem.into());
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

    /// Names the sink in the books. Defaults to `webhook`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets where the time of day comes from that is signed. Defaults to the operating system.
    pub fn clock(self, clock: impl Clock) -> Self {
        self.shared_clock(Arc::new(clock))
    }

    pub(crate) fn shared_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("name", &self.name)
            .field("endpoint", &self.place())
            .field("is_signed", &self.settings.secret.is_some())
            .finish_non_exhaustive()
    }
}
