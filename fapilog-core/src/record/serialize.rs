//! From `Serialize` to a record.
//!
//! A list or map counts an entry when it begins, and whatever cuts a value short leaves a whole
//! one in its place; so the bytes are well-formed wherever the value ends.

mod compound;
mod key;
mod raw;
mod tree;

use std::fmt::{self, Display, Write as _};

use serde_core::{Serialize, ser};

use self::tree::Tree;
use super::*;
use crate::panics::region;

/// Writes the structure of a value; an error or a panic of it becomes a text.
pub(crate) fn serialize(value: &impl Serialize, writer: ValueWriter<'_>) {
    let ValueWriter { out, limits } = writer;
    let start = out.len();
    let mut tree = Tree::new(out, limits);
    let result = region(|| value.serialize(&mut tree));
    let instead = match result {
        Ok(Ok(()) | Err(Fault::Cut)) => return,
        Ok(Err(Fault::Own(text))) => format!("<error in Serialize: {text}>"),
        Err(_) => "<panic in Serialize>".to_owned(),
    };
    tree.out.truncate(start);
    ValueWriter::new(tree.out, limits).str(&instead);
}

/// Why a value is not whole.
#[derive(Debug)]
enum Fault {
    /// It reached the limit; what is written stands.
    Cut,
    /// Its `Serialize` says so.
    Own(String),
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Cut => f.write_str("too large"),
            Fault::Own(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Fault {}

impl ser::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        /// Ends a text that has no end.
        struct Short(String);
        impl fmt::Write for Short {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                let room = 256_usize.saturating_sub(self.0.len());
                self.0.push_str(&text[..text.floor_char_boundary(room)]);
                if text.len() > room {
                    return Err(fmt::Error);
                }
                Ok(())
            }
        }
        let mut short = Short(String::new());
        // Cut short is as good as whole.
        let _ = write!(short, "{message}");
        Fault::Own(short.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_core::ser::{SerializeMap, SerializeSeq, Serializer};

    use super::*;
    use crate::event::FieldValue;

    fn written(value: impl Serialize) -> FieldValue<'static> {
        let mut bytes = Vec::new();
        serialize(&value, ValueWriter::new(&mut bytes, &Limits::DEFAULT));
        assert!(bytes.len() <= Limits::DEFAULT.event);
        let mut reader = Reader::new(&bytes);
        let read = reader.value().map(FieldValue::into_owned);
        assert!(reader.is_empty(), "all bytes are read");
        read.expect("what is written is well-formed")
    }

    /// A value that is nothing but what it does to a serializer.
    struct Do<F>(F);

    impl<F> Serialize for Do<F>
    where
        F: Fn(&mut dyn FnMut(&dyn Fn() -> u8) -> bool) -> Result<(), String>,
    {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(None)?;
            let mut fault = None;
            let result = (self.0)(&mut |item| match seq.serialize_element(&item()) {
                Ok(()) => true,
                Err(error) => {
                    fault = Some(error);
                    false
                }
            });
            match (fault, result) {
                (Some(fault), _) => Err(fault),
                (None, Err(text)) => Err(ser::Error::custom(text)),
                (None, Ok(())) => seq.end(),
            }
        }
    }

    #[test]
    fn lists_maps_and_scalars_come_back_as_they_are() {
        let map = BTreeMap::from([(7, Some("x")), (8, None)]);
        let expected = FieldValue::List(vec![
            FieldValue::Map(vec![
                ("7".into(), "x".into()),
                ("8".into(), FieldValue::Null),
            ]),
            FieldValue::List(vec![true.into(), 2.5_f64.into()]),
            "c".into(),
        ]);
        assert_eq!(written((map, (true, 2.5), 'c')), expected);
    }

    #[test]
    fn a_list_without_end_ends_at_the_limit_with_a_mark() {
        let endless = Do(|put: &mut dyn FnMut(&dyn Fn() -> u8) -> bool| {
            while put(&|| 1) {}
            // It need not listen.
            while !put(&|| 1) && fastrand::u8(..) > 0 {}
            Ok(())
        });
        let FieldValue::List(items) = written(endless) else {
            panic!("a list stays a list");
        };
        assert!(items.len() > 10_000);
        assert_eq!(items.last(), Some(&CUT_MARK.into()));
    }

    #[test]
    fn a_map_without_end_ends_at_the_limit_with_a_mark() {
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                for number in 0_u64.. {
                    map.serialize_entry(&number, &[number])?;
                }
                map.end()
            }
        }
        let FieldValue::Map(entries) = written(Endless) else {
            panic!("a map stays a map");
        };
        assert!(entries.len() > 1000);
        assert!(format!("{:?}", entries.last()).contains("truncated"));
    }

    #[test]
    fn an_error_or_a_panic_costs_the_value_alone() {
        let fails = Do(|put: &mut dyn FnMut(&dyn Fn() -> u8) -> bool| {
            put(&|| 1);
            Err("no access".to_owned())
        });
        let text = FieldValue::from("<error in Serialize: no access>");
        assert_eq!(written(fails), text);
        let panics = Do(|put: &mut dyn FnMut(&dyn Fn() -> u8) -> bool| {
            put(&|| panic!("boom"));
            Ok(())
        });
        assert_eq!(written(panics), "<panic in Serialize>".into());
        let keys = BTreeMap::from([(vec![1], 1)]);
        assert!(format!("{:?}", written(keys)).contains("a key of a map"));
    }

    #[test]
    fn what_is_nested_a_hundred_thousand_times_becomes_a_mark() {
        enum Nested {
            List(u32),
            Wrapped(u32),
        }
        impl Serialize for Nested {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match *self {
                    Nested::List(0) | Nested::Wrapped(0) => serializer.serialize_unit(),
                    Nested::List(left) => [Nested::List(left - 1)].serialize(serializer),
                    Nested::Wrapped(left) => serializer.serialize_some(&Nested::Wrapped(left - 1)),
                }
            }
        }
        let text = format!("{:?}", written(Nested::List(100_000)));
        assert!(
            text.contains(CUT_MARK) && text.matches("List").count() == 16,
            "{text}"
        );
        assert_eq!(written(Nested::Wrapped(100_000)), CUT_MARK.into());
    }
}
