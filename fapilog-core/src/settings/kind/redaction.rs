//! What redactors are told: fields, expressions, choices.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::{Choice, Choose, Describe, Kind, Names, Refused};
use crate::redact;

/// Any of the names of a [`Choice`], each once.
pub(in crate::settings) struct Choices<T>(PhantomData<fn() -> T>);

impl<T> Choices<T> {
    pub(in crate::settings) const NEW: Self = Self(PhantomData);
}

impl<T: Choice> Describe for Choices<T> {
    fn expected(&self) -> String {
        let words: Vec<_> = T::ALL.iter().map(|(word, _)| *word).collect();
        format!("a list of any of {}", words.join(", "))
    }

    fn example(&self) -> String {
        let words: Vec<_> = T::ALL.iter().map(|(word, _)| *word).collect();
        words[..words.len().min(2)].join(",")
    }

    fn schema(&self) -> Json {
        json!({ "type": "array", "items": Choose::<T>::NEW.schema() })
    }
}

impl<T: Choice> Kind for Choices<T> {
    type Value = Vec<T>;

    fn read(&self, given: &Json) -> Result<Vec<T>, Refused> {
        let mut chosen = Vec::new();
        for name in (Names { example: "" }).read(given)? {
            // In the original's spelling too.
            let word = Json::from(name.replace('-', "_"));
            let value = Choose::<T>::NEW.read(&word);
            let value = value.map_err(|_| Refused(format!("there is no {name:?}")))?;
            if !chosen.contains(&value) {
                chosen.push(value);
            }
        }
        Ok(chosen)
    }

    fn show(&self, value: &Vec<T>) -> Json {
        let words = value.iter().map(|it| Choose::<T>::NEW.show(it));
        Json::Array(words.collect())
    }
}

/// Declares a list of names that are checked one by one.
macro_rules! checked {
    ($(#[$doc:meta])* $kind:ident, $expected:literal, $example:literal, $check:path) => {
        $(#[$doc])*
        pub(in crate::settings) struct $kind;

        impl Describe for $kind {
            fn expected(&self) -> String {
                $expected.to_owned()
            }

            fn example(&self) -> String {
                $example.to_owned()
            }

            fn schema(&self) -> Json {
                json!({ "type": "array", "items": { "type": "string" } })
            }
        }

        impl Kind for $kind {
            type Value = Vec<String>;

            fn read(&self, given: &Json) -> Result<Vec<String>, Refused> {
                let names = Names { example: "" }.read(given)?;
                for name in &names {
                    $check(name).map_err(|error| Refused(format!("{name:?}: {error}")))?;
                }
                Ok(names)
            }

            fn show(&self, value: &Vec<String>) -> Json {
                json!(value)
            }
        }
    };
}

checked! {
    /// Names and paths of fields.
    FieldPaths,
    "a list of names and paths of fields: `password`, `user.email`, `items[*].card`",
    "password,user.email",
    redact::check_field
}

checked! {
    /// Regular expressions.
    Expressions,
    "a list of regular expressions for the paths of fields, joined with commas or as JSON",
    "data\\..*token.*",
    redact::check_pattern
}
