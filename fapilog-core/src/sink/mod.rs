//! Sinks deliver events to where they are kept.
//!
//! | sink | writes to |
//! |---|---|
//! | [`StdoutJson`] | stdout, one JSON object a line |
//! | [`StdoutPretty`] | stdout, one line an event, for people |
//! | [`Stderr`] | stderr, one JSON object a line |
//! | [`RotatingFile`] | a file, and a new one by size and time; compresses and removes old ones |
//! | `Http` | a collector, in batches over HTTP and TLS (feature `http`) |
//! | `Webhook` | a webhook, event by event, with signatures (feature `webhook`) |
//! | [`Memory`] | a list that a test can look into |
//! | [`Null`] | nowhere |
//!
//! Others implement [`BlockingSink`], or [`Sink`] if they await something. That takes one method:
//!
//! ```
//! use fapilog_core::{BlockingSink, Event, LoggerBuilder, SinkError};
//! use std::{io::Write, net::TcpStream};
//!
//! struct Collector(TcpStream);
//!
//! impl BlockingSink for Collector {
//!     fn name(&self) -> &str {
//!         "collector"
//!     }
//!
//!     fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
//!         writeln!(self.0, "{}", event.to_json()).map_err(SinkError::new)
//!     }
//! }
//! # fn run(stream: TcpStream) -> Result<(), fapilog_core::BuildError> {
//! let (log, pipeline) = LoggerBuilder::new().sink(Collector(stream)).build()?;
//! # drop((log, pipeline)); Ok(())
//! # }
//! ```
//!
//! # What is called when
//!
//! Each sink has a lane: a thread of its own, `fapilog-<name>`, and behind a [`Sink`] a tokio
//! runtime of its own. All its methods are called there, so a sink may be slow, spin or hang: it
//! harms neither requests nor other sinks.
//!
//! | order | call | how often | after an error or a panic |
//! |---|---|---|---|
//! | 1 | `start` | once | nothing is written: all events of this sink go where what it gives up goes, `sink_failed`; `flush` and `stop` are called all the same |
//! | 2 | `write_batch` | for one batch after the other, in the order of events; for several at once if [`Delivery::concurrency`] says so | see below; the next batch follows |
//! | 3 | `flush` | whenever somebody flushes, after all batches from before; and at shutdown, after all batches | the flush reports it, [`FlushOutcome::Failed`](crate::FlushOutcome::Failed); the next call follows |
//! | 4 | `stop` | once, last, also after a failed `start` | it is reported |
//!
//! `write_batch` has a default: it calls `write_serialized` for each event if `takes_serialized`
//! is true, else `write`. A sink that brings its own `write_batch` has no other call for events.
//!
//! At the deadline of a shutdown, a sink that is still busy is left behind with its thread, unless
//! its [`Delivery::timeout`] says that its future may be dropped: what it holds is counted as unknown,
//! what waits for it as dropped, `shutdown_deadline`, and `flush` is not called for it any more; `stop`
//! is, should it ever come back.
//!
//! # What becomes of the results
//!
//! | result | its events are counted as |
//! |---|---|
//! | `Ok` of `write`, `write_serialized`, `write_batch` | delivered |
//! | `Err`, or a panic, in `write` or `write_serialized` | for that one event, what the error's [`Action`](crate::Action) says |
//! | `Err(BatchError::some(…))` of an own `write_batch` | for the named ones, what the action of each says; all others delivered |
//! | `Err(BatchError::all(…))` of it | for all, what its action says |
//! | a panic in it | all unknown: how far it got nobody can tell |
//!
//! Say `Ok` only when the destination has confirmed: it is the promise that the books rest on.
//! Errors and panics are reported on stderr, each kind once, see
//! [`diagnostics`](crate::diagnostics). By the [`Action`](crate::Action), events are
//!
//! | action | what is done | if that does not help |
//! |---|---|---|
//! | `GiveUp`, and of all errors that do not say | nothing | `sink_failed` |
//! | `Retry`, `Throttle` | tried again, as often and as long as [`Retry`](crate::Retry) allows, at least so long after as the destination asks | `retries_exhausted` |
//! | `Split` | tried again in halves | the event that is refused alone: `refused` |
//! | `DeadLetter` | nothing | `refused` |
//! | `Pause` | all are held and tried again from time to time, until one is not told to pause | |
//! | `Disable` | the sink is not called any more | `sink_disabled` |
//!
//! What has waited for [`Delivery::max_age`] ends as `too_old`, and what is not delivered at the end
//! of the pipeline as `shutdown_deadline`. A shutdown cuts each pause short by one last attempt.
//!
//! What was **refused** becomes a dead letter if there is a file for these
//! ([`SinkOptions::dead_letters`], `core.sink_dead_letter_file`), else it goes to the fallback. What was
//! **given up** for any other reason goes to the fallback if there is one
//! ([`SinkOptions::fallback`], `core.sink_circuit_breaker_fallback_sink`), else it becomes a dead letter.
//! Without either it is dropped, and counted by its reason. Where there is somewhere to go, a shutdown
//! keeps the last fifth of its time for that.
//!
//! A [`CircuitBreaker`](crate::CircuitBreaker) ([`SinkOptions::circuit_breaker`],
//! `core.sink_circuit_breaker_enabled`) leaves a sink alone that keeps failing. Meanwhile its events go
//! to the fallback, `breaker_open`; without one they wait, as far as memory and `max_age` allow.
//!
//! # Delivery
//!
//! | | |
//! |---|---|
//! | order | that in which events happened, per sink, unless it takes several batches at once, or some events of a batch while others are tried again |
//! | duplicates | none, unless a sink asks for `Retry`: what was taken while the answer was lost is sent again, with the same [`Batch::id`](crate::Batch::id) |
//! | how many at a time | what has come since the last batch, at most 64 KiB of JSON, unless one event alone is longer; or as [`Delivery`] says |
//! | a slow sink | its [`Pressure`] decides: it drops at its share of the memory budget, `backlog_full`, or hands over to its fallback, or holds the pipeline back |
//! | memory | a batch is charged to the budget until its last clone is dropped |
//! | the end of the process | what `write_batch` has confirmed stays; what is in memory is lost if the process is killed |
//!
//! The figures of each sink stand in [`Stats::sinks`](crate::Stats::sinks). What a sink or its
//! runtime's threads log with fapilog is refused, `own_thread`: it would log about its own events
//! for ever.

mod console;
mod erased;
mod file;
#[cfg(feature = "http")]
mod http;
mod memory;
mod null;
mod options;
mod pretty;
mod stderr;
mod stdout;
#[cfg(feature = "webhook")]
mod webhook;

use std::future::{Future, ready};

use self::erased::contained;
#[cfg(feature = "http")]
pub(crate) use self::http::Trouble;
#[cfg(feature = "http")]
pub use self::http::{Http, HttpReply};
#[cfg(feature = "webhook")]
pub use self::webhook::{VerifyError, Webhook, WebhookVerifier};
pub(crate) use self::{
    console::Console,
    erased::{AnySink, attempt, attempt_blocking},
    file::append_in_private,
};
pub use self::{
    file::{FileHandle, RotatingFile, rotating_file},
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
    lane::{Batch, BatchError, Delivery},
};

/// One event as every sink writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SerializedView<'a> {
    /// One JSON object, without a line break.
    pub data: &'a [u8],
}

/// A destination that awaits something. The [module](self) tells what is called when, and what
/// becomes of each result.
///
/// # Cancel safety
///
/// Without a [`Delivery::timeout`] the futures need not be cancel safe: each is polled to its end,
/// unless the sink is left behind at the deadline of a shutdown; then it is neither polled nor dropped
/// until the thread comes back, if it does. With one, the future of `write_batch` is dropped after that
/// time, and at the deadline of a shutdown. A panic at any poll is contained, and the future dropped.
pub trait Sink: Send + Sync + 'static {
    /// Names the sink in the books, in reports and as part of its thread's name. Asked once, when
    /// it is added; two sinks of a pipeline must not have the same name.
    fn name(&self) -> &str;

    /// Whether the sink takes JSON bytes, through
    /// [`write_serialized`](Self::write_serialized), instead of [`Event`]s. Asked once, when it is
    /// added. Defaults to false.
    ///
    /// A pipeline whose sinks all say yes never builds events for them.
    fn takes_serialized(&self) -> bool {
        false
    }

    /// How batches are made for the sink, and what happens to those that it could not deliver. Asked
    /// once, when it is added. Defaults to [`Delivery::at_once`].
    fn delivery(&self) -> Delivery {
        Delivery::at_once()
    }

    /// Opens what the sink needs, before the first event. Does nothing by default.
    ///
    /// # Errors
    ///
    /// After an error, every event for this sink is given up, `sink_failed`.
    fn start(&self) -> impl Future<Output = Result<(), SinkError>> + Send {
        ready(Ok(()))
    }

    /// Delivers one event: `Ok` when the destination has it.
    ///
    /// # Errors
    ///
    /// After an error it is done with the event what the error says; the next one follows.
    fn write(&self, event: &Event<'static>) -> impl Future<Output = Result<(), SinkError>> + Send;

    /// Delivers one event as JSON. Called instead of [`write`](Self::write) if
    /// [`takes_serialized`](Self::takes_serialized) is true.
    ///
    /// # Errors
    ///
    /// As for `write`. The default always fails: a sink that takes bytes has to say how.
    fn write_serialized(
        &self,
        view: SerializedView<'_>,
    ) -> impl Future<Output = Result<(), SinkError>> + Send {
        let _ = view;
        ready(Err(forgotten()))
    }

    /// Delivers a batch, which is never empty. By default it delivers one event after the other.
    ///
    /// # Errors
    ///
    /// The error names the events that were not delivered, and what is to be done with them; all
    /// others count as delivered.
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
    ///
    /// # Errors
    ///
    /// The flush reports the error. The counts do not change: what was confirmed stays delivered.
    fn flush(&self) -> impl Future<Output = Result<(), SinkError>> + Send {
        ready(Ok(()))
    }

    /// Closes what [`start`](Self::start) opened; nothing is called after it. Does nothing by
    /// default.
    ///
    /// # Errors
    ///
    /// The error is reported, and changes no count.
    fn stop(&self) -> impl Future<Output = Result<(), SinkError>> + Send {
        ready(Ok(()))
    }
}

/// A destination that blocks its thread while it works. The [module](self) tells what is called
/// when, and what becomes of each result; the methods are those of [`Sink`], with `&mut self`.
pub trait BlockingSink: Send + 'static {
    /// See [`Sink::name`].
    fn name(&self) -> &str;

    /// See [`Sink::takes_serialized`].
    fn takes_serialized(&self) -> bool {
        false
    }

    /// See [`Sink::delivery`].
    fn delivery(&self) -> Delivery {
        Delivery::at_once()
    }

    /// See [`Sink::start`].
    ///
    /// # Errors
    ///
    /// After an error, every event for this sink is given up, `sink_failed`.
    fn start(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// See [`Sink::write`].
    ///
    /// # Errors
    ///
    /// After an error it is done with the event what the error says; the next one follows.
    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError>;

    /// See [`Sink::write_serialized`].
    ///
    /// # Errors
    ///
    /// As for `write`. The default always fails: a sink that takes bytes has to say how.
    fn write_serialized(&mut self, view: SerializedView<'_>) -> Result<(), SinkError> {
        let _ = view;
        Err(forgotten())
    }

    /// See [`Sink::write_batch`].
    ///
    /// # Errors
    ///
    /// The error names the events that were not delivered, and what is to be done with them; all
    /// others count as delivered.
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
    ///
    /// # Errors
    ///
    /// The flush reports the error. The counts do not change: what was confirmed stays delivered.
    fn flush(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// See [`Sink::stop`].
    ///
    /// # Errors
    ///
    /// The error is reported, and changes no count.
    fn stop(&mut self) -> Result<(), SinkError> {
        Ok(())
    }
}

fn forgotten() -> SinkError {
    SinkError::new("takes_serialized is true, but write_serialized is not implemented")
}
