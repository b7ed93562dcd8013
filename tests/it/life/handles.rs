//! Flush and shutdown, called and dropped in places where it is easy to hang.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{
    BlockingSink, Event, Logger, LoggerBuilder, Pipeline, SinkError, filter::Verdict,
};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
    scaled,
    sinks::{Lines, Slow},
};
use tokio::runtime::{Builder, Runtime};

const EVENTS: u64 = 500;

/// A pipeline into memory, and what it got.
struct Kit {
    lines: Lines,
    oracle: Arc<Oracle>,
    log: Logger,
    pipeline: Pipeline,
}

impl Kit {
    fn new() -> Self {
        let lines = Lines::default();
        let builder = LoggerBuilder::new().sink(lines.clone());
        let (log, pipeline) = builder.build().unwrap();
        Self {
            lines,
            oracle: Arc::default(),
            log,
            pipeline,
        }
    }

    fn log(&self) {
        for _ in 0..EVENTS {
            self.oracle.log(&self.log);
        }
    }
}

fn assert_all_arrived(oracle: &Oracle, lines: &Lines) {
    let arrived = oracle.judge(lines.all().iter().map(String::as_str));
    assert_eq!(arrived, oracle.issued());
}

/// Fails if it takes 10 s.
fn watched(run: impl FnOnce() + Send + 'static) {
    let (done, ended) = channel();
    let running = thread::spawn(move || {
        run();
        done.send(()).unwrap();
    });
    let ended = ended.recv_timeout(Duration::from_secs(10));
    assert!(ended.is_ok() || running.is_finished(), "it hangs");
    running.join().unwrap();
}

/// A current-thread runtime, or one with so many workers.
fn runtime(workers: usize) -> Runtime {
    match workers {
        0 => Builder::new_current_thread().build().unwrap(),
        _ => Builder::new_multi_thread()
            .worker_threads(workers)
            .build()
            .unwrap(),
    }
}

#[test]
fn nothing_is_lost_when_the_runtime_goes_first() {
    for workers in [0, 1, 4] {
        for end in [drop, Runtime::shutdown_background] {
            for _ in 0..scaled(5) {
                watched(move || runtime_goes_first(runtime(workers), end));
            }
        }
    }
}

fn runtime_goes_first(runtime: Runtime, end: impl FnOnce(Runtime)) {
    // It might have taken hold of the runtime.
    let kit = runtime.block_on(async { Kit::new() });
    let (log, oracle) = (kit.log.clone(), Arc::clone(&kit.oracle));
    let task = runtime.spawn(async move {
        for _ in 0..EVENTS {
            oracle.log(&log);
            tokio::task::yield_now().await;
        }
    });
    runtime.block_on(async {
        kit.log();
        task.await.unwrap();
    });
    end(runtime);
    kit.log();
    let report = kit.pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    assert_all_arrived(&kit.oracle, &kit.lines);
}

#[test]
fn nothing_is_lost_when_the_pipeline_is_dropped_in_async_code() {
    for workers in [0, 1, 4] {
        for _ in 0..scaled(5) {
            watched(move || {
                let runtime = runtime(workers);
                let Kit {
                    lines,
                    oracle,
                    log,
                    pipeline,
                } = runtime.block_on(async { Kit::new() });
                let logged = Arc::clone(&oracle);
                runtime.block_on(async move {
                    let _dropped_at_the_end = pipeline;
                    for _ in 0..EVENTS {
                        logged.log(&log);
                    }
                    tokio::task::yield_now().await;
                });
                assert_all_arrived(&oracle, &lines);
            });
        }
    }
}

#[test]
fn a_logger_that_was_built_in_one_runtime_works_in_another() {
    watched(|| {
        let first = runtime(1);
        let kit = first.block_on(async { Kit::new() });
        drop(first);
        runtime(0).block_on(async {
            kit.log();
            let flushed = kit.pipeline.flush(PATIENCE).await;
            assert!(flushed.is_complete());
            assert_all_arrived(&kit.oracle, &kit.lines);
            assert_settled(&kit.pipeline.shutdown(PATIENCE).await.stats);
        });
    });
}

#[test]
fn a_thread_without_a_runtime_flushes() {
    watched(|| {
        let kit = Kit::new();
        kit.log();
        assert!(kit.pipeline.flush_blocking(PATIENCE).is_complete());
        assert_all_arrived(&kit.oracle, &kit.lines);
    });
}

#[test]
fn a_pipeline_that_is_dropped_while_unwinding_delivers_its_events() {
    watched(|| {
        let sink = Slow {
            lines: Lines::default(),
            // Longer than a panic takes.
            delay: Duration::from_millis(300),
        };
        let (log, pipeline) = LoggerBuilder::new().sink(sink.clone()).build().unwrap();
        let oracle = Oracle::default();
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _dropped = pipeline;
            oracle.log(&log);
            panic!("on purpose");
        }));
        assert!(unwound.is_err());
        assert_all_arrived(&oracle, &sink.lines);
    });
}

/// Gets the pipeline that it is part of at its first event, and does something to it.
struct Owner {
    pipeline: Option<Receiver<Pipeline>>,
    act: fn(Pipeline),
    took: Sender<Duration>,
}

impl Owner {
    fn act(&mut self) {
        if let Some(pipeline) = self.pipeline.take() {
            let pipeline = pipeline.recv().unwrap();
            let begun = Instant::now();
            (self.act)(pipeline);
            self.took.send(begun.elapsed()).unwrap();
        }
    }
}

impl BlockingSink for Owner {
    fn name(&self) -> &str {
        "owner"
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        self.act();
        Ok(())
    }
}

/// What our own threads may do to their pipeline.
const ACTS: [fn(Pipeline); 3] = [
    drop,
    |pipeline| drop(pipeline.shutdown_blocking(PATIENCE)),
    |pipeline| drop(pipeline.flush_blocking(PATIENCE)),
];

#[test]
fn our_own_threads_do_not_wait_for_themselves() {
    for act in ACTS {
        for in_sink in [false, true] {
            watched(move || act_on_own_thread(act, in_sink));
        }
    }
}

fn act_on_own_thread(act: fn(Pipeline), in_sink: bool) {
    let (give, pipeline) = channel();
    let (took, taken) = channel();
    let mut owner = Owner {
        pipeline: Some(pipeline),
        act,
        took,
    };
    let lines = Lines::default();
    let builder = LoggerBuilder::new().sink(lines.clone());
    let builder = match in_sink {
        true => builder.sink(owner),
        false => builder.filter_fn("owner", move |_| {
            owner.act();
            Verdict::Keep
        }),
    };
    let (log, pipeline) = builder.build().unwrap();
    let oracle = Oracle::default();
    for _ in 0..EVENTS {
        oracle.log(&log);
    }
    give.send(pipeline).unwrap();
    let took = taken.recv().unwrap();
    assert!(took < Duration::from_millis(500), "it took {took:?}");
    while lines.len() < EVENTS as usize {
        thread::yield_now();
    }
    assert_all_arrived(&oracle, &lines);
}

#[test]
fn what_is_logged_after_the_end_returns_and_is_counted() {
    let count = scaled(100_000) as u64;
    watched(move || {
        let kit = Kit::new();
        kit.pipeline.shutdown_blocking(PATIENCE);
        for _ in 0..count {
            fapilog_core::info!(logger: kit.log, "too late");
        }
        let stats = kit.pipeline.stats();
        assert_settled(&stats);
        assert_eq!(stats.refused.get("after_shutdown"), count);
        assert!(!kit.pipeline.flush_blocking(PATIENCE).is_complete());
        assert_eq!(kit.lines.len(), 0);
    });
}
