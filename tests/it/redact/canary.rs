//! No secret leaves the process, wherever it stands and by whatever way it goes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use fapilog_core::{Event, Logger, LoggerBuilder, StageError, enrich::Enricher};
use fapilog_tests::{
    PATIENCE,
    canary::{CANARY, Canaries, leak},
    oracle::assert_settled,
    random, scaled,
    sinks::Lines,
};
use serde_json::{Value, json as value};

use super::preset;
use crate::life::process::run;

/// Adds secrets, and fails with one every other time.
struct Leaky(bool);

impl Enricher for Leaky {
    fn name(&self) -> &str {
        "leaky"
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        event.data_mut().insert("clientSecret", CANARY);
        event.diagnostics_mut().insert("jwt", CANARY);
        event.diagnostics_mut().insert("dsn", URL);
        self.0 = !self.0;
        match self.0 {
            true => Err(StageError::new(format!("cannot reach {URL}"))),
            false => Ok(()),
        }
    }
}

const URL: &str = "postgres://u:c4n4ryS3cr3t@db/x";

fn builder(name: &str) -> LoggerBuilder {
    let context = [("token", value!(CANARY)), ("dsn", value!({"url": URL}))];
    let context = context.map(|(key, value)| (key.to_owned(), value));
    let builder = preset(name).service(URL).version(URL).drop_on_full(false);
    builder.configure(move |all| all.core.default_bound_context = context.clone().into())
}

/// Logs so many events, and looks at every line and at every diagnostic.
fn assert_nothing_leaks(name: &str, builder: LoggerBuilder, count: usize) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let lines = Lines::default();
    let heard = Arc::clone(&said);
    let builder = builder
        .internal_logging(true)
        .on_diagnostic(move |it| heard.lock().unwrap().push(it.message.clone()))
        .sink(lines.clone());
    let (log, pipeline) = builder.build().unwrap();
    let mut canaries = Canaries::new(random().u64(..), name == "hardened");
    let mut logged = VecDeque::new();
    for number in 1..=count {
        logged.push_back(canaries.log(&log));
        if number % 1000 == 0 || number == count {
            assert!(pipeline.flush_blocking(PATIENCE).is_complete());
            for line in lines.take() {
                assert_kept(&line, logged.pop_front().unwrap());
            }
            assert!(logged.is_empty());
        }
    }
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    for said in said.lock().unwrap().iter() {
        assert_eq!(leak(said), None);
    }
}

/// It is JSON without a secret, and with each of these values.
fn assert_kept(line: &str, innocent: Vec<String>) {
    assert_eq!(leak(line), None, "{line}");
    serde_json::from_str::<Value>(line).unwrap();
    for innocent in innocent {
        let quoted = format!("\"{innocent}\"");
        assert!(line.contains(&quoted), "{innocent} is not in {line}");
    }
}

#[test]
fn no_secret_leaves_a_pipeline_of_production_and_all_that_is_innocent_does() {
    assert_nothing_leaks("production", builder("production"), scaled(3000));
    let slow = builder("production").enricher(Leaky(false));
    assert_nothing_leaks("production", slow, scaled(1500));
}

#[test]
fn no_secret_leaves_a_hardened_pipeline_even_if_only_its_look_tells() {
    assert_nothing_leaks("hardened", builder("hardened"), scaled(3000));
    let slow = builder("hardened").enricher(Leaky(false));
    assert_nothing_leaks("hardened", slow, scaled(1500));
}

#[test]
fn no_secret_leaves_a_process_as_json_as_lines_for_people_or_by_a_panic() {
    let seed = random().u64(..).to_string();
    for name in ["production", "hardened"] {
        for format in ["json", "pretty"] {
            let words = format!("{name} {seed} {}", scaled(300));
            let variables = [
                ("FAPILOG_FORMAT", format),
                ("FAPILOG_CORE__INTERNAL_LOGGING_ENABLED", "true"),
                ("RUST_BACKTRACE", "1"),
            ];
            let dead = run(env!("CARGO_BIN_EXE_canary"), &words, &variables);
            assert!(dead.status.success(), "{dead:?}");
            assert!(dead.stdout.lines().count() > scaled(300), "{dead:?}");
            assert!(dead.stdout.contains("panic: cannot reach"), "{dead:?}");
            for line in dead.stdout.lines().chain(dead.stderr.lines()) {
                assert_eq!(leak(line), None, "{format}: {line}");
            }
        }
    }
}

/// What a test of leaks is worth: it finds what is there.
#[test]
fn without_redaction_all_of_it_leaks() {
    let lines = super::lines(preset("minimal"), |log: &Logger| {
        let mut canaries = Canaries::new(random().u64(..), true);
        (0..200).for_each(|_| drop(canaries.log(log)));
    });
    assert!(lines.iter().all(|line| leak(line).is_some()));
}
