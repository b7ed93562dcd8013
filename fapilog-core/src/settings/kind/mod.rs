//! How a setting is read, shown and described.

mod choice;
mod list;
mod number;
mod redaction;
mod rules;
mod text;
mod time;

use serde_json::{Value as Json, json};

pub(crate) use self::number::read_size;
pub use self::rules::RoutingRule;
pub(super) use self::{
    choice::{Choice, Choose, choice},
    list::{Hidden, Names, Pairs, Values},
    number::{Flag, Number, Size, Whole, Yes},
    redaction::{Choices, Expressions, FieldPaths},
    rules::Rules,
    text::{FilePath, Header, LevelNames, Levels, Networks, Secret, Text},
    time::{Millis, Rotation, Seconds, Zone},
};

/// What is wrong with a value, where more can be said than what was expected.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String);

/// What is told of a kind, whatever its values are.
pub(super) trait Describe: Sync {
    /// What is expected, as it stands after "expected".
    fn expected(&self) -> String;
    /// A value that works, as it stands in a variable.
    fn example(&self) -> String;
    /// As JSON Schema.
    fn schema(&self) -> Json;
    /// Whether values must not be shown.
    fn is_secret(&self) -> bool {
        false
    }
    /// Whether what was meant to be a value must not be shown, as a secret may be in it.
    fn may_hold_secrets(&self) -> bool {
        self.is_secret()
    }
}

/// Reads a value from a string, as variables have, or from what stands in a file.
pub(super) trait Kind: Describe {
    type Value;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused>;
    /// What [`read`](Self::read) reads back.
    fn show(&self, value: &Self::Value) -> Json;
}

/// An object without what is not set: a file cannot say `null`.
pub(super) fn without_nulls(mut object: Json) -> Json {
    if let Json::Object(entries) = &mut object {
        entries.retain(|_, value| !value.is_null());
    }
    object
}

/// A value that may be missing: `none`, in a file also `null`.
pub(super) struct Maybe<K>(pub(super) K);

impl<K: Describe> Describe for Maybe<K> {
    fn expected(&self) -> String {
        format!("{}, or none", self.0.expected())
    }

    fn example(&self) -> String {
        self.0.example()
    }

    fn schema(&self) -> Json {
        json!({ "anyOf": [self.0.schema(), { "enum": ["none", null] }] })
    }

    fn is_secret(&self) -> bool {
        self.0.is_secret()
    }

    fn may_hold_secrets(&self) -> bool {
        self.0.may_hold_secrets()
    }
}

impl<K: Kind> Kind for Maybe<K> {
    type Value = Option<K::Value>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let is_none =
            given.is_null() || text(given).is_some_and(|it| it.eq_ignore_ascii_case("none"));
        if is_none {
            return Ok(None);
        }
        self.0.read(given).map(Some)
    }

    fn show(&self, value: &Self::Value) -> Json {
        value
            .as_ref()
            .map_or(Json::Null, |value| self.0.show(value))
    }
}

/// The text of a string, without the blanks and quotes that files of variables leave around it.
pub(super) fn text(given: &Json) -> Option<&str> {
    let text = given.as_str()?.trim();
    let unquoted = ['"', '\''].iter().find_map(|&quote| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    });
    Some(unquoted.unwrap_or(text))
}
