//! [`Rules`]: all that the built-in redactors have to say, for one pass over an event.

use std::borrow::Cow;

use super::{
    action::Action,
    hash::Hasher,
    name::Name,
    names::Names,
    path::{Path, Reached},
    pattern::Patterns,
    texts::Texts,
};

/// The parts of an event that have fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Context,
    Diagnostics,
    Data,
}

/// What the built-in redactors have to say.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(super) names: Names,
    pub(super) paths: Vec<(Path, Action)>,
    pub(super) patterns: Option<Patterns>,
    /// Names of fields that are blocked.
    pub(super) blocked: Names,
    pub(super) texts: Texts,
    pub(super) masks: Masks,
    pub(super) max_depth: usize,
    pub(super) max_keys: usize,
}

/// What stands in the place of values.
#[derive(Debug, Default)]
pub(super) struct Masks {
    pub(super) field: String,
    pub(super) pattern: String,
    pub(super) blocked: String,
    pub(super) hasher: Option<Hasher>,
}

/// What there is to know of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// What becomes of its value, wherever it stands.
    pub(super) action: Option<Action>,
    pub(super) is_clean: bool,
}

/// Where a value stands, as far as paths and patterns are concerned.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// Its keys, joined with dots; empty unless there are patterns.
    pub(super) keys: String,
    pub(super) reached: Vec<Reached>,
}

impl Part {
    pub(super) fn name(self) -> &'static str {
        match self {
            Part::Context => "context",
            Part::Diagnostics => "diagnostics",
            Part::Data => "data",
        }
    }
}

impl Rules {
    /// Whether they change no event.
    pub(crate) fn are_none(&self) -> bool {
        self.names.is_empty()
            && self.paths.is_empty()
            && self.patterns.is_none()
            && self.blocked.is_empty()
            && self.texts.are_free()
    }

    /// Whether fields are looked for by where they stand, and not by their names alone.
    pub(super) fn know_places(&self) -> bool {
        !self.paths.is_empty() || self.patterns.is_some()
    }

    /// What becomes of a field with this key, wherever it stands; if that is to be blocked, its place
    /// has the first say.
    pub(super) fn by_name(&self, key: &str) -> Option<Action> {
        self.names.find(key).or_else(|| self.blocked.find(key))
    }

    /// What there is to know of a key, wherever it stands.
    pub(super) fn known(&self, key: &str) -> Known {
        Known {
            action: self.by_name(key),
            is_clean: self.is_clean_key(key),
        }
    }

    /// Whether there is no secret in the key itself.
    pub(super) fn is_clean_key(&self, key: &str) -> bool {
        matches!(self.texts.without_secrets(key), Cow::Borrowed(_))
    }

    /// The top of a part of an event.
    pub(super) fn top(&self, part: Part) -> Place {
        let mut place = Place::default();
        if self.know_places() {
            place.reached = (0..self.paths.len()).map(Path::start).collect();
            place = self.below(&place, part.name());
        }
        place
    }

    /// The place of a key below another. Of a key with dots in it, each part is a key.
    pub(super) fn below(&self, place: &Place, key: &str) -> Place {
        let mut below = Place::default();
        if self.patterns.is_some() {
            below.keys.reserve(place.keys.len() + 1 + key.len());
            below.keys.push_str(&place.keys);
            if !place.keys.is_empty() {
                below.keys.push('.');
            }
            below.keys.push_str(key);
        }
        if !place.reached.is_empty() {
            below.reached = self.step(&place.reached, key);
            if key.contains('.') {
                let parts = key.split('.');
                let split = parts.fold(place.reached.clone(), |at, part| self.step(&at, part));
                // Each once: else what is nested would double them at every key.
                for reached in split {
                    if !below.reached.contains(&reached) {
                        below.reached.push(reached);
                    }
                }
            }
        }
        below
    }

    fn step(&self, reached: &[Reached], key: &str) -> Vec<Reached> {
        let name = Name::of(key);
        let next = reached
            .iter()
            .filter_map(|it| self.paths[it.path].0.at_key(*it, &name, key));
        next.collect()
    }

    /// The place of an item of a list.
    pub(super) fn item(&self, place: &Place, index: usize) -> Place {
        let next = place.reached.iter();
        let next = next.filter_map(|it| self.paths[it.path].0.at_item(*it, index));
        Place {
            keys: place.keys.clone(),
            reached: next.collect(),
        }
    }

    /// What becomes of the value at this place.
    pub(super) fn by_place(&self, place: &Place) -> Option<Action> {
        self.by_path(place).or_else(|| {
            let patterns = self.patterns.as_ref()?;
            patterns
                .is_match(&place.keys)
                .then_some(Action::MaskPattern)
        })
    }

    /// The same, by paths alone.
    pub(super) fn by_path(&self, place: &Place) -> Option<Action> {
        let mut reached = place.reached.iter();
        reached.find_map(|it| {
            let (path, action) = &self.paths[it.path];
            path.is_end(*it).then_some(*action)
        })
    }
}
