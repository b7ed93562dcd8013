//! [`Event`]: what filters, enrichers, redactors, processors and sinks see.

mod fields;
mod value;

pub use self::{fields::Fields, value::FieldValue};

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{Level, envelope};

/// Keys that stand in `context`; all others stand in `data`.
pub(crate) const CONTEXT_KEYS: [&str; 5] =
    ["request_id", "user_id", "tenant_id", "trace_id", "span_id"];

/// One event, with unique keys in each of its three groups of fields.
///
/// Stages borrow it from the queue; a sink that asks for events instead of bytes gets an owned
/// one, `Event<'static>`.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub(crate) millis: i64,
    pub(crate) level: Level,
    pub(crate) message: Cow<'a, str>,
    pub(crate) logger: Cow<'a, str>,
    pub(crate) target: &'static str,
    pub(crate) message_id: [u8; 16],
    pub(crate) context: Fields<'a>,
    pub(crate) diagnostics: Fields<'a>,
    pub(crate) data: Fields<'a>,
    pub(crate) constants: Arc<Constants>,
    /// It passes the redactors by.
    pub(crate) is_unredacted: bool,
}

impl<'a> Event<'a> {
    /// When the call was made, by the wall clock, to the millisecond.
    pub fn timestamp(&self) -> SystemTime {
        let distance = Duration::from_millis(self.millis.unsigned_abs());
        if self.millis < 0 {
            UNIX_EPOCH - distance
        } else {
            UNIX_EPOCH + distance
        }
    }

    /// The level of the call.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The formatted message; empty if the call had none.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Replaces the message.
    pub fn set_message(&mut self, message: impl Into<Cow<'a, str>>) {
        self.message = message.into();
    }

    /// The name of the logger, or the module path of the call if the logger has none.
    pub fn logger(&self) -> &str {
        &self.logger
    }

    /// The module path of the call.
    pub fn target(&self) -> &'static str {
        self.target
    }

    /// The id of this event alone, a UUID of version 7.
    pub fn message_id(&self) -> uuid::Uuid {
        uuid::Uuid::from_bytes(self.message_id)
    }

    /// `request_id`, `user_id`, `tenant_id`, `trace_id` and `span_id`, where they are known.
    pub fn context(&self) -> &Fields<'a> {
        &self.context
    }

    /// See [`context`](Self::context).
    pub fn context_mut(&mut self) -> &mut Fields<'a> {
        &mut self.context
    }

    /// What enrichers added to this event; [`constants`](Self::constants) stand beside it.
    pub fn diagnostics(&self) -> &Fields<'a> {
        &self.diagnostics
    }

    /// See [`diagnostics`](Self::diagnostics).
    pub fn diagnostics_mut(&mut self) -> &mut Fields<'a> {
        &mut self.diagnostics
    }

    /// What enrichers add to every event: service, host and the like.
    pub fn constants(&self) -> &Fields<'static> {
        &self.constants.fields
    }

    /// The fields of the call, of its logger and of its scope.
    pub fn data(&self) -> &Fields<'a> {
        &self.data
    }

    /// See [`data`](Self::data).
    pub fn data_mut(&mut self) -> &mut Fields<'a> {
        &mut self.data
    }

    /// The event as every sink writes it: one JSON object, without a line break.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(512);
        envelope::Writer::default().event(&mut out, self);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The event with all that it borrowed copied.
    pub fn into_owned(self) -> Event<'static> {
        Event {
            millis: self.millis,
            level: self.level,
            message: Cow::Owned(self.message.into_owned()),
            logger: Cow::Owned(self.logger.into_owned()),
            target: self.target,
            message_id: self.message_id,
            context: self.context.into_owned(),
            diagnostics: self.diagnostics.into_owned(),
            data: self.data.into_owned(),
            constants: self.constants,
            is_unredacted: self.is_unredacted,
        }
    }
}

/// Fields that are the same in every event: kept once, encoded once.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    pub(crate) fields: Fields<'static>,
    /// `"key":value` pairs, joined with commas.
    pub(crate) json: Vec<u8>,
}

impl Constants {
    pub(crate) fn new(fields: Fields<'static>) -> Self {
        let mut json = Vec::new();
        envelope::members(&mut json, &fields);
        Self { fields, json }
    }
}
