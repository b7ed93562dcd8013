//! Putting what a sweep found into the order in which it happened.

use std::sync::Arc;

use super::{
    budget::{Budget, Charge},
    chunk::Chunk,
};
use crate::record::Reader;

/// The records that the worker has taken and not yet handled.
///
/// A record that is newer than the cut of its sweep is held back: a cause of it may have been
/// appended, after the sweep had passed its shard, by a call that returned before this one began.
#[derive(Debug)]
pub(crate) struct Order {
    slots: Vec<Slot>,
    free: Vec<u32>,
    entries: Vec<Entry>,
    next: usize,
    ready: usize,
    budget: Arc<Budget>,
    /// For the entries, which outweigh the records themselves if those are short.
    charge: Option<Charge>,
    charged: usize,
}

#[derive(Debug)]
struct Slot {
    chunk: Option<Chunk>,
    unhandled: u32,
}

/// Where one record stands. Kept small: there is one for each record that waits here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    stamp: u64,
    slot: u32,
    offset: u32,
}

impl Order {
    pub(crate) fn new(budget: Arc<Budget>) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            entries: Vec::new(),
            next: 0,
            ready: 0,
            budget,
            charge: None,
            charged: 0,
        }
    }

    /// Takes in the chunks of a sweep; what is not newer than `cut` becomes ready, oldest first.
    pub(crate) fn add(&mut self, chunks: impl Iterator<Item = Chunk>, cut: u64) {
        self.entries.drain(..self.next);
        (self.next, self.ready) = (0, 0);
        for chunk in chunks {
            self.index(chunk);
        }
        self.recharge();
        // Stable: equal stamps can only come from different threads, and keep the sweep's order.
        self.entries.sort_by_key(|entry| entry.stamp);
        self.ready = self.entries.partition_point(|entry| entry.stamp <= cut);
    }

    /// The next record that is ready.
    pub(crate) fn peek(&self) -> Option<Entry> {
        self.entries[..self.ready].get(self.next).copied()
    }

    /// The bytes from this record on.
    pub(crate) fn record(&self, entry: Entry) -> &[u8] {
        let chunk = self.slots[entry.slot as usize].chunk.as_ref();
        let bytes = chunk.map_or(&[][..], Chunk::bytes);
        bytes.get(entry.offset as usize..).unwrap_or_default()
    }

    /// Passes over the record that [`peek`](Self::peek) gave; returns its chunk after the last.
    pub(crate) fn handled(&mut self, entry: Entry) -> Option<Chunk> {
        self.next += 1;
        let slot = &mut self.slots[entry.slot as usize];
        slot.unhandled -= 1;
        if slot.unhandled > 0 {
            return None;
        }
        self.free.push(entry.slot);
        slot.chunk.take()
    }

    /// Passes over all that is left; returns how many.
    pub(crate) fn skip_all(&mut self) -> usize {
        let count = self.len();
        self.next = self.entries.len();
        count
    }

    /// How many records are here, ready or held back.
    pub(crate) fn len(&self) -> usize {
        self.entries.len() - self.next
    }

    /// Gives back the memory of a list that is empty now.
    pub(crate) fn relax(&mut self) {
        if self.len() == 0 {
            self.entries = Vec::new();
            (self.next, self.ready) = (0, 0);
            self.recharge();
        }
    }

    fn recharge(&mut self) {
        // The sort needs half as much again.
        let held = self.entries.capacity() * size_of::<Entry>() * 3 / 2;
        if held != self.charged {
            self.charge = None;
            self.charge = (held > 0).then(|| self.budget.take(held));
            self.charged = held;
        }
    }

    fn index(&mut self, chunk: Chunk) {
        let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
        let mut reader = Reader::new(chunk.bytes());
        let (mut offset, mut unhandled) = (0, 0);
        while let Some((stamp, length)) = reader.next_record() {
            self.entries.push(Entry {
                stamp,
                slot,
                offset,
            });
            offset += length as u32;
            unhandled += 1;
        }
        let filled = Slot {
            chunk: (unhandled > 0).then_some(chunk),
            unhandled,
        };
        match self.slots.get_mut(slot as usize) {
            Some(free) => *free = filled,
            None => self.slots.push(filled),
        }
        if unhandled == 0 {
            self.free.push(slot);
        }
    }
}

#[cfg(all(test, not(fapilog_loom)))]
mod tests {
    use super::*;
    use crate::{
        callsite::Callsite,
        level::Level,
        queue::{Class, Queue},
        record::{self, Scratch},
    };

    #[test]
    fn what_the_list_of_short_records_takes_is_charged_and_given_back() {
        static SITE: Callsite = Callsite::new(Level::Info, "order", "", 0, &[]);
        let budget = Budget::new(1024 * 1024, 0);
        let queue = Queue::new(1, Arc::clone(&budget));
        for stamp in 0..1000 {
            let mut scratch = Scratch::take();
            record::encode(&mut scratch, stamp, &SITE, &record::Parts::default(), &[]);
            assert!(queue.append(scratch.as_slice(), Class::Ordinary).is_ok());
        }
        let mut chunks = Vec::new();
        queue.sweep(&mut chunks);
        let before = budget.used();
        let mut order = Order::new(Arc::clone(&budget));
        order.add(chunks.into_iter(), u64::MAX);
        assert!(budget.used() - before >= 1000 * size_of::<Entry>());
        while let Some(entry) = order.peek() {
            drop(order.handled(entry));
        }
        order.relax();
        queue.close(&mut Vec::new());
        assert_eq!(budget.used(), 0);
    }
}
