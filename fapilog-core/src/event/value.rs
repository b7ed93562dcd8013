//! [`FieldValue`]: the value of a field.

use std::borrow::Cow;

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
