//! Settings in code.

use std::time::Duration;

use super::LoggerBuilder;
use crate::{
    filter::LevelFilter,
    settings::{Change, Format, Settings},
};

/// Each of these wins over the preset and the file; `FAPILOG_` variables win over them where the
/// environment has a say.
impl LoggerBuilder {
    /// Changes any of the settings.
    ///
    /// ```
    /// use fapilog_core::LoggerBuilder;
    ///
    /// let builder = LoggerBuilder::new().configure(|settings| {
    ///     settings.core.queue_budget = 64 * 1024 * 1024;
    ///     settings.core.exceptions_enabled = false;
    /// });
    /// ```
    pub fn configure(self, change: impl Fn(&mut Settings) + Send + Sync + 'static) -> Self {
        self.set(&[], change)
    }

    /// Changes settings, these for sure: that code has set one is to be known, be it to what it is
    /// by default.
    pub(super) fn set(
        mut self,
        keys: &'static [&'static str],
        change: impl Fn(&mut Settings) + Send + Sync + 'static,
    ) -> Self {
        let change = Box::new(change);
        self.sources.changes.push(Change { keys, change });
        self
    }

    /// Replaces all settings.
    pub fn settings(self, settings: Settings) -> Self {
        self.configure(move |all| *all = settings.clone())
    }

    /// Sets which events are taken. Defaults to INFO and above.
    pub fn level(self, filter: impl Into<LevelFilter>) -> Self {
        let filter = filter.into();
        self.set(&["core.log_level"], move |all| {
            all.core.log_level = filter.clone()
        })
    }

    /// Sets the memory for events on their way, in bytes. Defaults to 20 MiB; at least 128 KiB.
    pub fn queue_budget(self, bytes: usize) -> Self {
        self.set(&["core.queue_budget"], move |all| {
            all.core.queue_budget = bytes
        })
    }

    /// Sets the memory on top of the budget for ERROR and above alone, in bytes. Defaults to
    /// 5 MiB; 0, or at least 64 KiB.
    pub fn protected_reserve(self, bytes: usize) -> Self {
        self.set(&["core.protected_reserve"], move |all| {
            all.core.protected_reserve = bytes
        })
    }

    /// Sets how long a call of a plain thread waits when the queue is full. Defaults to 50 ms; 0
    /// drops at once.
    pub fn backpressure_wait(self, wait: Duration) -> Self {
        self.set(&["core.backpressure_wait_ms"], move |all| {
            all.core.backpressure_wait = wait
        })
    }

    /// Sets whether an event is dropped when there is no room after that time, the default, or its
    /// call waits until there is: then no event is lost for want of room, and a service stands
    /// still while its sinks do.
    pub fn drop_on_full(self, drop: bool) -> Self {
        self.set(&["core.drop_on_full"], move |all| {
            all.core.drop_on_full = drop
        })
    }

    /// Sets how many bytes an event may take in the queue; fields beyond are left out, with the
    /// mark `diagnostics.truncated`. Defaults to 256 KiB; 1 KiB to 64 MiB.
    pub fn max_event_bytes(self, bytes: usize) -> Self {
        self.set(&["core.max_event_bytes"], move |all| {
            all.core.max_event_bytes = bytes
        })
    }

    /// Sets how many fields an event may have; others are left out, with the mark
    /// `diagnostics.truncated`. Defaults to 256; 1 to 65,535.
    pub fn max_fields(self, fields: usize) -> Self {
        self.set(&["core.max_fields"], move |all| {
            all.core.max_fields = fields
        })
    }

    /// Sets how deep lists and maps may be nested; what is deeper becomes `…[truncated]`. Defaults
    /// to 16; 1 to 64.
    pub fn max_depth(self, depth: usize) -> Self {
        self.set(&["core.max_depth"], move |all| all.core.max_depth = depth)
    }

    /// Sets how many bytes a string may have; a longer one keeps its head, then `…[truncated]`.
    /// Defaults to 64 KiB; 64 bytes to 64 MiB.
    pub fn max_string_bytes(self, bytes: usize) -> Self {
        self.set(&["core.max_string_bytes"], move |all| {
            all.core.max_string_bytes = bytes
        })
    }

    /// Logs panics too, from the start of the pipeline on; see
    /// [`install_panic_hook`](crate::install_panic_hook). Disabled by default.
    pub fn capture_unhandled(self, enabled: bool) -> Self {
        self.set(&["core.capture_unhandled_enabled"], move |all| {
            all.core.capture_unhandled_enabled = enabled
        })
    }

    /// Sets whether the stack of an error is told, with how many frames and bytes at most. Defaults
    /// to true, 10 and 20,000.
    pub fn exceptions(self, enabled: bool, frames: usize, bytes: usize) -> Self {
        let keys = &[
            "core.exceptions_enabled",
            "core.exceptions_max_frames",
            "core.exceptions_max_stack_chars",
        ];
        self.set(keys, move |all| {
            all.core.exceptions_enabled = enabled;
            all.core.exceptions_max_frames = frames;
            all.core.exceptions_max_stack_chars = bytes;
        })
    }

    /// Sets how often the log itself tells at most that events were lost; `None` for never.
    /// Defaults to once a second.
    pub fn drop_summary(self, window: Option<Duration>) -> Self {
        self.set(&["core.emit_drop_summary"], move |all| {
            all.core.emit_drop_summary = window.is_some();
            all.core.drop_summary_window = window.unwrap_or(all.core.drop_summary_window);
        })
    }

    /// Sets how long the final flush may take. Defaults to 3 s.
    pub fn shutdown_timeout(self, time: Duration) -> Self {
        self.set(&["core.shutdown_timeout_seconds"], move |all| {
            all.core.shutdown_timeout = time
        })
    }

    /// Sets how long the end of the process waits for the last events of the process-wide pipeline;
    /// `None` for not at all. Defaults to 2 s.
    pub fn atexit_drain(self, time: Option<Duration>) -> Self {
        self.set(&["core.atexit_drain_enabled"], move |all| {
            all.core.atexit_drain_enabled = time.is_some();
            all.core.atexit_drain_timeout = time.unwrap_or(all.core.atexit_drain_timeout);
        })
    }

    /// Reports each problem of fapilog itself, five a second of each part, instead of each kind
    /// once. Disabled by default.
    pub fn internal_logging(self, enabled: bool) -> Self {
        self.set(&["core.internal_logging_enabled"], move |all| {
            all.core.internal_logging_enabled = enabled
        })
    }

    /// Sets what stdout gets; without effect if the pipeline has no sink `stdout`. Defaults to
    /// [`Format::Auto`].
    pub fn format(self, format: Format) -> Self {
        self.set(&["format"], move |all| all.format = format)
    }

    /// Names the service in the diagnostics of every event. Defaults to `fapilog`.
    pub fn service(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.set(&["service"], move |all| all.service = Some(name.clone()))
    }

    /// Names the environment in the diagnostics of every event. Defaults to the variable `ENV`,
    /// else `dev`.
    pub fn environment(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.set(&["env"], move |all| all.env = Some(name.clone()))
    }

    /// Names the version of the service in the diagnostics of every event. Left out by default.
    pub fn version(self, version: impl Into<String>) -> Self {
        let version = version.into();
        self.set(&["version"], move |all| all.version = Some(version.clone()))
    }

    /// Adds sinks by their names in settings: `stdout`, `stdout_json`, `stdout_pretty`, `stderr`,
    /// `null`, `rotating_file`.
    pub fn named_sinks<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.configure(move |all| {
            for name in &names {
                if !all.core.sinks.contains(name) {
                    all.core.sinks.push(name.clone());
                }
            }
        })
    }
}
