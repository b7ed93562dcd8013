//! [`SinkOptions`]: how a sink is served.

use std::{fmt, sync::Arc};

use crate::{Level, event::Event, route::Limit};

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
}

impl fmt::Debug for SinkOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkOptions")
            .field("pressure", &self.pressure)
            .field("level", &self.limit.level)
            .field("has_filter", &self.limit.filter.is_some())
            .finish()
    }
}
