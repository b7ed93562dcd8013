//! The end of the process drains the process-wide pipeline.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use fapilog_tests::{alone, oracle::Oracle, promised, scaled};

use super::process::{command, life, wait};

/// From the start of the process to its end.
const SOON: Duration = Duration::from_millis(500);
const EVENTS: u64 = 10_000;

#[test]
fn nothing_is_lost_when_main_returns() {
    nothing_is_lost("return", 0);
}

#[test]
fn nothing_is_lost_when_the_process_exits() {
    nothing_is_lost("exit", 7);
}

#[test]
fn nothing_is_lost_when_the_process_exits_on_another_thread() {
    nothing_is_lost("exit-in-thread", 7);
}

fn nothing_is_lost(way: &str, code: i32) {
    let _alone = alone();
    for _ in 0..scaled(5) {
        let dead = life(&format!("{way} {EVENTS}"), &[]);
        assert_eq!(dead.status.code(), Some(code), "{}", dead.stderr);
        assert!(dead.took < promised(SOON), "it took {:?}", dead.took);
        let arrived = Oracle::having_issued(EVENTS).judge(dead.stdout.lines());
        assert_eq!(arrived, EVENTS);
    }
}

#[test]
fn an_end_that_a_sink_holds_up_waits_as_long_as_its_timeout() {
    let _alone = alone();
    let timeout = ("FAPILOG_CORE__ATEXIT_DRAIN_TIMEOUT_SECONDS", "0.6");
    let took = with_nobody_reading(&[timeout]);
    let expected = Duration::from_millis(600)..Duration::from_millis(1800);
    assert!(expected.contains(&took), "it took {took:?}");
}

#[test]
fn an_end_that_need_not_drain_does_not_wait() {
    let _alone = alone();
    let took = with_nobody_reading(&[("FAPILOG_CORE__ATEXIT_DRAIN_ENABLED", "false")]);
    assert!(took < Duration::from_millis(1800), "it took {took:?}");
}

/// How long a process takes whose stdout is a pipe that is full.
fn with_nobody_reading(variables: &[(&str, &str)]) -> Duration {
    let words = format!("exit {EVENTS}");
    let mut command = command(env!("CARGO_BIN_EXE_life"), &words, variables);
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    assert_eq!(wait(&mut child).code(), Some(7));
    begun.elapsed()
}
