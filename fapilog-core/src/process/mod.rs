//! Processors have the last word on an event before it is encoded.

use crate::{error::StageError, event::Event};

/// What becomes of an event after a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// The event goes on.
    Continue,
    /// The event ends here and is counted as dropped, `processor`.
    Drop,
}

/// A stage that shapes events after redaction.
///
/// Processors run on the worker thread, in the order in which they were added. One that fails or
/// panics is passed over for that event: the event goes on as it stands, the failure is counted
/// and reported.
pub trait Processor: Send + 'static {
    /// Names the processor in reports.
    fn name(&self) -> &str;

    /// Shapes one event.
    ///
    /// # Errors
    ///
    /// An error is counted and reported; the event goes on.
    fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError>;
}
