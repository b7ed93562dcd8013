//! A child that was forked without exec: see `src/bin/fork.rs`.

use fapilog_tests::{alone, oracle::Oracle};

use super::process::run;

const HELPER: &str = env!("CARGO_BIN_EXE_fork");

#[test]
fn children_of_a_busy_parent_are_refused_at_once_and_harm_nothing() {
    let _alone = alone();
    let dead = run(HELPER, "", &[]);
    assert!(dead.status.success(), "{}", dead.stderr);
    let issued = dead.stderr.trim().parse().expect("a number");
    assert!(issued > 1000, "no load: {issued}");
    // It finds events that came twice, and altered ones.
    let arrived = Oracle::having_issued(issued).judge(dead.stdout.lines());
    assert_eq!(arrived, issued);
    assert!(!dead.stdout.contains("of a child"), "a child wrote");
}

#[test]
fn a_child_may_start_a_pipeline_of_its_own() {
    let dead = run(HELPER, "restart", &[]);
    assert!(dead.status.success(), "{}", dead.stderr);
    assert_eq!(dead.stdout.lines().count(), 1, "{}", dead.stdout);
    assert!(dead.stdout.contains("of a new pipeline"));
}
