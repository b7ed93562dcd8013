//! Filters, enrichers, redactors and processors, through the front door.

use std::{panic, sync::Arc};

use fapilog_core::{
    Event, FieldValue, Level, LoggerBuilder, Memory, StageError, StageKind, debug,
    enrich::Enricher,
    error,
    filter::{MinLevel, Verdict},
    info,
    process::{Next, Processor},
    redact::Redactor,
    warn,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, scaled, sinks::Lines};

/// A stage of every kind that does what its closure says.
struct Stage<F>(F);

impl<F: FnMut(&mut Event<'_>) -> Result<(), StageError> + Send + 'static> Enricher for Stage<F> {
    fn name(&self) -> &str {
        "test"
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        (self.0)(event)
    }
}

impl<F: FnMut(&mut Event<'_>) -> Result<(), StageError> + Send + 'static> Redactor for Stage<F> {
    fn name(&self) -> &str {
        "test"
    }

    fn redact(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        (self.0)(event)
    }
}

impl<F: FnMut(&mut Event<'_>) -> Result<(), StageError> + Send + 'static> Processor for Stage<F> {
    fn name(&self) -> &str {
        "test"
    }

    fn process(&mut self, event: &mut Event<'_>) -> Result<Next, StageError> {
        (self.0)(event).map(|()| Next::Continue)
    }
}

fn stage<F: FnMut(&mut Event<'_>) -> Result<(), StageError>>(run: F) -> Stage<F> {
    Stage(run)
}

/// Appends its letter to what the stages before it have left.
fn sign(letter: &'static str) -> impl FnMut(&mut Event<'_>) -> Result<(), StageError> {
    move |event| {
        let before = event.data().get("way").and_then(FieldValue::as_str);
        let way = format!("{}{letter}", before.unwrap_or_default());
        event.data_mut().insert("way", way);
        Ok(())
    }
}

#[test]
fn stages_run_in_the_order_filter_enrich_redact_process() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new()
        .processor(stage(sign("p")))
        .redactor(stage(sign("r")))
        .enricher(stage(sign("e")))
        .enricher(stage(sign("f")))
        .filter_fn("untouched", |event| {
            if event.data().get("way").is_none() {
                Verdict::Keep
            } else {
                Verdict::Drop
            }
        })
        .sink(memory.clone())
        .build()
        .unwrap();
    info!(logger: log, "event");
    pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(memory.events()[0].data().get("way"), Some(&"efrp".into()));
}

#[test]
fn filtered_events_are_counted_under_the_name_of_their_filter() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new()
        .level(Level::Trace)
        .filter(MinLevel(Level::Info))
        .filter_fn("odd", |event| match event.data().get("n") {
            Some(FieldValue::I64(n)) if n % 2 == 1 => Verdict::Drop,
            _ => Verdict::Keep,
        })
        .sink(memory.clone())
        .build()
        .unwrap();
    for n in 0..10 {
        debug!(logger: log, n);
        info!(logger: log, n);
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!((stats.submitted, stats.filtered.get("level")), (20, 10));
    assert_eq!((stats.filtered.get("odd"), memory.len()), (5, 5));
}

#[test]
fn a_failing_redactor_lets_nothing_through_but_a_skeleton() {
    for panics in [false, true] {
        let lines = Lines::default();
        let (log, pipeline) = LoggerBuilder::new()
            .redactor(stage(move |event| {
                if event.message() != "secret" {
                    return Ok(());
                }
                assert!(!panics, "canary in a panic");
                Err(StageError::new("canary in an error"))
            }))
            .on_diagnostic(|_| {})
            .sink(lines.clone())
            .build()
            .unwrap();
        info!(logger: log, "before");
        warn!(logger: log, password = "canary", request_id = "canary", "secret");
        info!(logger: log, "after");
        let stats = pipeline.shutdown_blocking(PATIENCE).stats;
        assert_settled(&stats);
        assert_eq!(
            (stats.dropped.get("redaction_failed"), stats.generated),
            (1, 1)
        );
        assert_eq!(
            (stats.stages[0].kind, stats.stages[0].failed),
            (StageKind::Redactor, 1)
        );
        let lines = lines.all();
        assert_eq!(lines.len(), 3);
        assert!(!lines.concat().contains("canary"), "{lines:#?}");
        let skeleton: serde_json::Value = serde_json::from_str(&lines[1]).unwrap();
        assert_eq!(skeleton["level"], "WARNING");
        assert_eq!(skeleton["data"]["redaction_failed"], true);
    }
}

#[test]
fn stages_that_fail_or_panic_cost_no_event() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new()
        .filter_fn("panics", |_| panic!("filter"))
        .enricher(stage(|_| panic!("enricher")))
        .enricher(stage(|_| Err(StageError::new("enricher"))))
        .processor(stage(|_| panic::panic_any(PanicsOnDrop)))
        .on_diagnostic(|_| {})
        .sink(memory.clone())
        .build()
        .unwrap();
    for n in 0..10 {
        error!(logger: log, n, "kept");
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(memory.len(), 10);
    let counts = stats.stages.iter().map(|it| (it.kind, it.failed));
    let expected = [
        (StageKind::Filter, 10),
        (StageKind::Enricher, 10),
        (StageKind::Enricher, 10),
        (StageKind::Processor, 10),
    ];
    assert_eq!(counts.collect::<Vec<_>>(), expected);
    assert_eq!(stats.worker_restarts, 0);
}

#[test]
fn a_stage_that_fails_ten_times_in_a_row_is_passed_over_and_tried_again_every_thousand_events() {
    let memory = Memory::new();
    let mut calls = 0;
    let (log, pipeline) = LoggerBuilder::new()
        .processor(stage(move |_| {
            calls += 1;
            // One success in between starts the count anew.
            assert!(calls == 6 || calls > 18, "broken");
            Ok(())
        }))
        .on_diagnostic(|_| {})
        .sink(memory.clone())
        .build()
        .unwrap();
    for n in 0..5_000 {
        info!(logger: log, n);
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(memory.len(), 5_000);
    let processor = stats.stages.last().unwrap();
    // 5 failures, a success, 10 failures; two rests, each with a failure at its end; a third one.
    assert_eq!((processor.failed, processor.passed_over), (17, 3 * 999));
}

#[test]
fn a_redactor_is_never_passed_over_however_often_it_fails() {
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new()
        .redactor(stage(|_| panic!("broken")))
        .on_diagnostic(|_| {})
        .sink(lines.clone())
        .build()
        .unwrap();
    let count = scaled(100) as u64;
    for _ in 0..count {
        info!(logger: log, password = "canary", "secret");
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    assert_eq!(stats.dropped.get("redaction_failed"), count);
    let redactor = stats.stages.last().unwrap();
    assert_eq!((redactor.failed, redactor.passed_over), (count, 0));
    assert!(!lines.all().concat().contains("canary"));
}

#[test]
fn stages_that_panic_when_they_are_dropped_are_contained() {
    let memory = Memory::new();
    let other = Arc::new(());
    let holding = |guard: PanicsOnDrop, held: Arc<()>| {
        stage(move |_| {
            let _ = (&guard, &held);
            Ok(())
        })
    };
    let (log, pipeline) = LoggerBuilder::new()
        .processor(holding(PanicsOnDrop, Arc::clone(&other)))
        // A second panic while the first unwinds would end the process.
        .processor(holding(PanicsOnDrop, Arc::clone(&other)))
        .sink(memory.clone())
        .build()
        .unwrap();
    info!(logger: log, "kept");
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!((memory.len(), report.stuck_threads.len()), (1, 0));
    assert_eq!(
        Arc::strong_count(&other),
        1,
        "the stages are gone all the same"
    );
}

/// Also stands for what a stage throws.
struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("panics on drop");
    }
}

#[test]
fn what_a_processor_drops_is_counted() {
    struct Swallow;
    impl Processor for Swallow {
        fn name(&self) -> &str {
            "swallow"
        }
        fn process(&mut self, _: &mut Event<'_>) -> Result<Next, StageError> {
            Ok(Next::Drop)
        }
    }
    let (log, pipeline) = LoggerBuilder::new()
        .processor(Swallow)
        .sink(Memory::new())
        .build()
        .unwrap();
    info!(logger: log, "gone");
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.dropped.get("processor"), 1);
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn a_level_changed_at_run_time_holds_at_once() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    let call = || debug!(logger: log, "now and then");
    call();
    pipeline.set_level(Level::Debug);
    call();
    pipeline.set_level(Level::Error);
    call();
    pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(memory.len(), 1);
}

#[test]
fn a_logger_binds_for_itself_and_not_for_its_parent() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    let child = log
        .bind([("tenant", "acme"), ("kept", "no")])
        .bind([("kept", "yes")]);
    info!(logger: child, own = 1, tenant = "other");
    info!(logger: child);
    info!(logger: log);
    pipeline.shutdown_blocking(PATIENCE);
    let events = memory.events();
    let tenant = |index: usize| events[index].data().get("tenant").cloned();
    assert_eq!(tenant(0), Some("other".into()), "the call wins");
    assert_eq!(tenant(1), Some("acme".into()));
    assert_eq!(tenant(2), None);
    assert_eq!(events[1].data().get("kept"), Some(&"yes".into()));
}
