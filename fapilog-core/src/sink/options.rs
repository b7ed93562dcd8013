//! [`SinkOptions`]: how a sink is served.

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkOptions {
    /// Defaults to [`Pressure::Propagate`] for a sole sink, and for all if `core.drop_on_full` is
    /// false; else to [`Pressure::Shed`].
    pub pressure: Option<Pressure>,
}

impl SinkOptions {
    /// Sets what happens when the sink does not keep up.
    pub fn pressure(mut self, pressure: Pressure) -> Self {
        self.pressure = Some(pressure);
        self
    }
}
