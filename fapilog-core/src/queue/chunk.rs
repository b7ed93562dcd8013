//! Fixed pieces of memory that records are copied into, and the pool that keeps some of them.

use super::{CHUNK, budget::Charge};
use crate::sync::{Mutex, lock};

/// Records, one after the other. Never grows beyond the capacity that it was made with.
#[derive(Debug)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    _charge: Charge,
    /// Of one that was made for a permit, what its record takes beyond.
    _rest: Option<Charge>,
}

impl Chunk {
    /// A full chunk of one record.
    pub(crate) fn of(record: &[u8], (charge, rest): (Charge, Charge)) -> Self {
        Self {
            bytes: record.to_vec(),
            _charge: charge,
            _rest: Some(rest),
        }
    }

    pub(crate) fn fits(&self, length: usize) -> bool {
        self.bytes.capacity() - self.bytes.len() >= length
    }

    pub(crate) fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Memory of chunks that are not in use, so that a busy queue does not go to the allocator.
#[derive(Debug)]
pub(crate) struct Pool {
    spares: Mutex<Vec<Vec<u8>>>,
}

impl Pool {
    /// One mebibyte: what a busy millisecond fills.
    const MOST: usize = 16;

    pub(crate) fn new() -> Self {
        Self {
            spares: Mutex::new(Vec::new()),
        }
    }

    /// A chunk for a record of `length` bytes: of the fixed size, or of its own if it is larger.
    pub(crate) fn chunk(&self, length: usize, charge: Charge) -> Chunk {
        let spare = if length <= CHUNK {
            lock(&self.spares).pop()
        } else {
            None
        };
        let bytes = spare.unwrap_or_else(|| Vec::with_capacity(length.max(CHUNK)));
        Chunk {
            bytes,
            _charge: charge,
            _rest: None,
        }
    }

    /// Takes a chunk back. Its charge ends here: spares are few, and freed when the queue idles.
    pub(crate) fn give_back(&self, chunk: Chunk) {
        let mut bytes = chunk.bytes;
        if bytes.capacity() == CHUNK {
            bytes.clear();
            let mut spares = lock(&self.spares);
            if spares.len() < Self::MOST {
                spares.push(bytes);
            }
        }
    }

    pub(crate) fn clear(&self) {
        drop(std::mem::take(&mut *lock(&self.spares)));
    }
}
