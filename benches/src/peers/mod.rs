//! The loggers as their users set them up, each with JSON for its file and a thread that writes.

mod emit;
mod fapilog;
mod logforth;
mod otel;
mod slog;
mod spdlog;
mod tracing;

pub use self::{
    emit::Emit,
    fapilog::{Fapilog, WriterSink, lossless, production},
    logforth::Logforth,
    otel::Otel,
    slog::Slog,
    spdlog::Spdlog,
    tracing::{Tracing, TracingBuffered, TracingFlat},
};

use crate::{
    event::Sample,
    output::{Arrived, Output},
};

/// A logger, set up in this process.
pub trait Peer: Sized + Sync {
    /// What a thread logs with while it works on a request.
    type Handle;

    fn start(overflow: Overflow, output: Output) -> Self;

    /// Does this work within a request, on this thread.
    fn request<R>(&self, work: impl FnOnce(&Self::Handle) -> R) -> R;

    /// Logs at INFO.
    fn log(handle: &Self::Handle, sample: &Sample);

    /// Logs at DEBUG, which is off.
    fn log_disabled(handle: &Self::Handle, sample: &Sample);

    /// Ends the logger, as far as it can be ended, and waits for its last event.
    fn finish(self) -> Finished;
}

/// What happens to an event that finds no room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// Whatever the logger does unless it is told otherwise.
    Default,
    /// The call waits.
    Wait,
    /// The event is dropped at once.
    Drop,
}

/// What a logger leaves behind.
pub struct Finished {
    pub arrived: Arrived,
    /// Events that it says it has dropped.
    pub lost: u64,
}

impl Finished {
    /// Events of so many that did not arrive, whether the logger says so or not. Of its losses,
    /// fapilog and slog tell in lines of their own, which stand in for as many lost events.
    pub fn missing(&self, sent: u64) -> u64 {
        sent.saturating_sub(self.arrived.events()).max(self.lost)
    }
}

/// Measures the peer of a name: `for_peer!(name, measure(arguments))`.
macro_rules! for_peer {
    ($name:expr, $measure:ident($($argument:expr),*)) => {
        match $name {
            "fapilog" => $measure::<$crate::peers::Fapilog>($($argument),*),
            "tracing" => $measure::<$crate::peers::Tracing>($($argument),*),
            "tracing-no-span" => $measure::<$crate::peers::TracingFlat>($($argument),*),
            "tracing-buffered" => $measure::<$crate::peers::TracingBuffered>($($argument),*),
            "slog" => $measure::<$crate::peers::Slog>($($argument),*),
            "emit" => $measure::<$crate::peers::Emit>($($argument),*),
            "spdlog" => $measure::<$crate::peers::Spdlog>($($argument),*),
            "logforth" => $measure::<$crate::peers::Logforth>($($argument),*),
            "opentelemetry" => $measure::<$crate::peers::Otel>($($argument),*),
            other => panic!("no peer is called {other}"),
        }
    };
}
pub(crate) use for_peer;
