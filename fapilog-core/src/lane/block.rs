//! Encoded events, shared by all lanes: immutable once sealed, freed with the last lane.

use std::{
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use crate::{
    Level,
    event::Event,
    level::ProtectedLevels,
    queue::{Budget, Charge},
    route::{Router, Sinks},
    settings::CoreSettings,
};

/// Lines of JSON, each with its line break, at most [`Block::SIZE`] together unless a single one
/// is longer.
#[derive(Debug)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    /// Where each line ends, its line break included.
    ends: Vec<u32>,
    /// Which lines are of protected events.
    protected: Vec<u32>,
    /// The sinks that each line is for; empty if all are for all.
    routes: Vec<Sinks>,
    /// The events themselves, if a sink asks for them; else empty.
    events: Vec<Event<'static>>,
    /// What the budget is charged with.
    held: usize,
    _charge: Charge,
}

impl Block {
    pub(crate) const SIZE: usize = 64 * 1024;

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of memory that it holds.
    pub(crate) fn size(&self) -> usize {
        self.held
    }

    pub(crate) fn protected(&self) -> &[u32] {
        &self.protected
    }

    /// Whether a line is for the sink in this place.
    pub(crate) fn is_for(&self, sink: usize, line: usize) -> bool {
        let route = self.routes.get(line);
        route.is_none_or(|route| route >> sink & 1 != 0)
    }

    /// The bytes of one line, its line break included.
    pub(crate) fn line(&self, index: usize) -> &[u8] {
        let Range { start, end } = self.range(index);
        &self.bytes[start..end]
    }

    /// The bytes of lines that follow each other.
    pub(crate) fn lines(&self, lines: RangeInclusive<usize>) -> &[u8] {
        &self.bytes[self.range(*lines.start()).start..self.range(*lines.end()).end]
    }

    pub(crate) fn event(&self, index: usize) -> Option<&Event<'static>> {
        self.events.get(index)
    }

    fn range(&self, index: usize) -> Range<usize> {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[index] as usize
    }
}

/// A line was not written to its end.
#[derive(Debug)]
pub(crate) struct BrokenOff;

/// The block that the worker is filling.
#[derive(Debug)]
pub(crate) struct Builder {
    budget: Arc<Budget>,
    keeps_events: bool,
    /// `None` if every event is for every sink.
    router: Option<Router>,
    /// Events that no sink was to have.
    unrouted: u64,
    levels: ProtectedLevels,
    /// Events of a block, at most.
    most: usize,
    bytes: Vec<u8>,
    ends: Vec<u32>,
    protected: Vec<u32>,
    routes: Vec<Sinks>,
    events: Vec<Event<'static>>,
    /// The longest line so far: when another one would not fit, the block is full.
    longest: usize,
}

impl Builder {
    pub(crate) fn new(
        budget: Arc<Budget>,
        keeps_events: bool,
        router: Option<Router>,
        core: &CoreSettings,
    ) -> Self {
        Self {
            budget,
            keeps_events,
            router,
            unrouted: 0,
            levels: ProtectedLevels::new(&core.protected_levels),
            most: core.batch_max_size,
            bytes: Vec::new(),
            ends: Vec::new(),
            protected: Vec::new(),
            routes: Vec::new(),
            events: Vec::new(),
            longest: 0,
        }
    }

    /// Adds the line that `write` writes, and its event if sinks ask for events, unless no sink is
    /// to have it; returns a block that is full now, with the line or before it.
    ///
    /// # Errors
    ///
    /// If `write` breaks off; then nothing is added.
    pub(crate) fn add(
        &mut self,
        level: Level,
        event: Option<&Event<'_>>,
        write: impl FnOnce(&mut Vec<u8>) -> Option<()>,
    ) -> Result<Option<Block>, BrokenOff> {
        let route = self.router.as_ref().map(|it| it.route(level, event));
        if route == Some(0) {
            self.unrouted += 1;
            return Ok(None);
        }
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(Block::SIZE);
        }
        let start = self.bytes.len();
        if write(&mut self.bytes).is_none() {
            self.discard_unfinished();
            return Err(BrokenOff);
        }
        self.bytes.push(b'\n');
        let mut full = None;
        if self.bytes.len() > Block::SIZE && start > 0 {
            let line = self.bytes.split_off(start);
            full = self.seal();
            self.bytes = line;
        }
        let length = self.bytes.len() - self.ends.last().map_or(0, |end| *end as usize);
        self.longest = self.longest.max(length);
        if self.levels.contains(level) {
            self.protected.push(self.ends.len() as u32);
        }
        self.ends.push(self.bytes.len() as u32);
        self.routes.extend(route);
        if self.keeps_events {
            self.events.extend(event.map(|it| it.clone().into_owned()));
        }
        // Sealed early, the bytes need not grow, and move, for a line that will not fit.
        let is_full = self.bytes.len() + self.longest > Block::SIZE || self.ends.len() >= self.most;
        if full.is_none() && is_full {
            full = self.seal();
        }
        Ok(full)
    }

    /// Takes back the line whose encoding was broken off.
    pub(crate) fn discard_unfinished(&mut self) {
        let end = self.ends.last().map_or(0, |end| *end as usize);
        self.bytes.truncate(end);
        self.events.truncate(self.ends.len());
        self.routes.truncate(self.ends.len());
    }

    /// How many events no sink was to have, since the last call.
    pub(crate) fn take_unrouted(&mut self) -> u64 {
        std::mem::take(&mut self.unrouted)
    }

    /// Ends the block; `None` if it holds nothing.
    pub(crate) fn seal(&mut self) -> Option<Block> {
        if self.ends.is_empty() {
            return None;
        }
        self.longest = 0;
        let mut bytes = std::mem::take(&mut self.bytes);
        if bytes.len() < bytes.capacity() / 2 {
            bytes.shrink_to_fit();
        }
        let events = std::mem::take(&mut self.events);
        let ends = std::mem::take(&mut self.ends);
        // An event in memory takes about what its JSON takes, twice.
        let materialised = if events.is_empty() {
            0
        } else {
            2 * bytes.len()
        };
        let routes = std::mem::take(&mut self.routes);
        let held = bytes.capacity() + 4 * ends.capacity() + 8 * routes.capacity() + materialised;
        Some(Block {
            bytes,
            ends,
            protected: std::mem::take(&mut self.protected),
            routes,
            events,
            held,
            _charge: self.budget.take(held),
        })
    }
}
