//! [`Batch`]: what a sink is handed.

use std::{fmt, sync::Arc, time::SystemTime};

use uuid::Uuid;

use super::part::Part;
use crate::{clock, event::Event, ids, sink::SerializedView};

/// Events for one sink, in order, each with an index from 0.
///
/// The bytes are shared by all sinks; a batch that is kept keeps its share of the memory budget.
#[derive(Clone)]
pub struct Batch {
    id: BatchId,
    parts: Arc<[Part]>,
}

/// What a batch is called, the same at each attempt: a UUID of version 7. For receivers that sort out
/// what comes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchId(Uuid);

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Batch {
    pub(super) fn new(parts: impl Into<Arc<[Part]>>) -> Self {
        Self {
            id: BatchId(ids::id_at(clock::unix_millis(SystemTime::now()))),
            parts: parts.into(),
        }
    }

    /// What the batch is called. It was given when the batch was made; what is left of a batch of
    /// which some was delivered or refused is another one.
    pub fn id(&self) -> BatchId {
        self.id
    }

    /// The number of events.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
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
        self.lines().map(|line| SerializedView {
            data: line.strip_suffix(b"\n").unwrap_or(line),
        })
    }

    /// The bytes of each event, its line break included. The bytes themselves are not touched.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.lines().map(<[u8]>::len)
    }

    /// Each event; empty unless the sink asks for events, see
    /// [`Sink::takes_serialized`](crate::Sink::takes_serialized).
    pub fn events(&self) -> impl Iterator<Item = &Event<'static>> {
        self.parts.iter().flat_map(Part::events)
    }

    /// All events as JSON lines, in as few pieces as possible, for one `write` each.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().flat_map(Part::slices)
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let lines = |part| (0..Part::len(part)).map(move |index| Part::line(part, index));
        self.parts.iter().flat_map(lines)
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The events for whose index this is true, as another batch unless it is for all; `None` if it is
    /// for none.
    pub(super) fn only(&self, mut keeps: impl FnMut(usize) -> bool) -> Option<Self> {
        let mut before = 0;
        let mut parts = Vec::new();
        for part in &*self.parts {
            parts.extend(part.only(|index, _| keeps(before + index)));
            before += part.len();
        }
        let kept: usize = parts.iter().map(Part::len).sum();
        match kept {
            0 => None,
            all if all == before => Some(self.clone()),
            _ => Some(Self::new(parts)),
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("id", &self.id)
            .field("len", &self.len())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
