//! Random values, and what JSON should say of them.

use fapilog_core::FieldValue;
use serde_json::{Map, Number, Value};

/// A value, and what JSON should say of it; adds to the number of values that were made.
pub(super) fn value(
    random: &mut fastrand::Rng,
    depth: usize,
    made: &mut usize,
) -> (FieldValue<'static>, Value) {
    *made += 1;
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
            let number = float(random);
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
            let items = (0..random.usize(0..5)).map(|_| value(random, depth + 1, made));
            let (items, json) = items.unzip();
            (FieldValue::List(items), Value::Array(json))
        }
        _ => {
            let mut entries = Vec::new();
            let mut json = Map::new();
            for _ in 0..random.usize(0..5) {
                let (key, (value, says)) = (text(random), value(random, depth + 1, made));
                entries.push((key.clone().into(), value));
                json.insert(key, says);
            }
            (FieldValue::Map(entries), Value::Object(json))
        }
    }
}

pub(super) const FLOATS: [f64; 8] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -0.0,
    f64::MIN_POSITIVE,
    // The smallest of all.
    5e-324,
    f64::MAX,
    f64::EPSILON,
];

pub(super) fn float(random: &mut fastrand::Rng) -> f64 {
    match random.usize(0..16) {
        special @ 0..8 => FLOATS[special],
        _ => f64::from_bits(random.u64(..)),
    }
}

/// Bytes that are text in parts.
pub(super) fn bytes(random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = text(random).into_bytes();
    for _ in 0..random.usize(0..3) {
        let place = random.usize(..=bytes.len());
        bytes.insert(place, random.u8(..));
    }
    bytes
}

/// What a parser makes of these digits; nothing, if they are no number of JSON.
fn wide(digits: &str) -> Value {
    serde_json::from_str(digits).unwrap_or_default()
}

/// Text that is short, hostile or strange.
pub(super) fn text(random: &mut fastrand::Rng) -> String {
    let length = random.usize(0..20);
    let character = |_| match random.u8(0..4) {
        0 => char::from(random.u8(0..0x20)),
        1 => random.alphanumeric(),
        2 => char::from(random.u8(..)),
        _ => random.char(..),
    };
    (0..length).map(character).collect()
}
