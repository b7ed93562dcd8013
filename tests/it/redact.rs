//! Redaction: what is secret stays in, and all else comes through.

mod boundary;
mod canary;
mod described;
mod fast;
mod guards;
mod presets;
mod strength;
mod surface;
mod texts;
mod web;

use fapilog_core::{Logger, LoggerBuilder};
use fapilog_tests::{PATIENCE, oracle::assert_settled, sinks::Lines};
use serde_json::Value;

const MASK: &str = "**REDACTED**";

/// Logs through a pipeline, and returns the lines that it wrote.
fn lines(builder: LoggerBuilder, calls: impl FnOnce(&Logger)) -> Vec<String> {
    let lines = Lines::default();
    let (log, pipeline) = builder.sink(lines.clone()).build().unwrap();
    calls(&log);
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    lines.all()
}

/// The same, as JSON.
fn events(builder: LoggerBuilder, calls: impl FnOnce(&Logger)) -> Vec<Value> {
    let lines = lines(builder, calls);
    let read = lines.iter().map(|line| serde_json::from_str(line));
    read.collect::<Result<_, _>>().unwrap()
}

/// A pipeline with this preset of settings.
fn preset(name: &str) -> LoggerBuilder {
    LoggerBuilder::new().with_preset(name)
}
