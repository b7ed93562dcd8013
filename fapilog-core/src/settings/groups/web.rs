//! The web layer.

use std::time::Duration;

use ipnet::IpNet;

use super::KIB;
use crate::settings::{
    kind::{Flag, Header, Maybe, Names, Networks, Number, Seconds, Size},
    leaf::group,
};

group! {
    /// The web layer, and `serve`.
    pub struct AxumSettings at [axum] {
        /// Whether a panic of the service becomes a response of status 500 with the request id,
        /// instead of going on. Defaults to false; preset `axum` enables it.
        catch_panics: bool = false, Flag;
        /// How long `serve` waits for open requests when it ends. Defaults to 5 s.
        request_deadline as "request_deadline_seconds": Duration = Duration::from_secs(5),
            Seconds::ANY;
        /// Paths whose requests are not logged, without the query; `*` stands for anything. None by
        /// default.
        skip_paths: Vec<String> = Vec::new(), Names { example: "/healthz,/static/*" };
        /// Whether requests to these paths are logged when they fail, or are answered with 500 or
        /// above. Defaults to true.
        log_errors_on_skip: bool = true, Flag;
        /// Share of requests that are logged, of those that neither fail nor are slow; it stands on
        /// their events as `sample_rate` if it is less than 1. Defaults to 1.
        sample_rate: f64 = 1.0, Number::SHARE;
        /// Requests that take as long, or longer, are logged as WARNING, and in any case. None by
        /// default.
        slow_threshold as "slow_threshold_seconds": Option<Duration> = None,
            Maybe(Seconds::SOME);
        /// Whether the beginning of a request is logged too, as `request_started`. Defaults to
        /// false.
        log_start: bool = false, Flag;
        /// Names of request headers that are logged, in `data.headers`. None by default.
        include_headers: Vec<String> = Vec::new(), Names { example: "accept,x-api-key" };
        /// Names of headers whose values are masked, besides those with credentials, which always
        /// are. None by default.
        redact_headers: Vec<String> = Vec::new(), Names { example: "x-session" };
        /// Bytes of a header's value that are logged, at most. Defaults to 256 B.
        max_header_bytes: usize = 256, Size::of(16, 64 * KIB);
        /// Whether the query is logged, in `data.query`. Defaults to false.
        include_query: bool = false, Flag;
        /// Names of parameters of the query whose values are masked, besides those that look like
        /// credentials, which always are. None by default.
        redact_query: Vec<String> = Vec::new(), Names { example: "email,phone" };
        /// Whether the bodies of requests are logged, in `data.request_body`, as far as the service
        /// reads them. Defaults to false.
        capture_request_body: bool = false, Flag;
        /// Whether the bodies of responses are logged, in `data.response_body`. Defaults to false.
        capture_response_body: bool = false, Flag;
        /// Bytes of a body that are kept, at most, and no more than a sixteenth of
        /// `core.max_event_bytes`; of a longer one, only text is logged, and cut. Defaults to 4 KiB.
        max_body_bytes: usize = 4 * KIB, Size::of(16, 64 * KIB);
        /// Types of content whose bodies are captured, `*` stands for anything; never `multipart/*`,
        /// nor what is compressed. Defaults to JSON, forms and text.
        body_content_types: Vec<String> = [
            "application/json",
            "application/*+json",
            "application/x-www-form-urlencoded",
            "text/*",
        ]
        .map(str::to_owned)
        .to_vec(), Names { example: "application/json" };
        /// Networks of proxies whose `Forwarded` and `X-Forwarded-For` tell the address of the
        /// client, and whose `user_header` and `tenant_header` are believed. None by default.
        trusted_proxies: Vec<IpNet> = Vec::new(), Networks;
        /// Header in which a trusted proxy tells the user: `context.user_id` of all events of the
        /// request. None by default.
        user_header: Option<String> = None, Maybe(Header { example: "x-user-id" });
        /// Header in which a trusted proxy tells the tenant: `context.tenant_id` of all events of the
        /// request. None by default.
        tenant_header: Option<String> = None, Maybe(Header { example: "x-tenant-id" });
        /// Header of the request's id, in requests and responses. Defaults to `x-request-id`.
        request_id_header: String = "x-request-id".to_owned(), Header { example: "x-correlation-id" };
        /// Whether a harmless id that a client sends is taken over. Defaults to true.
        trust_request_id: bool = true, Flag;
        /// Whether the W3C Trace Context of requests is taken over or begun: `trace_id` and
        /// `span_id` stand in the context of their events. Defaults to false.
        trace_context: bool = false, Flag;
        /// Whether responses carry `traceresponse`; enables `trace_context`. Defaults to false.
        traceresponse: bool = false, Flag;
    }
}
