//! Filters and processors.

use std::time::Duration;

use crate::settings::{
    kind::{Choose, Maybe, Names, Number, Seconds, Size, Text, Whole, choice},
    leaf::group,
};

group! {
    /// The filter `sampling`.
    pub struct SamplingSettings at [filter_config.sampling] {
        /// Share of events that are kept. Defaults to 1.
        sample_rate: f64 = 1.0, Number::SHARE;
        /// Makes the choice repeatable. None by default.
        seed: Option<usize> = None, Maybe(Whole::ANY);
    }
}

group! {
    /// The filter `adaptive_sampling`.
    pub struct AdaptiveSamplingSettings at [filter_config.adaptive_sampling] {
        /// Share of events that are kept, at least. Defaults to 0.01.
        min_sample_rate: f64 = 0.01, Number::SHARE;
        /// Share of events that are kept, at most. Defaults to 1.
        max_sample_rate: f64 = 1.0, Number::SHARE;
        /// Events a second that are aimed at. Defaults to 100.
        target_events_per_second: f64 = 100.0, Number::from(0.0);
        /// Time over which the load is measured. Defaults to 10 s.
        window as "window_seconds": Duration = Duration::from_secs(10), Seconds::SOME;
    }
}

group! {
    /// The filter `trace_sampling`.
    pub struct TraceSamplingSettings at [filter_config.trace_sampling] {
        /// Share of traces that are kept. Defaults to 0.1.
        sample_rate: f64 = 0.1, Number::SHARE;
    }
}

group! {
    /// The filter `rate_limit`.
    pub struct RateLimitSettings at [filter_config.rate_limit] {
        /// Events that may come at once. Defaults to 10.
        capacity: usize = 10, Whole::from(1);
        /// Events a second. Defaults to 5.
        refill_rate_per_sec: f64 = 5.0, Number::from(0.0);
        /// Path of a field; each of its values has a limit of its own. None by default.
        key_field: Option<String> = None, Maybe(Text);
        /// Values that are remembered, at most. Defaults to 10,000.
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
        /// They go on with a mark.
        Mark = "mark",
    }
}

group! {
    /// The filter `first_occurrence`.
    pub struct FirstOccurrenceSettings at [filter_config.first_occurrence] {
        /// Time in which the same event is kept once. Defaults to 60 s.
        window as "window_seconds": Duration = Duration::from_secs(60), Seconds::SOME;
        /// Events that are remembered, at most. Defaults to 10,000.
        max_keys: usize = 10_000, Whole::from(1);
        /// Paths of what makes events the same. Defaults to the message.
        key_fields: Vec<String> = vec!["message".to_owned()], Names { example: "message,logger" };
    }
}

group! {
    /// The processor `size_guard`.
    pub struct SizeGuardSettings at [processor_config.size_guard] {
        /// Bytes of an event as JSON, at most. Defaults to 256,000; at least 100.
        max_bytes: usize = 256_000, Size::of(100, usize::MAX);
        /// What happens to what is larger. Defaults to `truncate`.
        action: SizeAction = SizeAction::Truncate, Choose::<SizeAction>::NEW;
        /// Members that survive. Defaults to level, timestamp, logger and correlation_id.
        preserve_fields: Vec<String> =
            ["level", "timestamp", "logger", "correlation_id"].map(str::to_owned).to_vec(),
            Names { example: "level,timestamp" };
    }
}

choice! {
    /// What happens to events that are too large.
    pub enum SizeAction {
        /// They are cut to size.
        Truncate = "truncate",
        /// They are dropped, and counted.
        Drop = "drop",
        /// They go on, and a diagnostic tells of them.
        Warn = "warn",
    }
}
