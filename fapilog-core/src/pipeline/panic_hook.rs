//! The panic hook: a panic that nobody catches for us is an event.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    cell::Cell,
    panic::{self, PanicHookInfo},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use super::{Shared, process_logger};
use crate::{
    Level, Logger,
    callsite::Callsite,
    clock,
    context::Scope,
    logger::begin,
    own, panics,
    record::{FieldBlock, Message},
    sync::{unless_held, unpoisoned},
};

/// How long a process that aborts waits for its last event.
const LAST_PATIENCE: Duration = Duration::from_millis(250);
/// Panics are not unwound here: each is the end of the process, also within our regions.
const ABORTS: bool = cfg!(panic = "abort");

static SITE: Callsite = Callsite::new(Level::Critical, "panic", "", 0, &[]);
static INSTALLED: AtomicBool = AtomicBool::new(false);
/// The pipeline whose settings ask for panics, the last one of them.
static ASKING: Mutex<Weak<Shared>> = Mutex::new(Weak::new());

thread_local! {
    static LOGGING: Cell<bool> = const { Cell::new(false) };
}

/// From now on, each panic is logged as CRITICAL, before the hook that was set before does what it
/// does.
///
/// The event says `panic: ` and the text of the panic, and has `panic.thread`, `panic.file` and
/// `panic.line`; `panic.backtrace` too if `RUST_BACKTRACE` asks for one. It goes to the logger of
/// the [`Scope`] that is entered on the thread, with its fields; else to the process-wide
/// pipeline; else to the last pipeline with
/// [`capture_unhandled`](crate::LoggerBuilder::capture_unhandled). Panics that fapilog itself deals
/// with are not logged: in stages, in sinks, in the `Display` of a value. Nothing is closed, and
/// nothing is waited for; but a program built with `panic = "abort"` waits up to 250 ms until the
/// event is delivered.
///
/// To call it twice is to call it once. On a thread that is panicking it does nothing. A hook that
/// is set later with [`std::panic::set_hook`] replaces this one.
pub fn install_panic_hook() {
    if thread::panicking() || INSTALLED.swap(true, Relaxed) {
        return;
    }
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        log(info);
        previous(info);
    }));
}

/// The same, for a pipeline that wants to have the panics for which there is no other.
pub(crate) fn install_for(shared: &Arc<Shared>) {
    *unpoisoned(ASKING.lock()) = Arc::downgrade(shared);
    install_panic_hook();
}

fn log(info: &PanicHookInfo<'_>) {
    if own::is_own_thread() || (panics::is_caught() && !ABORTS) {
        return;
    }
    // A panic of what follows must not come here again.
    if LOGGING.try_with(|it| it.replace(true)).unwrap_or(true) {
        return;
    }
    if let Some(logger) = logger() {
        event(&logger, info);
        if ABORTS {
            logger.shared().flush(LAST_PATIENCE);
        }
    }
    let _ = LOGGING.try_with(|it| it.set(false));
}

fn logger() -> Option<Logger> {
    if let Some(scope) = Scope::current() {
        return Some(scope.logger().clone());
    }
    if let Some(logger) = process_logger().as_deref() {
        return Some(logger.clone());
    }
    // A thread that panics must not wait for one that starts a pipeline.
    let asking = unless_held(ASKING.try_lock())?.upgrade()?;
    Some(Logger::new(asking))
}

fn event(logger: &Logger, info: &PanicHookInfo<'_>) {
    let Some(call) = begin(&SITE, Some(logger)) else {
        return;
    };
    let mut fields = FieldBlock::new();
    let thread = thread::current();
    let name = thread.name().unwrap_or("unnamed");
    fields.set(call.limits(), "panic.thread", &name);
    if let Some(place) = info.location() {
        fields.set(call.limits(), "panic.file", &place.file());
        fields.set(call.limits(), "panic.line", &place.line());
    }
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        fields.set(call.limits(), "panic.backtrace", &backtrace.to_string());
    }
    let text = panics::panic_text(info.payload());
    let message = format!("panic: {text}");
    call.finish_with(clock::stamp(), &[], &fields, Message::Text(&message));
}
