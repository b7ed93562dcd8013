//! A share of all events.

use fapilog_core::{filter::Verdict, info};
use fapilog_tests::scaled;
use serde_json::Value;

use super::Rig;

#[test]
fn a_sample_has_its_size_and_tells_it() {
    let rig = Rig::new(|it| it.sampling(0.25));
    let count = scaled(8_000);
    for number in 0..count {
        info!(logger: rig.log, number);
    }
    let (events, stats) = rig.finish();
    let share = events.len() as f64 / count as f64;
    // Six standard deviations.
    assert!((0.22..0.28).contains(&share), "{share}");
    assert!(events.iter().all(|it| it["data"]["sample_rate"] == 0.25));
    assert_eq!(
        stats.filtered.get("sampling"),
        (count - events.len()) as u64
    );
}

#[test]
fn filters_with_the_same_seed_keep_the_same_and_others_do_not() {
    let kept = |seed: Option<usize>| {
        let rig = Rig::new(|it| {
            it.with_sampling(0.5)
                .configure(move |all| all.filter_config.sampling.seed = seed)
        });
        for number in 0..200 {
            info!(logger: rig.log, number);
        }
        let (events, _) = rig.finish();
        let numbers = events.iter().map(|it| it["data"]["number"].clone());
        numbers.collect::<Vec<Value>>()
    };
    assert_eq!(kept(Some(1)), kept(Some(1)));
    assert_ne!(kept(Some(1)), kept(Some(2)));
    assert_ne!(kept(None), kept(None), "each has a generator of its own");
}

#[test]
fn shares_of_several_filters_and_of_the_web_layer_are_multiplied() {
    let rig = Rig::new(|it| {
        it.filter_fn("half", |_| Verdict::KeepAt(0.5))
            .filter_fn("quarter", |_| Verdict::KeepAt(0.25))
            .filter_fn("all", |_| Verdict::KeepAt(1.0))
            .filter_fn("nonsense", |_| Verdict::KeepAt(f64::NAN))
    });
    info!(logger: rig.log, "of two");
    info!(logger: rig.log, sample_rate = 0.5, "as the layer notes it");
    info!(logger: rig.log, sample_rate = 44_100, "of a sound");
    let (events, _) = rig.finish();
    assert_eq!(events[0]["data"]["sample_rate"], 0.125);
    assert_eq!(events[1]["data"]["sample_rate"], 0.0625);
    assert_eq!(events[2]["data"]["sample_rate"], 44_100);
    assert_eq!(events[2]["diagnostics"]["sample_rate"], 0.125);
}

#[test]
fn filters_of_ones_own_come_before_those_that_are_named() {
    let rig = Rig::new(|it| it.sampling(0.0).filter_fn("own", |_| Verdict::Drop));
    info!(logger: rig.log, "gone");
    let (_, stats) = rig.finish();
    assert_eq!(
        (stats.filtered.get("own"), stats.filtered.get("sampling")),
        (1, 0)
    );
}
