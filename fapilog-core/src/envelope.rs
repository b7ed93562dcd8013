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

use uuid::{Uuid, fmt::Hyphenated};

use self::{
    text::{SHORT, bytes, short, string},
    time::Timestamps,
};
use crate::{
    Level,
    event::{Event, FieldValue, Fields},
    record::{Raw, Reader},
    redact::Redaction,
    settings::Envelope as Form,
};

/// Writes events, remembering the text of the current second.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    timestamps: Timestamps,
    /// The event stands under `log`, beside its `schema_version`.
    is_wrapped: bool,
}

impl Writer {
    pub(crate) fn new(form: Form) -> Self {
        Self {
            is_wrapped: form == Form::Wrapped,
            ..Self::default()
        }
    }

    /// Begins afresh, whatever a panic has left behind.
    pub(crate) fn forget(&mut self) {
        self.timestamps = Timestamps::default();
    }

    /// Appends the event as one JSON object.
    pub(crate) fn event(&mut self, out: &mut Vec<u8>, event: &Event<'_>) {
        // An event can always be written.
        let _ = self.write(out, event);
    }

    /// Appends what the content gives as one JSON object; `None` if it ends too early.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, content: &impl Content) -> Option<()> {
        let head: &[u8] = match self.is_wrapped {
            true => br#"{"schema_version":"1.1","log":{"timestamp":""#,
            false => br#"{"schema_version":"1.1","timestamp":""#,
        };
        out.extend_from_slice(head);
        self.timestamps.write(out, content.millis());
        content.head(out);
        out.extend_from_slice(br#","context":{"message_id":""#);
        let mut id = [0; Hyphenated::LENGTH];
        Uuid::from_bytes(content.message_id())
            .hyphenated()
            .encode_lower(&mut id);
        out.extend_from_slice(&id);
        out.extend_from_slice(br#"","correlation_id":"#);
        content.correlation_id(out)?;
        content.context(out)?;
        out.extend_from_slice(br#"},"diagnostics":{"#);
        content.diagnostics(out);
        out.extend_from_slice(br#"},"data":{"#);
        content.data(out)?;
        out.extend_from_slice(if self.is_wrapped { b"}}}" } else { b"}}" });
        Some(())
    }
}

/// What stands in an envelope.
pub(crate) trait Content {
    fn millis(&self) -> i64;
    fn message_id(&self) -> [u8; 16];
    /// From the end of the timestamp on: level, message and logger.
    fn head(&self, out: &mut Vec<u8>);
    fn correlation_id(&self, out: &mut Vec<u8>) -> Option<()>;
    /// Members, each after a comma.
    fn context(&self, out: &mut Vec<u8>) -> Option<()>;
    /// Members, joined with commas.
    fn diagnostics(&self, out: &mut Vec<u8>);
    /// Members, joined with commas.
    fn data(&self, out: &mut Vec<u8>) -> Option<()>;
}

impl Content for Event<'_> {
    fn millis(&self) -> i64 {
        self.millis
    }

    fn message_id(&self) -> [u8; 16] {
        self.message_id
    }

    fn head(&self, out: &mut Vec<u8>) {
        level(out, self.level);
        string(out, &self.message);
        logger(out, &self.logger);
    }

    fn correlation_id(&self, out: &mut Vec<u8>) -> Option<()> {
        match self.context.get("request_id") {
            Some(request_id) => value(out, request_id),
            None => out.extend_from_slice(b"null"),
        }
        Some(())
    }

    fn context(&self, out: &mut Vec<u8>) -> Option<()> {
        if !self.context.is_empty() {
            out.push(b',');
            members(out, &self.context);
        }
        Some(())
    }

    fn diagnostics(&self, out: &mut Vec<u8>) {
        if self.diagnostics.is_empty() {
            out.extend_from_slice(&self.constants.json);
        } else {
            merged(out, self);
        }
    }

    fn data(&self, out: &mut Vec<u8>) -> Option<()> {
        members(out, &self.data);
        Some(())
    }
}

/// Appends the level, from the end of the timestamp to the beginning of the message.
pub(crate) fn level(out: &mut Vec<u8>, level: Level) {
    out.extend_from_slice(br#"","level":""#);
    out.extend_from_slice(level.as_str().as_bytes());
    out.extend_from_slice(br#"","message":"#);
}

/// Appends the logger, from the end of the message on.
pub(crate) fn logger(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(br#","logger":"#);
    string(out, name);
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

/// Appends a value of a record as JSON; `None` if there is none, or if it is one that redaction has
/// to take a closer look at.
#[inline(always)]
pub(crate) fn raw_value(
    out: &mut Vec<u8>,
    reader: &mut Reader<'_>,
    redaction: Option<&Redaction>,
) -> Option<()> {
    let is_shown = reader.raw_into(|raw| match raw {
        Raw::Str { text, .. } if redaction.is_some_and(|it| !it.is_clean(text)) => false,
        Raw::Other(_) if redaction.is_some() => false,
        raw => {
            raw_scalar(out, raw);
            true
        }
    })?;
    is_shown.then_some(())
}

#[inline(always)]
fn raw_scalar(out: &mut Vec<u8>, raw: Raw<'_>) {
    match raw {
        Raw::Str { text, padded } => {
            let is_short = text.len() <= SHORT;
            let padded = padded.filter(|_| is_short);
            if !padded.is_some_and(|padded| short(out, padded, text.len())) {
                bytes(out, text);
            }
        }
        Raw::I64(number) => integer(out, number),
        Raw::U64(number) => integer(out, number),
        Raw::F64(number) => float(out, number, number.is_finite()),
        Raw::Bool(true) => out.extend_from_slice(b"true"),
        Raw::Bool(false) => out.extend_from_slice(b"false"),
        Raw::Null => out.extend_from_slice(b"null"),
        Raw::Other(field) => value(out, &field),
    }
}

/// Appends text that is known to be UTF-8 as a JSON string.
pub(crate) fn raw_string(out: &mut Vec<u8>, text: &[u8]) {
    bytes(out, text);
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

/// A timestamp as text.
pub(crate) fn timestamp(millis: i64) -> String {
    let mut text = Vec::new();
    Timestamps::default().write(&mut text, millis);
    String::from_utf8(text).unwrap_or_default()
}
