//! Two sinks, one of them stuck: whom it holds up is said for each sink.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{
    Level, Logger, LoggerBuilder, Pipeline, Pressure, SinkOptions, SinkStats, Stats,
};
use fapilog_tests::{
    PATIENCE, alone,
    oracle::assert_settled,
    sinks::{Gated, Lines},
};

/// One sink that is stuck and one that is not.
fn pair(drop_on_full: bool, stuck: Option<Pressure>) -> (Gated, Lines, Logger, Pipeline) {
    let (gated, lines) = (Gated::default(), Lines::default());
    let mut options = SinkOptions::default();
    options.pressure = stuck;
    let (log, pipeline) = LoggerBuilder::new()
        .sink_with(gated.clone(), options)
        .sink(lines.clone())
        .queue_budget(4 * 1024 * 1024)
        .protected_reserve(0)
        .backpressure_wait(Duration::ZERO)
        .drop_on_full(drop_on_full)
        .build()
        .unwrap();
    (gated, lines, log, pipeline)
}

const EVENTS: usize = 20_000;

/// Logs until all is logged or a call has to wait or is refused; returns how many were taken.
fn log_all(log: &Logger, lines: &Lines, pipeline: &Pipeline) -> usize {
    for taken in 0..EVENTS {
        let event = log.event(Level::Info, "m").field("text", "x".repeat(200));
        let mut event = pin!(event.emit_async());
        let refused = pipeline.stats().refused.total();
        let begun = Instant::now();
        let mut context = Context::from_waker(Waker::noop());
        // What is in the way of the healthy sink goes away; what the other one holds does not.
        while event.as_mut().poll(&mut context).is_pending() {
            if begun.elapsed() > Duration::from_millis(500) {
                return taken;
            }
        }
        if pipeline.stats().refused.total() > refused {
            return taken;
        }
        // The healthy sink keeps up, so nothing but the stuck one fills the memory.
        while lines.len() + 100 < taken {
            assert!(begun.elapsed() < PATIENCE);
            thread::yield_now();
        }
    }
    EVENTS
}

fn finish(gated: &Gated, pipeline: &Pipeline) -> (Stats, SinkStats, SinkStats) {
    gated.gate.open();
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    let [stuck, healthy] = &stats.sinks[..] else {
        panic!("two sinks");
    };
    (stats.clone(), stuck.clone(), healthy.clone())
}

#[test]
fn a_stuck_sink_that_sheds_costs_its_own_events_alone_whatever_the_policy() {
    let _alone = alone();
    for (drop_on_full, pressure) in [
        (true, None),
        (true, Some(Pressure::Shed)),
        (false, Some(Pressure::Shed)),
    ] {
        let (gated, lines, log, pipeline) = pair(drop_on_full, pressure);
        assert_eq!(
            log_all(&log, &lines, &pipeline),
            EVENTS,
            "no call is held up"
        );
        let (stats, stuck, healthy) = finish(&gated, &pipeline);
        assert_eq!(stats.refused.total(), 0);
        assert_eq!(healthy.delivered, stats.routed);
        assert!(stuck.dropped.get("backlog_full") > 0, "{stuck:?}");
    }
}

#[test]
fn a_stuck_sink_that_propagates_makes_calls_drop_or_wait_and_loses_nothing_that_was_taken() {
    let _alone = alone();
    for (drop_on_full, pressure) in [
        (true, Some(Pressure::Propagate)),
        (false, Some(Pressure::Propagate)),
        (false, None),
    ] {
        let (gated, lines, log, pipeline) = pair(drop_on_full, pressure);
        let taken = log_all(&log, &lines, &pipeline);
        assert!(taken < EVENTS, "calls feel it");
        let (stats, stuck, healthy) = finish(&gated, &pipeline);
        assert_eq!(stats.refused.get("queue_full") > 0, drop_on_full);
        for sink in [stuck, healthy] {
            assert_eq!(sink.dropped.total(), 0);
            assert_eq!(sink.delivered, stats.routed, "{}", sink.name);
        }
        assert!(stats.routed >= taken as u64);
    }
}
