//! Panics of user code, as errors.

use std::{
    any::Any,
    cell::Cell,
    fmt, mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

thread_local! {
    /// How many of our catching regions this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs user code; the error of a panic is its text.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    region(run).map_err(|panic| panic.to_string())
}

/// Runs user code whose panic we deal with: the panic hook does not log it.
pub(crate) fn region<T>(run: impl FnOnce() -> T) -> Result<T, Panic> {
    shift(1);
    let result = catch_unwind(AssertUnwindSafe(run));
    shift(-1);
    result.map_err(|payload| Panic(Some(payload)))
}

/// Drops a value of the user's, whose `Drop` may panic.
pub(crate) fn drop_contained<T>(value: T) {
    drop(region(|| drop(value)));
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

/// A panic that was caught.
pub(crate) struct Panic(Option<Box<dyn Any + Send>>);

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_deref().map_or("", panic_text);
        write!(f, "panicked: {text}")
    }
}

impl Drop for Panic {
    fn drop(&mut self) {
        // What was thrown is the user's too, and may panic in turn; what comes then is forgotten.
        let payload = self.0.take();
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(another);
        }
    }
}

/// The text of a panic, as far as it has one.
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}
