//! Whether the final flush waits for what is queued, if the writer is slow.

use std::{hint::black_box, time::Instant};

use crate::{
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Fapilog, Overflow, Peer, for_peer, production},
    slow::SLOW,
};

pub const GROUP: Group = Group {
    name: "flush",
    title: "100,000 queued events, ended with a writer of 6 MB/s and a minute to do it",
    metrics: &["events lost", "seconds to the last call", "seconds to end"],
    // emit writes only files of its own, and OpenTelemetry none.
    contenders: &["fapilog", "tracing", "slog", "spdlog", "logforth"],
    baseline: "fapilog",
    rounds: 1,
    measure,
};

const EVENTS: u64 = 100_000;
/// Holds all of them.
const BUDGET: usize = 128 << 20;

fn measure(contender: &str, effort: Effort) -> Vec<f64> {
    match contender {
        "fapilog" => ended(slow_fapilog(), effort),
        peer => for_peer!(peer, start_and_end(effort)),
    }
}

/// fapilog with room for all events, and a slow writer.
pub fn slow_fapilog() -> Fapilog {
    let builder = production().queue_budget(BUDGET);
    Fapilog::with(builder, Output::Slow(SLOW))
}

fn start_and_end<P: Peer>(effort: Effort) -> Vec<f64> {
    ended(P::start(Overflow::Wait, Output::Slow(SLOW)), effort)
}

fn ended<P: Peer>(peer: P, effort: Effort) -> Vec<f64> {
    let events = effort.events(EVENTS);
    let begun = Instant::now();
    queue(&peer, events);
    let queued = begun.elapsed();
    let begun = Instant::now();
    let finished = peer.finish();
    let took = begun.elapsed();
    vec![
        finished.missing(events) as f64,
        queued.as_secs_f64(),
        took.as_secs_f64(),
    ]
}

/// Logs events that the writer has no time for.
pub fn queue<P: Peer>(peer: &P, events: u64) {
    peer.request(|handle| {
        for number in 0..events {
            P::log(handle, black_box(&Sample::new(number)));
        }
    });
}
