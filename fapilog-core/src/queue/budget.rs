//! The memory of a pipeline, in bytes: what is charged is what is held.
//!
//! Chunks are charged when a shard takes one, encoded blocks when the worker seals one; a
//! [`Charge`] gives its bytes back when it is dropped, wherever that happens. Ordinary events may
//! use `queue_budget`; protected ones the reserve on top of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    CHUNK, Class, Wake,
    waiters::{Answer, Ticket, Waiter, Waiters, Want},
};
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

/// The bytes that all parts of a pipeline hold together.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicUsize,
    high_watermark: AtomicUsize,
    /// What ordinary events may use, from the call to the last sink.
    total: usize,
    /// By [`Class`]: up to where chunks may be drawn, and whether a call was turned away since
    /// there was last room. While a flag is set, a call is refused for the price of a load.
    limits: [usize; 2],
    full: [AtomicBool; 2],
    /// Set when a call has waited in vain: nobody waits for a time again until usage falls below
    /// 90%.
    latched: AtomicBool,
    waiters: Waiters,
    worker_waits: AtomicBool,
    relief: Wake,
    /// What the worker sleeps on when it has nothing to do.
    pub(super) worker: Wake,
}

impl Budget {
    /// The most that is kept for encoded events, so that calls, however many, cannot take the
    /// room in which the worker makes theirs free.
    const ENCODING: usize = 4 * 1024 * 1024;

    pub(crate) fn new(ordinary: usize, reserve: usize) -> Arc<Self> {
        let queued = ordinary - (ordinary / 4).min(Self::ENCODING);
        Arc::new(Self {
            total: ordinary,
            used: AtomicUsize::new(0),
            high_watermark: AtomicUsize::new(0),
            limits: [queued, ordinary + reserve],
            full: [AtomicBool::new(false), AtomicBool::new(false)],
            latched: AtomicBool::new(false),
            waiters: Waiters::new(),
            worker_waits: AtomicBool::new(false),
            relief: Wake::new(),
            worker: Wake::new(),
        })
    }

    /// Whether a call of this class may go on to encode its event.
    #[inline]
    pub(crate) fn admits(&self, class: Class) -> bool {
        !self.full[class as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn high_watermark(&self) -> usize {
        self.high_watermark.load(Ordering::Relaxed)
    }

    /// Whether more is held than ordinary events may use.
    pub(crate) fn is_over(&self) -> bool {
        self.used() > self.total
    }

    /// Waits, for about `time`, until no more is held than ordinary events may use.
    pub(crate) fn wait_for_relief(&self, time: Duration) {
        self.worker_waits.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if self.is_over() {
            self.relief.nap(time);
        }
        self.worker_waits.store(false, Ordering::SeqCst);
    }

    /// So many chunks that the worker should not wait for its next tick when they wait for it.
    pub(crate) fn many_chunks(&self) -> usize {
        (self.limits[Class::Ordinary as usize] / 4 / CHUNK).max(1)
    }

    /// Takes bytes if the class may have them.
    pub(crate) fn draw(self: &Arc<Self>, bytes: usize, class: Class) -> Option<Charge> {
        self.draw_within(bytes, self.limits[class as usize])
    }

    /// Takes bytes that nobody needs yet, if most are free.
    pub(crate) fn draw_plenty(self: &Arc<Self>, bytes: usize) -> Option<Charge> {
        self.draw_within(bytes, self.limits[Class::Ordinary as usize] / 2)
    }

    fn draw_within(self: &Arc<Self>, bytes: usize, limit: usize) -> Option<Charge> {
        let taken = self
            .used
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |used| {
                used.checked_add(bytes).filter(|total| *total <= limit)
            });
        let used = taken.ok()? + bytes;
        self.high_watermark.fetch_max(used, Ordering::Relaxed);
        Some(self.charge(bytes))
    }

    /// Takes bytes that are held already, whatever the limit: the worker's encoded blocks.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Charge {
        let used = self.used.fetch_add(bytes, Ordering::SeqCst) + bytes;
        self.high_watermark.fetch_max(used, Ordering::Relaxed);
        self.charge(bytes)
    }

    fn charge(self: &Arc<Self>, bytes: usize) -> Charge {
        Charge {
            budget: Arc::clone(self),
            bytes,
        }
    }

    /// Notes that a call of this class found no room for so many bytes. Returns whether there is
    /// some after all.
    pub(crate) fn shut(&self, bytes: usize, class: Class) -> bool {
        self.set_full(class);
        // Memory may have come back between the failed draw and the flag: whoever gave it back
        // saw no flag to clear, so look once more. One of the two sees what the other wrote.
        fence(Ordering::SeqCst);
        self.reopen();
        let used = self.used.load(Ordering::SeqCst);
        self.admits(class) && used + bytes.max(CHUNK) <= self.limits[class as usize]
    }

    fn set_full(&self, class: Class) {
        // Where the reserve is used up, so is the rest: nobody else may come in where a protected
        // event may not.
        for full in &self.full[..=class as usize] {
            full.store(true, Ordering::SeqCst);
        }
    }

    /// Whether the class can ever have so many bytes.
    pub(crate) fn can_hold(&self, bytes: usize, class: Class) -> bool {
        bytes.max(CHUNK) <= self.limits[class as usize]
    }

    /// Waits in line for room. Returns `None` when the queue is closed, and at the deadline, which
    /// sets the latch; if there is a deadline, returns it at once while the latch is set.
    pub(crate) fn wait(&self, mut want: Want) -> Option<Ticket> {
        loop {
            let waiter = self.line_up(want, false)?;
            let answer = match waiter.wait(want.deadline) {
                Some(answer) => answer,
                None if self.waiters.leave(want.class, &waiter) => Answer::Expired,
                None => Answer::Admitted,
            };
            want.ticket = waiter.ticket();
            match self.conclude(answer, want.class, &waiter) {
                Conclusion::Room => return Some(want.ticket),
                Conclusion::NoRoom => return None,
                Conclusion::Back => {}
            }
        }
    }

    /// Whether somebody has waited in vain since there was last room.
    pub(crate) fn is_latched(&self) -> bool {
        self.latched.load(Ordering::SeqCst)
    }

    /// Joins the line, if it makes sense to wait.
    pub(super) fn line_up(&self, want: Want, is_task: bool) -> Option<Arc<Waiter>> {
        if want.deadline.is_some() && self.is_latched() {
            return None;
        }
        let waiter = self.waiters.join(want, is_task)?;
        // The room that there was a moment ago may be somebody else's by now.
        self.set_full(want.class);
        // It looks after the line, and does not sleep for good while there is one.
        self.worker.wake();
        // Memory may have come back before there was a line: whoever gave it back saw nobody to
        // let in, so look once more. One of the two sees what the other wrote.
        fence(Ordering::SeqCst);
        self.reopen();
        Some(waiter)
    }

    /// Draws the consequences of an answer.
    pub(super) fn conclude(&self, answer: Answer, class: Class, waiter: &Waiter) -> Conclusion {
        match answer {
            Answer::Closed => Conclusion::NoRoom,
            Answer::Expired => {
                self.latched.store(true, Ordering::SeqCst);
                // Memory may have come back meanwhile: whoever gave it back saw no latch to clear.
                fence(Ordering::SeqCst);
                self.reopen();
                Conclusion::NoRoom
            }
            Answer::Admitted => {
                let overtakes = self.waiters.arrived(class, waiter);
                // There may be room for the next one too, or for the one who comes first.
                self.reopen();
                match overtakes {
                    true => Conclusion::Back,
                    false => Conclusion::Room,
                }
            }
        }
    }

    pub(crate) fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    fn release(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        self.reopen();
        if self.worker_waits.load(Ordering::SeqCst) && !self.is_over() {
            self.relief.wake();
        }
    }

    /// Of each class that has room again, lets in those who are first in line, who will look here
    /// again; if nobody waits, the class is open to all.
    pub(crate) fn reopen(&self) {
        self.let_in(false);
    }

    /// Looks after the line: ends the waits of tasks, which have no clock of their own, and lets
    /// others in if those who were let in cannot come.
    pub(crate) fn tend_line(&self, now: Instant) {
        self.waiters.expire(now);
        self.let_in(self.waiters.are_stuck(now));
    }

    fn let_in(&self, cannot_come: bool) {
        for class in [Class::Ordinary, Class::Protected] {
            let is_shut = self.full[class as usize].load(Ordering::SeqCst)
                || !self.waiters.is_empty()
                || self.latched.load(Ordering::SeqCst);
            if is_shut {
                self.reopen_to(class, cannot_come);
            }
        }
    }

    fn reopen_to(&self, class: Class, cannot_come: bool) {
        let full = &self.full[class as usize];
        while let Some(room) = self.room(class) {
            let nobody_waits = self.waiters.admit(class, room, cannot_come);
            full.store(!nobody_waits, Ordering::SeqCst);
            if !nobody_waits {
                return;
            }
            // Somebody may have joined the line before the flag was cleared, and set it in vain.
            fence(Ordering::SeqCst);
            if self.waiters.is_empty() || !self.waiters.has(class) {
                return;
            }
            full.store(true, Ordering::SeqCst);
        }
    }

    /// The room for calls of a class, if it is enough for a chunk.
    fn room(&self, class: Class) -> Option<usize> {
        let limit = self.limits[class as usize];
        let used = self.used.load(Ordering::SeqCst);
        let room = limit.checked_sub(used).filter(|room| *room >= CHUNK)?;
        if class == Class::Ordinary && self.latched.load(Ordering::SeqCst) {
            let is_over = used <= limit / 10 * 9;
            self.latched.store(!is_over, Ordering::SeqCst);
            return is_over.then_some(room);
        }
        Some(room)
    }
}

/// What follows from an answer to somebody who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conclusion {
    Room,
    NoRoom,
    /// Several were let in, and one who came earlier went back: so must who came later.
    Back,
}

/// Bytes in use; given back on drop.
#[derive(Debug)]
pub(crate) struct Charge {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

#[cfg(all(test, not(fapilog_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_refused_at_its_limit_and_admitted_when_bytes_come_back() {
        let budget = Budget::new(3 * CHUNK, CHUNK);
        let held = [(); 2].map(|()| budget.draw(CHUNK, Class::Ordinary));
        assert!(held.iter().all(Option::is_some));
        assert!(budget.draw(CHUNK, Class::Ordinary).is_none());
        assert!(!budget.shut(1, Class::Ordinary));
        assert!(!budget.admits(Class::Ordinary));
        assert!(
            budget.draw(CHUNK, Class::Protected).is_some(),
            "the reserve"
        );
        drop(held);
        assert!(budget.admits(Class::Ordinary));
        assert_eq!(budget.used(), 0);
        assert_eq!(budget.high_watermark(), 3 * CHUNK);
    }

    #[test]
    fn where_a_protected_event_is_turned_away_no_other_comes_in() {
        let budget = Budget::new(3 * CHUNK, CHUNK);
        let held = budget.draw(4 * CHUNK, Class::Protected);
        assert!(!budget.shut(1, Class::Protected));
        assert!(!budget.admits(Class::Ordinary), "not even into a rest");
        drop(held);
        assert!(budget.admits(Class::Ordinary) && budget.admits(Class::Protected));
    }

    fn want(patience: Duration) -> Want {
        Want {
            deadline: Some(Instant::now() + patience),
            ..Want::new(Class::Ordinary, 1)
        }
    }

    #[test]
    fn a_wait_in_vain_of_a_protected_event_holds_for_no_longer() {
        let budget = Budget::new(80 * CHUNK, 0);
        let wait = |time| {
            budget.wait(Want {
                class: Class::Protected,
                ..want(time)
            })
        };
        let held = budget.draw(80 * CHUNK, Class::Protected);
        assert!(wait(Duration::from_millis(5)).is_none());
        drop(held);
        assert!(wait(Duration::from_secs(60)).is_some(), "it may wait again");
    }

    #[test]
    fn one_wait_in_vain_is_the_last_until_usage_falls_below_ninety_percent() {
        let budget = Budget::new(80 * CHUNK, 0);
        let mut held: Vec<_> = (0..80)
            .map_while(|_| budget.draw(CHUNK, Class::Ordinary))
            .collect();
        budget.shut(1, Class::Ordinary);
        assert!(budget.wait(want(Duration::from_millis(5))).is_none());
        let start = Instant::now();
        assert!(budget.wait(want(Duration::from_secs(60))).is_none());
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "latched: no wait"
        );
        held.truncate(55);
        assert!(!budget.admits(Class::Ordinary), "92%: still latched");
        held.truncate(53);
        assert!(budget.admits(Class::Ordinary), "88%: open again");
    }
}
