//! A lane carries encoded events to one sink, on a thread of its own.
//!
//! The thread has a private tokio runtime, so a sink that spins, blocks or hangs harms no other
//! sink and no request, and the application's runtime may be gone before the last events are. The
//! lane owns the batch, never the sink's future: whatever the future does, the events are counted.
//!
//! ```text
//! backlog -> gather -> parcels -> attempt -> landing -> delivered, again, in halves, or given up
//!                                                       given up -> fallback, dead letters, dropped
//! ```

mod attempt;
mod backlog;
mod batch;
mod batch_error;
mod block;
mod breaker;
mod circuit;
mod dead_letters;
mod delivery;
mod exit;
mod gather;
mod landing;
mod outcome;
mod parcel;
mod part;
mod piece;
mod retry;

use std::{
    future::{Future, poll_fn},
    ops::ControlFlow,
    pin::pin,
    sync::Arc,
    task::Poll,
    thread::{self, JoinHandle},
    time::Instant,
};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::sleep_until,
};

use self::{
    backlog::Task,
    circuit::Circuit,
    dead_letters::DeadLetters,
    gather::{Gather, Limits},
    landing::Landing,
    parcel::{Parcel, State},
};
pub(crate) use self::{
    backlog::{Backlog, Room},
    block::{Block, Builder},
    dead_letters::DeadLetterOffice,
    exit::{Exit, Reason},
};
pub use self::{
    batch::{Batch, BatchId},
    batch_error::BatchError,
    breaker::CircuitBreaker,
    delivery::Delivery,
    retry::Retry,
};
use crate::{
    diagnostics::{Diagnostics, Voice},
    error::SinkError,
    own, panics,
    pipeline::{Alive, FlushOutcome, Ledger},
    settings::CoreSettings,
    sink::AnySink,
};

/// Batches that are looked at together when all are given up.
const GIVEN_UP_AT_ONCE: usize = 64;

/// What an attempt of an async sink comes to.
type Attempt = Result<Result<(), BatchError>, SinkError>;

/// How a lane serves its sink.
pub(crate) struct Service {
    pub(crate) delivery: Delivery,
    pub(crate) breaker: Option<CircuitBreaker>,
    pub(crate) dead_letters: Option<DeadLetterOffice>,
}

/// The thread's side of a lane. What it has begun stands here, and must neither be lost nor done
/// twice, whatever happens meanwhile.
pub(crate) struct Lane {
    sink: AnySink,
    backlog: Arc<Backlog>,
    ledger: Arc<Ledger>,
    diagnostics: Diagnostics,
    delivery: Delivery,
    /// Batches that may be under way at once.
    seats: usize,
    circuit: Option<Circuit>,
    dead_letters: Option<DeadLetters>,
    /// Whether the sink could be started; `None` before that was tried.
    started: Option<bool>,
    stopped: bool,
    /// Since its last batch, while others may still hand over theirs.
    has_flushed: bool,
    /// The destination wants nothing more.
    is_disabled: bool,
    /// Nothing is tried before, until one is not told to pause.
    paused_until: Option<Instant>,
    /// The breaker has let one in because the pipeline ends.
    has_probed: bool,
    gather: Gather,
    /// In order.
    parcels: Vec<Parcel>,
    attempts: JoinSet<Attempt>,
    /// A flush or the end, for which all that came before has to be over.
    order: Option<Task>,
}

impl Lane {
    pub(crate) fn new(
        sink: AnySink,
        backlog: Arc<Backlog>,
        ledger: Arc<Ledger>,
        diagnostics: Diagnostics,
        service: Service,
        core: &CoreSettings,
    ) -> Self {
        let Service {
            delivery,
            breaker,
            dead_letters,
        } = service;
        let seats = match sink {
            AnySink::Async(_) => delivery.concurrency.unwrap_or(core.sink_concurrency),
            AnySink::Blocking(_) => 1,
        };
        Self {
            sink,
            backlog,
            ledger,
            diagnostics,
            gather: Gather::new(Limits::new(&delivery, core)),
            delivery,
            seats,
            circuit: breaker.map(|options| Circuit::new(options, Instant::now)),
            dead_letters: dead_letters.map(DeadLetters::new),
            started: None,
            stopped: false,
            has_flushed: false,
            is_disabled: false,
            paused_until: None,
            has_probed: false,
            parcels: Vec::new(),
            attempts: JoinSet::new(),
            order: None,
        }
    }

    /// Starts the thread. It ends when the backlog says so, and `alive` with it. A panic of its
    /// own, which would be a bug, ends neither the work nor what it had in hand.
    pub(crate) fn spawn(mut self, alive: Alive) -> std::io::Result<JoinHandle<()>> {
        let runtime = self.sink.runtime()?;
        let name = format!("fapilog-{}", self.backlog.ledger.name);
        thread::Builder::new().name(name).spawn(move || {
            own::mark_thread();
            Voice::give_thread(&self.diagnostics, &self.backlog.ledger.name);
            while let Err(panic) = panics::caught(|| runtime.block_on(self.run())) {
                drop(panics::region(|| self.say(&format!("went on: {panic}"))));
                thread::sleep(self.ledger.restart());
            }
            // A sink may have left tasks behind: they end with the runtime, before the lane does.
            panics::drop_contained(runtime);
            panics::drop_contained(self.sink);
            drop(alive);
        })
    }

    async fn run(&mut self) {
        if self.started.is_none() {
            let result = self.sink.start().await;
            self.started = Some(result.is_ok());
            self.report("start", &result);
        }
        while self.turn().await.is_continue() {}
    }

    /// Does what can be done now, and waits if that is nothing.
    async fn turn(&mut self) -> ControlFlow<()> {
        if self.backlog.is_abandoned() {
            return self.leave_off().await;
        }
        let loaded = self.load();
        let (moved, wake) = self.advance();
        if loaded || moved {
            return ControlFlow::Continue(());
        }
        if self.order.is_some() && self.is_idle() {
            return self.obey().await;
        }
        if self.is_idle() && !self.has_flushed && self.backlog.awaits_others() {
            // They may hang, and this sink is not to suffer for that.
            let flushed = self.sink.flush().await;
            self.report("flush", &flushed);
            self.has_flushed = true;
            return ControlFlow::Continue(());
        }
        let due = self.gather.due().filter(|_| self.has_seat());
        let gives_up_at = self.gives_up_at().filter(|at| *at > Instant::now());
        let wake = wake.into_iter().chain(due).chain(gives_up_at);
        self.wait(wake.min()).await;
        ControlFlow::Continue(())
    }

    /// Whether there is nothing left to be delivered.
    fn is_idle(&self) -> bool {
        self.parcels.is_empty() && self.gather.is_empty()
    }

    /// Takes what the backlog has, and makes batches of it, while there are seats. A spool would stand
    /// here: between what has come and what is tried.
    fn load(&mut self) -> bool {
        let mut has_loaded = false;
        while self.has_seat() {
            self.drop_late_flush();
            let is_due = self.gather.due().is_some_and(|due| due <= Instant::now());
            let parcel = match is_due || self.order.is_some() {
                true => self.gather.cut(&self.delivery),
                false => None,
            };
            if let Some(parcel) = parcel {
                self.parcels.push(parcel);
                (has_loaded, self.has_flushed) = (true, false);
                continue;
            }
            if self.order.is_some() {
                break;
            }
            match self.backlog.take() {
                Some(Task::Deliver(piece)) => self.gather.put(piece),
                Some(order) => self.order = Some(order),
                None if !self.gather.is_empty() && self.backlog.is_urgent() => {
                    self.parcels.extend(self.gather.cut(&self.delivery));
                    (has_loaded, self.has_flushed) = (true, false);
                }
                None => break,
            }
        }
        has_loaded
    }

    fn has_seat(&self) -> bool {
        let more = match self.is_giving_up(Instant::now()) {
            true => GIVEN_UP_AT_ONCE,
            false => 0,
        };
        self.parcels.len() < self.seats + more
    }

    /// When all is given up, a flush must not keep what came after it from where it goes.
    fn drop_late_flush(&mut self) {
        if let Some(Task::Flush(ticket)) = &self.order
            && self.is_giving_up(Instant::now())
        {
            ticket.answer(FlushOutcome::Failed("the pipeline ended".to_owned()));
            self.order = None;
        }
    }

    /// Whether what is left has to go where the end of the pipeline finds it: while there is time.
    fn is_giving_up(&self, now: Instant) -> bool {
        self.gives_up_at().is_some_and(|at| now >= at)
    }

    fn gives_up_at(&self) -> Option<Instant> {
        let closing = self.backlog.closing()?;
        let goes_somewhere = self.dead_letters.is_some() || self.backlog.has_fallback();
        let time = closing.deadline.saturating_duration_since(closing.begun);
        // What others give up has to find somebody who still takes it.
        let rest = if closing.is_fed { time / 20 } else { time / 5 };
        goes_somewhere.then(|| closing.deadline - rest)
    }

    /// Does what was asked for, now that all that came before is over.
    async fn obey(&mut self) -> ControlFlow<()> {
        if let Some(Task::Stop) = self.order {
            self.stop().await;
            return ControlFlow::Break(());
        }
        let flushed = self.sink.flush().await;
        self.report("flush", &flushed);
        if let Some(Task::Flush(ticket)) = &self.order {
            match flushed {
                // What fell back is to be there, too.
                Ok(()) if self.backlog.has_fallback() => self.backlog.pass_on(ticket.clone()),
                Ok(()) => ticket.answer(FlushOutcome::Flushed),
                Err(error) => ticket.answer(FlushOutcome::Failed(error.to_string())),
            }
        }
        self.order = None;
        ControlFlow::Continue(())
    }

    /// Waits until something comes, an attempt is over, or the time has come.
    async fn wait(&mut self, wake: Option<Instant>) {
        let backlog = Arc::clone(&self.backlog);
        let mut arrived = pin!(backlog.arrived());
        let mut timer = pin!(wake.map(|at| sleep_until(at.into())));
        let over = poll_fn(|cx| {
            if let Poll::Ready(Some(over)) = self.attempts.poll_join_next_with_id(cx) {
                return Poll::Ready(Some(over));
            }
            let has_come = arrived.as_mut().poll(cx).is_ready();
            let timer = timer.as_mut().as_pin_mut();
            match has_come || timer.is_some_and(|timer| timer.poll(cx).is_ready()) {
                true => Poll::Ready(None),
                false => Poll::Pending,
            }
        });
        if let Some(over) = over.await {
            self.land(over);
        }
    }

    /// Keeps what came of an attempt until there is time for it.
    fn land(&mut self, over: Result<(Id, Attempt), JoinError>) {
        let (id, landing) = match over {
            Ok((id, Ok(written))) => (id, Landing::Written(written)),
            Ok((id, Err(panicked))) => (id, Landing::Panicked(panicked.to_string())),
            Err(error) => (error.id(), Landing::Panicked(error.to_string())),
        };
        let mut parcels = self.parcels.iter_mut();
        let found = parcels.find(|it| matches!(it.state, State::Trying(its) if its == id));
        if let Some(parcel) = found {
            parcel.state = landing.into();
        }
    }

    /// The books are closed: what cannot be cut short is waited for, and the sink stopped.
    async fn leave_off(&mut self) -> ControlFlow<()> {
        if self.delivery.timeout.is_some() {
            self.attempts.abort_all();
        }
        while self.attempts.join_next().await.is_some() {}
        self.parcels.clear();
        self.stop().await;
        ControlFlow::Break(())
    }

    async fn stop(&mut self) {
        if self.stopped {
            return;
        }
        self.backlog.let_fallback_end();
        self.stopped = true;
        if !self.backlog.is_abandoned() {
            let flushed = self.sink.flush().await;
            self.report("flush", &flushed);
        }
        let stopped = self.sink.stop().await;
        self.report("stop", &stopped);
    }

    fn report(&self, act: &str, result: &Result<(), SinkError>) {
        if let Err(error) = result {
            self.say(&format!("{act} failed: {error}"));
        }
    }

    fn say(&self, text: &str) {
        let name = &self.backlog.ledger.name;
        self.diagnostics.report("sink", &format!("{name} {text}"));
    }
}
