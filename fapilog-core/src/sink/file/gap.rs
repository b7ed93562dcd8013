//! [`Gap`]: events that did not get into the file, told of in the file itself.

use std::time::SystemTime;

use serde_json::{Value as Json, json};

use crate::{
    clock::unix_millis,
    envelope::timestamp,
    event::{Event, Fields},
    ids,
};

/// What the event says, and who says it.
const MESSAGE: &str = "gap";
const LOGGER: &str = "fapilog::rotating_file";

/// Counts what was lost since it was last told.
#[derive(Debug, Default)]
pub(super) struct Gap {
    lost: u64,
    since: String,
    reason: String,
    form: Option<Form>,
}

/// What tells the gap, but for its figures: events may not come any more that could lend their form.
#[derive(Debug)]
pub(super) enum Form {
    Line(Vec<u8>),
    Event(Box<Event<'static>>),
}

/// An event that was lost.
#[derive(Clone, Copy)]
pub(super) enum Like<'a> {
    Line(&'a [u8]),
    Event(&'a Event<'static>),
}

impl Gap {
    /// So many events were not written, this one among them.
    pub(super) fn add(&mut self, lost: usize, like: Like<'_>, now: SystemTime, reason: String) {
        if self.lost == 0 {
            self.since = timestamp(unix_millis(now));
        }
        self.lost += lost as u64;
        self.reason = reason;
        if self.form.is_none() {
            self.form = match like {
                Like::Line(line) => self.line(line, now).map(Form::Line),
                Like::Event(event) => Some(Form::Event(Box::new(self.event(event, now)))),
            };
        }
    }

    /// What is to be told now, if anything was lost.
    pub(super) fn form(&self, now: SystemTime) -> Option<Form> {
        match self.form.as_ref()? {
            Form::Line(line) => self.line(line, now).map(Form::Line),
            Form::Event(event) => Some(Form::Event(Box::new(self.event(event, now)))),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        self.lost == 0
    }

    /// It has been told.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// The line that tells it, in the form of a line of this time, of which it takes where the event
    /// comes from.
    fn line(&self, like: &[u8], now: SystemTime) -> Option<Vec<u8>> {
        let mut whole: Json = serde_json::from_slice(like).ok()?;
        let event = match whole.get("log").is_some() {
            true => &mut whole["log"],
            false => &mut whole,
        };
        let millis = unix_millis(now);
        event["timestamp"] = json!(timestamp(millis));
        event["level"] = json!("WARNING");
        event["message"] = json!(MESSAGE);
        event["logger"] = json!(LOGGER);
        event["context"] = json!({
            "message_id": ids::id_at(millis).to_string(),
            "correlation_id": null,
        });
        if let Some(diagnostics) = event["diagnostics"].as_object_mut() {
            diagnostics.retain(|key, _| CONSTANT.contains(&key.as_str()));
        }
        event["data"] = json!({
            "lost": self.lost,
            "since": self.since,
            "reason": self.reason,
        });
        let mut line = serde_json::to_vec(&whole).ok()?;
        line.push(b'\n');
        Some(line)
    }

    /// The event that tells it.
    fn event(&self, like: &Event<'static>, now: SystemTime) -> Event<'static> {
        let mut data = Fields::default();
        data.insert("lost", self.lost);
        data.insert("since", self.since.clone());
        data.insert("reason", self.reason.clone());
        let millis = unix_millis(now);
        Event {
            millis,
            level: crate::Level::Warning,
            message: MESSAGE.into(),
            logger: LOGGER.into(),
            message_id: ids::id_at(millis).into_bytes(),
            context: Fields::default(),
            diagnostics: Fields::default(),
            data,
            ..like.clone()
        }
    }
}

/// What is the same in the diagnostics of every event.
const CONSTANT: [&str; 6] = ["origin", "service", "env", "version", "host", "pid"];
