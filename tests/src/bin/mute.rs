//! Fails all the time, in many ways, while its stderr takes nothing. Tells on stdout how long its
//! calls took, and how much there was to say.

use std::{
    env, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{
    BlockingSink, Event, Logger, LoggerBuilder, Memory, SinkError, StageError, enrich::Enricher,
};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
};

const SINKS: usize = 4;
/// More kinds of problems than lines that may wait.
const ENRICHERS: usize = 100;

fn main() {
    let millis = env::args().nth(1).expect("a time");
    let time = Duration::from_millis(millis.parse().expect("a number"));
    let (memory, failed) = (Memory::new(), Arc::new(AtomicU64::new(0)));
    let mut builder = LoggerBuilder::new().env().sink(memory.clone());
    for number in 0..SINKS {
        let (name, failed) = (format!("broken-{number}"), Arc::clone(&failed));
        builder = builder.sink(Broken { name, failed });
    }
    for number in 0..ENRICHERS {
        builder = builder.enricher(Clueless {
            name: format!("clueless-{number}"),
            asked: 0,
        });
    }
    let (log, pipeline) = builder.build().expect("the settings are fine");
    let oracle = Oracle::default();
    let (usual, worst) = log_for(time, &oracle, &log);
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    println!("calls {} {}", usual.as_micros(), worst.as_micros());
    // Somebody begins to read.
    drop(io::stdin().read_line(&mut String::new()));
    log_for(time / 4, &oracle, &log);
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_eq!(report.stats.submitted, oracle.issued());
    assert_eq!(report.stats.refused.total(), 0);
    assert_eq!(memory.len() as u64, oracle.issued());
    let enrichers = report.stats.stages.iter().map(|it| it.failed);
    let problems = enrichers.sum::<u64>() + failed.load(Relaxed);
    println!("problems {problems}");
    // What is left to say is said, if somebody has the patience.
    drop(io::stdin().read_line(&mut String::new()));
}

/// Logs in bursts for so long; how long 99.9 % of the calls took at most, and the longest.
fn log_for(time: Duration, oracle: &Oracle, log: &Logger) -> (Duration, Duration) {
    let (begun, mut took) = (Instant::now(), Vec::new());
    while begun.elapsed() < time {
        for _ in 0..20 {
            let called = Instant::now();
            oracle.log(log);
            took.push(called.elapsed());
        }
        thread::sleep(Duration::from_millis(5));
    }
    took.sort();
    (took[took.len() * 999 / 1000], took[took.len() - 1])
}

struct Broken {
    name: String,
    failed: Arc<AtomicU64>,
}

impl BlockingSink for Broken {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        Err(SinkError::new("for each batch once"))
    }

    fn write_batch(&mut self, _: &fapilog_core::Batch) -> Result<(), fapilog_core::BatchError> {
        let number = self.failed.fetch_add(1, Relaxed);
        let error = SinkError::new(format!("no. {number}: {}", "why ".repeat(50)));
        Err(error.into())
    }
}

/// Has an idea now and then, lest it be passed over.
struct Clueless {
    name: String,
    asked: u32,
}

impl Enricher for Clueless {
    fn name(&self) -> &str {
        &self.name
    }

    fn enrich(&mut self, _: &mut Event<'_>) -> Result<(), StageError> {
        self.asked += 1;
        match self.asked % 8 {
            0 => Ok(()),
            _ => Err(StageError::new("no idea")),
        }
    }
}
