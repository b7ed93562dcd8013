//! What calls do when the queue is full, and how they wake a sleeping worker.

mod deadline;

use std::{
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{Level, Logger, LoggerBuilder, Pipeline};
use fapilog_tests::{
    PATIENCE, alone,
    brim::STILL,
    oracle::{Oracle, assert_settled},
    scaled,
    sinks::Gated,
};

fn full(wait: Duration) -> (Gated, Logger, Pipeline, Oracle) {
    let sink = Gated::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(sink.clone())
        .queue_budget(512 * 1024)
        .protected_reserve(128 * 1024)
        .backpressure_wait(wait)
        .build()
        .unwrap();
    let oracle = Oracle::default();
    fill(&log, &pipeline, &oracle);
    (sink, log, pipeline, oracle)
}

/// On a thread of a runtime, so that no call waits while it fills up.
fn fill(log: &Logger, pipeline: &Pipeline, oracle: &Oracle) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        // Until the worker holds all it may and the queue behind it is full too.
        let mut taken = Instant::now();
        while taken.elapsed() < STILL {
            let before = pipeline.stats().refused.total();
            oracle.log(log);
            if pipeline.stats().refused.total() == before {
                taken = Instant::now();
            }
        }
    });
}

fn finish(sink: &Gated, pipeline: &Pipeline, oracle: &Oracle) {
    sink.gate.open();
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.submitted, oracle.issued());
    let arrived = oracle.judge(sink.lines.all().iter().map(String::as_str));
    assert_eq!(
        arrived,
        report.stats.submitted - report.stats.refused.total()
    );
}

#[test]
fn with_a_hung_sink_and_no_wait_no_call_is_held_up() {
    let _alone = alone();
    let (sink, log, pipeline, oracle) = full(Duration::ZERO);
    let each = scaled(20_000);
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let call = |_| {
                        let begun = Instant::now();
                        oracle.log(&log);
                        begun.elapsed()
                    };
                    (0..each).map(call).collect::<Vec<_>>()
                })
            })
            .collect();
        callers
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect()
    });
    times.sort();
    let (p999, max) = (times[times.len() * 999 / 1000], times[times.len() - 1]);
    assert!(p999 <= Duration::from_millis(1), "p99.9 is {p999:?}");
    // Eight threads share two cores: the longest call has waited for its turn, not for the sink.
    assert!(
        max <= Duration::from_millis(250),
        "the longest call took {max:?}"
    );
    finish(&sink, &pipeline, &oracle);
}

#[test]
fn a_plain_thread_waits_once_and_then_no_call_waits_until_there_is_room() {
    let _alone = alone();
    let wait = Duration::from_millis(50);
    let (sink, log, pipeline, oracle) = full(wait);
    let begun = Instant::now();
    oracle.log(&log);
    let first = begun.elapsed();
    assert!(first >= wait, "the first call waited {first:?}");
    assert!(first < 5 * wait, "the first call waited {first:?}");
    let begun = Instant::now();
    for _ in 0..1000 {
        oracle.log(&log);
    }
    assert!(
        begun.elapsed() < wait,
        "{:?} for 1000 calls",
        begun.elapsed()
    );
    finish(&sink, &pipeline, &oracle);
}

#[test]
fn a_waiting_call_goes_on_as_soon_as_there_is_room() {
    let _alone = alone();
    let (sink, log, pipeline, oracle) = full(PATIENCE);
    let refused = pipeline.stats().refused.total();
    thread::scope(|scope| {
        let caller = scope.spawn(|| {
            let begun = Instant::now();
            oracle.log(&log);
            begun.elapsed()
        });
        sink.gate.wait_for_visitor();
        sink.gate.open();
        assert!(caller.join().unwrap() < PATIENCE / 2);
    });
    assert_eq!(
        pipeline.stats().refused.total(),
        refused,
        "the event was taken"
    );
    finish(&sink, &pipeline, &oracle);
}

#[test]
fn a_call_on_a_runtime_thread_never_waits() {
    let _alone = alone();
    // Filling up happens on such a thread too.
    let begun = Instant::now();
    let (sink, log, pipeline, oracle) = full(PATIENCE);
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..1000 {
            oracle.log(&log);
        }
    });
    assert!(begun.elapsed() < PATIENCE / 2);
    finish(&sink, &pipeline, &oracle);
}

#[test]
fn errors_still_fit_into_their_reserve_when_everything_else_is_refused() {
    let _alone = alone();
    let (sink, log, pipeline, oracle) = full(Duration::ZERO);
    let refused = pipeline.stats().refused.total();
    for _ in 0..100 {
        oracle.log_at(&log, Level::Error);
    }
    assert_eq!(
        pipeline.stats().refused.total(),
        refused,
        "errors were taken"
    );
    oracle.log(&log);
    assert_eq!(
        pipeline.stats().refused.total(),
        refused + 1,
        "others were not"
    );
    finish(&sink, &pipeline, &oracle);
}

#[test]
fn an_event_wakes_a_worker_that_sleeps_for_good() {
    let _alone = alone();
    let sink = Gated::default();
    sink.gate.open();
    let (log, pipeline) = LoggerBuilder::new().sink(sink.clone()).build().unwrap();
    let oracle = Oracle::default();
    let mut random = fapilog_tests::random();
    for cycle in 1..=scaled(30) {
        // The worker parks 100 ms after the last event: hit the moment before, at and after.
        thread::sleep(Duration::from_micros(random.u64(95_000..106_000)));
        oracle.log(&log);
        let begun = Instant::now();
        while sink.lines.len() < cycle {
            assert!(
                begun.elapsed() < Duration::from_secs(1),
                "slept over cycle {cycle}"
            );
            thread::yield_now();
        }
    }
    finish(&sink, &pipeline, &oracle);
}

#[test]
fn an_event_larger_than_the_whole_budget_is_refused_and_the_next_one_flows() {
    let _alone = alone();
    let sink = Gated::default();
    sink.gate.open();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(sink.clone())
        .queue_budget(128 * 1024)
        .protected_reserve(0)
        .build()
        .unwrap();
    let oracle = Oracle::default();
    let part = "x".repeat(60_000);
    fapilog_core::info!(logger: log, a = part, b = part, c = part, "too large");
    oracle.log(&log);
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.refused.get("queue_full"), 1);
    assert_eq!(oracle.judge(sink.lines.all().iter().map(String::as_str)), 1);
}
