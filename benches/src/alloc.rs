//! How often a log call goes to the allocator, on the thread of the call.

use std::{hint::black_box, time::Duration};

use crate::{
    allocator::allocations,
    clock::{WARM_UP, paced},
    effort::Effort,
    event::Sample,
    floor::Floor,
    group::Group,
    output::Output,
    peers::{Overflow, Peer, for_peer},
};

pub const GROUP: Group = Group {
    name: "alloc",
    title: "allocations a call, on the caller's thread, 10,000 calls after 1,000, at 100,000/s",
    metrics: &["allocations"],
    contenders: &[
        "fapilog",
        "tracing",
        "tracing-no-span",
        "slog",
        "emit",
        "spdlog",
        "logforth",
        "opentelemetry",
        "floor",
    ],
    baseline: "tracing",
    rounds: 1,
    measure,
};

const CALLS: u64 = 10_000;
const SLOT: Duration = Duration::from_micros(10);

fn measure(contender: &str, _: Effort) -> Vec<f64> {
    let count = match contender {
        "floor" => {
            let mut floor = Floor::new();
            count(|sample| floor.log(sample))
        }
        peer => for_peer!(peer, calls()),
    };
    vec![count as f64 / CALLS as f64]
}

fn calls<P: Peer>() -> u64 {
    let peer = P::start(Overflow::Default, Output::File);
    let count = peer.request(|handle| count(|sample| P::log(handle, sample)));
    peer.finish();
    count
}

/// At a pace at which events do not pile up: memory for a heap of them is not what a call takes.
fn count(mut call: impl FnMut(&Sample)) -> u64 {
    let mut before = 0;
    paced(CALLS, SLOT, |number| {
        if number == WARM_UP {
            before = allocations();
        }
        call(black_box(&Sample::new(number)));
    });
    allocations() - before
}
