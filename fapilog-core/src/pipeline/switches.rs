//! [`Switches`]: which enrichers are on.

use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

/// Which enrichers of a pipeline are on: set by any thread, obeyed by the worker.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    all: Vec<(String, AtomicBool)>,
    changes: AtomicU64,
}

impl Switches {
    pub(crate) fn new(all: impl IntoIterator<Item = (String, bool)>) -> Self {
        let all = all.into_iter();
        Self {
            all: all.map(|(name, on)| (name, AtomicBool::new(on))).collect(),
            changes: AtomicU64::new(0),
        }
    }

    /// Switches all enrichers of this name; false if there is none.
    pub(crate) fn set(&self, name: &str, on: bool) -> bool {
        let mut is_known = false;
        for (_, switch) in self.all.iter().filter(|(it, _)| it == name) {
            switch.store(on, Relaxed);
            is_known = true;
        }
        self.changes.fetch_add(1, Release);
        is_known
    }

    /// A number that is another one after each change.
    #[inline]
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Acquire)
    }

    pub(super) fn is_on(&self, index: usize) -> bool {
        let switch = self.all.get(index);
        switch.is_some_and(|(_, on)| on.load(Relaxed))
    }
}
