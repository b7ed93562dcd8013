//! Two sinks, one of them stuck: whom it holds up is said for each sink.

use std::{
    pin::pin,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{
    Level, Logger, LoggerBuilder, Pipeline, Pressure, SinkOptions, SinkStats, Stats,
};
use fapilog_tests::{
    PATIENCE, alone,
    brim::poll,
    oracle::assert_settled,
    sinks::{Gated, Lines},
};

/// What is set for a pair of sinks.
#[derive(Clone, Copy, Debug)]
struct Case {
    stuck: Option<Pressure>,
    healthy: Option<Pressure>,
    drop_on_full: bool,
    stuck_is_first: bool,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        let pressures = [None, Some(Pressure::Shed), Some(Pressure::Propagate)];
        (0..36).map(move |number| Self {
            stuck: pressures[number % 3],
            healthy: pressures[number / 3 % 3],
            drop_on_full: number / 9 % 2 == 0,
            stuck_is_first: number / 18 == 0,
        })
    }

    /// Of several sinks, each sheds, unless no event may be lost.
    fn stuck_sheds(&self) -> bool {
        self.stuck
            .map_or(self.drop_on_full, |it| it == Pressure::Shed)
    }
}

/// One sink that is stuck and one that is not.
struct Pair {
    case: Case,
    gated: Gated,
    lines: Lines,
    log: Logger,
    pipeline: Pipeline,
}

const BUDGET: usize = 1024 * 1024;
const EVENTS: usize = 2500;

fn options(pressure: Option<Pressure>) -> SinkOptions {
    let mut options = SinkOptions::default();
    options.pressure = pressure;
    options
}

impl Pair {
    fn new(case: Case) -> Self {
        let (gated, lines) = (Gated::default(), Lines::default());
        let (stuck, healthy) = (options(case.stuck), options(case.healthy));
        let builder = LoggerBuilder::new();
        let builder = if case.stuck_is_first {
            let builder = builder.sink_with(gated.clone(), stuck);
            builder.sink_with(lines.clone(), healthy)
        } else {
            let builder = builder.sink_with(lines.clone(), healthy);
            builder.sink_with(gated.clone(), stuck)
        };
        let (log, pipeline) = builder
            .queue_budget(BUDGET)
            .protected_reserve(0)
            .backpressure_wait(Duration::ZERO)
            .drop_on_full(case.drop_on_full)
            .build()
            .unwrap();
        Self {
            case,
            gated,
            lines,
            log,
            pipeline,
        }
    }

    /// Logs until all is logged or a call has to wait or is refused; returns how many were taken.
    fn log_all(&self) -> usize {
        let refused = || self.pipeline.stats().refused.total();
        for taken in 0..EVENTS {
            let event = self
                .log
                .event(Level::Info, "m")
                .field("text", "x".repeat(600));
            let mut event = pin!(event.emit_async());
            let mut since = (Instant::now(), 0);
            // What is in the way of the healthy sink goes away; what the other one holds does not.
            while poll(event.as_mut()).is_pending() {
                let used = self.pipeline.stats().queue_bytes;
                if used != since.1 {
                    since = (Instant::now(), used);
                }
                // That nothing will happen any more cannot be seen, only that nothing has.
                if since.0.elapsed() > Duration::from_millis(100) {
                    return taken;
                }
                thread::yield_now();
            }
            if refused() > 0 {
                return taken;
            }
            self.let_healthy_one_keep_up(taken);
        }
        EVENTS
    }

    /// So that nothing but the stuck one fills the memory.
    fn let_healthy_one_keep_up(&self, taken: usize) {
        let begun = Instant::now();
        while self.lines.len() + 50 < taken {
            assert!(begun.elapsed() < PATIENCE);
            thread::yield_now();
        }
    }

    /// The final books, and those of the stuck and of the healthy sink.
    fn finish(&self) -> (Stats, SinkStats, SinkStats) {
        self.gated.gate.open();
        let stats = self.pipeline.shutdown_blocking(PATIENCE).stats;
        assert_settled(&stats);
        let named = |name: &str| stats.sinks.iter().find(|it| it.name == name).cloned();
        let (stuck, healthy) = (named("gated"), named("lines"));
        (stats.clone(), stuck.unwrap(), healthy.unwrap())
    }
}

#[test]
fn a_stuck_sink_that_sheds_costs_its_own_events_alone_in_every_combination() {
    let _alone = alone();
    let cases: Vec<_> = Case::all().filter(Case::stuck_sheds).collect();
    assert_eq!(cases.len(), 18);
    for case in cases {
        let pair = Pair::new(case);
        assert_eq!(pair.log_all(), EVENTS, "no call is held up: {case:?}");
        let (stats, stuck, healthy) = pair.finish();
        assert_eq!(stats.refused.total(), 0, "{case:?}");
        assert_eq!(healthy.delivered, stats.routed, "{case:?}");
        assert!(stuck.dropped.get("backlog_full") > 0, "{case:?}: {stuck:?}");
    }
}

#[test]
fn a_stuck_sink_that_propagates_makes_calls_drop_or_wait_and_no_sink_loses_what_was_taken() {
    let _alone = alone();
    let cases: Vec<_> = Case::all().filter(|case| !case.stuck_sheds()).collect();
    assert_eq!(cases.len(), 18);
    for case in cases {
        let pair = Pair::new(case);
        let taken = pair.log_all();
        assert!(taken < EVENTS, "calls feel it: {case:?}");
        let (stats, stuck, healthy) = pair.finish();
        let refused = stats.refused.get("queue_full") > 0;
        assert_eq!(refused, pair.case.drop_on_full, "{case:?}");
        for sink in [stuck, healthy] {
            assert_eq!(sink.dropped.total(), 0, "{case:?}: {sink:?}");
            assert_eq!(sink.delivered, stats.routed, "{case:?}: {sink:?}");
        }
        assert!(stats.routed >= taken as u64, "{case:?}");
    }
}

/// How many events of a level a sink has that say so.
fn count(lines: &Lines, level: Level, message: &str) -> usize {
    let (level, message) = (format!("\"{level}\""), format!("\"{message}\""));
    let lines = lines.all();
    let told = lines
        .iter()
        .filter(|it| it.contains(&level) && it.contains(&message));
    told.count()
}

#[test]
fn each_sink_that_sheds_keeps_errors_in_a_reserve_of_its_own() {
    let _alone = alone();
    let stuck = [Gated::named("one"), Gated::named("two")];
    let mut builder = LoggerBuilder::new();
    for sink in &stuck {
        builder = builder.sink_with(sink.clone(), options(Some(Pressure::Shed)));
    }
    let (log, pipeline) = builder
        .queue_budget(BUDGET)
        .protected_reserve(BUDGET)
        .drop_on_full(false)
        .build()
        .unwrap();
    let lost = || {
        let stats = pipeline.stats();
        stats
            .sinks
            .iter()
            .map(|it| it.dropped.get("backlog_full"))
            .min()
    };
    let wait_for_worker = || {
        let begun = Instant::now();
        while pipeline.stats().queued > 0 {
            assert!(begun.elapsed() < PATIENCE);
            thread::yield_now();
        }
    };
    let text = "x".repeat(200);
    let until_more_are_lost = |level| {
        let (begun, before) = (Instant::now(), lost());
        while lost() == before {
            log.event(level, "before").field("text", &text).emit();
            assert!(begun.elapsed() < PATIENCE, "{level}");
        }
    };
    // Until each sink's share is used up; a reserve of 256 KiB each is left.
    until_more_are_lost(Level::Info);
    assert_ne!(lost(), Some(0));
    // A large block did not fit: nor does the smallest, when this is done.
    let before = lost();
    while lost() == before {
        log.event(Level::Info, "before").emit();
        wait_for_worker();
    }
    for _ in 0..100 {
        for level in Level::ALL {
            log.event(level, "after").emit();
        }
    }
    wait_for_worker();
    until_more_are_lost(Level::Error);
    wait_for_worker();
    for sink in &stuck {
        sink.gate.open();
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(stats.refused.total(), 0, "no call is held up");
    for sink in &stuck {
        for level in [Level::Error, Level::Critical, Level::Audit, Level::Security] {
            assert_eq!(count(&sink.lines, level, "after"), 100, "{level}");
        }
        assert_eq!(count(&sink.lines, Level::Info, "after"), 0);
    }
}
