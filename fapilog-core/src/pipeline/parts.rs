//! What a pipeline is made of.

use std::sync::Arc;

use super::{
    control::{Control, Threads},
    ledger::Ledger,
    switches::Switches,
};
use crate::{diagnostics::Diagnostics, lane::Backlog, queue::Queue, settings::Settings};

/// The name under which the worker counts as a running thread.
pub(crate) const WORKER: &str = "fapilog-worker";

/// What a pipeline is made of.
pub(crate) struct Parts {
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Arc<Control>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) backlogs: Vec<Arc<Backlog>>,
    pub(crate) threads: Arc<Threads>,
    pub(crate) switches: Arc<Switches>,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) settings: Settings,
}
