//! The one place that names threads' primitives: `std` in use, `loom` in the models of the queue.

use std::sync::{LockResult, PoisonError, TryLockError};

#[cfg(fapilog_loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};

#[cfg(not(fapilog_loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};

/// Locks a mutex; see [`unpoisoned`].
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

/// The same, unless somebody holds it now.
pub(crate) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Poisoned(poisoned)) => Some(unpoisoned(Err(poisoned))),
        Ok(guard) => Some(unpoisoned(Ok(guard))),
    }
}

/// What a lock guards, also after a panic of another holder: no critical section of ours leaves
/// its data half changed, since none runs anybody else's code.
#[inline]
pub(crate) fn unpoisoned<T>(locked: LockResult<T>) -> T {
    let guard = locked.unwrap_or_else(PoisonError::into_inner);
    #[cfg(test)]
    fault::point();
    guard
}

/// Makes our own code panic, as a bug in it would, while it holds a lock.
#[cfg(test)]
pub(crate) mod fault {
    use std::cell::Cell;

    thread_local! {
        static LOCKS_LEFT: Cell<u32> = const { Cell::new(0) };
    }

    /// The n-th lock that this thread takes from now on will panic; with 0, none will.
    pub(crate) fn arm(nth: u32) {
        LOCKS_LEFT.set(nth);
    }

    /// Whether the panic is still to come.
    pub(crate) fn is_armed() -> bool {
        LOCKS_LEFT.get() > 0
    }

    pub(super) fn point() {
        let left = LOCKS_LEFT.get();
        LOCKS_LEFT.set(left.saturating_sub(1));
        assert!(left != 1, "a fault while a lock is held");
    }
}
