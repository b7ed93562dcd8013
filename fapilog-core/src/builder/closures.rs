//! Closures as stages.

use super::LoggerBuilder;
use crate::{
    enrich::Enricher,
    error::StageError,
    event::Event,
    process::{Next, Processor},
    redact::Redactor,
};

impl LoggerBuilder {
    /// Adds a closure as an [enricher](Self::enricher), under this name.
    pub fn enricher_fn(
        self,
        name: impl Into<String>,
        enrich: impl FnMut(&mut Event<'_>) -> Result<(), StageError> + Send + 'static,
    ) -> Self {
        self.enricher(Closure::new(name, enrich))
    }

    /// Adds a closure as a [redactor](Self::redactor), under this name.
    pub fn redactor_fn(
        self,
        name: impl Into<String>,
        redact: impl FnMut(&mut Event<'_>) -> Result<(), StageError> + Send + 'static,
    ) -> Self {
        self.redactor(Closure::new(name, redact))
    }

    /// Adds a closure as a [processor](Self::processor), under this name.
    pub fn processor_fn(
        self,
        name: impl Into<String>,
        process: impl FnMut(&mut Event<'_>) -> Result<Next, StageError> + Send + 'static,
    ) -> Self {
        self.processor(Closure::new(name, process))
    }
}

struct Closure<F> {
    name: String,
    run: F,
}

impl<F> Closure<F> {
    fn new(name: impl Into<String>, run: F) -> Self {
        Self {
            name: name.into(),
            run,
        }
    }
}

impl<F: FnMut(&mut Event<'_>) -> Result<(), StageError> + Send + 'static> Enricher for Closure<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        (self.run)(event)
    }
}

impl<F: FnMut(&mut Event<'_>) -> Result<(), StageError> + Send + 'static> Redactor for Closure<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        (self.run)(event)
    }
}

impl<F: FnMut(&mut Event<'_>) -> Result<Next, StageError> + Send + 'static> Processor
    for Closure<F>
{
    fn name(&self) -> &str {
        &self.name
    }

    fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError> {
        (self.run)(event)
    }
}
