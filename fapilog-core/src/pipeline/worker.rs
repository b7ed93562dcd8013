//! The worker: sweep, order, apply the stages, encode once, hand to the lanes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    control::{Control, Flush, Orders},
    intake::Intake,
    ledger::{Ledger, add},
    losses::{Losses, Lost},
    pace::Pace,
    stages::{Fate, Stages},
};
use crate::{
    Level,
    clock::{self, Clock, WallOffset},
    envelope,
    event::Event,
    lane::{Backlog, Block, Builder},
    queue::{Entry, Order, Queue},
};

/// How long the worker waits for a sink that holds it back before it looks again.
const TICK: Duration = Duration::from_millis(1);
/// After so long without events it sleeps for good, and the next event wakes it.
const IDLE: Duration = Duration::from_millis(100);

pub(crate) struct Worker {
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Arc<Control>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) backlogs: Vec<Arc<Backlog>>,
    pub(crate) stages: Stages,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) intake: Intake,
    pub(crate) block: Builder,
    pub(crate) writer: envelope::Writer,
    pub(crate) order: Order,
    pub(crate) losses: Losses,
    pub(crate) pace: Pace,
}

/// Whether a turn could handle all that was ready.
#[derive(PartialEq, Eq)]
enum Turn {
    Done {
        handled: u64,
    },
    /// The budget is used up by what sinks have not delivered yet.
    Blocked,
}

impl Worker {
    /// Works until the pipeline is closed and all is handed over, or its deadline has come.
    pub(crate) fn run(mut self) {
        let mut flushes = Vec::new();
        let mut busy = Instant::now();
        let deadline = loop {
            // Orders before the sweep: what a flush has to cover was appended before it was
            // ordered, so this sweep finds it.
            let orders: Orders = self.control.take();
            self.tend_line();
            flushes.extend(orders.flushes);
            match self.turn(orders.deadline.is_some()) {
                Turn::Blocked => {
                    if orders.deadline.is_some_and(|at| Instant::now() >= at) {
                        break orders.deadline;
                    }
                    self.queue.budget().wait_for_relief(TICK);
                    busy = Instant::now();
                }
                Turn::Done { handled } => {
                    self.pass_on(flushes.drain(..));
                    if orders.deadline.is_some() {
                        break None;
                    }
                    if handled > 0 {
                        busy = Instant::now();
                    }
                    self.rest(busy, handled);
                }
            }
        };
        if deadline.is_some() {
            self.abandon();
        }
        for backlog in &self.backlogs {
            backlog.stop();
        }
    }

    /// Handles what is ready, takes what the queue holds, and handles that.
    fn turn(&mut self, closing: bool) -> Turn {
        let wall = WallOffset::sample(&*self.clock);
        let mut handled = 0;
        // What an earlier turn could not finish comes first, so that only new records are sorted.
        if !self.handle_ready(wall, &mut handled) {
            return Turn::Blocked;
        }
        self.sweep(closing);
        if !self.handle_ready(wall, &mut handled) {
            return Turn::Blocked;
        }
        if let Some(lost) = self.losses.due(&self.ledger, closing) {
            self.tell(lost, wall);
        }
        self.dispatch();
        Turn::Done { handled }
    }

    /// Returns false if the budget is used up before all that is ready is handled.
    fn handle_ready(&mut self, wall: WallOffset, handled: &mut u64) -> bool {
        while !self.is_blocked() {
            let Some(entry) = self.order.peek() else {
                return true;
            };
            self.handle(entry, wall);
            *handled += 1;
        }
        false
    }

    fn sweep(&mut self, closing: bool) {
        let mut chunks = Vec::new();
        let cut = if closing {
            self.queue.close(&mut chunks);
            // A closed queue has no later appends.
            u64::MAX
        } else {
            self.queue.sweep(&mut chunks)
        };
        self.order.add(chunks.into_iter(), cut);
    }

    /// More is held than the budget allows, and a sink that must not lose anything holds it.
    fn is_blocked(&mut self) -> bool {
        if !self.queue.budget().is_over() {
            return false;
        }
        self.dispatch();
        self.backlogs.iter().any(|backlog| backlog.holds_back())
    }

    fn handle(&mut self, entry: Entry, wall: WallOffset) {
        match self.intake.read(self.order.record(entry), wall) {
            None => add(&self.ledger.unreadable, 1),
            Some(mut event) => {
                let fate = self.stages.apply(&mut event);
                let full = match fate {
                    Fate::Encode => encode(&mut self.block, &mut self.writer, &event),
                    _ => None,
                };
                let skeleton = (fate == Fate::RedactionFailed)
                    .then(|| (event.level, event.logger.clone().into_owned(), event.millis));
                self.intake.recycle(event);
                if let Some(block) = full {
                    hand_over(&self.backlogs, &self.ledger, block);
                }
                self.count(fate);
                if let Some((level, logger, millis)) = skeleton {
                    self.put_skeleton(level, logger, millis);
                }
            }
        }
        if let Some(chunk) = self.order.handled(entry) {
            self.queue.give_back(chunk);
        }
    }

    fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Encode => {}
            Fate::Filtered(index) => add(&self.ledger.filtered[index].1, 1),
            Fate::RedactionFailed => add(&self.ledger.redaction_failed, 1),
            Fate::Dropped => add(&self.ledger.processor_dropped, 1),
        }
    }

    /// Lets it be seen that there was an event, and nothing of what it held.
    fn put_skeleton(&mut self, level: Level, logger: String, millis: i64) {
        let mut event = self.intake.own_event(level, "redaction failed", millis);
        event.logger = logger.into();
        event.data.insert("redaction_failed", true);
        self.put(event);
    }

    /// Tells how many events were lost.
    fn tell(&mut self, lost: Lost, wall: WallOffset) {
        let millis = wall.millis(clock::monotonic());
        let mut event =
            self.intake
                .own_event(Level::Warning, "events dropped due to backpressure", millis);
        event.data.insert("dropped_count", lost.count);
        event
            .data
            .insert("window_seconds", lost.window.as_secs_f64());
        self.stages.diagnostics.report(
            "backpressure",
            &format!("events dropped: {} in {:?}", lost.count, lost.window),
        );
        self.put(event);
    }

    /// Encodes an event that fapilog has made itself.
    fn put(&mut self, event: Event<'_>) {
        add(&self.ledger.generated, 1);
        let full = encode(&mut self.block, &mut self.writer, &event);
        self.intake.recycle(event);
        if let Some(block) = full {
            hand_over(&self.backlogs, &self.ledger, block);
        }
    }

    /// Hands over what is encoded so far.
    fn dispatch(&mut self) {
        if let Some(block) = self.block.seal() {
            hand_over(&self.backlogs, &self.ledger, block);
        }
        add(&self.ledger.shadowed_keys, self.intake.take_shadowed());
        let failures = std::mem::take(&mut self.stages.failures);
        add(&self.ledger.stage_failures, failures);
    }

    fn pass_on(&self, flushes: impl Iterator<Item = Arc<Flush>>) {
        for flush in flushes {
            for (index, backlog) in self.backlogs.iter().enumerate() {
                backlog.flush(flush.ticket(index));
            }
        }
    }

    /// Looks after the line of those who wait for room.
    fn tend_line(&self) {
        let budget = self.queue.budget();
        if !budget.waiters().is_empty() {
            // Tasks have no clock of their own.
            budget.waiters().expire(Instant::now());
            // Who was let in lets the next one in; but if it is a task whose thread waits in the
            // same line, it cannot.
            budget.reopen();
        }
    }

    /// Sleeps until the next tick, or for good if nothing has come for a while.
    fn rest(&mut self, busy: Instant, handled: u64) {
        let owes = self.order.len() > 0
            || self.losses.are_untold(&self.ledger)
            || !self.queue.budget().waiters().is_empty();
        if !owes && busy.elapsed() >= IDLE {
            self.order.relax();
            self.queue.park();
        } else {
            self.queue.nap(self.pace.next(handled));
        }
    }

    /// The deadline has come: what is not encoded yet is lost, and counted.
    fn abandon(&mut self) {
        let mut chunks = Vec::new();
        self.queue.close(&mut chunks);
        self.order.add(chunks.into_iter(), u64::MAX);
        add(&self.ledger.abandoned, self.order.len() as u64);
        self.dispatch();
    }
}

fn encode(block: &mut Builder, writer: &mut envelope::Writer, event: &Event<'_>) -> Option<Block> {
    block.add(event, |out, event| writer.event(out, event))
}

fn hand_over(backlogs: &[Arc<Backlog>], ledger: &Ledger, block: Block) {
    let events = block.len() as u64;
    if backlogs.is_empty() {
        add(&ledger.unrouted, events);
        return;
    }
    add(&ledger.routed, events);
    let block = Arc::new(block);
    for backlog in backlogs {
        backlog.push(&block);
    }
}
