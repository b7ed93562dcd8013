//! Logs to stdout under load until a line comes on stdin, then tells its books on stderr: how many
//! events have to arrive. `storm signals` interrupts each of its threads a thousand times a second.

// Handlers and signals to single threads are matters of the C library.
#![allow(unsafe_code)]

use std::{
    env, fs, io, mem, ptr,
    sync::atomic::{
        AtomicBool, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{LoggerBuilder, StdoutJson};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
    tell,
};

const THREADS: usize = 3;
/// Soon full, so that calls wait for room, and their waits are interrupted too.
const BUDGET: usize = 512 * 1024;

static INTERRUPTED: AtomicU64 = AtomicU64::new(0);

fn main() {
    let (log, pipeline) = LoggerBuilder::new()
        .sink(StdoutJson::new())
        .queue_budget(BUDGET)
        .protected_reserve(0)
        .drop_on_full(false)
        .build()
        .expect("the settings are fine");
    let (oracle, done, calm) = (
        Oracle::default(),
        AtomicBool::new(false),
        AtomicBool::new(false),
    );
    thread::scope(|scope| {
        let signals = env::args().any(|word| word == "signals");
        let storm = signals.then(|| scope.spawn(|| storm(&calm)));
        let logging = [(); THREADS].map(|()| {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    oracle.log(&log);
                }
            })
        });
        tell("ready");
        drop(io::stdin().read_line(&mut String::new()));
        done.store(true, Relaxed);
        logging
            .into_iter()
            .for_each(|it| it.join().expect("no panic"));
        // The end happens in the storm too.
        assert!(pipeline.flush_blocking(PATIENCE).is_complete());
        let report = pipeline.shutdown_blocking(PATIENCE);
        calm.store(true, SeqCst);
        assert_settled(&report.stats);
        assert!(!report.timed_out && report.last_error.is_none(), "{report}");
        assert_eq!(report.stats.submitted, oracle.issued());
        assert_eq!(report.stats.sinks[0].delivered, oracle.issued());
        let sent = storm.map_or(0, |storm| storm.join().expect("no panic"));
        let interrupted = INTERRUPTED.load(SeqCst);
        tell(format_args!(
            "books {} {sent} {interrupted}",
            oracle.issued()
        ));
    });
}

/// Interrupts all other threads until it is told that it is calm; returns how many rounds it made.
fn storm(calm: &AtomicBool) -> u64 {
    handle(libc::SIGUSR1);
    let own = thread_id();
    let mut threads = Vec::new();
    let mut next = Instant::now();
    let mut rounds = 0;
    while !calm.load(SeqCst) {
        if rounds % 100 == 0 {
            threads = all_threads();
        }
        for thread in threads.iter().filter(|it| **it != own) {
            interrupt(*thread);
        }
        rounds += 1;
        next += Duration::from_millis(1);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    rounds
}

fn all_threads() -> Vec<libc::pid_t> {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux tells");
    let names = tasks.map(|task| task.expect("a task").file_name());
    names
        .map(|name| name.to_string_lossy().parse().expect("a number"))
        .collect()
}

fn thread_id() -> libc::pid_t {
    // SAFETY: it only reads the number of the calling thread.
    unsafe { libc::gettid() }
}

fn interrupt(thread: libc::pid_t) {
    // SAFETY: it takes numbers only. A thread that has ended by now is an error, which is fine.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, libc::SIGUSR1) };
}

/// Handles a signal in the way that interrupts system calls: without `SA_RESTART`.
fn handle(signal: libc::c_int) {
    extern "C" fn count(_: libc::c_int) {
        INTERRUPTED.fetch_add(1, Relaxed);
    }
    // SAFETY: zeroes are a valid `sigaction`. The handler only adds to an atomic, which is
    // allowed there, and does not unwind.
    let set = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = count as extern "C" fn(libc::c_int) as usize;
        libc::sigaction(signal, &raw const action, ptr::null_mut())
    };
    assert_eq!(set, 0);
}
