//! What all handles of a pipeline share.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    control::{Control, Flush, Threads},
    ledger::{Ledger, add},
    levels,
    parts::{Parts, WORKER},
    probe::Probe,
    process::{self, FORKED},
    report::{DrainReport, FlushOutcome, FlushReport, Stats},
    switches::Switches,
};
use crate::{
    callsite::Callsite,
    clock,
    diagnostics::Diagnostics,
    filter::LevelFilter,
    lane::Backlog,
    level::ProtectedLevels,
    own,
    queue::Queue,
    record::{FieldBlock, Limits},
    settings::{CoreSettings, Settings},
    sync::{self, unpoisoned},
    value::json,
};

/// The heart of a pipeline. It outlives the shutdown as long as a logger is left, to count what
/// comes too late.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) id: u64,
    /// See [`process::forks`].
    forks: u32,
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Arc<Control>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) backlogs: Vec<Arc<Backlog>>,
    pub(crate) threads: Arc<Threads>,
    pub(crate) switches: Arc<Switches>,
    pub(crate) diagnostics: Diagnostics,
    /// How long a call waits for room.
    pub(crate) patience: Duration,
    /// It waits for ever.
    pub(crate) never_lose: bool,
    /// Whose events may use the reserve.
    pub(crate) protected: ProtectedLevels,
    pub(crate) flushes_on_critical: bool,
    pub(crate) shutdown_timeout: Duration,
    /// How long the end of the process waits for the last events, if it does.
    pub(crate) exit_patience: Option<Duration>,
    pub(crate) limits: Limits,
    /// What it was built with.
    pub(crate) settings: Settings,
    /// Fields of every event, if there are any.
    pub(crate) bound: Option<Arc<FieldBlock>>,
    /// Whether requests are open, if a web layer logs here.
    requests: OnceLock<Box<dyn Probe>>,
    levels: RwLock<LevelFilter>,
    /// Unique to the current level filter of this pipeline; see [`Callsite::verdict`].
    level_stamp: AtomicU64,
    end: Mutex<End>,
    ended: Condvar,
}

#[derive(Debug, Default)]
enum End {
    #[default]
    NotYet,
    UnderWay,
    Done(Box<DrainReport>),
}

/// How long after the deadline a thread that is about to end is waited for.
const GRACE: Duration = Duration::from_millis(25);
/// The same for the worker, without which the books do not balance.
const WORKER_GRACE: Duration = Duration::from_millis(75);

/// The fields of every event.
fn bound(core: &CoreSettings) -> Option<Arc<FieldBlock>> {
    let mut bound = FieldBlock::new();
    let fields = core.default_bound_context.iter();
    bound.extend(
        &core.limits(),
        fields.map(|(key, value)| (key, json(value))),
    );
    (!core.default_bound_context.is_empty()).then(|| Arc::new(bound))
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        static PIPELINES: AtomicU64 = AtomicU64::new(0);
        let id = PIPELINES.fetch_add(1, Ordering::Relaxed);
        let settings = parts.settings;
        let core = &settings.core;
        let level_stamp = levels::register(id, &core.log_level);
        process::notice_forks();
        Arc::new(Self {
            id,
            forks: process::forks(),
            queue: parts.queue,
            control: parts.control,
            ledger: parts.ledger,
            backlogs: parts.backlogs,
            threads: parts.threads,
            switches: parts.switches,
            diagnostics: parts.diagnostics,
            patience: core.backpressure_wait,
            never_lose: !core.drop_on_full,
            protected: ProtectedLevels::new(&core.protected_levels),
            flushes_on_critical: core.flush_on_critical,
            shutdown_timeout: core.shutdown_timeout,
            exit_patience: core
                .atexit_drain_enabled
                .then_some(core.atexit_drain_timeout),
            limits: core.limits(),
            levels: RwLock::new(core.log_level.clone()),
            bound: bound(core),
            settings,
            requests: OnceLock::new(),
            level_stamp: AtomicU64::new(level_stamp),
            end: Mutex::default(),
            ended: Condvar::new(),
        })
    }

    /// From now on, counts events outside of a request while this says that some are open.
    pub(crate) fn watch_requests(&self, are_open: Box<dyn Probe>) {
        // All layers of a pipeline share one registry: the first to say so will do.
        let _ = self.requests.set(are_open);
    }

    /// Counts an event that is logged outside of a request.
    #[inline]
    pub(crate) fn outside_of_requests(&self) {
        let requests = self.requests.get();
        if requests.is_some_and(|are_open| !self.is_inherited() && are_open()) {
            add(&self.ledger.without_request, 1);
        }
    }

    /// Whether this is a copy in a forked child: its threads do not exist here, and its locks may
    /// be locked for ever.
    #[inline]
    pub(crate) fn is_inherited(&self) -> bool {
        process::forks() != self.forks
    }

    /// Whether events of this call site are wanted.
    #[inline]
    pub(crate) fn wants(&self, callsite: &Callsite) -> bool {
        let stamp = self.level_stamp.load(Ordering::Relaxed);
        callsite.verdict(stamp, || {
            // In a child, all that matters is that the call comes to an end: it is refused.
            self.is_inherited() || {
                let levels = unpoisoned(self.levels.read());
                levels.enables(callsite.level(), callsite.target())
            }
        })
    }

    pub(crate) fn set_levels(&self, filter: LevelFilter) {
        if self.is_inherited() {
            return;
        }
        let mut levels = unpoisoned(self.levels.write());
        let stamp = levels::register(self.id, &filter);
        *levels = filter;
        self.level_stamp.store(stamp, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        if self.is_inherited() {
            return self.ledger.of_child();
        }
        self.ledger.snapshot(&self.queue)
    }

    /// Blocks until each sink has all events from before, or until the patience ends. On our own
    /// threads, which would wait for themselves, it is only asked for.
    pub(crate) fn flush(&self, patience: Duration) -> FlushReport {
        if self.is_inherited() {
            return self.outcomes(std::iter::repeat_n(
                FlushOutcome::Failed(FORKED.to_owned()),
                self.backlogs.len(),
            ));
        }
        let flush = self.ask_for_flush();
        let ended = self.has_begun_to_end();
        let at_once = ended || own::is_own_thread();
        let outcomes = flush.wait(if at_once { Duration::ZERO } else { patience });
        let outcomes = outcomes.into_iter().map(|outcome| match outcome {
            FlushOutcome::TimedOut if ended => {
                FlushOutcome::Failed("the pipeline has been shut down".to_owned())
            }
            other => other,
        });
        self.outcomes(outcomes)
    }

    /// Asks for a flush of all events from before.
    #[cold]
    pub(crate) fn ask_for_flush(&self) -> Arc<Flush> {
        let flush = Flush::new(self.backlogs.len());
        self.control.flush(Arc::clone(&flush));
        self.queue.wake();
        flush
    }

    fn outcomes(&self, outcomes: impl Iterator<Item = FlushOutcome>) -> FlushReport {
        let ledgers = self.backlogs.iter().map(|backlog| &backlog.ledger);
        let names = ledgers.map(|ledger| ledger.name.clone());
        FlushReport {
            sinks: names.zip(outcomes).collect(),
        }
    }

    /// Blocks until the pipeline has ended. The first caller's deadline holds; all get the same
    /// report. On our own threads, which would wait for themselves, the end is only asked for.
    pub(crate) fn shutdown(&self, patience: Duration) -> DrainReport {
        if self.is_inherited() {
            return self.report_at_once(FORKED);
        }
        if own::is_own_thread() {
            self.close(patience);
            return self.report_at_once("shutdown was called on a thread of fapilog: not awaited");
        }
        let begun = Instant::now();
        if let Some(report) = self.others_report() {
            return report;
        }
        let _ending = Ending(self);
        let report = self.drain(begun, clock::deadline(patience));
        *self.end() = End::Done(Box::new(report.clone()));
        report
    }

    /// Waits for the report of whoever ends the pipeline; `None` if that is the caller.
    fn others_report(&self) -> Option<DrainReport> {
        let mut end = self.end();
        loop {
            end = match &*end {
                End::Done(report) => return Some((**report).clone()),
                End::UnderWay => unpoisoned(self.ended.wait(end)),
                End::NotYet => {
                    *end = End::UnderWay;
                    return None;
                }
            }
        }
    }

    fn report_at_once(&self, reason: &str) -> DrainReport {
        DrainReport {
            stats: self.stats(),
            flush_latency: Duration::ZERO,
            timed_out: false,
            stuck_threads: Vec::new(),
            last_error: Some(reason.to_owned()),
        }
    }

    /// Ends the pipeline because the process ends, or lets an end that is under way come to its
    /// end. Our own threads cannot wait for themselves: there, the process ends at once.
    pub(crate) fn end_with_process(&self) {
        let Some(patience) = self.exit_patience else {
            return;
        };
        if self.is_inherited() || own::is_own_thread() {
            return;
        }
        if !self.has_begun_to_end() {
            self.shutdown(patience);
            return;
        }
        let deadline = clock::deadline(patience);
        drop(sync::wait_while(&self.ended, self.end(), deadline, |end| {
            matches!(end, End::UnderWay)
        }));
    }

    fn drain(&self, begun: Instant, deadline: Instant) -> DrainReport {
        // First for calls, so that none begins; the worker closes each shard under its lock.
        self.queue.refuse();
        self.close_lanes(deadline);
        self.control.close(deadline);
        self.queue.wake();
        let late = self.threads.wait(deadline, |_| true);
        if late.iter().any(|name| name == WORKER) {
            // It sees the deadline after the event in its hands, and still counts what it holds.
            self.queue.wake();
            self.threads
                .wait(deadline + WORKER_GRACE, |name| name == WORKER);
        }
        for backlog in &self.backlogs {
            backlog.abandon();
        }
        let stuck_threads = if late.is_empty() {
            late
        } else {
            self.threads.wait(Instant::now() + GRACE, |_| true)
        };
        let stats = self.stats();
        self.diagnostics.settle(GRACE);
        DrainReport {
            timed_out: Instant::now() >= deadline,
            flush_latency: begun.elapsed(),
            stuck_threads,
            last_error: self.diagnostics.last(),
            stats,
        }
    }

    /// Asks for the end without waiting for it.
    pub(crate) fn close(&self, patience: Duration) {
        if self.is_inherited() {
            return;
        }
        self.queue.refuse();
        let deadline = clock::deadline(patience);
        self.close_lanes(deadline);
        self.control.close(deadline);
        self.queue.wake();
    }

    /// Lets lanes know that nothing waits any more for better times.
    fn close_lanes(&self, deadline: Instant) {
        for backlog in &self.backlogs {
            backlog.close(deadline);
        }
    }

    pub(crate) fn has_begun_to_end(&self) -> bool {
        self.is_inherited() || !matches!(*self.end(), End::NotYet)
    }

    fn end(&self) -> MutexGuard<'_, End> {
        unpoisoned(self.end.lock())
    }
}

/// Tells those who wait that the end has come; or, after a panic, leaves it to the next of them.
struct Ending<'a>(&'a Shared);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let mut end = self.0.end();
        if matches!(*end, End::UnderWay) {
            *end = End::NotYet;
        }
        drop(end);
        self.0.ended.notify_all();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Whoever held the lock at the fork holds it for ever.
        if !self.is_inherited() {
            levels::unregister(self.id);
        }
    }
}
