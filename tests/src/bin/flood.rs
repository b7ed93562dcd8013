//! Logs far more than a slow sink takes, events of 100 B to 1 MiB, and looks at the memory.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use fapilog_core::{LoggerBuilder, info};
use fapilog_tests::{PATIENCE, oracle::assert_settled, scaled, sinks::Gated};

const MIB: usize = 1024 * 1024;
const BUDGET: usize = 16 * MIB;
const THREADS: usize = 4;
/// The largest event: 256 KiB and one string of 64 KiB, before it is cut.
const LARGEST: usize = 512 * 1024;

fn main() {
    let before = resident();
    let sink = Gated::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(sink.clone())
        .queue_budget(BUDGET)
        .protected_reserve(0)
        .backpressure_wait(Duration::ZERO)
        .build()
        .expect("the settings are fine");
    let until = Instant::now() + Duration::from_secs(2 * scaled(1) as u64);
    let mut most = 0;
    thread::scope(|scope| {
        for seed in 0..THREADS as u64 {
            let log = log.clone();
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed);
                let text = "x".repeat(MIB);
                while Instant::now() < until {
                    let size = 100 << random.u32(0..14);
                    let part = &text[..size.min(MIB)];
                    info!(logger: log, part, again = part, more = part, "flood");
                }
            });
        }
        while Instant::now() < until {
            let used = pipeline.stats().queue_bytes;
            most = most.max(used);
            // What the worker encodes counts twice until the record is gone: a few blocks.
            assert!(
                used <= BUDGET + (THREADS + 1) * LARGEST,
                "{used} bytes are held"
            );
            thread::sleep(Duration::from_millis(5));
        }
    });
    let grown = resident().saturating_sub(before);
    println!("held at most {most} bytes, resident memory grew by {grown}");
    assert!(most > BUDGET / 2, "the flood was none");
    assert!(
        grown <= BUDGET + 32 * MIB,
        "resident memory grew by {grown}"
    );
    assert!(pipeline.stats().refused.get("queue_full") > 0);
    sink.gate.open();
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.queue_bytes, 0);
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let pages = statm.split(' ').nth(1).expect("the second number");
    pages.parse::<usize>().expect("a number") * 4096
}
