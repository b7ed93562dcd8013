//! The lines of an event.

use super::{
    exception,
    style::{Paint, Style},
    text::{escaped, quoted, word},
    time::Times,
    value::pairs,
};
use crate::{
    envelope,
    event::{Event, FieldValue},
};

/// Lays events out.
#[derive(Debug, Default)]
pub(in crate::sink) struct Layout {
    pub(super) paint: Paint,
    pub(super) times: Times,
}

/// Where an exception stands in the diagnostics of an event.
const EXCEPTION: &str = "exception";
const REQUEST_ID: &str = "request_id";

/// The characters of an id that are shown: the last ones, since the first ones of ids that begin
/// with the time are the same for a minute.
const SHORT: usize = 8;

impl Layout {
    /// Appends the line of the event, then the lines of its exception.
    pub(in crate::sink) fn event(&mut self, out: &mut Vec<u8>, event: &Event<'_>) {
        let paint = self.paint;
        paint.paint(out, Style::DIM, |out| self.times.write(out, event.millis));
        let level = event.level();
        out.push(b' ');
        paint.paint(out, Style::of_level(level), |out| {
            out.extend_from_slice(format!("{level:<8}").as_bytes());
        });
        if let Some(id) = event.context().get(REQUEST_ID) {
            out.push(b' ');
            self.request_id(out, id);
        }
        out.push(b' ');
        paint.paint(out, Style::DIM, |out| word(out, event.logger(), &['[']));
        if !event.message().is_empty() {
            out.push(b' ');
            message(out, event.message());
        }
        self.fields(out, event);
        out.push(b'\n');
        if let Some(exception) = event.diagnostics().get(EXCEPTION) {
            exception::lines(out, exception, paint);
        }
    }

    fn request_id(&self, out: &mut Vec<u8>, id: &FieldValue<'_>) {
        let mut whole = Vec::new();
        match id {
            FieldValue::Str(text) => whole.extend_from_slice(text.as_bytes()),
            other => envelope::value(&mut whole, other),
        }
        let whole = String::from_utf8_lossy(&whole);
        let start = whole.char_indices().rev().nth(SHORT - 1);
        let short = &whole[start.map_or(0, |(at, _)| at)..];
        out.push(b'[');
        let style = Style::of_id(&whole);
        self.paint.paint(out, style, |out| word(out, short, &[']']));
        out.push(b']');
    }

    fn fields(&self, out: &mut Vec<u8>, event: &Event<'_>) {
        let context = event.context().iter().filter(|(key, _)| *key != REQUEST_ID);
        let diagnostics = event.diagnostics().iter();
        let fields = context
            .chain(diagnostics.filter(|(key, _)| *key != EXCEPTION))
            .chain(event.data().iter());
        let mut separator = "  ";
        let mut path = String::new();
        for (key, value) in fields {
            path.clear();
            path.push_str(key);
            pairs(out, &mut path, value, self.paint, &mut separator);
        }
    }
}

/// Appends a message, in quotes if it could pass for fields.
fn message(out: &mut Vec<u8>, text: &str) {
    if text.contains('=') || text.starts_with('"') {
        quoted(out, text);
    } else {
        escaped(out, text);
    }
}
