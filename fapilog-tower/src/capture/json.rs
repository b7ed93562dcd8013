//! [`read`]: JSON as structure, without credentials.

use fapilog_core::{MASK, redact::is_credential};
use serde_json::Value;

use super::text;

/// Credentials in a URL or a form, and much else in JSON.
const NO_SECRETS: [&str; 4] = ["code", "codes", "key", "keys"];

/// Whether a text may be JSON with names in it, or the beginning of one.
pub(super) fn may_be(text: &str) -> bool {
    let text = text.trim_start_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
    text.starts_with(['{', '[']) && text.contains('"')
}

/// An object or a list, the values of credentials masked.
pub(super) fn read(text: &str) -> Result<Value, &'static str> {
    match serde_json::from_str(text) {
        Ok(mut value @ (Value::Object(_) | Value::Array(_))) => {
            mask(&mut value);
            Ok(value)
        }
        // It has no name that would tell what it is.
        Ok(_) => Err("neither an object nor a list"),
        Err(_) => Err("no JSON that can be read"),
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                match is_secret(name) {
                    true => *value = MASK.into(),
                    false => mask(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::String(text) => {
            if let Some(shown) = text::instead(text) {
                *value = shown;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_secret(name: &str) -> bool {
    is_credential(name) && !NO_SECRETS.iter().any(|it| name.eq_ignore_ascii_case(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_at_any_depth_and_in_texts_that_are_json() {
        let inner = r#"{\"token\":\"s3cret\",\"a\":1}"#;
        let text = format!(
            r#"{{"a":[{{"passWord":"s3cret"}},1],"code":4,"s":"{inner}","t":"pin = s3cret","u":"x"}}"#
        );
        let expected = serde_json::json!({
            "a": [{"passWord": MASK}, 1],
            "code": 4,
            "s": {"token": MASK, "a": 1},
            "t": MASK,
            "u": "x",
        });
        assert_eq!(read(&text), Ok(expected));
    }

    #[test]
    fn what_is_no_structure_is_not_shown() {
        let nested = "[".repeat(200) + &"]".repeat(200);
        for text in [
            "",
            "\"s3cret\"",
            "17",
            r#"{"password":"s3cret""#,
            r#"{"password":"s3cret","\ud800":1}"#,
            r#"{"password":"s3cret"} {"a":1}"#,
            &nested,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_within_texts_are_read_as_deep_as_they_go() {
        let mut text = r#"["pin=s3cret"]"#.to_owned();
        while text.len() < 64 * 1024 {
            let inner = Value::String(text);
            text = format!("{}{inner}{}", "[".repeat(120), "]".repeat(120));
        }
        let shown = read(&text).unwrap().to_string();
        assert!(shown.contains(MASK) && !shown.contains("s3cret"));
    }

    #[test]
    fn a_text_that_may_be_json_is_told_from_others() {
        for (text, is_json) in [
            (r#"{"a":1}"#, true),
            ("\u{feff} [ 1, {\n\"a", true),
            ("[draft] title", false),
            ("{}", false),
            ("\"quoted\"", false),
            ("", false),
        ] {
            assert_eq!(may_be(text), is_json, "{text}");
        }
    }
}
