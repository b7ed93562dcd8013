//! What redaction costs the worker for an event in which there is nothing to hide.

use std::{fs, hint::black_box, time::Duration};

use crate::{
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Fapilog, Peer},
};

pub const GROUP: Group = Group {
    name: "redact",
    title: "worker, an event of 8 fields that nothing matches, by the redaction of a preset",
    metrics: &["ns CPU of the worker an event"],
    contenders: &["minimal", "production", "hardened"],
    baseline: "minimal",
    rounds: 7,
    measure,
};

/// Events between two flushes.
const BATCH: u64 = 4096;
const EVENTS: u64 = 400 * BATCH;
const DEADLINE: Duration = Duration::from_secs(30);

fn measure(preset: &str, effort: Effort) -> Vec<f64> {
    let builder = fapilog_core::LoggerBuilder::new().with_preset(preset);
    let logger = Fapilog::with(builder.drop_on_full(false), Output::Null);
    let events = effort.events(EVENTS);
    let took = logger.request(|handle| {
        let log = |number| {
            Fapilog::log(handle, black_box(&Sample::new(number)));
            if number % BATCH == 0 {
                assert!(logger.pipeline.flush_blocking(DEADLINE).is_complete());
            }
        };
        (0..BATCH).for_each(log);
        let worker = worker();
        let before = cpu_ns(&worker);
        (0..events).for_each(log);
        assert!(logger.pipeline.flush_blocking(DEADLINE).is_complete());
        cpu_ns(&worker) - before
    });
    assert_eq!(logger.finish().missing(events + BATCH), 0);
    vec![took / events as f64]
}

/// The directory in which the system tells of the worker's thread.
fn worker() -> String {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux tells");
    let mut tasks = tasks.filter_map(|it| it.ok()?.path().to_str().map(str::to_owned));
    let is_worker = |task: &String| {
        let name = fs::read_to_string(format!("{task}/comm"));
        name.is_ok_and(|it| it.trim_end() == "fapilog-worker")
    };
    tasks.find(is_worker).expect("it runs")
}

fn cpu_ns(task: &str) -> f64 {
    let text = fs::read_to_string(format!("{task}/schedstat")).expect("Linux tells");
    let first = text.split(' ').next().and_then(|it| it.parse().ok());
    first.expect("the first number is the time on the CPU")
}
