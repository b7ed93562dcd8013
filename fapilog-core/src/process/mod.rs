//! Processors have the last word on an event before it is encoded.
//!
//! [`SizeGuard`] is chosen by the setting `core.processors`, by
//! [`size_guard`](crate::LoggerBuilder::size_guard), or added like one of your own.

mod piece;
mod size_guard;

pub use self::size_guard::SizeGuard;

use crate::{diagnostics::Reporter, error::StageError, event::Event};

/// What becomes of an event after a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// The event goes on.
    Continue,
    /// The event ends here and is counted as dropped, `processor`.
    Drop,
}

/// A stage that shapes events after redaction; [here](crate::filter#how-stages-run) is how stages
/// run.
///
/// | result | what becomes of the event |
/// |---|---|
/// | [`Next::Continue`] | the next processor has it; after the last one, it is encoded |
/// | [`Next::Drop`] | it ends here, dropped, `processor` |
/// | `Err` or a panic | as after `Continue`, as it stands |
pub trait Processor: Send + 'static {
    /// Names the processor in reports. Asked once, when the pipeline is built.
    fn name(&self) -> &str;

    /// Hands it what it may report with. Called once, when the pipeline is built. Does nothing by
    /// default.
    fn start(&mut self, reporter: &Reporter) {
        let _ = reporter;
    }

    /// Shapes one event.
    ///
    /// # Errors
    ///
    /// An error is counted and reported; the event goes on.
    fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError>;
}
