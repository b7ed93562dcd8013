//! A flush covers what came before it.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{FlushOutcome, LoggerBuilder, Memory};
use fapilog_tests::{
    PATIENCE, alone,
    oracle::{Oracle, assert_settled},
    scaled,
    sinks::{Gated, Lines},
};

#[test]
fn every_event_logged_before_a_flush_is_delivered_by_it() {
    let _alone = alone();
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new().sink(lines.clone()).build().unwrap();
    let pipeline = Arc::new(pipeline);
    let oracle = Arc::new(Oracle::default());
    let races = scaled(1000);
    let racers: Vec<_> = (0..3)
        .map(|_| {
            let (log, oracle) = (log.clone(), Arc::clone(&oracle));
            let (lines, pipeline) = (lines.clone(), Arc::clone(&pipeline));
            thread::spawn(move || {
                for _ in 0..races {
                    let seen = lines.len();
                    let id = oracle.log(&log);
                    let report = pipeline.flush_blocking(PATIENCE);
                    assert!(report.is_complete(), "{report:?}");
                    let id = format!("\"id\":{id},");
                    let new = lines.since(seen);
                    assert!(new.iter().any(|line| line.contains(&id)), "missed {id}");
                }
            })
        })
        .collect();
    while !racers.iter().all(|racer| racer.is_finished()) {
        oracle.log(&log);
        thread::yield_now();
    }
    racers.into_iter().for_each(|it| it.join().unwrap());
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
}

#[test]
fn a_flush_that_a_hung_sink_does_not_answer_ends_at_its_deadline() {
    let _alone = alone();
    let (hung, healthy) = (Gated::default(), Memory::new());
    let (log, pipeline) = LoggerBuilder::new()
        .sink(hung.clone())
        .sink(healthy.clone())
        .build()
        .unwrap();
    Oracle::default().log(&log);
    let begun = Instant::now();
    let report = pipeline.flush_blocking(Duration::from_millis(200));
    assert!(begun.elapsed() < Duration::from_secs(1));
    let outcomes: Vec<_> = report
        .sinks
        .iter()
        .map(|(name, it)| (&**name, it))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("gated", &FlushOutcome::TimedOut),
            ("memory", &FlushOutcome::Flushed)
        ]
    );
    assert_eq!(healthy.len(), 1);
    hung.gate.open();
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
}

#[test]
fn a_flush_gets_through_a_full_queue() {
    let _alone = alone();
    let sink = Gated::default();
    let (log, pipeline) = sink.tight(256 * 1024);
    let oracle = Oracle::default();
    while pipeline.stats().refused.total() == 0 {
        oracle.log(&log);
    }
    let report = pipeline.flush_blocking(Duration::from_millis(50));
    assert!(!report.is_complete());
    sink.gate.open();
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    let stats = pipeline.stats();
    assert_eq!(
        sink.lines.len() as u64,
        stats.submitted + stats.generated - stats.refused.total()
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_flush_is_awaited_on_a_current_thread_runtime_without_holding_it_up() {
    let sink = Gated::default();
    let (log, pipeline) = LoggerBuilder::new().sink(sink.clone()).build().unwrap();
    Oracle::default().log(&log);
    let gate = sink.gate.clone();
    let opener = async move {
        // Runs only if the flush has yielded the one thread.
        gate.open();
    };
    let (report, ()) = tokio::join!(pipeline.flush(PATIENCE), opener);
    assert!(report.is_complete());
    assert_eq!(sink.lines.len(), 1);
    pipeline.shutdown(PATIENCE).await;
}
