//! [`Recent`]: what is known of the keys that were seen last.

use std::collections::HashMap;

/// Values by key, a limited number of them: a new key takes the place of the one that was seen
/// longest ago.
#[derive(Debug)]
pub(super) struct Recent<V> {
    most: usize,
    places: HashMap<u128, usize>,
    entries: Vec<Entry<V>>,
    /// Places of `entries` that hold nothing that counts.
    free: Vec<usize>,
    newest: usize,
    oldest: usize,
}

#[derive(Debug)]
struct Entry<V> {
    key: u128,
    value: V,
    newer: usize,
    older: usize,
}

/// The place of nothing.
const NONE: usize = usize::MAX;

impl<V> Recent<V> {
    /// Holds so many keys at most, and at least one.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            places: HashMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The value of a key, made if there is none. The key is now the one that was seen last.
    pub(super) fn touch(&mut self, key: u128, make: impl FnOnce() -> V) -> &mut V {
        let place = match self.places.get(&key) {
            Some(&place) => {
                self.unlink(place);
                place
            }
            None => self.add(key, make()),
        };
        self.link(place);
        &mut self.entries[place].value
    }

    /// The value of the key that was seen longest ago.
    pub(super) fn oldest(&self) -> Option<&V> {
        self.entries.get(self.oldest).map(|entry| &entry.value)
    }

    /// Forgets the key that was seen longest ago.
    pub(super) fn drop_oldest(&mut self) {
        let place = self.oldest;
        if let Some(entry) = self.entries.get(place) {
            self.places.remove(&entry.key);
            self.unlink(place);
            self.free.push(place);
        }
    }

    fn add(&mut self, key: u128, value: V) -> usize {
        if self.len() >= self.most {
            self.drop_oldest();
        }
        let entry = Entry {
            key,
            value,
            newer: NONE,
            older: NONE,
        };
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place] = entry;
                place
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.places.insert(key, place);
        place
    }

    fn unlink(&mut self, place: usize) {
        let Entry { newer, older, .. } = self.entries[place];
        match self.entries.get_mut(newer) {
            Some(entry) => entry.older = older,
            None => self.newest = older,
        }
        match self.entries.get_mut(older) {
            Some(entry) => entry.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link(&mut self, place: usize) {
        let before = std::mem::replace(&mut self.newest, place);
        match self.entries.get_mut(before) {
            Some(entry) => entry.newer = place,
            None => self.oldest = place,
        }
        self.entries[place].newer = NONE;
        self.entries[place].older = before;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_behaves_like_a_list_that_is_searched() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut recent = Recent::new(5);
        let mut model: Vec<(u128, u32)> = Vec::new();
        for step in 0..20_000 {
            if rng.u8(..) < 20 {
                recent.drop_oldest();
                if !model.is_empty() {
                    model.remove(0);
                }
            } else {
                let key = u128::from(rng.u8(..9));
                let value = *recent.touch(key, || step);
                let known = model.iter().position(|(it, _)| *it == key);
                let entry = known.map_or((key, step), |index| model.remove(index));
                assert_eq!(value, entry.1);
                if model.len() == 5 {
                    model.remove(0);
                }
                model.push(entry);
            }
            assert_eq!(recent.len(), model.len());
            assert_eq!(recent.oldest(), model.first().map(|(_, value)| value));
        }
        assert!(recent.entries.len() <= 5);
    }
}
