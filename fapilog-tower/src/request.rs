//! What is known of one request, and its terminal event.

mod added;
mod handle;
mod open;
mod terminal;

pub(crate) use self::{
    added::Added,
    terminal::{TARGET, millis},
};
pub use self::{
    handle::{RequestHandle, Timing},
    open::OpenRequest,
};

use std::{
    any::Any,
    mem,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use fapilog_core::{
    __private::{FieldBlock, Permit, Scoped, stamp},
    Logger, Value,
    context::{Entered, Scope},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version,
    header::{UPGRADE, USER_AGENT},
    uri::PathAndQuery,
};

use self::added::Total;
use crate::{
    capture::Bodies,
    client, grpc,
    head::Head,
    layer::Config,
    open::Place,
    outcome::Outcome,
    request_id::RequestId,
    route::{self, Route},
    scope,
    trace::TraceContext,
};

/// No length was announced.
const UNKNOWN: u64 = u64::MAX;

/// Shared by all that happens to one request: the call, the response, its body, the handler.
#[derive(Debug)]
pub(crate) struct State {
    id: RequestId,
    pub(crate) config: Arc<Config>,
    /// The fields of the request's scope.
    fields: FieldBlock,
    method: Method,
    path: Option<PathAndQuery>,
    version: Version,
    user_agent: Option<HeaderValue>,
    client_ip: Option<IpAddr>,
    /// The route that was known when the request came.
    route: Option<Route>,
    /// The route that a layer further in has learnt.
    inner_route: OnceLock<Route>,
    /// What the connection was upgraded to.
    protocol: OnceLock<HeaderValue>,
    begun: u64,
    head: Head,
    /// As its trailers say, or its head.
    grpc_failed: AtomicBool,
    request_bytes: AtomicU64,
    response_bytes: AtomicU64,
    /// What is kept of the bodies, where they are captured: one word where they are not.
    pub(crate) bodies: Option<Box<Bodies>>,
    /// What the handler adds to the terminal event, if it does.
    added: OnceLock<Mutex<Added>>,
    /// Keeps room for the terminal event, where none may be lost.
    permit: Option<Mutex<Option<Permit>>>,
    ended: AtomicBool,
    place: Place,
    pub(crate) trace: Option<TraceContext>,
}

impl State {
    /// Begins a request: from here on it ends exactly once.
    pub(crate) fn begin<B>(
        request: &mut Request<B>,
        config: &Arc<Config>,
        permit: Option<Permit>,
    ) -> Arc<Self> {
        let begun = stamp();
        let options = &config.options;
        let id = RequestId::of(request, options, begun);
        let peer = route::client_ip(request.extensions());
        let mut fields = scope::fields(config, &id, request.headers(), peer);
        let trace = TraceContext::begin(request, config, begun, &mut fields);
        let state = Arc::new_cyclic(|state: &Weak<Self>| Self {
            fields,
            id,
            config: Arc::clone(config),
            method: request.method().clone(),
            path: route::target(request).path_and_query().cloned(),
            version: request.version(),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            client_ip: peer.map(|peer| {
                client::address(peer, request.headers(), &options.settings.trusted_proxies)
            }),
            route: route::route(request.extensions()),
            inner_route: OnceLock::new(),
            protocol: OnceLock::new(),
            begun,
            head: Head::default(),
            grpc_failed: AtomicBool::new(false),
            request_bytes: AtomicU64::new(UNKNOWN),
            response_bytes: AtomicU64::new(0),
            bodies: options.capture.as_ref().map(|_| Box::default()),
            added: scope::added(config, request),
            permit: permit.map(|permit| Mutex::new(Some(permit))),
            ended: AtomicBool::new(false),
            place: config.open.add(state.clone(), begun),
            trace,
        });
        let handle = RequestHandle(Arc::clone(&state));
        request.extensions_mut().insert(handle);
        if options.settings.log_start {
            state.log_start();
        }
        state
    }

    /// Takes the route from the router, if it is not known yet.
    pub(crate) fn learn_route<B>(&self, request: &Request<B>) {
        if self.route.is_none()
            && let Some(route) = route::route(request.extensions())
        {
            // Of several layers further in, the outermost was asked first.
            let _ = self.inner_route.set(route);
        }
    }

    /// The route, as far as it is known by now.
    pub(crate) fn route(&self) -> Option<&str> {
        let route = self.route.as_ref().or_else(|| self.inner_route.get());
        route.map(Route::as_str)
    }

    /// Takes what the connection is upgraded to from the head of the response.
    pub(crate) fn learn_protocol(&self, headers: &HeaderMap) {
        if let Some(protocol) = headers.get(UPGRADE) {
            // There is one head a request.
            let _ = self.protocol.set(protocol.clone());
        }
    }

    pub(crate) fn protocol(&self) -> Option<&[u8]> {
        self.protocol.get().map(HeaderValue::as_bytes)
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Entered {
        Scope::of(Arc::clone(self)).into_entered()
    }

    pub(crate) fn id(&self) -> &RequestId {
        &self.id
    }

    /// The header that it stands in.
    pub(crate) fn id_header(&self) -> &HeaderName {
        &self.config.options.request_id_header
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn catches_panics(&self) -> bool {
        self.config.options.settings.catch_panics
    }

    pub(crate) fn head_is_sent(&self, status: StatusCode) {
        self.head.set(status, self.age(stamp()));
    }

    fn age(&self, now: u64) -> Duration {
        // Another thread's stamps may be a little behind.
        Duration::from_nanos(now.saturating_sub(self.begun))
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
        self.config.open.remove(self.place);
        if let Some(error) = error {
            self.add("error", error);
        }
        self.log(outcome);
        self.release_permit();
        if let Some(bodies) = &self.bodies {
            bodies.release();
        }
        true
    }

    /// Gives back the room of a terminal event that was not logged: whoever keeps the scope of a
    /// request beyond its end keeps this too.
    fn release_permit(&self) {
        if let Some(permit) = &self.permit {
            let unused = lock(permit).take();
            // Who gives room back looks for those who wait for it: not under the lock.
            drop(unused);
        }
    }

    /// Takes the status of a gRPC call from a head or trailers, if it is one.
    pub(crate) fn learn_grpc_status(&self, headers: &HeaderMap) {
        if let Some(status) = grpc::status(headers) {
            self.add("grpc_status", &status);
            self.grpc_failed
                .store(grpc::is_fault(status), Ordering::Relaxed);
        }
    }

    /// Adds why the response is what it is.
    pub(crate) fn explain(&self, reason: &str) {
        self.add("error", &reason);
    }

    /// Adds a field to the terminal event.
    pub(crate) fn add(&self, key: &str, value: &dyn Value) {
        // Encoded before the lock is taken: a value may run code of its own.
        let mut field = FieldBlock::new();
        let limits = self.config.logger.limits();
        field.set(limits, key, value);
        lock(self.added.get_or_init(Mutex::default))
            .fields
            .merge(limits, &field);
    }

    /// Takes what was added so far.
    pub(crate) fn take_added(&self) -> FieldBlock {
        let added = self.added.get().map(|added| mem::take(&mut *lock(added)));
        let limits = self.config.logger.limits();
        added.map_or_else(FieldBlock::new, |added| added.into_fields(limits))
    }

    /// Adds to a total that stands in the terminal event.
    fn total(&self, key: &str, amount: Total) {
        lock(self.added.get_or_init(Mutex::default)).total(key, amount);
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scoped for State {
    fn logger(&self) -> &Logger {
        &self.config.logger
    }

    fn fields(&self) -> &FieldBlock {
        &self.fields
    }

    fn is_request(&self) -> bool {
        true
    }

    fn request(self: Arc<Self>) -> Option<Arc<dyn Any + Send + Sync>> {
        Some(self)
    }
}
