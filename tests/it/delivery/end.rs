//! What becomes of undelivered events when the pipeline ends.

use std::time::Instant;

use fapilog_tests::sinks::Gated;

use super::*;

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

#[test]
fn what_a_hung_destination_does_not_take_reaches_the_fallback_before_the_deadline() {
    let sink = Scripted::new(|_, _| Answer::Hang).delivery(brisk().batch_events(5));
    let other = Gated::named("other");
    other.gate.open();
    let builder = LoggerBuilder::new()
        .on_diagnostic(|_| {})
        .drop_on_full(false);
    let options = SinkOptions::default().fallback("other");
    let builder = builder.async_sink_with(sink.clone(), options);
    let rule = fapilog_core::settings::RoutingRule::to(["scripted"]);
    let builder = builder.sink(other.clone()).with_routing([rule]);
    let (log, pipeline) = builder.build().unwrap();
    number(&log, 0..1000);
    sink.wait_for(1);
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
