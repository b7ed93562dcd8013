//! Panics of user code, as errors.

use std::{
    any::Any,
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

thread_local! {
    /// How many of our catching regions this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs user code; the error of a panic is its text.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    region(run).map_err(|payload| format!("panicked: {}", panic_text(&*payload)))
}

/// Runs user code whose panic we deal with: the panic hook does not log it.
pub(crate) fn region<T>(run: impl FnOnce() -> T) -> thread::Result<T> {
    shift(1);
    let result = catch_unwind(AssertUnwindSafe(run));
    shift(-1);
    result
}

/// Whether a panic on this thread would be dealt with by us.
pub(crate) fn is_caught() -> bool {
    DEPTH.try_with(Cell::get).unwrap_or(0) > 0
}

#[inline]
fn shift(by: i32) {
    // It needs no destructor, so it outlives all others of its thread.
    let _ = DEPTH.try_with(|depth| depth.set(depth.get().wrapping_add_signed(by)));
}

/// The text of a panic, as far as it has one.
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}
