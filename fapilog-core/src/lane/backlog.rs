//! What waits for a sink, and what is in its hands.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::Notify;

use super::{batch::Batch, block::Block, part::Part};
use crate::{
    pipeline::{FlushTicket, SinkLedger, add},
    sink::Pressure,
    sync::unpoisoned,
};

/// The next thing for a lane to do.
#[derive(Clone, Debug)]
pub(super) enum Task {
    Deliver(Batch),
    Flush(FlushTicket),
    Stop,
}

#[derive(Debug)]
pub(crate) struct Backlog {
    pub(crate) ledger: Arc<SinkLedger>,
    /// The place of the sink among those of the pipeline.
    place: usize,
    pressure: Pressure,
    /// Bytes that may wait under [`Pressure::Shed`], and more for protected events alone.
    cap: usize,
    reserve: usize,
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    tasks: VecDeque<Task>,
    bytes: usize,
    /// Events of the batch that the sink holds now.
    in_hand: usize,
    /// The shutdown is over: outcomes are no longer counted.
    abandoned: bool,
}

impl Backlog {
    pub(crate) fn new(
        ledger: Arc<SinkLedger>,
        place: usize,
        pressure: Pressure,
        cap: usize,
        reserve: usize,
    ) -> Self {
        Self {
            ledger,
            place,
            pressure,
            cap,
            reserve,
            state: Mutex::default(),
            arrived: Notify::new(),
        }
    }

    /// Takes what is for this sink in a block, or as much of it as there is room for. Never waits.
    pub(crate) fn push(&self, block: &Arc<Block>) {
        let Some(all) = Part::of(block, self.place) else {
            return;
        };
        let len = all.len();
        let mut state = self.state();
        add(&self.ledger.routed, len as u64);
        if state.abandoned {
            return add(&self.ledger.dropped_shutdown, len as u64);
        }
        let room = |limit| self.pressure == Pressure::Propagate || state.bytes < limit;
        let batch = if room(self.cap) {
            Some(all)
        } else if room(self.cap + self.reserve) {
            all.by_protection().0
        } else {
            None
        };
        let kept = batch.as_ref().map_or(0, Part::len);
        add(&self.ledger.dropped_backlog, (len - kept) as u64);
        if let Some(batch) = batch {
            state.bytes += block.size();
            state.tasks.push_back(Task::Deliver(Batch::new([batch])));
            drop(state);
            self.arrived.notify_one();
        }
    }

    /// Asks for an answer when all that came before has reached its end.
    pub(crate) fn flush(&self, ticket: FlushTicket) {
        self.order(Task::Flush(ticket));
    }

    /// Asks the lane to end after all that came before.
    pub(crate) fn stop(&self) {
        self.order(Task::Stop);
    }

    fn order(&self, task: Task) {
        self.state().tasks.push_back(task);
        self.arrived.notify_one();
    }

    /// Whether the sink still owes outcomes that hold the pipeline back.
    pub(crate) fn holds_back(&self) -> bool {
        let state = self.state();
        self.pressure == Pressure::Propagate && (state.bytes > 0 || state.in_hand > 0)
    }

    /// Ends the books of this sink: what waits is dropped, what the sink holds is unknown.
    pub(crate) fn abandon(&self) {
        let tasks = {
            let mut state = self.state();
            state.abandoned = true;
            state.bytes = 0;
            add(
                &self.ledger.unknown,
                std::mem::take(&mut state.in_hand) as u64,
            );
            std::mem::take(&mut state.tasks)
        };
        for task in tasks {
            if let Task::Deliver(batch) = task {
                add(&self.ledger.dropped_shutdown, batch.len() as u64);
            }
        }
        self.arrived.notify_one();
    }

    /// The next task, in order. Cancelling the wait loses nothing.
    pub(super) async fn next(&self) -> Task {
        loop {
            if let Some(task) = self.take() {
                return task;
            }
            self.arrived.notified().await;
        }
    }

    fn take(&self) -> Option<Task> {
        let mut state = self.state();
        if state.abandoned {
            return Some(Task::Stop);
        }
        let task = state.tasks.pop_front();
        if let Some(Task::Deliver(batch)) = &task {
            state.in_hand = batch.len();
        }
        task
    }

    /// Counts the outcome of the batch in hand, unless its books are closed.
    pub(super) fn settle(&self, batch: &Batch, outcome: Outcome) {
        let mut state = self.state();
        if state.abandoned {
            return;
        }
        state.in_hand = 0;
        state.bytes -= batch.parts().iter().map(Part::block_size).sum::<usize>();
        add(&self.ledger.delivered, outcome.delivered as u64);
        add(&self.ledger.dropped_failed, outcome.failed as u64);
        add(&self.ledger.unknown, outcome.unknown as u64);
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.state().abandoned
    }

    fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }
}

/// How many events of a batch ended how.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    pub(super) delivered: usize,
    pub(super) failed: usize,
    pub(super) unknown: usize,
}

impl Outcome {
    /// So many of a batch were not delivered, all others were.
    pub(super) fn failed(failed: usize, len: usize) -> Self {
        Self {
            delivered: len - failed,
            failed,
            unknown: 0,
        }
    }

    pub(super) fn unknown(len: usize) -> Self {
        Self {
            unknown: len,
            ..Self::default()
        }
    }
}
