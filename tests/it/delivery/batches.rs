//! How batches are made.

use super::*;

fn sizes(sink: &Scripted) -> Vec<usize> {
    sink.calls().iter().map(|it| it.numbers.len()).collect()
}

#[test]
fn a_batch_has_as_many_events_as_it_may_have_and_no_more() {
    let sink = Scripted::taking().delivery(brisk().batch_events(300));
    let books = deliver(&sink, SinkOptions::default(), 1000);
    assert_eq!(sizes(&sink), [300, 300, 300, 100]);
    assert_eq!(sink.taken(), Vec::from_iter(0..1000));
    assert_eq!((books.delivered, books.attempts), (1000, 4));
}

#[test]
fn a_batch_has_as_many_bytes_as_it_may_have_and_no_more() {
    let sink = Scripted::taking().delivery(brisk().batch_events(10_000).batch_bytes(10_000));
    deliver(&sink, SinkOptions::default(), 500);
    let calls = sink.calls();
    let bytes = |lines: &[String]| lines.iter().map(|it| it.len() + 1).sum::<usize>();
    for pair in calls.windows(2) {
        let (size, next) = (bytes(&pair[0].lines), pair[1].lines[0].len() + 1);
        assert!(size <= 10_000 && size + next > 10_000, "{size} {next}");
    }
    assert_eq!(sink.taken(), Vec::from_iter(0..500));
}

#[test]
fn a_batch_waits_no_longer_than_it_may() {
    let wait = Duration::from_millis(200);
    let sink = Scripted::taking().delivery(brisk().batch_wait(wait));
    let (log, pipeline) = build(&sink, SinkOptions::default());
    let begun = std::time::Instant::now();
    number(&log, 0..3);
    let calls = sink.wait_for(1);
    assert!(calls[0].at - begun >= wait, "{:?}", calls[0].at - begun);
    assert_eq!(calls[0].numbers, [0, 1, 2]);
    end(&pipeline);
}

#[test]
fn a_flush_and_a_shutdown_do_not_wait_for_a_batch_to_be_full() {
    let sink = Scripted::taking().delivery(brisk());
    let (log, pipeline) = build(&sink, SinkOptions::default());
    number(&log, 0..3);
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    assert_eq!(sink.taken(), [0, 1, 2]);
    number(&log, 3..5);
    end(&pipeline);
    assert_eq!(sink.taken(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_batch_that_waits_for_more_does_not_hold_up_a_pipeline_that_has_no_room() {
    let sink = Scripted::taking().delivery(brisk().batch_events(100_000));
    let builder = LoggerBuilder::new()
        .queue_budget(256 * 1024)
        .drop_on_full(false);
    let (log, pipeline) = builder.async_sink(sink.clone()).build().unwrap();
    number(&log, 0..10_000);
    end(&pipeline);
    assert_eq!(sink.taken().len(), 10_000);
}

#[test]
fn so_many_batches_are_under_way_at_once_as_may_be() {
    let sink = Scripted::new(|_, _| Answer::Hang).delivery(brisk().batch_events(1).concurrency(3));
    let (log, pipeline) = build(&sink, SinkOptions::default());
    number(&log, 0..10);
    assert_eq!(sink.wait_for(3).len(), 3);
    let report = pipeline.shutdown_blocking(100 * MILLI);
    assert_settled(&report.stats);
    assert_eq!(sink.calls().len(), 3);
    let books = books(&report, 0);
    assert_eq!(
        (books.unknown, books.dropped.get("shutdown_deadline")),
        (3, 7)
    );
    // They were told that they may be dropped: no thread is left behind.
    assert_eq!(report.stuck_threads, [""; 0]);
}

#[test]
fn nothing_gets_too_old_to_be_delivered_while_it_waits_for_others() {
    let sink = Scripted::taking().delivery(brisk().max_age(200 * MILLI));
    let (log, pipeline) = build(&sink, SinkOptions::default());
    number(&log, [1]);
    assert_eq!(sink.wait_for(1)[0].numbers, [1]);
    end(&pipeline);
}
