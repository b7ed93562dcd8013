//! What settings of filters do.

use std::{collections::HashSet, time::Duration};

use fapilog_core::{LoggerBuilder, debug, info, testing::ManualClock};
use fapilog_tests::{PATIENCE, sinks::Lines};
use serde_json::Value;

use super::{Variable, build, builder, events, problems};

const SAMPLING: Variable<'_> = ("FAPILOG_CORE__FILTERS", "sampling");

/// What is kept of 1000 events, numbered, in each of so many seconds.
fn kept(variables: &[Variable<'_>], seconds: u64) -> Vec<Value> {
    let (lines, clock) = (Lines::default(), ManualClock::new());
    let builder = builder(variables).clock(clock.clone());
    let (log, pipeline) = build(builder.sink(lines.clone()).drop_on_full(false));
    for number in 0..1000 * seconds {
        let (second, user_id) = (number / 1000, number % 4);
        info!(logger: log, number, second, user_id, "load");
        if number % 250 == 249 {
            pipeline.flush_blocking(PATIENCE);
            clock.advance(Duration::from_millis(250));
        }
    }
    pipeline.shutdown_blocking(PATIENCE);
    let lines = lines.all();
    let events = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    events.collect()
}

pub(super) fn filters_run_if_they_are_named() {
    let off = ("FAPILOG_FILTER_CONFIG__SAMPLING__SAMPLE_RATE", "0");
    assert_eq!(kept(&[off], 1).len(), 1000, "nobody has chosen it");
    assert_eq!(kept(&[SAMPLING, off], 1).len(), 0);
    let both = ("FAPILOG_CORE__FILTERS", "Rate-Limit, sampling");
    assert_eq!(kept(&[both], 1).len(), 13);
    let refused = problems(&[("FAPILOG_CORE__FILTERS", "smpling")]);
    assert!(
        refused.contains("there is no filter \"smpling\""),
        "{refused}"
    );
    let refused = problems(&[("FAPILOG_CORE__FILTERS", "sampling,sampling")]);
    assert!(refused.contains("stands there twice"), "{refused}");
    let refused = problems(&[("FAPILOG_CORE__FILTERS", "level")]);
    assert!(refused.contains("core.log_level always holds"), "{refused}");
    let details = events(&[SAMPLING], |log| debug!(logger: log, "below the level"));
    assert_eq!(details.len(), 0);
}

#[test]
fn what_is_set_of_a_filter_that_nobody_has_chosen_is_told() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let receiver = std::sync::Arc::clone(&told);
    let variables = [("FAPILOG_FILTER_CONFIG__RATE_LIMIT__CAPACITY", "5")];
    let builder = builder(&variables).on_diagnostic(move |it| {
        receiver.lock().unwrap().push(it.message.clone());
    });
    let (_, pipeline) = build(builder.sampling(0.5).sink(Lines::default()));
    pipeline.shutdown_blocking(PATIENCE);
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    let needed = "FAPILOG_FILTER_CONFIG__RATE_LIMIT__CAPACITY) has no effect: core.filters";
    assert!(told[0].contains(needed), "{told:?}");
}

#[test]
fn the_environment_chooses_other_filters_than_code() {
    let lines = Lines::default();
    let variables = [("FAPILOG_CORE__FILTERS", "[]")];
    let builder = LoggerBuilder::new().sampling(0.0).env_vars(variables);
    let (log, pipeline) = build(builder.on_diagnostic(|_| {}).sink(lines.clone()));
    info!(logger: log, "kept");
    pipeline.shutdown_blocking(PATIENCE);
    assert_eq!(lines.len(), 1);
}

pub(super) fn a_sample_is_as_large_as_wanted() {
    let rate = ("FAPILOG_FILTER_CONFIG__SAMPLING__SAMPLE_RATE", "0.5");
    assert!((400..600).contains(&kept(&[SAMPLING, rate], 1).len()));
    assert_eq!(kept(&[SAMPLING], 1).len(), 1000);
}

pub(super) fn a_sample_is_the_same_again_if_wanted() {
    let numbers = |seed| {
        let rate = ("FAPILOG_FILTER_CONFIG__SAMPLING__SAMPLE_RATE", "0.5");
        let seed = ("FAPILOG_FILTER_CONFIG__SAMPLING__SEED", seed);
        let kept = kept(&[SAMPLING, rate, seed], 1);
        let numbers = kept.iter().map(|it| it["data"]["number"].as_u64());
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(numbers("7"), numbers("7"));
    assert_ne!(numbers("7"), numbers("8"));
}

pub(super) fn a_share_follows_the_load_as_wanted() {
    let rates = |settings: &[(&str, &str)], seconds| {
        let names = settings.iter().map(|(name, value)| {
            let name = format!("FAPILOG_FILTER_CONFIG__ADAPTIVE_SAMPLING__{name}");
            (name, *value)
        });
        let names: Vec<_> = names.collect();
        let mut variables = vec![("FAPILOG_CORE__FILTERS", "adaptive_sampling")];
        variables.extend(names.iter().map(|(name, value)| (name.as_str(), *value)));
        let kept = kept(&variables, seconds);
        // The share in the last second, 1 where none is told.
        let last = kept.last().unwrap();
        last["data"]["sample_rate"].as_f64().unwrap_or(1.0)
    };
    let near = |rate: f64, wanted: f64| assert!((rate / wanted - 1.0).abs() < 0.1, "{rate}");
    // 1000 events a second, of which 100 are wanted by default.
    near(rates(&[], 30), 0.1);
    near(rates(&[("TARGET_EVENTS_PER_SECOND", "500")], 30), 0.5);
    near(rates(&[("MIN_SAMPLE_RATE", "0.7")], 30), 0.7);
    near(rates(&[("MAX_SAMPLE_RATE", "0.05")], 30), 0.05);
    // 0.3 of the way from 1 to 0.1 after a second, a tenth of the window; or all of it.
    near(rates(&[], 2), 0.73);
    near(rates(&[("SMOOTHING_FACTOR", "1")], 2), 0.1);
    near(rates(&[("WINDOW_SECONDS", "100")], 9), 1.0);
    near(rates(&[("WINDOW_SECONDS", "100")], 12), 0.73);
}

pub(super) fn as_many_traces_are_kept_as_wanted() {
    let traces = |rate: &[Variable<'_>]| {
        let mut variables = vec![("FAPILOG_CORE__FILTERS", "trace_sampling")];
        variables.extend(rate);
        let events = events(&variables, |log| {
            for number in 0..1000 {
                let id = format!("request-{number}");
                info!(logger: log, request_id = id.as_str(), "a step");
                info!(logger: log, request_id = id.as_str(), "another");
            }
        });
        let ids = events
            .iter()
            .map(|it| it["context"]["request_id"].to_string());
        let ids: HashSet<_> = ids.collect();
        assert_eq!(events.len(), 2 * ids.len());
        ids.len()
    };
    assert!((50..150).contains(&traces(&[])));
    let rate = ("FAPILOG_FILTER_CONFIG__TRACE_SAMPLING__SAMPLE_RATE", "0.6");
    assert!((500..700).contains(&traces(&[rate])));
}

const LIMIT: Variable<'_> = ("FAPILOG_CORE__FILTERS", "rate_limit");

pub(super) fn events_are_limited_as_wanted() {
    let capacity = ("FAPILOG_FILTER_CONFIG__RATE_LIMIT__CAPACITY", "100");
    let refill = (
        "FAPILOG_FILTER_CONFIG__RATE_LIMIT__REFILL_RATE_PER_SEC",
        "0.01",
    );
    assert_eq!(kept(&[LIMIT, refill], 3).len(), 10);
    assert_eq!(kept(&[LIMIT, refill, capacity], 3).len(), 100);
    let more = (
        "FAPILOG_FILTER_CONFIG__RATE_LIMIT__REFILL_RATE_PER_SEC",
        "7.2",
    );
    assert_eq!(kept(&[LIMIT, more], 2).len(), 22);
}

pub(super) fn each_key_is_limited_as_wanted() {
    let key = (
        "FAPILOG_FILTER_CONFIG__RATE_LIMIT__KEY_FIELD",
        "context.user_id",
    );
    // Ten at once, and five a second for three quarters of one.
    assert_eq!(kept(&[LIMIT, key], 1).len(), 4 * 13);
    // Each of the four takes the place of another.
    let one = ("FAPILOG_FILTER_CONFIG__RATE_LIMIT__MAX_KEYS", "1");
    assert_eq!(kept(&[LIMIT, key, one], 1).len(), 1000);
    let mark = ("FAPILOG_FILTER_CONFIG__RATE_LIMIT__OVERFLOW_ACTION", "mark");
    let all = kept(&[LIMIT, mark], 1);
    let marked = all
        .iter()
        .filter(|it| it["diagnostics"]["rate_limited"] == true);
    assert_eq!((all.len(), marked.count()), (1000, 987));
    let wrong = ("FAPILOG_FILTER_CONFIG__RATE_LIMIT__KEY_FIELD", "context.");
    let refused = problems(&[wrong]);
    assert!(refused.contains("a key is missing"), "{refused}");
}

pub(super) fn the_first_of_events_that_are_alike_is_kept_as_wanted() {
    const FIRST: Variable<'_> = ("FAPILOG_CORE__FILTERS", "first_occurrence");
    assert_eq!(kept(&[FIRST], 5).len(), 1);
    let window = (
        "FAPILOG_FILTER_CONFIG__FIRST_OCCURRENCE__WINDOW_SECONDS",
        "0.9s",
    );
    assert_eq!(kept(&[FIRST, window], 5).len(), 5);
    let keys = (
        "FAPILOG_FILTER_CONFIG__FIRST_OCCURRENCE__KEY_FIELDS",
        "context.user_id,data.second",
    );
    assert_eq!(kept(&[FIRST, keys], 5).len(), 20);
    let one = ("FAPILOG_FILTER_CONFIG__FIRST_OCCURRENCE__MAX_KEYS", "1");
    assert_eq!(kept(&[FIRST, keys, one], 5).len(), 5000);
    let repeats = (
        "FAPILOG_FILTER_CONFIG__FIRST_OCCURRENCE__SUBSEQUENT_SAMPLE_RATE",
        "0.5",
    );
    assert!((400..600).contains(&kept(&[FIRST, repeats], 1).len()));
}
