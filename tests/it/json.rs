//! The JSON of an event: whatever goes in, one valid line comes out, and it says the same.

use fapilog_core::{FieldValue, Level, LoggerBuilder, Memory, SCHEMA, context::Scope, info};
use fapilog_tests::{PATIENCE, oracle::assert_settled, random, scaled, sinks::Lines};
use serde_json::{Map, Number, Value};

#[test]
fn random_values_parse_back_equal() {
    let mut random = random();
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new()
        .sink(lines.clone())
        .queue_budget(1 << 30)
        .build()
        .unwrap();
    let mut expected = Vec::new();
    for _ in 0..scaled(3000) {
        let message = text(&mut random);
        let mut event = log.event(Level::Info, &message);
        let mut data = Map::new();
        for _ in 0..random.usize(0..30) {
            let (key, (value, json)) = (text(&mut random), value(&mut random, 0));
            event = event.field(&key, value);
            // Of a key that stands twice, the last value counts, and keeps its place.
            data.insert(key, json);
        }
        event.emit();
        expected.push((message, data));
    }
    assert_settled(&pipeline.shutdown_blocking(10 * PATIENCE).stats);
    let lines = lines.all();
    assert_eq!(lines.len(), expected.len());
    for (line, (message, data)) in lines.iter().zip(expected) {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["message"], message);
        let parsed = event["data"].as_object().unwrap();
        assert_eq!(parsed.len(), data.len());
        for (key, value) in data {
            assert_eq!(parsed[&key], value, "{key:?}");
        }
    }
}

#[test]
fn numbers_of_single_precision_parse_back_to_the_same_number() {
    let mut random = random();
    let lines = Lines::default();
    let (log, pipeline) = LoggerBuilder::new().sink(lines.clone()).build().unwrap();
    let numbers: Vec<_> = (0..1000).map(|_| f32::from_bits(random.u32(..))).collect();
    for number in &numbers {
        info!(logger: log, number);
    }
    pipeline.shutdown_blocking(PATIENCE);
    for (line, number) in lines.all().iter().zip(numbers) {
        let (_, digits) = line.rsplit_once(':').unwrap();
        let digits = digits.trim_end_matches('}');
        if number.is_finite() {
            assert_eq!(digits.parse(), Ok(number));
        } else {
            assert_eq!(digits, "null");
        }
    }
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

/// A value, and what JSON should say of it.
fn value(random: &mut fastrand::Rng, depth: usize) -> (FieldValue<'static>, Value) {
    let kinds = if depth < 5 { 11 } else { 9 };
    match random.usize(0..kinds) {
        0 => (FieldValue::Null, Value::Null),
        1 => random
            .bool()
            .then_some(true)
            .map_or((false.into(), false.into()), |it| (it.into(), it.into())),
        2 => {
            let number = random.i64(..) >> random.u32(0..64);
            (number.into(), number.into())
        }
        3 => {
            let number = random.u64(..) >> random.u32(0..64);
            (number.into(), number.into())
        }
        4 => {
            let number = random.i128(..) >> random.u32(0..128);
            (number.into(), wide(&number.to_string()))
        }
        5 => {
            let number = random.u128(..) >> random.u32(0..128);
            (number.into(), wide(&number.to_string()))
        }
        6 => {
            // Halves and quarters: their shortest digits are the same at either precision.
            let number = f32::from(random.i16(..)) / 4.0;
            (number.into(), f64::from(number).into())
        }
        7 => {
            let number = f64::from_bits(random.u64(..));
            (
                number.into(),
                Number::from_f64(number).map_or(Value::Null, Value::Number),
            )
        }
        8 => {
            let text = text(random);
            (text.clone().into(), text.into())
        }
        9 => {
            let items = (0..random.usize(0..5)).map(|_| value(random, depth + 1));
            let (items, json) = items.unzip();
            (FieldValue::List(items), Value::Array(json))
        }
        _ => {
            let mut entries = Vec::new();
            let mut json = Map::new();
            for _ in 0..random.usize(0..5) {
                let (key, (value, says)) = (text(random), value(random, depth + 1));
                entries.push((key.clone().into(), value));
                json.insert(key, says);
            }
            (FieldValue::Map(entries), Value::Object(json))
        }
    }
}

/// What a parser makes of these digits; nothing, if they are no number of JSON.
fn wide(digits: &str) -> Value {
    serde_json::from_str(digits).unwrap_or_default()
}

/// Text that is short, hostile or strange.
fn text(random: &mut fastrand::Rng) -> String {
    let length = random.usize(0..20);
    let character = |_| match random.u8(0..4) {
        0 => char::from(random.u8(0..0x20)),
        1 => random.alphanumeric(),
        2 => char::from(random.u8(..)),
        _ => random.char(..),
    };
    (0..length).map(character).collect()
}
