//! The first of many events that are alike.

use fapilog_core::{LoggerBuilder, info};
use fapilog_tests::scaled;

use super::{Rig, SECOND};

fn by(builder: LoggerBuilder, paths: &'static [&'static str]) -> LoggerBuilder {
    builder.configure(move |all| {
        let paths = paths.iter().map(|path| path.parse().unwrap());
        all.filter_config.first_occurrence.key_fields = paths.collect();
    })
}

#[test]
fn repeats_are_dropped_until_the_window_ends() {
    let rig = Rig::new(|it| it.first_occurrence(10 * SECOND));
    for _ in 0..3 {
        info!(logger: rig.log, "one");
        info!(logger: rig.log, "other");
        rig.advance(3 * SECOND);
    }
    assert_eq!(rig.kept(), 2);
    rig.advance(2 * SECOND);
    info!(logger: rig.log, "one");
    assert_eq!(rig.kept(), 3, "a repeat does not make the window longer");
    info!(logger: rig.log, "one");
    let (events, stats) = rig.finish();
    assert_eq!(events.len(), 3);
    assert_eq!(stats.filtered.get("first_occurrence"), 5);
}

#[test]
fn different_values_are_never_taken_for_the_same() {
    let rig = Rig::new(|it| by(it.first_occurrence(SECOND), &["a", "data.b", "logger"]));
    let log = &rig.log;
    info!(logger: log, a = "x|y", b = "z");
    info!(logger: log, a = "x", b = "y|z");
    info!(logger: log, a = "x,\"y", b = "z");
    info!(logger: log, a = "x", b = "y,z");
    info!(logger: log, a = "x\",\"y", b = "z");
    info!(logger: log, a = "x", b = "y\",\"z");
    info!(logger: log, a = "1");
    info!(logger: log, a = 1);
    info!(logger: log, b = 1);
    info!(logger: log.named("other"), a = 1);
    assert_eq!(rig.kept(), 10);
    info!(logger: log, a = 1, "whatever the message");
    assert_eq!(rig.kept(), 10);
    rig.finish();
}

#[test]
fn events_without_any_of_the_values_are_kept() {
    let rig = Rig::new(|it| by(it.first_occurrence(SECOND), &["code", "context.user_id"]));
    for _ in 0..3 {
        info!(logger: rig.log, "of no code");
        info!(logger: rig.log, code = 1);
        info!(logger: rig.log, code = 1, user_id = 1);
    }
    let (events, _) = rig.finish();
    assert_eq!(events.len(), 3 + 1 + 1);
}

#[test]
fn a_hundred_thousand_messages_take_the_place_of_those_seen_longest_ago() {
    let rig = Rig::new(|it| {
        it.with_first_occurrence(3600 * SECOND)
            .configure(|all| all.filter_config.first_occurrence.max_keys = 100)
    });
    info!(logger: rig.log, "seldom");
    let count = scaled(100_000);
    for number in 0..count {
        info!(logger: rig.log, "number {number}");
        if number % 50 == 0 {
            info!(logger: rig.log, "often");
        }
    }
    info!(logger: rig.log, "seldom");
    let (events, _) = rig.finish();
    let of = |message: &str| events.iter().filter(|it| it["message"] == message).count();
    assert_eq!((of("often"), of("seldom")), (1, 2));
    assert_eq!(events.len(), count + 3);
}

#[test]
fn a_share_of_the_repeats_is_kept_if_wanted() {
    let rig = Rig::new(|it| {
        it.first_occurrence(SECOND)
            .configure(|all| all.filter_config.first_occurrence.subsequent_sample_rate = 0.5)
    });
    for _ in 0..1001 {
        info!(logger: rig.log, "again");
    }
    let (events, _) = rig.finish();
    assert!((400..600).contains(&events.len()), "{}", events.len());
    assert!(
        events[0]["data"]["sample_rate"].is_null(),
        "the first stands for itself"
    );
    assert!(
        events[1..]
            .iter()
            .all(|it| it["data"]["sample_rate"] == 0.5)
    );
}
