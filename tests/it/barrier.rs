//! Flush and shutdown return by their deadline, whatever state the pipeline is in, and say of each
//! sink what came of it.

use std::{
    fs::File,
    io::Write,
    time::{Duration, Instant},
};

use fapilog_core::{
    BlockingSink, Event, FlushOutcome, Logger, LoggerBuilder, Memory, Pipeline, SerializedView,
    SinkError, Stats,
};
use fapilog_tests::{
    alone,
    oracle::{Oracle, assert_settled},
    promised, scaled,
    sinks::Gated,
};

const DEADLINE: Duration = Duration::from_millis(50);
/// After the deadline.
const LATE: Duration = Duration::from_millis(50);

/// Writes to a disk that is full.
struct FullDisk(File);

impl FullDisk {
    fn new() -> Self {
        Self(File::options().write(true).open("/dev/full").unwrap())
    }
}

impl BlockingSink for FullDisk {
    fn name(&self) -> &str {
        "full-disk"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        unreachable!("it takes bytes")
    }

    fn write_serialized(&mut self, view: SerializedView<'_>) -> Result<(), SinkError> {
        Ok(self.0.write_all(view.data)?)
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        // What a sink with a buffer of its own meets only now.
        Ok(self.0.write_all(b"the rest")?)
    }
}

/// A pipeline in trouble: one sink hangs, one has no space, one is well, and perhaps all of the
/// queue is taken.
struct Trouble {
    hung: Gated,
    well: Memory,
    log: Logger,
    pipeline: Pipeline,
    oracle: Oracle,
}

impl Trouble {
    fn new() -> Self {
        let (hung, well) = (Gated::default(), Memory::new());
        let (log, pipeline) = LoggerBuilder::new()
            .sink(hung.clone())
            .sink(FullDisk::new())
            .sink(well.clone())
            .on_diagnostic(|_| {})
            .build()
            .unwrap();
        let trouble = Self {
            hung,
            well,
            log,
            pipeline,
            oracle: Oracle::default(),
        };
        trouble.log(100);
        trouble
    }

    fn log(&self, count: u64) {
        for _ in 0..count {
            self.oracle.log(&self.log);
        }
    }

    /// Shuts down, and looks at the books.
    fn end(self) -> Stats {
        let report = in_time(|| self.pipeline.shutdown_blocking(DEADLINE));
        self.hung.gate.open();
        assert!(report.timed_out);
        assert_eq!(report.stuck_threads, ["fapilog-gated"]);
        assert_settled(&report.stats);
        assert_eq!(report.stats.submitted, self.oracle.issued());
        report.stats
    }
}

fn in_time<T>(run: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = run();
    let took = begun.elapsed();
    assert!(took < DEADLINE + promised(LATE), "it took {took:?}");
    result
}

#[test]
fn a_flush_says_of_each_sink_whether_it_flushed_failed_or_did_not_answer() {
    let _alone = alone();
    for _ in 0..scaled(10) {
        let trouble = Trouble::new();
        let report = in_time(|| trouble.pipeline.flush_blocking(DEADLINE));
        let [(_, hung), (_, full), (_, well)] = &report.sinks[..] else {
            panic!("three sinks: {report:?}");
        };
        assert_eq!(*hung, FlushOutcome::TimedOut);
        assert!(matches!(full, FlushOutcome::Failed(_)), "{full:?}");
        assert_eq!(*well, FlushOutcome::Flushed);
        assert_eq!(trouble.well.len(), 100);
        trouble.end();
    }
}

#[test]
fn a_shutdown_says_of_each_sink_what_became_of_its_events() {
    let _alone = alone();
    for _ in 0..scaled(10) {
        let trouble = Trouble::new();
        let well = trouble.well.clone();
        let stats = trouble.end();
        let [hung, full, healthy] = &stats.sinks[..] else {
            panic!("three sinks: {stats:#?}");
        };
        assert_eq!(hung.unknown + hung.dropped.get("shutdown_deadline"), 100);
        assert!(hung.unknown > 0, "one batch was in its hands");
        assert_eq!(full.dropped.get("sink_failed"), 100);
        assert_eq!((healthy.delivered, well.len()), (100, 100));
    }
}

#[test]
fn flush_and_shutdown_get_through_a_full_queue() {
    let _alone = alone();
    for _ in 0..scaled(10) {
        let sink = Gated::default();
        let (log, pipeline) = sink.tight(256 * 1024);
        let oracle = Oracle::default();
        while pipeline.stats().refused.get("queue_full") == 0 {
            oracle.log(&log);
        }
        let flushed = in_time(|| pipeline.flush_blocking(DEADLINE));
        let [(name, outcome)] = &flushed.sinks[..] else {
            panic!("one sink: {flushed:?}");
        };
        assert_eq!((&**name, outcome), ("gated", &FlushOutcome::TimedOut));
        let report = in_time(|| pipeline.shutdown_blocking(DEADLINE));
        sink.gate.open();
        let stats = report.stats;
        assert_settled(&stats);
        assert_eq!(stats.submitted, oracle.issued());
        let of_sink = &stats.sinks[0];
        assert_eq!(of_sink.routed, of_sink.unknown + of_sink.dropped.total());
    }
}
