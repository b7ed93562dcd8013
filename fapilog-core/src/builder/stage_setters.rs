//! Filters, enrichers and processors that are built in, in code.

use std::time::Duration;

use super::LoggerBuilder;
use crate::settings::{ENRICHERS, Settings};

/// Each chooses a stage and sets what matters most about it; [`configure`](Self::configure) sets the
/// rest. They run in the order in which they were chosen, after those of your own.
impl LoggerBuilder {
    /// Keeps this share of events, 0 to 1, each by chance, and all of protected levels; see
    /// [`Sampling`](crate::filter::Sampling).
    pub fn sampling(self, rate: f64) -> Self {
        let keys = &["core.filters", "filter_config.sampling.sample_rate"];
        self.set(keys, move |all| {
            choose_filter(all, "sampling");
            all.filter_config.sampling.sample_rate = rate;
        })
    }

    /// Keeps so many events a second, whatever the load, and all of protected levels; see
    /// [`AdaptiveSampling`](crate::filter::AdaptiveSampling).
    pub fn adaptive_sampling(self, events_per_second: f64) -> Self {
        let keys = &[
            "core.filters",
            "filter_config.adaptive_sampling.target_events_per_second",
        ];
        self.set(keys, move |all| {
            choose_filter(all, "adaptive_sampling");
            all.filter_config.adaptive_sampling.target_events_per_second = events_per_second;
        })
    }

    /// Keeps this share of traces, 0 to 1, each with all of its events, and all events of protected
    /// levels; see [`TraceSampling`](crate::filter::TraceSampling).
    pub fn trace_sampling(self, rate: f64) -> Self {
        let keys = &["core.filters", "filter_config.trace_sampling.sample_rate"];
        self.set(keys, move |all| {
            choose_filter(all, "trace_sampling");
            all.filter_config.trace_sampling.sample_rate = rate;
        })
    }

    /// Keeps so many events at once, and so many a second in the long run, and all of protected
    /// levels; see [`RateLimit`](crate::filter::RateLimit).
    pub fn rate_limit(self, capacity: usize, per_second: f64) -> Self {
        let keys = &[
            "core.filters",
            "filter_config.rate_limit.capacity",
            "filter_config.rate_limit.refill_rate_per_sec",
        ];
        self.set(keys, move |all| {
            choose_filter(all, "rate_limit");
            all.filter_config.rate_limit.capacity = capacity;
            all.filter_config.rate_limit.refill_rate_per_sec = per_second;
        })
    }

    /// Keeps the first event with a message in each such time, and all of protected levels; see
    /// [`FirstOccurrence`](crate::filter::FirstOccurrence).
    pub fn first_occurrence(self, window: Duration) -> Self {
        let keys = &[
            "core.filters",
            "filter_config.first_occurrence.window_seconds",
        ];
        self.set(keys, move |all| {
            choose_filter(all, "first_occurrence");
            all.filter_config.first_occurrence.window = window;
        })
    }

    /// Cuts events to so many bytes of JSON, at least 512; see
    /// [`SizeGuard`](crate::process::SizeGuard).
    pub fn size_guard(self, max_bytes: usize) -> Self {
        let keys = &["core.processors", "processor_config.size_guard.max_bytes"];
        self.set(keys, move |all| {
            choose(&mut all.core.processors, "size_guard");
            all.processor_config.size_guard.max_bytes = max_bytes;
        })
    }

    /// Adds enrichers by their names in settings to those that are chosen already: `kubernetes`,
    /// `host`.
    pub fn named_enrichers<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.set(&["core.enrichers"], move |all| {
            for name in &names {
                let is_it = |it: &String| ENRICHERS.named(it) == ENRICHERS.named(name);
                if !all.core.enrichers.iter().any(is_it) {
                    all.core.enrichers.push(name.clone());
                }
            }
        })
    }

    /// The same as [`named_enrichers`](Self::named_enrichers), by its name in Python.
    pub fn with_enrichers<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.named_enrichers(names)
    }

    /// The same as [`sampling`](Self::sampling), by its name in Python.
    pub fn with_sampling(self, rate: f64) -> Self {
        self.sampling(rate)
    }

    /// The same as [`adaptive_sampling`](Self::adaptive_sampling), by its name in Python.
    pub fn with_adaptive_sampling(self, events_per_second: f64) -> Self {
        self.adaptive_sampling(events_per_second)
    }

    /// The same as [`trace_sampling`](Self::trace_sampling), by its name in Python.
    pub fn with_trace_sampling(self, rate: f64) -> Self {
        self.trace_sampling(rate)
    }

    /// The same as [`rate_limit`](Self::rate_limit), by its name in Python.
    pub fn with_rate_limit(self, capacity: usize, per_second: f64) -> Self {
        self.rate_limit(capacity, per_second)
    }

    /// The same as [`first_occurrence`](Self::first_occurrence), by its name in Python.
    pub fn with_first_occurrence(self, window: Duration) -> Self {
        self.first_occurrence(window)
    }

    /// The same as [`size_guard`](Self::size_guard), by its name in Python.
    pub fn with_size_guard(self, max_bytes: usize) -> Self {
        self.size_guard(max_bytes)
    }
}

fn choose_filter(settings: &mut Settings, name: &str) {
    choose(&mut settings.core.filters, name);
}

fn choose(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|it| it == name) {
        names.push(name.to_owned());
    }
}
