//! [`Keys`]: what makes events alike, in a fixed amount of memory.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::path::{EventPath, append_values};
use crate::event::Event;

/// Turns the values at some paths into a number.
///
/// Values may be long, and what comes from outside may have been chosen: two secret hash functions
/// make 128 bits of them, so that no two lists of values have the same number.
#[derive(Debug, Default)]
pub(super) struct Keys {
    secrets: [RandomState; 2],
    /// Memory of the last event, for the next one.
    buffer: Vec<u8>,
}

impl Keys {
    /// `None` if the event has none of these values.
    pub(super) fn of(&mut self, paths: &[EventPath], event: &Event<'_>) -> Option<u128> {
        self.buffer.clear();
        if !append_values(paths, event, &mut self.buffer) {
            return None;
        }
        let [high, low] = self.secrets.each_ref().map(|secret| {
            let mut hasher = secret.build_hasher();
            hasher.write(&self.buffer);
            u128::from(hasher.finish())
        });
        Some(high << 64 | low)
    }
}
