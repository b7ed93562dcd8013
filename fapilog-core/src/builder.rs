//! [`LoggerBuilder`]: the only place where all parts meet.

mod assembly;
mod closures;
mod fallbacks;
mod named;
mod needs;
mod redaction;
mod routing;
mod seeds;
mod setters;
mod stage_setters;
mod stages;

use std::{ffi::OsString, path::PathBuf, sync::Arc};

use crate::{
    BuildError, Delivery, Diagnostic, Logger, Pipeline,
    clock::{Clock, SystemClock},
    diagnostics::Receiver,
    enrich::Enricher,
    event::Event,
    filter::{Filter, Verdict},
    process::Processor,
    redact::{Redactor, Registry},
    settings::{Preset, Settings, Sources, Variables},
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
    sources: Sources,
    filters: Vec<Box<dyn Filter>>,
    enrichers: Vec<Box<dyn Enricher>>,
    redactors: Vec<Box<dyn Redactor>>,
    presets: Registry,
    processors: Vec<Box<dyn Processor>>,
    sinks: Vec<NewSink>,
    routes: Vec<routing::Route>,
    clock: Arc<dyn Clock>,
    receiver: Option<Box<Receiver>>,
}

struct NewSink {
    name: String,
    takes_serialized: bool,
    /// What it says of itself.
    delivery: Delivery,
    sink: AnySink,
    options: SinkOptions,
    /// The place of the sink that gets what this one does not deliver.
    fallback: Option<usize>,
}

impl LoggerBuilder {
    /// Begins with the default settings.
    pub fn new() -> Self {
        Self {
            sources: Sources::default(),
            filters: Vec::new(),
            enrichers: Vec::new(),
            redactors: Vec::new(),
            presets: Registry::new(),
            processors: Vec::new(),
            sinks: Vec::new(),
            routes: Vec::new(),
            clock: Arc::new(SystemClock),
            receiver: None,
        }
    }

    /// Begins with the settings of a preset, which all others are stronger than.
    pub fn preset(preset: Preset) -> Self {
        Self::new().with_preset(preset.name())
    }

    /// Reads a file of settings in TOML (feature `toml`). Code is stronger than the file, wherever
    /// it stands; `FAPILOG_CONFIG` names another one, where the environment has a say.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.file = Some(path.into());
        self
    }

    /// Lets the environment change the settings, over all that is set in code; see
    /// [`settings`](crate::settings) for the variables. Disabled by default, but for the
    /// process-wide pipeline.
    pub fn env(mut self) -> Self {
        self.sources.variables = Some(Variables::of_process());
        self
    }

    /// Lets these variables change the settings, as if they were those of the environment.
    pub fn env_vars<K, V>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        self.sources.variables = Some(Variables::new(variables));
        self
    }

    /// The settings that all sources come to, and where each came from.
    ///
    /// # Errors
    ///
    /// If a source cannot be read, or a setting cannot work: all problems are told at once.
    pub fn resolve(&self) -> Result<Settings, BuildError> {
        let resolved = self.sources.resolve().map_err(BuildError::settings)?;
        Ok(resolved.settings)
    }

    /// Adds a filter. Filters run first, in the order in which they were added; those that the setting
    /// `core.filters` names come after them.
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

    /// Adds an enricher. Those that the setting `core.enrichers` names come before it.
    pub fn enricher(mut self, enricher: impl Enricher) -> Self {
        self.enrichers.push(Box::new(enricher));
        self
    }

    /// Adds a redactor, which runs after those that fapilog brings along. None by default.
    pub fn redactor(mut self, redactor: impl Redactor) -> Self {
        self.redactors.push(Box::new(redactor));
        self
    }

    /// Adds a processor. None by default. Those that the setting `core.processors` names come after
    /// them.
    pub fn processor(mut self, processor: impl Processor) -> Self {
        self.processors.push(Box::new(processor));
        self
    }

    /// Adds a sink. Without any, events go to stdout, in the [`format`](Self::format); what
    /// the setting `core.sinks` names is added.
    pub fn sink(self, sink: impl BlockingSink) -> Self {
        self.sink_with(sink, SinkOptions::default())
    }

    /// Adds a sink that awaits something.
    pub fn async_sink(self, sink: impl Sink) -> Self {
        self.async_sink_with(sink, SinkOptions::default())
    }

    /// Adds a sink, and says how it is served.
    pub fn sink_with(mut self, sink: impl BlockingSink, options: SinkOptions) -> Self {
        let sink = NewSink::blocking(sink);
        self.sinks.push(NewSink { options, ..sink });
        self
    }

    /// Adds a sink that awaits something, and says how it is served.
    pub fn async_sink_with(mut self, sink: impl Sink, options: SinkOptions) -> Self {
        let sink = NewSink::awaiting(sink);
        self.sinks.push(NewSink { options, ..sink });
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
            .field("sources", &self.sources)
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
