//! A lane carries encoded events to one sink, on a thread of its own.
//!
//! The thread has a private tokio runtime, so a sink that spins, blocks or hangs harms no other
//! sink and no request, and the application's runtime may be gone before the last events are. The
//! lane owns the batch, never the sink's future: whatever the future does, the events are counted.

mod backlog;
mod batch;
mod block;

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use self::backlog::{Outcome, Task};
pub use self::batch::{Batch, BatchError};
pub(crate) use self::{
    backlog::Backlog,
    block::{Block, Builder},
};
use crate::{
    diagnostics::Diagnostics,
    error::SinkError,
    own,
    pipeline::{Alive, FlushOutcome},
    sink::AnySink,
};

/// The thread's side of a lane.
pub(crate) struct Lane {
    sink: AnySink,
    backlog: Arc<Backlog>,
    diagnostics: Diagnostics,
}

impl Lane {
    /// Starts the thread. It ends when the backlog says so, and `alive` with it.
    pub(crate) fn spawn(
        sink: AnySink,
        backlog: Arc<Backlog>,
        diagnostics: Diagnostics,
        alive: Alive,
    ) -> std::io::Result<JoinHandle<()>> {
        let runtime = sink.runtime()?;
        let lane = Lane {
            sink,
            backlog,
            diagnostics,
        };
        let name = format!("fapilog-{}", lane.backlog.ledger.name);
        thread::Builder::new().name(name).spawn(move || {
            own::mark_thread();
            runtime.block_on(lane.run());
            // A sink may have left tasks behind: they end with the runtime, before the lane does.
            drop(runtime);
            drop(alive);
        })
    }

    async fn run(mut self) {
        let started = self.sink.start().await;
        self.report("start", &started);
        loop {
            match self.backlog.next().await {
                Task::Deliver(batch) => {
                    let outcome = match &started {
                        Ok(()) => self.deliver(&batch).await,
                        Err(_) => Outcome {
                            failed: batch.len(),
                            ..Outcome::default()
                        },
                    };
                    self.backlog.settle(batch, outcome);
                }
                Task::Flush(ticket) => {
                    let flushed = self.sink.flush().await;
                    self.report("flush", &flushed);
                    ticket.answer(match flushed {
                        Ok(()) => FlushOutcome::Flushed,
                        Err(error) => FlushOutcome::Failed(error.to_string()),
                    });
                }
                Task::Stop => break,
            }
        }
        if !self.backlog.is_abandoned() {
            let flushed = self.sink.flush().await;
            self.report("flush", &flushed);
        }
        let stopped = self.sink.stop().await;
        self.report("stop", &stopped);
    }

    async fn deliver(&mut self, batch: &Batch) -> Outcome {
        let len = batch.len();
        match self.sink.write_batch(batch).await {
            Ok(Ok(())) => Outcome {
                delivered: len,
                ..Outcome::default()
            },
            Ok(Err(error)) => {
                let failed = error.count(len);
                self.say(&format!("write failed: {error}"));
                Outcome {
                    delivered: len - failed,
                    failed,
                    unknown: 0,
                }
            }
            // It had the events in its hands, and how far it got nobody knows.
            Err(panicked) => {
                self.say(&format!("write failed: {panicked}"));
                Outcome {
                    unknown: len,
                    ..Outcome::default()
                }
            }
        }
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
