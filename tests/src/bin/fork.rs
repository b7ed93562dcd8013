//! Forks under load, without exec: each child finds out what its copy of the pipeline does. Tells
//! on stderr how many events have to arrive. `fork restart` lets one child start its own pipeline.

// The only way to a child that shares our memory.
#![allow(unsafe_code)]

use std::{
    env,
    process::exit,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{FlushOutcome, Logger, Pipeline, Preset, attach, info, pipeline};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
    scaled,
};

/// A millisecond a call by promise; but a machine may be busy.
const AT_ONCE: Duration = Duration::from_millis(500);
const CALLS: u64 = 100;

fn main() {
    let log = attach(Preset::Axum).expect("the settings are fine");
    let owner = pipeline().expect("it runs");
    if env::args().any(|word| word == "restart") {
        let child = fork(|| start_anew(&log));
        assert_eq!(status_of(child), 0);
        return;
    }
    let (oracle, done) = (Oracle::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    for _ in 0..50 {
                        oracle.log(&log);
                    }
                    // Load enough, and the sink keeps up.
                    thread::sleep(Duration::from_millis(2));
                }
            });
        }
        for _ in 0..scaled(30) {
            let mut owner = pipeline();
            let child = fork(|| try_all(&log, owner.take().expect("it runs")));
            // Only the child drops it.
            std::mem::forget(owner);
            assert_eq!(status_of(child), 0, "a child failed");
        }
        done.store(true, Relaxed);
    });
    let report = owner.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.submitted, oracle.issued());
    assert_eq!(report.stats.refused.total(), 0);
    eprintln!("{}", oracle.issued());
}

/// In the child.
fn try_all(log: &Logger, owner: Pipeline) {
    let begun = Instant::now();
    for _ in 0..CALLS {
        info!(logger: log, "of a child");
    }
    let stats = owner.stats();
    assert_eq!(stats.refused.get("forked"), CALLS);
    assert_settled(&stats);
    for (_, outcome) in owner.flush_blocking(PATIENCE).sinks {
        assert!(matches!(outcome, FlushOutcome::Failed(_)));
    }
    assert_eq!(owner.shutdown_blocking(PATIENCE).stats, stats);
    drop(owner);
    assert!(begun.elapsed() < AT_ONCE, "it took {:?}", begun.elapsed());
}

/// In the child.
fn start_anew(inherited: &Logger) {
    info!(logger: inherited, "of a child");
    let own = attach(Preset::Axum).expect("it starts anew");
    info!(logger: own, "of a new pipeline");
    let report = pipeline().expect("it runs").shutdown_blocking(PATIENCE);
    assert_eq!(report.stats.sinks[0].delivered, 1);
}

/// Runs something in a child, which exits like any process, through its exit hooks.
fn fork(run: impl FnOnce()) -> libc::pid_t {
    // SAFETY: after a fork in a process with threads, a child may only rely on what is safe in
    // signal handlers. It goes beyond it on purpose: that its calls of fapilog come to an end is
    // what is tested. The allocator and std survive it with the C libraries that we test on.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: it only sets a timer, whose signal ends a child that hangs.
            unsafe { libc::alarm(10) };
            run();
            exit(0)
        }
        child => child,
    }
}

fn status_of(child: libc::pid_t) -> libc::c_int {
    let mut status = 0;
    // SAFETY: `status` is a valid place for the answer.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    status
}
