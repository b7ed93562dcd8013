//! How many events a second arrive in a file if none may be lost, and what processor time they
//! take, from the first call to the end of the final flush.

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::LoggerBuilder;

use crate::{
    clock::cpu_time,
    event::{self, Sample},
    group::Group,
    peers::{Fapilog, Finished, Tracing},
};

pub const ONE: Group = Group {
    name: "throughput-1",
    title: "1,000,000 events, lossless, from 1 thread to a file, final flush included",
    measure: |contender| measure(contender, 1),
    ..TWO
};

pub const TWO: Group = Group {
    name: "throughput-2",
    title: "1,000,000 events, lossless, from 2 threads to a file, final flush included",
    metrics: &["events/s", "CPU ns/event", "peak RSS MiB", "events lost"],
    contenders: &["fapilog", "tracing", "tracing-no-span"],
    baseline: "tracing",
    rounds: 5,
    measure: |contender| measure(contender, 2),
};

const EVENTS: u64 = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

fn measure(contender: &str, producers: u64) -> Vec<f64> {
    match contender {
        "fapilog" => {
            let fapilog = Fapilog::start(LoggerBuilder::new().backpressure_wait(PATIENCE));
            let log = fapilog.log.clone();
            let produce = |numbers: Numbers| {
                let scope = event::fapilog_scope(&log);
                let _entered = scope.enter();
                numbers.for_each(|number| event::fapilog(black_box(&Sample::new(number))));
            };
            figures(producers, produce, || fapilog.finish())
        }
        "tracing" => {
            let tracing = Tracing::start(false);
            let produce = |numbers: Numbers| {
                let _entered = event::tracing_span().entered();
                numbers.for_each(|number| event::tracing(black_box(&Sample::new(number))));
            };
            figures(producers, produce, || tracing.finish())
        }
        _ => {
            let tracing = Tracing::start(false);
            let produce = |numbers: Numbers| {
                numbers.for_each(|number| event::tracing_flat(black_box(&Sample::new(number))));
            };
            figures(producers, produce, || tracing.finish())
        }
    }
}

type Numbers = std::ops::Range<u64>;

fn figures(
    producers: u64,
    produce: impl Fn(Numbers) + Sync,
    finish: impl FnOnce() -> Finished,
) -> Vec<f64> {
    let ready = Barrier::new(producers as usize + 1);
    let (begun, cpu_before) = thread::scope(|threads| {
        for _ in 0..producers {
            threads.spawn(|| {
                ready.wait();
                produce(0..EVENTS / producers);
            });
        }
        let now = (Instant::now(), cpu_time());
        ready.wait();
        now
    });
    let finished = finish();
    let (wall, cpu) = (begun.elapsed(), cpu_time() - cpu_before);
    let rss = peak_rss_mib();
    // What a logger does not admit to have lost shows in its file. Of losses that it knows of,
    // fapilog tells in a line or two of its own.
    let missing = EVENTS.saturating_sub(finished.file.lines());
    vec![
        EVENTS as f64 / wall.as_secs_f64(),
        cpu.as_nanos() as f64 / EVENTS as f64,
        rss,
        missing.max(finished.lost) as f64,
    ]
}

/// The most memory that the process has had; 0 where the system does not say.
fn peak_rss_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: f64 = kib.and_then(|kib| kib.parse().ok()).unwrap_or(0.0);
    kib / 1024.0
}
