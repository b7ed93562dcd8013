//! Calls that wait, with a thread or without.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake},
};

use fapilog_core::{Level, Logger};

use super::{Way, model::Rules};

#[derive(Debug, Default)]
pub(super) struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Woken {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// An event whose call waits without blocking.
pub(super) struct Waiting {
    pub(super) id: u64,
    pub(super) level: Level,
    pub(super) size: usize,
    pub(super) began: u64,
    /// It stands in line where it came, and has not been let in before.
    pub(super) is_first_wait: bool,
    pub(super) woken: Arc<Woken>,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

impl Waiting {
    /// Makes a call, which may have to wait.
    pub(super) fn begin(log: &Logger, level: Level, id: u64, size: usize) -> Option<Self> {
        let log = log.clone();
        let future = async move {
            let event = log.event(level, "m").field("id", id);
            event.field("text", "x".repeat(size)).emit_async().await;
        };
        let mut waiting = Self {
            id,
            level,
            size,
            began: id,
            is_first_wait: true,
            woken: Arc::default(),
            future: Box::pin(future),
        };
        let is_done = waiting.poll();
        (!is_done).then_some(waiting)
    }

    /// Whether it has a place in a line for such events.
    pub(super) fn has_place(&self, level: Level) -> bool {
        self.is_first_wait
            && Rules::waits_in_line(self.size)
            && self.level.is_protected() == level.is_protected()
    }

    /// Whether it waits for the room of such events, however much.
    pub(super) fn waits_like(&self, level: Level) -> bool {
        !self.woken.get() && self.level.is_protected() == level.is_protected()
    }

    pub(super) fn stands_in_line(&self, level: Level) -> bool {
        self.has_place(level) && !self.woken.get()
    }

    /// Whether it has ended.
    pub(super) fn poll(&mut self) -> bool {
        self.woken.0.store(false, Ordering::SeqCst);
        let waker = Arc::clone(&self.woken).into();
        let mut context = Context::from_waker(&waker);
        self.future.as_mut().poll(&mut context).is_ready()
    }
}

/// Threads that have entered it are threads of a runtime.
fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.build().unwrap()
    })
}

/// Makes a call that returns when it is done.
pub(super) fn emit(log: &Logger, way: Way, level: Level, id: u64, size: usize) {
    let _runtime = (way == Way::RuntimeThread).then(|| runtime().enter());
    let event = log.event(level, "m").field("id", id);
    event.field("text", "x".repeat(size)).emit();
}
