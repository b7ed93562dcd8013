//! Filters decide which events are kept.
//!
//! A filter is a [`Filter`], or a closure given to
//! [`LoggerBuilder::filter_fn`](crate::LoggerBuilder::filter_fn) with a name. The level gate of the
//! pipeline has run before them, at the call, whatever filters there are.
//!
//! The filters of this module are chosen by the setting `core.filters`, by setters of the builder
//! such as [`sampling`](crate::LoggerBuilder::sampling), or added like one of your own. They keep
//! every event of a protected level, and the memory of each is bounded. Their windows and rates go
//! by the timestamps of events, so by the [`Clock`](crate::Clock) of the pipeline.
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

mod adaptive_sampling;
mod first_occurrence;
mod keys;
mod level;
mod path;
mod rate_limit;
mod recent;
mod sampling;
mod trace_sampling;
mod watch;

pub use self::{
    adaptive_sampling::AdaptiveSampling,
    first_occurrence::FirstOccurrence,
    level::{LevelFilter, LevelFilterError, MinLevel},
    path::{EventPath, EventPathError},
    rate_limit::RateLimit,
    sampling::Sampling,
    trace_sampling::TraceSampling,
};

use crate::{diagnostics::Reporter, event::Event};

/// What a filter says of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[must_use]
pub enum Verdict {
    /// The event goes on.
    Keep,
    /// The event goes on, as one of a sample: this share of events like it is kept, above 0 and
    /// below 1.
    KeepAt(f64),
    /// The event goes on with a mark: this key is true in its diagnostics.
    Mark(&'static str),
    /// The event ends here, and is counted under the filter's name.
    Drop,
}

/// A stage that keeps or drops events. The [module](self#how-stages-run) tells how stages run.
///
/// | result | what becomes of the event |
/// |---|---|
/// | [`Verdict::Keep`] | the next filter is asked; after the last one, it is enriched |
/// | [`Verdict::KeepAt`] | the same, and `data.sample_rate` tells the share; shares of several filters, and of the web layer, are multiplied. Where the call has a field of that name that is no share, `diagnostics.sample_rate` tells it |
/// | [`Verdict::Mark`] | the same, with the mark |
/// | [`Verdict::Drop`] | it ends here, counted under the filter's name in [`Stats::filtered`](crate::Stats::filtered); no other stage sees it |
/// | a panic | as after `Keep`: an event is rather kept than lost |
pub trait Filter: Send + 'static {
    /// Names the filter in the books. Asked once, when the pipeline is built.
    fn name(&self) -> &str;

    /// Whether events of protected levels pass it by, and it is never asked about them: those of the
    /// setting `core.protected_levels`, by default ERROR and above. Asked once, when the pipeline is
    /// built. Defaults to false.
    fn spares_protected(&self) -> bool {
        false
    }

    /// Hands it what it may report with. Called once, when the pipeline is built. Does nothing by
    /// default.
    fn start(&mut self, reporter: &Reporter) {
        let _ = reporter;
    }

    /// Decides about one event, as it came from the call: not enriched, not redacted.
    fn admit(&mut self, event: &Event<'_>) -> Verdict;
}
