//! So many events a second for each key.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use fapilog_core::{LoggerBuilder, info};
use fapilog_tests::scaled;

use super::{Rig, SECOND};

fn by_user(builder: LoggerBuilder, most: usize) -> LoggerBuilder {
    builder.configure(move |all| {
        all.filter_config.rate_limit.key_field = "context.user_id".parse().ok();
        all.filter_config.rate_limit.max_keys = most;
    })
}

/// Logs so many events of a user; returns how many were kept.
fn log_as(rig: &Rig, user_id: u64, count: usize) -> usize {
    let before = rig.kept();
    for _ in 0..count {
        info!(logger: rig.log, user_id, "an event");
    }
    rig.kept() - before
}

#[test]
fn each_key_has_a_limit_of_its_own_that_fills_with_time() {
    let rig = Rig::new(|it| by_user(it.rate_limit(3, 2.0), 100));
    assert_eq!(log_as(&rig, 1, 10), 3);
    assert_eq!(log_as(&rig, 2, 10), 3, "the other has not used it up");
    let log_as_nobody = || {
        for _ in 0..10 {
            info!(logger: rig.log, "of nobody");
            info!(logger: rig.log, user_id = Option::<u64>::None, "of nobody");
        }
    };
    log_as_nobody();
    assert_eq!(rig.kept(), 9, "all without a key share one");
    rig.advance(SECOND + SECOND / 4);
    assert_eq!(log_as(&rig, 1, 10), 2);
    rig.advance(10 * SECOND);
    assert_eq!(log_as(&rig, 1, 10), 3, "no more than its capacity");
    log_as_nobody();
    let (events, stats) = rig.finish();
    assert_eq!(events.len(), 14 + 3, "nor for those without a key");
    assert_eq!(stats.filtered.get("rate_limit"), 80 - 17);
}

#[test]
fn what_is_beyond_the_limit_goes_on_with_a_mark_if_wanted() {
    let rig = Rig::new(|it| {
        it.with_rate_limit(2, 0.0).configure(|all| {
            let action = &mut all.filter_config.rate_limit.overflow_action;
            *action = fapilog_core::settings::OverflowAction::Mark;
        })
    });
    for number in 0..5 {
        info!(logger: rig.log, number);
    }
    let (events, stats) = rig.finish();
    let marks = events
        .iter()
        .map(|it| it["diagnostics"]["rate_limited"] == true);
    assert_eq!(marks.collect::<Vec<_>>(), [false, false, true, true, true]);
    assert_eq!(stats.filtered.total(), 0);
}

#[test]
fn a_hundred_thousand_keys_take_the_place_of_those_seen_longest_ago() {
    let rig = Rig::new(|it| by_user(it.rate_limit(1, 0.0), 100));
    assert_eq!(log_as(&rig, 0, 2), 1);
    for user in 1..scaled(100_000) as u64 {
        info!(logger: rig.log, user_id = user, "another");
        if user % 50 == 0 {
            info!(logger: rig.log, user_id = 7_000_000, "seen now and then");
        }
    }
    assert_eq!(log_as(&rig, 7_000_000, 1), 0, "it is not forgotten");
    assert_eq!(log_as(&rig, 0, 2), 1, "it begins afresh");
    let (events, _) = rig.finish();
    let often = events
        .iter()
        .filter(|it| it["context"]["user_id"] == 7_000_000);
    assert_eq!(often.count(), 1);
}

#[test]
fn that_keys_run_out_is_told_once_and_again_after_they_were_fewer() {
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let rig = Rig::new(|it| {
        let it = it.internal_logging(true).on_diagnostic(move |diagnostic| {
            assert_eq!(diagnostic.component, "filter");
            assert!(diagnostic.message.starts_with("rate_limit: "));
            counter.fetch_add(1, Ordering::Relaxed);
        });
        by_user(it.rate_limit(1, 1.0), 100)
    });
    let told = || {
        rig.kept();
        told.load(Ordering::Relaxed)
    };
    let fill = |users: std::ops::Range<u64>| {
        for user_id in users {
            info!(logger: rig.log, user_id, "an event");
        }
    };
    fill(0..89);
    assert_eq!(told(), 0);
    fill(89..2_000);
    assert_eq!(told(), 1);
    // Keys whose limit is as good as new are forgotten, two with each event.
    rig.advance(5 * SECOND);
    fill(0..15);
    fill(0..89);
    assert_eq!(told(), 1);
    fill(89..120);
    assert_eq!(told(), 2);
}
