//! Stages of your own: a filter, an enricher, a redactor and a processor, as closures and as types.
//!
//! `cargo run -p stages` writes two events: one with its price in cents and a masked card, and one
//! that stands for ten probes of the load balancer.

use fapilog_core::{
    BuildError, DrainReport, Event, LoggerBuilder, MASK, StageError,
    enrich::Enricher,
    filter::{Filter, Verdict},
    info,
    process::Next,
};
use std::time::Duration;

fn main() -> Result<DrainReport, BuildError> {
    let (log, pipeline) = LoggerBuilder::new()
        .filter(Probes { seen: 0 })
        .filter_fn("drafts", |event| match event.message() {
            "draft" => Verdict::Drop,
            _ => Verdict::Keep,
        })
        .enricher(Cents)
        .redactor_fn("cards", |event| {
            for (key, value) in event.data_mut().iter_mut() {
                if key == "card" {
                    *value = MASK.into();
                }
            }
            Ok(())
        })
        .processor_fn("short", |event| {
            let head: String = event.message().chars().take(80).collect();
            event.set_message(head);
            Ok(Next::Continue)
        })
        .build()?;
    info!(logger: log, price = 12.5, card = "4111 1111 1111 1111", "order placed");
    info!(logger: log, "draft");
    for _ in 0..10 {
        info!(logger: log, "probe");
    }
    Ok(pipeline.shutdown_blocking(Duration::from_secs(3)))
}

/// Keeps every tenth probe of the load balancer, and says so in the event.
struct Probes {
    seen: u64,
}

impl Filter for Probes {
    fn name(&self) -> &str {
        "probes"
    }

    fn admit(&mut self, event: &Event<'_>) -> Verdict {
        if event.message() != "probe" {
            return Verdict::Keep;
        }
        self.seen += 1;
        match self.seen % 10 {
            1 => Verdict::KeepAt(0.1),
            _ => Verdict::Drop,
        }
    }
}

/// Adds each price in cents.
struct Cents;

impl Enricher for Cents {
    fn name(&self) -> &str {
        "cents"
    }

    fn enrich(&mut self, event: &mut Event<'_>) -> Result<(), StageError> {
        if let Some(fapilog_core::FieldValue::F64(price)) = event.data().get("price") {
            let cents = (price * 100.0).round() as i64;
            event.data_mut().insert("cents", cents);
        }
        Ok(())
    }
}
