//! Enrichers add fields to events.
//!
//! Those of this module are chosen by the setting `core.enrichers`, by default [`RuntimeInfo`], as
//! `runtime_info`, and `context_vars`: the fields of the call's scope that stand in `context`, such
//! as `request_id`. They are captured when the call is made; left out of the list, they are left out
//! of events, after the filters, and `correlation_id` is null. Where the environment has a say and
//! tells of Kubernetes, [`Kubernetes`] is one of them unless something else chooses.
//!
//! Each can be [switched](crate::Pipeline::enable_enricher) while the pipeline runs.

mod context_vars;
mod host;
mod kubernetes;
mod runtime_info;

pub(crate) use self::context_vars::ContextVars;
pub use self::{host::Host, kubernetes::Kubernetes, runtime_info::RuntimeInfo};

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

    /// Adds to `diagnostics` what is the same in every event. Called once: while the pipeline is
    /// built, on the thread that builds it, or when it is first switched on; the result is encoded
    /// once. Of a key that an event has
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
