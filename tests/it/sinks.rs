//! Sinks that fail or panic cost their own events, and nothing else.

use std::sync::{Arc, Mutex, atomic::Ordering};

use fapilog_core::{BlockingSink, Event, LoggerBuilder, SinkError};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
    sinks::{Lines, Moody},
};

#[test]
fn an_event_that_a_sink_fails_or_panics_at_is_the_only_one_lost() {
    let (moody, lines) = (Moody::default(), Lines::default());
    let said = Arc::new(Mutex::new(Vec::new()));
    let saying = Arc::clone(&said);
    let (log, pipeline) = LoggerBuilder::new()
        .sink(moody.clone())
        .sink(lines.clone())
        .on_diagnostic(move |diagnostic| saying.lock().unwrap().push(diagnostic.message.clone()))
        .build()
        .unwrap();
    let oracle = Oracle::default();
    for _ in 0..1500 {
        oracle.log(&log);
    }
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    // Of 15, every fifth panics and every other third fails: 3 + 4.
    assert_eq!(
        report.stats.sinks[0].dropped.get("sink_failed"),
        1500 * 7 / 15
    );
    assert_eq!(report.stats.sinks[0].delivered, 1500 * 8 / 15);
    assert_eq!(moody.taken.load(Ordering::Relaxed), 1500 * 8 / 15);
    assert_eq!(oracle.judge(lines.all().iter().map(String::as_str)), 1500);
    let said = said.lock().unwrap();
    assert_eq!(said.len(), 1, "once a kind: {said:?}");
    assert!(said[0].contains("moody"), "{said:?}");
}

#[test]
fn the_events_of_a_sink_that_does_not_start_are_counted_as_dropped() {
    struct Broken;
    impl BlockingSink for Broken {
        fn name(&self) -> &str {
            "broken"
        }
        fn start(&mut self) -> Result<(), SinkError> {
            Err(SinkError::new("no such device"))
        }
        fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
            unreachable!("it has not started")
        }
    }
    let (log, pipeline) = LoggerBuilder::new()
        .sink(Broken)
        .on_diagnostic(|_| {})
        .build()
        .unwrap();
    for _ in 0..10 {
        Oracle::default().log(&log);
    }
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.sinks[0].dropped.get("sink_failed"), 10);
    assert_eq!(report.exit_code(), 1);
    let error = report.last_error.unwrap_or_default();
    assert!(
        error.contains("broken start failed: no such device"),
        "{error}"
    );
}

#[test]
fn two_sinks_of_one_name_are_refused() {
    let built = LoggerBuilder::new()
        .sink(Lines::default())
        .sink(Lines::default())
        .build();
    let error = built.unwrap_err().to_string();
    assert!(error.contains("\"lines\""), "{error}");
}
