//! The bounded queue between the calls and the worker.
//!
//! Calls copy records into chunks of 64 KiB, in one of a few shards; the worker sweeps all shards
//! and orders what it found by stamp. A shard's lock covers a copy and nothing else: chunks are
//! taken before it, user code has run before it. Memory is bounded in bytes by the [`Budget`].

mod budget;
mod chunk;
mod order;
mod permit;
mod room;
mod shard;
mod waiters;
mod wake;

pub use self::permit::Permit;
pub(crate) use self::{
    budget::{Budget, Charge},
    chunk::Chunk,
    order::{Entry, Order},
    room::Room,
    waiters::{Ticket, Want},
    wake::Wake,
};

use std::{cell::Cell, sync::Arc};

use self::{
    chunk::Pool,
    shard::{Appended, Shard},
};
use crate::{
    clock,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        lock, unless_held,
    },
};

/// The size of a chunk, and the smallest piece of budget that a shard draws.
pub(crate) const CHUNK: usize = 64 * 1024;

/// Whether an event may use the protected reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Ordinary = 0,
    Protected = 1,
}

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

#[derive(Debug)]
pub(crate) struct Queue {
    shards: Box<[Padded<Mutex<Shard>>]>,
    budget: Arc<Budget>,
    pool: Pool,
    closed: AtomicBool,
    /// The worker sleeps for good: whoever appends next wakes it.
    parked: AtomicBool,
    /// Takes the place of the next chunk that a sweep takes away, so that no call has to draw one
    /// only because the worker has looked. For the worker.
    spare: Mutex<Option<Chunk>>,
    /// Chunks that were drawn since the last sweep: if they are many, the worker is called before
    /// its next tick.
    drawn: AtomicUsize,
}

impl Queue {
    pub(crate) fn new(shards: usize, budget: Arc<Budget>) -> Self {
        Self {
            // A power of two: to find a thread's own, a call need not divide.
            shards: (0..shards.max(1).next_power_of_two())
                .map(|_| Padded::default())
                .collect(),
            budget,
            pool: Pool::new(),
            closed: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            spare: Mutex::new(None),
            drawn: AtomicUsize::new(0),
        }
    }

    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Copies a record into the queue. Never waits but for a lock that covers a copy.
    pub(crate) fn append(&self, record: &[u8], class: Class) -> Result<(), Refused> {
        let home = home();
        let mut brought = None;
        loop {
            let (outcome, parked) = {
                let mut shard = self.shard_near(home);
                let outcome = shard.append(record, class, &mut brought);
                // Read under the lock: a worker that had not parked by now will still see the
                // record, since it looks into each shard after it has set the flag.
                (outcome, self.parked.load(Ordering::Relaxed))
            };
            match outcome {
                Appended::Closed => return Err(Refused::Closed),
                Appended::Yes => {
                    self.after_append(parked, brought);
                    return Ok(());
                }
                Appended::NeedsChunk => match self.draw(record.len(), class) {
                    Some(chunk) => brought = Some(chunk),
                    None => return self.append_to_rest(record, class),
                },
            }
        }
    }

    /// Whether there may be room in what is held already, so that a call need not draw.
    pub(crate) fn has_rest(&self) -> bool {
        self.shards.iter().any(|shard| lock(&shard.0).has_rest())
    }

    /// Copies a record into a chunk that some shard holds open, without drawing a new one.
    #[cold]
    pub(crate) fn append_to_rest(&self, record: &[u8], class: Class) -> Result<(), Refused> {
        for shard in &self.shards {
            let (outcome, parked) = {
                let mut shard = lock(&shard.0);
                let outcome = shard.append(record, class, &mut None);
                (outcome, self.parked.load(Ordering::Relaxed))
            };
            match outcome {
                Appended::Closed => return Err(Refused::Closed),
                Appended::Yes => {
                    self.after_append(parked, None);
                    return Ok(());
                }
                Appended::NeedsChunk => {}
            }
        }
        Err(Refused::Full)
    }

    /// Copies a record into the queue; without room, into what the permit keeps for it. Never
    /// waits, and is only refused when the queue is closed.
    pub(crate) fn append_permitted(
        &self,
        record: &[u8],
        class: Class,
        permit: Permit,
    ) -> Result<(), Refused> {
        match self.append(record, class) {
            Err(Refused::Full) => {}
            done => return done,
        }
        let rest = record.len().saturating_sub(Permit::BYTES);
        let charges = (permit.charge, self.budget.take(rest));
        let parked = {
            let mut shard = self.shard_near(home());
            if !shard.add(Chunk::of(record, charges)) {
                return Err(Refused::Closed);
            }
            self.parked.load(Ordering::Relaxed)
        };
        self.after_append(parked, None);
        Ok(())
    }

    fn after_append(&self, parked: bool, unused: Option<(Chunk, Class)>) {
        if let Some((chunk, _)) = unused {
            self.pool.give_back(chunk);
        }
        if parked && self.parked.swap(false, Ordering::AcqRel) {
            self.budget.worker.wake();
        }
    }

    /// A chunk from ordinary memory, or for a protected event from the reserve.
    fn draw(&self, length: usize, class: Class) -> Option<(Chunk, Class)> {
        let bytes = length.max(CHUNK);
        let ordinary = self.budget.draw(bytes, Class::Ordinary);
        let (charge, from) = match (ordinary, class) {
            (Some(charge), _) => (charge, Class::Ordinary),
            (None, Class::Ordinary) => return None,
            (None, Class::Protected) => (self.budget.draw(bytes, class)?, class),
        };
        // Once a sweep: a call that wakes takes many times as long as others.
        if self.drawn.fetch_add(1, Ordering::Relaxed) == self.budget.many_chunks() {
            self.budget.worker.wake();
        }
        Some((self.pool.chunk(length, charge), from))
    }

    /// Locks a shard that nobody holds, starting from `home`; waits for `home` if all are held.
    fn shard_near(&self, home: usize) -> MutexGuard<'_, Shard> {
        let last = self.shards.len() - 1;
        for hop in 0..=last {
            let near = home.wrapping_add(hop) & last;
            if let Some(shard) = unless_held(self.shards[near].0.try_lock()) {
                return shard;
            }
        }
        lock(&self.shards[home & last].0)
    }

    /// Takes all that was appended before. For the worker.
    ///
    /// Returns the cut: of what is newer, a cause may stand in a shard that the sweep had passed
    /// before the cause was appended, so it has to be held back until the next sweep.
    pub(crate) fn sweep(&self, into: &mut Vec<Chunk>) -> u64 {
        self.drawn.store(0, Ordering::Relaxed);
        let cut = clock::monotonic();
        let before = into.len();
        let mut spare = lock(&self.spare);
        for shard in &self.shards {
            lock(&shard.0).sweep(into, &mut spare);
            if spare.is_none() && into.len() > before {
                *spare = self.spare();
            }
        }
        cut
    }

    /// Refuses all later appends and takes what came before. For the worker.
    pub(crate) fn close(&self, into: &mut Vec<Chunk>) {
        self.refuse();
        for shard in &self.shards {
            let mut shard = lock(&shard.0);
            shard.close();
            shard.sweep(into, &mut None);
        }
        self.release_spares();
    }

    /// A chunk that no call has asked for, while memory is plenty.
    fn spare(&self) -> Option<Chunk> {
        let charge = self.budget.draw_plenty(CHUNK)?;
        Some(self.pool.chunk(CHUNK, charge))
    }

    /// Gives back what no record stands in.
    fn release_spares(&self) {
        drop(lock(&self.spare).take());
        for shard in &self.shards {
            let unused = lock(&shard.0).take_unused();
            // Whoever gives room back looks for those who wait for it: not under the lock.
            drop(unused);
        }
        self.pool.clear();
    }

    /// Refuses calls from now on, those that wait too, but for those that have begun to encode.
    pub(crate) fn refuse(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.budget.waiters().close();
    }

    /// Gives a handled chunk back.
    pub(crate) fn give_back(&self, chunk: Chunk) {
        self.pool.give_back(chunk);
    }

    /// Sleeps until a record is appended or [`wake`](Self::wake) is called, holding no spare
    /// memory meanwhile.
    pub(crate) fn park(&self) {
        self.parked.store(true, Ordering::Release);
        if self.shards.iter().all(|shard| lock(&shard.0).is_empty()) {
            self.release_spares();
            self.budget.worker.sleep();
        }
        self.parked.store(false, Ordering::Release);
    }

    /// Sleeps for about `time`, or until the queue fills quickly or [`wake`](Self::wake) is called.
    pub(crate) fn nap(&self, time: std::time::Duration) {
        self.budget.worker.nap(time);
    }

    pub(crate) fn wake(&self) {
        self.budget.worker.wake();
    }

    /// Records accepted since the start.
    pub(crate) fn accepted(&self) -> u64 {
        let shards = self.shards.iter();
        shards.map(|shard| lock(&shard.0).accepted()).sum()
    }
}

/// Keeps neighbours off each other's cache lines.
#[derive(Debug)]
#[repr(align(128))]
struct Padded<T>(T);

impl Default for Padded<Mutex<Shard>> {
    fn default() -> Self {
        Self(Mutex::new(Shard::default()))
    }
}

/// The shard that this thread tries first.
fn home() -> usize {
    static THREADS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    thread_local! {
        static HOME: Cell<Option<usize>> = const { Cell::new(None) };
    }
    let kept = HOME.try_with(|home| {
        home.get().unwrap_or_else(|| {
            let number = THREADS.fetch_add(1, Ordering::Relaxed);
            home.set(Some(number));
            number
        })
    });
    kept.unwrap_or(0)
}

#[cfg(all(test, fapilog_loom))]
mod models;

#[cfg(all(test, not(fapilog_loom)))]
mod tests {
    use super::*;

    fn append_and_sweep(queue: &Queue) {
        assert!(queue.append(&[0; 100], Class::Ordinary).is_ok());
        queue.sweep(&mut Vec::new());
    }

    #[test]
    fn while_events_flow_the_call_after_a_sweep_finds_a_chunk_there() {
        let queue = Queue::new(1, Budget::new(1024 * 1024, 0));
        append_and_sweep(&queue);
        append_and_sweep(&queue);
        assert!(queue.append(&[0; 100], Class::Ordinary).is_ok());
        assert_eq!(queue.drawn.load(Ordering::Relaxed), 0, "since the sweep");
    }

    #[test]
    fn memory_that_is_scarce_is_left_to_those_who_need_it() {
        let queue = Queue::new(1, Budget::new(1024 * 1024, 0));
        let held = queue.budget.draw(CHUNK * 8, Class::Ordinary);
        append_and_sweep(&queue);
        append_and_sweep(&queue);
        assert_eq!(queue.budget.used(), CHUNK * 8);
        drop(held);
    }

    #[test]
    fn nothing_is_held_for_calls_that_cannot_come_any_more() {
        let queue = Queue::new(1, Budget::new(1024 * 1024, 0));
        append_and_sweep(&queue);
        assert_ne!(queue.budget.used(), 0);
        queue.close(&mut Vec::new());
        assert_eq!(queue.budget.used(), 0);
    }
}
