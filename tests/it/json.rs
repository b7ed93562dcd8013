//! The JSON of an event: whatever goes in, one valid line comes out, and it says the same.

mod numbers;
mod values;

use std::collections::BTreeMap;

use fapilog_core::{
    FieldValue, Level, Logger, LoggerBuilder, Memory, SCHEMA, context::Scope, info, json,
};
use fapilog_tests::{PATIENCE, oracle::assert_settled, random, scaled, sinks::Lines};
use serde_json::{Map, Value};

use self::values::{bytes, text, value};

/// An event of random fields, and what JSON should say of them; returns how many values it has.
fn log_random(log: &Logger, random: &mut fastrand::Rng) -> (String, Map<String, Value>, usize) {
    let mut made = 0;
    let message = text(random);
    let mut event = log.event(Level::Info, &message);
    let mut data = Map::new();
    for _ in 0..random.usize(0..30) {
        let key = match data.keys().next() {
            Some(known) if random.u8(0..8) == 0 => known.clone(),
            _ => text(random),
        };
        let json = if random.u8(0..10) == 0 {
            let bytes = bytes(random);
            let json = String::from_utf8_lossy(&bytes).into();
            event = event.field(&key, bytes);
            made += 1;
            json
        } else {
            let (value, json) = value(random, 0, &mut made);
            event = event.field(&key, value);
            json
        };
        // Of a key that stands twice, the last value counts, and keeps its place.
        data.insert(key, json);
    }
    event.emit();
    (message, data, made)
}

#[test]
fn random_values_parse_back_equal() {
    let mut random = random();
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(lines.clone())
        .drop_on_full(false)
        .build()
        .unwrap();
    let mut values = 0;
    while values < scaled(100_000) {
        let expected: Vec<_> = (0..500).map(|_| log_random(&log, &mut random)).collect();
        assert!(pipeline.flush_blocking(PATIENCE).is_complete());
        let lines = lines.take();
        assert_eq!(lines.len(), expected.len());
        for (line, (message, data, made)) in lines.iter().zip(expected) {
            assert!(!line.chars().any(char::is_control), "{line:?}");
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["message"], message);
            let parsed = event["data"].as_object().unwrap();
            assert_eq!(parsed.len(), data.len());
            for (key, value) in data {
                assert_eq!(parsed[&key], value, "{key:?}");
            }
            values += made;
        }
    }
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
}

#[test]
fn every_character_parses_back_in_a_message_a_key_and_a_value() {
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(lines.clone())
        .drop_on_full(false)
        .build()
        .unwrap();
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    let texts: Vec<String> = all.chunks(1024).map(String::from_iter).collect();
    for text in &texts {
        log.event(Level::Info, text).field(text, text).emit();
    }
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let lines = lines.take();
    assert_eq!(lines.len(), texts.len());
    for (line, text) in lines.iter().zip(texts) {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["message"], text);
        assert_eq!(event["data"][&text], text);
    }
}

#[test]
fn what_is_no_text_is_told_with_replacement_characters() {
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new().sink(lines.clone()).build().unwrap();
    // A lone surrogate, an overlong slash, a character that breaks off, and a byte of none.
    let broken: [&[u8]; 4] = [b"a\xed\xa0\x80z", b"\xc0\xaf", b"\xe4\xb8", b"a\xffz"];
    for bytes in broken {
        info!(logger: log, bytes, "{}", String::from_utf8_lossy(bytes));
    }
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let told = [
        "a\u{fffd}\u{fffd}\u{fffd}z",
        "\u{fffd}\u{fffd}",
        "\u{fffd}",
        "a\u{fffd}z",
    ];
    for (line, told) in lines.take().iter().zip(told) {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["data"]["bytes"], told);
        assert_eq!(event["message"], told);
    }
}

#[test]
fn keys_that_are_empty_doubled_or_no_text_are_told() {
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new().sink(lines.clone()).build().unwrap();
    let numbers = BTreeMap::from([(-1_i128, "a"), (i128::MAX, "b")]);
    let truths = BTreeMap::from([(false, 0), (true, 1)]);
    let characters = BTreeMap::from([('"', 0), ('\n', 1)]);
    let doubled = FieldValue::Map(vec![
        ("k".into(), 1.into()),
        ("".into(), 2.into()),
        ("k".into(), 3.into()),
        ("".into(), 4.into()),
    ]);
    log.event(Level::Info, "m")
        .field("", 1)
        .field("numbers", json(&numbers))
        .field("truths", json(&truths))
        .field("characters", json(&characters))
        .field("doubled", doubled)
        .field("", 2)
        .emit();
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let line = &lines.take()[0];
    let event: Value = serde_json::from_str(line).unwrap();
    let told = serde_json::json!({
        "": 2,
        "numbers": {"-1": "a", (i128::MAX.to_string()): "b"},
        "truths": {"false": 0, "true": 1},
        "characters": {"\"": 0, "\n": 1},
        "doubled": {"k": 3, "": 4},
    });
    assert_eq!(event["data"], told);
    assert_eq!(line.matches("\"k\":").count(), 1, "unique in the text too");
}

#[test]
fn every_event_is_valid_by_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(lines.clone())
        .level(Level::Trace)
        .service("shop")
        .build()
        .unwrap();
    for level in Level::ALL {
        log.event(level, "some").field("key", 1).emit();
    }
    let scope = Scope::new(
        &log,
        [("request_id", "r-1"), ("user_id", "u-1"), ("other", "o-1")],
    );
    let entered = scope.enter();
    info!(logger: log, big = "x".repeat(400_000), message = 1, level = 2, timestamp = 3);
    log.event(Level::Info, "")
        .field("a", "x".repeat(60_000))
        .emit();
    let parts = [(); 9].map(|()| "y".repeat(60_000));
    info!(
        a = parts[0],
        b = parts[1],
        c = parts[2],
        d = parts[3],
        e = parts[4],
        f = parts[5],
        "cut"
    );
    drop(entered);
    assert_settled(&pipeline.shutdown_blocking(PATIENCE).stats);
    let lines = lines.all();
    assert_eq!(lines.len(), Level::ALL.len() + 3);
    for line in &lines {
        let event: Value = serde_json::from_str(line).unwrap();
        let problems: Vec<_> = schema
            .iter_errors(&event)
            .map(|it| it.to_string())
            .collect();
        assert!(problems.is_empty(), "{problems:?} in {line:.500}");
    }
    let first: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(first["level"], "TRACE");
    assert_eq!(first["diagnostics"]["service"], "shop");
    assert_eq!(first["context"]["correlation_id"], Value::Null);
    let in_scope: Value = serde_json::from_str(&lines[Level::ALL.len()]).unwrap();
    assert_eq!(in_scope["context"]["correlation_id"], "r-1");
    assert_eq!(in_scope["context"]["user_id"], "u-1");
    assert_eq!(in_scope["data"]["other"], "o-1");
    assert_eq!(
        in_scope["data"]["level"], 2,
        "a field cannot shadow the level"
    );
    let big = in_scope["data"]["big"].as_str().unwrap();
    assert!(big.len() < 70_000 && big.ends_with("[truncated]"));
    let cut: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(cut["diagnostics"]["truncated"], true, "a cut leaves a mark");
    assert!(cut["data"].get("f").is_none());
}

#[test]
fn more_fields_than_a_few_still_have_unique_keys() {
    let memory = Memory::new();
    let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build().unwrap();
    let many = |suffix: &'static str| (0..60).map(move |n| (format!("k{n}"), suffix));
    let log = log.bind(many("bound"));
    let scope = Scope::new(&log, many("scope"));
    let _entered = scope.enter();
    info!(k7 = "call", other = "call");
    let stats = pipeline.shutdown_blocking(PATIENCE).stats;
    let event = &memory.events()[0];
    assert_eq!(event.data().len(), 61);
    assert_eq!(event.data().get("k7"), Some(&"call".into()));
    assert_eq!(event.data().get("k8"), Some(&"bound".into()));
    assert_eq!(stats.shadowed_keys, 61, "what was left out is counted");
    let json: Value = serde_json::from_str(&event.to_json()).unwrap();
    assert_eq!(json["data"].as_object().map(Map::len), Some(61));
}
