//! The serializer.

use std::fmt::{Display, Write as _};

use serde_core::{Serialize, ser::Serializer};

use super::{
    super::{
        writer::{formatted, text_of},
        *,
    },
    Fault,
    compound::Compound,
};

/// Room for the mark that ends a value which is too large.
const MARK: usize = 64;

/// How often values may wrap each other, which shows in no structure.
pub(super) const WRAPS: usize = 128;

/// Writes values one after the other.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) limits: &'a Limits,
    pub(super) depth: usize,
    pub(super) wraps: usize,
    /// The limit is reached, and the mark is written: nothing may follow.
    pub(super) is_cut: bool,
}

impl<'a> Tree<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, limits: &'a Limits) -> Self {
        Self {
            out,
            limits,
            depth: 0,
            wraps: 0,
            is_cut: false,
        }
    }

    /// Whether so many bytes may be added, and the mark after them.
    pub(super) fn fits(&self, bytes: usize) -> bool {
        self.out.len() + bytes + MARK <= self.limits.event
    }

    /// Makes sure that `bytes` fit, or writes the mark in the place of a value.
    fn room(&mut self, bytes: usize) -> Result<(), Fault> {
        if self.is_cut {
            return Err(Fault::Cut);
        }
        if self.fits(bytes) {
            return Ok(());
        }
        self.is_cut = true;
        ValueWriter::new(self.out, self.limits).str(CUT_MARK);
        Err(Fault::Cut)
    }

    fn leaf(&mut self, write: impl FnOnce(ValueWriter<'_>)) -> Result<(), Fault> {
        self.room(1 + size_of::<u128>())?;
        write(ValueWriter::new(self.out, self.limits));
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        self.room(1 + 4 + text.len().min(self.limits.string))?;
        ValueWriter::new(self.out, self.limits).str(text);
        Ok(())
    }

    pub(super) fn key(&mut self, key: &str) -> Result<(), Fault> {
        text_of(self.out, self.limits, key);
        Ok(())
    }

    /// Writes what a value merely wraps. Types may wrap themselves without end, through `Option`.
    fn wrapped<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        if self.wraps >= WRAPS {
            return self.text(CUT_MARK);
        }
        self.wraps += 1;
        value.serialize(&mut *self)?;
        self.wraps -= 1;
        Ok(())
    }

    /// Begins a list or map; one that is nested too deep becomes a mark.
    pub(super) fn open(&mut self, tag: u8) -> Result<Option<usize>, Fault> {
        self.room(1 + 4)?;
        if self.depth >= self.limits.depth {
            ValueWriter::new(self.out, self.limits).str(CUT_MARK);
            return Ok(None);
        }
        self.depth += 1;
        self.out.push(tag);
        self.out.extend_from_slice(&[0; 4]);
        Ok(Some(self.out.len() - 4))
    }

    /// Begins a map with one entry, for a variant of an enum that holds something.
    pub(super) fn open_variant(&mut self, variant: &str) -> Result<bool, Fault> {
        let Some(count) = self.open(MAP)? else {
            return Ok(false);
        };
        text_of(self.out, self.limits, variant);
        self.out[count..count + 4].copy_from_slice(&1_u32.to_le_bytes());
        Ok(true)
    }
}

macro_rules! leaves {
    ($($method:ident($type:ty) as $write:ident $wide:ty;)+) => {$(
        fn $method(self, value: $type) -> Result<(), Fault> {
            self.leaf(|writer| writer.$write(<$wide>::from(value)))
        }
    )+};
}

impl<'t, 'a> Serializer for &'t mut Tree<'a> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Compound<'t, 'a>;
    type SerializeTuple = Compound<'t, 'a>;
    type SerializeTupleStruct = Compound<'t, 'a>;
    type SerializeTupleVariant = Compound<'t, 'a>;
    type SerializeMap = Compound<'t, 'a>;
    type SerializeStruct = Compound<'t, 'a>;
    type SerializeStructVariant = Compound<'t, 'a>;

    leaves! {
        serialize_bool(bool) as bool bool;
        serialize_i8(i8) as i64 i64;
        serialize_i16(i16) as i64 i64;
        serialize_i32(i32) as i64 i64;
        serialize_i64(i64) as i64 i64;
        serialize_i128(i128) as i128 i128;
        serialize_u8(u8) as u64 u64;
        serialize_u16(u16) as u64 u64;
        serialize_u32(u32) as u64 u64;
        serialize_u64(u64) as u64 u64;
        serialize_u128(u128) as u128 u128;
        serialize_f32(f32) as f32 f32;
        serialize_f64(f64) as f64 f64;
    }

    fn serialize_char(self, value: char) -> Result<(), Fault> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Fault> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Fault> {
        self.text(&String::from_utf8_lossy(value))
    }

    fn serialize_none(self) -> Result<(), Fault> {
        self.leaf(|writer| writer.null())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        self.wrapped(value)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        self.leaf(|writer| writer.null())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Fault> {
        self.leaf(|writer| writer.null())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Fault> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.wrapped(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        if self.open_variant(variant)? {
            value.serialize(&mut *self)?;
            self.depth -= 1;
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'t, 'a>, Fault> {
        Compound::open(self, LIST)
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'t, 'a>, Fault> {
        Compound::open(self, LIST)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'t, 'a>, Fault> {
        Compound::open(self, LIST)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'t, 'a>, Fault> {
        Compound::open_in_variant(self, variant, LIST)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'t, 'a>, Fault> {
        Compound::open(self, MAP)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'t, 'a>, Fault> {
        Compound::open_struct(self, name)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'t, 'a>, Fault> {
        Compound::open_in_variant(self, variant, MAP)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Fault> {
        self.room(1 + 4)?;
        let start = self.out.len();
        self.out.push(STR);
        formatted(self.out, self.limits, "Display", |text| {
            write!(text, "{value}")
        });
        if self.fits(0) {
            return Ok(());
        }
        self.out.truncate(start);
        self.room(0)
    }
}
