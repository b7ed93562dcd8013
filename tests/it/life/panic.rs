//! Panics become events.

use std::{
    process::{Command, Stdio},
    sync::Once,
    time::{Duration, Instant},
};

use fapilog_tests::{alone, oracle::Oracle, promised, scaled};
use serde_json::Value;

use super::process::{Dead, command, life, run, wait};

/// From the start of the process to its end.
const SOON: Duration = Duration::from_millis(250);
const ON: (&str, &str) = ("FAPILOG_CORE__CAPTURE_UNHANDLED_ENABLED", "true");

/// The events of level CRITICAL.
fn critical(dead: &Dead) -> Vec<Value> {
    let events = dead.stdout.lines();
    let events = events.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    events
        .filter(|event| event["level"] == "CRITICAL")
        .collect()
}

#[test]
fn a_panic_is_an_event_with_its_text_thread_and_place() {
    let dead = life("panic-in-thread", &[ON]);
    let [event] = &critical(&dead)[..] else {
        panic!("not one event: {dead:?}");
    };
    assert_eq!(event["message"], "panic: no tea left");
    let data = &event["data"];
    assert_eq!(data["panic.thread"], "unlucky");
    assert_eq!(data["panic.file"], "tests/src/bin/life.rs");
    assert!(data["panic.line"].as_u64().is_some_and(|line| line > 0));
    assert_eq!(data.get("panic.backtrace"), None);
}

#[test]
fn a_panic_that_ends_the_process_is_delivered() {
    let _alone = alone();
    for _ in 0..scaled(5) {
        let dead = life("panic 100", &[ON]);
        assert_eq!(dead.status.code(), Some(101));
        assert_last_words(&dead);
    }
}

/// It logged 100 events, panicked, and ended soon.
fn assert_last_words(dead: &Dead) {
    assert_eq!(critical(dead)[0]["message"], "panic: no coffee left");
    assert_eq!(Oracle::having_issued(100).judge(dead.stdout.lines()), 100);
    assert!(dead.took < promised(SOON), "it took {:?}", dead.took);
}

#[test]
fn the_hook_from_before_runs_too() {
    let dead = life("panic-in-thread", &[ON]);
    assert!(dead.stderr.contains("the hook from before"), "{dead:?}");
}

#[test]
fn a_panic_within_a_scope_has_its_fields() {
    let dead = life("panic-in-scope", &[ON]);
    assert_eq!(critical(&dead)[0]["context"]["request_id"], "r-1");
}

#[test]
fn a_panic_has_a_backtrace_if_it_is_asked_for() {
    let dead = life("panic-in-thread", &[ON, ("RUST_BACKTRACE", "1")]);
    let backtrace = &critical(&dead)[0]["data"]["panic.backtrace"];
    assert!(backtrace.as_str().is_some_and(|text| !text.is_empty()));
}

#[test]
fn a_panic_that_fapilog_deals_with_is_no_event() {
    let dead = life("panic-in-value", &[ON]);
    assert_eq!(critical(&dead).len(), 0, "{dead:?}");
    assert!(dead.stdout.contains("<panic in Display>"), "{dead:?}");
}

#[test]
fn a_panic_is_one_event_however_often_the_hook_is_installed() {
    assert_eq!(
        critical(&life("panic-with-hook-set-thrice", &[ON])).len(),
        1
    );
}

#[test]
fn panics_are_not_logged_unless_asked_for() {
    assert_eq!(critical(&life("panic-in-thread", &[])).len(), 0);
}

#[test]
fn a_pipeline_of_ones_own_can_have_the_panics() {
    let dead = life("panic-of-own-pipeline", &[]);
    assert_eq!(critical(&dead)[0]["message"], "panic: no sugar left");
}

#[test]
fn a_panic_that_aborts_the_process_is_delivered_before() {
    let helper = aborting();
    let _alone = alone();
    for _ in 0..scaled(5) {
        let dead = run(&helper, "panic 100", &[ON]);
        assert_eq!(dead.status.code(), None, "it ended by a signal");
        assert_last_words(&dead);
    }
}

#[test]
fn a_panic_that_aborts_does_not_wait_for_a_sink_that_hangs() {
    let helper = aborting();
    let _alone = alone();
    let mut command = command(&helper, "panic 2000", &[ON]);
    let begun = Instant::now();
    // Nobody reads.
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(wait(&mut child).code(), None, "it ended by a signal");
    // Its patience, and what the process takes without.
    let took = begun.elapsed();
    let expected = SOON..SOON + promised(SOON);
    assert!(expected.contains(&took), "it took {took:?}");
}

/// Builds the helper with `panic = "abort"`.
fn aborting() -> String {
    static BUILT: Once = Once::new();
    let profile = "abort";
    BUILT.call_once(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let words = "build --quiet --locked --package fapilog-tests --bin life --profile";
        let built = Command::new(cargo)
            .args(words.split(' '))
            .arg(profile)
            .status();
        assert!(built.unwrap().success());
    });
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let path = target.join(profile).join("life");
    path.to_str().expect("a path of text").to_owned()
}
