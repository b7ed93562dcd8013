//! The binary form in which an event waits in the queue.
//!
//! A record is written once, on the thread of the call, into a reused buffer, and read once, by
//! the worker. It never leaves the memory of the process, so it has no version and follows the
//! byte order of little-endian machines everywhere.
//!
//! ```text
//! length u32 | stamp u64 | call site u32 | flags u8 | static values u16
//! lengths of logger, scope, bound, extra: u32 each
//! logger     text                             empty: unnamed
//! scope      block                            fields of the request or task
//! bound      block                            fields of the logger
//! extra      block                            fields with keys made at run time
//! message    u32 length, text
//! values     one for each static key of the call site
//! block      (key u32 length, text; value)*
//! value      tag u8, then what the tag says
//! ```

mod block;
mod exception;
mod limits;
mod reader;
mod serialize;
mod writer;

pub use block::FieldBlock;
pub(crate) use exception::Exception;
pub use limits::Limits;
pub(crate) use reader::{Raw, Reader, Record};
pub(crate) use serialize::serialize;
pub use writer::{Message, ValueWriter};
pub(crate) use writer::{Parts, Scratch, encode, write_field};

/// Bytes before the logger's name.
const HEADER: usize = 4 + 8 + 4 + 1 + 2 + 4 * 4;
const STAMP_AT: usize = 4;

/// The event was cut at the size limit: fields are missing.
const CUT: u8 = 1;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const I64: u8 = 3;
const U64: u8 = 4;
const I128: u8 = 5;
const U128: u8 = 6;
const F32: u8 = 7;
const F64: u8 = 8;
const STR: u8 = 9;
const LIST: u8 = 10;
const MAP: u8 = 11;
/// A map that says what is known of an error.
const ERROR: u8 = 12;

/// Stands where text was cut.
pub(crate) const CUT_MARK: &str = "…[truncated]";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Value, event::FieldValue};
    use std::fmt;

    fn one(value: &dyn Value) -> FieldValue<'static> {
        let mut bytes = Vec::new();
        value.record(ValueWriter::new(&mut bytes, &Limits::default()));
        let mut reader = Reader::new(&bytes);
        let read = reader.value().map(FieldValue::into_owned);
        assert!(reader.is_empty(), "all bytes are read");
        read.unwrap_or(FieldValue::Null)
    }

    #[test]
    fn values_come_back_equal() {
        assert_eq!(one(&true), FieldValue::Bool(true));
        assert_eq!(one(&-5_i8), FieldValue::I64(-5));
        assert_eq!(one(&u64::MAX), FieldValue::U64(u64::MAX));
        assert_eq!(one(&i128::MIN), FieldValue::I128(i128::MIN));
        assert_eq!(one(&u128::MAX), FieldValue::U128(u128::MAX));
        assert_eq!(one(&0.1_f32), FieldValue::F32(0.1));
        assert_eq!(one(&-0.0_f64), FieldValue::F64(-0.0));
        assert_eq!(one(&'ß'), FieldValue::from("ß"));
        assert_eq!(one(&None::<u8>), FieldValue::Null);
        assert_eq!(
            one(&[0xff_u8, b'a'][..].to_vec()),
            FieldValue::from("\u{fffd}a")
        );
    }

    #[test]
    fn nested_values_come_back_equal_and_end_at_the_depth_limit() {
        let nested = FieldValue::List(vec![
            FieldValue::Map(vec![("k".into(), FieldValue::U64(1))]),
            FieldValue::Null,
        ]);
        assert_eq!(one(&nested), nested);
        let deep = (0..100).fold(FieldValue::Null, |inner, _| FieldValue::List(vec![inner]));
        assert!(format!("{:?}", one(&deep)).contains("truncated"));
    }

    #[test]
    fn a_panic_in_display_leaves_a_mark_and_no_partial_text() {
        struct Bomb;
        impl fmt::Display for Bomb {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("partial")?;
                panic!("boom")
            }
        }
        assert_eq!(
            one(&crate::value::DisplayValue(Bomb)),
            FieldValue::from("<panic in Display>")
        );
    }

    #[test]
    fn long_text_keeps_its_head_and_says_so() {
        let FieldValue::Str(text) = one(&"é".repeat(Limits::default().string)) else {
            panic!("a string comes back as a string");
        };
        assert!(text.ends_with(CUT_MARK));
        assert!(text.len() <= Limits::default().string + CUT_MARK.len());
    }
}
