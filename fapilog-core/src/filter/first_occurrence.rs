//! Keeping the first of many events that are alike.

use std::time::Duration;

use super::{EventPath, Filter, Verdict, keys::Keys, recent::Recent, sampling, watch::Watch};
use crate::event::Event;

/// A filter that keeps the first of events that are alike, and drops its repeats for a while.
///
/// Events are alike if the values of some fields are, by default their messages. The window of time
/// begins with the first one; the first after its end is kept again. Events of protected levels are
/// always kept: a repeated error must not vanish silently. So are events with none of the fields:
/// nothing tells what they repeat.
///
/// Memory is bounded: what is beyond [`max_keys`](Self::max_keys) takes the place of what was seen
/// longest ago. The books call it `first_occurrence`.
#[derive(Debug)]
pub struct FirstOccurrence {
    /// Milliseconds.
    window: u64,
    paths: Vec<EventPath>,
    repeats: f64,
    keys: Keys,
    /// When the window of each key ends; none has begun for a new one.
    ends: Recent<Option<u64>>,
    watch: Watch,
    random: fastrand::Rng,
}

impl FirstOccurrence {
    /// Keeps the first event in each such time.
    pub fn new(window: Duration) -> Self {
        Self {
            window: u64::try_from(window.as_millis()).unwrap_or(u64::MAX),
            paths: vec![EventPath::MESSAGE],
            repeats: 0.0,
            keys: Keys::default(),
            ends: Recent::new(10_000),
            watch: Watch::default(),
            random: fastrand::Rng::new(),
        }
    }

    /// Sets which values make events alike, if all of them are. Defaults to the message.
    #[must_use]
    pub fn keys(mut self, paths: impl IntoIterator<Item = EventPath>) -> Self {
        self.paths = paths.into_iter().collect();
        self
    }

    /// Sets how many different events are remembered. Defaults to 10,000; at least 1.
    #[must_use]
    pub fn max_keys(mut self, count: usize) -> Self {
        self.ends = Recent::new(count);
        self
    }

    /// Keeps a share of the repeats, each by chance and with the share in `data.sample_rate`.
    /// Defaults to 0.
    #[must_use]
    pub fn repeats(mut self, rate: f64) -> Self {
        self.repeats = sampling::share(rate);
        self
    }
}

impl Filter for FirstOccurrence {
    fn name(&self) -> &str {
        "first_occurrence"
    }

    fn spares_protected(&self) -> bool {
        true
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        let now = self.watch.read(event);
        let Some(key) = self.keys.of(&self.paths, event) else {
            return Verdict::Keep;
        };
        let end = self.ends.touch(key, || None);
        if end.is_some_and(|end| now < end) {
            return sampling::by_chance(&mut self.random, self.repeats);
        }
        *end = Some(now.saturating_add(self.window));
        Verdict::Keep
    }
}
