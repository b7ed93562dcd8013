//! Telling whether a key is new among the fields of an event.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use crate::event::Fields;

/// Up to this many fields, keys are compared pair by pair.
const FEW: usize = 16;

/// Knows the keys of one event at a time. Few fields are compared pair by pair; of many, hashes
/// are kept, seeded at random so that no input can make them collide on purpose.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    hasher: RandomState,
    hashes: HashSet<u64>,
    hashed: usize,
}

impl Keys {
    /// Begins with another event.
    pub(crate) fn clear(&mut self) {
        if self.hashed > 0 {
            self.hashes.clear();
            self.hashed = 0;
        }
    }

    pub(crate) fn is_new(&mut self, fields: &Fields<'_>, key: &str) -> bool {
        if fields.len() > FEW {
            for (known, _) in fields.iter().skip(self.hashed) {
                self.hashes.insert(self.hasher.hash_one(known));
            }
            self.hashed = fields.len();
            if !self.hashes.contains(&self.hasher.hash_one(key)) {
                return true;
            }
        }
        fields.get(key).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_new_once_among_few_fields_and_among_many() {
        let mut keys = Keys::default();
        for _event in 0..2 {
            let mut fields = Fields::default();
            for number in 0..100 {
                let key = format!("key{number}");
                assert!(keys.is_new(&fields, &key));
                fields.insert(key.clone(), number);
                assert!(!keys.is_new(&fields, &key));
            }
            keys.clear();
        }
    }
}
