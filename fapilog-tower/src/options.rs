//! [`Options`]: what is logged of requests, and how.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use fapilog_core::{
    __private::{LeftOut, caught},
    Level, Value,
    settings::AxumSettings,
};
use http::{Extensions, HeaderMap, HeaderName, Method, StatusCode, Uri};

use crate::{
    capture::Capture, headers::Headers, outcome::Outcome, patterns::Patterns, query::Query,
};

type LevelOf = Arc<dyn Fn(&Finished) -> Level + Send + Sync>;
type FieldsOf = Arc<dyn Fn(&RequestHead<'_>, &mut dyn FnMut(&str, &dyn Value)) + Send + Sync>;
type MakeId = Arc<dyn Fn() -> String + Send + Sync>;

/// What is logged of requests, and how.
#[derive(Clone)]
pub(crate) struct Options {
    /// What they are made from, and what needs no more than to be read.
    pub(crate) settings: AxumSettings,
    pub(crate) skip_paths: Patterns,
    pub(crate) headers: Headers,
    pub(crate) query: Option<Query>,
    /// `None` if no bodies are captured.
    pub(crate) capture: Option<Capture>,
    pub(crate) user_header: Option<HeaderName>,
    pub(crate) tenant_header: Option<HeaderName>,
    pub(crate) request_id_header: HeaderName,
    pub(crate) level: Option<LevelOf>,
    pub(crate) fields: Option<FieldsOf>,
    pub(crate) make_request_id: Option<MakeId>,
    /// Nobody can tell beforehand which requests are in the sample.
    pub(crate) random: RandomState,
}

/// The head of a request, for [`FapilogLayer::fields`](crate::FapilogLayer::fields).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequestHead<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its target, query included.
    pub uri: &'a Uri,
    /// Its headers, with the credentials that are in them.
    pub headers: &'a HeaderMap,
    /// What the server and layers further out know of it.
    pub extensions: &'a Extensions,
}

/// How a request has ended, for [`FapilogLayer::level`](crate::FapilogLayer::level).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finished {
    /// The status of the response, if there was one.
    pub status: Option<StatusCode>,
    /// The time from the beginning to the end of the body.
    pub latency: Duration,
    /// Whether the service failed: an error, a panic, an error of the body, or a status of gRPC that
    /// is a fault of the server.
    pub failed: bool,
    /// Whether it took as long as `axum.slow_threshold_seconds`, or longer.
    pub slow: bool,
    /// `completed`, `body_unread`, `panicked`, …: see the table of the [crate](crate).
    pub outcome: &'static str,
}

impl Finished {
    /// Whether it failed, or was answered with status 500 or above.
    pub fn is_error(&self) -> bool {
        self.failed || self.status.is_some_and(|it| it.is_server_error())
    }

    /// The level by default: ERROR if it is an error, WARNING if it was slow, else INFO.
    pub fn default_level(&self) -> Level {
        match (self.is_error(), self.slow) {
            (true, _) => Level::Error,
            (false, true) => Level::Warning,
            (false, false) => Level::Info,
        }
    }
}

impl Options {
    pub(crate) fn new(settings: &AxumSettings) -> Self {
        // Settings hold names of headers alone.
        let header = |name: &String| HeaderName::from_bytes(name.as_bytes()).ok();
        let request_id = header(&settings.request_id_header);
        Self {
            settings: settings.clone(),
            skip_paths: Patterns::new(&settings.skip_paths),
            headers: Headers::new(settings),
            query: settings
                .include_query
                .then(|| Query::new(&settings.redact_query)),
            capture: Capture::new(settings),
            user_header: settings.user_header.as_ref().and_then(header),
            tenant_header: settings.tenant_header.as_ref().and_then(header),
            request_id_header: request_id.unwrap_or(crate::request_id::X_REQUEST_ID),
            level: None,
            fields: None,
            make_request_id: None,
            random: RandomState::new(),
        }
    }

    pub(crate) fn finished(
        &self,
        outcome: Outcome,
        status: Option<StatusCode>,
        latency: Duration,
    ) -> Finished {
        Finished {
            status,
            latency,
            failed: outcome.is_failure(),
            slow: self.settings.slow_threshold.is_some_and(|it| latency >= it),
            outcome: outcome.as_str(),
        }
    }

    /// The level of the terminal event.
    pub(crate) fn level_of(&self, finished: &Finished) -> Level {
        match &self.level {
            // Requests end in drops too, where a panic would be the end of the process.
            Some(level) => caught(|| level(finished)).unwrap_or(finished.default_level()),
            None => finished.default_level(),
        }
    }

    /// The share of requests that this one stands for, if not for itself alone, or why nothing is
    /// logged of it; `number` is one of its own.
    pub(crate) fn share(
        &self,
        path: &str,
        is_error: bool,
        is_slow: bool,
        number: u64,
    ) -> Result<Option<f64>, LeftOut> {
        let keeps_errors = is_error && self.settings.log_errors_on_skip;
        if !keeps_errors && self.skip_paths.contain(path) {
            return Err(LeftOut::Skipped);
        }
        let rate = self.settings.sample_rate;
        if rate >= 1.0 || is_error || is_slow {
            return Ok(None);
        }
        match self.is_in_sample(number) {
            true => Ok(Some(rate)),
            false => Err(LeftOut::Sampled),
        }
    }

    fn is_in_sample(&self, number: u64) -> bool {
        let hash = self.random.hash_one(number);
        (hash as f64) < self.settings.sample_rate * u64::MAX as f64
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
