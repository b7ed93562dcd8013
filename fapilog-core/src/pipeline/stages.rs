//! The order of the stages, once: filter, enrich, redact, process.

use std::sync::Arc;

use super::{
    enrichers::{Enrichers, NewEnricher},
    report::StageKind,
    stage::{Stage, StageLedger},
    switches::Switches,
};
use crate::{
    diagnostics::Diagnostics,
    event::{Constants, Event, FieldValue},
    filter::{Filter, Verdict},
    level::ProtectedLevels,
    panics,
    process::{Next, Processor},
    redact::{Redaction, Redactor},
    settings::FailMode,
};

/// The stages of a pipeline. They run on the worker thread, so they need no locks.
pub(crate) struct Stages {
    filters: Vec<Asked>,
    enrichers: Enrichers,
    /// The redactors that fapilog brings along.
    pub(super) redaction: Option<Redaction>,
    redactors: Vec<Stage<dyn Redactor>>,
    fail_mode: FailMode,
    processors: Vec<Stage<dyn Processor>>,
    protected: ProtectedLevels,
    pub(super) diagnostics: Diagnostics,
}

/// A filter.
struct Asked {
    stage: Stage<dyn Filter>,
    /// It is not asked about events of protected levels.
    spares_protected: bool,
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
        enrichers: Vec<NewEnricher>,
        redactors: Vec<Box<dyn Redactor>>,
        processors: Vec<Box<dyn Processor>>,
        protected: ProtectedLevels,
        diagnostics: Diagnostics,
    ) -> Self {
        let filters = staged(StageKind::Filter, filters, |it| it.name());
        let asked = filters.into_iter();
        Self {
            filters: asked.map(|it| Asked::new(it, &diagnostics)).collect(),
            enrichers: Enrichers::new(enrichers),
            redaction: None,
            redactors: staged(StageKind::Redactor, redactors, |it| it.name()),
            fail_mode: FailMode::Closed,
            processors: started(processors, &diagnostics),
            protected,
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
        let filters = self.filters.iter().map(|it| it.stage.ledger());
        let enrichers = self.enrichers.ledgers();
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
        self.enrichers.enrich(event, &self.diagnostics);
        if !event.is_unredacted && !self.redact(event) {
            return Fate::RedactionFailed;
        }
        self.process(event)
    }

    /// Whether there is none but the redaction of fapilog.
    pub(crate) fn are_redaction_alone(&self) -> bool {
        self.filters.is_empty()
            && self.enrichers.are_none()
            && self.redactors.is_empty()
            && self.processors.is_empty()
    }

    /// Which enrichers are on.
    pub(crate) fn switches(&self) -> &Arc<Switches> {
        self.enrichers.switches()
    }

    /// What is the same in every event from now on, if any enricher has been switched since the last
    /// call, or at the first one.
    pub(crate) fn constants(&mut self) -> Option<Constants> {
        let mut constants = self.enrichers.obey(&self.diagnostics)?;
        if let Some(redaction) = &mut self.redaction {
            redaction.redact_constants(&mut constants);
        }
        Some(Constants::new(constants))
    }

    fn filter(&mut self, event: &mut Event<'_>) -> Option<usize> {
        let diagnostics = &self.diagnostics;
        let is_protected = self.protected.contains(event.level);
        self.filters.iter_mut().position(|filter| {
            if is_protected && filter.spares_protected {
                return false;
            }
            let verdict = filter.stage.run(diagnostics, |it| Ok(it.admit(event)));
            verdict.is_some_and(|verdict| is_dropped(event, verdict))
        })
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
        let filters = self.filters.into_iter().map(|it| it.stage);
        filters.for_each(panics::drop_contained);
        self.enrichers.end();
        self.redactors.into_iter().for_each(panics::drop_contained);
        self.processors.into_iter().for_each(panics::drop_contained);
    }
}

impl Asked {
    fn new(mut stage: Stage<dyn Filter>, diagnostics: &Diagnostics) -> Self {
        let reporter = stage.reporter(diagnostics);
        stage.run(diagnostics, |it| {
            it.start(&reporter);
            Ok(())
        });
        let spares_protected = stage.run(diagnostics, |it| Ok(it.spares_protected()));
        Self {
            stage,
            spares_protected: spares_protected.unwrap_or(false),
        }
    }
}

/// Notes in the event what a filter says of it, unless it is dropped.
fn is_dropped(event: &mut Event<'_>, verdict: Verdict) -> bool {
    match verdict {
        Verdict::Keep => {}
        Verdict::KeepAt(rate) => note_sample_rate(event, rate),
        Verdict::Mark(mark) => event.diagnostics.insert(mark, true),
        Verdict::Drop => return true,
    }
    false
}

/// Notes the share of events like this one that are kept.
fn note_sample_rate(event: &mut Event<'_>, rate: f64) {
    const KEY: &str = "sample_rate";
    let is_share = |rate: &f64| *rate > 0.0 && *rate < 1.0;
    let share = |value: &FieldValue<'_>| match value {
        FieldValue::F64(rate) => Some(*rate).filter(is_share),
        _ => None,
    };
    if !is_share(&rate) {
        return;
    }
    // The web layer notes its share in the data; another field of that name is the caller's own.
    let fields = match event.data.get(KEY) {
        Some(value) if share(value).is_none() => &mut event.diagnostics,
        _ => &mut event.data,
    };
    let before = fields.get(KEY).and_then(share).unwrap_or(1.0);
    fields.insert(KEY, before * rate);
}

fn started(all: Vec<Box<dyn Processor>>, diagnostics: &Diagnostics) -> Vec<Stage<dyn Processor>> {
    let mut stages = staged(StageKind::Processor, all, |it| it.name());
    for stage in &mut stages {
        let reporter = stage.reporter(diagnostics);
        stage.run(diagnostics, |it| {
            it.start(&reporter);
            Ok(())
        });
    }
    stages
}

fn staged<S: ?Sized>(kind: StageKind, all: Vec<Box<S>>, name: fn(&S) -> &str) -> Vec<Stage<S>> {
    let stage = |it: Box<S>| Stage::new(kind, name(&it).to_owned(), it);
    all.into_iter().map(stage).collect()
}
