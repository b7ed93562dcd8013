//! Keys of maps: text, and what has a text that everybody expects.

use std::fmt::{Display, Write as _};

use serde_core::{
    Serialize,
    ser::{Impossible, Serializer},
};

use super::{
    super::writer::formatted,
    Fault,
    tree::{Tree, WRAPS},
};

/// The serializer of a key.
#[derive(Debug)]
pub(super) struct Key<'t, 'a>(pub(super) &'t mut Tree<'a>);

type No = Impossible<(), Fault>;

fn refused<T>() -> Result<T, Fault> {
    Err(Fault::Own(
        "a key of a map is not a text or a number".to_owned(),
    ))
}

impl Key<'_, '_> {
    fn wrapped<T: Serialize + ?Sized>(self, key: &T) -> Result<(), Fault> {
        if self.0.wraps >= WRAPS {
            return refused();
        }
        self.0.wraps += 1;
        key.serialize(Key(&mut *self.0))?;
        self.0.wraps -= 1;
        Ok(())
    }
}

macro_rules! texts {
    ($($method:ident($type:ty);)+) => {$(
        fn $method(self, key: $type) -> Result<(), Fault> {
            self.collect_str(&key)
        }
    )+};
}

impl Serializer for Key<'_, '_> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    texts! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
    }

    fn serialize_str(self, key: &str) -> Result<(), Fault> {
        self.0.key(key)
    }

    fn collect_str<T: Display + ?Sized>(self, key: &T) -> Result<(), Fault> {
        let Tree { out, limits, .. } = self.0;
        formatted(out, limits, "Display", |text| write!(text, "{key}"));
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<(), Fault> {
        self.wrapped(key)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        key: &T,
    ) -> Result<(), Fault> {
        self.wrapped(key)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Fault> {
        self.0.key(variant)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Fault> {
        refused()
    }

    fn serialize_none(self) -> Result<(), Fault> {
        refused()
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        refused()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Fault> {
        refused()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Fault> {
        refused()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<No, Fault> {
        refused()
    }

    fn serialize_tuple(self, _: usize) -> Result<No, Fault> {
        refused()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<No, Fault> {
        refused()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Fault> {
        refused()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<No, Fault> {
        refused()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<No, Fault> {
        refused()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<No, Fault> {
        refused()
    }
}
