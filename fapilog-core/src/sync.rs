//! The one place that names threads' primitives: `std` in use, `loom` in the models of the queue.

use std::sync::PoisonError;

#[cfg(fapilog_loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};

#[cfg(not(fapilog_loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};

/// Locks, also after a panic of another holder: each critical section here leaves the data whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
