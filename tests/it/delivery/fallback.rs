//! Where events go that a sink does not deliver.

use fapilog_core::{BuildError, Pressure, Sensitive, settings::RoutingRule};
use fapilog_tests::sinks::Gated;
use serde_json::Value;

use super::*;

fn other() -> Gated {
    let other = Gated::named("other");
    other.gate.open();
    other
}

fn numbers(sink: &Gated) -> Vec<u64> {
    let lines = sink.lines.all();
    let lines = lines.iter().map(|it| serde_json::from_str(it).unwrap());
    lines
        .map(|it: Value| it["data"]["number"].as_u64().unwrap())
        .collect()
}

/// Two sinks, of which rules send everything to the first alone; it falls back to the second.
fn with_fallback(sink: &Scripted, other: &Gated, options: SinkOptions) -> (Logger, Pipeline) {
    let builder = LoggerBuilder::new().on_diagnostic(|_| {});
    let builder = builder.async_sink_with(sink.clone(), options.fallback("other"));
    let builder = builder.sink(other.clone()).drop_on_full(false);
    let rule = RoutingRule::to(["scripted"]);
    builder.with_routing([rule]).build().unwrap()
}

#[test]
fn whatever_a_sink_does_not_deliver_goes_to_its_fallback() {
    for action in [
        Action::GiveUp,
        Action::Retry,
        Action::Throttle,
        Action::Split,
        Action::DeadLetter,
        Action::Disable,
    ] {
        let (sink, other) = (Scripted::failing(action).delivery(brisk()), other());
        let (log, pipeline) = with_fallback(&sink, &other, SinkOptions::default());
        number(&log, 0..10);
        assert!(pipeline.flush_blocking(PATIENCE).is_complete());
        // What fell back is flushed, too.
        assert_eq!(numbers(&other), Vec::from_iter(0..10), "{action:?}");
        let report = end(&pipeline);
        assert_eq!(books(&report, 0).fell_back, 10);
        assert_eq!(
            (books(&report, 1).routed, books(&report, 1).delivered),
            (10, 10)
        );
        assert_eq!(report.exit_code(), 0);
    }
}

#[test]
fn while_a_breaker_is_open_events_go_to_the_fallback_at_once() {
    let (sink, other) = (Scripted::failing(Action::Retry), other());
    let sink = sink.delivery(brisk().batch_events(5));
    let breaker = CircuitBreaker::new().threshold(1).recovery(HOUR);
    let options = SinkOptions::default().circuit_breaker(breaker);
    let (log, pipeline) = with_fallback(&sink, &other, options);
    number(&log, 0..20);
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    assert_eq!(numbers(&other), Vec::from_iter(0..20));
    assert_eq!(sink.calls().len(), 1);
    end(&pipeline);
}

#[test]
fn if_both_fail_every_event_is_counted() {
    let sink = Scripted::failing(Action::GiveUp);
    let both = Scripted::failing(Action::GiveUp).named("other");
    let builder = LoggerBuilder::new()
        .on_diagnostic(|_| {})
        .drop_on_full(false);
    let options = SinkOptions::default().fallback("other");
    let builder = builder.async_sink_with(sink, options).async_sink(both);
    let rule = RoutingRule::to(["scripted"]);
    let (log, pipeline) = builder.with_routing([rule]).build().unwrap();
    number(&log, 0..1000);
    let report = end(&pipeline);
    assert_eq!(books(&report, 0).fell_back, 1000);
    assert_eq!(books(&report, 1).dropped.get("sink_failed"), 1000);
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn a_fallback_is_not_given_twice_what_it_had_anyway() {
    let (sink, other) = (Scripted::failing(Action::GiveUp), other());
    let builder = LoggerBuilder::new()
        .on_diagnostic(|_| {})
        .drop_on_full(false);
    let options = SinkOptions::default().fallback("other");
    let builder = builder.async_sink_with(sink, options).sink(other.clone());
    let (log, pipeline) = builder.build().unwrap();
    number(&log, 0..1000);
    let report = end(&pipeline);
    assert_eq!(numbers(&other), Vec::from_iter(0..1000));
    assert_eq!(books(&report, 0).fell_back, 1000);
}

#[test]
fn what_has_no_room_goes_to_the_fallback() {
    let (sink, other) = (Scripted::new(|_, _| Answer::Hang), other());
    let sink = sink.delivery(brisk().batch_events(1));
    let options = SinkOptions::default().pressure(Pressure::Shed);
    let builder = LoggerBuilder::new()
        .on_diagnostic(|_| {})
        .queue_budget(256 * 1024);
    let builder = builder.async_sink_with(sink.clone(), options.fallback("other"));
    let rule = RoutingRule::to(["scripted"]);
    let builder = builder.sink(other.clone()).with_routing([rule]);
    let (log, pipeline) = builder.drop_on_full(false).build().unwrap();
    number(&log, 0..10_000);
    sink.wait_for(1);
    let report = pipeline.shutdown_blocking(PATIENCE / 60);
    assert_settled(&report.stats);
    let books = books(&report, 0);
    assert_eq!((books.unknown, books.fell_back), (1, 9999), "{report}");
    assert_eq!(numbers(&other).len(), 9999);
}

#[test]
fn a_fallback_gets_events_redacted_as_the_sink_would_have() {
    let (sink, other) = (Scripted::failing(Action::GiveUp), other());
    let (log, pipeline) = with_fallback(&sink, &other, SinkOptions::default());
    let url = "https://user:canary@example.com";
    fapilog_core::info!(logger: log, number = 1, url, key = Sensitive::new("canary"), "secret");
    end(&pipeline);
    let lines = other.lines.all();
    assert_eq!(lines, sink.calls()[0].lines);
    assert!(!lines[0].contains("canary"), "{lines:?}");
}

fn refused(options: SinkOptions, more: impl FnOnce(LoggerBuilder) -> LoggerBuilder) -> BuildError {
    let builder = LoggerBuilder::new().async_sink_with(Scripted::taking(), options);
    more(builder).build().unwrap_err()
}

#[test]
fn a_fallback_that_cannot_be_is_refused() {
    let to = |name: &str| SinkOptions::default().fallback(name);
    let unknown = refused(to("nowhere"), |it| it).to_string();
    assert!(
        unknown.contains("\"nowhere\"") && unknown.contains("the name of a sink"),
        "{unknown}"
    );
    let own = refused(to("scripted"), |it| it).to_string();
    assert!(own.contains("another sink than its own"), "{own}");
    let chain = refused(to("b"), |it| {
        let b = Scripted::taking().named("b");
        it.async_sink_with(b, to("scripted"))
    });
    assert!(
        chain.to_string().contains("has no fallback itself"),
        "{chain}"
    );
}
