//! [`Piece`]: events as they came to a lane.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use super::part::Part;

/// Events as they came to a lane.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) part: Part,
    pub(super) held: Arc<Held>,
    pub(super) since: Instant,
}

/// Bytes that wait for a sink, until the last event of them has reached its end.
#[derive(Debug)]
pub(super) struct Held {
    bytes: usize,
    total: Arc<AtomicUsize>,
}

impl Held {
    pub(super) fn new(bytes: usize, total: &Arc<AtomicUsize>) -> Arc<Self> {
        total.fetch_add(bytes, Relaxed);
        Arc::new(Self {
            bytes,
            total: Arc::clone(total),
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes, Relaxed);
    }
}
