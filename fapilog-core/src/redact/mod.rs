//! Redactors take secrets out of events.

use crate::{error::StageError, event::Event};

/// A stage that takes secrets out. It runs after enrichment, so it sees all that leaves the
/// process, but for what processors add; [here](crate::filter#how-stages-run) is how stages run.
///
/// **Redactors fail closed.**
///
/// | result | what becomes of the event |
/// |---|---|
/// | `Ok` | the next redactor has it; after the last one, the processors |
/// | `Err` or a panic | it ends here, dropped, `redaction_failed`; no other stage sees it. A skeleton with its time, level and logger takes its place, counted as generated |
///
/// A redactor is asked for every event, however often it has failed. Only the events of
/// `unsafe_debug!` pass redactors by. The text of an error or a panic goes to stderr: keep values
/// out of it.
pub trait Redactor: Send + 'static {
    /// Names the redactor in reports. Asked once, when the pipeline is built.
    fn name(&self) -> &str;

    /// Takes the secrets out of one event.
    ///
    /// # Errors
    ///
    /// After an error, nothing of the event but its time, level and logger leaves the process.
    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError>;
}
