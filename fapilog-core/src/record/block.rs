//! Fields that are encoded once and added to many events.

use super::{Limits, Reader, write_field};
use crate::Value;

/// Fields with unique keys, in the form in which records hold them. What goes beyond the limits of
/// an event is left out.
#[derive(Clone, Debug, Default)]
pub struct FieldBlock {
    bytes: Vec<u8>,
    count: usize,
    /// Something was left out.
    is_cut: bool,
}

/// Bytes for the first fields.
const FEW: usize = 128;

impl FieldBlock {
    /// No fields.
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            count: 0,
            is_cut: false,
        }
    }

    /// Adds a field, in place of one with the same key.
    pub fn set(&mut self, limits: &Limits, key: &str, value: &dyn Value) {
        if self.contains(key) {
            self.remove(key);
        }
        if self.bytes.capacity() == 0 {
            // One piece of memory for the few short fields that a scope or logger has.
            self.bytes = Vec::with_capacity(FEW);
        }
        let start = self.bytes.len();
        write_field(&mut self.bytes, limits, key, value);
        self.keep(start, limits);
    }

    /// Adds all fields of another block, each in place of one with the same key.
    pub fn merge(&mut self, limits: &Limits, other: &FieldBlock) {
        self.is_cut |= other.is_cut;
        let mut reader = Reader::new(&other.bytes);
        while let Some((key, field)) = reader.raw_field() {
            if self.contains(key) {
                self.remove(key);
            }
            let start = self.bytes.len();
            self.bytes.extend_from_slice(field);
            self.keep(start, limits);
        }
    }

    /// Adds many fields, each in place of one with the same key.
    pub fn extend<K: AsRef<str>, V: Value>(
        &mut self,
        limits: &Limits,
        fields: impl IntoIterator<Item = (K, V)>,
    ) {
        for (key, value) in fields {
            self.set(limits, key.as_ref(), &value);
            if self.is_cut {
                // There may be no end to them.
                break;
            }
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Keeps the field that was added at `start`, if it fits.
    fn keep(&mut self, start: usize, limits: &Limits) {
        if self.bytes.len() <= limits.event && self.count < limits.fields {
            self.count += 1;
        } else {
            self.bytes.truncate(start);
            self.is_cut = true;
        }
    }

    fn contains(&self, key: &str) -> bool {
        let mut reader = Reader::new(&self.bytes);
        std::iter::from_fn(|| reader.raw_field()).any(|(known, _)| known == key)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        let mut kept = Vec::with_capacity(self.bytes.len());
        let mut reader = Reader::new(&self.bytes);
        while let Some((known, field)) = reader.raw_field() {
            if known != key {
                kept.extend_from_slice(field);
            } else {
                self.count -= 1;
            }
        }
        self.bytes = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_set_twice_keeps_the_last_value() {
        let mut block = FieldBlock::new();
        block.extend(&Limits::default(), [("a", 1), ("b", 2), ("a", 3)]);
        let mut other = FieldBlock::new();
        other.extend(&Limits::default(), [("b", 4)]);
        block.merge(&Limits::default(), &other);
        let mut reader = Reader::new(block.as_slice());
        let fields: Vec<_> =
            std::iter::from_fn(|| Some((reader.key()?, reader.value()?))).collect();
        assert_eq!(fields, [("a", 3.into()), ("b", 4.into())]);
    }

    #[test]
    fn endless_fields_end_at_the_limit() {
        let mut block = FieldBlock::new();
        let endless = (0..).map(|number| (format!("key{number}"), "x".repeat(1000)));
        block.extend(&Limits::default(), endless);
        assert!(block.is_cut());
        assert!(block.as_slice().len() <= Limits::default().event);
    }
}
