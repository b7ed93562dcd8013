//! The books: every event is counted once at each place where its way may end.
//!
//! ```text
//! submitted + generated = refused + filtered + dropped + unrouted + routed + queued
//! routed to a sink      = delivered + dropped + dead_lettered + fell_back + unknown + pending
//! ```
//!
//! Outcomes are counted; `submitted`, `queued` and `pending` follow from them. A snapshot reads
//! outcomes before their sources, so that no count in it is ever negative.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use super::{
    report::{SinkStats, StageKind, Stats, Tally},
    stage::StageLedger,
};
use crate::{
    lane::{Exit, Reason},
    queue::Queue,
};

/// Counts of one pipeline.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) refused_full: AtomicU64,
    pub(crate) refused_after_shutdown: AtomicU64,
    pub(crate) refused_own_thread: AtomicU64,
    pub(crate) refused_forked: AtomicU64,
    pub(crate) generated: AtomicU64,
    pub(crate) filtered: Vec<(String, AtomicU64)>,
    /// Filtered before the call: requests that are not logged.
    pub(crate) left_out: [AtomicU64; LeftOut::COUNT],
    pub(crate) redaction_failed: AtomicU64,
    pub(crate) processor_dropped: AtomicU64,
    pub(crate) unreadable: AtomicU64,
    pub(crate) abandoned: AtomicU64,
    pub(crate) unrouted: AtomicU64,
    pub(crate) routed: AtomicU64,
    pub(crate) shadowed_keys: AtomicU64,
    pub(crate) without_request: AtomicU64,
    pub(crate) worker_restarts: AtomicU64,
    pub(crate) worker_failed: AtomicU64,
    stages: Vec<Arc<StageLedger>>,
    pub(crate) sinks: Vec<Arc<SinkLedger>>,
}

/// Why a request is not logged that nobody refuses.
#[derive(Clone, Copy, Debug)]
pub enum LeftOut {
    /// Its path is one of those to skip.
    Skipped,
    /// It is not in the sample.
    Sampled,
}

impl LeftOut {
    const COUNT: usize = 2;
    /// By what settings.
    const NAMES: [&str; Self::COUNT] = ["skip_paths", "sample_rate"];
}

/// Counts of one sink.
#[derive(Debug, Default)]
pub(crate) struct SinkLedger {
    pub(crate) name: String,
    pub(crate) routed: AtomicU64,
    pub(crate) delivered: AtomicU64,
    pub(crate) dropped_backlog: AtomicU64,
    dropped_failed: AtomicU64,
    dropped_retries: AtomicU64,
    dropped_old: AtomicU64,
    dropped_refused: AtomicU64,
    dropped_disabled: AtomicU64,
    dropped_breaker: AtomicU64,
    pub(crate) dropped_shutdown: AtomicU64,
    dead_lettered: AtomicU64,
    fell_back: AtomicU64,
    pub(crate) unknown: AtomicU64,
    pub(crate) attempts: AtomicU64,
}

impl Ledger {
    pub(crate) fn new(stages: Vec<Arc<StageLedger>>, sinks: Vec<Arc<SinkLedger>>) -> Self {
        let filters = stages.iter().filter(|it| it.kind == StageKind::Filter);
        Self {
            filtered: filters
                .map(|it| (it.name.clone(), AtomicU64::new(0)))
                .collect(),
            stages,
            sinks,
            ..Self::default()
        }
    }

    /// Counts that a thread of ours goes on after a panic of its own; returns how long it should
    /// rest before it does: the longer, the more often it happens, lest it do nothing else.
    pub(crate) fn restart(&self) -> Duration {
        let restarts = self.worker_restarts.fetch_add(1, Relaxed) + 1;
        Duration::from_millis(restarts.min(1000))
    }

    /// Events lost so far, for whatever reason; filtered ones are not lost.
    pub(crate) fn lost(&self) -> u64 {
        let sinks = self
            .sinks
            .iter()
            .map(|sink| sink.dropped_backlog.load(Relaxed));
        self.refused_full.load(Relaxed) + sinks.sum::<u64>()
    }

    /// The books of a forked child: all that is in them otherwise is its parent's.
    pub(crate) fn of_child(&self) -> Stats {
        let forked = self.refused_forked.load(Relaxed);
        Stats {
            submitted: forked,
            refused: Tally::from_iter([("forked".into(), forked)]),
            ..Stats::default()
        }
    }

    pub(crate) fn snapshot(&self, queue: &Queue) -> Stats {
        let sinks: Vec<SinkStats> = self.sinks.iter().map(|sink| sink.snapshot()).collect();
        let routed = self.routed.load(Relaxed);
        let unrouted = self.unrouted.load(Relaxed);
        let counts = LeftOut::NAMES.into_iter().zip(&self.left_out);
        let left_out: Vec<(Cow<'static, str>, u64)> = counts
            .map(|(name, count)| (name.into(), count.load(Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let by_filter = self.filtered.iter();
        let by_filter = by_filter.map(|(name, count)| (name.clone().into(), count.load(Relaxed)));
        let dropped = Tally::from_iter([
            (
                "redaction_failed".into(),
                self.redaction_failed.load(Relaxed),
            ),
            ("processor".into(), self.processor_dropped.load(Relaxed)),
            ("unreadable".into(), self.unreadable.load(Relaxed)),
            ("worker_failed".into(), self.worker_failed.load(Relaxed)),
            ("shutdown_deadline".into(), self.abandoned.load(Relaxed)),
        ]);
        let left_out_total: u64 = left_out.iter().map(|(_, count)| count).sum();
        let filtered: Tally = by_filter.chain(left_out).collect();
        // What never came to the queue has not ended there.
        let by_filters = filtered.total() - left_out_total;
        let ended = routed + unrouted + by_filters + dropped.total();
        let generated = self.generated.load(Relaxed);
        let accepted = queue.accepted();
        let refused = Tally::from_iter([
            ("queue_full".into(), self.refused_full.load(Relaxed)),
            (
                "after_shutdown".into(),
                self.refused_after_shutdown.load(Relaxed),
            ),
            ("own_thread".into(), self.refused_own_thread.load(Relaxed)),
        ]);
        Stats {
            submitted: accepted + refused.total() + left_out_total,
            generated,
            queued: (accepted + generated).saturating_sub(ended),
            refused,
            filtered,
            dropped,
            unrouted,
            routed,
            sinks,
            queue_bytes: queue.budget().used(),
            queue_high_watermark: queue.budget().high_watermark(),
            without_request: self.without_request.load(Relaxed),
            shadowed_keys: self.shadowed_keys.load(Relaxed),
            worker_restarts: self.worker_restarts.load(Relaxed),
            stages: self.stages.iter().map(|it| it.snapshot()).collect(),
        }
    }
}

impl SinkLedger {
    pub(crate) fn new(name: &str) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            ..Self::default()
        })
    }

    /// Where events are counted that ended so.
    pub(crate) fn of(&self, exit: Exit) -> &AtomicU64 {
        match exit {
            Exit::Delivered => &self.delivered,
            Exit::Unknown => &self.unknown,
            Exit::FellBack => &self.fell_back,
            Exit::DeadLettered => &self.dead_lettered,
            Exit::Dropped(reason) => match reason {
                Reason::Failed => &self.dropped_failed,
                Reason::RetriesExhausted => &self.dropped_retries,
                Reason::TooOld => &self.dropped_old,
                Reason::Refused => &self.dropped_refused,
                Reason::Disabled => &self.dropped_disabled,
                Reason::BreakerOpen => &self.dropped_breaker,
                Reason::Shutdown => &self.dropped_shutdown,
            },
        }
    }

    /// Where those are counted for which there was no room.
    pub(crate) fn of_overflow(&self, fell_back: bool) -> &AtomicU64 {
        match fell_back {
            true => &self.fell_back,
            false => &self.dropped_backlog,
        }
    }

    fn snapshot(&self) -> SinkStats {
        let read = |count: &AtomicU64| count.load(Relaxed);
        let delivered = read(&self.delivered);
        let unknown = read(&self.unknown);
        let dead_lettered = read(&self.dead_lettered);
        let fell_back = read(&self.fell_back);
        let reasons = [
            Reason::Failed,
            Reason::RetriesExhausted,
            Reason::TooOld,
            Reason::Refused,
            Reason::Disabled,
            Reason::BreakerOpen,
            Reason::Shutdown,
        ];
        let by_reason = reasons.map(|reason| {
            let count = read(self.of(Exit::Dropped(reason)));
            (reason.as_str().into(), count)
        });
        let overflow = ("backlog_full".into(), read(&self.dropped_backlog));
        let dropped = Tally::from_iter(std::iter::once(overflow).chain(by_reason));
        let ended = delivered + unknown + dead_lettered + fell_back + dropped.total();
        let routed = read(&self.routed);
        SinkStats {
            name: self.name.clone(),
            routed,
            delivered,
            unknown,
            dead_lettered,
            fell_back,
            attempts: read(&self.attempts),
            pending: routed.saturating_sub(ended),
            dropped,
        }
    }
}

/// Adds to a count.
pub(crate) fn add(count: &AtomicU64, events: u64) {
    count.fetch_add(events, Relaxed);
}
