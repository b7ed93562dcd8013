//! Sinks deliver events to where they are kept.
//!
//! | sink | writes to |
//! |---|---|
//! | [`StdoutJson`] | stdout, one JSON object a line |
//! | [`StdoutPretty`] | stdout, one line an event, for people |
//! | [`Stderr`] | stderr, one JSON object a line |
//! | [`Memory`] | a list that a test can look into |
//! | [`Null`] | nowhere |
//!
//! Others implement [`Sink`] or, if they do not await anything, [`BlockingSink`]. Each sink has a
//! thread of its own, so it may be slow, and need not be quick to return.
//!
//! # What is called when
//!
//! 1. `start`, once. If it fails, all events for this sink are counted as dropped,
//!    `sink_failed`, and nothing but `flush` and `stop` is called.
//! 2. `write_batch`, for one batch after the other, in order. Its default calls
//!    `write_serialized` for each event if `takes_serialized` is true, else `write`.
//! 3. `flush`, when somebody flushes the pipeline, after all batches from before.
//! 4. At shutdown, after all batches: `flush`, then `stop`, always, once. A sink that is still
//!    busy at the deadline is left behind with its thread; what it holds is counted as unknown,
//!    what waits for it as dropped, `shutdown_deadline`.
//!
//! # What becomes of the results
//!
//! `Ok` counts as delivered. `Err` counts as dropped, `sink_failed`, and is reported once a kind.
//! A panic in `write` or `write_serialized` costs that event alone, like an error; a panic in an
//! own `write_batch` makes the whole batch unknown. No sink is tried again for the same event.

mod console;
mod erased;
mod memory;
mod null;
mod options;
mod pretty;
mod stderr;
mod stdout;

use std::future::{Future, ready};

pub(crate) use self::erased::AnySink;
use self::erased::contained;
pub use self::{
    memory::Memory,
    null::Null,
    options::{Pressure, SinkOptions},
    pretty::{Color, StdoutPretty},
    stderr::Stderr,
    stdout::StdoutJson,
};
use crate::{
    error::SinkError,
    event::Event,
    lane::{Batch, BatchError},
};

/// One event as every sink writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SerializedView<'a> {
    /// One JSON object, without a line break.
    pub data: &'a [u8],
}

/// A destination that awaits something. See the [module](self) for what is called when.
pub trait Sink: Send + Sync + 'static {
    /// Names the sink in the books, in reports and as part of its thread's name.
    fn name(&self) -> &str;

    /// Whether the sink takes JSON bytes, through
    /// [`write_serialized`](Self::write_serialized), instead of [`Event`]s. Defaults to false.
    ///
    /// A pipeline whose sinks all say yes never builds events for them.
    fn takes_serialized(&self) -> bool {
        false
    }

    /// Opens what the sink needs. Does nothing by default.
    fn start(&self) -> impl Future<Output = Result<(), SinkError>> + Send {
        ready(Ok(()))
    }

    /// Delivers one event.
    fn write(&self, event: &Event<'static>) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// Delivers one event as JSON. Called instead of [`write`](Self::write) if
    /// [`takes_serialized`](Self::takes_serialized) is true; by default it fails, since then it
    /// has been forgotten.
    fn write_serialized(
        &self,
        view: SerializedView<'_>,
    ) -> impl Future<Output = Result<(), SinkError>> + Send {
        let _ = view;
        ready(Err(forgotten()))
    }

    /// Delivers a batch. By default it delivers one event after the other.
    fn write_batch(&self, batch: &Batch) -> impl Future<Output = Result<(), BatchError>> + Send {
        async move {
            let mut failed = Vec::new();
            if self.takes_serialized() {
                for (index, view) in batch.serialized().enumerate() {
                    let written = contained(|| self.write_serialized(view)).await;
                    failed.extend(written.err().map(|error| (index, error)));
                }
            } else {
                for (index, event) in batch.events().enumerate() {
                    let written = contained(|| self.write(event)).await;
                    failed.extend(written.err().map(|error| (index, error)));
                }
            }
            BatchError::of(failed)
        }
    }

    /// Makes all that was written final. Does nothing by default.
    fn flush(&self) -> impl Future<Output = Result<(), SinkError>> + Send {
        ready(Ok(()))
    }

    /// Closes what [`start`](Self::start) opened. Does nothing by default.
    fn stop(&self) -> impl Future<Output = Result<(), SinkError>> + Send {
        ready(Ok(()))
    }
}

/// A destination that blocks its thread while it works. See the [module](self) for what is called
/// when; the methods are those of [`Sink`], with `&mut self`.
pub trait BlockingSink: Send + 'static {
    /// Names the sink in the books, in reports and as part of its thread's name.
    fn name(&self) -> &str;

    /// See [`Sink::takes_serialized`].
    fn takes_serialized(&self) -> bool {
        false
    }

    /// See [`Sink::start`].
    fn start(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// See [`Sink::write`].
    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError>;

    /// See [`Sink::write_serialized`].
    fn write_serialized(&mut self, view: SerializedView<'_>) -> Result<(), SinkError> {
        let _ = view;
        Err(forgotten())
    }

    /// See [`Sink::write_batch`].
    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        let mut failed = Vec::new();
        if self.takes_serialized() {
            for (index, view) in batch.serialized().enumerate() {
                let written = erased::caught(|| self.write_serialized(view));
                failed.extend(written.err().map(|error| (index, error)));
            }
        } else {
            for (index, event) in batch.events().enumerate() {
                let written = erased::caught(|| self.write(event));
                failed.extend(written.err().map(|error| (index, error)));
            }
        }
        BatchError::of(failed)
    }

    /// See [`Sink::flush`].
    fn flush(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// See [`Sink::stop`].
    fn stop(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

fn forgotten() -> SinkError {
    SinkError::new("takes_serialized is true, but write_serialized is not implemented")
}
