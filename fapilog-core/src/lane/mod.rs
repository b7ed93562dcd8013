//! A lane carries encoded events to one sink, on a thread of its own.
//!
//! The thread has a private tokio runtime, so a sink that spins, blocks or hangs harms no other
//! sink and no request, and the application's runtime may be gone before the last events are. The
//! lane owns the batch, never the sink's future: whatever the future does, the events are counted.

mod backlog;
mod batch;
mod batch_error;
mod block;
mod breaker;
mod delivery;
mod part;
mod retry;

use std::{
    ops::ControlFlow,
    sync::Arc,
    thread::{self, JoinHandle},
};

use self::backlog::{Outcome, Task};
pub(crate) use self::{
    backlog::Backlog,
    block::{Block, Builder},
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
    sink::AnySink,
};

/// The thread's side of a lane.
pub(crate) struct Lane {
    sink: AnySink,
    backlog: Arc<Backlog>,
    ledger: Arc<Ledger>,
    diagnostics: Diagnostics,
    /// Whether the sink could be started; `None` before that was tried.
    started: Option<bool>,
    stopped: bool,
    hand: Hand,
}

/// What the lane has begun and must not lose or do twice, whatever happens meanwhile.
#[derive(Default)]
struct Hand {
    task: Option<Task>,
    /// Of a batch that the sink has, as far as it is known.
    outcome: Option<Outcome>,
}

impl Lane {
    pub(crate) fn new(
        sink: AnySink,
        backlog: Arc<Backlog>,
        ledger: Arc<Ledger>,
        diagnostics: Diagnostics,
    ) -> Self {
        Self {
            sink,
            backlog,
            ledger,
            diagnostics,
            started: None,
            stopped: false,
            hand: Hand::default(),
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

    /// Brings one task to its end.
    async fn turn(&mut self) -> ControlFlow<()> {
        if self.hand.task.is_none() {
            self.hand.task = Some(self.backlog.next().await);
        }
        match self.hand.task.clone() {
            None => {}
            Some(Task::Deliver(batch)) => {
                let outcome = match self.hand.outcome {
                    Some(outcome) => outcome,
                    None => self.deliver(&batch).await,
                };
                self.backlog.settle(&batch, outcome);
            }
            Some(Task::Flush(ticket)) => {
                let flushed = self.sink.flush().await;
                self.report("flush", &flushed);
                ticket.answer(match flushed {
                    Ok(()) => FlushOutcome::Flushed,
                    Err(error) => FlushOutcome::Failed(error.to_string()),
                });
            }
            Some(Task::Stop) => {
                self.stop().await;
                return ControlFlow::Break(());
            }
        }
        self.hand = Hand::default();
        ControlFlow::Continue(())
    }

    async fn deliver(&mut self, batch: &Batch) -> Outcome {
        let len = batch.len();
        if self.started != Some(true) {
            return Outcome::failed(len, len);
        }
        // Until more is known: the sink has it, and how far it gets nobody knows.
        self.hand.outcome = Some(Outcome::unknown(len));
        let written = self.sink.write_batch(batch).await;
        let (outcome, trouble) = match written {
            Ok(Ok(())) => (Outcome::failed(0, len), None),
            Ok(Err(error)) => (
                Outcome::failed(error.count(len), len),
                Some(error.to_string()),
            ),
            Err(panicked) => (Outcome::unknown(len), Some(panicked.to_string())),
        };
        self.hand.outcome = Some(outcome);
        if let Some(error) = trouble {
            self.say(&format!("write failed: {error}"));
        }
        outcome
    }

    async fn stop(&mut self) {
        if std::mem::replace(&mut self.stopped, true) {
            return;
        }
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
