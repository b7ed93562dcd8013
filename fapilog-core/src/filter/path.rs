//! [`EventPath`]: the part of an event that a filter looks at.

use std::{borrow::Cow, error::Error, fmt, str::FromStr};

use crate::{
    envelope,
    event::{CONTEXT_KEYS, Event, FieldValue, Fields},
};

/// The path of one value in an event.
///
/// | path | value |
/// |---|---|
/// | `message`, `level`, `logger`, `timestamp` | what stands there in the event |
/// | `correlation_id` | the same as `context.request_id` |
/// | `context.user_id`, `diagnostics.host`, `data.order.id` | a field, or what lies in it |
/// | `user_id`, `order.id` | a field of the call, wherever it stands: in `context` or `data` |
///
/// A key that has a dot itself is found under it. A value that is null is as good as none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPath {
    group: Group,
    /// Keys within the group, joined with dots.
    keys: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    /// The text is the name itself.
    Head,
    Context,
    Diagnostics,
    Data,
}

const GROUPS: [(&str, Group); 3] = [
    ("context", Group::Context),
    ("diagnostics", Group::Diagnostics),
    ("data", Group::Data),
];

impl EventPath {
    /// The message.
    pub(crate) const MESSAGE: Self = Self::head("message");
    /// The name of the logger.
    pub(crate) const LOGGER: Self = Self::head("logger");

    const fn head(name: &'static str) -> Self {
        Self {
            group: Group::Head,
            keys: Cow::Borrowed(name),
        }
    }

    /// The field of the context with this key.
    pub(crate) const fn of_context(key: &'static str) -> Self {
        Self {
            group: Group::Context,
            keys: Cow::Borrowed(key),
        }
    }

    /// What an event keeps that is cut.
    pub(crate) fn preserved() -> Vec<Self> {
        let correlation_id = Self::of_context("request_id");
        let head = ["level", "timestamp"].map(Self::head);
        head.into_iter()
            .chain([Self::LOGGER, correlation_id])
            .collect()
    }

    /// The value at this path, if the event has one.
    pub fn find<'e>(&self, event: &'e Event<'_>) -> Option<Cow<'e, FieldValue<'e>>> {
        let text = |text: &'e str| Some(Cow::Owned(FieldValue::from(text)));
        let found = match self.group {
            Group::Head => match &*self.keys {
                "message" => return text(event.message()),
                "level" => return text(event.level().as_str()),
                "logger" => return text(event.logger()),
                _ => {
                    return Some(Cow::Owned(FieldValue::from(envelope::timestamp(
                        event.millis,
                    ))));
                }
            },
            Group::Context => in_fields(event.context(), &self.keys),
            Group::Data => in_fields(event.data(), &self.keys),
            Group::Diagnostics => in_fields(event.diagnostics(), &self.keys)
                .or_else(|| in_fields(event.constants(), &self.keys)),
        };
        found
            .filter(|value| **value != FieldValue::Null)
            .map(Cow::Borrowed)
    }

    /// Whether this is the field of that key in that group, or what lies in it.
    pub(crate) fn is_in(&self, group: &str, key: &str) -> bool {
        let is_group = GROUPS.contains(&(group, self.group));
        let rest = self.keys.strip_prefix(key);
        is_group && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

fn in_fields<'e, 'a>(fields: &'e Fields<'a>, path: &str) -> Option<&'e FieldValue<'a>> {
    fields.get(path).or_else(|| {
        let mut dots = path.match_indices('.');
        dots.find_map(|(dot, _)| in_value(fields.get(&path[..dot])?, &path[dot + 1..]))
    })
}

fn in_value<'e, 'a>(value: &'e FieldValue<'a>, path: &str) -> Option<&'e FieldValue<'a>> {
    let FieldValue::Map(entries) = value else {
        return None;
    };
    // Of a key that stands twice, the last counts.
    let get = |key: &str| {
        let mut entries = entries.iter().rev();
        entries.find(|(it, _)| it == key).map(|(_, value)| value)
    };
    get(path).or_else(|| {
        let (key, rest) = path.split_once('.')?;
        in_value(get(key)?, rest)
    })
}

impl FromStr for EventPath {
    type Err = EventPathError;

    fn from_str(text: &str) -> Result<Self, EventPathError> {
        let error = |reason| EventPathError {
            path: text.to_owned(),
            reason,
        };
        if text.split('.').any(|key| key.trim().is_empty()) {
            return Err(error("a key is missing"));
        }
        if GROUPS.iter().any(|(name, _)| *name == text) {
            return Err(error("a group of fields is not one of them"));
        }
        let grouped = text.split_once('.').and_then(|(head, keys)| {
            let group = GROUPS.iter().find(|(name, _)| *name == head)?;
            Some((group.1, keys))
        });
        let (group, keys) = match (text, grouped) {
            ("message" | "level" | "logger" | "timestamp", _) => (Group::Head, text),
            ("correlation_id" | "context.correlation_id", _) => (Group::Context, "request_id"),
            (_, Some(found)) => found,
            _ if CONTEXT_KEYS.contains(&text) => (Group::Context, text),
            _ => (Group::Data, text),
        };
        let keys = Cow::Owned(keys.to_owned());
        Ok(Self { group, keys })
    }
}

impl fmt::Display for EventPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match GROUPS.iter().find(|(_, group)| *group == self.group) {
            Some((name, _)) => write!(f, "{name}.{}", self.keys),
            None => f.write_str(&self.keys),
        }
    }
}

/// Text that is no [`EventPath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPathError {
    path: String,
    reason: &'static str,
}

impl fmt::Display for EventPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {:?}: {}", self.path, self.reason)
    }
}

impl Error for EventPathError {}

/// Appends the values at these paths in a form in which no two lists of values are alike; false if
/// the event has none of them.
pub(super) fn append_values(paths: &[EventPath], event: &Event<'_>, out: &mut Vec<u8>) -> bool {
    let mut has_any = false;
    for path in paths {
        if let Some(value) = path.find(event) {
            has_any = true;
            envelope::value(out, &value);
        }
        // Of JSON it is known where it ends: what follows cannot be part of it.
        out.push(b',');
    }
    has_any
}
