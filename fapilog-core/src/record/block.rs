//! Fields that are encoded once and added to many events.

use super::{MAX_EVENT, Reader, write_block};
use crate::Value;

/// Fields with unique keys, in the form in which records hold them.
///
/// Holds at most 256 KiB; what does not fit is left out.
#[derive(Clone, Debug, Default)]
pub struct FieldBlock(Vec<u8>);

/// Bytes for the first fields.
const FEW: usize = 128;

impl FieldBlock {
    /// No fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a field, in place of one with the same key.
    pub fn set(&mut self, key: &str, value: &dyn Value) {
        if self.contains(key) {
            self.remove(key);
        }
        if self.0.capacity() == 0 {
            // One piece of memory for the few short fields that a scope or logger has.
            self.0 = Vec::with_capacity(FEW);
        }
        let start = self.0.len();
        write_block(&mut self.0, key, value);
        if self.0.len() > MAX_EVENT {
            self.0.truncate(start);
        }
    }

    /// Adds all fields of another block, each in place of one with the same key.
    pub fn merge(&mut self, other: &FieldBlock) {
        let mut reader = Reader::new(&other.0);
        while let Some((key, value)) = reader.field() {
            self.set(key, &value);
        }
    }

    /// Adds many fields, each in place of one with the same key.
    pub fn extend<K: AsRef<str>, V: Value>(&mut self, fields: impl IntoIterator<Item = (K, V)>) {
        for (key, value) in fields {
            self.set(key.as_ref(), &value);
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    fn contains(&self, key: &str) -> bool {
        let mut reader = Reader::new(&self.0);
        std::iter::from_fn(|| reader.field()).any(|(known, _)| known == key)
    }

    fn remove(&mut self, key: &str) {
        let mut kept = Vec::with_capacity(self.0.len());
        let mut reader = Reader::new(&self.0);
        while let Some((known, value)) = reader.field() {
            if known != key {
                write_block(&mut kept, known, &value);
            }
        }
        self.0 = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_set_twice_keeps_the_last_value() {
        let mut block = FieldBlock::new();
        block.extend([("a", 1), ("b", 2), ("a", 3)]);
        let mut reader = Reader::new(block.as_slice());
        let fields: Vec<_> = std::iter::from_fn(|| reader.field()).collect();
        assert_eq!(fields, [("b", 2.into()), ("a", 3.into())]);
    }
}
