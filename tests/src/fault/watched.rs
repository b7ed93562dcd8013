//! [`Watched`]: a value whose changes can be waited for.

use std::{
    fmt::Debug,
    sync::{Condvar, Mutex, PoisonError},
};

use crate::PATIENCE;

#[derive(Debug, Default)]
pub(super) struct Watched<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T: Debug> Watched<T> {
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = self.look(change);
        self.changed.notify_all();
        result
    }

    /// The same for what changes nothing.
    pub(super) fn look<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        look(&mut self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until this is true; fails the test if it does not become so.
    pub(super) fn wait_until(&self, what: &str, is_so: impl Fn(&T) -> bool) {
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(value, PATIENCE, |value| !is_so(value));
        let (value, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "{what} did not come: {:#?}", *value);
    }
}
