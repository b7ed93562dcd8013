//! Delivery over a network, judged by what a server has received.

mod faults;
mod outage;
mod refusals;

use std::time::Duration;

use fapilog_core::{
    Delivery, DrainReport, Http, Logger, LoggerBuilder, Pipeline, Retry, SinkStats,
    sink::SinkOptions,
};
use fapilog_tests::{
    PATIENCE,
    fault::{Reply, Server},
    oracle::{Oracle, assert_settled},
};

const MILLI: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);
/// The longest pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Batches of so many events, tried until they are taken.
fn stubborn(events: usize) -> Delivery {
    let retry = Retry::new().attempts(usize::MAX).elapsed(HOUR);
    Delivery::batched()
        .batch_events(events)
        .batch_wait(10 * MILLI)
        .timeout(HOUR)
        .pause(PAUSE)
        .retry(retry.base(PAUSE).longest_pause(PAUSE))
}

/// A pipeline that logs to an address and drops nothing.
struct Posted {
    oracle: Oracle,
    log: Logger,
    pipeline: Pipeline,
}

impl Posted {
    fn to(url: &str, options: SinkOptions) -> Self {
        Self::with(Http::new(url), options)
    }

    fn with(http: Http, options: SinkOptions) -> Self {
        Self::built(LoggerBuilder::new().drop_on_full(false), http, options)
    }

    fn built(builder: LoggerBuilder, http: Http, options: SinkOptions) -> Self {
        let builder = builder.on_diagnostic(|_| {});
        let (log, pipeline) = builder.async_sink_with(http, options).build().unwrap();
        Self {
            oracle: Oracle::default(),
            log,
            pipeline,
        }
    }

    fn log(&self, count: usize) {
        for _ in 0..count {
            self.oracle.log(&self.log);
        }
    }

    fn flush(&self) {
        let report = self.pipeline.flush_blocking(PATIENCE);
        assert!(report.is_complete(), "{report:?}");
    }

    fn end(&self) -> DrainReport {
        let report = self.pipeline.shutdown_blocking(PATIENCE);
        assert_settled(&report.stats);
        report
    }

    /// Ends it: the server has every event, once.
    fn end_with_all_at(&self, server: &Server) -> SinkStats {
        let report = self.end();
        let lines = server.lines();
        let arrived = self.oracle.judge(lines.iter().map(String::as_str));
        assert_eq!(
            (arrived, lines.len() as u64),
            (self.oracle.issued(), arrived)
        );
        let books = report.stats.sinks[0].clone();
        assert_eq!(books.delivered, arrived);
        books
    }
}

fn options(delivery: Delivery) -> SinkOptions {
    SinkOptions::default().delivery(delivery)
}

fn ok() -> Reply {
    Reply::status(204)
}
