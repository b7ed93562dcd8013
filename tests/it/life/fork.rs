//! A child that was forked without exec: see `src/bin/fork.rs`.

use fapilog_tests::{alone, oracle::Oracle};

use super::process::run;

const HELPER: &str = env!("CARGO_BIN_EXE_fork");

#[test]
fn children_of_a_busy_parent_are_refused_at_once_and_harm_nothing() {
    children_are_refused(&[]);
}

#[test]
fn children_of_a_parent_whose_calls_wait_for_room_are_refused_at_once_too() {
    children_are_refused(&[
        ("FAPILOG_CORE__DROP_ON_FULL", "false"),
        ("FAPILOG_CORE__QUEUE_BUDGET", "262144"),
        ("FAPILOG_CORE__PROTECTED_RESERVE", "0"),
    ]);
}

fn children_are_refused(variables: &[(&str, &str)]) {
    let _alone = alone();
    let dead = run(HELPER, "", variables);
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
}
