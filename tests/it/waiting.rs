//! Calls that wait for room: where an event must not be lost, and where one does not block.

use std::{
    pin::pin,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use fapilog_core::{Level, Logger, LoggerBuilder, Pipeline, filter::Verdict, info};
use fapilog_tests::{
    PATIENCE, alone,
    brim::{BUDGET, allowed, fill, never_losing, poll},
    oracle::assert_settled,
    scaled,
    sinks::{Gate, Gated, Lines},
};
use serde_json::Value;

/// A pipeline that is full, and loses nothing for want of room.
fn full() -> (Gated, Logger, Pipeline) {
    let (sink, log, pipeline) = never_losing();
    fill(&pipeline);
    (sink, log, pipeline)
}

/// Opens the sink, and returns the numbers of the events that were numbered, in order.
fn finish(sink: &Gated, pipeline: &Pipeline) -> Vec<u64> {
    sink.gate.open();
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    let lines = sink.lines.all();
    let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    events
        .filter_map(|event: Value| event["data"]["number"].as_u64())
        .collect()
}

#[test]
fn a_call_that_must_not_lose_its_event_waits_until_there_is_room() {
    let _alone = alone();
    for on_runtime in [false, true] {
        let (sink, log, pipeline) = full();
        let is_open = AtomicBool::new(false);
        let begin = Barrier::new(5);
        thread::scope(|scope| {
            for number in 0..4_u64 {
                let (log, is_open, begin) = (&log, &is_open, &begin);
                scope.spawn(move || {
                    begin.wait();
                    let call = || info!(logger: log, number);
                    if on_runtime {
                        let runtime = tokio::runtime::Builder::new_current_thread().build();
                        runtime.unwrap().block_on(async { call() });
                    } else {
                        call();
                    }
                    assert!(is_open.load(Ordering::SeqCst), "{number} did not wait");
                });
            }
            begin.wait();
            // Now they wait, or are about to. Whoever does not is refused or takes memory that
            // there is not: either is seen below, however late it begins.
            thread::yield_now();
            is_open.store(true, Ordering::SeqCst);
            sink.gate.open();
        });
        let most = pipeline.stats().queue_high_watermark;
        // What the worker has just encoded comes on top.
        assert!(most <= BUDGET + 128 * 1024, "{most} bytes were held");
        assert_eq!(pipeline.stats().refused.total(), 0);
        let mut arrived = finish(&sink, &pipeline);
        arrived.sort_unstable();
        assert_eq!(arrived, [0, 1, 2, 3]);
    }
}

#[test]
fn those_who_wait_are_let_in_in_the_order_in_which_they_came() {
    let _alone = alone();
    let (sink, log, pipeline) = full();
    let count = scaled(2000);
    let event = |number| log.event(Level::Info, "numbered").field("number", number);
    let mut line: Vec<_> = (0..count)
        .map(|it| Some(Box::pin(event(it).emit_async())))
        .collect();
    assert!(
        line.iter_mut()
            .flatten()
            .all(|it| poll(it.as_mut()).is_pending())
    );
    sink.gate.open();
    let begun = Instant::now();
    let mut first = 0;
    while first < count {
        assert!(begun.elapsed() < PATIENCE, "{first} of {count}");
        // Whoever is let in is there: from the back, so that nobody is early by chance.
        for number in (first..count).rev() {
            let place = &mut line[number];
            if place
                .as_mut()
                .is_some_and(|it| poll(it.as_mut()).is_ready())
            {
                *place = None;
                // Some are let in at once; one that finds the room taken goes back to its place.
                let before = first..number.saturating_sub(64).max(first);
                assert!(
                    line[before].iter().all(Option::is_none),
                    "{number} overtook"
                );
            }
        }
        first += line[first..].iter().take_while(|it| it.is_none()).count();
    }
    drop(line);
    assert_eq!(finish(&sink, &pipeline).len(), count);
}

#[test]
fn where_nothing_may_be_lost_memory_that_is_held_is_filled_while_others_wait_for_more() {
    let _alone = alone();
    let worker = Gate::default();
    let passed = worker.clone();
    let sink = Lines::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(sink.clone())
        .queue_budget(BUDGET)
        .drop_on_full(false)
        .filter_fn("gate", move |_| {
            passed.pass();
            Verdict::Keep
        })
        .build()
        .unwrap();
    let event = |number: u64| log.event(Level::Info, "numbered").field("number", number);
    // The worker holds the first, and looks for no others.
    info!(logger: log, number = 0);
    worker.wait_for_visitor();
    info!(logger: log, number = 1);
    let text = "x".repeat(70_000);
    let large = || Box::pin(event(2).field("text", text.as_str()).emit_async());
    while poll(large().as_mut()).is_ready() {}
    let mut waits = large();
    assert!(poll(waits.as_mut()).is_pending());
    let used = pipeline.stats().queue_bytes;
    assert!(poll(pin!(event(3).emit_async())).is_ready());
    assert_eq!(pipeline.stats().queue_bytes, used);
    assert!(poll(waits.as_mut()).is_pending());
    worker.open();
    drop(waits);
    pipeline.shutdown_blocking(PATIENCE);
    assert!(sink.all().iter().any(|line| line.contains("\"number\":3")));
}

#[test]
fn a_thread_that_waits_behind_tasks_of_its_own_goes_on() {
    let _alone = alone();
    let (sink, log, pipeline) = full();
    let event = |number| log.event(Level::Info, "numbered").field("number", number);
    let mut tasks: Vec<_> = (0..100)
        .map(|it| Box::pin(event(it).emit_async()))
        .collect();
    assert!(tasks.iter_mut().all(|it| poll(it.as_mut()).is_pending()));
    let (returned, returns) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            info!(logger: log, number = 100);
            returned.send(())
        });
        sink.gate.open();
        // The tasks are not polled until the call behind them returns.
        let result = returns.recv_timeout(PATIENCE);
        drop(tasks);
        assert_eq!(result, Ok(()));
    });
    assert_eq!(finish(&sink, &pipeline), [100]);
}

#[test]
fn a_wait_that_is_cancelled_gives_its_place_to_the_next() {
    let _alone = alone();
    let (sink, log, pipeline) = full();
    let event = |number| log.event(Level::Info, "numbered").field("number", number);
    let mut first = Box::pin(event(1).emit_async());
    let mut second = Box::pin(event(2).emit_async());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    sink.gate.open();
    // The first is let in and never comes.
    let begun = Instant::now();
    while pipeline.stats().queue_bytes > 0 {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    drop(first);
    while poll(second.as_mut()).is_pending() {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    drop(second);
    assert_eq!(finish(&sink, &pipeline), [2]);
}

#[test]
fn waiting_without_blocking_leaves_the_runtime_to_others() {
    let _alone = alone();
    let (sink, log, pipeline) = full();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut late = runtime.block_on(async {
        let wait = |number| {
            let log = log.clone();
            tokio::spawn(async move {
                let event = log.event(Level::Info, "numbered").field("number", number);
                event.emit_async().await;
            })
        };
        let waiting: Vec<_> = (0..50).map(wait).collect();
        let mut ticker = tokio::time::interval(Duration::from_millis(10));
        let mut late = Vec::new();
        for _ in 0..scaled(20) {
            late.push(ticker.tick().await.elapsed());
        }
        assert!(!waiting.iter().any(|it| it.is_finished()));
        sink.gate.open();
        // While they are let in, too.
        for task in waiting {
            task.await.unwrap();
            late.push(ticker.tick().await.elapsed());
        }
        late
    });
    late.sort();
    // Other tests load the machine: one tick of twenty may have waited for a core.
    let quantile = if scaled(1) > 1 { 100 } else { 95 };
    let latest = late[(late.len() - 1) * quantile / 100];
    assert!(
        latest <= allowed(Duration::from_millis(5)),
        "late: {late:?}"
    );
    // Those who are let in together come as the runtime wakes them.
    let mut arrived = finish(&sink, &pipeline);
    arrived.sort_unstable();
    assert_eq!(arrived, Vec::from_iter(0..50));
}

#[test]
fn a_wait_for_a_time_ends_then_without_blocking_and_is_counted() {
    let _alone = alone();
    let sink = Gated::default();
    let wait = Duration::from_millis(100);
    let (log, pipeline) = LoggerBuilder::new()
        .sink(sink.clone())
        .queue_budget(BUDGET)
        .backpressure_wait(wait)
        .build()
        .unwrap();
    fill(&pipeline);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let event = |number| log.event(Level::Info, "numbered").field("number", number);
    let begun = Instant::now();
    runtime.block_on(event(1).emit_async());
    let waited = begun.elapsed();
    assert!(waited >= wait && waited < 5 * wait, "waited {waited:?}");
    runtime.block_on(event(2).emit_async());
    assert!(
        begun.elapsed() < waited + wait,
        "one wait in vain is enough"
    );
    assert!(pipeline.stats().refused.get("queue_full") >= 2);
    assert_eq!(finish(&sink, &pipeline), [0_u64; 0]);
}

#[test]
fn a_shutdown_ends_every_wait_and_counts_it() {
    let _alone = alone();
    let (sink, log, pipeline) = full();
    let before = pipeline.stats().refused.get("after_shutdown");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| info!(logger: log, number = 1));
        }
        let mut task = Box::pin(log.event(Level::Info, "m").field("number", 2).emit_async());
        assert!(poll(task.as_mut()).is_pending());
        let begun = Instant::now();
        pipeline.shutdown_blocking(Duration::from_millis(100));
        assert!(poll(task.as_mut()).is_ready());
        assert!(begun.elapsed() < PATIENCE);
    });
    let refused = pipeline.stats().refused.get("after_shutdown") - before;
    assert_eq!(refused, 5);
    sink.gate.open();
}
