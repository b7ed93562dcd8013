//! Enrichers add fields to events.

mod runtime_info;

pub use runtime_info::RuntimeInfo;

use crate::{
    error::StageError,
    event::{Event, Fields},
};

/// A stage that adds fields. It runs after the filters and before redaction, which sees what it
/// adds; [here](crate::filter#how-stages-run) is how stages run.
///
/// | result | what becomes of the event |
/// |---|---|
/// | `Ok` | the next enricher has it; after the last one, it is redacted |
/// | `Err` or a panic | the same: what was added so far stays |
pub trait Enricher: Send + 'static {
    /// Names the enricher in reports. Asked once, when the pipeline is built.
    fn name(&self) -> &str;

    /// Adds to `diagnostics` what is the same in every event. Called once, while the pipeline is
    /// built, on the thread that builds it; the result is encoded once. Of a key that an event has
    /// too, the event's own value stays. Adds nothing by default.
    fn constants(&mut self, diagnostics: &mut Fields<'static>) {
        let _ = diagnostics;
    }

    /// Adds to one event. Adds nothing by default.
    ///
    /// # Errors
    ///
    /// An error is counted and reported; the event goes on.
    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        let _ = event;
        Ok(())
    }
}
