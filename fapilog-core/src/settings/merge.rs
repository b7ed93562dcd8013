//! [`Merge`]: one source after the other, the weakest first.

use serde_json::Value as Json;

use super::{
    Origin, Problem, Settings,
    kind::Refused,
    leaf::Leaf,
    pending,
    tree::{find, leaves},
};

/// Settings to which sources are applied, and what is wrong with these.
#[derive(Debug, Default)]
pub(super) struct Merge {
    pub(super) settings: Settings,
    pub(super) problems: Vec<Problem>,
    /// What code has set and a variable has changed.
    pub(super) overridden: Vec<String>,
}

impl Merge {
    /// Gives a setting a value that came as text, or from a file. False if there is no such
    /// setting.
    pub(super) fn give(&mut self, key: &str, given: &Json, origin: Origin) -> bool {
        let Some(leaf) = find(key) else {
            return false;
        };
        if let Some(part) = pending::part_of(leaf.key) {
            self.problems
                .push(Problem::pending(leaf.key, part, &origin));
            return true;
        }
        let before = (leaf.get)(&self.settings);
        match (leaf.set)(&mut self.settings, given) {
            Ok(()) => {
                let is_changed = before != (leaf.get)(&self.settings);
                self.note(leaf, origin, is_changed);
            }
            Err(refused) => self.refuse(leaf, given, &origin, refused),
        }
        true
    }

    /// Changes settings by code: a preset's, or the caller's.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Settings), origin: &Origin) {
        let before = self.settings.clone();
        change(&mut self.settings);
        self.settings.origins = before.origins.clone();
        for leaf in leaves() {
            let value = (leaf.get)(&self.settings);
            if value == (leaf.get)(&before) {
                continue;
            }
            if let Some(part) = pending::part_of(leaf.key) {
                self.problems.push(Problem::pending(leaf.key, part, origin));
            } else if let Err(refused) = leaf.check(&self.settings) {
                self.refuse(leaf, &value, origin, refused);
            } else {
                self.note(leaf, origin.clone(), true);
            }
        }
    }

    fn note(&mut self, leaf: &Leaf, origin: Origin, is_changed: bool) {
        let origins = &mut self.settings.origins.0;
        let before = origins.insert(leaf.key, origin.clone());
        if is_changed && before == Some(Origin::Code) {
            self.overridden.push(format!("{} ({origin})", leaf.key));
        }
    }

    fn refuse(&mut self, leaf: &Leaf, given: &Json, origin: &Origin, refused: Refused) {
        self.problems
            .push(Problem::refused(leaf, given, origin, refused));
    }
}
