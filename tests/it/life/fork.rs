//! A child that was forked without exec: see `src/bin/fork.rs`.

use std::time::Duration;

use fapilog_tests::{alone, oracle::Oracle, promised, scaled};

use super::process::run;

const HELPER: &str = env!("CARGO_BIN_EXE_fork");

#[test]
fn children_of_a_busy_parent_are_refused_at_once_and_harm_nothing() {
    children_are_refused(scaled(30), &[]);
}

#[test]
fn children_of_a_parent_whose_calls_wait_for_room_are_refused_at_once_too() {
    let variables = [
        ("FAPILOG_CORE__DROP_ON_FULL", "false"),
        ("FAPILOG_CORE__QUEUE_BUDGET", "262144"),
        ("FAPILOG_CORE__PROTECTED_RESERVE", "0"),
    ];
    // Where a child waits for a lock of the parent, about one in twenty does. Many more of them
    // would be gigabytes of events.
    children_are_refused(scaled(100).min(500), &variables);
}

fn children_are_refused(forks: usize, variables: &[(&str, &str)]) {
    let _alone = alone();
    let allowed = promised(Duration::from_millis(1)).as_millis();
    let dead = run(HELPER, &format!("{forks} {allowed}"), variables);
    assert!(dead.status.success(), "{}", dead.stderr);
    let (issued, requests) = dead.stderr.trim().split_once(' ').expect("two numbers");
    let issued = issued.parse().expect("a number");
    assert!(issued > 1000, "no load: {issued}");
    // It finds events that came twice, and altered ones.
    let arrived = Oracle::having_issued(issued).judge(dead.stdout.lines());
    assert_eq!(arrived, issued);
    assert!(!dead.stdout.contains("of a child"), "a child wrote");
    // Each ended in the parent, and in the child it was refused.
    let terminal = dead.stdout.matches("\"message\":\"terminal\"").count();
    assert_eq!(terminal.to_string(), requests);
}

#[test]
fn a_child_may_start_a_pipeline_of_its_own() {
    let dead = run(HELPER, "restart", &[]);
    assert!(dead.status.success(), "{}", dead.stderr);
    assert_eq!(dead.stdout.lines().count(), 1, "{}", dead.stdout);
    assert!(dead.stdout.contains("of a new pipeline"));
    // The thread that writes diagnostics is another one there.
    let said = "fapilog: the parent speaks\nfapilog: a child speaks\n";
    assert_eq!(dead.stderr, said);
}
