//! [`Names`]: names of fields, and what becomes of these.

use std::collections::HashMap;

use super::{action::Action, name::Name};

/// A longer key is not looked at: what it holds is masked.
const LONGEST_KEY: usize = 256;

/// Names of fields wherever they stand, in whatever spelling.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The name is all of the key.
    whole: HashMap<String, Action>,
    /// The name is a run of words of the key.
    within: HashMap<String, Action>,
    /// Bytes of the longest of these.
    longest: usize,
}

impl Names {
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.within.is_empty()
    }

    /// Adds a name that a key has to be; of two actions, the later one holds.
    pub(super) fn add(&mut self, name: &str, action: Action) {
        let name = Name::of(name);
        if !name.as_str().is_empty() {
            self.whole.insert(name.as_str().to_owned(), action);
        }
    }

    /// Takes a name out that a key has to be.
    pub(super) fn remove(&mut self, name: &str) {
        self.whole.remove(Name::of(name).as_str());
    }

    /// Adds a name that a key has to have among its words.
    pub(super) fn add_within(&mut self, name: &str, action: Action) {
        let name = Name::of(name);
        if !name.as_str().is_empty() {
            self.longest = self.longest.max(name.as_str().len());
            self.within.insert(name.as_str().to_owned(), action);
        }
    }

    /// What becomes of the field with this key. Of a key with dots in it, each part is a key too.
    pub(super) fn find(&self, key: &str) -> Option<Action> {
        if key.len() > LONGEST_KEY {
            return (!self.is_empty()).then_some(Action::Mask);
        }
        let name = Name::of(key);
        let found = of(&self.whole, name.as_str()).or_else(|| self.find_within(&name));
        found.or_else(|| {
            let mut parts = key.split('.').filter(|part| part.len() < key.len());
            parts.find_map(|part| of(&self.whole, Name::of(part).as_str()))
        })
    }

    fn find_within(&self, name: &Name) -> Option<Action> {
        // One of many may have two bytes more.
        let mut runs = name.runs(self.longest + 2);
        runs.find_map(|run| of(&self.within, run))
    }
}

/// The action of a name, be it that of one or of many.
fn of(names: &HashMap<String, Action>, name: &str) -> Option<Action> {
    let one = |ending| names.get(name.strip_suffix(ending)?);
    let found = names.get(name).or_else(|| one("s")).or_else(|| one("es"));
    found.copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_decide() {
        let mut names = Names::default();
        names.add_within("token", Action::Mask);
        names.add_within("api_key", Action::Mask);
        names.add("pin", Action::Mask);
        for key in [
            "token",
            "accessToken",
            "TOKEN_2",
            "tokens",
            "x-api-key",
            "APIKey",
            "apikey",
            "user.token",
            "pin",
            "pins",
            "user.pin",
            "pin.code",
        ] {
            assert!(names.find(key).is_some(), "{key}");
        }
        for key in [
            "tokenizer",
            "keyboard",
            "pin_board",
            "spin",
            "my_pin_a",
            "",
            "api",
            "apix_key",
        ] {
            assert!(names.find(key).is_none(), "{key}");
        }
        assert!(names.find(&"x".repeat(300)).is_some());
    }
}
