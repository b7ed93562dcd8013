//! What must hold, by what the documentation says.

use std::time::Duration;

use fapilog_core::{Level, Pressure, Stats};

pub(super) const CHUNK: usize = 64 * 1024;

/// The most text in an event.
pub(super) const LARGEST: usize = 150_000;

/// What a record takes besides its text, at most.
const AROUND: usize = 256;

/// The settings of a sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) budget: usize,
    pub(super) reserve: usize,
    pub(super) wait: Duration,
    pub(super) drop_on_full: bool,
    pub(super) gated: Option<Pressure>,
    /// Of a second sink that takes everything, if there is one.
    pub(super) other: Option<Option<Pressure>>,
}

impl Rules {
    /// Up to where calls of a level may draw memory: a quarter of the budget is kept for what is
    /// encoded; protected events may have all, and the reserve.
    pub(super) fn limit(&self, level: Level) -> usize {
        if level.is_protected() {
            self.budget + self.reserve
        } else {
            self.budget - self.budget / 4
        }
    }

    pub(super) fn can_never_fit(&self, level: Level, size: usize) -> bool {
        size > self.limit(level)
    }

    /// Whether even this one, with all that stands around its text, could fit into an empty queue.
    pub(super) fn fits_for_sure(&self, level: Level, size: usize) -> bool {
        (size + AROUND).max(CHUNK) <= self.limit(level)
    }

    /// Whether there is room for sure when so many bytes are used.
    pub(super) fn has_room(&self, level: Level, size: usize, used: usize) -> bool {
        used + (size + AROUND).max(CHUNK) <= self.limit(level)
    }

    /// A record that is no larger than a chunk: it waits in line, not beside it.
    pub(super) fn waits_in_line(size: usize) -> bool {
        size + AROUND <= CHUNK
    }

    /// Whether a wait in vain no longer keeps others from waiting.
    pub(super) fn is_low(&self, used: usize) -> bool {
        used <= self.limit(Level::Info) / 10 * 9 && self.has_room(Level::Info, 0, used)
    }

    pub(super) fn may_wait(&self) -> bool {
        !self.drop_on_full || !self.wait.is_zero()
    }

    pub(super) fn effective(&self, pressure: Option<Pressure>) -> Pressure {
        let sole = self.other.is_none();
        let usual = if sole || !self.drop_on_full {
            Pressure::Propagate
        } else {
            Pressure::Shed
        };
        pressure.unwrap_or(usual)
    }

    /// The most that may ever be held: what the worker is just making comes on top, for which a
    /// large event may take twice its size.
    pub(super) fn most(&self) -> usize {
        self.budget + self.reserve + 3 * LARGEST + 2 * CHUNK
    }
}

/// What can be seen of a pipeline from outside. If two are equal, nothing has happened in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) used: usize,
    accepted: u64,
    generated: u64,
    routed: u64,
    ended: u64,
}

impl Mark {
    pub(super) fn of(stats: &Stats) -> Self {
        let ended = |it: &fapilog_core::SinkStats| it.delivered + it.dropped.total();
        Self {
            used: stats.queue_bytes,
            accepted: stats.submitted - stats.refused.total(),
            generated: stats.generated,
            routed: stats.routed,
            ended: stats.sinks.iter().map(ended).sum(),
        }
    }

    /// Whether nothing but one call has changed anything.
    pub(super) fn is_before_a_call(&self, after: &Self) -> bool {
        let same = |it: &Self| (it.generated, it.routed, it.ended);
        let is_one = after.accepted <= self.accepted + 1;
        same(self) == same(after) && is_one && self.used <= after.used
    }
}
