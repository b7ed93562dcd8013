//! A receiver of what fapilog has to say about itself.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use fapilog_core::{
    BlockingSink, Event, Logger, LoggerBuilder, SinkError, info, settings::Settings,
};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
};

const EVENTS: u64 = 100;

/// Has something to complain of each event.
struct Broken;

impl BlockingSink for Broken {
    fn name(&self) -> &str {
        "broken"
    }

    fn write(&mut self, _: &Event<'static>) -> Result<(), SinkError> {
        Err(SinkError::new("always"))
    }
}

#[test]
fn a_receiver_that_logs_to_the_pipeline_that_it_hears_of_makes_no_more_of_it() {
    let mut settings = Settings::default();
    settings.core.internal_logging_enabled = true;
    let (own, heard) = (
        Arc::new(OnceLock::<Logger>::new()),
        Arc::new(AtomicU64::new(0)),
    );
    let (logger, count) = (Arc::clone(&own), Arc::clone(&heard));
    let (log, pipeline) = LoggerBuilder::new()
        .settings(settings)
        .sink(Broken)
        .on_diagnostic(move |diagnostic| {
            count.fetch_add(1, SeqCst);
            info!(logger: logger.wait(), "heard: {}", diagnostic.message);
        })
        .build()
        .unwrap();
    own.set(log.clone()).unwrap();
    let oracle = Oracle::default();
    for _ in 0..EVENTS {
        oracle.log(&log);
        pipeline.flush_blocking(PATIENCE);
    }
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    assert_settled(&stats);
    let heard = heard.load(SeqCst);
    assert!(heard > 0);
    assert_eq!(stats.refused.get("own_thread"), heard);
    assert_eq!(stats.submitted, EVENTS + heard);
    assert_eq!(stats.sinks[0].dropped.get("sink_failed"), EVENTS);
}
