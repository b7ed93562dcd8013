//! The order of the stages, once: filter, enrich, redact, process.

use std::sync::Arc;

use super::{
    report::StageKind,
    stage::{Stage, StageLedger},
};
use crate::{
    diagnostics::Diagnostics,
    enrich::Enricher,
    event::{Event, Fields},
    filter::{Filter, Verdict},
    panics,
    process::{Next, Processor},
    redact::{Redaction, Redactor},
    settings::FailMode,
};

/// The stages of a pipeline. They run on the worker thread, so they need no locks.
pub(crate) struct Stages {
    filters: Vec<Stage<dyn Filter>>,
    enrichers: Vec<Stage<dyn Enricher>>,
    /// The redactors that fapilog brings along.
    pub(super) redaction: Option<Redaction>,
    redactors: Vec<Stage<dyn Redactor>>,
    fail_mode: FailMode,
    processors: Vec<Stage<dyn Processor>>,
    pub(super) diagnostics: Diagnostics,
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
    pub(crate) fn new(
        filters: Vec<Box<dyn Filter>>,
        enrichers: Vec<Box<dyn Enricher>>,
        redactors: Vec<Box<dyn Redactor>>,
        processors: Vec<Box<dyn Processor>>,
        diagnostics: Diagnostics,
    ) -> Self {
        Self {
            filters: staged(StageKind::Filter, filters, |it| it.name()),
            enrichers: staged(StageKind::Enricher, enrichers, |it| it.name()),
            redaction: None,
            redactors: staged(StageKind::Redactor, redactors, |it| it.name()),
            fail_mode: FailMode::Closed,
            processors: staged(StageKind::Processor, processors, |it| it.name()),
            diagnostics,
        }
    }

    /// Has the redactors of fapilog run before those of others, and others fail in this mode.
    pub(crate) fn redacting(mut self, redaction: Option<Redaction>, fail_mode: FailMode) -> Self {
        for redactor in &mut self.redactors {
            redactor.is_quiet = fail_mode == FailMode::Open;
        }
        Self {
            redaction,
            fail_mode,
            ..self
        }
    }

    /// What is counted of each stage, in the order in which they run.
    pub(crate) fn ledgers(&self) -> Vec<Arc<StageLedger>> {
        let filters = self.filters.iter().map(Stage::ledger);
        let enrichers = self.enrichers.iter().map(Stage::ledger);
        let redactors = self.redactors.iter().map(Stage::ledger);
        let processors = self.processors.iter().map(Stage::ledger);
        let first = filters.chain(enrichers);
        first.chain(redactors).chain(processors).cloned().collect()
    }

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

    /// Whether there is none but the redaction of fapilog.
    pub(crate) fn are_redaction_alone(&self) -> bool {
        self.filters.is_empty()
            && self.enrichers.is_empty()
            && self.redactors.is_empty()
            && self.processors.is_empty()
    }

    /// Adds what the enrichers add to every event.
    pub(crate) fn add_constants(&mut self, constants: &mut Fields<'static>) {
        for enricher in &mut self.enrichers {
            enricher.run(&self.diagnostics, |it| {
                it.constants(constants);
                Ok(())
            });
        }
        if let Some(redaction) = &mut self.redaction {
            redaction.redact_constants(constants);
        }
    }

    fn filter(&mut self, event: &Event<'_>) -> Option<usize> {
        let diagnostics = &self.diagnostics;
        self.filters.iter_mut().position(|filter| {
            let verdict = filter.run(diagnostics, |it| Ok(it.admit(event)));
            verdict == Some(Verdict::Drop)
        })
    }

    fn enrich(&mut self, event: &mut Event<'_>) {
        for enricher in &mut self.enrichers {
            enricher.run(&self.diagnostics, |it| it.enrich(event));
        }
    }

    /// Returns whether the event may go on.
    fn redact(&mut self, event: &mut Event<'_>) -> bool {
        let diagnostics = &self.diagnostics;
        if let Some(redaction) = &mut self.redaction {
            match panics::caught(|| redaction.redact(event)) {
                Ok(None) => {}
                Ok(Some(blocked)) => {
                    diagnostics.report("redactor", &format!("field_blocker hides {blocked}"));
                }
                Err(panic) => {
                    diagnostics.report("redactor", &format!("redaction failed: {panic}"));
                    return false;
                }
            }
        }
        let fails_closed = self.fail_mode == FailMode::Closed;
        // Never passed over: what it does not see must not leave the process.
        self.redactors.iter_mut().all(|redactor| {
            let before = (!fails_closed).then(|| event.clone());
            let is_done = redactor
                .insist(diagnostics, |it| it.redact(event))
                .is_some();
            match before {
                Some(before) if !is_done => *event = before,
                _ => return is_done,
            }
            true
        })
    }

    fn process(&mut self, event: &mut Event<'_>) -> Fate {
        for processor in &mut self.processors {
            if processor.run(&self.diagnostics, |it| it.process(event)) == Some(Next::Drop) {
                return Fate::Dropped;
            }
        }
        Fate::Encode
    }

    /// Drops all stages, each for itself: one that panics then keeps no other from its end.
    pub(super) fn end(self) {
        self.filters.into_iter().for_each(panics::drop_contained);
        self.enrichers.into_iter().for_each(panics::drop_contained);
        self.redactors.into_iter().for_each(panics::drop_contained);
        self.processors.into_iter().for_each(panics::drop_contained);
    }
}

fn staged<S: ?Sized>(kind: StageKind, all: Vec<Box<S>>, name: fn(&S) -> &str) -> Vec<Stage<S>> {
    let stage = |it: Box<S>| Stage::new(kind, name(&it).to_owned(), it);
    all.into_iter().map(stage).collect()
}
