//! A pipeline: its life from start to shutdown, and what it knows of itself.

mod admission;
mod control;
mod direct;
mod enrichers;
#[cfg(test)]
mod faults;
mod global;
mod intake;
mod keys;
mod ledger;
mod levels;
mod losses;
mod outbox;
mod pace;
mod panic_hook;
mod parts;
mod plan;
mod probe;
pub(crate) mod process;
mod report;
mod shared;
mod stage;
mod stages;
mod switches;
mod worker;

use std::{fmt, sync::Arc, thread, time::Duration};

pub(crate) use self::process::forks;
pub(crate) use self::{
    control::{Alive, FlushTicket},
    enrichers::NewEnricher,
    global::process_logger,
    intake::Intake,
    ledger::{Ledger, SinkLedger, add},
    losses::Losses,
    outbox::Outbox,
    pace::Pace,
    panic_hook::install_for as log_panics_to,
    parts::{Parts, WORKER},
    shared::Shared,
    stages::Stages,
    worker::{Hand, Worker},
};
pub use self::{
    global::{attach, pipeline},
    panic_hook::install_panic_hook,
    report::{
        DrainReport, FlushOutcome, FlushReport, SinkStats, StageKind, StageStats, Stats, Tally,
    },
};
pub use self::{ledger::LeftOut, process::exit_at_once};
use crate::{
    Logger,
    filter::LevelFilter,
    own,
    settings::{ENRICHERS, Settings},
};

/// How long a dropped [`Pipeline`] waits for its last events.
const DROP_PATIENCE: Duration = Duration::from_secs(1);

/// The owner of a running pipeline: it ends with this value, or before through
/// [`shutdown`](Self::shutdown).
///
/// Dropping it drains the pipeline too, but waits no longer than 1 s and has no report to give;
/// on fapilog's own threads it does not wait at all. Loggers may outlive it: what they log is
/// counted as refused, `after_shutdown`.
///
/// In a child that was forked, the pipeline does not run: calls are counted as refused, `forked`,
/// and flush, shutdown and drop return at once, leaving all events to the parent. The child may
/// start a pipeline of its own, also with [`attach`].
#[must_use = "the pipeline ends when this is dropped: keep it in a named variable (not `_`) and call `shutdown` at the end"]
pub struct Pipeline {
    shared: Arc<Shared>,
}

impl Pipeline {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// A logger of this pipeline, without a name.
    pub fn logger(&self) -> Logger {
        Logger::new(Arc::clone(&self.shared))
    }

    /// The books as they are now.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Changes which events the pipeline takes, from now on.
    pub fn set_level(&self, filter: impl Into<LevelFilter>) {
        self.shared.set_levels(filter.into());
    }

    /// Switches an enricher on: one of [`enrich`](crate::enrich), by its name in settings, or one of
    /// the builder's, by its own. False if there is none of this name.
    ///
    /// What is logged from now on has what it adds; so may have what still waits in the queue.
    pub fn enable_enricher(&self, name: &str) -> bool {
        self.switch_enricher(name, true)
    }

    /// Switches an enricher off, as [`enable_enricher`](Self::enable_enricher) switches it on.
    pub fn disable_enricher(&self, name: &str) -> bool {
        self.switch_enricher(name, false)
    }

    fn switch_enricher(&self, name: &str, on: bool) -> bool {
        let switches = &self.shared.switches;
        switches.set(name, on)
            || ENRICHERS
                .named(name)
                .is_ok_and(|name| switches.set(name, on))
    }

    /// The settings that it was built with. The level may have been changed since.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// How long a shutdown should be given, by the settings: 3 s by default.
    pub fn shutdown_timeout(&self) -> Duration {
        self.shared.shutdown_timeout
    }

    /// Completes when every event whose call has returned has reached its end in every sink, or
    /// when `deadline` has passed.
    ///
    /// In a sink or a stage, which would wait for itself, it is only asked for.
    ///
    /// # Cancel safety
    ///
    /// A dropped future gives up the report, not the flush.
    pub async fn flush(&self, deadline: Duration) -> FlushReport {
        let shared = Arc::clone(&self.shared);
        self.off_thread(move || shared.flush(deadline)).await
    }

    /// The same as [`flush`](Self::flush), for code that is not async. Blocks the thread.
    pub fn flush_blocking(&self, deadline: Duration) -> FlushReport {
        self.shared.flush(deadline)
    }

    /// Ends the pipeline: refuses new events, delivers those it has, flushes and stops the sinks.
    ///
    /// Whatever the sinks do, it completes by `deadline`, a few hundredths of a second aside.
    /// What is not delivered by then is counted: what waits as dropped, `shutdown_deadline`,
    /// what a sink holds as unknown. Threads that hang are left behind and named. May be called
    /// twice, and from several places at once: the first deadline holds, and all get its report.
    /// In a sink or a stage, which would wait for itself, the end is only asked for, and the report
    /// holds the books of that moment. (Those who come from Python know it as `drain`.)
    ///
    /// # Cancel safety
    ///
    /// A dropped future gives up the report, not the shutdown.
    pub async fn shutdown(&self, deadline: Duration) -> DrainReport {
        let shared = Arc::clone(&self.shared);
        self.off_thread(move || shared.shutdown(deadline)).await
    }

    /// The same as [`shutdown`](Self::shutdown), for code that is not async. Blocks the thread.
    pub fn shutdown_blocking(&self, deadline: Duration) -> DrainReport {
        self.shared.shutdown(deadline)
    }

    /// Awaits something that blocks, on whatever runtime, without holding up its thread.
    async fn off_thread<T: Send + 'static>(
        &self,
        run: impl FnOnce() -> T + Send + Clone + 'static,
    ) -> T {
        if own::is_own_thread() || self.shared.is_inherited() {
            // There it does not block.
            return run();
        }
        let (done, result) = tokio::sync::oneshot::channel();
        let blocking = run.clone();
        let spawned = thread::Builder::new()
            .name("fapilog-wait".to_owned())
            .spawn(move || drop(done.send(blocking())));
        match (spawned, result.await) {
            (Ok(_), Ok(report)) => report,
            // The system has no thread to give: better to hold this one up than to lose events.
            _ => run(),
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if self.shared.has_begun_to_end() {
            return;
        }
        self.shared.shutdown(DROP_PATIENCE);
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("id", &self.shared.id)
            .finish_non_exhaustive()
    }
}
