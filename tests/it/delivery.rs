//! Delivery: how batches are made, tried again, held back, and where they go in the end.

mod batches;
mod breaker;
mod dead_letters;
mod end;
mod fallback;
mod retry;

use std::time::Duration;

use fapilog_core::{
    Action, CircuitBreaker, Delivery, DrainReport, Logger, LoggerBuilder, Pipeline, Retry,
    SinkStats, sink::SinkOptions,
};
use fapilog_tests::{
    PATIENCE,
    oracle::assert_settled,
    scripted::{Answer, Scripted, number},
};

const MILLI: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Batches that are sent by a flush, and pauses so short that nobody waits for them.
fn brisk() -> Delivery {
    let retry = Retry::new().base(MILLI).longest_pause(MILLI);
    Delivery::batched()
        .batch_wait(HOUR)
        .timeout(HOUR)
        .pause(MILLI)
        .retry(retry)
}

fn build(sink: &Scripted, options: SinkOptions) -> (Logger, Pipeline) {
    let builder = LoggerBuilder::new().on_diagnostic(|_| {});
    let builder = builder.async_sink_with(sink.clone(), options);
    builder.build().unwrap()
}

/// Logs so many events in one batch, ends the pipeline, and tells the books of the sink.
fn deliver(sink: &Scripted, options: SinkOptions, count: u64) -> SinkStats {
    let (log, pipeline) = build(sink, options);
    number(&log, 0..count);
    assert!(pipeline.flush_blocking(PATIENCE).is_complete());
    books(&end(&pipeline), 0)
}

fn end(pipeline: &Pipeline) -> DrainReport {
    let report = pipeline.shutdown_blocking(PATIENCE);
    assert_settled(&report.stats);
    report
}

fn books(report: &DrainReport, sink: usize) -> SinkStats {
    report.stats.sinks[sink].clone()
}
