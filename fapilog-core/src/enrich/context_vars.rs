//! The fields of the context, as far as they can be switched.

use super::Enricher;

/// Stands for the fields that a call finds in its scope and that stand in `context`. They were
/// captured by the call: there is nothing to add here, but switched off, they are left out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContextVars;

impl Enricher for ContextVars {
    fn name(&self) -> &str {
        "context_vars"
    }
}
