//! A share that follows the load.

use std::time::Duration;

use fapilog_core::info;
use serde_json::Value;

use super::{Rig, SECOND};

/// Target of the tests, in events a second.
const TARGET: f64 = 50.0;

/// Logs so many events a second for so many seconds; returns how many were kept.
fn load(rig: &Rig, events_per_second: usize, seconds: u32) -> usize {
    let before = rig.kept();
    for _ in 0..seconds * 2 {
        for number in 0..events_per_second / 2 {
            info!(logger: rig.log, number, "load");
        }
        rig.advance(SECOND / 2);
    }
    rig.kept() - before
}

#[test]
fn the_target_is_met_within_a_tenth_at_twenty_times_the_load() {
    let rig = Rig::new(|it| it.adaptive_sampling(TARGET));
    load(&rig, 1000, 30);
    let kept = load(&rig, 1000, 120);
    let kept = kept as f64 / 120.0;
    assert!(
        (0.9 * TARGET..1.1 * TARGET).contains(&kept),
        "{kept} a second"
    );
    let (events, stats) = rig.finish();
    assert_eq!(stats.submitted, 150_000);
    let rate = events.last().unwrap()["data"]["sample_rate"]
        .as_f64()
        .unwrap();
    assert!((0.045..0.055).contains(&rate), "{rate}");
}

#[test]
fn the_share_of_a_load_that_falls_comes_back_to_the_most() {
    let rig = Rig::new(|it| it.adaptive_sampling(TARGET));
    load(&rig, 1000, 30);
    // Fewer events than the target: in the end, next to all of them are kept.
    load(&rig, 20, 40);
    let kept = load(&rig, 20, 10);
    assert!(kept > 190, "{kept} of 200");
    load(&rig, 1000, 30);
    // No events at all: neither is the share stuck where it was.
    rig.advance(Duration::from_secs(3600));
    let kept = load(&rig, 20, 10);
    assert!(kept > 190, "{kept} of 200 after a rest");
    rig.finish();
}

#[test]
fn the_share_stays_within_its_limits() {
    let rig = Rig::new(|it| {
        it.with_adaptive_sampling(1.0).configure(|all| {
            all.filter_config.adaptive_sampling.min_sample_rate = 0.2;
            all.filter_config.adaptive_sampling.max_sample_rate = 0.6;
        })
    });
    load(&rig, 400, 40);
    rig.advance(Duration::from_secs(3600));
    load(&rig, 2, 5);
    let (events, _) = rig.finish();
    let rates = events.iter().map(|it| &it["data"]["sample_rate"]);
    let rates: Vec<_> = rates.filter_map(Value::as_f64).collect();
    assert_eq!(rates.len(), events.len());
    let least = rates.iter().copied().fold(1.0, f64::min);
    assert!((0.2..0.21).contains(&least), "{least}");
    let last = rates[rates.len() - 1];
    assert!((0.59..=0.6).contains(&last), "{last}");
    assert!(rates.iter().all(|rate| (0.2..=0.6).contains(rate)));
}
