//! A share of traces.

use std::collections::BTreeMap;

use fapilog_core::info;
use fapilog_tests::random;

use super::Rig;

/// How many events of each trace are kept at this share, of five each.
fn kept(rate: f64, key: &str, ids: &[String]) -> BTreeMap<String, usize> {
    let rig = Rig::new(|it| it.trace_sampling(rate));
    for _ in 0..5 {
        for id in ids {
            let log = rig.log.bind([(key, id.as_str())]);
            info!(logger: log, "a step");
        }
    }
    let (events, _) = rig.finish();
    let mut counts = BTreeMap::new();
    for event in events {
        assert_eq!(event["data"]["sample_rate"], rate);
        let id = event["context"][key].as_str().unwrap().to_owned();
        *counts.entry(id).or_default() += 1;
    }
    counts
}

fn trace_ids() -> Vec<String> {
    let mut rng = random();
    (0..1000)
        .map(|_| format!("{:032x}", rng.u128(1..)))
        .collect()
}

#[test]
fn a_trace_is_kept_whole_or_not_at_all() {
    let request_ids: Vec<_> = (0..1000)
        .map(|number| format!("request-{number}"))
        .collect();
    for (key, ids) in [("trace_id", trace_ids()), ("request_id", request_ids)] {
        let counts = kept(0.3, key, &ids);
        assert!(
            counts.values().all(|count| *count == 5),
            "{key}: {counts:?}"
        );
        assert!(
            (200..400).contains(&counts.len()),
            "{key}: {} kept",
            counts.len()
        );
    }
}

#[test]
fn services_decide_alike_and_a_higher_share_keeps_what_a_lower_one_does() {
    let ids = trace_ids();
    let quarter = kept(0.25, "trace_id", &ids);
    assert_eq!(quarter, kept(0.25, "trace_id", &ids));
    let half = kept(0.5, "trace_id", &ids);
    assert!(half.len() > quarter.len());
    assert!(quarter.keys().all(|id| half.contains_key(id)));
    // As every service does that goes by OpenTelemetry's rule.
    let expected = ids.iter().filter(|id| &id[18..20] >= "c0");
    assert_eq!(quarter.len(), expected.count());
}

#[test]
fn the_trace_decides_before_the_request_and_without_both_it_is_chance() {
    let rig = Rig::new(|it| it.with_trace_sampling(0.5));
    let (kept, dropped) = ("f".repeat(32), format!("1{}", "0".repeat(31)));
    for number in 0..100 {
        let request_id = format!("request-{number}");
        let id = request_id.as_str();
        info!(logger: rig.log.bind([("trace_id", &kept)]), request_id = id, "kept");
        info!(logger: rig.log.bind([("trace_id", &dropped)]), request_id = id, "dropped");
        info!(logger: rig.log, "of no trace");
    }
    let (events, _) = rig.finish();
    let count = |message: &str| events.iter().filter(|it| it["message"] == message).count();
    assert_eq!((count("kept"), count("dropped")), (100, 0));
    assert!((20..80).contains(&count("of no trace")));
}
