//! One of a few words.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::{Describe, Kind, Refused, text};

/// An enum whose values have names.
pub(in crate::settings) trait Choice:
    Copy + PartialEq + Sync + 'static
{
    const ALL: &'static [(&'static str, Self)];
}

/// Declares a [`Choice`]; the first value is the default.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* $value,)+ }

        impl $crate::settings::kind::Choice for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$value),)+];
        }
    };
}

pub(in crate::settings) use choice;

/// One of the names of a [`Choice`], in any case.
pub(in crate::settings) struct Choose<T>(PhantomData<fn() -> T>);

impl<T> Choose<T> {
    pub(in crate::settings) const NEW: Self = Self(PhantomData);
}

impl<T: Choice> Describe for Choose<T> {
    fn expected(&self) -> String {
        let words: Vec<_> = T::ALL.iter().map(|(word, _)| *word).collect();
        format!("one of {}", words.join(", "))
    }

    fn example(&self) -> String {
        T::ALL.get(1).map_or("", |(word, _)| word).to_owned()
    }

    fn schema(&self) -> Json {
        let words: Vec<_> = T::ALL.iter().map(|(word, _)| *word).collect();
        json!({ "enum": words })
    }
}

impl<T: Choice> Kind for Choose<T> {
    type Value = T;

    fn read(&self, given: &Json) -> Result<T, Refused> {
        let word = text(given).ok_or_else(Refused::default)?;
        let mut all = T::ALL.iter();
        let found = all.find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.map(|(_, value)| *value).ok_or_else(Refused::default)
    }

    fn show(&self, value: &T) -> Json {
        let found = T::ALL.iter().find(|(_, it)| it == value);
        found.map_or(Json::Null, |(name, _)| json!(name))
    }
}
