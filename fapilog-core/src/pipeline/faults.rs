//! What is promised when fapilog's own code panics, at whatever lock it holds.

#![cfg(test)]

use std::{
    ops::RangeInclusive,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    time::{Duration, Instant},
};

use crate::{
    BlockingSink, Event, FieldValue, Level, Logger, LoggerBuilder, Pipeline, SinkError, Stats,
    filter::Verdict, sync::fault,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// More locks than a thread of ours takes for a few events and a flush.
const POINTS: RangeInclusive<i64> = 1..=100;

/// A stage or a sink that arms the fault that an event asks for, on its own thread; once, since the
/// event may come again. Then it waits until the test has issued what is to be hit.
struct Arms {
    key: &'static str,
    last: i64,
    armed: Sender<()>,
    go_on: Receiver<()>,
}

/// The test's side of [`Arms`].
struct Trigger {
    armed: Receiver<()>,
    go_on: Sender<()>,
}

impl Arms {
    fn new(key: &'static str) -> (Self, Trigger) {
        let (said, armed) = mpsc::channel();
        let (go_on, told) = mpsc::channel();
        let arms = Self {
            key,
            last: 0,
            armed: said,
            go_on: told,
        };
        (arms, Trigger { armed, go_on })
    }

    fn see(&mut self, event: &Event<'_>) {
        if let Some(nth) = number(event, self.key)
            && nth != self.last
        {
            self.last = nth;
            self.armed.send(()).unwrap();
            self.go_on.recv().unwrap();
            fault::arm(nth as u32);
        }
    }
}

/// Keeps the numbers of the events that it is handed.
struct Numbers {
    name: &'static str,
    kept: Arc<Mutex<Vec<i64>>>,
    arms: Option<Arms>,
}

impl BlockingSink for Numbers {
    fn name(&self) -> &str {
        self.name
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        self.kept.lock().unwrap().extend(number(event, "number"));
        if let Some(arms) = &mut self.arms {
            arms.see(event);
        }
        Ok(())
    }
}

fn number(event: &Event<'_>, key: &str) -> Option<i64> {
    match event.data().get(key) {
        Some(FieldValue::I64(number)) => Some(*number),
        _ => None,
    }
}

/// A pipeline with two sinks; its worker, and the lane of the second, panic where events ask for.
struct Rig {
    log: Logger,
    pipeline: Pipeline,
    kept: [Arc<Mutex<Vec<i64>>>; 2],
    worker: Trigger,
    lane: Trigger,
}

impl Rig {
    fn new() -> Self {
        let (mut in_worker, worker) = Arms::new("arm_worker");
        let (in_lane, lane) = Arms::new("arm_lane");
        let kept = <[Arc<Mutex<Vec<i64>>>; 2]>::default();
        let sink = |index: usize, name, arms| Numbers {
            name,
            kept: Arc::clone(&kept[index]),
            arms,
        };
        let (log, pipeline) = LoggerBuilder::new()
            .filter_fn("arms", move |event| {
                in_worker.see(event);
                if number(event, "poison").is_some() {
                    fault::arm(1);
                }
                Verdict::Keep
            })
            .on_diagnostic(|_| {})
            .sink(sink(0, "first", None))
            .sink(sink(1, "second", Some(in_lane)))
            .build()
            .unwrap();
        Self {
            log,
            pipeline,
            kept,
            worker,
            lane,
        }
    }

    fn issue(&self, number: i64) {
        let event = self.log.event(Level::Info, "numbered");
        event.field("number", number).emit();
    }

    /// Has a thread of ours panic at its first, second, … lock or point, with events to come; each
    /// time it must have gone on within a second.
    fn kill(&self, key: &str, trigger: &Trigger) -> i64 {
        let mut issued = 0;
        // So long that its block is full, and handed over while the record is in hand.
        let half = "x".repeat(40_000);
        for nth in POINTS {
            let event = self.log.event(Level::Info, "arms");
            let event = event.field("number", issued).field(key, nth);
            event.field("half", &half).field("other_half", &half).emit();
            trigger.armed.recv_timeout(PATIENCE).unwrap();
            for number in issued + 1..issued + 10 {
                self.issue(number);
            }
            issued += 10;
            trigger.go_on.send(()).unwrap();
            let begun = Instant::now();
            while self.pipeline.stats().worker_restarts < nth as u64 {
                // Whoever is idle takes locks to flush.
                self.flush();
                assert!(begun.elapsed() < PATIENCE, "no panic at {nth}");
            }
            let begun = Instant::now();
            self.flush();
            let pause = begun.elapsed();
            assert!(pause < Duration::from_secs(1), "{pause:?} to go on");
        }
        issued
    }

    fn flush(&self) {
        let report = self.pipeline.shared.flush(PATIENCE);
        assert!(report.is_complete(), "{report:?}");
    }

    /// Ends the pipeline: every event has arrived at both sinks, once and in order.
    fn finish(self, expected: impl Iterator<Item = i64> + Clone) -> Stats {
        let stats = self.pipeline.shutdown_blocking(PATIENCE).stats;
        for (sink, kept) in stats.sinks.iter().zip(&self.kept) {
            assert_eq!(*kept.lock().unwrap(), expected.clone().collect::<Vec<_>>());
            assert_eq!(
                (sink.pending, sink.routed),
                (0, sink.delivered),
                "{stats:#?}"
            );
        }
        assert_eq!((stats.queued, stats.queue_bytes), (0, 0), "{stats:#?}");
        let ended = stats.routed + stats.dropped.total();
        assert_eq!(stats.submitted, ended, "{stats:#?}");
        stats
    }
}

#[test]
fn a_worker_that_panics_goes_on_with_what_it_had_in_hand() {
    let rig = Rig::new();
    let issued = rig.kill("arm_worker", &rig.worker);
    let stats = rig.finish(0..issued);
    assert_eq!(stats.worker_restarts, *POINTS.end() as u64);
    assert_eq!(stats.dropped.total(), 0);
}

#[test]
fn a_lane_that_panics_goes_on_with_what_it_had_in_hand() {
    let rig = Rig::new();
    let issued = rig.kill("arm_lane", &rig.lane);
    let stats = rig.finish(0..issued);
    assert_eq!(stats.worker_restarts, *POINTS.end() as u64);
}

#[test]
fn a_record_with_which_the_worker_panics_twice_is_dropped_and_counted() {
    let rig = Rig::new();
    rig.issue(1);
    rig.log
        .event(Level::Info, "poison")
        .field("poison", 1_i64)
        .emit();
    rig.issue(2);
    let stats = rig.finish(1..=2);
    assert_eq!(
        (stats.worker_restarts, stats.dropped.get("worker_failed")),
        (2, 1)
    );
}

#[test]
fn a_call_that_panics_at_a_lock_harms_no_later_call() {
    let rig = Rig::new();
    let Rig { log, pipeline, .. } = &rig;
    let mut nth = 0;
    loop {
        nth += 1;
        fault::arm(nth);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            log.event(Level::Info, "may be lost").emit();
            log.event(Level::Error, "may be lost").emit();
            pipeline.set_level(Level::Debug);
            pipeline.stats();
            rig.flush();
        }));
        let all_passed = fault::is_armed();
        fault::arm(0);
        assert_eq!(panicked.is_ok(), all_passed);
        let number = i64::from(nth);
        rig.issue(number);
        rig.flush();
        let last = rig.kept[0].lock().unwrap().last().copied();
        assert_eq!(last, Some(number), "after lock {nth}");
        if all_passed {
            break;
        }
    }
    assert!(nth > 10, "only {nth} locks");
    rig.finish(1..=nth.into());
}

#[test]
fn a_shutdown_that_panics_at_a_lock_can_be_repeated() {
    for nth in 1.. {
        let rig = Rig::new();
        rig.issue(1);
        fault::arm(nth);
        let result = catch_unwind(AssertUnwindSafe(|| {
            rig.pipeline.shutdown_blocking(PATIENCE)
        }));
        let all_passed = fault::is_armed();
        fault::arm(0);
        assert_eq!(result.is_ok(), all_passed);
        rig.finish(1..=1);
        if all_passed {
            assert!(nth > 5, "only {nth} locks");
            break;
        }
    }
}
