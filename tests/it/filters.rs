//! Filters: each keeps what it should, and what it drops is counted.

mod adaptive;
mod first;
mod limits;
mod samples;
mod traces;

use std::time::Duration;

use fapilog_core::{
    Clock, Level, Logger, LoggerBuilder, Pipeline, Stats, audit, critical, debug, error, event,
    info, security, testing::ManualClock, warn,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, random, scaled, sinks::Lines};
use serde_json::Value;

/// A pipeline with filters, and a clock that stands still.
struct Rig {
    log: Logger,
    pipeline: Pipeline,
    lines: Lines,
    clock: ManualClock,
}

impl Rig {
    fn new(filters: impl FnOnce(LoggerBuilder) -> LoggerBuilder) -> Self {
        let (lines, clock) = (Lines::default(), ManualClock::new());
        let builder = filters(LoggerBuilder::new().on_diagnostic(|_| {}));
        let builder = builder.clock(clock.clone()).drop_on_full(false);
        let (log, pipeline) = builder.sink(lines.clone()).build().unwrap();
        Self {
            log,
            pipeline,
            lines,
            clock,
        }
    }

    /// Lets time go by, after all that was logged before.
    fn advance(&self, time: Duration) {
        self.pipeline.flush_blocking(PATIENCE);
        self.clock.advance(time);
    }

    /// What has been kept so far.
    fn kept(&self) -> usize {
        self.pipeline.flush_blocking(PATIENCE);
        self.lines.len()
    }

    /// What was kept, and the books.
    fn finish(self) -> (Vec<Value>, Stats) {
        let stats = self.pipeline.shutdown_blocking(PATIENCE).stats;
        assert_settled(&stats);
        let lines = self.lines.all();
        let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        (events.collect(), stats)
    }
}

const SECOND: Duration = Duration::from_secs(1);

type Choose = fn(LoggerBuilder) -> LoggerBuilder;

/// Every filter there is, so strict that it keeps next to nothing.
fn strictest() -> [(&'static str, Choose); 5] {
    [
        ("sampling", |it| it.sampling(0.0)),
        ("adaptive_sampling", |it| {
            it.adaptive_sampling(0.0).configure(|all| {
                all.filter_config.adaptive_sampling.min_sample_rate = 0.0;
                all.filter_config.adaptive_sampling.max_sample_rate = 0.0;
            })
        }),
        ("trace_sampling", |it| it.trace_sampling(0.0)),
        ("rate_limit", |it| it.rate_limit(1, 0.0)),
        ("first_occurrence", |it| {
            it.first_occurrence(Duration::from_secs(3600))
        }),
    ]
}

const ALARM: Level = Level::custom("ALARM", 45);

#[test]
fn events_of_protected_levels_are_kept_by_every_filter() {
    for (name, filter) in strictest() {
        let rig = Rig::new(filter);
        let log = &rig.log;
        for _ in 0..10 {
            info!(logger: log, "again");
            error!(logger: log, "again");
            critical!(logger: log, "again");
            audit!(logger: log, "again");
            security!(logger: log, "again");
            event!(ALARM, logger: log, "again");
        }
        let (events, stats) = rig.finish();
        for level in ["ERROR", "CRITICAL", "AUDIT", "SECURITY", "ALARM"] {
            let of_level: Vec<_> = events.iter().filter(|it| it["level"] == level).collect();
            assert_eq!(of_level.len(), 10, "{name}: {level}");
            let mut rates = of_level.iter().map(|it| &it["data"]["sample_rate"]);
            assert!(rates.all(Value::is_null), "{name}: {level}");
        }
        // Of the others, two filters keep the first.
        let first = u64::from(["rate_limit", "first_occurrence"].contains(&name));
        assert_eq!(stats.filtered.get(name), 10 - first, "{name}");
    }
}

#[test]
fn which_levels_are_protected_is_for_the_settings_to_say() {
    let rig = Rig::new(|it| {
        it.sampling(0.0)
            .configure(|all| all.core.protected_levels = vec![Level::Warning])
    });
    warn!(logger: rig.log, "kept");
    error!(logger: rig.log, "not kept");
    let (events, stats) = rig.finish();
    assert_eq!((events.len(), stats.filtered.total()), (1, 1));
    assert_eq!(events[0]["level"], "WARNING");
}

#[test]
fn no_filter_takes_the_threshold_of_the_level_away() {
    for (name, filter) in strictest() {
        let rig = Rig::new(|it| filter(it.level(Level::Error)));
        for _ in 0..10 {
            debug!(logger: rig.log, "below");
            warn!(logger: rig.log, "below too");
            error!(logger: rig.log, "above");
        }
        let (events, stats) = rig.finish();
        assert_eq!((events.len(), stats.submitted), (10, 10), "{name}");
    }
}

#[test]
fn every_event_that_a_filter_drops_stands_in_the_books_under_its_name() {
    let rig = Rig::new(|it| {
        let it = it.sampling(0.8).trace_sampling(0.8).adaptive_sampling(50.0);
        it.rate_limit(100, 20.0).first_occurrence(SECOND)
    });
    let mut rng = random();
    let count = scaled(2_000);
    for number in 0..count {
        let (request_id, kind) = (rng.u8(..).to_string(), rng.u8(..50));
        match rng.u8(..10) {
            0 => error!(logger: rig.log, request_id = request_id.as_str(), "of kind {kind}"),
            _ => info!(logger: rig.log, request_id = request_id.as_str(), "of kind {kind}"),
        }
        if number % 100 == 0 {
            rig.advance(SECOND);
        }
    }
    let (events, stats) = rig.finish();
    assert_eq!(stats.submitted, count as u64);
    assert_eq!(
        events.len() as u64 + stats.filtered.total(),
        stats.submitted
    );
    for (name, _) in strictest() {
        assert!(stats.filtered.get(name) > 0, "{name}: {stats:#?}");
    }
}

#[test]
fn a_clock_that_is_set_back_stops_no_filter() {
    let rig = Rig::new(|it| it.first_occurrence(60 * SECOND).rate_limit(3, 1.0));
    info!(logger: rig.log, "again");
    rig.advance(SECOND);
    rig.clock.set(rig.clock.now() - Duration::from_secs(86_400));
    info!(logger: rig.log, "again");
    assert_eq!(rig.kept(), 1, "time has not gone by");
    rig.advance(70 * SECOND);
    info!(logger: rig.log, "again");
    assert_eq!(rig.kept(), 2, "now it has");
    rig.finish();
}
