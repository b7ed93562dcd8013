//! The lines of an exception, below that of its event.

use super::{
    style::{Paint, Style},
    text::escaped,
    value::{last_of_each_key, pairs, plain, scalar},
};
use crate::event::FieldValue;

const INDENT: &str = "    ";

/// Appends what it is, what caused it, where it was, and what else is known of it.
pub(super) fn lines(out: &mut Vec<u8>, exception: &FieldValue<'_>, paint: Paint) {
    let FieldValue::Map(entries) = exception else {
        return indented(out, paint, |out| scalar(out, exception, &[]));
    };
    let get = |key: &str| {
        let mut found = last_of_each_key(entries).filter(|(known, _)| *known == key);
        found.next().map(|(_, value)| value)
    };
    let head = [get("error.type"), get("error.message")];
    if head.iter().any(Option::is_some) {
        indented(out, paint, |out| joined(out, head.into_iter().flatten()));
    }
    let causes = match get("error.chain") {
        Some(FieldValue::List(causes)) => Some(causes),
        _ => None,
    };
    for cause in causes.into_iter().flatten() {
        indented(out, paint, |out| {
            out.extend_from_slice(b"caused by: ");
            plain(out, cause);
        });
    }
    let stack = get("error.stack").and_then(FieldValue::as_str);
    stack
        .into_iter()
        .for_each(|stack| frames(out, stack, paint));
    for (key, value) in last_of_each_key(entries) {
        let is_told = match key {
            "error.type" | "error.message" => true,
            "error.chain" | "error.cause" => causes.is_some(),
            "error.stack" | "error.frames" => stack.is_some(),
            _ => false,
        };
        if !is_told {
            let mut separator = INDENT;
            pairs(out, &mut key.to_owned(), value, paint, &mut separator);
            out.push(b'\n');
        }
    }
}

fn joined<'e, 'a: 'e>(out: &mut Vec<u8>, parts: impl Iterator<Item = &'e FieldValue<'a>>) {
    for (index, part) in parts.enumerate() {
        if index > 0 {
            out.extend_from_slice(b": ");
        }
        plain(out, part);
    }
}

fn frames(out: &mut Vec<u8>, stack: &str, paint: Paint) {
    for frame in stack.lines().filter(|frame| !frame.trim().is_empty()) {
        out.extend_from_slice(INDENT.as_bytes());
        out.extend_from_slice(b"  ");
        let text = |out: &mut Vec<u8>| escaped(out, frame.trim_end());
        paint.paint(out, Style::DIM, text);
        out.push(b'\n');
    }
}

fn indented(out: &mut Vec<u8>, paint: Paint, inside: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(INDENT.as_bytes());
    paint.paint(out, Style::BOLD, inside);
    out.push(b'\n');
}
