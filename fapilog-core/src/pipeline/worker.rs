//! The worker: sweep, order, apply the stages, encode once, hand to the lanes.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    control::{Control, Flush},
    intake::Intake,
    ledger::{Ledger, add},
    losses::{Losses, Lost},
    outbox::Outbox,
    pace::Pace,
    stages::{Fate, Stages},
};
use crate::{
    Level,
    clock::{self, Clock, WallOffset},
    envelope,
    event::Event,
    lane::{Block, Builder},
    panics,
    queue::{Chunk, Class, Entry, Order, Queue},
};

/// How long the worker waits for a sink that holds it back before it looks again.
const TICK: Duration = Duration::from_millis(1);
/// After so long without events it sleeps for good, and the next event wakes it.
const IDLE: Duration = Duration::from_millis(100);

pub(crate) struct Worker {
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Arc<Control>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) outbox: Outbox,
    pub(crate) stages: Stages,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) intake: Intake,
    /// A sink, or a rule of routing, has to see events.
    pub(crate) needs_events: bool,
    /// Neither a sink nor a stage but redaction has to.
    pub(crate) is_direct: bool,
    pub(crate) block: Builder,
    pub(crate) writer: envelope::Writer,
    pub(crate) order: Order,
    pub(crate) losses: Losses,
    pub(crate) pace: Pace,
    pub(crate) hand: Hand,
}

/// What the worker has begun and must not lose or do twice, whatever happens meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    flushes: Vec<Arc<Flush>>,
    /// Chunks of a sweep that is not over yet.
    swept: Vec<Chunk>,
    record: Progress,
}

/// How far the record that comes first has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Waiting,
    Begun,
    /// Begun once more, after a panic.
    BegunAgain,
    /// It has been counted, or encoded.
    Over,
}

/// Whether a turn could handle all that was ready.
#[derive(PartialEq, Eq)]
enum Turn {
    Done {
        handled: u64,
    },
    /// The budget is used up by what sinks have not delivered yet, or the deadline has come.
    Blocked,
}

impl Worker {
    /// Works until the pipeline is closed and all is handed over, or its deadline has come. A panic
    /// of its own, which would be a bug, ends neither the work nor what it had in hand.
    pub(crate) fn run(mut self) {
        while let Err(panic) = panics::caught(|| self.work()) {
            self.recover(&panic);
        }
        self.stages.end();
    }

    fn work(&mut self) {
        let mut busy = Instant::now();
        loop {
            // Orders before the sweep: what a flush has to cover was appended before it was
            // ordered, so this sweep finds it.
            let deadline = self.control.take(&mut self.hand.flushes);
            self.tend_line();
            match self.turn(deadline) {
                Turn::Blocked => {
                    if has_come(deadline) {
                        self.abandon();
                        break;
                    }
                    self.queue.budget().wait_for_relief(TICK);
                    busy = Instant::now();
                }
                Turn::Done { handled } => {
                    self.pass_on_flushes();
                    if deadline.is_some() {
                        break;
                    }
                    if handled > 0 {
                        busy = Instant::now();
                    }
                    self.rest(busy, handled);
                }
            }
        }
        self.outbox.stop();
    }

    /// Puts in order what a panic has left behind.
    fn recover(&mut self, panic: &str) {
        self.block.discard_unfinished();
        self.writer.forget();
        match self.hand.record {
            Progress::Waiting | Progress::Begun => {}
            // Twice is no accident: it is this record that cannot be handled.
            Progress::BegunAgain => {
                add(&self.ledger.worker_failed, 1);
                self.hand.record = Progress::Over;
            }
            Progress::Over => {}
        }
        // The receiver of diagnostics is not ours: if this is where the panic came from, be brief.
        let report = || {
            self.stages
                .diagnostics
                .report("worker", &format!("went on: {panic}"))
        };
        drop(panics::region(report));
        thread::sleep(self.ledger.restart());
    }

    /// Handles what is ready, takes what the queue holds, and handles that. With a deadline, the queue
    /// closes.
    fn turn(&mut self, deadline: Option<Instant>) -> Turn {
        let wall = WallOffset::sample(&*self.clock);
        let mut handled = 0;
        // What an earlier turn could not finish comes first, so that only new records are sorted.
        if !self.handle_ready(wall, deadline, &mut handled) {
            return Turn::Blocked;
        }
        self.sweep(deadline.is_some());
        self.obey_switches();
        if !self.handle_ready(wall, deadline, &mut handled) {
            return Turn::Blocked;
        }
        if let Some(lost) = self.losses.due(&self.ledger, deadline.is_some()) {
            self.tell(lost, wall);
        }
        self.dispatch();
        Turn::Done { handled }
    }

    /// Returns false if the budget is used up, or the deadline has come, before all that is ready
    /// is handled.
    fn handle_ready(
        &mut self,
        wall: WallOffset,
        deadline: Option<Instant>,
        handled: &mut u64,
    ) -> bool {
        while !self.is_blocked() && !has_come(deadline) {
            let Some(entry) = self.order.peek() else {
                return true;
            };
            self.handle(entry, wall);
            *handled += 1;
        }
        false
    }

    fn sweep(&mut self, closing: bool) {
        let swept = &mut self.hand.swept;
        let cut = if closing {
            self.queue.close(swept);
            // A closed queue has no later appends.
            u64::MAX
        } else {
            self.queue.sweep(swept)
        };
        self.order.add(swept.drain(..), cut);
    }

    /// After a sweep, so that what was logged after an enricher was switched has what it adds.
    fn obey_switches(&mut self) {
        if let Some(constants) = self.stages.constants() {
            self.intake.set_constants(constants);
            self.is_direct = self.stages.are_redaction_alone() && !self.needs_events;
        }
    }

    /// More is held than the budget allows, and a sink that must not lose anything holds it.
    fn is_blocked(&mut self) -> bool {
        if !self.queue.budget().is_over() {
            return false;
        }
        self.dispatch();
        self.outbox.holds_back()
    }

    fn handle(&mut self, entry: Entry, wall: WallOffset) {
        self.hand.record = match self.hand.record {
            Progress::Waiting => Progress::Begun,
            Progress::Begun => Progress::BegunAgain,
            other => other,
        };
        if self.hand.record != Progress::Over {
            self.decide(entry, wall);
        }
        let chunk = self.order.handled(entry);
        self.hand.record = Progress::Waiting;
        if let Some(chunk) = chunk {
            self.queue.give_back(chunk);
        }
    }

    /// Lets the stages decide what becomes of a record, and does it.
    fn decide(&mut self, entry: Entry, wall: WallOffset) {
        let record = self.order.record(entry);
        let redaction = self.stages.redaction.as_mut();
        if self.is_direct
            && let Some(full) =
                self.intake
                    .write(record, wall, &mut self.block, &mut self.writer, redaction)
        {
            self.hand.record = Progress::Over;
            return self.hand_over(full);
        }
        let Some(mut event) = self.intake.read(record, wall) else {
            add(&self.ledger.unreadable, 1);
            self.hand.record = Progress::Over;
            return;
        };
        let fate = self.stages.apply(&mut event);
        let full = match fate {
            Fate::Encode => encode(&mut self.block, &mut self.writer, &event),
            _ => None,
        };
        let skeleton = (fate == Fate::RedactionFailed)
            .then(|| (event.level, event.logger.clone().into_owned(), event.millis));
        self.intake.recycle(event);
        self.count(fate);
        self.hand.record = Progress::Over;
        self.hand_over(full);
        if let Some((level, logger, millis)) = skeleton {
            self.put_skeleton(level, logger, millis);
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
        let full = encode(&mut self.block, &mut self.writer, &event);
        add(&self.ledger.generated, 1);
        self.intake.recycle(event);
        self.hand_over(full);
    }

    /// Hands over what is encoded so far.
    fn dispatch(&mut self) {
        let block = self.block.seal();
        self.hand_over(block);
        add(&self.ledger.unrouted, self.block.take_unrouted());
        add(&self.ledger.shadowed_keys, self.intake.take_shadowed());
    }

    fn hand_over(&mut self, block: Option<Block>) {
        self.outbox.put(block);
        self.outbox.hand_over(&self.ledger);
    }

    fn pass_on_flushes(&mut self) {
        while let Some(flush) = self.hand.flushes.last() {
            self.outbox.flush(flush);
            self.hand.flushes.pop();
        }
    }

    /// Looks after the line of those who wait for room.
    fn tend_line(&mut self) {
        let budget = self.queue.budget();
        let (has_line, is_shut) = (
            !budget.waiters().is_empty(),
            !budget.admits(Class::Ordinary),
        );
        if has_line || is_shut {
            // Somebody may want all the memory that there is.
            self.order.relax();
            self.outbox.hurry();
        }
        if has_line {
            self.queue.budget().tend_line(Instant::now());
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
        self.queue.close(&mut self.hand.swept);
        self.order.add(self.hand.swept.drain(..), u64::MAX);
        self.dispatch();
        add(&self.ledger.abandoned, self.order.skip_all() as u64);
    }
}

fn has_come(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|at| Instant::now() >= at)
}

fn encode(block: &mut Builder, writer: &mut envelope::Writer, event: &Event<'_>) -> Option<Block> {
    #[cfg(test)]
    crate::sync::fault::point();
    let written = block.add(event.level(), Some(event), |out| writer.write(out, event));
    // An event can always be written.
    written.unwrap_or_default()
}
