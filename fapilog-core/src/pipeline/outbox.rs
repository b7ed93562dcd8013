//! What the worker has encoded, on its way to the lanes.

use std::{collections::VecDeque, sync::Arc};

use super::{
    control::Flush,
    ledger::{Ledger, add},
};
use crate::lane::{Backlog, Block};

/// The lanes, and the blocks that not all of them have yet. Each lane gets each block once, also
/// when the worker is interrupted in between.
#[derive(Debug)]
pub(crate) struct Outbox {
    lanes: Vec<Arc<Backlog>>,
    blocks: VecDeque<Arc<Block>>,
    /// How many lanes have the first block.
    served: usize,
}

impl Outbox {
    pub(crate) fn new(lanes: Vec<Arc<Backlog>>) -> Self {
        Self {
            lanes,
            blocks: VecDeque::new(),
            served: 0,
        }
    }

    pub(super) fn put(&mut self, block: Option<Block>) {
        self.blocks.extend(block.map(Arc::new));
    }

    pub(super) fn hand_over(&mut self, ledger: &Ledger) {
        while let Some(block) = self.blocks.front() {
            for lane in &self.lanes[self.served..] {
                lane.push(block);
                self.served += 1;
            }
            let counter = match self.lanes.is_empty() {
                true => &ledger.unrouted,
                false => &ledger.routed,
            };
            add(counter, block.len() as u64);
            self.served = 0;
            self.blocks.pop_front();
        }
    }

    /// Whether a sink that must not lose anything still owes outcomes.
    pub(super) fn holds_back(&self) -> bool {
        self.lanes.iter().any(|lane| lane.holds_back())
    }

    /// Lets no lane wait for more events than it has.
    pub(super) fn hurry(&self) {
        self.lanes.iter().for_each(|lane| lane.hurry());
    }

    /// Lets each lane answer when it has reached the end of what it was handed before.
    pub(super) fn flush(&self, flush: &Arc<Flush>) {
        for (index, lane) in self.lanes.iter().enumerate() {
            lane.flush(flush.ticket(index));
        }
    }

    /// Lets each lane end when it has reached the end of what it was handed before.
    pub(super) fn stop(&self) {
        self.lanes.iter().for_each(|lane| lane.stop());
    }
}
