//! [`Piece`]: what can be cut from an event.

use std::{borrow::Cow, sync::Arc};

use crate::{
    envelope,
    event::{Constants, Event, FieldValue, Fields},
    filter::EventPath,
};

/// A part of an event that can go, or be shorter.
#[derive(Debug)]
pub(super) enum Piece {
    Message,
    Logger,
    /// What enrichers add to every event.
    Constants,
    Field(Group, String),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Group {
    Context,
    Diagnostics,
    Data,
}

/// What a text ends in that was cut.
const MARK: &str = "...[truncated]";
/// Characters that stay of a text.
const HEAD: usize = 32;

impl Piece {
    /// All that an event can lose.
    pub(super) fn all(event: &Event<'_>) -> Vec<Self> {
        let mut pieces = vec![Self::Message, Self::Logger, Self::Constants];
        let groups = [
            (Group::Context, &event.context),
            (Group::Diagnostics, &event.diagnostics),
            (Group::Data, &event.data),
        ];
        for (group, fields) in groups {
            let keys = fields.iter().map(|(key, _)| key);
            // What tells that the event was cut stays.
            let keys = keys.filter(|key| !["_truncated", "_original_size"].contains(key));
            pieces.extend(keys.map(|key| Self::Field(group, key.to_owned())));
        }
        pieces
    }

    /// Whether a value lies in it.
    pub(super) fn holds(&self, path: &EventPath) -> bool {
        match self {
            Self::Message => *path == EventPath::MESSAGE,
            Self::Logger => *path == EventPath::LOGGER,
            Self::Constants => false,
            Self::Field(group, key) => path.is_in(group.name(), key),
        }
    }

    /// Whether it goes only when all others have.
    pub(super) fn is_last(&self) -> bool {
        matches!(self, Self::Logger | Self::Constants)
    }

    /// Bytes of it as JSON.
    pub(super) fn size(&self, event: &Event<'_>) -> usize {
        match self {
            Self::Message => text_size(&event.message),
            Self::Logger => text_size(&event.logger),
            Self::Constants => event.constants.json.len(),
            Self::Field(group, key) => match group.of(event).get(key) {
                Some(value) => text_size(key) + value_size(value),
                None => 0,
            },
        }
    }

    /// Makes it so many bytes shorter as JSON, or as short as it can be.
    pub(super) fn cut(&self, event: &mut Event<'_>, bytes: usize) {
        match self {
            Self::Message => shorten(&mut event.message, bytes),
            Self::Logger => shorten(&mut event.logger, bytes),
            Self::Constants => {
                // What is true of every event by its schema.
                let mut constants = Fields::default();
                constants.insert("origin", "native");
                event.constants = Arc::new(Constants::new(constants));
            }
            Self::Field(group, key) => cut_field(group.of_mut(event), key, bytes),
        }
    }
}

impl Group {
    fn name(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Diagnostics => "diagnostics",
            Self::Data => "data",
        }
    }

    fn of<'e, 'a>(self, event: &'e Event<'a>) -> &'e Fields<'a> {
        match self {
            Self::Context => &event.context,
            Self::Diagnostics => &event.diagnostics,
            Self::Data => &event.data,
        }
    }

    fn of_mut<'e, 'a>(self, event: &'e mut Event<'a>) -> &'e mut Fields<'a> {
        match self {
            Self::Context => &mut event.context,
            Self::Diagnostics => &mut event.diagnostics,
            Self::Data => &mut event.data,
        }
    }
}

/// Shortens a field, or takes it out if it is no text, or one of which next to nothing would stay.
fn cut_field(fields: &mut Fields<'_>, key: &str, bytes: usize) {
    let found = fields.iter_mut().find(|(it, _)| *it == key);
    if let Some((_, FieldValue::Str(text))) = found
        && text_size(text) > bytes + HEAD + MARK.len()
    {
        return shorten(text, bytes);
    }
    fields.remove(key);
}

/// Takes so many bytes off the end of a text, but leaves its head. A byte of text is at least one of
/// JSON.
fn shorten(text: &mut Cow<'_, str>, bytes: usize) {
    let end = text.len().saturating_sub(bytes + MARK.len());
    let head = text.char_indices().nth(HEAD);
    let head = head.map_or(text.len(), |(index, _)| index);
    let end = text.floor_char_boundary(end).max(head);
    if end + MARK.len() < text.len() {
        *text = Cow::Owned(format!("{}{MARK}", &text[..end]));
    }
}

fn text_size(text: &str) -> usize {
    value_size(&FieldValue::from(text))
}

fn value_size(value: &FieldValue<'_>) -> usize {
    let mut json = Vec::new();
    envelope::value(&mut json, value);
    json.len()
}

/// More bytes than the event has as JSON, found without writing it.
pub(super) fn most_bytes(event: &Event<'_>) -> usize {
    /// All that is always there, with a logger's level and two ids.
    const FRAME: usize = 512;
    let fields = [&event.context, &event.diagnostics, &event.data];
    let fields = fields.iter().flat_map(|it| it.iter());
    let fields: usize = fields
        .map(|(key, value)| most_of_text(key) + most_of(value))
        .sum();
    // A request id stands there twice.
    let id = event.context.get("request_id").map_or(0, most_of);
    let head = most_of_text(&event.message) + most_of_text(&event.logger);
    FRAME + event.level.as_str().len() + head + event.constants.json.len() + fields + id
}

/// Each byte may take an escape of six; and quotes, a colon, a comma.
fn most_of_text(text: &str) -> usize {
    6 * text.len() + 4
}

fn most_of(value: &FieldValue<'_>) -> usize {
    match value {
        FieldValue::Str(text) => most_of_text(text),
        FieldValue::List(items) => 4 + items.iter().map(most_of).sum::<usize>(),
        FieldValue::Map(entries) => {
            let sizes = entries
                .iter()
                .map(|(key, item)| most_of_text(key) + most_of(item));
            4 + sizes.sum::<usize>()
        }
        // The longest number has 40 digits.
        _ => 48,
    }
}
