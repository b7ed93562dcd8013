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
                let Entries(entries) = parse::<_, S>(text)?;
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(&key, &Json(value.get()))?;
                }
                map.end()
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = parse::<_, S>(text)?;
                serializer.collect_seq(items.iter().map(|item| Json(item.get())))
            }
            Some(b'"') => serializer.serialize_str(&parse::<String, S>(text)?),
            Some(b't') => serializer.serialize_bool(true),
            Some(b'f') => serializer.serialize_bool(false),
            Some(b'n') => serializer.serialize_unit(),
            _ => number(text, serializer),
        }
    }
}

fn parse<'a, T: Deserialize<'a>, S: Serializer>(text: &'a str) -> Result<T, S::Error> {
    serde_json::from_str(text).map_err(S::Error::custom)
}

/// A number with all its digits: one that no type of ours holds is a text.
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
    fn no_digit_of_a_number_is_lost() {
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
