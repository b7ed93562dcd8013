//! [`read`]: a form as names and values, without credentials.

use fapilog_core::{MASK, redact::is_credential};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, map::Entry};

use super::text;

/// A longer name is none.
const LONGEST: usize = 64;

/// A map of the fields; what stands more than once is a list.
pub(super) fn read(text: &str) -> Result<Value, &'static str> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs: Option<Vec<_>> = pairs.map(field).collect();
    let mut fields = Map::new();
    for (name, value) in pairs.ok_or("no form that can be read")? {
        match fields.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
            Entry::Occupied(mut entry) => match entry.get_mut() {
                Value::Array(values) => values.push(value),
                first => *first = vec![first.take(), value].into(),
            },
        }
    }
    Ok(fields.into())
}

/// The name and the value of a field; `None` if it has no name that may be shown.
fn field(pair: &str) -> Option<(String, Value)> {
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (decoded(name)?, decoded(value)?);
    if !is_name(&name) {
        return None;
    }
    let value = match is_credential(&name) {
        true => MASK.into(),
        false => text::instead(&value).unwrap_or(Value::String(value)),
    };
    Some((name, value))
}

fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let text = percent_decode_str(&text).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// Names are shown as they are, so whatever else was sent as a form must not pass for one.
fn is_name(name: &str) -> bool {
    let may_stand = |it: char| it.is_alphanumeric() || "_-.:$[] ".contains(it);
    (1..=LONGEST).contains(&name.len()) && name.chars().all(may_stand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_names_and_credentials_no_values() {
        let text = "a=1&b+c=x%20y&a=2&a=3&user%5Bpassword%5D=s3cret&code=s3cret&e=&\
            payload=%7B%22token%22%3A%22s3cret%22%7D";
        let expected = serde_json::json!({
            "a": ["1", "2", "3"],
            "b c": "x y",
            "user[password]": MASK,
            "code": MASK,
            "e": "",
            "payload": {"token": MASK},
        });
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn what_is_no_form_is_not_shown() {
        let long = format!("{}=1", "x".repeat(LONGEST + 1));
        for text in [
            "s3cret",
            "=s3cret",
            "a=1&s3cret",
            "<s3cret a=\"1\">",
            "a=%ff",
            &long,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
