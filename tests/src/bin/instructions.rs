//! Logs as many events as its first argument says, with the redaction of the preset that the second
//! one names, for `cargo xtask instructions` to count what that takes, and prints which thread of the
//! process is the worker.

use std::{
    env, fs,
    hint::black_box,
    path::Path,
    process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use fapilog_core::{
    Batch, BatchError, BlockingSink, Event, LoggerBuilder, SinkError, context::Scope, info,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled};

/// Events between two flushes: so many that what the worker does once a turn hardly shows, and so
/// few that none is refused.
const BATCH: u64 = 1024;

fn main() {
    let count = env::args().nth(1).and_then(|it| it.parse().ok());
    let count: u64 = count.expect("the number of events");
    let sink = Discarding::default();
    let preset = env::args().nth(2).expect("the name of a preset");
    let (log, pipeline) = LoggerBuilder::new()
        .with_preset(preset)
        .drop_on_full(true)
        .service("instructions")
        .sink(sink.clone())
        .build()
        .expect("the settings are fine");
    let scope = Scope::new(
        &log,
        [("request_id", "0197f6c0-5b1e-7cc3-98c4-dc0c0c07398f")],
    );
    let entered = scope.enter();
    for number in 0..count {
        call(black_box(number));
        if (number + 1) % BATCH == 0 {
            let report = pipeline.flush_blocking(PATIENCE);
            assert!(report.is_complete(), "{report:?}");
        }
    }
    drop(entered);
    println!("{}", position_of("fapilog-worker"));
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.sinks[0].delivered, count);
    assert!(sink.bytes.load(Ordering::Relaxed) > 100 * count);
}

/// The event of the benchmarks.
#[inline(never)]
fn call(number: u64) {
    info!(
        method = "GET",
        path = "/api/v1/orders/1042/items",
        status = 200_u16,
        latency_ms = 1.25 + (number % 977) as f64 / 64.0,
        user_id = 80_000 + number % 10_007,
        bytes = 512 + number % 4_099,
        region = "eu-central-1",
        "request completed"
    );
}

/// Counts from 1 in the order in which the threads were started, as valgrind does: the first is
/// that of `main`.
fn position_of(name: &str) -> usize {
    let mut tasks: Vec<u32> = fs::read_dir("/proc/self/task")
        .expect("Linux tells")
        .filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    // Ids begin again at the bottom when they reach the top.
    tasks.sort_unstable_by_key(|task| task.wrapping_sub(process::id()));
    let is_called = |task: &u32| {
        let path = Path::new("/proc/self/task").join(task.to_string());
        fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim_end() == name)
    };
    1 + tasks.iter().position(is_called).expect("it runs")
}

#[derive(Clone, Default)]
struct Discarding {
    bytes: Arc<AtomicU64>,
}

impl BlockingSink for Discarding {
    fn name(&self) -> &str {
        "discarding"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes bytes")
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<(), BatchError> {
        let bytes: usize = batch.slices().map(<[u8]>::len).sum();
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(())
    }
}
