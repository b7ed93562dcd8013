//! Values, and the keys before them.

use std::borrow::Cow;

use super::{
    style::{Paint, Style},
    text::{escaped, word},
};
use crate::{envelope, event::FieldValue};

/// A path that is longer is not repeated before each entry: a line must not grow far beyond its
/// event.
const LONGEST_PATH: usize = 100;

/// Appends `key=value`, or such a pair for each entry of a map, with dots between the keys.
pub(super) fn pairs(
    out: &mut Vec<u8>,
    path: &mut String,
    value: &FieldValue<'_>,
    paint: Paint,
    separator: &mut &'static str,
) {
    match value {
        FieldValue::Map(entries) if !entries.is_empty() && path.len() <= LONGEST_PATH => {
            for (key, value) in last_of_each_key(entries) {
                let parent = path.len();
                path.push('.');
                path.push_str(key);
                pairs(out, path, value, paint, separator);
                path.truncate(parent);
            }
        }
        _ => {
            out.extend_from_slice(separator.as_bytes());
            *separator = " ";
            paint.paint(out, Style::DIM, |out| {
                word(out, path, &[]);
                out.push(b'=');
            });
            scalar(out, value, &[]);
        }
    }
}

/// Appends a value as one word, or as a list or map of such words; text with one of `also` is
/// quoted.
pub(super) fn scalar(out: &mut Vec<u8>, value: &FieldValue<'_>, also: &[char]) {
    const NESTED: &[char] = &[',', '[', ']', '{', '}'];
    match value {
        FieldValue::Str(text) => word(out, text, also),
        FieldValue::F32(number) if !number.is_finite() => {
            out.extend_from_slice(number.to_string().as_bytes());
        }
        FieldValue::F64(number) if !number.is_finite() => {
            out.extend_from_slice(number.to_string().as_bytes());
        }
        FieldValue::List(items) => {
            out.push(b'[');
            separated(out, items, |out, item| scalar(out, item, NESTED));
            out.push(b']');
        }
        FieldValue::Map(entries) => {
            out.push(b'{');
            separated(out, last_of_each_key(entries), |out, (key, value)| {
                word(out, key, NESTED);
                out.push(b'=');
                scalar(out, value, NESTED);
            });
            out.push(b'}');
        }
        other => envelope::value(out, other),
    }
}

/// Appends a value that goes on to the end of its line.
pub(super) fn plain(out: &mut Vec<u8>, value: &FieldValue<'_>) {
    match value {
        FieldValue::Str(text) => escaped(out, text),
        other => scalar(out, other, &[]),
    }
}

/// The entries that count: of a key that stands twice, the last.
pub(super) fn last_of_each_key<'e, 'a>(
    entries: &'e [(Cow<'a, str>, FieldValue<'a>)],
) -> impl Iterator<Item = (&'e str, &'e FieldValue<'a>)> {
    let is_last = |index: usize, key: &str| !entries[index + 1..].iter().any(|(it, _)| it == key);
    let last = entries.iter().enumerate();
    last.filter(move |(index, (key, _))| is_last(*index, key))
        .map(|(_, (key, value))| (&**key, value))
}

fn separated<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, value: &FieldValue<'_>) -> String {
        let mut out = Vec::new();
        pairs(
            &mut out,
            &mut key.to_owned(),
            value,
            Paint::default(),
            &mut "",
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_long_key_stands_once_however_much_is_below_it() {
        let entries = |count: u64| {
            let entry = |number: u64| (Cow::Owned(number.to_string()), number.into());
            FieldValue::Map((0..count).map(entry).collect())
        };
        assert_eq!(line("short", &entries(2)), "short.0=0 short.1=1");
        let long = "x".repeat(LONGEST_PATH + 1);
        assert_eq!(line(&long, &entries(2)), format!("{long}={{0=0,1=1}}"));
    }

    #[test]
    fn values_are_told_apart_from_text() {
        let text = |text: &'static str| FieldValue::from(text);
        let list = FieldValue::List(vec![text("a,b"), text("c"), FieldValue::Null]);
        assert_eq!(line("k", &list), r#"k=["a,b",c,null]"#);
        assert_eq!(line("k", &f64::NAN.into()), "k=NaN");
        assert_eq!(line("k", &1.5.into()), "k=1.5");
        assert_eq!(line("k", &FieldValue::Map(Vec::new())), "k={}");
        let twice = vec![("a".into(), 1.into()), ("a".into(), 2.into())];
        assert_eq!(line("k", &FieldValue::Map(twice)), "k.a=2");
        assert_eq!(line("a b", &true.into()), r#""a b"=true"#);
    }
}
