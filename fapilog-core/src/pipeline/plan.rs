//! [`Plan`]: what is the same for every event of a call site.

use std::sync::Arc;

use crate::{
    callsite::{Callsite, KnownSites},
    envelope,
    event::CONTEXT_KEYS,
    redact::{Part, Rules},
};

/// The plans of the call sites that have logged, by number.
#[derive(Debug, Default)]
pub(super) struct Plans {
    sites: KnownSites,
    rules: Option<Arc<Rules>>,
    plans: Vec<Option<Plan>>,
}

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) site: &'static Callsite,
    pub(super) slots: Box<[Slot]>,
    /// The level of its events as it stands in JSON, up to the message.
    pub(super) level: Box<[u8]>,
    /// Their logger as it stands in JSON, if it has no name.
    pub(super) logger: Box<[u8]>,
    /// Some of its keys stand in `context`.
    pub(super) has_context: bool,
    /// Each of its values has a place of its own in `data` or `context`, where it may be shown.
    pub(super) is_simple: bool,
}

/// A static key, and where its value goes.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) key: &'static str,
    /// The key stands in JSON as it is.
    pub(super) is_plain: bool,
    pub(super) place: Place,
    pub(super) json: Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Context,
    Data,
    /// In the diagnostics, if it is an error; else in the data.
    Error,
    /// A later field of the same call has the key.
    Nowhere,
}

/// A key as it stands in JSON, between a comma and its value.
#[derive(Debug)]
pub(super) struct Key {
    /// Followed by blanks, so that most keys are copied by a copy of fixed length.
    padded: Box<[u8]>,
    length: usize,
}

impl Plans {
    pub(super) fn new(rules: Option<Arc<Rules>>) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    /// The plan of the call site with this number, made when it is first met.
    pub(super) fn get(&mut self, number: u32) -> Option<&Plan> {
        let index = number as usize;
        if self.plans.get(index).is_none_or(Option::is_none) {
            let plan = Plan::of(self.sites.get(number)?, self.rules.as_deref());
            if self.plans.len() <= index {
                self.plans.resize_with(index + 1, || None);
            }
            self.plans[index] = Some(plan);
        }
        self.plans.get(index)?.as_ref()
    }
}

impl Plan {
    fn of(site: &'static Callsite, rules: Option<&Rules>) -> Self {
        // A raw identifier is spelt like the word that it stands for.
        let plain = |key: &'static str| key.strip_prefix("r#").unwrap_or(key);
        let keys: Vec<_> = site.keys().iter().copied().map(plain).collect();
        let slot = |(index, key): (usize, &&'static str)| Slot {
            key,
            is_plain: envelope::is_plain(key),
            place: Place::of(key, &keys[index + 1..]),
            json: Key::new(key),
        };
        let slots: Box<[_]> = keys.iter().enumerate().map(slot).collect();
        let is_shown = |slot: &Slot| rules.is_none_or(|it| it.show(slot.place.part(), slot.key));
        let has = |place| slots.iter().any(|slot| slot.place == place);
        let (mut level, mut logger) = (Vec::new(), Vec::new());
        envelope::level(&mut level, site.level());
        envelope::logger(&mut logger, site.target());
        Self {
            site,
            level: level.into(),
            logger: logger.into(),
            has_context: has(Place::Context),
            is_simple: !(has(Place::Error)
                || has(Place::Nowhere)
                || keys.contains(&CONTEXT_KEYS[0])
                || site.is_unredacted())
                && slots.iter().all(is_shown),
            slots,
        }
    }
}

impl Place {
    fn part(self) -> Part {
        match self {
            Place::Context => Part::Context,
            Place::Data | Place::Error | Place::Nowhere => Part::Data,
        }
    }

    fn of(key: &str, later: &[&str]) -> Self {
        if later.contains(&key) {
            Place::Nowhere
        } else if CONTEXT_KEYS.contains(&key) {
            Place::Context
        } else if ["err", "error"].contains(&key) {
            Place::Error
        } else {
            Place::Data
        }
    }
}

impl Key {
    const PADDED: usize = 32;

    fn new(key: &str) -> Self {
        let mut json = vec![b','];
        envelope::raw_string(&mut json, key.as_bytes());
        json.push(b':');
        let length = json.len();
        json.resize(length.max(Self::PADDED), b' ');
        Self {
            padded: json.into(),
            length,
        }
    }

    /// Appends the key, after a comma if it is not the first.
    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>, is_first: bool) {
        let start = out.len();
        match self.padded.first_chunk::<{ Self::PADDED }>() {
            Some(padded) if !is_first => out.extend_from_slice(padded),
            _ => return out.extend_from_slice(&self.padded[usize::from(is_first)..self.length]),
        }
        if self.length > Self::PADDED {
            out.extend_from_slice(&self.padded[Self::PADDED..]);
        }
        out.truncate(start + self.length);
    }
}
