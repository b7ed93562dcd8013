//! [`LoggerBuilder`]: the only place where all parts meet.

mod assembly;

use std::{sync::Arc, time::Duration};

use crate::{
    BuildError, Diagnostic, Logger, Pipeline,
    clock::{Clock, SystemClock},
    diagnostics::Receiver,
    enrich::Enricher,
    event::Event,
    filter::{Filter, LevelFilter, Verdict},
    process::Processor,
    redact::Redactor,
    settings::{Format, Preset, Settings},
    sink::{AnySink, BlockingSink, Sink, SinkOptions},
};

/// Builds a pipeline.
///
/// Without any call it logs INFO and above to stdout, within 20 MiB of memory: for people if that
/// is a terminal, else as JSON.
///
/// ```
/// use fapilog_core::{LoggerBuilder, info};
/// use std::time::Duration;
///
/// let (log, pipeline) = LoggerBuilder::new().service("shop").build()?;
/// info!(logger: log, "hello");
/// pipeline.shutdown_blocking(Duration::from_secs(3));
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
#[must_use = "nothing runs before `build`"]
pub struct LoggerBuilder {
    settings: Settings,
    reads_env: bool,
    filters: Vec<Box<dyn Filter>>,
    enrichers: Vec<Box<dyn Enricher>>,
    redactors: Vec<Box<dyn Redactor>>,
    processors: Vec<Box<dyn Processor>>,
    sinks: Vec<NewSink>,
    clock: Arc<dyn Clock>,
    receiver: Option<Box<Receiver>>,
}

struct NewSink {
    name: String,
    takes_serialized: bool,
    sink: AnySink,
    options: SinkOptions,
}

impl LoggerBuilder {
    /// Begins with the default settings.
    pub fn new() -> Self {
        Self {
            settings: Settings::default(),
            reads_env: false,
            filters: Vec::new(),
            enrichers: Vec::new(),
            redactors: Vec::new(),
            processors: Vec::new(),
            sinks: Vec::new(),
            clock: Arc::new(SystemClock),
            receiver: None,
        }
    }

    /// Begins with the settings of a preset.
    pub fn preset(preset: Preset) -> Self {
        Self {
            settings: preset.settings(),
            ..Self::new()
        }
    }

    /// Lets the environment change the settings, over all that is set in code; see
    /// [`settings`](crate::settings) for the variables. Disabled by default, but for the
    /// process-wide pipeline.
    pub fn env(mut self) -> Self {
        self.reads_env = true;
        self
    }

    /// Replaces all settings.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets which events are taken. Defaults to INFO and above.
    pub fn level(mut self, filter: impl Into<LevelFilter>) -> Self {
        self.settings.core.log_level = filter.into();
        self
    }

    /// Sets the memory for events on their way, in bytes. Defaults to 20 MiB; at least 128 KiB.
    pub fn queue_budget(mut self, bytes: usize) -> Self {
        self.settings.core.queue_budget = bytes;
        self
    }

    /// Sets the memory on top of the budget for ERROR and above alone, in bytes. Defaults to
    /// 5 MiB; 0, or at least 64 KiB.
    pub fn protected_reserve(mut self, bytes: usize) -> Self {
        self.settings.core.protected_reserve = bytes;
        self
    }

    /// Sets how long a call of a plain thread waits when the queue is full. Defaults to 50 ms; 0
    /// drops at once.
    pub fn backpressure_wait(mut self, wait: Duration) -> Self {
        self.settings.core.backpressure_wait = wait;
        self
    }

    /// Sets whether an event is dropped when there is no room after that time, the default, or its
    /// call waits until there is: then no event is lost for want of room, and a service stands
    /// still while its sinks do.
    pub fn drop_on_full(mut self, drop: bool) -> Self {
        self.settings.core.drop_on_full = drop;
        self
    }

    /// Sets how many bytes an event may take in the queue; fields beyond are left out, with the
    /// mark `diagnostics.truncated`. Defaults to 256 KiB; 1 KiB to 64 MiB.
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.settings.core.max_event_bytes = bytes;
        self
    }

    /// Sets how many fields an event may have; others are left out, with the mark
    /// `diagnostics.truncated`. Defaults to 256; 1 to 65,535.
    pub fn max_fields(mut self, fields: usize) -> Self {
        self.settings.core.max_fields = fields;
        self
    }

    /// Sets how deep lists and maps may be nested; what is deeper becomes `…[truncated]`. Defaults
    /// to 16; 1 to 64.
    pub fn max_depth(mut self, depth: usize) -> Self {
        self.settings.core.max_depth = depth;
        self
    }

    /// Sets how many bytes a string may have; a longer one keeps its head, then `…[truncated]`.
    /// Defaults to 64 KiB; 64 bytes to 64 MiB.
    pub fn max_string_bytes(mut self, bytes: usize) -> Self {
        self.settings.core.max_string_bytes = bytes;
        self
    }

    /// Logs panics too, from the start of the pipeline on; see
    /// [`install_panic_hook`](crate::install_panic_hook). Disabled by default.
    pub fn capture_unhandled(mut self, enabled: bool) -> Self {
        self.settings.core.capture_unhandled_enabled = enabled;
        self
    }

    /// Sets what stdout gets; without effect if the pipeline names a sink. Defaults to
    /// [`Format::Auto`].
    pub fn format(mut self, format: Format) -> Self {
        self.settings.format = format;
        self
    }

    /// Names the service in the diagnostics of every event. Defaults to `fapilog`.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.settings.service = Some(name.into());
        self
    }

    /// Adds a filter. Filters run first, in the order in which they were added.
    pub fn filter(mut self, filter: impl Filter) -> Self {
        self.filters.push(Box::new(filter));
        self
    }

    /// Adds a closure as a filter; the books count what it drops under `name`.
    pub fn filter_fn(
        self,
        name: impl Into<String>,
        admit: impl FnMut(&Event<'_>) -> Verdict + Send + 'static,
    ) -> Self {
        self.filter(FilterFn {
            name: name.into(),
            admit,
        })
    }

    /// Adds an enricher. What [`RuntimeInfo`](crate::enrich::RuntimeInfo) adds is always there.
    pub fn enricher(mut self, enricher: impl Enricher) -> Self {
        self.enrichers.push(Box::new(enricher));
        self
    }

    /// Adds a redactor. None by default.
    pub fn redactor(mut self, redactor: impl Redactor) -> Self {
        self.redactors.push(Box::new(redactor));
        self
    }

    /// Adds a processor. None by default.
    pub fn processor(mut self, processor: impl Processor) -> Self {
        self.processors.push(Box::new(processor));
        self
    }

    /// Adds a sink. Without any, events go to stdout, in the [`format`](Self::format).
    pub fn sink(self, sink: impl BlockingSink) -> Self {
        self.sink_with(sink, SinkOptions::default())
    }

    /// Adds a sink that awaits something.
    pub fn async_sink(self, sink: impl Sink) -> Self {
        self.async_sink_with(sink, SinkOptions::default())
    }

    /// Adds a sink, and says how it is served.
    pub fn sink_with(mut self, sink: impl BlockingSink, options: SinkOptions) -> Self {
        self.sinks.push(NewSink {
            name: sink.name().to_owned(),
            takes_serialized: sink.takes_serialized(),
            sink: AnySink::Blocking(Box::new(sink)),
            options,
        });
        self
    }

    /// Adds a sink that awaits something, and says how it is served.
    pub fn async_sink_with(mut self, sink: impl Sink, options: SinkOptions) -> Self {
        self.sinks.push(NewSink {
            name: sink.name().to_owned(),
            takes_serialized: sink.takes_serialized(),
            sink: AnySink::Async(Box::new(sink)),
            options,
        });
        self
    }

    /// Sets where the time of day comes from. Defaults to the operating system.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sends what fapilog has to say about itself here, instead of to stderr. Called on fapilog's
    /// own threads: what it logs is refused, and while it takes its time, their work waits.
    pub fn on_diagnostic(mut self, receive: impl Fn(&Diagnostic) + Send + Sync + 'static) -> Self {
        self.receiver = Some(Box::new(receive));
        self
    }

    /// Starts the pipeline.
    ///
    /// Keep the [`Pipeline`] until the end, in a named variable: it ends when it is dropped.
    ///
    /// # Errors
    ///
    /// If a setting cannot work (all problems are told at once), if two sinks have the same name,
    /// or if the system has no thread to give.
    pub fn build(self) -> Result<(Logger, Pipeline), BuildError> {
        let pipeline = Pipeline::new(self.start()?);
        Ok((pipeline.logger(), pipeline))
    }
}

impl Default for LoggerBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for LoggerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoggerBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

struct FilterFn<F> {
    name: String,
    admit: F,
}

impl<F: FnMut(&Event<'_>) -> Verdict + Send + 'static> Filter for FilterFn<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        (self.admit)(event)
    }
}
