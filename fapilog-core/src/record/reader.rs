//! Reading records: on the worker, borrowing from the chunk.

use std::borrow::Cow;

use super::*;
use crate::event::FieldValue;

/// A record, taken apart; values and blocks are still to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) stamp: u64,
    pub(crate) callsite: u32,
    pub(crate) cut: bool,
    pub(crate) static_values: u16,
    logger: &'a [u8],
    pub(crate) scope: Reader<'a>,
    pub(crate) bound: Reader<'a>,
    pub(crate) extra: Reader<'a>,
    message: &'a [u8],
    pub(crate) values: Reader<'a>,
}

impl<'a> Record<'a> {
    /// Takes the record apart that stands at the front of `bytes`. `None` only if none does.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let length = Reader::new(bytes).u32()? as usize;
        let mut reader = Reader::new(bytes.get(..length)?);
        reader.u32()?;
        let stamp = u64::from_le_bytes(reader.fixed()?);
        let callsite = reader.u32()?;
        let cut = reader.u8()? & CUT != 0;
        let static_values = u16::from_le_bytes(reader.fixed()?);
        let mut lengths = Reader::new(reader.take(4 * 4)?);
        let mut part = || reader.take(lengths.u32()? as usize);
        Some(Self {
            stamp,
            callsite,
            cut,
            static_values,
            logger: part()?,
            scope: Reader::new(part()?),
            bound: Reader::new(part()?),
            extra: Reader::new(part()?),
            message: reader.sized()?,
            values: reader,
        })
    }

    /// The name of the logger; empty if it has none.
    pub(crate) fn logger(&self) -> Option<&'a str> {
        std::str::from_utf8(self.logger).ok()
    }

    pub(crate) fn message(&self) -> Option<&'a str> {
        std::str::from_utf8(self.message).ok()
    }

    /// The same, unchecked: it was written as UTF-8.
    pub(crate) fn raw_logger(&self) -> &'a [u8] {
        self.logger
    }

    /// The same, unchecked: it was written as UTF-8.
    pub(crate) fn raw_message(&self) -> &'a [u8] {
        self.message
    }
}

/// A value as it stands in a record.
pub(crate) enum Raw<'a> {
    Null,
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Str {
        text: &'a [u8],
        /// The text and what follows it, if they are so long.
        padded: Option<&'a [u8; 16]>,
    },
    Other(FieldValue<'a>),
}

/// Walks bytes that [`super::encode`] wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Splits the next record off, as it stands among others in a chunk: its stamp and length.
    pub(crate) fn next_record(&mut self) -> Option<(u64, usize)> {
        let length = u32::from_le_bytes(self.0.get(..4)?.try_into().ok()?) as usize;
        let stamp = self.0.get(STAMP_AT..STAMP_AT + 8)?.try_into().ok()?;
        self.0 = self.0.get(length..)?;
        Some((u64::from_le_bytes(stamp), length))
    }

    /// Whether the next value is an error.
    pub(crate) fn is_at_error(&self) -> bool {
        self.0.first() == Some(&ERROR)
    }

    /// The key of the next field of a block.
    pub(crate) fn key(&mut self) -> Option<&'a str> {
        self.text()
    }

    /// The same, unchecked: it was written as UTF-8.
    pub(crate) fn raw_key(&mut self) -> Option<&'a [u8]> {
        self.sized()
    }

    /// The next field of a block, with the bytes that it stands in.
    pub(crate) fn raw_field(&mut self) -> Option<(&'a str, &'a [u8])> {
        let before = self.0;
        let key = self.text()?;
        self.skip()?;
        Some((key, &before[..before.len() - self.0.len()]))
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        match self.u8()? {
            NULL | FALSE | TRUE => {}
            F32 => drop(self.take(4)?),
            I64 | U64 | F64 => drop(self.take(8)?),
            I128 | U128 => drop(self.take(16)?),
            STR => drop(self.sized()?),
            LIST => (0..self.u32()?).try_for_each(|_| self.skip())?,
            MAP | ERROR => (0..self.u32()?).try_for_each(|_| {
                self.sized()?;
                self.skip()
            })?,
            _ => return None,
        }
        Some(())
    }

    /// The next value.
    pub(crate) fn value(&mut self) -> Option<FieldValue<'a>> {
        self.value_into(|value| value)
    }

    /// Puts the next value where it belongs. In each branch, so that it is made in its place: a
    /// value that is made on the way and copied at once has to wait for its own bytes.
    #[inline(always)]
    pub(crate) fn value_into<T>(&mut self, put: impl FnOnce(FieldValue<'a>) -> T) -> Option<T> {
        Some(match self.u8()? {
            NULL => put(FieldValue::Null),
            FALSE => put(FieldValue::Bool(false)),
            TRUE => put(FieldValue::Bool(true)),
            I64 => put(FieldValue::I64(i64::from_le_bytes(self.fixed()?))),
            U64 => put(FieldValue::U64(u64::from_le_bytes(self.fixed()?))),
            F64 => put(FieldValue::F64(f64::from_le_bytes(self.fixed()?))),
            STR => put(FieldValue::Str(Cow::Borrowed(self.text()?))),
            tag => put(self.rare(tag)?),
        })
    }

    /// The same without a look at whether text is UTF-8, which it is: it was written as such.
    #[inline(always)]
    pub(crate) fn raw_into<T>(&mut self, put: impl FnOnce(Raw<'a>) -> T) -> Option<T> {
        Some(match self.u8()? {
            STR => {
                let length = self.u32()? as usize;
                let padded = self.0.first_chunk();
                let text = self.take(length)?;
                put(Raw::Str { text, padded })
            }
            I64 => put(Raw::I64(i64::from_le_bytes(self.fixed()?))),
            U64 => put(Raw::U64(u64::from_le_bytes(self.fixed()?))),
            F64 => put(Raw::F64(f64::from_le_bytes(self.fixed()?))),
            NULL => put(Raw::Null),
            FALSE => put(Raw::Bool(false)),
            TRUE => put(Raw::Bool(true)),
            tag => put(Raw::Other(self.rare(tag)?)),
        })
    }

    #[cold]
    fn rare(&mut self, tag: u8) -> Option<FieldValue<'a>> {
        Some(match tag {
            I128 => FieldValue::I128(i128::from_le_bytes(self.fixed()?)),
            U128 => FieldValue::U128(u128::from_le_bytes(self.fixed()?)),
            F32 => FieldValue::F32(f32::from_le_bytes(self.fixed()?)),
            LIST => self.list()?,
            MAP | ERROR => self.map()?,
            _ => return None,
        })
    }

    fn list(&mut self) -> Option<FieldValue<'a>> {
        let count = self.u32()?;
        let items = (0..count).map(|_| self.value()).collect::<Option<_>>()?;
        Some(FieldValue::List(items))
    }

    fn map(&mut self) -> Option<FieldValue<'a>> {
        let count = self.u32()?;
        let entries = (0..count)
            .map(|_| Some((Cow::Borrowed(self.text()?), self.value()?)))
            .collect::<Option<_>>()?;
        Some(FieldValue::Map(entries))
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.sized()?).ok()
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        self.take(length)
    }

    fn u8(&mut self) -> Option<u8> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.fixed().map(u32::from_le_bytes)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }
}
