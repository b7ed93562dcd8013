//! The tree of all settings.

use std::time::Duration;

use super::{format::Format, problem::Problem};
use crate::{filter::LevelFilter, queue::CHUNK, record::Limits};

/// All settings of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Queue, levels, life.
    pub core: CoreSettings,
    /// What stdout gets if the pipeline names no sink. Defaults to [`Format::Auto`].
    pub format: Format,
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
    /// Bytes that one event may take in the queue; fields beyond are left out, with the mark
    /// `diagnostics.truncated`. Defaults to 256 KiB; at least 1 KiB.
    pub max_event_bytes: usize,
    /// Fields that one event may have; others are left out, with the mark
    /// `diagnostics.truncated`. Defaults to 256; 1 to 65,535.
    pub max_fields: usize,
    /// How deep lists and maps may be nested; what is deeper becomes `…[truncated]`. Defaults to
    /// 16; 1 to 64.
    pub max_depth: usize,
    /// Bytes of one string; a longer one keeps its head, then `…[truncated]`. Defaults to 64 KiB;
    /// at least 64 bytes.
    pub max_string_bytes: usize,
    /// How long a call of a plain thread waits for room when the queue is full, before the event
    /// is dropped. Defaults to 50 ms; 0 drops at once.
    pub backpressure_wait: Duration,
    /// Whether an event is dropped when there is no room after that time. If not, its call waits
    /// until there is, and stalls whatever else its thread does; `emit_async` waits without
    /// stalling. Defaults to true.
    pub drop_on_full: bool,
    /// How long the final flush may take. Defaults to 3 s.
    pub shutdown_timeout: Duration,
    /// Whether the end of the process waits for the last events of the process-wide pipeline.
    /// Defaults to true.
    pub atexit_drain_enabled: bool,
    /// How long it waits at most. Defaults to 2 s.
    pub atexit_drain_timeout: Duration,
    /// Whether panics are logged too; see [`install_panic_hook`](crate::install_panic_hook).
    /// Defaults to false.
    pub capture_unhandled_enabled: bool,
    /// Report each problem of fapilog itself, five a second of each part, instead of each kind once.
    /// Defaults to false.
    pub internal_logging_enabled: bool,
}

const MIB: usize = 1024 * 1024;

impl Default for CoreSettings {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            log_level: LevelFilter::default(),
            queue_budget: 20 * MIB,
            protected_reserve: 5 * MIB,
            max_event_bytes: limits.event,
            max_fields: limits.fields,
            max_depth: limits.depth,
            max_string_bytes: limits.string,
            backpressure_wait: Duration::from_millis(50),
            drop_on_full: true,
            shutdown_timeout: Duration::from_secs(3),
            atexit_drain_enabled: true,
            atexit_drain_timeout: Duration::from_secs(2),
            capture_unhandled_enabled: false,
            internal_logging_enabled: false,
        }
    }
}

impl CoreSettings {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            event: self.max_event_bytes,
            fields: self.max_fields,
            depth: self.max_depth,
            string: self.max_string_bytes,
        }
    }
}

impl Settings {
    /// What cannot work, whatever source it came from; `source` names it.
    pub(crate) fn check(&self, source: &str, problems: &mut Vec<Problem>) {
        let core = &self.core;
        let mut check = |key, value: usize, works: bool, expected: &str, fix: &str| {
            if !works {
                problems.push(Problem::new(key, value, source, expected, fix));
            }
        };
        check(
            "core.queue_budget",
            core.queue_budget,
            core.queue_budget >= 2 * CHUNK,
            "at least 128 KB",
            "128 KB or more; 20 MB is the default",
        );
        check(
            "core.protected_reserve",
            core.protected_reserve,
            core.protected_reserve == 0 || core.protected_reserve >= CHUNK,
            "0, or at least 64 KB",
            "64 KB or more; 5 MB is the default",
        );
        check(
            "core.max_event_bytes",
            core.max_event_bytes,
            (1024..=64 * MIB).contains(&core.max_event_bytes),
            "1 KB to 64 MB",
            "256 KB, the default",
        );
        check(
            "core.max_fields",
            core.max_fields,
            (1..=usize::from(u16::MAX)).contains(&core.max_fields),
            "1 to 65535",
            "256, the default",
        );
        check(
            "core.max_depth",
            core.max_depth,
            (1..=64).contains(&core.max_depth),
            "1 to 64",
            "16, the default",
        );
        check(
            "core.max_string_bytes",
            core.max_string_bytes,
            (64..=64 * MIB).contains(&core.max_string_bytes),
            "64 bytes to 64 MB",
            "64 KB, the default",
        );
    }
}
