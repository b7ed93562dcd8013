//! The events that the layer itself logs of a request: its end, and its beginning if that is wanted.

use std::{sync::atomic::Ordering, time::Duration};

use fapilog_core::{
    __private::{Callsite, DisplayValue, FieldBlock, Message, begin_within, may_be_enabled, stamp},
    Level,
};
use http::{HeaderValue, StatusCode, Version, uri::PathAndQuery};

use super::{State, UNKNOWN, lock};
use crate::outcome::Outcome;

impl State {
    /// The level of the terminal event, if there is to be one.
    fn level(&self, outcome: Outcome, status: Option<StatusCode>, now: u64) -> Option<Level> {
        let options = &self.config.options;
        let mut finished = options.finished(outcome, status, self.age(now));
        finished.failed |= self.grpc_failed.load(Ordering::Relaxed);
        if !self.keeps(finished.is_error(), finished.slow) {
            return None;
        }
        let level = options.level_of(&finished);
        may_be_enabled(level).then_some(level)
    }

    /// Whether an event about this request is logged; if not, the books tell why. If it stands for
    /// others too, it is told for how many.
    pub(crate) fn keeps(&self, is_error: bool, is_slow: bool) -> bool {
        let options = &self.config.options;
        match options.share(self.path(), is_error, is_slow, self.begun) {
            Ok(None) => true,
            Ok(Some(rate)) => {
                self.add("sample_rate", &rate);
                true
            }
            Err(why) => {
                self.config.logger.leave_out(why);
                false
            }
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.path.as_ref().map_or("", PathAndQuery::path)
    }

    pub(super) fn log_start(&self) {
        if !may_be_enabled(Level::Info) {
            return;
        }
        if let Some(call) = begin_within(&STARTED, self, None) {
            let user_agent = self.user_agent.as_ref().map(HeaderValue::as_bytes);
            call.finish_with(
                self.begun,
                &[
                    &self.method.as_str(),
                    &self.path(),
                    &version_text(self.version),
                    &self.client_ip.map(DisplayValue),
                    &user_agent,
                ],
                &FieldBlock::new(),
                Message::Text("request_started"),
            );
        }
    }

    /// What the terminal event has besides what it always has; bodies last, so that what is said of
    /// the request finds room before them.
    fn added(&self) -> FieldBlock {
        let mut added = self.take_added();
        if let Some(bodies) = &self.bodies {
            bodies.show(self.config.logger.limits(), &mut added);
        }
        added
    }

    pub(super) fn log(&self, outcome: Outcome) {
        let head = self.head.get();
        let status = head.map(|(status, _)| status);
        let now = stamp();
        let Some(level) = self.level(outcome, status, now) else {
            return;
        };
        let callsite = callsite(level);
        let permit = self.permit.as_ref().and_then(|permit| lock(permit).take());
        let Some(call) = begin_within(callsite, self, permit) else {
            return;
        };
        let request_bytes = self.request_bytes.load(Ordering::Relaxed);
        let request_bytes = (request_bytes != UNKNOWN).then_some(request_bytes);
        call.finish_with(
            now,
            &[
                &self.method.as_str(),
                &self.path(),
                &self.route(),
                &status.map(|status| status.as_u16()),
                &millis(self.age(now)),
                &head.map(|(_, ttfb)| millis(ttfb)),
                &request_bytes,
                &self.response_bytes.load(Ordering::Relaxed),
                &version_text(self.version),
                &self.client_ip.map(DisplayValue),
                &self.user_agent.as_ref().map(HeaderValue::as_bytes),
                &outcome.as_str(),
            ],
            &self.added(),
            Message::Text(outcome.message()),
        );
    }
}

const KEYS: &[&str] = &[
    "method",
    "path",
    "route",
    "status_code",
    "latency_ms",
    "ttfb_ms",
    "request_bytes",
    "response_bytes",
    "http_version",
    "client_ip",
    "user_agent",
    "outcome",
];
pub(crate) const TARGET: &str = "fapilog::request";

const fn site(level: Level) -> Callsite {
    Callsite::new(level, TARGET, file!(), line!(), KEYS)
}

static TRACE: Callsite = site(Level::Trace);
static DEBUG: Callsite = site(Level::Debug);
static INFO: Callsite = site(Level::Info);
static WARNING: Callsite = site(Level::Warning);
static ERROR: Callsite = site(Level::Error);
static CRITICAL: Callsite = site(Level::Critical);
static AUDIT: Callsite = site(Level::Audit);
static SECURITY: Callsite = site(Level::Security);

static STARTED: Callsite = Callsite::new(
    Level::Info,
    TARGET,
    file!(),
    line!(),
    &["method", "path", "http_version", "client_ip", "user_agent"],
);

/// The call site of the terminal event at this level; at one of somebody's own, that of the level
/// below it.
fn callsite(level: Level) -> &'static Callsite {
    match level.priority() {
        0..10 => &TRACE,
        10..20 => &DEBUG,
        20..30 => &INFO,
        30..40 => &WARNING,
        40..50 => &ERROR,
        50..60 => &CRITICAL,
        60..70 => &AUDIT,
        _ => &SECURITY,
    }
}

/// Milliseconds, to the microsecond.
pub(crate) fn millis(time: Duration) -> f64 {
    (time.as_nanos() as u64 / 1000) as f64 / 1000.0
}

fn version_text(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "unknown",
    }
}
