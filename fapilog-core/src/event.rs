//! [`Event`]: what filters, enrichers, redactors, processors and sinks see.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{Level, envelope};

/// One event, with unique keys in each of its three groups of fields.
///
/// Stages borrow it from the queue; a sink that asks for events instead of bytes gets an owned
/// one, `Event<'static>`.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub(crate) millis: i64,
    pub(crate) level: Level,
    pub(crate) message: Cow<'a, str>,
    pub(crate) logger: Cow<'a, str>,
    pub(crate) message_id: [u8; 16],
    pub(crate) context: Fields<'a>,
    pub(crate) diagnostics: Fields<'a>,
    pub(crate) data: Fields<'a>,
    pub(crate) constants: Arc<Constants>,
}

impl<'a> Event<'a> {
    /// When the call was made, by the wall clock, to the millisecond.
    pub fn timestamp(&self) -> SystemTime {
        let distance = Duration::from_millis(self.millis.unsigned_abs());
        if self.millis < 0 {
            UNIX_EPOCH - distance
        } else {
            UNIX_EPOCH + distance
        }
    }

    /// The level of the call.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The formatted message; empty if the call had none.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Replaces the message.
    pub fn set_message(&mut self, message: impl Into<Cow<'a, str>>) {
        self.message = message.into();
    }

    /// The name of the logger, or the module path of the call if the logger has none.
    pub fn logger(&self) -> &str {
        &self.logger
    }

    /// The id of this event alone, a UUID of version 7.
    pub fn message_id(&self) -> uuid::Uuid {
        uuid::Uuid::from_bytes(self.message_id)
    }

    /// `request_id`, `user_id`, `tenant_id`, `trace_id` and `span_id`, where they are known.
    pub fn context(&self) -> &Fields<'a> {
        &self.context
    }

    /// See [`context`](Self::context).
    pub fn context_mut(&mut self) -> &mut Fields<'a> {
        &mut self.context
    }

    /// What enrichers added to this event; [`constants`](Self::constants) stand beside it.
    pub fn diagnostics(&self) -> &Fields<'a> {
        &self.diagnostics
    }

    /// See [`diagnostics`](Self::diagnostics).
    pub fn diagnostics_mut(&mut self) -> &mut Fields<'a> {
        &mut self.diagnostics
    }

    /// What enrichers add to every event: service, host and the like.
    pub fn constants(&self) -> &Fields<'static> {
        &self.constants.fields
    }

    /// The fields of the call, of its logger and of its scope.
    pub fn data(&self) -> &Fields<'a> {
        &self.data
    }

    /// See [`data`](Self::data).
    pub fn data_mut(&mut self) -> &mut Fields<'a> {
        &mut self.data
    }

    /// The event as every sink writes it: one JSON object, without a line break.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(512);
        envelope::Writer::default().event(&mut out, self);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The event with all that it borrowed copied.
    pub fn into_owned(self) -> Event<'static> {
        Event {
            millis: self.millis,
            level: self.level,
            message: Cow::Owned(self.message.into_owned()),
            logger: Cow::Owned(self.logger.into_owned()),
            message_id: self.message_id,
            context: self.context.into_owned(),
            diagnostics: self.diagnostics.into_owned(),
            data: self.data.into_owned(),
            constants: self.constants,
        }
    }
}

/// Fields with unique keys, in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields<'a>(Vec<Field<'a>>);

/// One key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field<'a> {
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: FieldValue<'a>,
}

impl<'a> Fields<'a> {
    /// The number of fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&FieldValue<'a>> {
        let field = self.0.iter().find(|field| field.key == key);
        field.map(|field| &field.value)
    }

    /// Sets the value of a key, in the place of its old value if it had one.
    pub fn insert(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<FieldValue<'a>>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|field| field.key == key) {
            Some(field) => field.value = value,
            None => self.0.push(Field { key, value }),
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<FieldValue<'a>> {
        let index = self.0.iter().position(|field| field.key == key)?;
        Some(self.0.remove(index).value)
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue<'a>)> {
        self.0.iter().map(|field| (&*field.key, &field.value))
    }

    /// The fields in order, their values open to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut FieldValue<'a>)> {
        self.0
            .iter_mut()
            .map(|field| (&*field.key, &mut field.value))
    }

    /// Adds a field whose key is known to be new.
    pub(crate) fn push_new(&mut self, key: Cow<'a, str>, value: FieldValue<'a>) {
        self.0.push(Field { key, value });
    }

    fn into_owned(self) -> Fields<'static> {
        let owned = self.0.into_iter().map(|field| Field {
            key: Cow::Owned(field.key.into_owned()),
            value: field.value.into_owned(),
        });
        Fields(owned.collect())
    }

    /// The same memory, empty, for the next event.
    pub(crate) fn recycle<'b>(mut self) -> Fields<'b> {
        self.0.clear();
        // Collecting from an emptied vector of the same layout keeps its allocation.
        let empty = self.0.into_iter().map_while(|_| None);
        Fields(empty.collect())
    }
}

/// The value of a field, as stages and sinks see it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FieldValue<'a> {
    /// No value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A wide signed integer; JSON gets all its digits.
    I128(i128),
    /// A wide unsigned integer; JSON gets all its digits.
    U128(u128),
    /// A number of single precision; JSON gets `null` for NaN and infinities.
    F32(f32),
    /// A number of double precision; JSON gets `null` for NaN and infinities.
    F64(f64),
    /// Text.
    Str(Cow<'a, str>),
    /// Values in order.
    List(Vec<FieldValue<'a>>),
    /// Keys and values in order; of a key that stands twice, JSON gets the last.
    Map(Vec<(Cow<'a, str>, FieldValue<'a>)>),
}

impl<'a> FieldValue<'a> {
    /// The text, if the value is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            FieldValue::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The value with all that it borrowed copied.
    pub fn into_owned(self) -> FieldValue<'static> {
        match self {
            FieldValue::Null => FieldValue::Null,
            FieldValue::Bool(value) => FieldValue::Bool(value),
            FieldValue::I64(value) => FieldValue::I64(value),
            FieldValue::U64(value) => FieldValue::U64(value),
            FieldValue::I128(value) => FieldValue::I128(value),
            FieldValue::U128(value) => FieldValue::U128(value),
            FieldValue::F32(value) => FieldValue::F32(value),
            FieldValue::F64(value) => FieldValue::F64(value),
            FieldValue::Str(text) => FieldValue::Str(Cow::Owned(text.into_owned())),
            FieldValue::List(items) => {
                FieldValue::List(items.into_iter().map(FieldValue::into_owned).collect())
            }
            FieldValue::Map(entries) => {
                let owned = entries
                    .into_iter()
                    .map(|(key, value)| (Cow::Owned(key.into_owned()), value.into_owned()));
                FieldValue::Map(owned.collect())
            }
        }
    }
}

macro_rules! field_values {
    ($($variant:ident from $($from:ty)+;)+) => {$($(
        impl From<$from> for FieldValue<'_> {
            fn from(value: $from) -> Self {
                FieldValue::$variant(value.into())
            }
        }
    )+)+};
}

field_values! {
    Bool from bool;
    I64 from i8 i16 i32 i64;
    U64 from u8 u16 u32 u64;
    I128 from i128;
    U128 from u128;
    F32 from f32;
    F64 from f64;
    Str from String;
}

impl<'a> From<&'a str> for FieldValue<'a> {
    fn from(text: &'a str) -> Self {
        FieldValue::Str(Cow::Borrowed(text))
    }
}

impl<'a> From<Cow<'a, str>> for FieldValue<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        FieldValue::Str(text)
    }
}

/// Fields that are the same in every event: kept once, encoded once.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    pub(crate) fields: Fields<'static>,
    /// `"key":value` pairs, joined with commas.
    pub(crate) json: Vec<u8>,
}

impl Constants {
    pub(crate) fn new(fields: Fields<'static>) -> Self {
        let mut json = Vec::new();
        envelope::members(&mut json, &fields);
        Self { fields, json }
    }
}
