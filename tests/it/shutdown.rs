//! A shutdown delivers what it can, ends when it must, and says what became of everything.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{BlockingSink, LoggerBuilder, Memory, Sink, info};
use fapilog_tests::{
    PATIENCE, alone,
    oracle::{Oracle, assert_settled},
    sinks::{Gated, HungAsync, Lines, Slow, Spinning},
};

const DEADLINE: Duration = Duration::from_millis(500);
/// Five hundredths of the deadline by promise; five times that on a busy machine.
const LATEST: Duration = Duration::from_millis(625);

#[test]
fn a_hung_blocking_sink_does_not_hold_up_shutdown() {
    let sink = Gated::default();
    one_sink_hangs(|builder| builder.sink(sink.clone()), "gated");
    sink.gate.open();
}

#[test]
fn a_sink_that_never_answers_does_not_hold_up_shutdown() {
    one_sink_hangs(|builder| builder.async_sink(HungAsync), "hung");
}

#[test]
fn a_sink_that_spins_in_async_code_does_not_hold_up_shutdown() {
    one_sink_hangs(|builder| builder.async_sink(Spinning), "spinning");
}

fn one_sink_hangs(add: impl FnOnce(LoggerBuilder) -> LoggerBuilder, name: &str) {
    let _alone = alone();
    let healthy = Lines::default();
    let builder = LoggerBuilder::new().sink(healthy.clone());
    let (log, pipeline) = add(builder).build().unwrap();
    let oracle = Oracle::default();
    for _ in 0..5000 {
        oracle.log(&log);
    }
    let begun = Instant::now();
    let report = pipeline.shutdown_blocking(DEADLINE);
    let took = begun.elapsed();
    assert!((DEADLINE..LATEST).contains(&took), "it took {took:?}");
    assert!(report.timed_out);
    assert_eq!(report.stuck_threads, [format!("fapilog-{name}")]);
    assert_ne!(report.exit_code(), 0);
    assert_settled(&report.stats);
    let [first, second] = &report.stats.sinks[..] else {
        panic!("two sinks");
    };
    // The summary of what the other sink has lost is an event too.
    let told = 5000 + report.stats.generated;
    assert_eq!((&*first.name, first.delivered), ("lines", told));
    assert_eq!(oracle.judge(healthy.all().iter().map(String::as_str)), 5000);
    assert_eq!(second.delivered, 0);
    assert_eq!(second.unknown + second.dropped.total(), told);
    assert!(second.dropped.get("shutdown_deadline") > 0);
    assert!(second.unknown > 0, "one batch was in its hands");
}

#[test]
fn a_sole_hung_sink_with_a_full_queue_does_not_hold_up_shutdown() {
    let _alone = alone();
    let sink = Gated::default();
    let (log, pipeline) = sink.tight(512 * 1024);
    let oracle = Oracle::default();
    while pipeline.stats().refused.total() < 1000 {
        oracle.log(&log);
    }
    let begun = Instant::now();
    let report = pipeline.shutdown_blocking(DEADLINE);
    let took = begun.elapsed();
    assert!((DEADLINE..LATEST).contains(&took), "it took {took:?}");
    assert_settled(&report.stats);
    assert_eq!(report.stats.submitted, oracle.issued());
    sink.gate.open();
}

#[test]
fn what_a_slow_stage_has_not_come_to_by_the_deadline_is_counted() {
    let _alone = alone();
    let lines = Lines::default();
    let begun = Instant::now();
    let builder = LoggerBuilder::new().sink(lines.clone());
    let builder = builder.enricher_fn("slow", move |_| {
        while begun.elapsed() < DEADLINE {
            thread::yield_now();
        }
        Ok(())
    });
    let (log, pipeline) = builder.build().unwrap();
    let oracle = Oracle::default();
    // More than the worker comes to in the time that it is waited for after the deadline.
    for _ in 0..10_000 {
        oracle.log(&log);
    }
    let report = pipeline.shutdown_blocking(DEADLINE.saturating_sub(begun.elapsed()));
    assert!(report.timed_out);
    assert_settled(&report.stats);
    let lost = report.stats.dropped.get("shutdown_deadline");
    assert!(lost > 9000, "{:#?}", report.stats);
    let arrived = oracle.judge(lines.all().iter().map(String::as_str));
    assert_eq!(arrived, report.stats.sinks[0].delivered);
}

#[test]
fn a_slow_sink_gets_everything_if_the_deadline_allows() {
    let _alone = alone();
    let sink = Slow {
        lines: Lines::default(),
        delay: Duration::from_millis(20),
    };
    let (log, pipeline) = LoggerBuilder::new().sink(sink.clone()).build().unwrap();
    let oracle = Oracle::default();
    for _ in 0..5000 {
        oracle.log(&log);
    }
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert!(!report.timed_out);
    assert_eq!(report.exit_code(), 0);
    assert_eq!(
        oracle.judge(sink.lines.all().iter().map(String::as_str)),
        5000
    );
}

#[test]
fn all_who_ask_for_the_end_get_the_same_report() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    Oracle::default().log(&log);
    let pipeline = Arc::new(pipeline);
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let pipeline = Arc::clone(&pipeline);
            thread::spawn(move || pipeline.shutdown_blocking(PATIENCE))
        })
        .collect();
    let reports: Vec<_> = asking.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(reports.iter().all(|report| *report == reports[0]));
    assert_eq!(memory.len(), 1);
}

#[test]
fn a_dropped_pipeline_delivers_its_events() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    for _ in 0..1000 {
        Oracle::default().log(&log);
    }
    drop(pipeline);
    assert_eq!(memory.len(), 1000);
}

#[tokio::test(flavor = "current_thread")]
async fn a_shutdown_is_awaited_on_a_current_thread_runtime() {
    let sink = Gated::default();
    let (log, pipeline) = LoggerBuilder::new().sink(sink.clone()).build().unwrap();
    Oracle::default().log(&log);
    let gate = sink.gate.clone();
    let (report, ()) = tokio::join!(pipeline.shutdown(PATIENCE), async move { gate.open() });
    assert_eq!(report.exit_code(), 0);
    assert_eq!(sink.lines.len(), 1);
}

#[test]
fn the_last_events_are_delivered_after_the_applications_runtime_has_gone() {
    let lines = Lines::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let oracle = Oracle::default();
    let pipeline = runtime.block_on(async {
        let (log, pipeline) = LoggerBuilder::new().sink(lines.clone()).build().unwrap();
        for _ in 0..1000 {
            oracle.log(&log);
        }
        pipeline
    });
    drop(runtime);
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(report.exit_code(), 0);
    assert_eq!(oracle.judge(lines.all().iter().map(String::as_str)), 1000);
}

#[test]
fn a_sink_is_started_once_and_stopped_once_after_all_events() {
    let acts = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (log, pipeline) = LoggerBuilder::new()
        .sink(Acts(Arc::clone(&acts)))
        .async_sink(AsyncActs(Arc::clone(&acts)))
        .build()
        .unwrap();
    Oracle::default().log(&log);
    pipeline.shutdown_blocking(PATIENCE);
    for sink in ["blocking", "async"] {
        let acts = acts.lock().unwrap();
        let of_sink: Vec<_> = acts.iter().filter(|(who, _)| *who == sink).collect();
        let order: Vec<_> = of_sink.iter().map(|(_, act)| *act).collect();
        assert_eq!(order, ["start", "write", "flush", "stop"], "{sink}");
    }
}

type Recorded = Arc<std::sync::Mutex<Vec<(&'static str, &'static str)>>>;

struct Acts(Recorded);

impl Acts {
    fn act(&self, act: &'static str) -> Result<(), fapilog_core::SinkError> {
        self.0.lock().unwrap().push(("blocking", act));
        Ok(())
    }
}

impl BlockingSink for Acts {
    fn name(&self) -> &str {
        "blocking"
    }

    fn start(&mut self) -> Result<(), fapilog_core::SinkError> {
        self.act("start")
    }

    fn write(&mut self, _: &fapilog_core::Event<'static>) -> Result<(), fapilog_core::SinkError> {
        self.act("write")
    }

    fn flush(&mut self) -> Result<(), fapilog_core::SinkError> {
        self.act("flush")
    }

    fn stop(&mut self) -> Result<(), fapilog_core::SinkError> {
        self.act("stop")
    }
}

struct AsyncActs(Recorded);

impl AsyncActs {
    async fn act(&self, act: &'static str) -> Result<(), fapilog_core::SinkError> {
        // The lane's runtime has its drivers: timers work.
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.0.lock().unwrap().push(("async", act));
        Ok(())
    }
}

impl Sink for AsyncActs {
    fn name(&self) -> &str {
        "async"
    }

    async fn start(&self) -> Result<(), fapilog_core::SinkError> {
        self.act("start").await
    }

    async fn write(&self, _: &fapilog_core::Event<'static>) -> Result<(), fapilog_core::SinkError> {
        self.act("write").await
    }

    async fn flush(&self) -> Result<(), fapilog_core::SinkError> {
        self.act("flush").await
    }

    async fn stop(&self) -> Result<(), fapilog_core::SinkError> {
        self.act("stop").await
    }
}

#[test]
fn a_patience_without_end_is_one() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new()
        .backpressure_wait(Duration::MAX)
        .sink(memory.clone())
        .build()
        .unwrap();
    info!(logger: log, "kept");
    assert!(pipeline.flush_blocking(Duration::MAX).is_complete());
    let report = pipeline.shutdown_blocking(Duration::MAX);
    assert_settled(&report.stats);
    assert!(!report.timed_out);
    assert_eq!(memory.len(), 1);
}
