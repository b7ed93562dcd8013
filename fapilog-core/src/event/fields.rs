//! [`Fields`]: keys and their values.

use std::borrow::Cow;

use super::FieldValue;

/// Fields with unique keys, in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields<'a>(Vec<Field<'a>>);

/// One key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) key: Cow<'a, str>,
    /// The key is known to stand in JSON as it is.
    pub(crate) is_plain: bool,
    pub(crate) value: FieldValue<'a>,
}

impl PartialEq for Field<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

impl<'a> Field<'a> {
    fn new(key: Cow<'a, str>, value: FieldValue<'a>) -> Self {
        Self {
            key,
            is_plain: false,
            value,
        }
    }

    fn owns_nothing(&self) -> bool {
        let value_owns = matches!(
            self.value,
            FieldValue::Str(Cow::Owned(_)) | FieldValue::List(_) | FieldValue::Map(_)
        );
        matches!(self.key, Cow::Borrowed(_)) && !value_owns
    }
}

impl<'a> Fields<'a> {
    /// The number of fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&FieldValue<'a>> {
        let field = self.0.iter().find(|field| field.key == key);
        field.map(|field| &field.value)
    }

    /// Sets the value of a key, in the place of its old value if it had one.
    pub fn insert(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<FieldValue<'a>>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|field| field.key == key) {
            Some(field) => field.value = value,
            None => self.0.push(Field::new(key, value)),
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, key: &str) -> Option<FieldValue<'a>> {
        let index = self.0.iter().position(|field| field.key == key)?;
        Some(self.0.remove(index).value)
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FieldValue<'a>)> {
        self.0.iter().map(|field| (&*field.key, &field.value))
    }

    /// The fields in order, their values open to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut FieldValue<'a>)> {
        self.0
            .iter_mut()
            .map(|field| (&*field.key, &mut field.value))
    }

    /// Keeps the fields that this returns true for, and lets it change their values.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut FieldValue<'a>) -> bool) {
        self.0
            .retain_mut(|field| keep(&field.key, &mut field.value));
    }

    /// The same, with keys open to change; they have to stay unique.
    pub(crate) fn retain_renamed(
        &mut self,
        mut keep: impl FnMut(&mut Cow<'a, str>, &mut FieldValue<'a>) -> bool,
    ) {
        self.0.retain_mut(|field| {
            let was_owned = matches!(field.key, Cow::Owned(_));
            let stays = keep(&mut field.key, &mut field.value);
            field.is_plain &= was_owned || matches!(field.key, Cow::Borrowed(_));
            stays
        });
    }

    pub(crate) fn keys_mut(&mut self) -> impl Iterator<Item = &mut Cow<'a, str>> {
        self.0.iter_mut().map(|field| {
            field.is_plain = false;
            &mut field.key
        })
    }

    /// Adds a field whose key is known to be new.
    pub(crate) fn push_new(&mut self, key: &'a str, value: FieldValue<'a>) {
        self.0.push(Field::new(Cow::Borrowed(key), value));
    }

    /// The same for a key of which it is known whether it stands in JSON as it is.
    #[inline]
    pub(crate) fn push_known(&mut self, key: &'a str, is_plain: bool, value: FieldValue<'a>) {
        self.0.push(Field {
            key: Cow::Borrowed(key),
            is_plain,
            value,
        });
    }

    pub(crate) fn as_slice(&self) -> &[Field<'a>] {
        &self.0
    }

    pub(super) fn into_owned(self) -> Fields<'static> {
        let owned = self.0.into_iter().map(|field| Field {
            key: Cow::Owned(field.key.into_owned()),
            is_plain: field.is_plain,
            value: field.value.into_owned(),
        });
        Fields(owned.collect())
    }

    /// The same memory, empty, for the next event.
    pub(crate) fn recycle<'b>(mut self) -> Fields<'b> {
        // Most fields own nothing, and need no call to be dropped.
        while let Some(field) = self.0.pop() {
            if field.owns_nothing() {
                std::mem::forget(field);
            }
        }
        // Collecting from an emptied vector of the same layout keeps its allocation.
        let empty = self.0.into_iter().map_while(|_| None);
        Fields(empty.collect())
    }
}
