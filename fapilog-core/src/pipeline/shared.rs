//! What all handles of a pipeline share.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
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
};
use crate::{
    callsite::Callsite,
    diagnostics::{self, Diagnostics},
    filter::LevelFilter,
    lane::Backlog,
    own,
    queue::{Class, Permit, Queue, Refused, Room, Ticket},
    record::Limits,
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
    pub(crate) diagnostics: Diagnostics,
    /// How long a call waits for room.
    pub(crate) patience: Duration,
    /// It waits for ever.
    pub(crate) never_lose: bool,
    pub(crate) shutdown_timeout: Duration,
    /// How long the end of the process waits for the last events, if it does.
    pub(crate) exit_patience: Option<Duration>,
    pub(crate) limits: Limits,
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

/// How often a thread looks whether there is room for a record that is larger than a chunk.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// What follows when a record was not taken.
enum Next {
    /// There may be room by now.
    TryAgain,
    /// All is taken.
    WaitInLine,
    /// There is room, but not enough for this record, which must not be lost.
    LookAgain,
    GiveUp,
}

/// How long after the deadline a thread that is about to end is waited for.
const GRACE: Duration = Duration::from_millis(25);

impl Shared {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        static PIPELINES: AtomicU64 = AtomicU64::new(0);
        let id = PIPELINES.fetch_add(1, Ordering::Relaxed);
        let level_stamp = levels::register(id, &parts.levels);
        process::notice_forks();
        Arc::new(Self {
            id,
            forks: process::forks(),
            queue: parts.queue,
            control: parts.control,
            ledger: parts.ledger,
            backlogs: parts.backlogs,
            threads: parts.threads,
            diagnostics: parts.diagnostics,
            patience: parts.patience,
            never_lose: parts.never_lose,
            shutdown_timeout: parts.shutdown_timeout,
            exit_patience: parts.exit_patience,
            limits: parts.limits,
            requests: OnceLock::new(),
            levels: RwLock::new(parts.levels),
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
                let levels = self.levels.read().unwrap_or_else(PoisonError::into_inner);
                levels.enables(callsite.level(), callsite.target())
            }
        })
    }

    pub(crate) fn set_levels(&self, filter: LevelFilter) {
        if self.is_inherited() {
            return;
        }
        let mut levels = self.levels.write().unwrap_or_else(PoisonError::into_inner);
        let stamp = levels::register(self.id, &filter);
        *levels = filter;
        self.level_stamp.store(stamp, Ordering::Relaxed);
    }

    /// A ticket if there may be room for an event; else counts the refusal.
    #[inline]
    pub(crate) fn admit(&self, class: Class) -> Option<Ticket> {
        let is_open = self.queue.budget().admits(class) && !self.queue.is_closed();
        if is_open && !self.is_inherited() && !own::is_own_thread() {
            return Some(Ticket::default());
        }
        self.admit_late(class)
    }

    #[cold]
    fn admit_late(&self, class: Class) -> Option<Ticket> {
        let ticket = match self.refusal() {
            None => self.wait_for_room(class, None, self.deadline()),
            Some(_) => None,
        };
        self.or_refuse(ticket)
    }

    /// The same, without blocking the thread.
    pub(crate) async fn admit_async(&self, class: Class) -> Option<Ticket> {
        let ticket = match self.refusal() {
            None if self.queue.budget().admits(class) => Some(Ticket::default()),
            None => self.wait_async(class, None, self.deadline()).await,
            Some(_) => None,
        };
        self.or_refuse(ticket)
    }

    fn or_refuse(&self, ticket: Option<Ticket>) -> Option<Ticket> {
        if ticket.is_none() {
            self.refuse();
        }
        ticket
    }

    /// Why no call is admitted now, whatever room there is.
    fn refusal(&self) -> Option<&AtomicU64> {
        if self.is_inherited() {
            Some(&self.ledger.refused_forked)
        } else if own::is_own_thread() {
            // What handles events must not make more of them: there would be no end.
            Some(&self.ledger.refused_own_thread)
        } else if self.queue.is_closed() {
            Some(&self.ledger.refused_after_shutdown)
        } else {
            None
        }
    }

    /// Counts a refusal: for want of room, unless there is another reason by now.
    fn refuse(&self) {
        add(self.refusal().unwrap_or(&self.ledger.refused_full), 1);
    }

    /// Appends the record of a call that was admitted, or counts the refusal.
    pub(crate) fn append(&self, record: &[u8], class: Class, ticket: Ticket) {
        let mut deadline = None;
        loop {
            // The arguments may have forked.
            if self.is_inherited() {
                return self.refuse();
            }
            let Err(refused) = self.queue.append(record, class) else {
                return;
            };
            // Others may take the room that one has waited for: so wait again, until the deadline.
            let until = *deadline.get_or_insert_with(|| self.deadline());
            let again = match self.next(refused, record.len(), class, until) {
                Next::TryAgain => true,
                Next::WaitInLine => self.wait_for_room(class, Some(ticket), until).is_some(),
                Next::LookAgain => {
                    thread::sleep(LOOK_AGAIN);
                    true
                }
                Next::GiveUp => false,
            };
            if !again {
                return self.refuse();
            }
        }
    }

    /// The same, without blocking the thread.
    pub(crate) async fn append_async(&self, record: &[u8], class: Class, ticket: Ticket) {
        let mut deadline = None;
        loop {
            if self.is_inherited() {
                return self.refuse();
            }
            let Err(refused) = self.queue.append(record, class) else {
                return;
            };
            let until = *deadline.get_or_insert_with(|| self.deadline());
            let again = match self.next(refused, record.len(), class, until) {
                Next::TryAgain => true,
                Next::WaitInLine => {
                    let room = self.wait_async(class, Some(ticket), until);
                    room.await.is_some()
                }
                Next::LookAgain => {
                    tokio::task::yield_now().await;
                    true
                }
                Next::GiveUp => false,
            };
            if !again {
                return self.refuse();
            }
        }
    }

    /// Appends the record of a call that has a permit; only after the end it is refused.
    pub(crate) fn append_permitted(&self, record: &[u8], class: Class, permit: Permit) {
        // Like any other call, it may have been forked since it was admitted.
        if self.is_inherited() || self.queue.append_permitted(record, class, permit).is_err() {
            self.refuse();
        }
    }

    /// What follows when a record of so many bytes was not taken; it may wait `until` then.
    fn next(&self, refused: Refused, bytes: usize, class: Class, until: Option<Instant>) -> Next {
        let budget = self.queue.budget();
        if refused == Refused::Closed || !budget.can_hold(bytes, class) {
            Next::GiveUp
        } else if budget.shut(bytes, class) {
            Next::TryAgain
        } else if !budget.admits(class) {
            Next::WaitInLine
        } else if until.is_none() {
            Next::LookAgain
        } else {
            Next::GiveUp
        }
    }

    /// Until when a call waits for room; `None` if it waits for ever.
    fn deadline(&self) -> Option<Instant> {
        (!self.never_lose).then(|| Instant::now() + self.patience)
    }

    /// Waits as the overflow policy says. If events may be dropped, threads of a runtime, whose
    /// other tasks would wait with them, do not wait at all.
    fn wait_for_room(
        &self,
        class: Class,
        ticket: Option<Ticket>,
        deadline: Option<Instant>,
    ) -> Option<Ticket> {
        let may_wait = deadline.is_none()
            || (!self.patience.is_zero() && tokio::runtime::Handle::try_current().is_err());
        may_wait
            .then(|| self.queue.budget().wait(class, ticket, deadline))
            .flatten()
    }

    async fn wait_async(
        &self,
        class: Class,
        ticket: Option<Ticket>,
        deadline: Option<Instant>,
    ) -> Option<Ticket> {
        if deadline.is_some() && self.patience.is_zero() {
            return None;
        }
        Room::new(self.queue.budget(), class, ticket, deadline).await
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
        let flush = Flush::new(self.backlogs.len());
        self.control.flush(Arc::clone(&flush));
        self.queue.wake();
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
        if self.begins_to_end() {
            let report = self.drain(begun, begun + patience);
            *self.end() = End::Done(Box::new(report.clone()));
            self.ended.notify_all();
            return report;
        }
        let mut end = self.end();
        loop {
            if let End::Done(report) = &*end {
                return (**report).clone();
            }
            end = match self.ended.wait(end) {
                Ok(end) => end,
                Err(poisoned) => poisoned.into_inner(),
            };
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

    /// Whether the caller is the one to end the pipeline.
    fn begins_to_end(&self) -> bool {
        let mut end = self.end();
        let is_first = matches!(*end, End::NotYet);
        if is_first {
            *end = End::UnderWay;
        }
        is_first
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
        let wait = self
            .ended
            .wait_timeout_while(self.end(), patience, |end| matches!(end, End::UnderWay));
        drop(wait);
    }

    fn drain(&self, begun: Instant, deadline: Instant) -> DrainReport {
        // First for calls, so that none begins; the worker closes each shard under its lock.
        self.queue.refuse();
        self.control.close(deadline);
        self.queue.wake();
        let late = self.threads.wait(deadline, |_| true);
        if late.iter().any(|name| name == WORKER) {
            // It sees the deadline at its next tick, and still counts what it holds.
            self.queue.wake();
            self.threads.wait(deadline + GRACE, |name| name == WORKER);
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
        diagnostics::settle(GRACE);
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
        self.control.close(Instant::now() + patience);
        self.queue.wake();
    }

    pub(crate) fn has_begun_to_end(&self) -> bool {
        self.is_inherited() || !matches!(*self.end(), End::NotYet)
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
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
