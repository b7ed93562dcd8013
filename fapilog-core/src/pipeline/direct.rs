//! [`Direct`]: from a record to JSON at once, where no stage and no sink has to see an event.

use super::plan::{Place, Plan};
use crate::{
    envelope::{self, Content},
    event::CONTEXT_KEYS,
    record::{Reader, Record},
    redact::{Part, Redaction},
};

/// A record with nothing in it that takes a closer look: each field has a place of its own. The
/// JSON is the same that its event would have.
pub(super) struct Direct<'a> {
    record: &'a Record<'a>,
    plan: &'a Plan,
    more: More<'a>,
    redaction: Option<&'a Redaction>,
    constants: &'a [u8],
    millis: i64,
    message_id: [u8; 16],
}

impl<'a> Direct<'a> {
    /// `None` if the way over an event is the right one, as it is if there is anything in the record
    /// that must not be seen.
    pub(super) fn of(
        record: &'a Record<'a>,
        plan: &'a Plan,
        mut redaction: Option<&'a mut Redaction>,
        most_fields: usize,
        constants: &'a [u8],
        (millis, message_id): (i64, [u8; 16]),
    ) -> Option<Self> {
        if !plan.is_simple || record.cut {
            return None;
        }
        let more = More::read(record, plan, redaction.as_deref_mut())?;
        let redaction = redaction.map(|it| &*it);
        let texts = [record.raw_message(), record.raw_logger()];
        if redaction.is_some_and(|it| !texts.into_iter().all(|text| it.is_clean(text))) {
            return None;
        }
        let count = usize::from(record.static_values) + more.count;
        if redaction.is_some_and(|it| !it.may_look_at(count)) {
            return None;
        }
        (count <= most_fields).then_some(Self {
            record,
            plan,
            more,
            redaction,
            constants,
            millis,
            message_id,
        })
    }

    /// Appends the members of the call site that have this place, to an object that was `opened`
    /// there.
    fn values(&self, out: &mut Vec<u8>, place: Place, opened: usize) -> Option<()> {
        let mut values = self.record.values;
        let slots = self.plan.slots.iter();
        for slot in slots.take(self.record.static_values.into()) {
            if slot.place == place {
                slot.json.write(out, out.len() == opened);
                envelope::raw_value(out, &mut values, self.redaction)?;
            } else {
                values.skip()?;
            }
        }
        Some(())
    }
}

impl Content for Direct<'_> {
    fn millis(&self) -> i64 {
        self.millis
    }

    fn message_id(&self) -> [u8; 16] {
        self.message_id
    }

    fn head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.plan.level);
        envelope::raw_string(out, self.record.raw_message());
        match self.record.raw_logger() {
            b"" => out.extend_from_slice(&self.plan.logger),
            name => {
                out.extend_from_slice(br#","logger":"#);
                envelope::raw_string(out, name);
            }
        }
    }

    fn correlation_id(&self, out: &mut Vec<u8>) -> Option<()> {
        match self.more.request_id() {
            Some(mut request_id) => envelope::raw_value(out, &mut request_id, self.redaction)?,
            None => out.extend_from_slice(b"null"),
        }
        Some(())
    }

    fn context(&self, out: &mut Vec<u8>) -> Option<()> {
        if self.plan.has_context {
            self.values(out, Place::Context, 0)?;
        }
        self.more.write(out, true, 0, self.redaction)
    }

    fn diagnostics(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.constants);
    }

    fn data(&self, out: &mut Vec<u8>) -> Option<()> {
        let opened = out.len();
        self.values(out, Place::Data, opened)?;
        self.more.write(out, false, opened, self.redaction)
    }
}

/// The fields of a record that bring their keys along: those of the scope, the logger, the call.
struct More<'a> {
    fields: [Field<'a>; MOST],
    count: usize,
}

/// A record with more of them takes the way over an event.
const MOST: usize = 8;

#[derive(Clone, Copy)]
struct Field<'a> {
    key: &'a [u8],
    /// Where its value begins.
    value: Reader<'a>,
    is_context: bool,
}

impl<'a> More<'a> {
    /// `None` if two fields have the same key, if one is an error or must not be seen, or if they are
    /// many.
    fn read(
        record: &Record<'a>,
        plan: &Plan,
        mut redaction: Option<&mut Redaction>,
    ) -> Option<Self> {
        let none = Field {
            key: b"",
            value: Reader::new(b""),
            is_context: false,
        };
        let mut more = Self {
            fields: [none; MOST],
            count: 0,
        };
        for mut block in [record.extra, record.bound, record.scope] {
            while !block.is_empty() {
                let key = block.raw_key()?;
                let is_known = plan.slots.iter().any(|slot| slot.key.as_bytes() == key);
                if is_known || more.has(key) || block.is_at_error() {
                    return None;
                }
                *more.fields.get_mut(more.count)? = Field {
                    key,
                    value: block,
                    is_context: CONTEXT_KEYS.iter().any(|it| it.as_bytes() == key),
                };
                if let Some(redaction) = redaction.as_deref_mut() {
                    let part = if more.fields[more.count].is_context {
                        Part::Context
                    } else {
                        Part::Data
                    };
                    redaction.shows(part, key).then_some(())?;
                }
                more.count += 1;
                block.skip()?;
            }
        }
        Some(more)
    }

    fn fields(&self) -> &[Field<'a>] {
        &self.fields[..self.count]
    }

    fn has(&self, key: &[u8]) -> bool {
        self.fields().iter().any(|field| field.key == key)
    }

    fn request_id(&self) -> Option<Reader<'a>> {
        let key = CONTEXT_KEYS[0].as_bytes();
        let field = self.fields().iter().find(|field| field.key == key);
        field.map(|field| field.value)
    }

    /// Appends the fields of the context, or the others, to an object that was `opened` there.
    fn write(
        &self,
        out: &mut Vec<u8>,
        of_context: bool,
        opened: usize,
        redaction: Option<&Redaction>,
    ) -> Option<()> {
        for field in self.fields() {
            if field.is_context == of_context {
                if out.len() > opened {
                    out.push(b',');
                }
                envelope::raw_string(out, field.key);
                out.push(b':');
                envelope::raw_value(out, &mut { field.value }, redaction)?;
            }
        }
        Some(())
    }
}
