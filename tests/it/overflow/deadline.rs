//! A call that may wait for a time waits for that time.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{Level, Logger, Pipeline};
use fapilog_tests::{
    PATIENCE, alone,
    brim::allowed,
    oracle::{Oracle, assert_settled},
    scaled,
    sinks::Gated,
};

use super::{fill, finish, full};

/// Fills up again after a wait in vain; from below 90%, so that calls wait again.
fn refill(sink: &Gated, log: &Logger, pipeline: &Pipeline, oracle: &Oracle) {
    sink.gate.open();
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    sink.gate.close();
    fill(log, pipeline, oracle);
}

#[test]
fn a_call_waits_as_long_as_it_may_and_hardly_longer() {
    let _alone = alone();
    let wait = Duration::from_millis(100);
    let (sink, log, pipeline, oracle) = full(wait);
    let mut times = Vec::new();
    for _ in 0..scaled(4) {
        let begin = Barrier::new(64);
        thread::scope(|scope| {
            let call = || {
                begin.wait();
                let begun = Instant::now();
                oracle.log(&log);
                begun.elapsed()
            };
            let callers: Vec<_> = (0..64).map(|_| scope.spawn(call)).collect();
            times.extend(callers.into_iter().map(|it| it.join().unwrap()));
        });
        refill(&sink, &log, &pipeline, &oracle);
    }
    judge_waits(times, wait);
    finish(&sink, &pipeline, &oracle);
}

#[test]
fn a_task_waits_as_long_as_it_may_and_hardly_longer() {
    let _alone = alone();
    let wait = Duration::from_millis(100);
    let (sink, log, pipeline, oracle) = full(wait);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut times = Vec::new();
    let mut count = 0;
    for _ in 0..scaled(4) {
        let calls: Vec<_> = (0..64).map(|_| runtime.spawn(timed(log.clone()))).collect();
        count += calls.len() as u64;
        runtime.block_on(async {
            for call in calls {
                times.push(call.await.unwrap());
            }
        });
        refill(&sink, &log, &pipeline, &oracle);
    }
    judge_waits(times, wait);
    sink.gate.open();
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(stats.submitted, oracle.issued() + count);
}

async fn timed(log: Logger) -> Duration {
    let begun = Instant::now();
    log.event(Level::Info, "waits").emit_async().await;
    begun.elapsed()
}

fn judge_waits(mut times: Vec<Duration>, wait: Duration) {
    times.sort();
    let p999 = times[(times.len() - 1) * 999 / 1000];
    assert!(p999 >= wait, "p99.9 is {p999:?}");
    let most = allowed(wait + Duration::from_millis(10));
    assert!(p999 <= most, "p99.9 is {p999:?}");
}
