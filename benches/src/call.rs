//! What a log call costs its caller, at 100,000 events a second.

use std::{hint::black_box, sync::Barrier, thread, time::Duration};

use hdrhistogram::Histogram;

use crate::{
    clock::{WARM_UP, paced},
    effort::Effort,
    event::Sample,
    floor::Floor,
    group::Group,
    output::Output,
    peers::{Fapilog, Overflow, Peer, for_peer},
};

pub const GROUP: Group = Group {
    name: "call",
    title: "ns a call, 7 fields and a bound request id, 100,000 events/s a producer into a file",
    metrics: &["p50 ns", "p99 ns", "p99.9 ns", "events lost"],
    contenders: &[
        "fapilog",
        "fapilog-2-producers",
        "tracing",
        "tracing-no-span",
        "slog",
        "emit",
        "spdlog",
        "logforth",
        "opentelemetry",
        "floor",
    ],
    baseline: "fapilog",
    rounds: 5,
    measure,
};

const EVENTS: u64 = 200_000;
const SLOT: Duration = Duration::from_micros(10);

fn measure(contender: &str, effort: Effort) -> Vec<f64> {
    let events = effort.events(EVENTS);
    match contender {
        "floor" => {
            let mut floor = Floor::new();
            let times = paced(events, SLOT, |number| {
                floor.log(black_box(&Sample::new(number)));
            });
            figures(&times, 0)
        }
        "fapilog-2-producers" => calls::<Fapilog>(2, events),
        peer => for_peer!(peer, calls(1, events)),
    }
}

fn calls<P: Peer>(producers: u64, events: u64) -> Vec<f64> {
    let peer = P::start(Overflow::Default, Output::File);
    let ready = Barrier::new(producers as usize);
    let produce = || {
        peer.request(|handle| {
            ready.wait();
            paced(events, SLOT, |number| {
                P::log(handle, black_box(&Sample::new(number)));
            })
        })
    };
    let times = thread::scope(|threads| {
        let producers: Vec<_> = (0..producers).map(|_| threads.spawn(produce)).collect();
        let times = producers.into_iter().map(|it| it.join());
        times
            .map(|times| times.expect("a producer does not panic"))
            .reduce(|mut all, times| {
                all += times;
                all
            })
    });
    let times = times.expect("there is a producer");
    let missing = peer.finish().missing(producers * (WARM_UP + events));
    figures(&times, missing)
}

fn figures(times: &Histogram<u64>, lost: u64) -> Vec<f64> {
    let mut figures = times_of(times, [0.5, 0.99, 0.999]);
    figures.push(lost as f64);
    figures
}

/// What these shares of the calls did not exceed.
pub fn times_of<const N: usize>(times: &Histogram<u64>, quantiles: [f64; N]) -> Vec<f64> {
    quantiles
        .map(|quantile| times.value_at_quantile(quantile) as f64)
        .into()
}
