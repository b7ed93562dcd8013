//! Each event to the sinks that it is for: errors to a file and to stderr, what payments say to a
//! sink of their own, and all but the noise of a library to stdout.
//!
//! `cargo run -p routing`, and then `cat logs/errors.log`.

use std::{
    error::Error,
    io::{self, Write},
    time::Duration,
};

use fapilog_core::{
    BlockingSink, Event, FieldValue, Level, LoggerBuilder, SinkError, error, info, rotating_file,
    settings::{FileMode, RoutingRule},
    sink::SinkOptions,
    warn,
};

fn main() -> Result<(), Box<dyn Error>> {
    let errors = rotating_file("logs/errors.log", "10 MB", 7, false, FileMode::Text)?;
    let quiet = |event: &Event<'_>| !event.logger().starts_with("hyper");
    let (log, pipeline) = LoggerBuilder::new()
        .sink_with(errors, SinkOptions::default().level(Level::Error))
        .sink_with(Ledger::default(), SinkOptions::default().filter(quiet))
        .with_routing([
            RoutingRule::new(["ERROR", "CRITICAL"], ["rotating_file", "stderr"]),
            RoutingRule::to(["ledger"]).logger("shop::payment"),
            RoutingRule::new(["*"], ["stdout"]),
        ])
        // Whatever else they are, large sums are for the ledger too.
        .route_fn(["ledger"], |event| cents(event) > 1_000_000)
        .build()?;

    let payment = log.named("shop::payment");
    info!(logger: log, user = "ada", "signed in");
    info!(logger: payment, cents = 4200, "charged");
    warn!(logger: log, cents = 2_000_000, "a large order");
    error!(logger: payment, card = "declined", "charge failed");

    let report = pipeline.shutdown_blocking(Duration::from_secs(3));
    writeln!(io::stdout(), "{report}")?;
    Ok(())
}

fn cents(event: &Event<'_>) -> i64 {
    match event.data().get("cents") {
        Some(FieldValue::I64(cents)) => *cents,
        _ => 0,
    }
}

/// A sink of one's own: adds up what was charged.
#[derive(Default)]
struct Ledger {
    cents: i64,
}

impl BlockingSink for Ledger {
    fn name(&self) -> &str {
        "ledger"
    }

    fn write(&mut self, event: &Event<'static>) -> Result<(), SinkError> {
        self.cents += cents(event);
        Ok(())
    }

    fn stop(&mut self) -> Result<(), SinkError> {
        let line = writeln!(io::stdout(), "the ledger has {} cents", self.cents);
        Ok(line?)
    }
}
