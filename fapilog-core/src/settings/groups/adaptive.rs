//! How the pipeline answers to pressure.

use std::time::Duration;

use crate::settings::{
    kind::{Flag, Number, Seconds, Whole},
    leaf::group,
};

group! {
    /// How the pipeline answers to pressure.
    pub struct AdaptiveSettings at [adaptive] {
        /// Whether it does. Defaults to false.
        enabled: bool = false, Flag;
        /// How often it looks. Defaults to 0.25 s.
        check_interval as "check_interval_seconds": Duration = Duration::from_millis(250),
            Seconds::SOME;
        /// How long it stays at a level at least. Defaults to 2 s.
        cooldown as "cooldown_seconds": Duration = Duration::from_secs(2), Seconds::ANY;
        /// Share of the budget from which pressure is elevated. Defaults to 0.6.
        escalate_to_elevated: f64 = 0.60, Number::SHARE;
        /// Share of the budget from which pressure is high. Defaults to 0.8.
        escalate_to_high: f64 = 0.80, Number::SHARE;
        /// Share of the budget from which pressure is critical. Defaults to 0.92.
        escalate_to_critical: f64 = 0.92, Number::SHARE;
        /// Share below which it is no longer critical. Defaults to 0.75.
        deescalate_from_critical: f64 = 0.75, Number::SHARE;
        /// Share below which it is no longer high. Defaults to 0.6.
        deescalate_from_high: f64 = 0.60, Number::SHARE;
        /// Share below which it is no longer elevated. Defaults to 0.4.
        deescalate_from_elevated: f64 = 0.40, Number::SHARE;
        /// Whether the level rises with the pressure. Defaults to true.
        filter_tightening: bool = true, Flag;
        /// Whether batches grow with the pressure. Defaults to false.
        batch_sizing: bool = false, Flag;
        /// What an open breaker adds to the pressure. Defaults to 0.2.
        circuit_pressure_boost: f64 = 0.20, Number::SHARE;
        /// Share of the reserve from which protected events are shed. Defaults to 0.7.
        protected_shed_threshold: f64 = 0.70, Number::SHARE;
        /// Share of the reserve below which they no longer are. Defaults to 0.3.
        protected_recover_threshold: f64 = 0.30, Number::SHARE;
        /// Sinks' concurrency at most. Defaults to 8.
        max_workers: usize = 8, Whole::from(1);
    }
}
