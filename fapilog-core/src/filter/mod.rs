//! Filters decide which events are kept.
//!
//! A filter is a [`Filter`], or a closure `FnMut(&Event) -> Verdict` given to
//! [`LoggerBuilder::filter`](crate::LoggerBuilder::filter) with a name. Filters run first, in the
//! order in which they were added, on the worker thread; the level gate of the pipeline has run
//! before them, at the call.

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

/// A stage that keeps or drops events.
///
/// It runs on the worker thread, one event at a time, so it needs no locks. A filter that panics
/// is passed over for that event: the event goes on, the failure is counted and reported.
pub trait Filter: Send + 'static {
    /// Names the filter in the books.
    fn name(&self) -> &str;

    /// Decides about one event.
    fn admit(&mut self, event: &Event<'_>) -> Verdict;
}
