//! Whether callers feel a sink that does not keep up, if what finds no room is dropped.

use std::{hint::black_box, time::Duration};

use crate::{
    call::times_of,
    clock::{WARM_UP, paced},
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Overflow, Peer, for_peer},
};

pub const GROUP: Group = Group {
    name: "slow",
    title: "ns a call, 700,000 events at 100,000/s, dropped rather than waited for, \
            into a null writer or one of 6 MB/s",
    metrics: &["p50 ns", "p99 ns", "p99.9 ns", "events lost"],
    // emit writes only files of its own, and OpenTelemetry none.
    contenders: &[
        "fapilog-null",
        "fapilog-slow",
        "tracing-null",
        "tracing-slow",
        "slog-null",
        "slog-slow",
        "spdlog-null",
        "spdlog-slow",
        "logforth-null",
        "logforth-slow",
    ],
    baseline: "fapilog-null",
    rounds: 3,
    measure,
};

const EVENTS: u64 = 700_000;
const SLOT: Duration = Duration::from_micros(10);
pub const SLOW: f64 = 6e6;

fn measure(contender: &str, effort: Effort) -> Vec<f64> {
    let (peer, output) = match contender.split_once('-') {
        Some((peer, "slow")) => (peer, Output::Slow(SLOW)),
        Some((peer, _)) => (peer, Output::Null),
        None => panic!("no contender is called {contender}"),
    };
    for_peer!(peer, calls(output, effort))
}

fn calls<P: Peer>(output: Output, effort: Effort) -> Vec<f64> {
    let events = effort.events(EVENTS);
    let peer = P::start(Overflow::Drop, output);
    let times = peer.request(|handle| {
        paced(events, SLOT, |number| {
            P::log(handle, black_box(&Sample::new(number)));
        })
    });
    let missing = peer.finish().missing(WARM_UP + events);
    let mut figures = times_of(&times, [0.5, 0.99, 0.999]);
    figures.push(missing as f64);
    figures
}
