//! What is promised when fapilog's own code panics, at whatever lock it holds.

use std::{
    collections::HashSet,
    ops::RangeInclusive,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{
    BlockingSink, Event, FieldValue, Level, Logger, LoggerBuilder, Pipeline, SinkError, Stats,
    filter::Verdict, sync::fault,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// More locks than a thread of ours takes for a few events and a flush.
const LOCKS: RangeInclusive<u32> = 1..=100;

/// Keeps the numbers of the events that it is handed.
#[derive(Clone, Default)]
struct Numbers {
    kept: Arc<Mutex<Vec<i64>>>,
    armed: Once,
}

impl Numbers {
    fn all(&self) -> Vec<i64> {
        self.kept.lock().unwrap().clone()
    }
}

impl BlockingSink for Numbers {
    fn name(&self) -> &str {
        "numbers"
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        self.kept.lock().unwrap().extend(number(event, "number"));
        self.armed.arm(event, "arm_lane");
        Ok(())
    }
}

/// Arms the fault that an event asks for, on the thread that handles it; once, since the event may
/// come again.
#[derive(Clone, Default)]
struct Once(HashSet<i64>);

impl Once {
    fn arm(&mut self, event: &Event<'_>, key: &str) {
        if let Some(nth) = number(event, key)
            && self.0.insert(nth)
        {
            fault::arm(nth as u32);
        }
    }
}

fn number(event: &Event<'_>, key: &str) -> Option<i64> {
    match event.data().get(key) {
        Some(FieldValue::I64(number)) => Some(*number),
        _ => None,
    }
}

fn pipeline() -> (Logger, Pipeline, Numbers) {
    let (numbers, mut armed) = (Numbers::default(), Once::default());
    let (log, pipeline) = LoggerBuilder::new()
        .filter_fn("arms", move |event| {
            armed.arm(event, "arm_worker");
            Verdict::Keep
        })
        .on_diagnostic(|_| {})
        .sink(numbers.clone())
        .build()
        .unwrap();
    (log, pipeline, numbers)
}

/// Ends the pipeline: every event has arrived, once and in order.
fn finish(pipeline: &Pipeline, numbers: &Numbers, expected: impl Iterator<Item = i64>) -> Stats {
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    let sink = &stats.sinks[0];
    assert_eq!(numbers.all(), expected.collect::<Vec<_>>());
    assert_eq!((stats.queued, sink.pending), (0, 0), "{stats:#?}");
    assert_eq!(stats.submitted, stats.routed, "{stats:#?}");
    assert_eq!(stats.routed, sink.delivered, "{stats:#?}");
    assert_eq!(stats.queue_bytes, 0, "{stats:#?}");
    stats
}

fn issue(log: &Logger, number: i64) {
    log.event(Level::Info, "numbered")
        .field("number", number)
        .emit();
}

/// Has a thread of ours panic at its first, second, … lock after an event; each time it must have
/// gone on within a second.
fn kill(log: &Logger, pipeline: &Pipeline, arm: impl Fn(&Logger, i64, i64)) -> i64 {
    let mut issued = 0;
    for nth in LOCKS {
        arm(log, issued, nth.into());
        for number in issued + 1..issued + 10 {
            issue(log, number);
        }
        issued += 10;
        let begun = Instant::now();
        while pipeline.stats().worker_restarts < nth.into() {
            // Whoever is idle takes locks to flush.
            assert!(pipeline.shared.flush(PATIENCE).is_complete());
            assert!(begun.elapsed() < PATIENCE, "no panic at lock {nth}");
        }
        let begun = Instant::now();
        assert!(pipeline.shared.flush(PATIENCE).is_complete());
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "{:?} to go on",
            begun.elapsed()
        );
    }
    issued
}

#[test]
fn a_worker_that_panics_goes_on_with_what_it_had_in_hand() {
    let (log, pipeline, numbers) = pipeline();
    let issued = kill(&log, &pipeline, |log, number, arm_worker| {
        let event = log.event(Level::Info, "arms");
        event
            .field("number", number)
            .field("arm_worker", arm_worker)
            .emit();
    });
    let stats = finish(&pipeline, &numbers, 0..issued);
    assert_eq!(stats.worker_restarts, u64::from(*LOCKS.end()));
}

#[test]
fn a_lane_that_panics_goes_on_with_what_it_had_in_hand() {
    let (log, pipeline, numbers) = pipeline();
    let issued = kill(&log, &pipeline, |log, number, arm_lane| {
        let event = log.event(Level::Info, "arms");
        event
            .field("number", number)
            .field("arm_lane", arm_lane)
            .emit();
    });
    let stats = finish(&pipeline, &numbers, 0..issued);
    assert_eq!(stats.worker_restarts, u64::from(*LOCKS.end()));
}

#[test]
fn a_call_that_panics_at_a_lock_harms_no_later_call() {
    let (log, pipeline, numbers) = pipeline();
    let mut nth = 0;
    loop {
        nth += 1;
        fault::arm(nth);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            log.event(Level::Info, "may be lost").emit();
            log.event(Level::Error, "may be lost").emit();
            pipeline.set_level(Level::Debug);
            pipeline.stats();
            assert!(pipeline.shared.flush(PATIENCE).is_complete());
        }));
        let all_passed = fault::is_armed();
        fault::arm(0);
        assert_eq!(panicked.is_ok(), all_passed);
        let number = i64::from(nth);
        issue(&log, number);
        assert!(pipeline.shared.flush(PATIENCE).is_complete());
        assert_eq!(numbers.all().last(), Some(&number), "after lock {nth}");
        if all_passed {
            break;
        }
    }
    assert!(nth > 10, "only {nth} locks");
    finish(&pipeline, &numbers, 1..=nth.into());
}

#[test]
fn a_shutdown_that_panics_at_a_lock_can_be_repeated() {
    for nth in 1.. {
        let (log, pipeline, numbers) = pipeline();
        issue(&log, 1);
        fault::arm(nth);
        let result = catch_unwind(AssertUnwindSafe(|| pipeline.shutdown_blocking(PATIENCE)));
        let all_passed = fault::is_armed();
        fault::arm(0);
        assert_eq!(result.is_ok(), all_passed);
        finish(&pipeline, &numbers, 1..=1);
        if all_passed {
            assert!(nth > 5, "only {nth} locks");
            break;
        }
    }
}
