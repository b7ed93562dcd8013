//! [`RequestHandle`]: the request that is being served, in the hands of those who serve it.

use std::{borrow::Cow, sync::Arc};

use fapilog_core::{__private::stamp, Logger, Value, context::Scope};

use super::{State, added::Total, terminal::millis};
use crate::{Upgraded, connection::Connection};

/// The request that is being served, as an extension of the [`http::Request`]: its id, its logger,
/// and what the handler wants to say in the terminal event. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestHandle(pub(crate) Arc<State>);

impl RequestHandle {
    /// The request that is being served here, if one is: for code that nobody has handed it to.
    /// Tasks and threads are within it if they were begun with
    /// [`spawn`](fapilog_core::context::spawn) or [`carry`](fapilog_core::context::carry()).
    pub fn current() -> Option<Self> {
        let request = Scope::current()?.request()?;
        request.downcast().ok().map(Self)
    }

    /// The id of the request.
    pub fn id(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.0.id.as_bytes())
    }

    /// The logger of the layer.
    pub fn logger(&self) -> &Logger {
        &self.0.config.logger
    }

    /// Adds a field to the terminal event; of a key that is set twice, the last value counts.
    /// What the layer itself knows of the request cannot be changed. After the end of the request it
    /// does nothing, as all that follow, but for a connection that was [upgraded](Self::upgraded).
    pub fn set(&self, key: &str, value: impl Value) {
        self.0.add(key, &value);
    }

    /// Runs the handler of an upgraded connection, a WebSocket say, as part of this request, and logs
    /// `connection_opened` and `connection_closed`; see the table of the [crate](crate).
    ///
    /// The request itself has ended by then. What the handler sets from then on stands in
    /// `connection_closed`. What is returned is called by whoever has the connection; dropped uncalled,
    /// it logs nothing.
    pub fn upgraded<T, H, F>(&self, handler: H) -> impl FnOnce(T) -> Upgraded + Send + use<T, H, F>
    where
        T: Send + 'static,
        H: FnOnce(T) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let connection = Connection::announce(&self.0);
        // Called with the first poll: within the scope, and after the connection was told of.
        move |io| Upgraded::new(connection, async move { handler(io).await })
    }

    /// Adds to a count that stands in the terminal event: how many rows were read, how often a cache
    /// had the answer. The first 64 keys count.
    pub fn increment(&self, key: &str, by: i64) {
        self.0.total(key, Total::Count(by));
    }

    /// Measures until what is returned is dropped. All times of a name stand in the terminal event
    /// as their sum, `{name}_ms`, and their number, `{name}_count`.
    #[must_use = "it measures until it is dropped: keep it in a named variable"]
    pub fn time(&self, name: impl Into<Cow<'static, str>>) -> Timing {
        Timing {
            request: self.clone(),
            name: name.into(),
            begun: stamp(),
        }
    }
}

/// A time that is being measured; made by [`RequestHandle::time`].
#[derive(Debug)]
pub struct Timing {
    request: RequestHandle,
    name: Cow<'static, str>,
    begun: u64,
}

impl Drop for Timing {
    fn drop(&mut self) {
        let (state, name) = (&self.request.0, &self.name);
        let nanos = stamp().saturating_sub(self.begun);
        let time = millis(std::time::Duration::from_nanos(nanos));
        state.total(&format!("{name}_ms"), Total::Millis(time));
        state.total(&format!("{name}_count"), Total::Count(1));
    }
}
