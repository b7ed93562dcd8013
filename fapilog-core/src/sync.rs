//! The one place that names threads' primitives: `std` in use, `loom` in the models of the queue.

use std::{
    sync::{LockResult, PoisonError, TryLockError, TryLockResult},
    time::Instant,
};

#[cfg(fapilog_loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};

#[cfg(not(fapilog_loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};

/// Locks a mutex; see [`unpoisoned`].
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
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

/// The same, unless somebody holds the lock now.
#[inline]
pub(crate) fn unless_held<T>(tried: TryLockResult<T>) -> Option<T> {
    match tried {
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Poisoned(poisoned)) => Some(unpoisoned(Err(poisoned))),
        Ok(guard) => Some(unpoisoned(Ok(guard))),
    }
}

/// Waits until the condition no longer holds, or until the deadline. The wait of the same name in
/// `std` ends at once when it meets a poisoned lock.
pub(crate) fn wait_while<'a, T>(
    condvar: &std::sync::Condvar,
    mut guard: std::sync::MutexGuard<'a, T>,
    deadline: Instant,
    mut waits: impl FnMut(&T) -> bool,
) -> std::sync::MutexGuard<'a, T> {
    while waits(&guard) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        guard = unpoisoned(condvar.wait_timeout(guard, left)).0;
    }
    guard
}

/// Makes our own code panic, as a bug in it would: while it holds a lock, or where it says so.
#[cfg(test)]
pub(crate) mod fault {
    use std::cell::Cell;

    thread_local! {
        static LEFT: Cell<u32> = const { Cell::new(0) };
    }

    /// The n-th lock or point that this thread comes to from now on will panic; with 0, none will.
    pub(crate) fn arm(nth: u32) {
        LEFT.set(nth);
    }

    /// Whether the panic is still to come.
    pub(crate) fn is_armed() -> bool {
        LEFT.get() > 0
    }

    pub(crate) fn point() {
        let left = LEFT.get();
        LEFT.set(left.saturating_sub(1));
        assert!(left != 1, "a fault of our own");
    }
}
