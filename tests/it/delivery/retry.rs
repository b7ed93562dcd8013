//! What is tried again, how often, and when.

use fapilog_core::{BatchError, SinkError};

use super::*;

#[test]
fn what_fails_is_tried_again_under_the_same_id_until_it_is_taken() {
    for action in [Action::Retry, Action::Throttle] {
        let sink = Scripted::new(move |_, before| match before {
            0 | 1 => Answer::fail(action),
            _ => Answer::Take,
        });
        let books = deliver(&sink.clone().delivery(brisk()), SinkOptions::default(), 10);
        let calls = sink.calls();
        assert_eq!((calls.len(), books.delivered, books.attempts), (3, 10, 3));
        assert!(calls.iter().all(|it| it.id == calls[0].id));
        assert!(calls.iter().all(|it| it.lines == calls[0].lines));
    }
}

#[test]
fn a_batch_is_tried_as_often_as_it_may_be_and_the_next_one_follows() {
    let retry = Retry::new().attempts(4).base(MILLI);
    let sink = Scripted::new(|call, _| match call.numbers[0] {
        0 => Answer::fail(Action::Retry),
        _ => Answer::Take,
    });
    let sink = sink.delivery(brisk().batch_events(5).retry(retry));
    let books = deliver(&sink, SinkOptions::default(), 10);
    assert_eq!(sink.calls().len(), 5);
    assert_eq!(
        (books.delivered, books.dropped.get("retries_exhausted")),
        (5, 5)
    );
}

#[test]
fn a_batch_is_tried_as_long_as_it_may_be() {
    let retry = Retry::new()
        .attempts(usize::MAX)
        .base(MILLI)
        .longest_pause(MILLI);
    let sink = Scripted::failing(Action::Retry);
    let sink = sink.delivery(brisk().retry(retry.elapsed(100 * MILLI)));
    let books = deliver(&sink, SinkOptions::default(), 10);
    assert_eq!(books.dropped.get("retries_exhausted"), 10);
    let calls = sink.calls();
    let spent = calls[calls.len() - 1].at - calls[0].at;
    assert!(spent >= 50 * MILLI && calls.len() > 3, "{spent:?}");
}

#[test]
fn what_waits_for_too_long_is_dropped_as_too_old() {
    let retry = Retry::new()
        .attempts(usize::MAX)
        .base(HOUR)
        .longest_pause(HOUR);
    let sink = Scripted::failing(Action::Retry);
    let sink = sink.delivery(brisk().retry(retry).max_age(100 * MILLI));
    let books = deliver(&sink, SinkOptions::default(), 10);
    assert_eq!(books.dropped.get("too_old"), 10);
}

#[test]
fn a_destination_is_left_alone_for_as_long_as_it_asks() {
    let asked = 300 * MILLI;
    let sink = Scripted::new(move |_, before| match before {
        0 => Answer::Fail(
            SinkError::with(Action::Throttle, "slow down")
                .after(asked)
                .into(),
        ),
        _ => Answer::Take,
    });
    deliver(&sink.clone().delivery(brisk()), SinkOptions::default(), 1);
    let calls = sink.calls();
    assert!(calls[1].at - calls[0].at >= asked);
}

#[test]
fn an_attempt_that_does_not_end_is_ended_and_tried_again() {
    let sink = Scripted::new(|_, before| match before {
        0 => Answer::Hang,
        _ => Answer::Take,
    });
    let sink = sink.delivery(brisk().timeout(100 * MILLI));
    let books = deliver(&sink, SinkOptions::default(), 10);
    let calls = sink.calls();
    let after = calls[1].at - calls[0].at;
    assert!(after >= 100 * MILLI, "{after:?}");
    assert_eq!(books.delivered, 10);
}

#[test]
fn one_poisoned_event_among_a_thousand_is_found_and_all_others_are_delivered() {
    for poison in [0, 499, 500, 999] {
        let sink = Scripted::new(move |call, _| match call.numbers.contains(&poison) {
            true => Answer::fail(Action::Split),
            false => Answer::Take,
        });
        let sink = sink.delivery(brisk().batch_events(1000));
        let books = deliver(&sink, SinkOptions::default(), 1000);
        assert_eq!((books.delivered, books.dropped.get("refused")), (999, 1));
        let expected: Vec<_> = (0..1000).filter(|it| *it != poison).collect();
        assert_eq!(sink.taken(), expected, "in order");
        assert!(books.attempts <= 2 * 10 + 1, "{} attempts", books.attempts);
    }
}

#[test]
fn only_what_was_not_taken_is_tried_again() {
    let sink = Scripted::new(|call, before| {
        let error = |action| SinkError::with(action, "no");
        match before {
            0 => Answer::Fail(BatchError::some(vec![
                (1, error(Action::Retry)),
                (3, error(Action::DeadLetter)),
                (4, error(Action::GiveUp)),
                (7, error(Action::Retry)),
            ])),
            _ => {
                assert_eq!(call.numbers, [1, 7]);
                Answer::Take
            }
        }
    });
    let books = deliver(&sink.clone().delivery(brisk()), SinkOptions::default(), 10);
    assert_eq!(books.delivered, 8);
    assert_eq!(books.dropped.get("refused"), 1);
    assert_eq!(books.dropped.get("sink_failed"), 1);
    let calls = sink.calls();
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0].id, calls[1].id);
}

#[test]
fn what_needs_to_be_mended_holds_all_events_back_and_loses_none() {
    let sink = Scripted::failing(Action::Pause);
    let breaker = CircuitBreaker::new().threshold(1).recovery(HOUR);
    let sink = sink.delivery(brisk().batch_events(5).max_age(HOUR));
    let (log, pipeline) = build(&sink, SinkOptions::default().circuit_breaker(breaker));
    number(&log, 0..20);
    // More often than any batch would be tried again, and always the first.
    let calls = sink.wait_for(10);
    assert!(calls.iter().all(|it| it.id == calls[0].id));
    sink.script(|_, _| Answer::Take);
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    assert_eq!(sink.taken(), Vec::from_iter(0..20));
    end(&pipeline);
}

#[test]
fn a_destination_that_wants_nothing_more_gets_nothing_more() {
    let sink = Scripted::failing(Action::Disable).delivery(brisk().batch_events(5));
    let books = deliver(&sink, SinkOptions::default(), 20);
    assert_eq!(
        (books.attempts, books.dropped.get("sink_disabled")),
        (1, 20)
    );
}

#[test]
fn a_batch_with_which_the_sink_panics_is_unknown_and_the_next_one_follows() {
    let sink = Scripted::new(|_, before| match before {
        0 => Answer::Panic,
        _ => Answer::Take,
    });
    let books = deliver(
        &sink.delivery(brisk().batch_events(5)),
        SinkOptions::default(),
        10,
    );
    assert_eq!((books.unknown, books.delivered), (5, 5));
}

#[test]
fn who_adds_a_sink_knows_better_how_it_is_served() {
    let sink = Scripted::failing(Action::Retry).delivery(brisk());
    let options = SinkOptions::default().delivery(brisk().retry(Retry::never()));
    let books = deliver(&sink, options, 5);
    assert_eq!(
        (books.attempts, books.dropped.get("retries_exhausted")),
        (1, 5)
    );
}

#[test]
fn a_pause_takes_nothing_of_the_time_for_retries() {
    let sink = Scripted::new(|_, before| match before {
        0 | 10 => Answer::fail(Action::Retry),
        1..10 => Answer::fail(Action::Pause),
        _ => Answer::Take,
    });
    let retry = Retry::new().base(MILLI).longest_pause(MILLI);
    let delivery = brisk().pause(40 * MILLI).retry(retry.elapsed(100 * MILLI));
    let books = deliver(&sink.delivery(delivery), SinkOptions::default(), 5);
    assert_eq!((books.delivered, books.attempts), (5, 12));
}

#[test]
fn no_attempt_begins_later_than_it_may() {
    let asked = Duration::from_secs(3);
    let sink = Scripted::new(move |_, _| {
        Answer::Fail(
            SinkError::with(Action::Retry, "in a while")
                .after(asked)
                .into(),
        )
    });
    let retry = Retry::new().elapsed(Duration::from_secs(1));
    let books = deliver(
        &sink.delivery(brisk().retry(retry)),
        SinkOptions::default(),
        5,
    );
    assert_eq!(
        (books.attempts, books.dropped.get("retries_exhausted")),
        (1, 5)
    );
}

#[test]
fn times_without_end_are_as_good_as_for_ever() {
    let retry = Retry::new()
        .base(Duration::MAX)
        .longest_pause(Duration::MAX);
    let delivery = Delivery::batched()
        .batch_wait(Duration::MAX)
        .timeout(Duration::MAX)
        .max_age(Duration::MAX)
        .pause(Duration::MAX)
        .retry(retry.elapsed(Duration::MAX));
    for action in [Action::Retry, Action::Pause] {
        let sink = Scripted::failing(action).delivery(delivery.clone());
        let breaker = CircuitBreaker::new().threshold(1).recovery(Duration::MAX);
        let options = SinkOptions::default().circuit_breaker(breaker);
        let (log, pipeline) = build(&sink, options);
        number(&log, [1]);
        assert!(!pipeline.flush_blocking(50 * MILLI).is_complete());
        assert_eq!(sink.calls().len(), 1);
        let report = end(&pipeline);
        assert_eq!(report.stats.worker_restarts, 0);
    }
}
