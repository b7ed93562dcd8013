//! Redactors take secrets out of events.

use crate::{error::StageError, event::Event};

/// A stage that takes secrets out.
///
/// Redactors run after enrichment, so they see all that leaves the process, on the worker thread,
/// in the order in which they were added.
///
/// **They fail closed.** If one fails or panics, the event does not go on: it is counted as
/// dropped, `redaction_failed`, and a skeleton with its time, level and logger takes its place.
/// Later redactors do not run for it.
pub trait Redactor: Send + 'static {
    /// Names the redactor in reports.
    fn name(&self) -> &str;

    /// Takes the secrets out of one event.
    ///
    /// # Errors
    ///
    /// After an error, nothing of the event but its time, level and logger leaves the process.
    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError>;
}
