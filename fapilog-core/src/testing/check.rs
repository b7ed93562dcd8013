//! Whether stages and sinks keep to the contract of their trait.

use std::{fmt::Debug, time::Duration};

use super::corpus;
use crate::{
    BlockingSink, Event, FieldValue, Fields, LoggerBuilder,
    diagnostics::Reporter,
    enrich::Enricher,
    filter::{Filter, Verdict},
    panics::caught,
    process::{Next, Processor},
    redact::Redactor,
};

/// Tries a filter on the [corpus](corpus()).
///
/// # Panics
///
/// If it has no name, panics, or keeps an event at a share that is none.
pub fn check_filter(mut filter: impl Filter) {
    let name = named(filter.name());
    filter.start(&Reporter::default());
    for event in corpus() {
        let verdict = run(&name, &event, || filter.admit(&event));
        if let Verdict::KeepAt(rate) = verdict {
            let is_share = rate > 0.0 && rate <= 1.0;
            assert!(is_share, "{name} keeps an event at a share of {rate}");
        }
    }
}

/// Tries an enricher on the [corpus](corpus()).
///
/// # Panics
///
/// If it has no name, fails, panics, or changes or takes out what was there: it may only add.
pub fn check_enricher(mut enricher: impl Enricher) {
    let name = named(enricher.name());
    let mut constants = Fields::default();
    enricher.constants(&mut constants);
    for before in corpus() {
        let mut event = before.clone();
        ok(&name, run(&name, &before, || enricher.enrich(&mut event)));
        assert_eq!(
            event.message(),
            before.message(),
            "{name} changes the message"
        );
        for (group, was, is) in [
            ("context", before.context(), event.context()),
            ("diagnostics", before.diagnostics(), event.diagnostics()),
            ("data", before.data(), event.data()),
        ] {
            for (key, value) in was.iter() {
                let stays = is.get(key).is_some_and(|it| same(it, value));
                assert!(stays, "{name} changes or takes out {key:?} of {group}");
            }
        }
    }
}

/// Tries a redactor on the [corpus](corpus()).
///
/// # Panics
///
/// If it has no name, fails, panics, or finds something to redact in what it has redacted already.
pub fn check_redactor(mut redactor: impl Redactor) {
    let name = named(redactor.name());
    for before in corpus() {
        let mut once = before.clone();
        ok(&name, run(&name, &before, || redactor.redact(&mut once)));
        let mut twice = once.clone();
        ok(&name, run(&name, &before, || redactor.redact(&mut twice)));
        let (once, twice) = (once.to_json(), twice.to_json());
        assert_eq!(once, twice, "{name} redacts what it has redacted");
    }
}

/// Tries a processor on the [corpus](corpus()).
///
/// # Panics
///
/// If it has no name, fails or panics.
pub fn check_processor(mut processor: impl Processor) {
    let name = named(processor.name());
    processor.start(&Reporter::default());
    for before in corpus() {
        let mut event = before.clone();
        let next: Next = ok(&name, run(&name, &before, || processor.process(&mut event)));
        let _ = next;
    }
}

/// Sends events to a sink through a pipeline, flushes and ends it.
///
/// # Panics
///
/// If it has no name, does not take every event, or does not end within 10 s.
pub fn check_sink(sink: impl BlockingSink) {
    let name = named(sink.name());
    let (log, pipeline) = match LoggerBuilder::new().sink(sink).build() {
        Ok(built) => built,
        Err(error) => panic!("{name} cannot be built in: {error}"),
    };
    let patience = Duration::from_secs(10);
    for event in corpus() {
        log.event(event.level(), event.message()).emit();
    }
    let flushed = pipeline.flush_blocking(patience);
    assert!(flushed.is_complete(), "{name} does not flush: {flushed:?}");
    log.event(crate::Level::Error, "after the flush").emit();
    let report = pipeline.shutdown_blocking(patience);
    let is_over = !report.timed_out && report.stuck_threads.is_empty();
    assert!(is_over, "{name} does not end: {report}");
    assert_eq!(
        report.exit_code(),
        0,
        "{name} does not take every event: {report}"
    );
}

fn named(name: &str) -> String {
    assert!(!name.trim().is_empty(), "it has no name");
    name.to_owned()
}

/// Runs a stage; its panic is told with the event that it met.
fn run<T>(name: &str, event: &Event<'_>, run: impl FnOnce() -> T) -> T {
    let head: String = event.to_json().chars().take(300).collect();
    match caught(run) {
        Ok(value) => value,
        Err(panic) => panic!("{name} {panic}; the event begins with {head}"),
    }
}

fn ok<T>(name: &str, result: Result<T, impl Debug>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{name} fails: {error:?}"),
    }
}

/// Whether two values are the same, be it that they are no numbers.
fn same(one: &FieldValue<'_>, other: &FieldValue<'_>) -> bool {
    format!("{one:?}") == format!("{other:?}")
}
