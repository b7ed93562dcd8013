//! What a call costs whose event finds no room and is dropped.

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use crate::{
    effort::Effort,
    event::Sample,
    group::Group,
    output::{Gate, Output},
    peers::{Overflow, Peer, for_peer},
};

pub const GROUP: Group = Group {
    name: "refused",
    title: "a call that is dropped, as the queue is full and its writer stuck",
    metrics: &["ns a call", "events kept"],
    // emit never drops one event: it empties its queue.
    contenders: &[
        "fapilog",
        "tracing",
        "slog",
        "spdlog",
        "logforth",
        "opentelemetry",
    ],
    baseline: "fapilog",
    rounds: 5,
    measure: |contender, effort| for_peer!(contender, measure(effort)),
};

/// Fill whatever queue there is, twice: 20 MiB, or 128,000 lines.
const FILL: u64 = 300_000;
const CALLS: u64 = 1_000_000;

fn measure<P: Peer>(effort: Effort) -> Vec<f64> {
    let calls = effort.events(CALLS);
    let gate = Gate::default();
    let peer = P::start(Overflow::Drop, Output::Stuck(gate.clone()));
    let took = peer.request(|handle| {
        let log = |number| P::log(handle, black_box(&Sample::new(number)));
        (0..FILL).for_each(log);
        // Time for the worker to take over what it can, and for the queue to fill up again.
        thread::sleep(Duration::from_millis(500));
        (0..FILL).for_each(log);
        let begun = Instant::now();
        (0..calls).for_each(log);
        begun.elapsed()
    });
    gate.open();
    let finished = peer.finish();
    let logged = 2 * FILL + calls;
    let kept = logged - finished.missing(logged);
    assert!(
        kept < FILL,
        "{kept} events were kept: the queue was not full"
    );
    vec![took.as_nanos() as f64 / calls as f64, kept as f64]
}
