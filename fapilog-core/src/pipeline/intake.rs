//! From a record in the queue to an [`Event`]: keys made unique and sorted into their groups.

use std::{borrow::Cow, sync::Arc};

use super::{
    direct::Direct,
    keys::Keys,
    plan::{Place, Plans},
};
use crate::{
    Level,
    clock::WallOffset,
    envelope,
    event::{CONTEXT_KEYS, Constants, Event, FieldValue, Fields},
    ids::id_at,
    lane::{Block, Builder},
    record::{Reader, Record},
    redact::{Redaction, Rules},
};

/// Reads records, remembering what call sites look like and reusing memory.
#[derive(Debug)]
pub(crate) struct Intake {
    plans: Plans,
    keys: Keys,
    constants: Arc<Constants>,
    most_fields: usize,
    spare: Spare,
    shadowed: u64,
}

/// Memory of the last event, for the next one.
#[derive(Debug, Default)]
struct Spare {
    context: Fields<'static>,
    diagnostics: Fields<'static>,
    data: Fields<'static>,
}

impl Intake {
    /// The rules are those of the redaction that [`write`](Self::write) will be given.
    pub(crate) fn new(constants: Constants, most_fields: usize, rules: Option<Arc<Rules>>) -> Self {
        Self {
            plans: Plans::new(rules),
            keys: Keys::default(),
            constants: Arc::new(constants),
            most_fields,
            spare: Spare::default(),
            shadowed: 0,
        }
    }

    /// Replaces what is the same in every event.
    pub(crate) fn set_constants(&mut self, constants: Constants) {
        self.constants = Arc::new(constants);
    }

    /// Reads a record. `None` only if its bytes are not a record.
    pub(crate) fn read<'a>(&mut self, bytes: &'a [u8], wall: WallOffset) -> Option<Event<'a>> {
        let record = Record::read(bytes)?;
        let mut event = self.blank(wall.millis(record.stamp));
        let plan = self.plans.get(record.callsite)?;
        event.level = plan.site.level();
        event.is_unredacted = plan.site.is_unredacted();
        event.target = plan.site.target();
        event.message = Cow::Borrowed(record.message()?);
        event.logger = Cow::Borrowed(match record.logger()? {
            "" => plan.site.target(),
            name => name,
        });
        let mut values = record.values;
        for slot in plan.slots.iter().take(record.static_values.into()) {
            let fields = match slot.place {
                Place::Data => &mut event.data,
                Place::Context => &mut event.context,
                Place::Error if values.is_at_error() => {
                    event.diagnostics.insert("exception", values.value()?);
                    continue;
                }
                Place::Error => &mut event.data,
                Place::Nowhere => {
                    values.value()?;
                    self.shadowed += 1;
                    continue;
                }
            };
            values.value_into(|value| fields.push_known(slot.key, slot.is_plain, value))?;
        }
        self.keys.clear();
        // What comes first wins: the call over the logger, the logger over the scope.
        for block in [record.extra, record.bound, record.scope] {
            self.add(&mut event, block)?;
        }
        if event.is_unredacted {
            event.data.insert("_fapilog_unsafe", true);
        }
        if record.cut {
            event.diagnostics.insert("truncated", true);
        }
        Some(event)
    }

    /// Adds a record to a block as its event would be, without making one. `None` if that takes a
    /// closer look; else what [`Builder::add`] returns.
    pub(crate) fn write(
        &mut self,
        bytes: &[u8],
        wall: WallOffset,
        block: &mut Builder,
        writer: &mut envelope::Writer,
        redaction: Option<&mut Redaction>,
    ) -> Option<Option<Block>> {
        let record = Record::read(bytes)?;
        let plan = self.plans.get(record.callsite)?;
        let millis = wall.millis(record.stamp);
        let moment = (millis, id_at(millis).into_bytes());
        let constants = &self.constants.json;
        let direct = Direct::of(
            &record,
            plan,
            redaction,
            self.most_fields,
            constants,
            moment,
        )?;
        let level = plan.site.level();
        block
            .add(level, None, |out| writer.write(out, &direct))
            .ok()
    }

    /// An event that fapilog itself has to tell.
    pub(crate) fn own_event(
        &mut self,
        level: Level,
        message: &'static str,
        millis: i64,
    ) -> Event<'static> {
        let mut event = self.blank(millis);
        event.level = level;
        event.message = Cow::Borrowed(message);
        event.logger = Cow::Borrowed("fapilog");
        event.target = "fapilog";
        event
    }

    /// Takes the memory of a handled event back.
    pub(crate) fn recycle(&mut self, event: Event<'_>) {
        self.spare = Spare {
            context: event.context.recycle(),
            diagnostics: event.diagnostics.recycle(),
            data: event.data.recycle(),
        };
    }

    /// Fields left out since the last call because another one of their event has their key.
    pub(crate) fn take_shadowed(&mut self) -> u64 {
        std::mem::take(&mut self.shadowed)
    }

    fn blank<'a>(&mut self, millis: i64) -> Event<'a> {
        let Spare {
            context,
            diagnostics,
            data,
        } = std::mem::take(&mut self.spare);
        Event {
            millis,
            level: Level::Info,
            message: Cow::Borrowed(""),
            logger: Cow::Borrowed(""),
            target: "",
            message_id: id_at(millis).into_bytes(),
            context,
            diagnostics,
            data,
            constants: Arc::clone(&self.constants),
            is_unredacted: false,
        }
    }

    fn add<'a>(&mut self, event: &mut Event<'a>, mut block: Reader<'a>) -> Option<()> {
        while !block.is_empty() {
            if event.data.len() + event.context.len() >= self.most_fields {
                event.diagnostics.insert("truncated", true);
                break;
            }
            let key = block.key()?;
            if block.is_at_error() {
                let error = block.value()?;
                if event.diagnostics.get("exception").is_none() {
                    event.diagnostics.insert("exception", error);
                }
                continue;
            }
            let value = block.value()?;
            let (fields, is_new) = if CONTEXT_KEYS.contains(&key) {
                let is_new = event.context.get(key).is_none();
                (&mut event.context, is_new)
            } else {
                let is_new = self.keys.is_new(&event.data, key);
                (&mut event.data, is_new)
            };
            if is_new {
                fields.push_new(key, value);
            } else {
                self.shadowed += u64::from(is_lost(fields, key, &value));
            }
        }
        Some(())
    }
}

/// Whether leaving a field out loses anything: a logger may carry what its scope carries too.
fn is_lost(fields: &Fields<'_>, key: &str, value: &FieldValue<'_>) -> bool {
    fields.get(key) != Some(value)
}
