//! What memory a logger keeps once a burst is over.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    allocator,
    clock::cpu_time,
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Overflow, Peer, for_peer},
    process::{peak_rss_mib, rss_mib},
    throughput::produce,
};

pub const GROUP: Group = Group {
    name: "memory-burst",
    title: "1,000,000 events from 16 threads at once into a file, by default policy; \
            MiB in use, at the most and after it, more than before it",
    metrics: &[
        "in use, most",
        "in use, after",
        "RSS before",
        "RSS, most",
        "RSS after",
        "events lost",
    ],
    contenders: &[
        "fapilog",
        "tracing",
        "slog",
        "emit",
        "spdlog",
        "logforth",
        "opentelemetry",
    ],
    baseline: "fapilog",
    rounds: 3,
    measure: |contender, effort| for_peer!(contender, measure(effort)),
};

const PRODUCERS: u64 = 16;
const EVENTS: u64 = 1_000_000;
const MIB: f64 = (1 << 20) as f64;

fn measure<P: Peer>(effort: Effort) -> Vec<f64> {
    let events = effort.events(EVENTS) / PRODUCERS * PRODUCERS;
    let peer = P::start(Overflow::Default, Output::File);
    // What is only made once belongs to before.
    peer.request(|handle| P::log(handle, &Sample::new(0)));
    await_rest();
    allocator::count_live();
    let before = rss_mib();
    produce(&peer, PRODUCERS, events);
    await_rest();
    let figures = [
        allocator::most_live() as f64 / MIB,
        allocator::live() as f64 / MIB,
        before,
        peak_rss_mib(),
        rss_mib(),
    ];
    let missing = peer.finish().missing(1 + events);
    [figures.as_slice(), &[missing as f64]].concat()
}

/// Waits until the process has been idle for a while: not every logger tells when it is done.
fn await_rest() {
    const LOOK: Duration = Duration::from_millis(500);
    const WORK: Duration = Duration::from_millis(2);
    let patience = Instant::now() + Duration::from_secs(60);
    let mut quiet = 0;
    while quiet < 4 && Instant::now() < patience {
        let before = cpu_time();
        thread::sleep(LOOK);
        quiet = if cpu_time() - before < WORK {
            quiet + 1
        } else {
            0
        };
    }
}
