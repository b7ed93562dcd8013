//! JSON that somebody has kept as text: `serde_json`'s `RawValue`, and its numbers of any length.
//!
//! Both give themselves to a serializer as a struct of a name that only `serde_json` knows, with the
//! text in its sole field.

use std::fmt;

use serde_core::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;

const RAW: &str = "$serde_json::private::RawValue";
const NUMBER: &str = "$serde_json::private::Number";

/// What the text of such a struct is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token {
    Json,
    Number,
}

impl Token {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            RAW => Some(Token::Json),
            NUMBER => Some(Token::Number),
            _ => None,
        }
    }

    /// Serializes what the text in the struct's field stands for.
    pub(super) fn write<T, S>(self, field: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Serialize + ?Sized,
        S: Serializer,
    {
        let text = serde_json::to_value(field).map_err(S::Error::custom)?;
        let text = text.as_str().unwrap_or_default();
        match self {
            Token::Json => Json(text).serialize(serializer),
            Token::Number => number(text, serializer),
        }
    }
}

/// JSON as text.
struct Json<'a>(&'a str);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.trim();
        match text.as_bytes().first() {
            Some(b'{') => {
                let Ok(Entries(entries)) = serde_json::from_str(text) else {
                    return serializer.serialize_str(text);
                };
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(&key, &Json(value.get()))?;
                }
                map.end()
            }
            Some(b'[') => {
                let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) else {
                    return serializer.serialize_str(text);
                };
                serializer.collect_seq(items.iter().map(|item| Json(item.get())))
            }
            Some(b'"') => match serde_json::from_str::<String>(text) {
                Ok(string) => serializer.serialize_str(&string),
                // Such as half of a character: as it was written, it can still be logged.
                Err(_) => serializer.serialize_str(text.trim_matches('"')),
            },
            Some(b't') => serializer.serialize_bool(true),
            Some(b'f') => serializer.serialize_bool(false),
            Some(b'n') => serializer.serialize_unit(),
            _ => number(text, serializer),
        }
    }
}

/// A whole number with all its digits, if need be as text; any other as the nearest that there is.
fn number<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(number) = text.parse() {
        return serializer.serialize_i64(number);
    }
    if let Ok(number) = text.parse() {
        return serializer.serialize_u64(number);
    }
    if let Ok(number) = text.parse() {
        return serializer.serialize_i128(number);
    }
    if let Ok(number) = text.parse() {
        return serializer.serialize_u128(number);
    }
    let is_whole = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && !is_whole => serializer.serialize_f64(number),
        _ => serializer.serialize_str(text),
    }
}

/// The entries of an object, in their order.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::FieldValue,
        record::{Limits, Reader, ValueWriter, serialize::serialize},
    };

    fn read(json: &str) -> FieldValue<'static> {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        let mut bytes = Vec::new();
        serialize(&raw, ValueWriter::new(&mut bytes, &Limits::DEFAULT));
        Reader::new(&bytes).value().unwrap().into_owned()
    }

    #[test]
    fn json_as_text_is_logged_as_the_structure_that_it_is() {
        let json = r#" {"z":[1,-2.5,true,null,"a\"b"],"a":{"deep":{}},"n":18446744073709551616} "#;
        let list = FieldValue::List(vec![
            1_i64.into(),
            (-2.5_f64).into(),
            true.into(),
            FieldValue::Null,
            "a\"b".into(),
        ]);
        let deep = FieldValue::Map(vec![("deep".into(), FieldValue::Map(Vec::new()))]);
        let expected = FieldValue::Map(vec![
            ("z".into(), list),
            ("a".into(), deep),
            ("n".into(), FieldValue::I128(1 << 64)),
        ]);
        assert_eq!(read(json), expected);
    }

    #[test]
    fn half_a_character_costs_no_more_than_its_own_text() {
        let text = FieldValue::from(r"a\ud800");
        let expected = FieldValue::Map(vec![("s".into(), text), ("n".into(), 1_i64.into())]);
        assert_eq!(read(r#"{"s":"a\ud800","n":1}"#), expected);
        assert_eq!(read(r#"{"\ud800":1}"#), r#"{"\ud800":1}"#.into());
    }

    #[test]
    fn no_digit_of_a_whole_number_is_lost() {
        let digits = "123456789012345678901234567890123456789012345";
        assert_eq!(read(digits), digits.into());
        assert_eq!(read("1e999"), "1e999".into());
        assert_eq!(
            read("340282366920938463463374607431768211455"),
            FieldValue::U128(u128::MAX)
        );
    }

    #[test]
    fn what_is_nested_a_hundred_thousand_times_becomes_a_mark() {
        let nested = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(format!("{:?}", read(&nested)).contains("truncated"));
    }
}
