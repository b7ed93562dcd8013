//! Events of any values: each is one line of JSON, and says what was logged.

#![no_main]

use std::{
    mem::take,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use fapilog_core::{
    BlockingSink, Event, FieldValue, FlushReport, Level, Logger, LoggerBuilder, Pipeline,
    SerializedView, SinkError,
};
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};
use serde_json::{Map, Number, Value};

fuzz_target!(|data: &[u8]| {
    // The end of the input is filled up: there is always an event.
    let _ = log(&mut Unstructured::new(data));
});

fn log(input: &mut Unstructured<'_>) -> Result<()> {
    let (log, pipeline, lines) = &*PIPELINE;
    let (name, message): (String, String) = (input.arbitrary()?, input.arbitrary()?);
    let (log, mut data) = (log.named(name.as_str()), Map::new());
    let mut event = log.event(Level::Info, &message);
    for _ in 0..input.int_in_range(0..=30)? {
        // No key that stands in the context.
        let key = format!("k{}", input.arbitrary::<&str>()?);
        let says = if input.ratio(1, 8)? {
            let bytes: &[u8] = input.arbitrary()?;
            event = event.field(&key, bytes);
            String::from_utf8_lossy(bytes).into()
        } else {
            let (value, says) = value(input, 0)?;
            event = event.field(&key, value);
            says
        };
        data.insert(key, says);
    }
    event.emit();
    let report: FlushReport = pipeline.flush_blocking(Duration::from_secs(10));
    assert!(report.is_complete(), "{report:?}");
    let lines = take(&mut *lines.0.lock().expect("nobody panics with it"));
    let [line] = &lines[..] else {
        panic!("{} lines of one event", lines.len());
    };
    let line = str::from_utf8(line).expect("JSON is UTF-8");
    assert!(!line.contains(char::is_control), "{line:?}");
    let event: Value = serde_json::from_str(line).expect("it is JSON");
    let name = if name.is_empty() { "root" } else { &name };
    assert_eq!(event["logger"], name);
    assert_eq!(event["message"], message);
    assert_eq!(event["data"], Value::Object(data));
    Ok(())
}

/// A value, and what JSON should say of it.
fn value(input: &mut Unstructured<'_>, depth: usize) -> Result<(FieldValue<'static>, Value)> {
    let kinds = if depth < 8 { 9 } else { 7 };
    Ok(match input.int_in_range(0..=kinds)? {
        0 => (FieldValue::Null, Value::Null),
        1 => {
            let flag: bool = input.arbitrary()?;
            (flag.into(), flag.into())
        }
        2 => {
            let number: i64 = input.arbitrary()?;
            (number.into(), number.into())
        }
        3 => {
            let number: u64 = input.arbitrary()?;
            (number.into(), number.into())
        }
        4 => {
            let number: i128 = input.arbitrary()?;
            (number.into(), wide(&number.to_string()))
        }
        5 => {
            let number: u128 = input.arbitrary()?;
            (number.into(), wide(&number.to_string()))
        }
        6 => {
            let number: f64 = input.arbitrary()?;
            let says = Number::from_f64(number).map_or(Value::Null, Value::Number);
            (number.into(), says)
        }
        7 => {
            let text: String = input.arbitrary()?;
            (text.clone().into(), text.into())
        }
        8 => {
            let (mut items, mut says) = (Vec::new(), Vec::new());
            for _ in 0..input.int_in_range(0..=4)? {
                let (item, it) = value(input, depth + 1)?;
                items.push(item);
                says.push(it);
            }
            (FieldValue::List(items), says.into())
        }
        _ => {
            let (mut entries, mut says) = (Vec::new(), Map::new());
            for _ in 0..input.int_in_range(0..=4)? {
                let key: String = input.arbitrary()?;
                let (entry, it) = value(input, depth + 1)?;
                entries.push((key.clone().into(), entry));
                says.insert(key, it);
            }
            (FieldValue::Map(entries), says.into())
        }
    })
}

/// What a parser makes of these digits.
fn wide(digits: &str) -> Value {
    serde_json::from_str(digits).expect("they are a number")
}

static PIPELINE: LazyLock<(Logger, Pipeline, Lines)> = LazyLock::new(|| {
    let lines = Lines::default();
    // As it was logged: nothing is taken out.
    let builder = LoggerBuilder::new()
        .with_preset("minimal")
        .sink(lines.clone());
    let (log, pipeline) = builder.build().expect("the settings are fine");
    (log, pipeline, lines)
});

/// Keeps every line, byte by byte.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Vec<u8>>>>);

impl BlockingSink for Lines {
    fn name(&self) -> &str {
        "lines"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _: &Event<'static>) -> std::result::Result<(), SinkError> {
        Err(SinkError::new("it takes bytes"))
    }

    fn write_serialized(&mut self, view: SerializedView<'_>) -> std::result::Result<(), SinkError> {
        let mut lines = self.0.lock().expect("nobody panics with it");
        lines.push(view.data.to_vec());
        Ok(())
    }
}
