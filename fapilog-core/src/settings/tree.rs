//! The tree of all settings.

use std::time::Duration;

use super::problem::Problem;
use crate::{filter::LevelFilter, queue::CHUNK};

/// All settings of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Queue, levels, life.
    pub core: CoreSettings,
    /// Stands in `diagnostics.service`. Defaults to `fapilog`.
    pub service: Option<String>,
    /// Stands in `diagnostics.env`. Defaults to the variable `ENV`, else `dev`.
    pub env: Option<String>,
    /// Stands in `diagnostics.version`. Left out by default.
    pub version: Option<String>,
}

/// Settings of the pipeline itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CoreSettings {
    /// Which events are taken. Defaults to INFO and above.
    pub log_level: LevelFilter,
    /// Bytes that events may hold on their way from call to sink. Defaults to 20 MiB; at least
    /// 128 KiB.
    pub queue_budget: usize,
    /// Bytes on top of it for ERROR, CRITICAL, AUDIT and SECURITY. Defaults to 5 MiB; 0, or at
    /// least 64 KiB.
    pub protected_reserve: usize,
    /// How long a call of a plain thread waits for room when the queue is full, before the event
    /// is dropped. Defaults to 50 ms; 0 drops at once.
    pub backpressure_wait: Duration,
    /// How long the final flush may take. Defaults to 3 s.
    pub shutdown_timeout: Duration,
    /// Report each problem of fapilog itself, at most five a second of each part, instead of each
    /// kind once. Defaults to false.
    pub internal_logging_enabled: bool,
}

const MIB: usize = 1024 * 1024;

impl Default for CoreSettings {
    fn default() -> Self {
        Self {
            log_level: LevelFilter::default(),
            queue_budget: 20 * MIB,
            protected_reserve: 5 * MIB,
            backpressure_wait: Duration::from_millis(50),
            shutdown_timeout: Duration::from_secs(3),
            internal_logging_enabled: false,
        }
    }
}

impl Settings {
    /// What cannot work, whatever source it came from; `source` names it.
    pub(crate) fn check(&self, source: &str, problems: &mut Vec<Problem>) {
        let core = &self.core;
        if core.queue_budget < 2 * CHUNK {
            problems.push(Problem::new(
                "core.queue_budget",
                core.queue_budget,
                source,
                "at least 128 KB",
                "128 KB or more; 20 MB is the default",
            ));
        }
        if core.protected_reserve > 0 && core.protected_reserve < CHUNK {
            problems.push(Problem::new(
                "core.protected_reserve",
                core.protected_reserve,
                source,
                "0, or at least 64 KB",
                "64 KB or more; 5 MB is the default",
            ));
        }
    }
}
