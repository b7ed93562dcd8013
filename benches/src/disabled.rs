//! What a call costs whose level is off, besides the loop around it.

use std::{hint::black_box, time::Instant};

use crate::{
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Overflow, Peer, for_peer},
};

pub const GROUP: Group = Group {
    name: "disabled",
    title: "a call at DEBUG where INFO is on, over the same loop without it",
    metrics: &["ns a call"],
    // OpenTelemetry leaves levels to others.
    contenders: &["fapilog", "tracing", "slog", "emit", "spdlog", "logforth"],
    baseline: "tracing",
    rounds: 5,
    measure: |contender, effort| for_peer!(contender, measure(effort)),
};

const CALLS: u64 = 5_000_000;
/// The least of several tries: whatever disturbs a loop makes it longer.
const TRIES: usize = 7;

fn measure<P: Peer>(effort: Effort) -> Vec<f64> {
    let calls = effort.events(CALLS);
    let peer = P::start(Overflow::Default, Output::File);
    let (with, without) = peer.request(|handle| {
        let mut best = (f64::MAX, f64::MAX);
        for _ in 0..TRIES {
            let with = nanos_each(calls, |sample| P::log_disabled(handle, sample));
            let without = nanos_each(calls, |_| {});
            best = (best.0.min(with), best.1.min(without));
        }
        best
    });
    let logged = peer.finish().arrived.events();
    assert_eq!(logged, 0, "nothing is logged");
    vec![with - without]
}

#[inline(never)]
fn nanos_each(calls: u64, mut call: impl FnMut(&Sample)) -> f64 {
    // Made before: only the call is of interest.
    let sample = Sample::new(7);
    let begun = Instant::now();
    for _ in 0..calls {
        call(black_box(&sample));
    }
    begun.elapsed().as_nanos() as f64 / calls as f64
}
