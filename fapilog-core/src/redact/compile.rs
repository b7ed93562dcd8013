//! From settings to [`Rules`].

use std::fmt;

use super::{
    action::Action,
    hash::Hasher,
    names::Names,
    path::Path,
    pattern::Patterns,
    registry::Registry,
    rules::{Masks, Rules},
    texts::Texts,
    value_pattern::ValuePatterns,
};
use crate::settings::{Problem, RedactorKind, Settings};

/// The rules that settings come to, and what is wrong with these.
pub(crate) fn compile(
    settings: &Settings,
    registry: &Registry,
    problems: &mut Vec<Problem>,
) -> Rules {
    let mut compiler = Compiler { settings, problems };
    let mut rules = Rules {
        max_depth: settings.core.redaction_max_depth,
        max_keys: settings.core.redaction_max_keys_scanned,
        masks: compiler.masks(),
        texts: compiler.texts(),
        patterns: compiler.patterns(),
        blocked: compiler.blocked(),
        ..Rules::default()
    };
    compiler.presets(registry, &mut rules.names);
    compiler.fields(&mut rules);
    rules
}

/// Checks one entry of a list of fields.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn check_field(field: &str) -> Result<(), &'static str> {
    match is_name(field) {
        true => Ok(()),
        false => Path::parse(field).map(drop),
    }
}

/// Checks an expression.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn check_pattern(expression: &String) -> Result<(), regex::Error> {
    Patterns::new(std::slice::from_ref(expression)).map(drop)
}

/// Whether a field is meant wherever it stands.
fn is_name(field: &str) -> bool {
    !field.contains(['.', '[', '*']) && field.contains(char::is_alphanumeric)
}

struct Compiler<'s> {
    settings: &'s Settings,
    problems: &'s mut Vec<Problem>,
}

impl Compiler<'_> {
    fn has(&self, kind: RedactorKind) -> bool {
        self.settings.core.redactors.contains(&kind)
    }

    fn problem(&mut self, key: &str, value: &str, expected: impl fmt::Display, fix: &str) {
        let origin = self.settings.origin(key);
        self.problems
            .push(Problem::new(key, value, origin, expected.to_string(), fix));
    }

    /// The first presets give way to later ones, and all to the fields that are named.
    fn presets(&mut self, registry: &Registry, names: &mut Names) {
        for name in &self.settings.core.redaction_presets {
            match registry.resolve(name) {
                Ok(presets) => presets.iter().for_each(|it| it.add_to(names, Action::Mask)),
                Err(error) => self.problem(
                    "core.redaction_presets",
                    name,
                    error,
                    "name presets that there are, or add your own to the builder",
                ),
            }
        }
    }

    fn fields(&mut self, rules: &mut Rules) {
        let settings = &self.settings.redactor_config.field_mask;
        let lists = [
            (&settings.fields_to_mask, Action::Mask),
            (&settings.fields_to_hash, Action::Hash),
            (&settings.fields_to_remove, Action::Remove),
        ];
        for (fields, action) in lists {
            for field in fields {
                if is_name(field) {
                    rules.names.add(field, action);
                } else if let Ok(path) = Path::parse(field) {
                    // The setting has told what is wrong with others.
                    rules.paths.push((path, action));
                }
            }
        }
    }

    fn masks(&mut self) -> Masks {
        let config = &self.settings.redactor_config;
        let key = config.field_mask.hash_key.as_ref();
        let hasher = key.and_then(Hasher::new);
        if hasher.is_none() && !(config.field_mask.fields_to_hash.is_empty() && key.is_none()) {
            self.problem(
                "redactor_config.field_mask.hash_key",
                crate::sensitive::MASK,
                Hasher::EXPECTED,
                Hasher::FIX,
            );
        }
        Masks {
            field: config.field_mask.mask_string.clone(),
            pattern: config.regex_mask.mask_string.clone(),
            blocked: config.field_blocker.replacement.clone(),
            hasher,
        }
    }

    fn texts(&mut self) -> Texts {
        let config = &self.settings.redactor_config;
        let patterns = match self.has(RedactorKind::ValuePatterns) {
            true => self.value_patterns(),
            false => None,
        };
        let urls = config.url_credentials.max_string_length;
        Texts::new(
            self.has(RedactorKind::UrlCredentials).then_some(urls),
            patterns,
            config.string_truncate.max_string_length,
            &config.field_mask.mask_string,
        )
    }

    /// Told rather than left out, should one of them be none.
    fn value_patterns(&mut self) -> Option<ValuePatterns> {
        let which = &self.settings.redactor_config.value_patterns.patterns;
        let patterns = ValuePatterns::new(which).map_err(|error| {
            let key = "redactor_config.value_patterns.patterns";
            self.problem(key, &format!("{which:?}"), error, "leave it out");
        });
        patterns.ok()
    }

    fn patterns(&mut self) -> Option<Patterns> {
        let patterns = &self.settings.redactor_config.regex_mask.patterns;
        if patterns.is_empty() {
            return None;
        }
        match Patterns::new(patterns) {
            Ok(patterns) => Some(patterns),
            Err(error) => {
                let key = "redactor_config.regex_mask.patterns";
                self.problem(
                    key,
                    &patterns.join(","),
                    error,
                    "use fewer, or shorter ones",
                );
                None
            }
        }
    }

    fn blocked(&self) -> Names {
        let settings = &self.settings.redactor_config.field_blocker;
        let mut names = Names::default();
        if self.has(RedactorKind::FieldBlocker) {
            settings
                .blocked_fields
                .iter()
                .for_each(|it| names.add(it, Action::Block));
            settings
                .allowed_fields
                .iter()
                .for_each(|it| names.remove(it));
        }
        names
    }
}
