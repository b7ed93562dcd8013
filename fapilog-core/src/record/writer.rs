//! Writing records: on the thread of the call, into a buffer that the thread keeps.

use std::{
    borrow::Cow,
    cell::Cell,
    fmt::{self, Write as _},
};

use super::*;
use crate::{Value, callsite::Callsite, event::FieldValue, panics::region};

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A buffer above this size is given back to the allocator after the call.
const KEPT_CAPACITY: usize = 64 * 1024;

/// The thread's buffer, taken for the time of one call.
///
/// A value whose `Display` logs finds the buffer taken and starts with a fresh one, as does a
/// thread that is ending.
#[derive(Debug)]
pub(crate) struct Scratch(Vec<u8>);

impl Scratch {
    pub(crate) fn take() -> Self {
        let mut bytes = SCRATCH.try_with(Cell::take).unwrap_or_default();
        bytes.clear();
        Self(bytes)
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0);
        if bytes.capacity() > KEPT_CAPACITY {
            bytes = Vec::new();
        }
        // A thread that is ending has no place for it any more.
        let _ = SCRATCH.try_with(|kept| kept.set(bytes));
    }
}

/// What a record is made of, besides the values of its call.
#[derive(Debug, Default)]
pub(crate) struct Parts<'a> {
    pub(crate) logger: &'a str,
    pub(crate) scope: &'a [u8],
    pub(crate) bound: &'a [u8],
    pub(crate) extra: &'a [u8],
    /// Fields of the blocks were left out when they were made.
    pub(crate) cut: bool,
    pub(crate) message: Message<'a>,
    pub(crate) limits: &'a Limits,
}

/// The message of a call.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// As it is.
    Text(&'a str),
    /// To be formatted into the record.
    Format(fmt::Arguments<'a>),
}

impl Default for Message<'_> {
    fn default() -> Self {
        Message::Text("")
    }
}

/// Writes one record into `scratch`.
pub(crate) fn encode(
    scratch: &mut Scratch,
    stamp: u64,
    callsite: &'static Callsite,
    parts: &Parts<'_>,
    values: &[&dyn Value],
) {
    let out = &mut scratch.0;
    let limits = parts.limits;
    out.extend_from_slice(&[0; HEADER]);
    out.extend_from_slice(parts.logger.as_bytes());
    let mut cut = parts.cut;
    let mut lengths = [parts.logger.len() as u32, 0, 0, 0];
    for (block, length) in [parts.scope, parts.bound, parts.extra]
        .into_iter()
        .zip(&mut lengths[1..])
    {
        // Each is within the limit; all together need not be.
        if out.len() + block.len() > limits.event {
            cut = true;
        } else if !block.is_empty() {
            out.extend_from_slice(block);
            *length = block.len() as u32;
        }
    }
    write_message(out, limits, parts.message);
    let written = write_values(out, limits, values);
    let header = Header {
        length: out.len() as u32,
        stamp,
        callsite: callsite.number(),
        cut: cut || written < values.len(),
        static_values: written as u16,
        lengths,
    };
    if let Some(place) = out.first_chunk_mut() {
        *place = header.bytes();
    }
}

/// What a record begins with.
struct Header {
    length: u32,
    stamp: u64,
    callsite: u32,
    cut: bool,
    static_values: u16,
    /// Of the logger's name and the blocks.
    lengths: [u32; 4],
}

impl Header {
    fn bytes(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..4].copy_from_slice(&self.length.to_le_bytes());
        bytes[STAMP_AT..12].copy_from_slice(&self.stamp.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.callsite.to_le_bytes());
        bytes[16] = if self.cut { CUT } else { 0 };
        bytes[17..19].copy_from_slice(&self.static_values.to_le_bytes());
        for (index, length) in self.lengths.iter().enumerate() {
            bytes[19 + 4 * index..][..4].copy_from_slice(&length.to_le_bytes());
        }
        bytes
    }
}

/// Writes the message, into what the fields before it have left of the event.
fn write_message(out: &mut Vec<u8>, limits: &Limits, message: Message<'_>) {
    let left = limits.event.saturating_sub(out.len());
    let limits = &Limits {
        string: limits.string.min(left),
        ..*limits
    };
    match message {
        Message::Text(text) => text_of(out, limits, text),
        Message::Format(message) => match message.as_str() {
            Some(text) => text_of(out, limits, text),
            None => formatted(out, limits, "message", |text| text.write_fmt(message)),
        },
    }
}

/// Writes values until the limits are reached; returns how many.
fn write_values(out: &mut Vec<u8>, limits: &Limits, values: &[&dyn Value]) -> usize {
    let allowed = &values[..values.len().min(limits.fields)];
    let mut written = 0;
    let mut start = out.len();
    while written < allowed.len() && out.len() <= limits.event {
        // One region for the whole run: a panic, which only a user's own `Value` can cause here,
        // costs that value alone.
        let run = region(|| {
            for value in &allowed[written..] {
                start = out.len();
                one_value(out, limits, *value);
                if out.len() > limits.event {
                    break;
                }
                written += 1;
            }
        });
        if run.is_err() {
            out.truncate(start);
            ValueWriter::new(out, limits).str("<panic in Value>");
            written += 1;
        }
    }
    if out.len() > limits.event {
        out.truncate(start);
    }
    written
}

/// Writes one value; one that writes nothing is null.
fn one_value(out: &mut Vec<u8>, limits: &Limits, value: &dyn Value) {
    let start = out.len();
    value.record(ValueWriter::new(out, limits));
    if out.len() == start {
        out.push(NULL);
    }
}

/// Appends one field to a block.
pub(crate) fn write_field(out: &mut Vec<u8>, limits: &Limits, key: &str, value: &dyn Value) {
    text_of(out, limits, key);
    let start = out.len();
    if region(|| one_value(out, limits, value)).is_err() {
        out.truncate(start);
        ValueWriter::new(out, limits).str("<panic in Value>");
    }
}

fn sized(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Writes text with its length, cut at the limit for strings.
pub(super) fn text_of(out: &mut Vec<u8>, limits: &Limits, text: &str) {
    if text.len() <= limits.string {
        return sized(out, text.as_bytes());
    }
    let head = &text[..text.floor_char_boundary(limits.string)];
    out.extend_from_slice(&((head.len() + CUT_MARK.len()) as u32).to_le_bytes());
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(CUT_MARK.as_bytes());
}

/// Writes what `format` gives, with its length; a panic or an error of it becomes a mark.
pub(super) fn formatted(
    out: &mut Vec<u8>,
    limits: &Limits,
    what: &str,
    format: impl FnOnce(&mut Limited<'_>) -> fmt::Result,
) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    let mut text = Limited {
        out,
        room: limits.string,
        cut: false,
    };
    let result = region(|| format(&mut text));
    let cut = text.cut;
    match result {
        Ok(Ok(())) if !cut => {}
        _ if cut => out.extend_from_slice(CUT_MARK.as_bytes()),
        Ok(_) => out.extend_from_slice(format!("<error in {what}>").as_bytes()),
        Err(_) => {
            out.truncate(start + 4);
            out.extend_from_slice(format!("<panic in {what}>").as_bytes());
        }
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Text that ends at the limit for strings, so that endless output ends too.
pub(super) struct Limited<'a> {
    out: &'a mut Vec<u8>,
    room: usize,
    cut: bool,
}

impl fmt::Write for Limited<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.room {
            self.out.extend_from_slice(text.as_bytes());
            self.room -= text.len();
            return Ok(());
        }
        let head = &text[..text.floor_char_boundary(self.room)];
        self.out.extend_from_slice(head.as_bytes());
        self.room = 0;
        self.cut = true;
        Err(fmt::Error)
    }
}

/// Takes one value of a field; see [`Value::record`].
#[derive(Debug)]
pub struct ValueWriter<'a> {
    pub(super) out: &'a mut Vec<u8>,
    /// Its depth is what is left of it.
    pub(super) limits: &'a Limits,
}

impl<'a> ValueWriter<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, limits: &'a Limits) -> Self {
        Self { out, limits }
    }

    /// Writes `null`.
    #[inline]
    pub fn null(self) {
        self.out.push(NULL);
    }

    /// Writes a boolean.
    #[inline]
    pub fn bool(self, value: bool) {
        self.out.push(if value { TRUE } else { FALSE });
    }

    /// Writes a signed integer.
    #[inline]
    pub fn i64(self, value: i64) {
        self.word(I64, value.to_le_bytes());
    }

    /// Writes an unsigned integer.
    #[inline]
    pub fn u64(self, value: u64) {
        self.word(U64, value.to_le_bytes());
    }

    /// Writes a wide signed integer.
    pub fn i128(self, value: i128) {
        self.fixed(I128, value.to_le_bytes());
    }

    /// Writes a wide unsigned integer.
    pub fn u128(self, value: u128) {
        self.fixed(U128, value.to_le_bytes());
    }

    /// Writes a number of single precision, with the digits that single precision needs.
    pub fn f32(self, value: f32) {
        self.fixed(F32, value.to_le_bytes());
    }

    /// Writes a number of double precision.
    #[inline]
    pub fn f64(self, value: f64) {
        self.word(F64, value.to_le_bytes());
    }

    /// Writes text.
    #[inline]
    pub fn str(self, value: &str) {
        if value.len() > self.limits.string {
            self.out.push(STR);
            return text_of(self.out, self.limits, value);
        }
        let mut head = [STR; 5];
        head[1..].copy_from_slice(&(value.len() as u32).to_le_bytes());
        self.out.extend_from_slice(&head);
        self.out.extend_from_slice(value.as_bytes());
    }

    /// Writes the `Display` text of a value.
    pub fn display(self, value: &dyn fmt::Display) {
        self.out.push(STR);
        formatted(self.out, self.limits, "Display", |text| {
            write!(text, "{value}")
        });
    }

    /// Writes the `Debug` text of a value.
    pub fn debug(self, value: &dyn fmt::Debug) {
        self.out.push(STR);
        formatted(self.out, self.limits, "Debug", |text| {
            write!(text, "{value:?}")
        });
    }

    pub(crate) fn field_value(self, value: &FieldValue<'_>) {
        match value {
            FieldValue::Null => self.null(),
            FieldValue::Bool(value) => self.bool(*value),
            FieldValue::I64(value) => self.i64(*value),
            FieldValue::U64(value) => self.u64(*value),
            FieldValue::I128(value) => self.i128(*value),
            FieldValue::U128(value) => self.u128(*value),
            FieldValue::F32(value) => self.f32(*value),
            FieldValue::F64(value) => self.f64(*value),
            FieldValue::Str(value) => self.str(value),
            _ if self.limits.depth == 0 => self.str(CUT_MARK),
            FieldValue::List(items) => self.list(items),
            FieldValue::Map(entries) => self.map(entries),
        }
    }

    fn list(self, items: &[FieldValue<'_>]) {
        let Self { out, limits } = self;
        let limits = &limits.one_level_less();
        out.push(LIST);
        out.extend_from_slice(&(items.len() as u32).to_le_bytes());
        for item in items {
            ValueWriter { out, limits }.field_value(item);
        }
    }

    /// Writes a map of texts.
    pub(crate) fn entries<'e>(self, entries: impl ExactSizeIterator<Item = (&'e str, &'e str)>) {
        let Self { out, limits } = self;
        out.push(MAP);
        out.extend_from_slice(&(entries.len() as u32).to_le_bytes());
        for (key, text) in entries {
            text_of(out, limits, key);
            ValueWriter::new(out, limits).str(text);
        }
    }

    fn map(self, entries: &[(Cow<'_, str>, FieldValue<'_>)]) {
        let Self { out, limits } = self;
        let limits = &limits.one_level_less();
        out.push(MAP);
        out.extend_from_slice(&(entries.len() as u32).to_le_bytes());
        for (key, value) in entries {
            text_of(out, limits, key);
            ValueWriter { out, limits }.field_value(value);
        }
    }

    /// In one piece: for each piece, the buffer has to be asked for room.
    #[inline]
    fn word(self, tag: u8, bytes: [u8; 8]) {
        let mut tagged = [tag; 9];
        tagged[1..].copy_from_slice(&bytes);
        self.out.extend_from_slice(&tagged);
    }

    fn fixed<const N: usize>(self, tag: u8, bytes: [u8; N]) {
        self.out.push(tag);
        self.out.extend_from_slice(&bytes);
    }
}
