//! The circuit breaker of a lane.

use super::*;

fn stubborn() -> Delivery {
    brisk().retry(
        Retry::new()
            .attempts(usize::MAX)
            .base(MILLI)
            .longest_pause(MILLI),
    )
}

#[test]
fn a_sink_that_keeps_failing_is_left_alone_and_what_is_for_it_waits() {
    let sink = Scripted::failing(Action::Retry).delivery(stubborn().batch_events(5));
    let recovery = 200 * MILLI;
    let breaker = CircuitBreaker::new().threshold(3).recovery(recovery);
    let (log, pipeline) = build(&sink, SinkOptions::default().circuit_breaker(breaker));
    number(&log, 0..50);
    let calls = sink.wait_for(5);
    for probe in [3, 4] {
        let pause = calls[probe].at - calls[probe - 1].at;
        assert!(pause >= recovery, "after {pause:?}");
    }
    assert!(calls.iter().all(|it| it.id == calls[0].id), "one at a time");
    sink.script(|_, _| Answer::Take);
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    assert_eq!(sink.taken(), Vec::from_iter(0..50));
    assert_eq!(books(&end(&pipeline), 0).delivered, 50);
}

#[test]
fn to_find_out_whether_a_sink_is_back_costs_no_attempt() {
    let sink = Scripted::failing(Action::Retry);
    let sink = sink.delivery(brisk().retry(Retry::new().attempts(3).base(MILLI)));
    let breaker = CircuitBreaker::new().threshold(2).recovery(MILLI);
    let (log, pipeline) = build(&sink, SinkOptions::default().circuit_breaker(breaker));
    number(&log, 0..5);
    pipeline.flush_blocking(Duration::ZERO);
    sink.wait_for(20);
    sink.script(|_, _| Answer::Take);
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    assert_eq!(books(&end(&pipeline), 0).delivered, 5);
}

#[test]
fn what_is_no_failure_of_the_destination_opens_no_breaker() {
    for action in [Action::Throttle, Action::Pause] {
        let sink = Scripted::new(move |_, before| match before {
            0..20 => Answer::fail(action),
            _ => Answer::Take,
        });
        let breaker = CircuitBreaker::new().threshold(1).recovery(HOUR);
        let options = SinkOptions::default().circuit_breaker(breaker);
        let books = deliver(&sink.delivery(stubborn()), options, 5);
        assert_eq!(books.delivered, 5);
    }
}

#[test]
fn what_waits_at_an_open_breaker_for_too_long_is_dropped_as_too_old() {
    let sink = Scripted::failing(Action::Retry);
    let sink = sink.delivery(stubborn().batch_events(5).max_age(100 * MILLI));
    let breaker = CircuitBreaker::new().threshold(1).recovery(HOUR);
    let books = deliver(&sink, SinkOptions::default().circuit_breaker(breaker), 20);
    assert_eq!((books.attempts, books.dropped.get("too_old")), (1, 20));
}

#[test]
fn when_the_pipeline_ends_an_open_breaker_lets_one_try() {
    for (comes_back, attempts, delivered) in [(true, 1 + 4, 20), (false, 1 + 1, 0)] {
        let sink = Scripted::new(move |_, before| match before {
            0 => Answer::fail(Action::Retry),
            _ if comes_back => Answer::Take,
            _ => Answer::fail(Action::Retry),
        });
        let sink = sink.delivery(stubborn().batch_events(5));
        let breaker = CircuitBreaker::new().threshold(1).recovery(HOUR);
        let (log, pipeline) = build(&sink, SinkOptions::default().circuit_breaker(breaker));
        number(&log, 0..20);
        sink.wait_for(1);
        let report = end(&pipeline);
        assert!(!report.timed_out);
        let books = books(&report, 0);
        assert_eq!((books.attempts, books.delivered), (attempts, delivered));
        assert_eq!(books.dropped.get("shutdown_deadline"), 20 - delivered);
    }
}

#[test]
fn a_destination_that_takes_some_of_each_batch_opens_no_breaker() {
    let sink = Scripted::new(|_, _| {
        let error = fapilog_core::SinkError::new("not this one");
        Answer::Fail(fapilog_core::BatchError::some(vec![(0, error)]))
    });
    let breaker = CircuitBreaker::new().threshold(1).recovery(HOUR);
    let options = SinkOptions::default().circuit_breaker(breaker);
    let books = deliver(&sink.delivery(brisk().batch_events(5)), options, 50);
    assert_eq!(
        (books.delivered, books.dropped.get("sink_failed")),
        (40, 10)
    );
}
