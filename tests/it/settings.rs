//! Settings: each does what it says, whatever source it comes from.

mod delivery;
mod effects;
mod enrichers;
#[cfg(target_os = "linux")]
mod file;
mod filters;
mod http;
mod knobs;
mod mistakes;
mod presets;
mod process;
mod processors;
mod queue;
mod redaction;
mod routing;
mod sources;
mod web;
mod webhook;

use fapilog_core::{BuildError, Logger, LoggerBuilder, Pipeline};
use fapilog_tests::{PATIENCE, sinks::Lines};
use serde_json::Value;

/// A variable and its value.
type Variable<'a> = (&'a str, &'a str);

fn builder(variables: &[Variable<'_>]) -> LoggerBuilder {
    LoggerBuilder::new().env_vars(variables.iter().copied())
}

/// What a pipeline with these variables makes of what is logged.
fn events(variables: &[Variable<'_>], log: impl FnOnce(&Logger)) -> Vec<Value> {
    let lines = Lines::default();
    let (logger, pipeline) = build(builder(variables).sink(lines.clone()));
    log(&logger);
    pipeline.shutdown_blocking(PATIENCE);
    let lines = lines.all();
    lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn build(builder: LoggerBuilder) -> (Logger, Pipeline) {
    builder.build().unwrap()
}

/// What is wrong with these variables.
fn problems(variables: &[Variable<'_>]) -> String {
    let error: BuildError = builder(variables).build().expect_err("a problem");
    error.to_string()
}
