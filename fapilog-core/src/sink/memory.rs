//! Events in memory, for tests.

use std::sync::{Arc, Mutex, MutexGuard};

use super::BlockingSink;
use crate::{error::SinkError, event::Event, sync::unpoisoned};

/// Keeps every event, for a test to look at. Clones share the list.
///
/// The books call it `memory`. It grows without bound.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    events: Arc<Mutex<Vec<Event<'static>>>>,
}

impl Memory {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// The events so far, oldest first. Flush the pipeline before.
    pub fn events(&self) -> Vec<Event<'static>> {
        self.list().clone()
    }

    /// The same, and begins anew.
    pub fn take(&self) -> Vec<Event<'static>> {
        std::mem::take(&mut *self.list())
    }

    /// The number of events so far.
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Whether there is no event yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn list(&self) -> MutexGuard<'_, Vec<Event<'static>>> {
        unpoisoned(self.events.lock())
    }
}

impl BlockingSink for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        self.list().push(event.clone());
        Ok(())
    }
}
