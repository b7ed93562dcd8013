//! Filters and processors.

use std::time::Duration;

use crate::{
    filter::EventPath,
    settings::{
        kind::{Choose, Maybe, Number, Seconds, Size, Whole, choice},
        leaf::group,
        stages::{Path, Paths},
    },
};

group! {
    /// The filter [`Sampling`](crate::filter::Sampling), if `core.filters` names it.
    pub struct SamplingSettings at [filter_config.sampling] {
        /// Share of events that are kept. Defaults to 1.
        sample_rate: f64 = 1.0, Number::SHARE;
        /// Makes the choice repeatable: of the same events, the same are kept. None by default.
        seed: Option<usize> = None, Maybe(Whole::ANY);
    }
}

group! {
    /// The filter [`AdaptiveSampling`](crate::filter::AdaptiveSampling), if `core.filters` names it.
    pub struct AdaptiveSamplingSettings at [filter_config.adaptive_sampling] {
        /// Share of events that are kept, at least. Defaults to 0.01.
        min_sample_rate: f64 = 0.01, Number::SHARE;
        /// Share of events that are kept, at most. Defaults to 1.
        max_sample_rate: f64 = 1.0, Number::SHARE;
        /// Events a second that are aimed at. Defaults to 100.
        target_events_per_second: f64 = 100.0, Number::from(0.0);
        /// Time over which the load is measured. Defaults to 10 s.
        window as "window_seconds": Duration = Duration::from_secs(10), Seconds::SOME;
        /// How far the share moves towards what the load asks for, each tenth of the window, as a part
        /// of the way; at least 0.01. Defaults to 0.3.
        smoothing_factor: f64 = 0.3, Number::SHARE;
    }
}

group! {
    /// The filter [`TraceSampling`](crate::filter::TraceSampling), if `core.filters` names it.
    pub struct TraceSamplingSettings at [filter_config.trace_sampling] {
        /// Share of traces that are kept. Defaults to 0.1.
        sample_rate: f64 = 0.1, Number::SHARE;
    }
}

group! {
    /// The filter [`RateLimit`](crate::filter::RateLimit), if `core.filters` names it.
    pub struct RateLimitSettings at [filter_config.rate_limit] {
        /// Events that may come at once. Defaults to 10.
        capacity: usize = 10, Whole::from(1);
        /// Events a second. Defaults to 5.
        refill_rate_per_sec: f64 = 5.0, Number::from(0.0);
        /// Path of a field, such as `context.user_id`; each of its values has a limit of its own. None
        /// by default: all events share one.
        key_field: Option<EventPath> = None, Maybe(Path);
        /// Values that are remembered, at most; the one seen longest ago makes room. Defaults to 10,000.
        max_keys: usize = 10_000, Whole::from(1);
        /// What happens to what is beyond. Defaults to `drop`.
        overflow_action: OverflowAction = OverflowAction::Drop, Choose::<OverflowAction>::NEW;
    }
}

choice! {
    /// What happens to events beyond a limit.
    pub enum OverflowAction {
        /// They are dropped, and counted.
        Drop = "drop",
        /// They go on, with `diagnostics.rate_limited`.
        Mark = "mark",
    }
}

group! {
    /// The filter [`FirstOccurrence`](crate::filter::FirstOccurrence), if `core.filters` names it.
    pub struct FirstOccurrenceSettings at [filter_config.first_occurrence] {
        /// Time in which the same event is kept once. Defaults to 60 s.
        window as "window_seconds": Duration = Duration::from_secs(60), Seconds::SOME;
        /// Different events that are remembered, at most; the one seen longest ago makes room.
        /// Defaults to 10,000.
        max_keys: usize = 10_000, Whole::from(1);
        /// Paths of what makes events the same. Defaults to the message.
        key_fields: Vec<EventPath> = vec![EventPath::MESSAGE], Paths { example: "message,data.code" };
        /// Share of the repeats that are kept. Defaults to 0.
        subsequent_sample_rate: f64 = 0.0, Number::SHARE;
    }
}

group! {
    /// The processor [`SizeGuard`](crate::process::SizeGuard), if `core.processors` names it.
    pub struct SizeGuardSettings at [processor_config.size_guard] {
        /// Bytes of an event as JSON, at most, without the line break. Defaults to 256,000; at least 512.
        max_bytes: usize = 256_000, Size::of(512, usize::MAX);
        /// What happens to what is larger. Defaults to `truncate`.
        action: SizeAction = SizeAction::Truncate, Choose::<SizeAction>::NEW;
        /// Paths of what is cut last. Defaults to level, timestamp, logger and correlation_id; the first
        /// two are never cut.
        preserve_fields: Vec<EventPath> = EventPath::preserved(),
            Paths { example: "correlation_id,data.order_id" };
    }
}

choice! {
    /// What happens to events that are too large.
    pub enum SizeAction {
        /// They are cut to size, the largest pieces first, with `data._truncated` and
        /// `data._original_size`.
        Truncate = "truncate",
        /// They are dropped, counted as `processor`, and a diagnostic tells of them.
        Drop = "drop",
        /// They go on, and a diagnostic tells of them.
        Warn = "warn",
    }
}
