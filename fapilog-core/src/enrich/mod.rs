//! Enrichers add fields to events.

mod runtime_info;

pub use runtime_info::RuntimeInfo;

use crate::{
    error::StageError,
    event::{Event, Fields},
};

/// A stage that adds fields.
///
/// Enrichers run after the filters and before redaction, on the worker thread, in the order in
/// which they were added. An enricher that fails or panics is passed over for that event: what it
/// added so far stays, the event goes on, the failure is counted and reported.
pub trait Enricher: Send + 'static {
    /// Names the enricher in reports.
    fn name(&self) -> &str;

    /// Adds to `diagnostics` what is the same in every event. Called once, at the start of the
    /// pipeline; the result is encoded once. Adds nothing by default.
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
