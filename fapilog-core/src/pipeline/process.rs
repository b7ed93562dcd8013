//! What happens to a process as a whole: its end, and its forks.
//!
//! Apart from files that are mapped into memory, this is the only place with `unsafe`: the
//! declaration of what the C library offers for it.
#![allow(unsafe_code)]

use std::{
    ffi::c_int,
    sync::{
        Once,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
};

use super::global::process_logger;
use crate::panics;

// SAFETY: the declaration is that of C. `atexit` keeps a pointer to a function, which
// lives as long as the code does; it may be called from any thread, and answers an error with a
// number. The function that is passed cannot unwind into C: an `extern "C"` function of Rust ends
// the process instead.
unsafe extern "C" {
    safe fn atexit(run: extern "C" fn()) -> c_int;
}

/// What POSIX calls on the thread that forks, in the child.
#[cfg(unix)]
type InChild = Option<extern "C" fn()>;

// SAFETY: the declaration is that of POSIX, where a function may be null, as `None` is.
// `pthread_atfork` keeps pointers to functions, which live as long as the code does; it may be
// called from any thread, and answers an error with a number. What is passed for the child only
// adds to an atomic, which is allowed there, and does not unwind.
#[cfg(unix)]
unsafe extern "C" {
    safe fn pthread_atfork(prepare: InChild, parent: InChild, child: InChild) -> c_int;
}

/// How many forks lie between this process and the one that noticed them first.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Why nothing can be done for a pipeline in a forked child.
pub(crate) const FORKED: &str = "this process was forked: the pipeline runs in its parent";

/// The process is ending in a hurry: its last events are given up.
static IN_A_HURRY: AtomicBool = AtomicBool::new(false);

/// From now on, the end of the process drains the process-wide pipeline first.
pub(crate) fn drain_at_exit() {
    static REGISTERED: Once = Once::new();
    // Without memory for one more hook, the process ends as it would have without us.
    REGISTERED.call_once(|| {
        let _ = atexit(at_exit);
    });
}

/// Runs on the thread that ends the process, whose thread-locals may be gone, while all other
/// threads go on.
extern "C" fn at_exit() {
    if IN_A_HURRY.load(Relaxed) {
        return;
    }
    // There is nobody left to tell of a panic.
    let _ = panics::caught(|| {
        if let Some(logger) = process_logger().as_deref() {
            logger.shared().end_with_process();
        }
    });
}

/// Ends the process without waiting for the last events: for somebody who has asked twice.
pub fn exit_at_once(code: i32) -> ! {
    IN_A_HURRY.store(true, Relaxed);
    std::process::exit(code)
}

/// A number that is another one in each process that was forked from this one: there, the threads
/// of a pipeline do not exist, and nobody unlocks what they had locked.
#[inline]
pub(crate) fn forks() -> u32 {
    FORKS.load(Relaxed)
}

/// From now on, [`forks`] changes in children.
pub(crate) fn notice_forks() {
    #[cfg(unix)]
    {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(|| {
            let _ = pthread_atfork(None, None, Some(in_child));
        });
    }
}

#[cfg(unix)]
extern "C" fn in_child() {
    FORKS.fetch_add(1, Relaxed);
}
