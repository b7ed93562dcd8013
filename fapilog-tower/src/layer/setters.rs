//! What can be said in code.

use std::{sync::Arc, time::Duration};

use fapilog_core::{
    Level, Value,
    settings::{AxumSettings, Origin},
};
use http::HeaderName;

use super::FapilogLayer;
use crate::options::{Finished, Options, RequestHead};

/// Each of these is a setting of the group `axum` too. A variable of the environment wins over what
/// is said here.
impl FapilogLayer {
    /// Whether a panic of the service becomes a response of status 500 with the request id,
    /// after it is logged, instead of going on. Disabled by default, enabled by preset `axum`.
    pub fn catch_panics(self, catch: bool) -> Self {
        self.set("catch_panics", |axum| axum.catch_panics = catch)
    }

    /// Does not log requests to these paths, in which `*` stands for anything, unless they fail or are
    /// answered with 500 or above. Books count them as filtered, `skip_paths`. None by default.
    pub fn skip_paths<P: Into<String>>(self, paths: impl IntoIterator<Item = P>) -> Self {
        let paths = texts(paths);
        self.set("skip_paths", |axum| axum.skip_paths = paths)
    }

    /// Whether failing requests to these paths are logged. Enabled by default.
    pub fn log_errors_on_skip(self, log: bool) -> Self {
        self.set("log_errors_on_skip", |axum| axum.log_errors_on_skip = log)
    }

    /// Logs this share of the requests that neither fail nor are slow; it stands on their events as
    /// `sample_rate`. Books count the others as filtered, `sample_rate`. Defaults to 1; 0 to 1.
    pub fn sample_rate(self, share: f64) -> Self {
        self.set("sample_rate", |axum| {
            axum.sample_rate = share.clamp(0.0, 1.0)
        })
    }

    /// Logs requests that take so long, or longer, as WARNING, and in any case. None by default.
    pub fn slow_threshold(self, time: Duration) -> Self {
        self.set("slow_threshold_seconds", |axum| {
            axum.slow_threshold = Some(time)
        })
    }

    /// Logs the beginning of each request too, as `request_started`. Disabled by default.
    pub fn log_start(self, log: bool) -> Self {
        self.set("log_start", |axum| axum.log_start = log)
    }

    /// Logs these headers of requests in `data.headers`; of those with credentials, only that they
    /// were there. Of all together at most 8 KiB: `…` tells how many more there were. None by default.
    pub fn include_headers<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = texts(names);
        self.set("include_headers", |axum| axum.include_headers = names)
    }

    /// Masks the values of these headers, besides those with credentials. None by default.
    pub fn redact_headers<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = texts(names);
        self.set("redact_headers", |axum| axum.redact_headers.extend(names))
    }

    /// Logs the query in `data.query`, parameters that look like credentials masked. Disabled by
    /// default.
    pub fn include_query(self, log: bool) -> Self {
        self.set("include_query", |axum| axum.include_query = log)
    }

    /// Masks the values of these parameters of the query too. None by default.
    pub fn redact_query<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = texts(names);
        self.set("redact_query", |axum| axum.redact_query.extend(names))
    }

    /// Logs the bodies of requests in `data.request_body`, as far as the service reads them, where they
    /// are axum's; see the [crate](crate#bodies). Disabled by default.
    pub fn capture_request_body(self, log: bool) -> Self {
        self.set("capture_request_body", |axum| {
            axum.capture_request_body = log;
        })
    }

    /// Logs the bodies of responses in `data.response_body`; see the [crate](crate#bodies). Disabled
    /// by default.
    pub fn capture_response_body(self, log: bool) -> Self {
        self.set("capture_response_body", |axum| {
            axum.capture_response_body = log;
        })
    }

    /// Keeps at most so many bytes of a body that is captured, and no more than a sixteenth of
    /// `core.max_event_bytes`. Defaults to 4 KiB; 16 bytes to 64 KiB.
    pub fn max_body_bytes(self, bytes: usize) -> Self {
        self.set("max_body_bytes", |axum| {
            axum.max_body_bytes = bytes.clamp(16, 64 * 1024)
        })
    }

    /// Captures bodies of these types, in which `*` stands for anything. Defaults to
    /// `application/json`, `application/*+json`, `application/x-www-form-urlencoded` and `text/*`.
    pub fn body_content_types<T: Into<String>>(self, types: impl IntoIterator<Item = T>) -> Self {
        let types = texts(types);
        self.set("body_content_types", |axum| axum.body_content_types = types)
    }

    /// Reads and sends the request's id in this header. Defaults to `x-request-id`.
    pub fn request_id_header(self, name: &HeaderName) -> Self {
        let name = name.as_str().to_owned();
        self.set("request_id_header", |axum| axum.request_id_header = name)
    }

    /// Whether a harmless id that a client sends is taken over. Enabled by default.
    pub fn trust_request_id(self, trust: bool) -> Self {
        self.set("trust_request_id", |axum| axum.trust_request_id = trust)
    }

    /// Whether each request continues the trace of its `traceparent`, or begins one: `trace_id`
    /// and `span_id` stand in the context of its events, and a [`TraceContext`](crate::TraceContext)
    /// in its extensions. Disabled by default.
    pub fn trace_context(self, trace: bool) -> Self {
        self.set("trace_context", |axum| axum.trace_context = trace)
    }

    /// Whether responses carry the request's trace and span as `traceresponse`, which enables
    /// [`trace_context`](Self::trace_context). Disabled by default.
    pub fn traceresponse(self, respond: bool) -> Self {
        self.set("traceresponse", |axum| axum.traceresponse = respond)
    }

    /// Makes the ids of requests that bring none. What is not 1 to 128 of `A-Z a-z 0-9 . _ : -` is
    /// replaced, as it would be if a client sent it. Defaults to UUIDs of version 7.
    pub fn make_request_id(mut self, make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.options().make_request_id = Some(Arc::new(make));
        self
    }

    /// Decides the level of the terminal event. Defaults to [`Finished::default_level`], which holds too
    /// if it panics.
    ///
    /// ```
    /// # use fapilog_core::{Level, LoggerBuilder, Null};
    /// # let (log, _pipeline) = LoggerBuilder::new().sink(Null).build()?;
    /// let layer = fapilog_tower::FapilogLayer::new(log).level(|finished| {
    ///     match finished.status.map(|status| status.as_u16()) {
    ///         Some(404) => Level::Debug,
    ///         _ => finished.default_level(),
    ///     }
    /// });
    /// # Ok::<(), fapilog_core::BuildError>(())
    /// ```
    pub fn level(mut self, of: impl Fn(&Finished) -> Level + Send + Sync + 'static) -> Self {
        self.options().level = Some(Arc::new(of));
        self
    }

    /// Adds fields to the terminal event by the head of the request, one with each call of what is
    /// handed over. Runs before the handler; what it has added before a panic is kept.
    ///
    /// ```
    /// # use fapilog_core::{LoggerBuilder, Null};
    /// # let (log, _pipeline) = LoggerBuilder::new().sink(Null).build()?;
    /// let layer = fapilog_tower::FapilogLayer::new(log).fields(|head, add| {
    ///     add("is_browser", &head.headers.contains_key("sec-fetch-site"));
    /// });
    /// # Ok::<(), fapilog_core::BuildError>(())
    /// ```
    pub fn fields(
        mut self,
        of: impl Fn(&RequestHead<'_>, &mut dyn FnMut(&str, &dyn Value)) + Send + Sync + 'static,
    ) -> Self {
        self.options().fields = Some(Arc::new(of));
        self
    }

    /// Changes the setting of this name, unless the environment has set it.
    fn set(mut self, name: &str, change: impl FnOnce(&mut AxumSettings)) -> Self {
        let settings = self.config.logger.settings();
        let origin = settings.origin(&format!("axum.{name}"));
        if matches!(origin, Origin::Variable(_)) {
            return self;
        }
        let options = self.options();
        change(&mut options.settings);
        *options = Options {
            level: options.level.take(),
            fields: options.fields.take(),
            make_request_id: options.make_request_id.take(),
            ..Options::new(&options.settings)
        };
        self
    }

    fn options(&mut self) -> &mut Options {
        &mut Arc::make_mut(&mut self.config).options
    }
}

fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
