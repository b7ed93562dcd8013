//! Lists, maps and what is written like them.

use serde_core::{Serialize, ser};

use super::{
    super::{CUT_MARK, MAP, TRUE, writer::text_of},
    Fault,
    key::Key,
    raw::Token,
    tree::Tree,
};

/// A list or map under way.
#[derive(Debug)]
pub(super) struct Compound<'t, 'a> {
    tree: &'t mut Tree<'a>,
    /// Where its number of entries stands; `None` if it is nested too deep, and passed over.
    count_at: Option<usize>,
    count: u32,
    /// How many levels it has opened.
    levels: usize,
    /// Where a key begins whose value is still to come.
    key_at: Option<usize>,
    /// What it stands for instead of a map, with its sole field as text.
    token: Option<Token>,
}

impl<'t, 'a> Compound<'t, 'a> {
    pub(super) fn open(tree: &'t mut Tree<'a>, tag: u8) -> Result<Self, Fault> {
        let count_at = tree.open(tag)?;
        Ok(Self {
            tree,
            count_at,
            count: 0,
            levels: usize::from(count_at.is_some()),
            key_at: None,
            token: None,
        })
    }

    /// A struct, which may stand for something else.
    pub(super) fn open_struct(tree: &'t mut Tree<'a>, name: &str) -> Result<Self, Fault> {
        let Some(token) = Token::of(name) else {
            return Self::open(tree, MAP);
        };
        Ok(Self::without_place(tree, Some(token)))
    }

    /// A list or map in a map of one entry.
    pub(super) fn open_in_variant(
        tree: &'t mut Tree<'a>,
        variant: &str,
        tag: u8,
    ) -> Result<Self, Fault> {
        if tree.open_variant(variant)? {
            let mut compound = Self::open(tree, tag)?;
            compound.levels += 1;
            return Ok(compound);
        }
        Ok(Self::without_place(tree, None))
    }

    /// One that has no place of its own: it is passed over, or stands for something else.
    fn without_place(tree: &'t mut Tree<'a>, token: Option<Token>) -> Self {
        Self {
            tree,
            count_at: None,
            count: 0,
            levels: 0,
            key_at: None,
            token,
        }
    }

    /// Writes one entry, unless they are passed over: then it is not even looked at, so that what
    /// is nested without end comes to one.
    fn entry<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let Some(at) = self.count_at else {
            return Ok(());
        };
        if self.tree.is_cut {
            return Err(Fault::Cut);
        }
        self.count += 1;
        self.tree.out[at..at + 4].copy_from_slice(&self.count.to_le_bytes());
        value.serialize(&mut *self.tree)
    }

    /// Begins an entry of a map. If there is no room for its key, the map ends with a mark.
    fn key(&mut self, write: impl FnOnce(&mut Tree<'a>) -> Result<(), Fault>) -> Result<(), Fault> {
        let Some(at) = self.count_at else {
            return Ok(());
        };
        if self.tree.is_cut {
            return Err(Fault::Cut);
        }
        let start = self.key_at.take().unwrap_or(self.tree.out.len());
        self.tree.out.truncate(start);
        let written = write(self.tree);
        if written.is_ok() && self.tree.fits(0) {
            self.key_at = Some(start);
            return Ok(());
        }
        self.tree.out.truncate(start);
        written?;
        self.tree.is_cut = true;
        text_of(self.tree.out, self.tree.limits, CUT_MARK);
        self.tree.out.push(TRUE);
        self.count += 1;
        self.tree.out[at..at + 4].copy_from_slice(&self.count.to_le_bytes());
        Err(Fault::Cut)
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        if self.count_at.is_some() && self.key_at.take().is_none() {
            return Err(Fault::Own("a value without a key".to_owned()));
        }
        self.entry(value)
    }

    fn finish(self) -> Result<(), Fault> {
        if let Some(start) = self.key_at {
            self.tree.out.truncate(start);
        }
        self.tree.depth -= self.levels;
        Ok(())
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident)+) => {$(
        impl ser::$trait for Compound<'_, '_> {
            type Ok = ();
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                self.entry(value)
            }

            fn end(self) -> Result<(), Fault> {
                self.finish()
            }
        }
    )+};
}

lists! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

impl ser::SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.key(|tree| key.serialize(Key(tree)))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.value(value)
    }

    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

macro_rules! structs {
    ($($trait:ident)+) => {$(
        impl ser::$trait for Compound<'_, '_> {
            type Ok = ();
            type Error = Fault;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Fault> {
                if let Some(token) = self.token {
                    return token.write(value, &mut *self.tree);
                }
                self.key(|tree| tree.key(key))?;
                self.value(value)
            }

            fn end(self) -> Result<(), Fault> {
                self.finish()
            }
        }
    )+};
}

structs! { SerializeStruct SerializeStructVariant }
