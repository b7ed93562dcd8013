//! From a record in the queue to an [`Event`]: keys made unique and sorted into their groups.

use std::{borrow::Cow, sync::Arc};

use super::keys::Keys;
use crate::{
    Level,
    callsite::{Callsite, KnownSites},
    clock::WallOffset,
    event::{Constants, Event, FieldValue, Fields},
    ids::id_at,
    record::{Reader, Record},
};

/// Keys that stand in `context`; all others stand in `data`.
const CONTEXT_KEYS: [&str; 5] = ["request_id", "user_id", "tenant_id", "trace_id", "span_id"];

/// Reads records, remembering what call sites look like and reusing memory.
#[derive(Debug)]
pub(crate) struct Intake {
    sites: KnownSites,
    /// By number of the call site.
    plans: Vec<Option<Plan>>,
    keys: Keys,
    constants: Arc<Constants>,
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

/// What is the same for every event of a call site.
#[derive(Clone, Debug)]
struct Plan {
    site: &'static Callsite,
    slots: Arc<[Slot]>,
}

/// Where the value of a static key goes.
#[derive(Clone, Copy, Debug)]
enum Slot {
    Context(&'static str),
    Data(&'static str),
    /// A later field of the same call has the key.
    Shadowed,
}

impl Intake {
    pub(crate) fn new(constants: Constants) -> Self {
        Self {
            sites: KnownSites::default(),
            plans: Vec::new(),
            keys: Keys::default(),
            constants: Arc::new(constants),
            spare: Spare::default(),
            shadowed: 0,
        }
    }

    /// Reads a record. `None` only if its bytes are not a record.
    pub(crate) fn read<'a>(&mut self, bytes: &'a [u8], wall: WallOffset) -> Option<Event<'a>> {
        let record = Record::read(bytes)?;
        let plan = self.plan(record.callsite)?;
        let mut event = self.blank(plan.site.level(), wall.millis(record.stamp));
        event.message = Cow::Borrowed(record.message);
        event.logger = Cow::Borrowed(match record.logger {
            "" => plan.site.target(),
            name => name,
        });
        let mut values = record.values;
        for slot in plan.slots.iter().take(record.static_values.into()) {
            let value = values.value()?;
            match *slot {
                Slot::Data(key) => event.data.push_new(Cow::Borrowed(key), value),
                Slot::Context(key) => event.context.push_new(Cow::Borrowed(key), value),
                Slot::Shadowed => self.shadowed += 1,
            }
        }
        self.keys.clear();
        // What comes first wins: the call over the logger, the logger over the scope.
        for block in [record.extra, record.bound, record.scope] {
            self.add(&mut event, block)?;
        }
        if record.cut {
            event.diagnostics.insert("truncated", true);
        }
        Some(event)
    }

    /// An event that fapilog itself has to tell.
    pub(crate) fn own_event(
        &mut self,
        level: Level,
        message: &'static str,
        millis: i64,
    ) -> Event<'static> {
        let mut event = self.blank(level, millis);
        event.message = Cow::Borrowed(message);
        event.logger = Cow::Borrowed("fapilog");
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

    fn blank<'a>(&mut self, level: Level, millis: i64) -> Event<'a> {
        let Spare {
            context,
            diagnostics,
            data,
        } = std::mem::take(&mut self.spare);
        Event {
            millis,
            level,
            message: Cow::Borrowed(""),
            logger: Cow::Borrowed(""),
            message_id: id_at(millis).into_bytes(),
            context,
            diagnostics,
            data,
            constants: Arc::clone(&self.constants),
        }
    }

    fn add<'a>(&mut self, event: &mut Event<'a>, mut block: Reader<'a>) -> Option<()> {
        while !block.is_empty() {
            let (key, value) = block.field()?;
            let (fields, is_new) = if CONTEXT_KEYS.contains(&key) {
                let is_new = event.context.get(key).is_none();
                (&mut event.context, is_new)
            } else {
                let is_new = self.keys.is_new(&event.data, key);
                (&mut event.data, is_new)
            };
            if is_new {
                fields.push_new(Cow::Borrowed(key), value);
            } else {
                self.shadowed += u64::from(is_lost(fields, key, &value));
            }
        }
        Some(())
    }

    fn plan(&mut self, number: u32) -> Option<Plan> {
        let index = number as usize;
        if let Some(Some(plan)) = self.plans.get(index) {
            return Some(plan.clone());
        }
        let plan = Plan::of(self.sites.get(number)?);
        if self.plans.len() <= index {
            self.plans.resize_with(index + 1, || None);
        }
        self.plans[index] = Some(plan.clone());
        Some(plan)
    }
}

/// Whether leaving a field out loses anything: a logger may carry what its scope carries too.
fn is_lost(fields: &Fields<'_>, key: &str, value: &FieldValue<'_>) -> bool {
    fields.get(key) != Some(value)
}

impl Plan {
    fn of(site: &'static Callsite) -> Self {
        // A raw identifier is spelt like the word that it stands for.
        let plain = |key: &'static str| key.strip_prefix("r#").unwrap_or(key);
        let keys: Vec<_> = site.keys().iter().copied().map(plain).collect();
        let slot = |(index, key): (usize, &&'static str)| {
            if keys[index + 1..].contains(key) {
                Slot::Shadowed
            } else if CONTEXT_KEYS.contains(key) {
                Slot::Context(key)
            } else {
                Slot::Data(key)
            }
        };
        Self {
            site,
            slots: keys.iter().enumerate().map(slot).collect(),
        }
    }
}
