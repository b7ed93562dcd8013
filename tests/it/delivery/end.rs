//! What becomes of undelivered events when the pipeline ends.

use std::{path::Path, time::Instant};

use fapilog_tests::sinks::Gated;

use super::*;
use crate::file::Scratch;

fn slow() -> Retry {
    Retry::new()
        .attempts(usize::MAX)
        .base(HOUR)
        .longest_pause(HOUR)
}

#[test]
fn a_pause_is_cut_short_by_one_last_attempt() {
    for comes_back in [true, false] {
        let sink = Scripted::new(move |_, before| match before {
            0 => Answer::fail(Action::Retry),
            _ if comes_back => Answer::Take,
            _ => Answer::fail(Action::Retry),
        });
        let sink = sink.delivery(brisk().batch_events(5).retry(slow()));
        let (log, pipeline) = build(&sink, SinkOptions::default());
        number(&log, 0..5);
        sink.wait_for(1);
        let report = end(&pipeline);
        assert!(!report.timed_out);
        let (books, calls) = (books(&report, 0), sink.calls());
        assert_eq!((calls.len(), calls[1].id == calls[0].id), (2, true));
        let lost = books.dropped.get("shutdown_deadline");
        assert_eq!(
            (books.delivered, lost),
            if comes_back { (5, 0) } else { (0, 5) }
        );
    }
}

/// A hung sink holds five events; then this happens, and 995 more come. Its fallback delivers these
/// before the deadline, and none is a dead letter in this file.
fn leaves_to_others(act: impl FnOnce(&Pipeline), dead_letters: Option<&Path>) {
    let sink = Scripted::new(|_, _| Answer::Hang).delivery(brisk().batch_events(5));
    let other = Gated::named("other");
    other.gate.open();
    let dead_letters = dead_letters.map(Path::to_owned);
    let builder = LoggerBuilder::new().on_diagnostic(|_| {});
    let builder = builder.drop_on_full(false).configure(move |all| {
        all.core.sink_dead_letter_file.clone_from(&dead_letters);
    });
    let options = SinkOptions::default().fallback("other");
    let builder = builder.async_sink_with(sink.clone(), options);
    let rule = fapilog_core::settings::RoutingRule::to(["scripted"]);
    let builder = builder.sink(other.clone()).with_routing([rule]);
    let (log, pipeline) = builder.build().unwrap();
    number(&log, 0..5);
    sink.wait_for(1);
    act(&pipeline);
    number(&log, 5..1000);
    let (begun, patience) = (Instant::now(), Duration::from_secs(2));
    let report = pipeline.shutdown_blocking(patience);
    assert_settled(&report.stats);
    assert!(begun.elapsed() < patience + Duration::from_secs(1));
    assert_eq!(other.lines.len(), 995);
    let (own, others) = (books(&report, 0), books(&report, 1));
    assert_eq!(
        (own.unknown, own.fell_back, others.delivered),
        (5, 995, 995)
    );
}

#[test]
fn what_a_hung_destination_does_not_take_reaches_the_fallback_before_the_deadline() {
    leaves_to_others(|_| {}, None);
}

#[test]
fn a_flush_that_waits_for_a_hung_destination_keeps_nothing_from_its_fallback() {
    let flush = |pipeline: &Pipeline| {
        assert!(!pipeline.flush_blocking(50 * MILLI).is_complete());
    };
    leaves_to_others(flush, None);
}

#[test]
fn a_fallback_delivers_what_it_is_given_at_the_end_rather_than_make_dead_letters_of_it() {
    let scratch = Scratch::new("end");
    let path = scratch.path("dead.jsonl");
    leaves_to_others(|_| {}, Some(&path));
    assert!(!path.exists());
}

#[test]
fn a_hung_destination_holds_up_no_shutdown_and_leaves_no_thread_behind() {
    let sink = Scripted::new(|_, _| Answer::Hang).delivery(brisk().batch_events(5));
    let (log, pipeline) = build(&sink, SinkOptions::default());
    number(&log, 0..20);
    sink.wait_for(1);
    let report = pipeline.shutdown_blocking(200 * MILLI);
    assert_settled(&report.stats);
    let books = books(&report, 0);
    assert_eq!(
        (books.unknown, books.dropped.get("shutdown_deadline")),
        (5, 15)
    );
    assert!(
        report.timed_out && report.stuck_threads.is_empty(),
        "{report}"
    );
}
