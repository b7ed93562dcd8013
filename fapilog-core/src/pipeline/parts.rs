//! What a pipeline is made of.

use std::{sync::Arc, time::Duration};

use super::{
    control::{Control, Threads},
    ledger::Ledger,
};
use crate::{
    diagnostics::Diagnostics, filter::LevelFilter, lane::Backlog, queue::Queue, record::Limits,
};

/// The name under which the worker counts as a running thread.
pub(crate) const WORKER: &str = "fapilog-worker";

/// What a pipeline is made of.
pub(crate) struct Parts {
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Arc<Control>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) backlogs: Vec<Arc<Backlog>>,
    pub(crate) threads: Arc<Threads>,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) patience: Duration,
    pub(crate) never_lose: bool,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) exit_patience: Option<Duration>,
    pub(crate) limits: Limits,
    pub(crate) levels: LevelFilter,
}
