//! [`Enrichers`]: those of a pipeline, on and off.

use std::sync::Arc;

use super::{
    report::StageKind,
    stage::{Stage, StageLedger},
    switches::Switches,
};
use crate::{
    diagnostics::Diagnostics,
    enrich::{ContextVars, Enricher},
    event::{Event, Fields},
    panics,
};

/// The enrichers of a pipeline.
pub(crate) struct Enrichers {
    all: Vec<Entry>,
    /// Whether events keep the fields of the context.
    keeps_context: bool,
    switches: Arc<Switches>,
    /// Of the switches, when they were last looked at.
    changes: u64,
}

struct Entry {
    stage: Stage<dyn Enricher>,
    /// It is one of ours, which only have constants.
    is_built_in: bool,
    is_on: bool,
    /// What it adds to every event, once it has been on.
    constants: Option<Fields<'static>>,
}

/// An enricher, and how it begins.
pub(crate) struct NewEnricher {
    pub(crate) enricher: Box<dyn Enricher>,
    pub(crate) is_built_in: bool,
    pub(crate) is_on: bool,
}

impl Enrichers {
    pub(crate) fn new(all: Vec<NewEnricher>) -> Self {
        let named = all
            .iter()
            .map(|it| (it.enricher.name().to_owned(), it.is_on));
        let switches = Arc::new(Switches::new(named));
        let entries = all.into_iter().map(|new| {
            let name = new.enricher.name().to_owned();
            Entry {
                stage: Stage::new(StageKind::Enricher, name, new.enricher),
                is_built_in: new.is_built_in,
                is_on: new.is_on,
                constants: None,
            }
        });
        Self {
            all: entries.collect(),
            keeps_context: true,
            switches,
            changes: u64::MAX,
        }
    }

    pub(crate) fn switches(&self) -> &Arc<Switches> {
        &self.switches
    }

    /// What is counted of those that are not ours.
    pub(super) fn ledgers(&self) -> impl Iterator<Item = &Arc<StageLedger>> {
        let others = self.all.iter().filter(|it| !it.is_built_in);
        others.map(|it| it.stage.ledger())
    }

    /// Whether no event has to be looked at.
    pub(super) fn are_none(&self) -> bool {
        self.keeps_context && !self.all.iter().any(Entry::takes_part)
    }

    /// Obeys the switches. Returns what is the same in every event from now on, if anything has been
    /// switched since the last call.
    pub(super) fn obey(&mut self, diagnostics: &Diagnostics) -> Option<Fields<'static>> {
        let changes = self.switches.changes();
        if changes == self.changes {
            return None;
        }
        self.changes = changes;
        let mut constants = Fields::default();
        constants.insert("origin", "native");
        for (index, entry) in self.all.iter_mut().enumerate() {
            entry.is_on = self.switches.is_on(index);
            if entry.is_built_in && entry.stage.ledger().name == ContextVars.name() {
                self.keeps_context = entry.is_on;
            }
            if entry.is_on {
                for (key, value) in entry.constants(diagnostics).iter() {
                    constants.insert(key.to_owned(), value.clone());
                }
            }
        }
        Some(constants)
    }

    pub(super) fn enrich(&mut self, event: &mut Event<'_>, diagnostics: &Diagnostics) {
        if !self.keeps_context {
            event.context = Fields::default();
        }
        for entry in self.all.iter_mut().filter(|it| it.takes_part()) {
            entry.stage.run(diagnostics, |it| it.enrich(event));
        }
    }

    /// Drops all, each for itself.
    pub(super) fn end(self) {
        let stages = self.all.into_iter().map(|it| it.stage);
        stages.for_each(panics::drop_contained);
    }
}

impl Entry {
    fn takes_part(&self) -> bool {
        self.is_on && !self.is_built_in
    }

    /// What it adds to every event, asked for once.
    fn constants(&mut self, diagnostics: &Diagnostics) -> &Fields<'static> {
        let stage = &mut self.stage;
        self.constants.get_or_insert_with(|| {
            let mut constants = Fields::default();
            stage.run(diagnostics, |it| {
                it.constants(&mut constants);
                Ok(())
            });
            constants
        })
    }
}
