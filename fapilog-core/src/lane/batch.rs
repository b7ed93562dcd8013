//! [`Batch`]: what a sink is handed.

use std::{fmt, sync::Arc};

use super::block::Block;
use crate::{error::SinkError, event::Event, sink::SerializedView};

/// Events for one sink, in order, each with an index from 0.
///
/// The bytes are shared by all sinks; a batch that is kept keeps its share of the memory budget.
#[derive(Clone)]
pub struct Batch {
    block: Arc<Block>,
    /// Only these lines of the block.
    lines: Option<Arc<[u32]>>,
}

impl Batch {
    /// What is in the block for the sink in this place; `None` if nothing is.
    pub(crate) fn of(block: &Arc<Block>, sink: usize) -> Option<Self> {
        let is_for = |line: &usize| block.is_for(sink, *line);
        let lines = match (0..block.len()).all(|line| is_for(&line)) {
            true => None,
            false => Some((0..block.len()).filter(is_for).map(|line| line as u32)),
        };
        Self {
            block: Arc::clone(block),
            lines: lines.map(Iterator::collect),
        }
        .unless_empty()
    }

    /// The protected events of it, if it has any.
    pub(crate) fn protected(&self) -> Option<Self> {
        let protected = self.block.protected();
        let lines = match &self.lines {
            None => protected.into(),
            Some(lines) => {
                let lines = lines.iter().copied();
                lines
                    .filter(|line| protected.binary_search(line).is_ok())
                    .collect()
            }
        };
        Self {
            block: Arc::clone(&self.block),
            lines: Some(lines),
        }
        .unless_empty()
    }

    fn unless_empty(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }

    /// The number of events.
    pub fn len(&self) -> usize {
        self.lines
            .as_ref()
            .map_or(self.block.len(), |lines| lines.len())
    }

    /// Whether there is no event. Sinks are never handed such a batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of all events together, line breaks included.
    pub fn size(&self) -> usize {
        self.slices().map(<[u8]>::len).sum()
    }

    /// Each event as JSON, without its line break.
    pub fn serialized(&self) -> impl Iterator<Item = SerializedView<'_>> {
        (0..self.len()).map(|index| {
            let line = self.block.line(self.line_of(index));
            let data = line.strip_suffix(b"\n").unwrap_or(line);
            SerializedView { data }
        })
    }

    /// The bytes of each event, its line break included. The bytes themselves are not touched.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).map(|index| self.block.line(self.line_of(index)).len())
    }

    /// Each event; empty unless the sink asks for events, see
    /// [`Sink::takes_serialized`](crate::Sink::takes_serialized).
    pub fn events(&self) -> impl Iterator<Item = &Event<'static>> {
        (0..self.len()).filter_map(|index| self.block.event(self.line_of(index)))
    }

    /// All events as JSON lines, in as few pieces as possible, for one `write` each.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut next = 0;
        std::iter::from_fn(move || {
            if next == self.len() {
                return None;
            }
            let first = self.line_of(next);
            let mut last = first;
            next += 1;
            match self.lines {
                None => (last, next) = (self.len() - 1, self.len()),
                Some(_) => {
                    while next < self.len() && self.line_of(next) == last + 1 {
                        last += 1;
                        next += 1;
                    }
                }
            }
            Some(self.block.lines(first..=last))
        })
    }

    /// The bytes that the batch keeps in memory.
    pub(super) fn block_size(&self) -> usize {
        self.block.size()
    }

    fn line_of(&self, index: usize) -> usize {
        self.lines
            .as_ref()
            .map_or(index, |lines| lines[index] as usize)
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &self.len())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// The events of a batch that a sink could not take; all others count as delivered.
#[derive(Debug)]
pub struct BatchError {
    failed: Failed,
}

#[derive(Debug)]
enum Failed {
    All(SinkError),
    Some(Vec<(usize, SinkError)>),
}

impl BatchError {
    /// None of the events was delivered.
    pub fn all(error: SinkError) -> Self {
        Self {
            failed: Failed::All(error),
        }
    }

    /// The events with these indices were not delivered.
    pub fn some(failed: Vec<(usize, SinkError)>) -> Self {
        Self {
            failed: Failed::Some(failed),
        }
    }

    /// `Err` with the failures, `Ok` if there are none.
    pub(crate) fn of(failed: Vec<(usize, SinkError)>) -> Result<(), Self> {
        if failed.is_empty() {
            Ok(())
        } else {
            Err(Self::some(failed))
        }
    }

    /// How many events of a batch of `len` were not delivered. An index counts once.
    pub(crate) fn count(&self, len: usize) -> usize {
        match &self.failed {
            Failed::All(_) => len,
            Failed::Some(failed) => {
                let mut indices: Vec<_> = failed.iter().map(|(index, _)| *index).collect();
                indices.retain(|index| *index < len);
                indices.sort_unstable();
                indices.dedup();
                indices.len()
            }
        }
    }

    /// The first error.
    pub(crate) fn first(&self) -> Option<&SinkError> {
        match &self.failed {
            Failed::All(error) => Some(error),
            Failed::Some(failed) => failed.first().map(|(_, error)| error),
        }
    }
}

impl From<SinkError> for BatchError {
    fn from(error: SinkError) -> Self {
        Self::all(error)
    }
}

impl From<std::io::Error> for BatchError {
    fn from(error: std::io::Error) -> Self {
        Self::all(error.into())
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.failed, self.first()) {
            (Failed::All(error), _) => write!(f, "{error}"),
            (Failed::Some(failed), Some(first)) => {
                write!(f, "{} events failed, the first with: {first}", failed.len())
            }
            (Failed::Some(_), None) => f.write_str("no event failed"),
        }
    }
}

impl std::error::Error for BatchError {}
