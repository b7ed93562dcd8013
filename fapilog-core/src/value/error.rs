//! Errors as values: `err = &e`.

use std::{
    error::Error,
    fmt::{self, Debug},
};

use super::{Value, ValueWriter};
use crate::record::Exception;

/// An error with what caused it. It stands in `diagnostics.exception` of its event.
#[derive(Clone, Copy)]
pub struct ErrorValue<'a>(Exception<'a>);

impl<'a> ErrorValue<'a> {
    /// An error of any type.
    pub fn new(error: &'a dyn Error) -> Self {
        Self(Exception {
            error,
            kind: None,
            debug: None,
        })
    }
}

impl Value for ErrorValue<'_> {
    fn record(&self, writer: ValueWriter<'_>) {
        self.0.write(writer);
    }
}

impl Debug for ErrorValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErrorValue").field(&self.0.error).finish()
    }
}

/// What stands behind `err = ` or `error = ` in a macro.
///
/// The macros call `fapilog_value` on `&&&Argument(&it)`: of the traits below, which all have that method,
/// the compiler takes the first that fits.
#[derive(Debug)]
pub struct Argument<'a, T: ?Sized>(pub &'a T);

/// For errors of a known type.
pub trait OfError<'a> {
    /// The value to log.
    fn fapilog_value(&self) -> ErrorValue<'a>;
}

impl<'a, T: Error> OfError<'a> for &&&Argument<'a, T> {
    fn fapilog_value(&self) -> ErrorValue<'a> {
        ErrorValue(Exception {
            error: self.0,
            kind: Some(std::any::type_name::<T>().trim_start_matches('&')),
            debug: None,
        })
    }
}

/// For `anyhow::Error` and its like, which know where they were made.
pub trait OfReport<'a> {
    /// The value to log.
    fn fapilog_value(&self) -> ErrorValue<'a>;
}

impl<'a, T: AsRef<dyn Error + Send + Sync> + Debug> OfReport<'a> for &&Argument<'a, T> {
    fn fapilog_value(&self) -> ErrorValue<'a> {
        ErrorValue(Exception {
            error: self.0.as_ref(),
            kind: None,
            debug: Some(self.0),
        })
    }
}

/// For boxes.
pub trait OfBox<'a> {
    /// The value to log.
    fn fapilog_value(&self) -> ErrorValue<'a>;
}

impl<'a, T: AsRef<dyn Error>> OfBox<'a> for &Argument<'a, T> {
    fn fapilog_value(&self) -> ErrorValue<'a> {
        ErrorValue::new(self.0.as_ref())
    }
}

/// For what is no error: it is a field like others.
pub trait OfOther<'a, T: ?Sized> {
    /// The value to log.
    fn fapilog_value(&self) -> &'a T;
}

impl<'a, T: ?Sized> OfOther<'a, T> for Argument<'a, T> {
    fn fapilog_value(&self) -> &'a T {
        self.0
    }
}
