//! One of the queue's parts: a short list of chunks behind a lock that only covers a copy.

use std::mem;

use super::{Class, chunk::Chunk};

/// What came of an append.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    Yes,
    /// No open chunk has room: come again with a new one.
    NeedsChunk,
    /// The queue has ended.
    Closed,
}

#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// By [`Class`]: the chunk that takes records. Only protected events may use a chunk that was
    /// drawn from the reserve, so ordinary ones cannot eat it up.
    open: [Option<Chunk>; 2],
    filled: Vec<Chunk>,
    accepted: u64,
    closed: bool,
}

impl Shard {
    /// What most records take less than.
    const SMALL: usize = 1024;

    /// Copies a record into a chunk. `brought` is used up only if it is needed.
    pub(crate) fn append(
        &mut self,
        record: &[u8],
        class: Class,
        brought: &mut Option<(Chunk, Class)>,
    ) -> Appended {
        if self.closed {
            return Appended::Closed;
        }
        // A protected event looks into ordinary memory first, then into the reserve.
        for usable in 0..=class as usize {
            if let Some(chunk) = &mut self.open[usable]
                && chunk.fits(record.len())
            {
                chunk.push(record);
                self.accepted += 1;
                return Appended::Yes;
            }
        }
        let Some((mut chunk, from)) = brought.take() else {
            return Appended::NeedsChunk;
        };
        chunk.push(record);
        self.accepted += 1;
        self.filled.extend(self.open[from as usize].replace(chunk));
        Appended::Yes
    }

    /// Whether a chunk of ordinary memory is open that has room for a small record.
    pub(crate) fn has_rest(&self) -> bool {
        let open = &self.open[Class::Ordinary as usize];
        open.as_ref().is_some_and(|chunk| chunk.fits(Self::SMALL))
    }

    /// Takes a chunk of one record; false if the queue has ended.
    pub(crate) fn add(&mut self, chunk: Chunk) -> bool {
        if !self.closed {
            self.filled.push(chunk);
            self.accepted += 1;
        }
        !self.closed
    }

    /// Takes every chunk that holds a record. `spare` takes the place of an ordinary one.
    pub(crate) fn sweep(&mut self, into: &mut Vec<Chunk>, spare: &mut Option<Chunk>) {
        into.append(&mut self.filled);
        let [ordinary, reserve] = &mut self.open;
        if ordinary.as_ref().is_some_and(|chunk| !chunk.is_empty()) {
            into.extend(mem::replace(ordinary, spare.take()));
        }
        into.extend(reserve.take());
    }

    /// Takes the chunk that holds no record, if there is one.
    pub(crate) fn take_unused(&mut self) -> Option<Chunk> {
        self.open[Class::Ordinary as usize].take_if(|chunk| chunk.is_empty())
    }

    pub(crate) fn is_empty(&self) -> bool {
        let mut chunks = self.filled.iter().chain(self.open.iter().flatten());
        chunks.all(Chunk::is_empty)
    }

    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// Records accepted since the start.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }
}
