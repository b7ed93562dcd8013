//! What a pipeline says about itself: [`Stats`] at any time, [`FlushReport`], [`DrainReport`].

use std::{
    borrow::Cow,
    fmt,
    process::{ExitCode, Termination},
    time::Duration,
};

/// Counts by reason, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(Vec<(Cow<'static, str>, u64)>);

impl Tally {
    /// The count of one reason; 0 if there is no such reason.
    pub fn get(&self, reason: &str) -> u64 {
        let entry = self.0.iter().find(|(name, _)| name == reason);
        entry.map_or(0, |(_, count)| *count)
    }

    /// All counts together.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Each reason and its count, also those that are 0.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (&**name, *count))
    }
}

impl FromIterator<(Cow<'static, str>, u64)> for Tally {
    fn from_iter<I: IntoIterator<Item = (Cow<'static, str>, u64)>>(counts: I) -> Self {
        Self(counts.into_iter().collect())
    }
}

/// The books of a pipeline at one moment.
///
/// They balance at any moment:
/// `submitted + generated = refused + filtered + dropped + unrouted + routed + queued`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that passed the level gate.
    pub submitted: u64,
    /// Events that fapilog made itself, such as the summary of losses.
    pub generated: u64,
    /// Turned away at the call: `queue_full`, `after_shutdown`, and `own_thread`: logged by a sink
    /// or stage, so that no pipeline feeds itself. In a child that was forked there is only
    /// `forked`: the pipeline, and all else in its books, stays with the parent.
    pub refused: Tally,
    /// Taken out by a filter, by its name.
    pub filtered: Tally,
    /// Lost in the worker: `redaction_failed`, `processor`, `shutdown_deadline`, and, which would
    /// be bugs of fapilog, `unreadable` and `worker_failed`.
    pub dropped: Tally,
    /// Kept, but no sink wanted them.
    pub unrouted: u64,
    /// Handed to at least one sink.
    pub routed: u64,
    /// On the way: in the queue or in the worker.
    pub queued: u64,
    /// The books of each sink.
    pub sinks: Vec<SinkStats>,
    /// Memory held by queued and encoded events now, in bytes.
    pub queue_bytes: usize,
    /// The most memory that was ever held, in bytes.
    pub queue_high_watermark: usize,
    /// Fields left out because another field of the same event has their key.
    pub shadowed_keys: u64,
    /// Events logged outside of any request's context while requests were open: tasks and threads
    /// that do not take the context along, see
    /// [`InCurrentContext`](crate::context::InCurrentContext), or work of the service's own.
    pub without_request: u64,
    /// Times the worker or the thread of a sink went on after a panic of its own: a bug in
    /// fapilog, please report it. No event is lost by that but, at most, the one that caused it.
    pub worker_restarts: u64,
    /// How each filter, enricher, redactor and processor fares, in the order in which they run.
    pub stages: Vec<StageStats>,
}

/// How a stage fares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StageStats {
    /// What it is.
    pub kind: StageKind,
    /// Its name.
    pub name: String,
    /// Times it failed or panicked.
    pub failed: u64,
    /// Events that went on without it, because it had failed ten times in a row. After every
    /// thousand of them it is tried again. Redactors are never passed over.
    pub passed_over: u64,
}

/// What a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageKind {
    /// A [`Filter`](crate::filter::Filter).
    Filter,
    /// An [`Enricher`](crate::enrich::Enricher).
    Enricher,
    /// A [`Redactor`](crate::redact::Redactor).
    Redactor,
    /// A [`Processor`](crate::process::Processor).
    Processor,
}

impl StageKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Enricher => "enricher",
            Self::Redactor => "redactor",
            Self::Processor => "processor",
        }
    }
}

/// The books of one sink:
/// `routed = delivered + dropped + dead_lettered + fell_back + unknown + pending`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkStats {
    /// The name of the sink.
    pub name: String,
    /// Handed to the lane of this sink.
    pub routed: u64,
    /// The sink confirmed them.
    pub delivered: u64,
    /// Lost: `backlog_full`, `sink_failed`, `retries_exhausted`, `too_old`, `refused`,
    /// `sink_disabled`, `breaker_open`, `shutdown_deadline`.
    pub dropped: Tally,
    /// Not delivered, and kept in the file of dead letters.
    pub dead_lettered: u64,
    /// Not delivered, and handed over to the fallback, whose books go on with them.
    pub fell_back: u64,
    /// Calls of the sink for a batch, those that failed among them.
    pub attempts: u64,
    /// Handed to the sink, and the outcome was never learnt.
    pub unknown: u64,
    /// Waiting, or in the sink's hands.
    pub pending: u64,
}

/// What came of a flush, sink by sink.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlushReport {
    /// One entry for each sink.
    pub sinks: Vec<(String, FlushOutcome)>,
}

impl FlushReport {
    /// Whether each sink has all events and has flushed them.
    pub fn is_complete(&self) -> bool {
        let mut outcomes = self.sinks.iter().map(|(_, outcome)| outcome);
        outcomes.all(|outcome| *outcome == FlushOutcome::Flushed)
    }
}

/// What came of a flush at one sink.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushOutcome {
    /// Each event from before the flush has reached its end there, and the sink has flushed.
    Flushed,
    /// The sink's own flush failed, with this text.
    Failed(String),
    /// The deadline came first.
    TimedOut,
}

/// What came of a shutdown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// The final books.
    pub stats: Stats,
    /// From the call of shutdown to its end.
    pub flush_latency: Duration,
    /// Whether the deadline came before all was done.
    pub timed_out: bool,
    /// Threads that did not end and were left behind, by name.
    pub stuck_threads: Vec<String>,
    /// The last thing that went wrong, and where.
    pub last_error: Option<String>,
}

impl DrainReport {
    /// 0 if each accepted event was delivered or filtered; 1 if one was dropped, has an unknown
    /// outcome, or is still pending. Events refused at the call do not count here: they stand in
    /// the summary.
    pub fn exit_code(&self) -> u8 {
        let stats = &self.stats;
        let sinks = stats.sinks.iter();
        let lost: u64 = sinks
            .map(|sink| sink.dropped.total() + sink.unknown + sink.pending)
            .sum();
        u8::from(lost + stats.dropped.total() + stats.queued > 0)
    }
}

impl Termination for DrainReport {
    /// Lets `main` return the report: the process ends with its [`exit_code`](Self::exit_code).
    fn report(self) -> ExitCode {
        ExitCode::from(self.exit_code())
    }
}

impl fmt::Display for DrainReport {
    /// One line: the totals, then what is not as it should be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stats = &self.stats;
        write!(
            f,
            "drained in {} ms: submitted {}",
            self.flush_latency.as_millis(),
            stats.submitted
        )?;
        if stats.generated > 0 {
            write!(f, ", generated {}", stats.generated)?;
        }
        for (word, tally) in [
            ("refused", &stats.refused),
            ("filtered", &stats.filtered),
            ("dropped", &stats.dropped),
        ] {
            for (reason, count) in tally.iter().filter(|(_, count)| *count > 0) {
                write!(f, ", {word} {count} ({reason})")?;
            }
        }
        if stats.unrouted > 0 {
            write!(f, ", unrouted {}", stats.unrouted)?;
        }
        for sink in &stats.sinks {
            write!(f, "; {}: delivered {}", sink.name, sink.delivered)?;
            for (reason, count) in sink.dropped.iter().filter(|(_, count)| *count > 0) {
                write!(f, ", dropped {count} ({reason})")?;
            }
            for (word, count) in [
                ("dead-lettered", sink.dead_lettered),
                ("fell back", sink.fell_back),
                ("unknown", sink.unknown),
            ] {
                if count > 0 {
                    write!(f, ", {word} {count}")?;
                }
            }
        }
        if self.timed_out {
            write!(f, "; the deadline came first")?;
        }
        if !self.stuck_threads.is_empty() {
            write!(f, "; left behind: {}", self.stuck_threads.join(", "))?;
        }
        match &self.last_error {
            Some(error) => write!(f, "; last error: {error}"),
            None => Ok(()),
        }
    }
}
