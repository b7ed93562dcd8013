//! What must not be seen.

use std::fmt;

use serde_core::{Serialize, Serializer};

use crate::{Value, value::ValueWriter};

/// Stands in the place of what is hidden.
pub const MASK: &str = "**REDACTED**";

/// A value that does not show itself: logs, `Debug`, `Display` and `Serialize` give
/// `**REDACTED**`, whatever it holds and however deep it lies in other values.
///
/// It is not overwritten in memory when it is dropped; what needs that is the business of crates
/// like `secrecy`.
///
/// ```
/// use fapilog_core::Sensitive;
///
/// let password = Sensitive::new("hunter2".to_owned());
/// assert_eq!(format!("{password:?}"), "**REDACTED**");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, open to be seen.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value, no longer hidden.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(MASK)
    }
}

impl<T> Serialize for Sensitive<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<T> Value for Sensitive<T> {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.str(MASK);
    }
}

/// The fields of `sensitive = {…}` and `pii = {…}`: their keys, and the mask for each.
#[derive(Clone, Copy, Debug)]
pub struct Masked<'a>(pub &'a [&'a str]);

impl Value for Masked<'_> {
    fn record(&self, writer: ValueWriter<'_>) {
        writer.entries(self.0.iter().map(|key| (*key, MASK)));
    }
}
