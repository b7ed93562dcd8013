//! Whether memory grows under a load that never lets up.

use std::{
    hint::black_box,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use crate::{
    effort::Effort,
    event::Sample,
    group::Group,
    output::Output,
    peers::{Overflow, Peer, for_peer},
    process::rss_mib,
};

pub const GROUP: Group = Group {
    name: "memory-load",
    title: "2 threads that log as fast as they can into a null writer, by default policy; \
            the slope is that of the second half",
    metrics: &[
        "MiB/minute",
        "RSS MiB, least",
        "RSS MiB, most",
        "calls/s",
        "% lost",
    ],
    // logforth's queue has no bound by default, so its memory has none either.
    contenders: &["fapilog", "tracing", "slog", "spdlog"],
    baseline: "fapilog",
    rounds: 1,
    measure: |contender, effort| for_peer!(contender, measure(effort)),
};

const PRODUCERS: usize = 2;
const LOOKS: u32 = 100;

fn measure<P: Peer>(effort: Effort) -> Vec<f64> {
    let time = Duration::from_secs(effort.seconds());
    let peer = P::start(Overflow::Default, Output::Null);
    let (ends, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let looks = thread::scope(|threads| {
        for _ in 0..PRODUCERS {
            threads.spawn(|| {
                calls.fetch_add(
                    peer.request(|handle| log_until::<P>(handle, &ends)),
                    Relaxed,
                );
            });
        }
        let looks = watch(time);
        ends.store(true, Relaxed);
        looks
    });
    let calls = calls.into_inner();
    let missing = peer.finish().missing(calls);
    let steady = &looks[looks.len() / 2..];
    let sizes = steady.iter().map(|look| look.1);
    vec![
        60.0 * slope(steady),
        sizes.clone().fold(f64::MAX, f64::min),
        sizes.fold(0.0, f64::max),
        calls as f64 / time.as_secs_f64(),
        100.0 * missing as f64 / calls as f64,
    ]
}

fn log_until<P: Peer>(handle: &P::Handle, ends: &AtomicBool) -> u64 {
    let mut calls = 0;
    while !ends.load(Relaxed) {
        P::log(handle, black_box(&Sample::new(calls)));
        calls += 1;
    }
    calls
}

/// Seconds and MiB, again and again.
fn watch(time: Duration) -> Vec<(f64, f64)> {
    let begun = Instant::now();
    let look = || {
        thread::sleep(time / LOOKS);
        (begun.elapsed().as_secs_f64(), rss_mib())
    };
    (0..LOOKS).map(|_| look()).collect()
}

/// Of the line that fits best, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|it| it.0).sum::<f64>() / count;
    let mean_y = points.iter().map(|it| it.1).sum::<f64>() / count;
    let covariance: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    covariance / variance
}
