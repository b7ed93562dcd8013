//! How the worker sleeps and is woken.

use std::time::Duration;

use crate::sync::{Condvar, Mutex, lock, unpoisoned};

/// A flag to sleep on. A wake that comes before the sleep is kept.
#[derive(Debug)]
pub(crate) struct Wake {
    called: Mutex<bool>,
    condvar: Condvar,
}

impl Wake {
    pub(crate) fn new() -> Self {
        Self {
            called: Mutex::new(false),
            condvar: Condvar::new(),
        }
    }

    pub(crate) fn wake(&self) {
        *lock(&self.called) = true;
        self.condvar.notify_one();
    }

    /// Sleeps until woken.
    pub(crate) fn sleep(&self) {
        let mut called = lock(&self.called);
        while !*called {
            called = unpoisoned(self.condvar.wait(called));
        }
        *called = false;
    }

    /// Sleeps until woken, or for about `time`.
    pub(crate) fn nap(&self, time: Duration) {
        let mut called = lock(&self.called);
        if !*called {
            called = unpoisoned(self.condvar.wait_timeout(called, time)).0;
        }
        *called = false;
    }
}
