//! [`Gather`]: what has come, until it is enough for a batch.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    batch::Batch,
    delivery::Delivery,
    parcel::Parcel,
    piece::{Held, Piece},
};
use crate::settings::CoreSettings;

/// The limits of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Each piece is a batch, whatever the others say.
    gathers: bool,
    events: usize,
    bytes: usize,
    wait: Duration,
}

impl Limits {
    pub(super) fn new(delivery: &Delivery, core: &CoreSettings) -> Self {
        Self {
            gathers: delivery.gathers,
            events: delivery.events.unwrap_or(core.batch_max_size),
            bytes: delivery.bytes,
            // Nothing gets too old to be delivered while it waits for others.
            wait: delivery
                .wait
                .unwrap_or(core.batch_timeout)
                .min(delivery.max_age.map_or(Duration::MAX, |age| age / 2)),
        }
    }
}

/// Pieces that are not of a batch yet.
#[derive(Debug)]
pub(super) struct Gather {
    limits: Limits,
    pieces: VecDeque<Piece>,
    /// Events of the first piece that are in a batch already.
    taken: usize,
    /// What is left.
    events: usize,
    bytes: usize,
}

impl Gather {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            pieces: VecDeque::new(),
            taken: 0,
            events: 0,
            bytes: 0,
        }
    }

    pub(super) fn put(&mut self, piece: Piece) {
        if self.limits.gathers {
            let len = piece.part.len();
            self.events += len;
            self.bytes += (0..len)
                .map(|index| piece.part.line(index).len())
                .sum::<usize>();
        }
        self.pieces.push_back(piece);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// When what is there has waited for as long as it may; at once if it is a batch already.
    pub(super) fn due(&self) -> Option<Instant> {
        let since = self.pieces.front()?.since;
        let is_full = !self.limits.gathers
            || self.events >= self.limits.events
            || self.bytes >= self.limits.bytes;
        match is_full {
            true => Some(since),
            false => since.checked_add(self.limits.wait),
        }
    }

    /// The next batch, of as many events as it may have; `None` if there is no event.
    pub(super) fn cut(&mut self, delivery: &Delivery) -> Option<Parcel> {
        let since = self.pieces.front()?.since;
        let mut parts = Vec::new();
        let mut held: Vec<Arc<Held>> = Vec::new();
        let (mut events, mut bytes) = (0, 0);
        while let Some(piece) = self.pieces.front() {
            let (from, len) = (self.taken, piece.part.len());
            let mut to = from;
            while to < len {
                let line = match self.limits.gathers {
                    true => piece.part.line(to).len(),
                    false => 0,
                };
                let is_over = events >= self.limits.events || bytes + line > self.limits.bytes;
                if self.limits.gathers && events > 0 && is_over {
                    break;
                }
                (events, bytes, to) = (events + 1, bytes + line, to + 1);
            }
            if to > from {
                parts.push(piece.part.range(from..to));
                held.push(Arc::clone(&piece.held));
            }
            if to < len {
                self.taken = to;
                break;
            }
            self.taken = 0;
            self.pieces.pop_front();
            if !self.limits.gathers {
                break;
            }
        }
        self.events = self.events.saturating_sub(events);
        self.bytes = self.bytes.saturating_sub(bytes);
        Some(Parcel::new(Batch::new(parts), held.into(), since, delivery))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, lane::Backlog, lane::Room, lane::backlog::Task, queue::Budget};
    use crate::{lane::Block, lane::Builder, pipeline::SinkLedger, sink::Pressure};

    fn block(lines: &[Vec<u8>]) -> Arc<Block> {
        let budget = Budget::new(1 << 30, 0);
        let mut builder = Builder::new(budget, false, None, &CoreSettings::default());
        for line in lines {
            let write = |out: &mut Vec<u8>| {
                out.extend_from_slice(line);
                Some(())
            };
            assert!(matches!(builder.add(Level::Info, None, write), Ok(None)));
        }
        Arc::new(builder.seal().unwrap())
    }

    #[test]
    fn batches_are_as_large_as_they_may_be_and_miss_nothing() {
        for seed in 0..500 {
            let mut random = fastrand::Rng::with_seed(seed);
            let room = Room {
                pressure: Pressure::Propagate,
                cap: 0,
                reserve: 0,
                is_spare: false,
            };
            let backlog = Backlog::new(SinkLedger::new("test"), 0, room);
            let (events, bytes) = (random.usize(1..30), random.usize(1..200));
            let delivery = Delivery::at_once().batch_events(events).batch_bytes(bytes);
            let limits = Limits::new(&delivery, &CoreSettings::default());
            let mut gather = Gather::new(limits);
            let mut expected = Vec::new();
            for _ in 0..random.usize(1..10) {
                let count = random.usize(1..50);
                let line = |_| vec![b'x'; random.usize(1..40)];
                let lines: Vec<_> = (0..count).map(line).collect();
                backlog.push(&block(&lines));
                expected.extend(lines);
                if let Some(Task::Deliver(piece)) = backlog.take() {
                    gather.put(piece);
                }
            }
            let mut found = Vec::new();
            let mut before: Option<(usize, usize)> = None;
            while let Some(parcel) = gather.cut(&delivery) {
                let batch = &parcel.batch;
                let (len, size) = (batch.len(), batch.size());
                assert!(len > 0 && len <= events, "{len} of {events}");
                assert!(len == 1 || size <= bytes, "{size} of {bytes}");
                let first = batch.lengths().next().unwrap();
                if let Some((len, size)) = before {
                    assert!(len == events || size + first > bytes, "{len} {size}");
                }
                before = Some((len, size));
                found.extend(batch.serialized().map(|view| view.data.to_vec()));
            }
            assert_eq!(found, expected);
            assert!(gather.is_empty() && gather.due().is_none());
            assert_eq!((gather.events, gather.bytes), (0, 0));
        }
    }
}
