//! [`RedactionPreset`]: names of fields that belong together.

use super::{action::Action, names::Names};

/// Names of fields that belong together: by what they hold, or by a law that protects it.
///
/// Names are found wherever they stand, at any depth and in any spelling: `access_token` is also
/// `accessToken`, `ACCESS-TOKEN` and `access.token`.
///
/// ```
/// use fapilog_core::{LoggerBuilder, redact::RedactionPreset};
///
/// let shop = RedactionPreset::new("SHOP", "What our customers would not like to be seen")
///     .extends(["PCI_DSS"])
///     .fields(["loyalty_id", "gift_message"]);
/// let builder = LoggerBuilder::new().redaction_preset(shop).redact_presets(["SHOP"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactionPreset {
    name: String,
    description: String,
    extends: Vec<String>,
    regulation: Option<String>,
    region: Option<String>,
    tags: Vec<String>,
    fields: Vec<String>,
    words: Vec<String>,
}

impl RedactionPreset {
    /// Begins a preset without fields.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            extends: Vec::new(),
            regulation: None,
            region: None,
            tags: Vec::new(),
            fields: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Adds presets whose fields are also those of this one.
    pub fn extends<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.extends.extend(names.into_iter().map(Into::into));
        self
    }

    /// Names the law that asks for it.
    pub fn regulation(mut self, name: impl Into<String>) -> Self {
        self.regulation = Some(name.into());
        self
    }

    /// Names the region where that holds.
    pub fn region(mut self, name: impl Into<String>) -> Self {
        self.region = Some(name.into());
        self
    }

    /// Adds tags to look it up by.
    pub fn tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Adds names that a field has as a whole: `name` is not `hostname`, nor `user_name`.
    pub fn fields<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.fields.extend(names.into_iter().map(Into::into));
        self
    }

    /// Adds names that a field has among its words: `token` is also `access_token` and
    /// `tokenValue`, but not `tokenizer`.
    pub fn words<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.words.extend(names.into_iter().map(Into::into));
        self
    }

    /// What it is called in settings.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for, in a sentence.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The presets whose fields it takes over.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        self.extends.iter().map(String::as_str)
    }

    /// Its own names that a field has as a whole.
    pub fn own_fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }

    /// Its own names that a field has among its words.
    pub fn own_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Whether it is asked for by this law.
    pub fn is_of_regulation(&self, name: &str) -> bool {
        is(&self.regulation, name)
    }

    /// Whether it holds in this region: that of `US` also does in `US-CA`, and is found by it.
    pub fn is_of_region(&self, name: &str) -> bool {
        let region = self.region.as_deref().unwrap_or_default();
        is(&self.region, name)
            || region
                .split('-')
                .next()
                .is_some_and(|it| it.eq_ignore_ascii_case(name) && !it.is_empty())
    }

    /// Whether it has this tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|it| it.eq_ignore_ascii_case(tag))
    }

    /// Adds its own names.
    pub(super) fn add_to(&self, names: &mut Names, action: Action) {
        self.fields.iter().for_each(|it| names.add(it, action));
        self.words
            .iter()
            .for_each(|it| names.add_within(it, action));
    }
}

fn is(own: &Option<String>, name: &str) -> bool {
    own.as_deref()
        .is_some_and(|it| it.eq_ignore_ascii_case(name))
}
