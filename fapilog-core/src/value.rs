//! [`Value`]: what a log call may take as the value of a field.

use std::{borrow::Cow, fmt, rc::Rc, sync::Arc};

pub(crate) mod error;
mod json;

pub use self::{
    error::ErrorValue,
    json::{Json, json},
};
pub use crate::record::ValueWriter;

use crate::event::FieldValue;

/// A value that a log call takes as it is: numbers, booleans, characters, strings, bytes, and
/// options of them.
///
/// Anything else says how it wants to be shown: `%value` takes its `Display` text, `?value` its
/// `Debug` text, [`json(&value)`](json()) its structure. A value is written at once, on the thread of the call, and not kept.
///
/// | value | in the event |
/// |---|---|
/// | `None` | `null` |
/// | `NaN`, infinities | `null` |
/// | integers beyond 64 bits | all their digits, as a number |
/// | bytes | text; what is not UTF-8 becomes U+FFFD |
/// | text over 64 KiB | its head, then `…[truncated]` |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be logged as it is",
    label = "not a number, boolean, string or option of one",
    note = "write `%value` to log its `Display` text, `?value` its `Debug` text, `key = json(&value)` its structure, or `err = &value` if it is an error"
)]
pub trait Value {
    /// Writes the value, with exactly one call of a method of `writer`.
    fn record(&self, writer: ValueWriter<'_>);
}

macro_rules! values {
    ($($method:ident as $wide:ty: $($narrow:ty)+;)+) => {$($(
        impl Value for $narrow {
            #[inline]
            fn record(&self, writer: ValueWriter<'_>) {
                writer.$method(<$wide>::from(*self));
            }
        }
    )+)+};
}

values! {
    bool as bool: bool;
    i64 as i64: i8 i16 i32 i64;
    u64 as u64: u8 u16 u32 u64;
    i128 as i128: i128;
    u128 as u128: u128;
    f32 as f32: f32;
    f64 as f64: f64;
}

impl Value for isize {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.i64(*self as i64);
    }
}

impl Value for usize {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.u64(*self as u64);
    }
}

impl Value for char {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.str(self.encode_utf8(&mut [0; 4]));
    }
}

impl Value for str {
    #[inline]
    fn record(&self, writer: ValueWriter<'_>) {
        writer.str(self);
    }
}

impl Value for String {
    #[inline]
    fn record(&self, writer: ValueWriter<'_>) {
        writer.str(self);
    }
}

impl Value for [u8] {
    fn record(&self, writer: ValueWriter<'_>) {
        match std::str::from_utf8(self) {
            // Nearly always, and checked faster than what has to be mended.
            Ok(text) => writer.str(text),
            Err(_) => writer.str(&String::from_utf8_lossy(self)),
        }
    }
}

impl Value for Vec<u8> {
    fn record(&self, writer: ValueWriter<'_>) {
        self.as_slice().record(writer);
    }
}

impl Value for fmt::Arguments<'_> {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.display(self);
    }
}

impl<T: Value> Value for Option<T> {
    #[inline]
    fn record(&self, writer: ValueWriter<'_>) {
        match self {
            Some(value) => value.record(writer),
            None => writer.null(),
        }
    }
}

macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<T: Value + ?Sized> Value for $pointer {
            #[inline]
            fn record(&self, writer: ValueWriter<'_>) {
                (**self).record(writer);
            }
        }
    )+};
}

pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: Value + ToOwned + ?Sized> Value for Cow<'_, T> {
    fn record(&self, writer: ValueWriter<'_>) {
        self.as_ref().record(writer);
    }
}

impl Value for FieldValue<'_> {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.field_value(self);
    }
}

/// The `Display` text of a value: what `%value` stands for.
#[derive(Clone, Copy, Debug)]
pub struct DisplayValue<T>(pub T);

impl<T: fmt::Display> Value for DisplayValue<T> {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.display(&self.0);
    }
}

/// The `Debug` text of a value: what `?value` stands for.
#[derive(Clone, Copy, Debug)]
pub struct DebugValue<T>(pub T);

impl<T: fmt::Debug> Value for DebugValue<T> {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.debug(&self.0);
    }
}
