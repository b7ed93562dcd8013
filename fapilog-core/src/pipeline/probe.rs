//! [`Probe`]: a question that a pipeline may ask of whoever logs to it.

use std::fmt;

/// Says whether something is the case.
pub(crate) trait Probe: Fn() -> bool + Send + Sync {}

impl<F: Fn() -> bool + Send + Sync> Probe for F {}

impl fmt::Debug for dyn Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}
