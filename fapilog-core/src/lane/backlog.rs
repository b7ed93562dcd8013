//! What waits for a sink, and what is in its hands.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use tokio::sync::{Notify, futures::Notified};

use super::{
    batch::Batch,
    block::Block,
    exit::Exit,
    part::Part,
    piece::{Held, Piece},
};
use crate::{
    pipeline::{FlushTicket, SinkLedger, add},
    sink::Pressure,
    sync::unpoisoned,
};

/// The next thing for a lane to do.
#[derive(Debug)]
pub(super) enum Task {
    Deliver(Piece),
    Flush(FlushTicket),
    Stop,
}

/// How a backlog is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) pressure: Pressure,
    /// Bytes that may wait under [`Pressure::Shed`], and more for protected events alone.
    pub(crate) cap: usize,
    pub(crate) reserve: usize,
    /// The sink gets only what others could not deliver.
    pub(crate) is_spare: bool,
}

/// The end of a pipeline, under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    pub(super) begun: Instant,
    pub(super) deadline: Instant,
    /// Others hand over what they do not deliver.
    pub(super) is_fed: bool,
}

#[derive(Debug)]
pub(crate) struct Backlog {
    pub(crate) ledger: Arc<SinkLedger>,
    /// The place of the sink among those of the pipeline.
    place: usize,
    room: Room,
    /// Of the sink that gets what this one does not deliver.
    fallback: OnceLock<Arc<Backlog>>,
    /// Bytes of all that has not reached its end.
    held: Arc<AtomicUsize>,
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    tasks: VecDeque<Task>,
    /// Nothing more comes from the worker.
    is_stopping: bool,
    /// Lanes that may still hand over what they could not deliver.
    feeders: usize,
    /// Events that the lane has taken, and that are not being tried.
    waiting: usize,
    /// Events that the sink holds now.
    trying: usize,
    /// Some lanes do so.
    is_fed: bool,
    /// Since when the pipeline has been ending, and until when.
    closing: Option<(Instant, Instant)>,
    /// There is no room for more events.
    is_hurried: bool,
    /// The shutdown is over: outcomes are no longer counted.
    is_abandoned: bool,
}

impl Backlog {
    pub(crate) fn new(ledger: Arc<SinkLedger>, place: usize, room: Room) -> Self {
        Self {
            ledger,
            place,
            room,
            fallback: OnceLock::new(),
            held: Arc::default(),
            state: Mutex::default(),
            arrived: Notify::new(),
        }
    }

    /// Hands over to another sink, from now on, what this one does not deliver. Only while nothing
    /// runs yet, and never in a circle.
    pub(crate) fn fall_back_to(&self, other: &Arc<Self>) {
        if self.fallback.set(Arc::clone(other)).is_ok() {
            let mut state = other.state();
            state.feeders += 1;
            state.is_fed = true;
        }
    }

    /// Takes what is for this sink in a block, or as much of it as there is room for; the rest goes to
    /// the fallback. Never waits.
    pub(crate) fn push(&self, block: &Arc<Block>) {
        if self.room.is_spare {
            return;
        }
        if let Some(all) = Part::of(block, self.place) {
            let size = all.block_size();
            self.accept(all, size);
        }
    }

    /// Takes events that keep so many bytes, or as many of them as there is room for.
    fn accept(&self, all: Part, size: usize) {
        let len = all.len();
        let mut state = self.state();
        if state.is_abandoned {
            add(&self.ledger.routed, len as u64);
            return add(&self.ledger.dropped_shutdown, len as u64);
        }
        let (kept, left) = self.fitting(all);
        // First of all, as it is all that might fail.
        let fell_back = left.as_ref().is_some_and(|left| self.fall_back([left]));
        add(&self.ledger.routed, len as u64);
        let lost = left.map_or(0, |left| left.len() as u64);
        add(self.ledger.of_overflow(fell_back), lost);
        if let Some(part) = kept {
            let held = Held::new(size, &self.held);
            let since = Instant::now();
            state
                .tasks
                .push_back(Task::Deliver(Piece { part, held, since }));
            drop(state);
            self.arrived.notify_one();
        }
    }

    /// What there is room for, and the rest.
    fn fitting(&self, all: Part) -> (Option<Part>, Option<Part>) {
        let held = self.held.load(Relaxed);
        let Room { cap, reserve, .. } = self.room;
        if self.room.pressure == Pressure::Propagate || held < cap {
            (Some(all), None)
        } else if held < cap + reserve {
            all.by_protection()
        } else {
            (None, Some(all))
        }
    }

    /// Hands over to the fallback, if there is one, what it has not had anyway.
    fn fall_back<'p>(&self, parts: impl IntoIterator<Item = &'p Part>) -> bool {
        let Some(fallback) = self.fallback.get() else {
            return false;
        };
        for part in parts {
            let new = match fallback.room.is_spare {
                true => Some(part.clone()),
                false => part.only(|_, line| !part.is_for(fallback.place, line)),
            };
            if let Some(new) = new {
                // Many pieces may be of one block, which is held once.
                let size = (0..new.len()).map(|line| new.line(line).len()).sum();
                fallback.accept(new, size);
            }
        }
        true
    }

    /// Asks for an answer when all that came before has reached its end.
    pub(crate) fn flush(&self, ticket: FlushTicket) {
        self.state().tasks.push_back(Task::Flush(ticket));
        self.arrived.notify_one();
    }

    /// Lets the fallback answer.
    pub(super) fn pass_on(&self, ticket: FlushTicket) {
        if let Some(fallback) = self.fallback.get() {
            fallback.flush(ticket);
        }
    }

    /// Asks the lane to end after all that came before.
    pub(crate) fn stop(&self) {
        self.state().is_stopping = true;
        self.arrived.notify_one();
    }

    /// Lets the fallback end: nothing more comes from here.
    pub(super) fn let_fallback_end(&self) {
        if let Some(fallback) = self.fallback.get() {
            fallback.state().feeders -= 1;
            fallback.arrived.notify_one();
        }
    }

    /// From now on nothing waits for long: the pipeline ends.
    pub(crate) fn close(&self, deadline: Instant) {
        self.state()
            .closing
            .get_or_insert((Instant::now(), deadline));
        self.arrived.notify_one();
    }

    /// Whether the sink still owes outcomes that hold the pipeline back.
    pub(crate) fn holds_back(&self) -> bool {
        let state = self.state();
        let owes = self.held.load(Relaxed) > 0 || state.waiting + state.trying > 0;
        self.room.pressure == Pressure::Propagate && owes && !state.is_abandoned
    }

    /// Lets what waits for others wait no longer: there is no room for others.
    pub(crate) fn hurry(&self) {
        if self.held.load(Relaxed) > 0 {
            self.state().is_hurried = true;
            self.arrived.notify_one();
        }
    }

    /// Ends the books of this sink: what waits is dropped, what the sink holds is unknown.
    pub(crate) fn abandon(&self) {
        let tasks = {
            let mut state = self.state();
            let dropped = std::mem::take(&mut state.waiting) + state.queued();
            let unknown = std::mem::take(&mut state.trying);
            if !std::mem::replace(&mut state.is_abandoned, true) {
                add(&self.ledger.dropped_shutdown, dropped as u64);
                add(&self.ledger.unknown, unknown as u64);
            }
            std::mem::take(&mut state.tasks)
        };
        drop(tasks);
        self.arrived.notify_one();
    }

    /// Ends when something has changed. To cancel it loses nothing.
    pub(super) fn arrived(&self) -> Notified<'_> {
        self.arrived.notified()
    }

    /// The next task, in order.
    pub(super) fn take(&self) -> Option<Task> {
        let mut state = self.state();
        if state.is_abandoned {
            return Some(Task::Stop);
        }
        let task = state.tasks.pop_front();
        if let Some(Task::Deliver(piece)) = &task {
            state.waiting += piece.part.len();
        }
        let is_over = state.is_stopping && state.feeders == 0;
        task.or(is_over.then_some(Task::Stop))
    }

    /// Whether what waits for others should wait no longer. To be asked once for each batch.
    pub(super) fn is_urgent(&self) -> bool {
        let mut state = self.state();
        std::mem::take(&mut state.is_hurried) || state.closing.is_some()
    }

    /// The end of the pipeline, if it has begun.
    pub(super) fn closing(&self) -> Option<Closing> {
        let state = self.state();
        state.closing.map(|(begun, deadline)| Closing {
            begun,
            deadline,
            is_fed: state.is_fed,
        })
    }

    /// Whether nothing is left but what others may still hand over.
    pub(super) fn awaits_others(&self) -> bool {
        let state = self.state();
        state.is_stopping && state.feeders > 0 && state.tasks.is_empty()
    }

    /// The sink gets so many events; false if the books are closed, and it must not.
    pub(super) fn try_events(&self, count: usize) -> bool {
        let mut state = self.state();
        if !state.is_abandoned {
            state.waiting -= count;
            state.trying += count;
        }
        !state.is_abandoned
    }

    /// The attempt is over.
    pub(super) fn tried(&self, count: usize) {
        let mut state = self.state();
        if !state.is_abandoned {
            state.trying -= count;
            state.waiting += count;
        }
    }

    /// Counts the end of events, unless the books are closed, and hands over to the fallback those
    /// that are to go there.
    pub(super) fn end(&self, batch: &Batch, exit: Exit) {
        let mut state = self.state();
        if state.is_abandoned {
            return;
        }
        if exit == Exit::FellBack {
            self.fall_back(batch.parts());
        }
        state.waiting -= batch.len();
        add(self.ledger.of(exit), batch.len() as u64);
    }

    pub(super) fn has_fallback(&self) -> bool {
        self.fallback.get().is_some()
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.state().is_abandoned
    }

    fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }
}

impl State {
    /// Events that the lane has not taken yet.
    fn queued(&self) -> usize {
        let tasks = self.tasks.iter();
        tasks
            .map(|task| match task {
                Task::Deliver(piece) => piece.part.len(),
                _ => 0,
            })
            .sum()
    }
}
