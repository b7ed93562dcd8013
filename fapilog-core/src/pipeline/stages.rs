//! The order of the stages, once: filter, enrich, redact, process.

use crate::{
    diagnostics::Diagnostics,
    enrich::Enricher,
    error::StageError,
    event::{Event, Fields},
    filter::{Filter, Verdict},
    panics,
    process::{Next, Processor},
    redact::Redactor,
};

/// The stages of a pipeline. They run on the worker thread, so they need no locks.
pub(crate) struct Stages {
    pub(crate) filters: Vec<Box<dyn Filter>>,
    pub(crate) enrichers: Vec<Box<dyn Enricher>>,
    pub(crate) redactors: Vec<Box<dyn Redactor>>,
    pub(crate) processors: Vec<Box<dyn Processor>>,
    pub(crate) diagnostics: Diagnostics,
    /// Failures and panics of stages since the last look.
    pub(crate) failures: u64,
}

/// What becomes of an event after all stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Encode,
    /// Taken out by the filter with this index.
    Filtered(usize),
    /// Must not leave the process.
    RedactionFailed,
    /// A processor dropped it.
    Dropped,
}

impl Stages {
    /// Sends an event through every stage:
    ///
    /// 1. filters, so that what is dropped costs nothing more;
    /// 2. enrichers;
    /// 3. redactors, after enrichment, so that they see all that leaves the process;
    /// 4. processors, which see only what may leave it.
    pub(crate) fn apply(&mut self, event: &mut Event<'_>) -> Fate {
        if let Some(index) = self.filter(event) {
            return Fate::Filtered(index);
        }
        self.enrich(event);
        if !event.is_unredacted && !self.redact(event) {
            return Fate::RedactionFailed;
        }
        self.process(event)
    }

    /// What the enrichers add to every event.
    pub(crate) fn constants(&mut self) -> Fields<'static> {
        let mut constants = Fields::default();
        constants.insert("origin", "native");
        for enricher in &mut self.enrichers {
            let added = contained(|| {
                enricher.constants(&mut constants);
                Ok(())
            });
            self.failures += failed(&self.diagnostics, "enricher", enricher.name(), added);
        }
        constants
    }

    fn filter(&mut self, event: &Event<'_>) -> Option<usize> {
        for (index, filter) in self.filters.iter_mut().enumerate() {
            match contained(|| Ok(filter.admit(event))) {
                Ok(Verdict::Keep) => {}
                Ok(Verdict::Drop) => return Some(index),
                failure => {
                    let failure = failure.map(drop);
                    self.failures += failed(&self.diagnostics, "filter", filter.name(), failure);
                }
            }
        }
        None
    }

    fn enrich(&mut self, event: &mut Event<'_>) {
        for enricher in &mut self.enrichers {
            let result = contained(|| enricher.enrich(event));
            self.failures += failed(&self.diagnostics, "enricher", enricher.name(), result);
        }
    }

    fn redact(&mut self, event: &mut Event<'_>) -> bool {
        for redactor in &mut self.redactors {
            let result = contained(|| redactor.redact(event));
            if result.is_err() {
                self.failures += failed(&self.diagnostics, "redactor", redactor.name(), result);
                return false;
            }
        }
        true
    }

    fn process(&mut self, event: &mut Event<'_>) -> Fate {
        for processor in &mut self.processors {
            match contained(|| processor.process(event)) {
                Ok(Next::Continue) => {}
                Ok(Next::Drop) => return Fate::Dropped,
                failure => {
                    let failure = failure.map(drop);
                    let name = processor.name();
                    self.failures += failed(&self.diagnostics, "processor", name, failure);
                }
            }
        }
        Fate::Encode
    }
}

/// Runs user code; a panic becomes an error.
fn contained<T>(run: impl FnOnce() -> Result<T, StageError>) -> Result<T, StageError> {
    panics::caught(run).unwrap_or_else(|text| Err(StageError::new(text)))
}

/// Reports a failure; returns how many there were, 0 or 1.
fn failed(
    diagnostics: &Diagnostics,
    component: &'static str,
    name: &str,
    result: Result<(), StageError>,
) -> u64 {
    match result {
        Ok(()) => 0,
        Err(error) => {
            diagnostics.report(component, &format!("{name} failed: {error}"));
            1
        }
    }
}
