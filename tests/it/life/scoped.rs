//! A pipeline for as long as a closure runs.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use fapilog_core::{LoggerBuilder, settings::Settings};
use fapilog_tests::{
    PATIENCE,
    oracle::{Oracle, assert_settled},
    sinks::{Lines, Slow},
};

/// A sink that takes longer than a pipeline that is merely dropped would wait for it.
fn slow() -> Slow {
    Slow {
        lines: Lines::default(),
        delay: Duration::from_millis(1300),
    }
}

/// A pipeline over it that waits for as many batches as it likes.
fn patient(sink: &Slow) -> LoggerBuilder {
    let mut settings = Settings::default();
    settings.core.shutdown_timeout = PATIENCE;
    LoggerBuilder::new().settings(settings).sink(sink.clone())
}

#[test]
fn a_closure_runs_with_a_logger_and_its_events_are_delivered() {
    let (sink, oracle) = (slow(), Oracle::default());
    let builder = patient(&sink);
    let ran = builder.run(|log| (0..100).map(|_| oracle.log(&log)).sum::<u64>());
    let (sum, report) = ran.unwrap();
    assert_eq!(sum, 4950);
    assert_settled(&report.stats);
    assert_eq!(
        oracle.judge(sink.lines.all().iter().map(String::as_str)),
        100
    );
}

#[test]
fn a_closure_that_panics_has_its_events_delivered_before_the_panic_goes_on() {
    let (sink, oracle) = (slow(), Oracle::default());
    let builder = patient(&sink);
    let ran = catch_unwind(AssertUnwindSafe(|| {
        builder.run(|log| {
            oracle.log(&log);
            std::panic::panic_any(7_u8);
        })
    }));
    assert_eq!(ran.unwrap_err().downcast_ref(), Some(&7_u8));
    assert_eq!(sink.lines.len(), 1);
}
