//! The JSON form of an event: one flat object, schema version 1.1.
//!
//! ```json
//! {"schema_version":"1.1","timestamp":"2026-01-15T10:30:00.123Z","level":"INFO",
//!  "message":"order placed","logger":"shop::orders",
//!  "context":{"message_id":"…","correlation_id":"…","request_id":"…"},
//!  "diagnostics":{"origin":"native","service":"shop","env":"prod","host":"web-1","pid":17},
//!  "data":{"order_id":42}}
//! ```
//!
//! The JSON Schema is [`SCHEMA`](crate::SCHEMA). Keys are unique. NaN and infinities are `null`;
//! integers keep all their digits; U+007F to U+009F are escaped besides what JSON demands.

mod text;
mod time;

use self::{text::string, time::Timestamps};
use crate::event::{Event, FieldValue, Fields};

/// Writes events, remembering the text of the current second.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    timestamps: Timestamps,
}

impl Writer {
    /// Appends the event as one JSON object.
    pub(crate) fn event(&mut self, out: &mut Vec<u8>, event: &Event<'_>) {
        out.extend_from_slice(br#"{"schema_version":"1.1","timestamp":""#);
        self.timestamps.write(out, event.millis);
        out.extend_from_slice(br#"","level":""#);
        out.extend_from_slice(event.level.as_str().as_bytes());
        out.extend_from_slice(br#"","message":"#);
        string(out, &event.message);
        out.extend_from_slice(br#","logger":"#);
        string(out, &event.logger);
        context(out, event);
        diagnostics(out, event);
        out.extend_from_slice(br#","data":{"#);
        members(out, &event.data);
        out.extend_from_slice(b"}}");
    }
}

fn context(out: &mut Vec<u8>, event: &Event<'_>) {
    out.extend_from_slice(br#","context":{"message_id":""#);
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    let id = event.message_id().hyphenated().encode_lower(&mut id);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(br#"","correlation_id":"#);
    match event.context.get("request_id") {
        Some(request_id) => value(out, request_id),
        None => out.extend_from_slice(b"null"),
    }
    if !event.context.is_empty() {
        out.push(b',');
        members(out, &event.context);
    }
    out.push(b'}');
}

fn diagnostics(out: &mut Vec<u8>, event: &Event<'_>) {
    out.extend_from_slice(br#","diagnostics":{"#);
    if event.diagnostics.is_empty() {
        out.extend_from_slice(&event.constants.json);
    } else {
        merged(out, event);
    }
    out.push(b'}');
}

/// Constants and this event's own diagnostics; of a key that both have, the event's own.
fn merged(out: &mut Vec<u8>, event: &Event<'_>) {
    for (key, constant) in event.constants.fields.iter() {
        if event.diagnostics.get(key).is_none() {
            string(out, key);
            out.push(b':');
            value(out, constant);
            out.push(b',');
        }
    }
    members(out, &event.diagnostics);
}

/// Appends `"key":value` pairs, joined with commas.
pub(crate) fn members(out: &mut Vec<u8>, fields: &Fields<'_>) {
    for (index, field) in fields.as_slice().iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if field.is_plain {
            out.push(b'"');
            out.extend_from_slice(field.key.as_bytes());
            out.extend_from_slice(b"\":");
        } else {
            string(out, &field.key);
            out.push(b':');
        }
        value(out, &field.value);
    }
}

/// Whether text stands in a JSON string as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut json = Vec::new();
    string(&mut json, text);
    json.len() == text.len() + 2
}

/// Appends a value as JSON.
pub(crate) fn value(out: &mut Vec<u8>, field: &FieldValue<'_>) {
    match field {
        FieldValue::Null => out.extend_from_slice(b"null"),
        FieldValue::Bool(true) => out.extend_from_slice(b"true"),
        FieldValue::Bool(false) => out.extend_from_slice(b"false"),
        FieldValue::I64(number) => integer(out, *number),
        FieldValue::U64(number) => integer(out, *number),
        FieldValue::I128(number) => integer(out, *number),
        FieldValue::U128(number) => integer(out, *number),
        FieldValue::F32(number) => float(out, *number, number.is_finite()),
        FieldValue::F64(number) => float(out, *number, number.is_finite()),
        FieldValue::Str(text) => string(out, text),
        FieldValue::List(items) => list(out, items),
        FieldValue::Map(entries) => map(out, entries),
    }
}

fn integer(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn float(out: &mut Vec<u8>, number: impl zmij::Float, finite: bool) {
    if finite {
        out.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

fn list(out: &mut Vec<u8>, items: &[FieldValue<'_>]) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        value(out, item);
    }
    out.push(b']');
}

fn map(out: &mut Vec<u8>, entries: &[(std::borrow::Cow<'_, str>, FieldValue<'_>)]) {
    out.push(b'{');
    let mut first = true;
    for (index, (key, item)) in entries.iter().enumerate() {
        // Maps come from code, not from the wire, and are short: pairs are compared.
        if entries[index + 1..].iter().any(|(later, _)| later == key) {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        string(out, key);
        out.push(b':');
        value(out, item);
    }
    out.push(b'}');
}

/// Appends a timestamp as text.
pub(crate) fn timestamp(out: &mut Vec<u8>, millis: i64) {
    Timestamps::default().write(out, millis);
}
