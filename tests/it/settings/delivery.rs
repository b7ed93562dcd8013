//! What settings do to events on their way to a sink.

use std::{
    fs,
    time::{Duration, Instant},
};

use fapilog_core::{Action, Delivery, Retry, SinkStats, sink::SinkOptions};
use fapilog_tests::{
    PATIENCE,
    scripted::{Answer, Scripted, number},
};

use super::{Variable, build, builder};
use crate::file::Scratch;

const HOUR: Duration = Duration::from_secs(3600);

/// The books of a sink that is served as these variables say, after so many events in one flush.
fn books(variables: &[Variable<'_>], sink: &Scripted, count: u64) -> SinkStats {
    let builder = builder(variables).on_diagnostic(|_| {});
    let (log, pipeline) = build(builder.async_sink(sink.clone()));
    number(&log, 0..count);
    pipeline.flush_blocking(Duration::from_millis(300));
    let report = pipeline.shutdown_blocking(Duration::from_millis(300));
    report.stats.sinks[0].clone()
}

fn stubborn() -> Delivery {
    let retry = Retry::new().attempts(usize::MAX);
    let retry = retry.base(Duration::from_millis(1));
    let delivery = Delivery::batched().batch_events(1).retry(retry);
    delivery.max_age(Duration::from_millis(100))
}

pub(super) fn a_batch_waits_as_long_as_wanted_for_more_events() {
    let waited = |seconds: &str| {
        let sink = Scripted::taking().delivery(Delivery::batched());
        let builder = builder(&[("FAPILOG_CORE__BATCH_TIMEOUT_SECONDS", seconds)]);
        let (log, _pipeline) = build(builder.async_sink(sink.clone()));
        let begun = Instant::now();
        number(&log, [1]);
        sink.wait_for(1)[0].at - begun
    };
    assert!(waited("0.4") >= Duration::from_millis(400));
    // Its default is less.
    let sink = Scripted::taking().delivery(Delivery::batched());
    let (log, _pipeline) = build(builder(&[]).async_sink(sink.clone()));
    number(&log, [1]);
    sink.wait_for(1);
}

pub(super) fn so_many_batches_are_sent_at_once_as_wanted() {
    let at_once = |variables: &[Variable<'_>]| {
        let sink = Scripted::new(|_, _| Answer::Hang);
        let sink = sink.delivery(Delivery::batched().batch_events(1).timeout(HOUR));
        books(variables, &sink, 10).unknown
    };
    assert_eq!(at_once(&[]), 1);
    assert_eq!(at_once(&[("FAPILOG_CORE__SINK_CONCURRENCY", "4")]), 4);
}

const ENABLED: Variable<'_> = ("FAPILOG_CORE__SINK_CIRCUIT_BREAKER_ENABLED", "true");

pub(super) fn a_sink_that_fails_is_left_alone_after_so_many_failures_as_wanted() {
    let attempts = |variables: &[Variable<'_>]| {
        let sink = Scripted::failing(Action::Retry).delivery(stubborn());
        books(variables, &sink, 1).attempts
    };
    // Many, until it is too old; then the breaker has no say.
    assert!(attempts(&[]) > 5);
    assert_eq!(attempts(&[ENABLED]), 5);
    let threshold = "FAPILOG_CORE__SINK_CIRCUIT_BREAKER_FAILURE_THRESHOLD";
    assert_eq!(attempts(&[ENABLED, (threshold, "2")]), 2);
}

pub(super) fn a_sink_that_fails_is_left_alone_as_long_as_wanted() {
    let recovery = "FAPILOG_CORE__SINK_CIRCUIT_BREAKER_RECOVERY_TIMEOUT_SECONDS";
    let threshold = "FAPILOG_CORE__SINK_CIRCUIT_BREAKER_FAILURE_THRESHOLD";
    let sink = Scripted::failing(Action::Retry).delivery(stubborn().max_age(HOUR));
    let variables = [ENABLED, (threshold, "1"), (recovery, "0.2")];
    let (log, pipeline) = build(
        builder(&variables)
            .on_diagnostic(|_| {})
            .async_sink(sink.clone()),
    );
    number(&log, [1]);
    pipeline.flush_blocking(Duration::ZERO);
    let calls = sink.wait_for(2);
    assert!(calls[1].at - calls[0].at >= Duration::from_millis(200));
}

pub(super) fn what_a_sink_does_not_deliver_goes_where_wanted() {
    let fallback = "FAPILOG_CORE__SINK_CIRCUIT_BREAKER_FALLBACK_SINK";
    let sink = || Scripted::failing(Action::GiveUp);
    assert_eq!(books(&[], &sink(), 10).dropped.get("sink_failed"), 10);
    assert_eq!(books(&[(fallback, "null")], &sink(), 10).fell_back, 10);
    // A sink with one of its own keeps that, and a fallback has none.
    let other = Scripted::taking().named("other");
    let options = SinkOptions::default().fallback("other");
    let builder = builder(&[(fallback, "null")]).on_diagnostic(|_| {});
    let builder = builder.async_sink_with(sink(), options).async_sink(other);
    let (log, pipeline) = build(builder);
    number(&log, 0..10);
    let report = pipeline.shutdown_blocking(PATIENCE);
    let names: Vec<_> = report.stats.sinks.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["scripted", "other"]);
    assert_eq!(report.stats.sinks[0].fell_back, 10);
    let nowhere = super::problems(&[(fallback, "nowhere")]);
    assert!(
        nowhere.contains("\"nowhere\"") && nowhere.contains(fallback),
        "{nowhere}"
    );
}

pub(super) fn what_nobody_takes_is_kept_where_wanted() {
    let scratch = Scratch::new("dead-letter-settings");
    let path = scratch.path("dead.jsonl");
    let file = (
        "FAPILOG_CORE__SINK_DEAD_LETTER_FILE",
        path.to_str().unwrap(),
    );
    let sink = Scripted::failing(Action::DeadLetter).delivery(stubborn());
    assert_eq!(books(&[file], &sink, 10).dead_lettered, 10);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 10);
    let most = ("FAPILOG_CORE__SINK_DEAD_LETTER_MAX_BYTES", "1 KB");
    fs::remove_file(&path).unwrap();
    let books = books(&[file, most], &sink, 100);
    assert!(books.dead_lettered > 0 && books.dropped.get("refused") > 0);
    assert!(fs::metadata(&path).unwrap().len() <= 1024);
}
