//! Filling a pipeline until nothing more fits in.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{Level, Logger, LoggerBuilder, Pipeline};

use crate::sinks::Gated;

/// A budget that is soon used up.
pub const BUDGET: usize = 256 * 1024;

/// A pipeline that loses nothing for want of room, over a sink that takes nothing yet.
pub fn never_losing() -> (Gated, Logger, Pipeline) {
    let sink = Gated::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(sink.clone())
        .queue_budget(BUDGET)
        .protected_reserve(0)
        .drop_on_full(false)
        .build()
        .expect("the settings are fine");
    (sink, log, pipeline)
}

/// For so long nothing has found room: the worker, which looks every few milliseconds, can make
/// none.
pub const STILL: Duration = Duration::from_millis(200);

/// Logs until nothing has room for a while. The pipeline's sole sink takes nothing.
pub fn fill(pipeline: &Pipeline) {
    let log = pipeline.logger();
    let mut last = Instant::now();
    while last.elapsed() < STILL {
        if poll(pin!(log.event(Level::Info, "filler").emit_async())).is_ready() {
            last = Instant::now();
        } else {
            thread::yield_now();
        }
    }
}

/// What a machine that is busy with other tests may take for so long: five times that, and in soak,
/// where tests that measure have it for themselves, no more than that.
pub fn allowed(time: Duration) -> Duration {
    if crate::scaled(1) > 1 { time } else { 5 * time }
}

/// Polls once; nobody is woken.
pub fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
