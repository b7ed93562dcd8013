//! What settings do to calls, when there is no room, and to the end.

use std::{
    pin::pin,
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{Level, LoggerBuilder, Pipeline, info};
use fapilog_tests::{
    PATIENCE,
    brim::poll,
    sinks::{Gated, Lines},
};

use super::{Variable, build, builder};

/// A pipeline whose sink takes nothing yet, and drops at once what has no room.
fn stuck(variables: &[Variable<'_>]) -> (Gated, LoggerBuilder) {
    let sink = Gated::default();
    let mut all = vec![
        ("FAPILOG_CORE__QUEUE_BUDGET", "256 KB"),
        ("FAPILOG_CORE__BACKPRESSURE_WAIT_MS", "0"),
    ];
    all.retain(|(name, _)| !variables.iter().any(|(other, _)| other == name));
    all.extend(variables);
    (sink.clone(), builder(&all).sink(sink))
}

fn refused(pipeline: &Pipeline) -> u64 {
    pipeline.stats().refused.total()
}

fn end(sink: &Gated, pipeline: &Pipeline) {
    sink.gate.open();
    pipeline.shutdown_blocking(PATIENCE);
}

/// How many of a thousand large events of each of these levels, one level after the other, a stuck
/// pipeline refuses.
fn refused_of<const N: usize>(variable: Variable<'_>, levels: [Level; N]) -> [u64; N] {
    let (sink, builder) = stuck(&[variable]);
    let (log, pipeline) = build(builder);
    let text = "x".repeat(1024);
    let refused = levels.map(|level| {
        let before = refused(&pipeline);
        (0..1000).for_each(|_| {
            log.event(level, "large")
                .field("text", text.as_str())
                .emit()
        });
        refused(&pipeline) - before
    });
    end(&sink, &pipeline);
    refused
}

pub(super) fn a_budget_bounds_what_waits() {
    let refused = |budget| refused_of(("FAPILOG_CORE__QUEUE_BUDGET", budget), [Level::Info]);
    assert_ne!(refused("256 KB"), [0]);
    assert_eq!(refused("8 MB"), [0]);
}

pub(super) fn a_reserve_keeps_errors() {
    let variable = "FAPILOG_CORE__PROTECTED_RESERVE";
    let refused = |reserve| refused_of((variable, reserve), [Level::Error]);
    assert_ne!(refused("0"), [0]);
    assert_eq!(refused("8 MB"), [0]);
}

pub(super) fn a_reserve_is_for_the_levels_that_are_named() {
    let refused = |levels| {
        let variable = ("FAPILOG_CORE__PROTECTED_LEVELS", levels);
        let [info, error] = refused_of(variable, [Level::Info, Level::Error]);
        (info > 0, error > 0)
    };
    assert_eq!(refused("ERROR,fatal"), (true, false));
    assert_eq!(refused("info"), (false, true));
    assert_eq!(refused("[]"), (true, true));
}

pub(super) fn a_call_waits_for_room() {
    let wait = |millis| {
        let (sink, builder) = stuck(&[("FAPILOG_CORE__BACKPRESSURE_WAIT_MS", millis)]);
        let (log, pipeline) = build(builder);
        let text = "x".repeat(1024);
        let mut longest = Duration::ZERO;
        while refused(&pipeline) == 0 {
            let begun = Instant::now();
            info!(logger: log, text = text.as_str(), "large");
            longest = longest.max(begun.elapsed());
        }
        end(&sink, &pipeline);
        longest
    };
    let patient = Duration::from_millis(400);
    assert!(wait("400") >= patient);
    assert!(wait("0") < patient);
}

pub(super) fn a_call_that_must_not_drop_waits_for_ever() {
    let is_taken_or_dropped = |drop| {
        let (sink, builder) = stuck(&[("FAPILOG_CORE__DROP_ON_FULL", drop)]);
        let (log, pipeline) = build(builder);
        let text = "x".repeat(1024);
        let ended = (0..1000).all(|_| {
            let event = log.event(Level::Info, "large").field("text", text.as_str());
            poll(pin!(event.emit_async())).is_ready()
        });
        end(&sink, &pipeline);
        ended
    };
    assert!(is_taken_or_dropped("true"));
    assert!(!is_taken_or_dropped("false"));
}

pub(super) fn the_final_flush_ends_in_time() {
    let took = |variables: &[Variable<'_>]| {
        let (sink, builder) = stuck(variables);
        let begun = Instant::now();
        let (_, report) = builder
            .run(|log| info!(logger: log, "never delivered"))
            .unwrap();
        assert!(report.timed_out);
        let took = begun.elapsed();
        sink.gate.open();
        took
    };
    let short = took(&[("FAPILOG_CORE__SHUTDOWN_TIMEOUT_SECONDS", "200ms")]);
    assert!(
        short >= Duration::from_millis(200) && short < Duration::from_secs(2),
        "{short:?}"
    );
    let long = took(&[("FAPILOG_CORE__SHUTDOWN_TIMEOUT_SECONDS", "2.5")]);
    assert!(long >= Duration::from_millis(2500), "{long:?}");
}

/// Loses events, then lets the sink go on.
fn lose(variables: &[Variable<'_>]) -> (Lines, Pipeline) {
    let (sink, builder) = stuck(variables);
    let (log, pipeline) = build(builder);
    let text = "x".repeat(1024);
    while refused(&pipeline) == 0 {
        info!(logger: log, text = text.as_str(), "large");
    }
    sink.gate.open();
    (sink.lines, pipeline)
}

pub(super) fn losses_are_told_if_wanted() {
    let told = |variables: &[Variable<'_>]| {
        let (lines, pipeline) = lose(variables);
        pipeline.shutdown_blocking(PATIENCE);
        lines.all().iter().any(|line| line.contains("dropped"))
    };
    assert!(told(&[]));
    assert!(!told(&[("FAPILOG_CORE__EMIT_DROP_SUMMARY", "false")]));
}

pub(super) fn losses_are_told_as_often_as_wanted() {
    let (_, seldom) = lose(&[("FAPILOG_CORE__DROP_SUMMARY_WINDOW_SECONDS", "1h")]);
    let (_, often) = lose(&[("FAPILOG_CORE__DROP_SUMMARY_WINDOW_SECONDS", "10ms")]);
    let begun = Instant::now();
    while often.stats().generated == 0 {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    assert_eq!(seldom.stats().generated, 0);
    often.shutdown_blocking(PATIENCE);
    seldom.shutdown_blocking(PATIENCE);
}
