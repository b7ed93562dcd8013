//! What is judged after each step.

use std::{
    collections::HashMap,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{Level, Pressure};
use fapilog_tests::sinks::Lines;

use super::{
    Way,
    calls::Waiting,
    model::{CHUNK, Mark, Rules},
    rig::Rig,
};

/// For so long something may be otherwise, because a thread has not had its turn.
const TURN: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Taken,
    Refused,
    Waits,
}

/// What a call did, and what could be seen before and after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) way: Way,
    pub(super) level: Level,
    pub(super) size: usize,
    pub(super) before: Mark,
    pub(super) after: Mark,
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
}

impl Rig {
    pub(super) fn somebody_waits(&self, level: Level) -> bool {
        let is_alike = |it: &Waiting| it.level.is_protected() == level.is_protected();
        !self.threads.is_empty() || self.line.iter().any(is_alike)
    }

    pub(super) fn judge(&mut self, seen: &Seen) {
        match seen.outcome {
            Outcome::Taken => self.judge_taken(seen),
            Outcome::Refused => self.judge_refused(seen),
            Outcome::Waits => {}
        }
    }

    fn judge_taken(&self, seen: &Seen) {
        let fits = !self.rules.can_never_fit(seen.level, seen.size);
        assert!(fits, "larger than all there is: {seen:#?}");
        let is_still = seen.before.is_before_a_call(&seen.after);
        // What fits into memory that is held already takes nothing from those who wait for more.
        // (The worker takes some as well, but no such amount.)
        let drawn = seen.after.used.saturating_sub(seen.before.used);
        let takes_room = self.rules.drop_on_full || drawn >= CHUNK && drawn.is_multiple_of(CHUNK);
        let may_overtake = is_still && takes_room;
        let overtakes = may_overtake && self.line.iter().any(|it| self.is_overtaken(it, seen));
        assert!(!overtakes, "came in past the line: {seen:#?}");
    }

    /// Whether one who waits was passed by. For whom there was room has been let in already: it may just
    /// not have been told yet.
    fn is_overtaken(&self, waiting: &Waiting, seen: &Seen) -> bool {
        let begun = Instant::now();
        let used = seen.before.used;
        let has_room = self.rules.has_room(waiting.level, waiting.size, used);
        while waiting.stands_in_line(seen.level) {
            if !has_room || begun.elapsed() >= TURN {
                return true;
            }
            thread::yield_now();
        }
        false
    }

    fn judge_refused(&mut self, seen: &Seen) {
        let is_still = seen.before == seen.after;
        let was_patient = self.is_patient;
        let waits = !self.rules.wait.is_zero() && seen.way != Way::RuntimeThread;
        if waits {
            self.has_waited_in_vain(seen.before, seen.after);
            if !Rules::waits_in_line(seen.size) {
                // It may have been refused without a wait.
                self.latched = None;
            }
        }
        if !self.rules.fits_for_sure(seen.level, seen.size) {
            return;
        }
        assert!(self.rules.drop_on_full, "nothing is refused: {seen:#?}");
        if waits && is_still && was_patient && Rules::waits_in_line(seen.size) {
            let has_waited = seen.way == Way::PlainThread && seen.took >= self.rules.wait;
            assert!(has_waited, "did not wait: {seen:#?}");
        }
        self.judged += usize::from(is_still);
        if is_still && self.must_have_room(seen) {
            self.insist(seen);
        }
    }

    pub(super) fn has_waited_in_vain(&mut self, before: Mark, after: Mark) {
        self.is_patient = false;
        let is_latched = before == after && !self.rules.is_low(after.used);
        self.latched = is_latched.then_some(after);
    }

    fn must_have_room(&self, seen: &Seen) -> bool {
        let used = seen.before.used;
        // Who has waited in vain lets others be refused until usage is low.
        let may_be_latched = !self.is_patient && !self.rules.is_low(used);
        self.rules.has_room(seen.level, seen.size, used)
            && (!may_be_latched || seen.level.is_protected())
            && !self.somebody_waits(seen.level)
    }

    /// There is room: a call is taken, at the latest when others have had their turn.
    fn insist(&mut self, seen: &Seen) {
        let begun = Instant::now();
        loop {
            let again = self.attempt(Way::RuntimeThread, seen.level, seen.size);
            if again.outcome == Outcome::Taken || !self.must_have_room(&again) {
                return;
            }
            assert!(begun.elapsed() < TURN, "refused, with room: {again:#?}");
            thread::yield_now();
        }
    }

    pub(super) fn judge_wait(&mut self, seen: &Seen) {
        assert!(self.rules.may_wait(), "waits: {seen:#?}");
        self.judged += 1;
        let in_line = Rules::waits_in_line(seen.size);
        if self.rules.drop_on_full && in_line && seen.before == seen.after {
            let is_latched = self.latched == Some(seen.before);
            assert!(!is_latched, "waits again: {seen:#?}");
        }
    }

    /// Until all is in the hands of sinks, or the worker cannot go on.
    pub(super) fn rest(&mut self) {
        let at_rest = |rig: &Self| {
            // Wakes the worker.
            rig.pipeline.flush_blocking(Duration::ZERO);
            let stats = rig.pipeline.stats();
            let is_over = stats.queue_bytes > rig.rules.budget;
            let holds = rig.sink.gate.holds_somebody();
            let pending = |place: usize| stats.sinks.get(place).map_or(0, |it| it.pending);
            let sinks_rest = (holds || pending(0) == 0) && pending(1) == 0;
            sinks_rest && (stats.queued == 0 || (is_over && holds))
        };
        self.wait_until("rests", at_rest);
        let (mark, _) = self.look();
        self.is_patient |= self.rules.is_low(mark.used);
        for level in [Level::Info, Level::Error] {
            let is_open = level.is_protected() || self.is_patient;
            if is_open {
                // Threads that wait too may take the room.
                self.wait_until("lets in who waits", |rig| {
                    let mut line = rig.line.iter();
                    // Who waits for more than others keeps those behind it waiting.
                    let first = line.find(|it| it.waits_like(level));
                    let used = rig.look().0.used;
                    let mut threads = rig.threads.iter();
                    let is_kept = threads.any(|it| it.may_keep_waiting(level, &rig.rules, used));
                    is_kept || !first.is_some_and(|it| rig.rules.has_room(level, it.size, used))
                });
            }
            self.judge_line(level);
        }
    }

    pub(super) fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            let stats = self.pipeline.stats();
            assert!(
                begun.elapsed() < TURN,
                "the pipeline never {what}: {stats:#?}"
            );
            thread::yield_now();
        }
    }

    /// First come, first let in: nobody stands before one who was, at the latest when all who were
    /// are awake.
    fn judge_line(&self, level: Level) {
        let what = format!("lets in first who came first: {level}");
        self.wait_until(&what, |rig| {
            // From the back: who is let in while this looks is not taken for one who overtakes.
            let line = rig.line.iter().rev().filter(|it| it.has_place(level));
            line.map(|it| it.woken.get()).is_sorted()
        });
    }

    pub(super) fn judge_arrived(&self, pressure: Option<Pressure>, lines: &Lines, at_end: bool) {
        let ids = lines.all().into_iter().filter_map(|line| {
            let (_, rest) = line.split_once("\"data\":{\"id\":")?;
            rest.split_once(',')?.0.parse::<u64>().ok()
        });
        let mut seen = HashMap::new();
        let mut latest = 0;
        for id in ids {
            assert_eq!(seen.insert(id, ()), None, "{id} twice");
            let times = self.taken.get(&id);
            assert!(times.is_some() || !at_end, "{id} was not taken");
            if let Some((began, returned)) = times {
                assert!(*returned > latest, "{id} is late");
                latest = latest.max(*began);
            }
        }
        if self.rules.effective(pressure) == Pressure::Propagate {
            let missing = self.taken.keys().filter(|id| !seen.contains_key(id));
            assert_eq!(missing.collect::<Vec<_>>(), [&0; 0], "missing");
        }
    }
}
