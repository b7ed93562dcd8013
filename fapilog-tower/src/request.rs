//! What is known of one request, and its terminal event.

use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use fapilog_core::{
    __private::{Callsite, DisplayValue, FieldBlock, begin, may_be_enabled},
    Level, Logger, Value,
    context::{Entered, Scope},
};
use http::{HeaderValue, Method, Request, StatusCode, Uri, Version, header::USER_AGENT};

use crate::{
    layer::Config,
    open::{OpenRequests, Place},
    outcome::Outcome,
    request_id::RequestId,
    route::{self, Route},
};

/// No length was announced.
const UNKNOWN: u64 = u64::MAX;

/// Shared by all that happens to one request: the call, the response, its body, the handler.
#[derive(Debug)]
pub(crate) struct State {
    id: RequestId,
    scope: Scope,
    method: Method,
    uri: Uri,
    version: Version,
    user_agent: Option<HeaderValue>,
    client_ip: Option<IpAddr>,
    route: OnceLock<Route>,
    begun: Instant,
    head: OnceLock<Head>,
    request_bytes: AtomicU64,
    response_bytes: AtomicU64,
    /// What the handler adds to the terminal event.
    added: Mutex<FieldBlock>,
    ended: AtomicBool,
    open: Arc<OpenRequests>,
    place: OnceLock<Place>,
}

#[derive(Debug)]
struct Head {
    status: StatusCode,
    ttfb: Duration,
}

impl State {
    /// Begins a request: from here on it ends exactly once.
    pub(crate) fn begin<B>(request: &mut Request<B>, config: &Config) -> Arc<Self> {
        let id = RequestId::of(request.headers_mut());
        let scope = Scope::new(&config.logger, [("request_id", id.as_bytes())]);
        let state = Arc::new(Self {
            id,
            scope,
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            client_ip: route::client_ip(request.extensions()),
            route: OnceLock::new(),
            begun: Instant::now(),
            head: OnceLock::new(),
            request_bytes: AtomicU64::new(UNKNOWN),
            response_bytes: AtomicU64::new(0),
            added: Mutex::default(),
            ended: AtomicBool::new(false),
            open: Arc::clone(&config.open),
            place: OnceLock::new(),
        });
        state.learn_route(request);
        config.open.add(&state);
        let handle = RequestHandle(Arc::clone(&state));
        request.extensions_mut().insert(handle);
        state
    }

    /// Takes the route from the router, if it is not known yet.
    pub(crate) fn learn_route<B>(&self, request: &Request<B>) {
        if let Some(route) = route::route(request.extensions()) {
            // An inner layer sees the route that is more exact, but the first is kept: it is the
            // one that the outermost layer was put on.
            let _ = self.route.set(route);
        }
    }

    pub(crate) fn enter(&self) -> Entered {
        self.scope.enter()
    }

    pub(crate) fn id(&self) -> &RequestId {
        &self.id
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn head_is_sent(&self, status: StatusCode) {
        let ttfb = self.begun.elapsed();
        // There is one head a request.
        let _ = self.head.set(Head { status, ttfb });
    }

    pub(crate) fn announce_request_bytes(&self, length: u64) {
        self.request_bytes.store(length, Ordering::Relaxed);
    }

    #[cfg(feature = "axum")]
    pub(crate) fn add_request_bytes(&self, read: u64) {
        self.request_bytes.fetch_add(read, Ordering::Relaxed);
    }

    pub(crate) fn add_response_bytes(&self, sent: u64) -> u64 {
        self.response_bytes.fetch_add(sent, Ordering::Relaxed) + sent
    }

    pub(crate) fn keep_place(&self, place: Place) {
        // A request is added once.
        let _ = self.place.set(place);
    }

    /// Ends the request when what is returned is dropped, even by a panic of what is dropped
    /// before it.
    pub(crate) fn end_on_drop(self: &Arc<Self>, outcome: Outcome) -> impl Drop + use<> {
        struct End(Arc<State>, Outcome);
        impl Drop for End {
            fn drop(&mut self) {
                self.0.end(self.1, None);
            }
        }
        End(Arc::clone(self), outcome)
    }

    /// Logs the terminal event, unless the request has ended before. Returns whether it did.
    pub(crate) fn end(&self, outcome: Outcome, error: Option<&dyn Value>) -> bool {
        if self.ended.swap(true, Ordering::AcqRel) {
            return false;
        }
        if let Some(place) = self.place.get() {
            self.open.remove(*place);
        }
        if let Some(error) = error {
            self.add("error", error);
        }
        self.log(outcome);
        true
    }

    fn log(&self, outcome: Outcome) {
        let status = self.head.get().map(|head| head.status);
        let is_error = outcome.is_failure() || status.is_some_and(|it| it.is_server_error());
        let callsite = if is_error { &ERROR } else { &INFO };
        if !may_be_enabled(if is_error { Level::Error } else { Level::Info }) {
            return;
        }
        let _entered = self.enter();
        let Some(call) = begin(callsite, Some(self.scope.logger())) else {
            return;
        };
        let added = std::mem::take(&mut *self.added());
        let request_bytes = self.request_bytes.load(Ordering::Relaxed);
        let request_bytes = (request_bytes != UNKNOWN).then_some(request_bytes);
        call.finish_with(
            &[
                &self.method.as_str(),
                &self.uri.path(),
                &self.route.get().map(Route::as_str),
                &status.map(|status| status.as_u16()),
                &millis(self.begun.elapsed()),
                &self.head.get().map(|head| millis(head.ttfb)),
                &request_bytes,
                &self.response_bytes.load(Ordering::Relaxed),
                &version_text(self.version),
                &self.client_ip.map(DisplayValue),
                &self.user_agent.as_ref().map(HeaderValue::as_bytes),
                &outcome.as_str(),
            ],
            &added,
            format_args!("{}", outcome.message()),
        );
    }

    /// Adds a field to the terminal event.
    fn add(&self, key: &str, value: &dyn Value) {
        // Encoded before the lock is taken: a value may run code of its own.
        let mut field = FieldBlock::new();
        field.set(key, value);
        self.added().merge(&field);
    }

    fn added(&self) -> MutexGuard<'_, FieldBlock> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
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
const TARGET: &str = "fapilog::request";

static INFO: Callsite = Callsite::new(Level::Info, TARGET, file!(), line!(), KEYS);
static ERROR: Callsite = Callsite::new(Level::Error, TARGET, file!(), line!(), KEYS);

/// Milliseconds, to the microsecond.
fn millis(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
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

/// The request that is being served, as an extension of the [`http::Request`]: its id, its logger,
/// and what the handler wants to say in the terminal event. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestHandle(pub(crate) Arc<State>);

impl RequestHandle {
    /// The id of the request.
    pub fn id(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.0.id.as_bytes())
    }

    /// The logger of the layer.
    pub fn logger(&self) -> &Logger {
        self.0.scope.logger()
    }

    /// Adds a field to the terminal event; of a key that is set twice, the last value counts.
    /// What the layer itself knows of the request cannot be changed.
    pub fn set(&self, key: &str, value: impl Value) {
        self.0.add(key, &value);
    }
}
