//! Threads of fapilog itself: what runs there must not log, or a pipeline would feed itself.

use std::cell::Cell;

thread_local! {
    static OWN: Cell<bool> = const { Cell::new(false) };
}

/// Marks the current thread, for its whole life.
pub(crate) fn mark_thread() {
    // A thread that is ending logs no more.
    let _ = OWN.try_with(|own| own.set(true));
}

pub(crate) fn is_own_thread() -> bool {
    OWN.try_with(Cell::get).unwrap_or(false)
}
