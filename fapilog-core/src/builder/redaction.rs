//! Redaction in code.

use super::LoggerBuilder;
use crate::{
    Sensitive,
    redact::RedactionPreset,
    settings::{RedactorKind, Settings},
};

/// Lists are added to what presets and files say; [`configure`](LoggerBuilder::configure) replaces
/// them.
impl LoggerBuilder {
    /// Masks the fields of these presets: `CREDENTIALS`, `PII_CORE`, `GDPR_PII`, and the others of
    /// [`Registry`](crate::redact::Registry). None by default.
    pub fn redact_presets<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.extend(names, |all| &mut all.core.redaction_presets)
    }

    /// Adds a preset of one's own, for [`redact_presets`](Self::redact_presets) and settings to
    /// name.
    pub fn redaction_preset(mut self, preset: RedactionPreset) -> Self {
        self.presets.add(preset);
        self
    }

    /// Masks fields: `password` wherever it stands, `user.email` in `data`. None by default.
    ///
    /// ```
    /// use fapilog_core::LoggerBuilder;
    ///
    /// let builder = LoggerBuilder::new().redact_fields(["password", "user.email", "items[*].card"]);
    /// ```
    pub fn redact_fields<S: Into<String>>(self, fields: impl IntoIterator<Item = S>) -> Self {
        self.extend(fields, |all| {
            &mut all.redactor_config.field_mask.fields_to_mask
        })
    }

    /// Leaves fields out altogether. None by default.
    pub fn remove_fields<S: Into<String>>(self, fields: impl IntoIterator<Item = S>) -> Self {
        self.extend(fields, |all| {
            &mut all.redactor_config.field_mask.fields_to_remove
        })
    }

    /// Gives fields a pseudonym, which is the same for the same value: HMAC-SHA256 with this key, of
    /// at least 16 bytes (feature `hash`). None by default.
    pub fn hash_fields<S: Into<String>>(
        self,
        key: Sensitive<String>,
        fields: impl IntoIterator<Item = S>,
    ) -> Self {
        self.configure(move |all| all.redactor_config.field_mask.hash_key = Some(key.clone()))
            .extend(fields, |all| {
                &mut all.redactor_config.field_mask.fields_to_hash
            })
    }

    /// Masks fields whose path an expression matches as a whole: `data\.user\..*`. None by default.
    pub fn redact_patterns<S: Into<String>>(self, patterns: impl IntoIterator<Item = S>) -> Self {
        self.extend(patterns, |all| &mut all.redactor_config.regex_mask.patterns)
    }

    /// Adds redactors that fapilog brings along, such as
    /// [`ValuePatterns`](RedactorKind::ValuePatterns). Defaults to
    /// [`UrlCredentials`](RedactorKind::UrlCredentials).
    pub fn redactors(self, kinds: impl IntoIterator<Item = RedactorKind>) -> Self {
        let kinds: Vec<_> = kinds.into_iter().collect();
        self.configure(move |all| {
            for kind in &kinds {
                if !all.core.redactors.contains(kind) {
                    all.core.redactors.push(*kind);
                }
            }
        })
    }

    /// Lets the environment take redaction away, too; by default it only adds. Not for what others
    /// than the authors of a service deploy.
    pub fn env_may_weaken_redaction(mut self) -> Self {
        self.sources.variables_may_weaken = true;
        self
    }

    fn extend<S: Into<String>>(
        self,
        more: impl IntoIterator<Item = S>,
        list: fn(&mut Settings) -> &mut Vec<String>,
    ) -> Self {
        let more: Vec<String> = more.into_iter().map(Into::into).collect();
        self.configure(move |all| {
            let list = list(all);
            for name in &more {
                if !list.contains(name) {
                    list.push(name.clone());
                }
            }
        })
    }
}
