//! [`Stage`]: user code on the worker thread, and how it fares there.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use super::{
    ledger::add,
    report::{StageKind, StageStats},
};
use crate::{
    diagnostics::{Diagnostics, Reporter},
    error::StageError,
    panics,
};

/// A stage that has failed so often in a row is passed over…
const MOST_FAILURES: u32 = 10;
/// … but for every so many-th event: it may have recovered.
const REST: u32 = 1000;

/// A filter, enricher, redactor or processor. Its panics are errors, its failures are counted and
/// reported.
pub(crate) struct Stage<S: ?Sized> {
    stage: Box<S>,
    ledger: Arc<StageLedger>,
    failures_in_a_row: u32,
    rested: u32,
    /// Its failures are counted alone.
    pub(super) is_quiet: bool,
}

/// What is counted of a stage.
#[derive(Debug)]
pub(crate) struct StageLedger {
    pub(super) kind: StageKind,
    pub(super) name: String,
    failed: AtomicU64,
    passed_over: AtomicU64,
}

impl<S: ?Sized> Stage<S> {
    pub(crate) fn new(kind: StageKind, name: String, stage: Box<S>) -> Self {
        Self {
            stage,
            ledger: Arc::new(StageLedger {
                kind,
                name,
                failed: AtomicU64::new(0),
                passed_over: AtomicU64::new(0),
            }),
            failures_in_a_row: 0,
            rested: 0,
            is_quiet: false,
        }
    }

    /// What the stage may report with.
    pub(super) fn reporter(&self, diagnostics: &Diagnostics) -> Reporter {
        Reporter::new(self.ledger.kind.name(), &self.ledger.name, diagnostics)
    }

    pub(crate) fn ledger(&self) -> &Arc<StageLedger> {
        &self.ledger
    }

    /// Runs the stage, unless it has failed too often; `None` if it failed or did not run.
    pub(super) fn run<T>(
        &mut self,
        diagnostics: &Diagnostics,
        run: impl FnOnce(&mut S) -> Result<T, StageError>,
    ) -> Option<T> {
        if self.failures_in_a_row >= MOST_FAILURES && !self.has_rested() {
            add(&self.ledger.passed_over, 1);
            return None;
        }
        self.insist(diagnostics, run)
    }

    /// Runs the stage, however often it has failed.
    pub(super) fn insist<T>(
        &mut self,
        diagnostics: &Diagnostics,
        run: impl FnOnce(&mut S) -> Result<T, StageError>,
    ) -> Option<T> {
        let stage = &mut *self.stage;
        let result = panics::caught(|| run(stage));
        match result.unwrap_or_else(|text| Err(StageError::new(text))) {
            Ok(value) => {
                self.failures_in_a_row = 0;
                Some(value)
            }
            Err(error) => {
                self.failed(diagnostics, &error);
                None
            }
        }
    }

    fn has_rested(&mut self) -> bool {
        self.rested = (self.rested + 1) % REST;
        self.rested == 0
    }

    #[cold]
    fn failed(&mut self, diagnostics: &Diagnostics, error: &StageError) {
        let StageLedger { kind, name, .. } = &*self.ledger;
        add(&self.ledger.failed, 1);
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        if !self.is_quiet {
            diagnostics.report(kind.name(), &format!("{name} failed: {error}"));
        }
        if self.failures_in_a_row == MOST_FAILURES && *kind != StageKind::Redactor {
            let text = format!(
                "{name} is passed over: it failed {MOST_FAILURES} times in a row; \
                 every {REST}th event it is tried again"
            );
            diagnostics.report(kind.name(), &text);
        }
    }
}

impl StageLedger {
    pub(super) fn snapshot(&self) -> StageStats {
        StageStats {
            kind: self.kind,
            name: self.name.clone(),
            failed: self.failed.load(Relaxed),
            passed_over: self.passed_over.load(Relaxed),
        }
    }
}
