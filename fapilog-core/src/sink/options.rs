//! [`SinkOptions`]: how a sink is served.

use std::{fmt, path::PathBuf, sync::Arc};

use crate::{CircuitBreaker, Delivery, Level, event::Event, route::Limit};

/// What happens when a sink does not keep up with its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressure {
    /// What does not fit into the sink's share of the memory budget is dropped for this sink, and
    /// counted: it holds up neither calls nor other sinks. ERROR and above have a reserve.
    Shed,
    /// All is kept until the budget of the whole pipeline is used up; then calls wait or are
    /// dropped, as `core.drop_on_full` says, for all sinks alike.
    Propagate,
}

/// How a sink is served; for [`LoggerBuilder::sink_with`](crate::LoggerBuilder::sink_with).
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SinkOptions {
    /// Defaults to [`Pressure::Propagate`] for a sole sink, and for all if `core.drop_on_full` is
    /// false; else to [`Pressure::Shed`].
    pub pressure: Option<Pressure>,
    pub(crate) limit: Limit,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) breaker: Option<CircuitBreaker>,
    pub(crate) fallback: Option<String>,
    pub(crate) dead_letters: Option<PathBuf>,
}

impl SinkOptions {
    /// Sets what happens when the sink does not keep up.
    pub fn pressure(mut self, pressure: Pressure) -> Self {
        self.pressure = Some(pressure);
        self
    }

    /// Only events of this level and above go to the sink, and what always passes, such as AUDIT.
    /// What the level of the pipeline keeps out never gets here. Defaults to all.
    pub fn level(mut self, least: Level) -> Self {
        self.limit.level = Some(least);
        self
    }

    /// Only events for which this is true go to the sink. It runs on the worker thread, and sees
    /// events as sinks do; a panic is a no, and reported. Defaults to all.
    pub fn filter(mut self, admit: impl Fn(&Event<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.limit.filter = Some(Arc::new(admit));
        self
    }

    /// Sets how batches are made and tried again. Defaults to what the sink says of itself.
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// Leaves the sink alone for a while when it keeps failing. Defaults to what
    /// `core.sink_circuit_breaker_enabled` says.
    pub fn circuit_breaker(mut self, breaker: CircuitBreaker) -> Self {
        self.breaker = Some(breaker);
        self
    }

    /// Names the sink that gets what this one does not deliver, as it would have been delivered:
    /// another one of the pipeline, or one of settings, such as `stderr`, which then gets nothing
    /// else. What it had anyway it is not given twice; its own level and filter do not matter. Defaults
    /// to `core.sink_circuit_breaker_fallback_sink`.
    pub fn fallback(mut self, sink: impl Into<String>) -> Self {
        self.fallback = Some(sink.into());
        self
    }

    /// Sets the file for events that the destination refuses, and for those that are given up and have
    /// no fallback: a JSON object a line, with the reason, appended. Its mode is 0600, and it may have
    /// `core.sink_dead_letter_max_bytes`. Defaults to `core.sink_dead_letter_file`.
    pub fn dead_letters(mut self, path: impl Into<PathBuf>) -> Self {
        self.dead_letters = Some(path.into());
        self
    }
}

impl fmt::Debug for SinkOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkOptions")
            .field("pressure", &self.pressure)
            .field("level", &self.limit.level)
            .field("has_filter", &self.limit.filter.is_some())
            .field("delivery", &self.delivery)
            .field("breaker", &self.breaker)
            .field("fallback", &self.fallback)
            .field("dead_letters", &self.dead_letters)
            .finish()
    }
}
