//! Forks under load, without exec: each child finds out what its copy of the pipeline does. Tells
//! on stderr how many events have to arrive. Arguments: how often it forks, and the milliseconds that
//! a call in a child may take. `fork restart` lets one child start its own pipeline.

// The only way to a child that shares our memory.
#![allow(unsafe_code)]

use std::{
    env,
    pin::pin,
    process::exit,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{
    __private::{Call, Callsite, FieldBlock, Permit, Scoped, begin_within},
    FlushOutcome, Level, Logger, Pipeline, Preset, attach,
    diagnostics::say,
    info, pipeline,
};
use fapilog_tests::{
    PATIENCE, brim,
    oracle::{Oracle, assert_settled},
    tell,
};

/// For all that a child does.
const AT_ONCE: Duration = Duration::from_millis(500);
const CALLS: usize = 100;

fn main() {
    let log = attach(Preset::Axum).expect("the settings are fine");
    let owner = pipeline().expect("it runs");
    let words: Vec<_> = env::args().skip(1).collect();
    if words[0] == "restart" {
        say("the parent speaks");
        let child = fork(|| start_anew(&log));
        assert_eq!(status_of(child), 0);
        return;
    }
    let (oracle, done) = (Oracle::default(), AtomicBool::new(false));
    let [forks, millis] = [0, 1].map(|index| words[index].parse().expect("a number"));
    let (request, allowed) = (Request::new(&log), Duration::from_millis(millis));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    for _ in 0..50 {
                        oracle.log(&log);
                    }
                    if !log.never_loses() {
                        // Load enough, and the sink keeps up.
                        thread::sleep(Duration::from_millis(2));
                    }
                }
            });
        }
        let all_well = (0..forks).all(|_| {
            // Of all these the child has copies.
            let (mut owner, mut permit) = (pipeline(), Some(permit(&log)));
            let mut call = Some(begin(&request));
            let child = fork(|| {
                let owner = owner.take().expect("it runs");
                try_calls(&request, allowed, call.take(), permit.take());
                try_all(owner);
            });
            // Of the two, only the child drops it.
            std::mem::forget(owner);
            end(call.take());
            status_of(child) == 0
        });
        done.store(true, Relaxed);
        assert!(all_well, "a child failed, or hung");
    });
    let report = owner.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.submitted, oracle.issued() + forks);
    assert_eq!(report.stats.refused.total(), 0);
    tell(format_args!("{} {forks}", oracle.issued()));
}

/// In the child: calls, one that was begun in the parent, and one that has a permit.
fn try_calls(
    request: &Request,
    allowed: Duration,
    begun: Option<Call<'_>>,
    permit: Option<Permit>,
) {
    let mut took: Vec<_> = (0..CALLS)
        .map(|_| timed(|| info!(logger: request.log, "of a child")))
        .collect();
    took.sort();
    // One in a hundred may meet a machine that does something else.
    assert!(took[CALLS - 2] < allowed, "they took {took:?}");
    end(begun);
    end(begin_within(&SITE, request, permit));
}

/// In the child, after its calls.
fn try_all(owner: Pipeline) {
    let begun = Instant::now();
    let stats = owner.stats();
    assert_eq!(stats.refused.get("forked"), CALLS as u64 + 2);
    assert_settled(&stats);
    for (_, outcome) in owner.flush_blocking(PATIENCE).sinks {
        assert!(matches!(outcome, FlushOutcome::Failed(_)));
    }
    assert_eq!(owner.shutdown_blocking(PATIENCE).stats, stats);
    drop(owner);
    assert!(begun.elapsed() < AT_ONCE, "it took {:?}", begun.elapsed());
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}

static SITE: Callsite = Callsite::new(Level::Info, "request", "", 0, &[]);

/// What the web layer has of a request.
struct Request {
    log: Logger,
    fields: FieldBlock,
}

impl Request {
    fn new(log: &Logger) -> Self {
        Self {
            log: log.clone(),
            fields: FieldBlock::new(),
        }
    }
}

impl Scoped for Request {
    fn logger(&self) -> &Logger {
        &self.log
    }

    fn fields(&self) -> &FieldBlock {
        &self.fields
    }

    fn is_request(&self) -> bool {
        true
    }
}

/// Begins the terminal event of a request, as the web layer does.
fn begin(request: &Request) -> Call<'_> {
    let permit = permit(&request.log);
    begin_within(&SITE, request, Some(permit)).expect("it has a permit")
}

fn end(call: Option<Call<'_>>) {
    call.expect("it was begun")
        .finish(&[], format_args!("terminal"));
}

fn permit(log: &Logger) -> Permit {
    let mut permit = pin!(log.permit());
    loop {
        match brim::poll(permit.as_mut()) {
            Poll::Ready(permit) => return permit.expect("it runs"),
            Poll::Pending => thread::yield_now(),
        }
    }
}

/// In the child.
fn start_anew(inherited: &Logger) {
    info!(logger: inherited, "of a child");
    let own = attach(Preset::Axum).expect("it starts anew");
    info!(logger: own, "of a new pipeline");
    let report = pipeline().expect("it runs").shutdown_blocking(PATIENCE);
    assert_eq!(report.stats.sinks[0].delivered, 1);
    say("a child speaks");
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
