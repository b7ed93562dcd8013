//! Events arrive in the order in which they happened.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use fapilog_core::{BlockingSink, Event, FieldValue, LoggerBuilder, SinkError, info};
use fapilog_tests::{PATIENCE, alone, oracle::assert_settled, scaled};

/// Fails at the first event of a task that comes before an earlier one of it.
#[derive(Clone, Default)]
struct Causal(Arc<Mutex<HashMap<u64, u64>>>);

impl BlockingSink for Causal {
    fn name(&self) -> &str {
        "causal"
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        let number = |key| match event.data().get(key) {
            Some(FieldValue::U64(number)) => *number,
            other => panic!("{key} is {other:?}"),
        };
        let mut next = self.0.lock().unwrap();
        let next = next.entry(number("task")).or_default();
        if *next != number("step") {
            return Err(SinkError::new(format!("expected step {next}: {event:?}")));
        }
        *next += 1;
        Ok(())
    }
}

#[test]
fn a_million_events_of_tasks_that_hop_between_threads_arrive_in_causal_order() {
    let _alone = alone();
    let (tasks, steps) = (100_u64, 10_000_u64);
    let sink = Causal::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(sink.clone())
        .queue_budget(4 << 30)
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let running: Vec<_> = (0..tasks)
            .map(|task| {
                let log = log.clone();
                tokio::spawn(async move {
                    let mut threads = std::collections::HashSet::new();
                    for step in 0..steps {
                        info!(logger: log, task, step);
                        threads.insert(std::thread::current().id());
                        tokio::task::yield_now().await;
                    }
                    threads.len()
                })
            })
            .collect();
        let mut hopped = 0;
        for task in running {
            hopped += usize::from(task.await.unwrap() > 1);
        }
        assert!(hopped > 0, "no task has changed its thread");
    });
    let report = pipeline.shutdown_blocking(10 * PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.last_error, None);
    assert_eq!(report.stats.sinks[0].delivered, tasks * steps);
    assert!(sink.0.lock().unwrap().values().all(|next| *next == steps));
}

#[test]
fn an_event_that_another_thread_was_told_of_comes_before_that_threads_answer() {
    let sink = Causal::default();
    let (log, pipeline) = LoggerBuilder::new().sink(sink).build().unwrap();
    let (to_there, there) = std::sync::mpsc::channel::<u64>();
    let (to_here, here) = std::sync::mpsc::channel::<u64>();
    let echo = {
        let log = log.clone();
        std::thread::spawn(move || {
            for step in there {
                info!(logger: log, task = 0_u64, step);
                to_here.send(step + 1).unwrap();
            }
        })
    };
    let mut step = 0;
    for _ in 0..scaled(10_000) {
        info!(logger: log, task = 0_u64, step);
        to_there.send(step + 1).unwrap();
        step = here.recv().unwrap();
    }
    drop(to_there);
    echo.join().unwrap();
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(report.last_error, None);
    assert_eq!(report.stats.sinks[0].delivered, step);
}
