//! Whether a shutdown keeps its deadline while the writer is slow, and whether its books say what
//! arrived.

use std::time::{Duration, Instant};

use crate::{
    effort::Effort,
    flush::{queue, slow_fapilog},
    group::Group,
};

pub const GROUP: Group = Group {
    name: "deadline",
    title: "100,000 queued events, shut down with a writer of 6 MB/s within a deadline",
    metrics: &[
        "seconds",
        "% over the deadline",
        "events arrived",
        "said to be delivered",
        "said to be lost or unknown",
        "without account",
    ],
    // Of the peers, tracing-appender has a fixed one of a second, and the others none here.
    contenders: &["500-ms", "1000-ms", "2000-ms", "5000-ms"],
    baseline: "1000-ms",
    rounds: 3,
    measure,
};

const EVENTS: u64 = 100_000;

fn measure(contender: &str, _: Effort) -> Vec<f64> {
    let millis = contender.trim_end_matches("-ms").parse();
    let deadline = Duration::from_millis(millis.expect("a contender is a number of milliseconds"));
    let fapilog = slow_fapilog();
    queue(&fapilog, EVENTS);
    let begun = Instant::now();
    let (arrived, report) = fapilog.shutdown(deadline);
    let took = begun.elapsed();
    // What the sink had in its hands when it was left may still arrive.
    let arrived = arrived.events();
    let stats = report.stats;
    let sink = &stats.sinks[0];
    let lost = stats.refused.total() + stats.dropped.total() + sink.dropped.total() + sink.unknown;
    let logged = (stats.submitted + stats.generated) as f64;
    vec![
        took.as_secs_f64(),
        100.0 * (took.as_secs_f64() / deadline.as_secs_f64() - 1.0),
        arrived as f64,
        sink.delivered as f64,
        lost as f64,
        logged - sink.delivered as f64 - lost as f64,
    ]
}
