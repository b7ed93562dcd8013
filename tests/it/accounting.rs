//! The books balance.

use std::{sync::Arc, thread, time::Duration};

use fapilog_core::{LoggerBuilder, Memory};
use fapilog_tests::{
    PATIENCE, alone,
    oracle::{Oracle, assert_settled},
    scaled,
    sinks::{Gated, Lines},
};

#[test]
fn every_event_of_64_producers_with_forced_drops_is_accounted_for() {
    let _alone = alone();
    let oracle = Arc::new(Oracle::default());
    let sink = Gated::default();
    let (log, pipeline) = sink.tight(256 * 1024);
    let each = scaled(500);
    let producers: Vec<_> = (0..64)
        .map(|_| {
            let (log, oracle) = (log.clone(), Arc::clone(&oracle));
            thread::spawn(move || {
                for _ in 0..each {
                    oracle.log(&log);
                }
            })
        })
        .collect();
    producers.into_iter().for_each(|it| it.join().unwrap());
    sink.gate.open();
    let report = pipeline.shutdown_blocking(PATIENCE);
    let stats = &report.stats;
    assert_settled(stats);
    assert_eq!(stats.submitted, oracle.issued());
    assert!(stats.refused.get("queue_full") > 0, "drops were forced");
    let lines = sink.lines.all();
    let arrived = oracle.judge(lines.iter().map(String::as_str));
    assert_eq!(arrived, stats.submitted - stats.refused.total());
    assert_eq!(lines.len() as u64, stats.sinks[0].delivered);
    let told: u64 = summaries(&lines).iter().sum();
    assert_eq!(
        told,
        stats.refused.total(),
        "the log itself says what was lost"
    );
    assert_eq!(stats.queue_bytes, 0, "all memory is given back");
}

#[test]
fn losses_are_told_within_a_second_or_so_after_recovery_without_another_event() {
    let _alone = alone();
    let sink = Gated::default();
    let (log, pipeline) = sink.tight(256 * 1024);
    let oracle = Oracle::default();
    while pipeline.stats().refused.total() < 100 {
        oracle.log(&log);
    }
    sink.gate.open();
    let begun = std::time::Instant::now();
    while summaries(&sink.lines.all()).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(5), "nothing is told");
        thread::yield_now();
    }
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    let told: u64 = summaries(&sink.lines.all()).iter().sum();
    assert_eq!(told, report.stats.refused.total());
}

#[test]
fn what_is_logged_after_the_end_is_counted_and_harmless() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    pipeline.shutdown_blocking(PATIENCE);
    let oracle = Oracle::default();
    for _ in 0..1000 {
        oracle.log(&log);
    }
    let stats = pipeline.stats();
    assert_eq!(stats.refused.get("after_shutdown"), 1000);
    assert_settled(&stats);
    assert!(memory.is_empty());
}

#[test]
fn without_pressure_everything_arrives_at_every_sink() {
    let (first, second) = (Lines::default(), Memory::new());
    let (log, pipeline) = LoggerBuilder::new()
        .sink(first.clone())
        .sink(second.clone())
        .build()
        .unwrap();
    let oracle = Oracle::default();
    for _ in 0..10_000 {
        oracle.log(&log);
    }
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.exit_code(), 0);
    assert_eq!(oracle.judge(first.all().iter().map(String::as_str)), 10_000);
    let second: Vec<_> = second.events().iter().map(|it| it.to_json()).collect();
    assert_eq!(oracle.judge(second.iter().map(String::as_str)), 10_000);
    assert_eq!(first.all(), second, "both sinks see the same bytes");
}

/// The counts of the events that tell of losses.
fn summaries(lines: &[String]) -> Vec<u64> {
    let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    events
        .filter(|event: &serde_json::Value| event["logger"] == "fapilog")
        .filter_map(|event| event["data"]["dropped_count"].as_u64())
        .collect()
}
