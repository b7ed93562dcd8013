//! How many events a second arrive in a file if none may be lost, and what processor time they
//! take, from the first call to the end of the final flush.
//!
//! emit has no mode in which calls wait: what it throws away shows as lost.

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use crate::{
    clock::cpu_time,
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Overflow, Peer, for_peer},
    process::peak_rss_mib,
};

pub const ONE: Group = Group {
    name: "throughput-1",
    title: "1,000,000 events, lossless, from 1 thread to a file, final flush included",
    measure: |contender, effort| for_peer!(contender, measure(1, effort)),
    ..TWO
};

pub const TWO: Group = Group {
    name: "throughput-2",
    title: "1,000,000 events, lossless, from 2 threads to a file, final flush included",
    metrics: &["events/s", "CPU ns/event", "peak RSS MiB", "events lost"],
    contenders: &[
        "fapilog",
        "tracing",
        "tracing-no-span",
        "tracing-buffered",
        "slog",
        "emit",
        "spdlog",
        "logforth",
    ],
    baseline: "tracing",
    rounds: 5,
    measure: |contender, effort| for_peer!(contender, measure(2, effort)),
};

const EVENTS: u64 = 1_000_000;

fn measure<P: Peer>(producers: u64, effort: Effort) -> Vec<f64> {
    let events = effort.events(EVENTS);
    let peer = P::start(Overflow::Wait, Output::File);
    let (begun, cpu_before) = produce(&peer, producers, events);
    let finished = peer.finish();
    let (wall, cpu) = (begun.elapsed(), cpu_time() - cpu_before);
    vec![
        events as f64 / wall.as_secs_f64(),
        cpu.as_nanos() as f64 / events as f64,
        peak_rss_mib(),
        finished.missing(events) as f64,
    ]
}

/// Logs from several threads as fast as they can, and returns when and at what time of the
/// processor they began.
pub fn produce<P: Peer>(peer: &P, producers: u64, events: u64) -> (Instant, Duration) {
    let ready = Barrier::new(producers as usize + 1);
    thread::scope(|threads| {
        for _ in 0..producers {
            threads.spawn(|| {
                peer.request(|handle| {
                    ready.wait();
                    for number in 0..events / producers {
                        P::log(handle, black_box(&Sample::new(number)));
                    }
                });
            });
        }
        let now = (Instant::now(), cpu_time());
        ready.wait();
        now
    })
}
