//! [`Redaction`]: the built-in redactors, in one pass over an event.

use std::{borrow::Cow, mem, sync::Arc};

use super::{
    action::Action,
    keys,
    memo::Memo,
    rules::{Known, Part, Place, Rules},
};
use crate::event::{Event, FieldValue, Fields};

/// All built-in redactors together.
#[derive(Debug)]
pub(crate) struct Redaction {
    rules: Arc<Rules>,
    /// What there is to know of a key, wherever it stands.
    names: Memo<Known>,
    /// By part and key, whether fields at the top of an event are of no interest.
    tops: [Memo<bool>; 3],
}

impl Redaction {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            names: Memo::new(),
            tops: std::array::from_fn(|_| Memo::new()),
        }
    }

    /// Whether values at the top of an event with this key are shown, but for secrets in texts.
    pub(crate) fn shows(&mut self, part: Part, key: &[u8]) -> bool {
        let rules = &self.rules;
        self.tops[part as usize].get(key, || {
            std::str::from_utf8(key).is_ok_and(|key| rules.show(part, key))
        })
    }

    /// Whether so many fields are looked at.
    pub(crate) fn may_look_at(&self, count: usize) -> bool {
        count <= self.rules.max_keys
    }

    /// Whether a text has nothing in it that is to be hidden.
    #[inline]
    pub(crate) fn is_clean(&self, text: &[u8]) -> bool {
        self.rules.texts.is_clean(text)
    }

    /// Takes out of an event what must not be seen. What lies deeper, and what comes after more
    /// keys, than the limits allow to look at, is masked.
    ///
    /// Returns the key of a field that was blocked, if one was.
    pub(crate) fn redact(&mut self, event: &mut Event<'_>) -> Option<String> {
        let mut walk = Walk::new(&mut self.names, &self.rules);
        if let Cow::Owned(clean) = self.rules.texts.clean(&event.message) {
            event.message = Cow::Owned(clean);
        }
        if let Cow::Owned(clean) = self.rules.texts.clean(&event.logger) {
            event.logger = Cow::Owned(clean);
        }
        walk.fields(Part::Context, &mut event.context);
        walk.fields(Part::Diagnostics, &mut event.diagnostics);
        walk.fields(Part::Data, &mut event.data);
        walk.blocked
    }

    /// The same for what stands in the diagnostics of every event.
    pub(crate) fn redact_constants(&mut self, constants: &mut Fields<'static>) {
        Walk::new(&mut self.names, &self.rules).fields(Part::Diagnostics, constants);
    }
}

impl Rules {
    /// Whether a value at the top of an event with this key is shown, but for secrets in texts.
    pub(crate) fn show(&self, part: Part, key: &str) -> bool {
        let by_place = || self.by_place(&self.below(&self.top(part), key));
        self.by_name(key).is_none()
            && self.is_clean_key(key)
            && (!self.know_places() || by_place().is_none())
    }
}

/// One pass over an event.
struct Walk<'r> {
    names: &'r mut Memo<Known>,
    rules: &'r Rules,
    keys_left: usize,
    /// A key of the fields or the map that are walked through had a secret in it.
    has_renamed: bool,
    /// The key of a field that was blocked.
    blocked: Option<String>,
}

impl<'r> Walk<'r> {
    fn new(names: &'r mut Memo<Known>, rules: &'r Rules) -> Self {
        Self {
            names,
            rules,
            keys_left: rules.max_keys,
            has_renamed: false,
            blocked: None,
        }
    }

    fn fields(&mut self, part: Part, fields: &mut Fields<'_>) {
        if fields.is_empty() {
            return;
        }
        let top = self.rules.top(part);
        fields.retain_renamed(|key, value| self.field(&top, key, value, 1));
        if mem::take(&mut self.has_renamed) {
            keys::tell_apart(fields.keys_mut());
        }
    }

    /// Returns whether the field stays.
    fn field(
        &mut self,
        place: &Place,
        key: &mut Cow<'_, str>,
        value: &mut FieldValue<'_>,
        depth: usize,
    ) -> bool {
        let rules = self.rules;
        let known = self.names.get(key.as_bytes(), || rules.known(key));
        let stays = match self.may_look() {
            true => self.known_field(known.action, place, key, value, depth),
            false => self.act(Action::Mask, value),
        };
        if !known.is_clean {
            *key = Cow::Owned(rules.texts.without_secrets(key).into_owned());
            self.has_renamed = true;
        }
        stays
    }

    /// The same for a key of which it is known what becomes of it wherever it stands.
    fn known_field(
        &mut self,
        by_name: Option<Action>,
        place: &Place,
        key: &str,
        value: &mut FieldValue<'_>,
        depth: usize,
    ) -> bool {
        let rules = self.rules;
        if by_name == Some(Action::Block) && self.blocked.is_none() {
            self.blocked = Some(key.to_owned());
        }
        if !rules.know_places() || by_name.is_some_and(|it| it != Action::Block) {
            return self.decide(by_name, place, value, depth);
        }
        let below = rules.below(place, key);
        let by_place = rules.by_place(&below);
        self.decide(by_place.or(by_name), &below, value, depth)
    }

    /// Returns whether the value stays.
    fn decide(
        &mut self,
        action: Option<Action>,
        place: &Place,
        value: &mut FieldValue<'_>,
        depth: usize,
    ) -> bool {
        match action {
            Some(action) => self.act(action, value),
            None => {
                self.value(place, value, depth);
                true
            }
        }
    }

    fn value(&mut self, place: &Place, value: &mut FieldValue<'_>, depth: usize) {
        match value {
            FieldValue::Str(text) => {
                if let Cow::Owned(clean) = self.rules.texts.clean(text) {
                    *text = Cow::Owned(clean);
                }
            }
            FieldValue::List(items) if !items.is_empty() => {
                if depth > self.rules.max_depth {
                    self.act(Action::Mask, value);
                    return;
                }
                let mut index = 0;
                items.retain_mut(|item| {
                    let stays = self.item(place, index, item, depth + 1);
                    index += 1;
                    stays
                });
            }
            FieldValue::Map(entries) if !entries.is_empty() => {
                if depth > self.rules.max_depth {
                    self.act(Action::Mask, value);
                    return;
                }
                let was_renamed = mem::take(&mut self.has_renamed);
                entries.retain_mut(|(key, value)| self.field(place, key, value, depth + 1));
                if mem::replace(&mut self.has_renamed, was_renamed) {
                    keys::tell_apart(entries.iter_mut().map(|(key, _)| key));
                }
            }
            _ => {}
        }
    }

    /// Returns whether the item stays.
    fn item(
        &mut self,
        place: &Place,
        index: usize,
        item: &mut FieldValue<'_>,
        depth: usize,
    ) -> bool {
        if !self.may_look() {
            return self.act(Action::Mask, item);
        }
        if place.reached.is_empty() {
            self.value(place, item, depth);
            return true;
        }
        let at = self.rules.item(place, index);
        self.decide(self.rules.by_path(&at), &at, item, depth)
    }

    fn may_look(&mut self) -> bool {
        let may = self.keys_left > 0;
        self.keys_left = self.keys_left.saturating_sub(1);
        may
    }

    /// Returns whether there is something left.
    fn act(&self, action: Action, value: &mut FieldValue<'_>) -> bool {
        let masks = &self.rules.masks;
        let text = match (action, &masks.hasher) {
            (Action::Remove, _) => return false,
            (Action::Hash, Some(hasher)) => hasher.pseudonym(value),
            // Without a key there is no pseudonym.
            (Action::Mask | Action::Hash, _) => masks.field.clone(),
            (Action::MaskPattern, _) => masks.pattern.clone(),
            (Action::Block, _) => masks.blocked.clone(),
        };
        *value = FieldValue::Str(Cow::Owned(text));
        true
    }
}
