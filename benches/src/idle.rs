//! Whether a logger rests when there is nothing to log, and what its first event afterwards costs.

use std::{
    hint::black_box,
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
    process::switches_of_others,
};

pub const GROUP: Group = Group {
    name: "idle",
    title: "threads of the logger over 10 s without events, after 1 s without",
    metrics: &[
        "switches",
        "CPU ms",
        "ns of the first call after",
        "switches in the second after it",
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
    rounds: 1,
    measure: |contender, effort| for_peer!(contender, measure(effort)),
};

const EVENTS: u64 = 100;
const SECOND: Duration = Duration::from_secs(1);

fn measure<P: Peer>(effort: Effort) -> Vec<f64> {
    let idle = SECOND * if effort.quick { 2 } else { 10 };
    let peer = P::start(Overflow::Default, Output::File);
    let (mut figures, first) = peer.request(|handle| {
        let log = |number| P::log(handle, black_box(&Sample::new(number)));
        (0..EVENTS).for_each(log);
        thread::sleep(SECOND);
        let (switches, cpu) = (switches_of_others(), cpu_time());
        thread::sleep(idle);
        let cpu = cpu_time() - cpu;
        let asleep = switches_of_others();
        let begun = Instant::now();
        log(EVENTS);
        let first = begun.elapsed();
        thread::sleep(SECOND);
        let after = switches_of_others() - asleep;
        (
            vec![asleep - switches, cpu.as_secs_f64() * 1e3],
            (first, after),
        )
    });
    let missing = peer.finish().missing(EVENTS + 1);
    figures.extend([first.0.as_nanos() as f64, first.1, missing as f64]);
    figures
}
