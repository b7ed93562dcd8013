//! Filters decide which events are kept.
//!
//! A filter is a [`Filter`], or a closure given to
//! [`LoggerBuilder::filter_fn`](crate::LoggerBuilder::filter_fn) with a name. The level gate of the
//! pipeline has run before them, at the call.
//!
//! # How stages run
//!
//! The stages of a pipeline are filters, [enrichers](crate::enrich), [redactors](crate::redact)
//! and [processors](crate::process), in this order; of each kind, in the order in which they were
//! added. They run on the worker thread, one event at a time, so they need no locks. While one
//! blocks, events wait in the queue: no call waits for a stage until the memory budget is used up.
//! What a stage logs with fapilog is refused, `own_thread`.
//!
//! A panic is an error with the panic's text. Errors are counted in
//! [`Stats::stages`](crate::Stats::stages) and reported on stderr, each kind once. A stage that has
//! failed ten times in a row is passed over, but for every thousandth event, with which it may
//! show that it has recovered; redactors never are.

mod level;

pub use level::{LevelFilter, LevelFilterError, MinLevel};

use crate::event::Event;

/// What a filter says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The event goes on.
    Keep,
    /// The event ends here, and is counted under the filter's name.
    Drop,
}

/// A stage that keeps or drops events. The [module](self#how-stages-run) tells how stages run.
///
/// | result | what becomes of the event |
/// |---|---|
/// | [`Verdict::Keep`] | the next filter is asked; after the last one, it is enriched |
/// | [`Verdict::Drop`] | it ends here, counted under the filter's name in [`Stats::filtered`](crate::Stats::filtered); no other stage sees it |
/// | a panic | as after `Keep`: an event is rather kept than lost |
pub trait Filter: Send + 'static {
    /// Names the filter in the books. Asked once, when the pipeline is built.
    fn name(&self) -> &str;

    /// Decides about one event, as it came from the call: not enriched, not redacted.
    fn admit(&mut self, event: &Event<'_>) -> Verdict;
}
