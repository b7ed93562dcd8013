//! What the environment may not do: take redaction away.

use super::{Problem, RedactorKind, Settings};

/// Puts back what variables have taken away from redaction, so that they only add; tells of what
/// cannot be put back.
pub(super) fn keep(before: &Settings, settings: &mut Settings, problems: &mut Vec<Problem>) {
    lists(before, settings);
    let (old, new) = (&before.redactor_config, &mut settings.redactor_config);
    let (longest, new_longest) = (&old.string_truncate, &mut new.string_truncate);
    new_longest.max_string_length =
        shortest([longest.max_string_length, new_longest.max_string_length]);
    let may_refuse = [
        (
            "redactor_config.field_blocker.allowed_fields",
            allows_more(before, settings),
        ),
        (
            "redactor_config.field_mask.fields_to_hash",
            hashes_more(before, settings),
        ),
        (
            "core.redaction_fail_mode",
            strictness(settings) < strictness(before),
        ),
    ];
    for (key, is_weaker) in may_refuse {
        if is_weaker {
            refuse(settings, key, problems);
        }
    }
}

/// Puts back what is missing in lists.
fn lists(before: &Settings, settings: &mut Settings) {
    let (old, new) = (&before.axum, &mut settings.axum);
    add_back(&old.redact_headers, &mut new.redact_headers);
    add_back(&old.redact_query, &mut new.redact_query);
    let (old, new) = (&before.core, &mut settings.core);
    add_back(&old.redactors, &mut new.redactors);
    add_back(&old.redaction_presets, &mut new.redaction_presets);
    let (old, new) = (&before.redactor_config, &mut settings.redactor_config);
    let (mask, new_mask) = (&old.field_mask, &mut new.field_mask);
    add_back(&mask.fields_to_mask, &mut new_mask.fields_to_mask);
    add_back(&mask.fields_to_remove, &mut new_mask.fields_to_remove);
    add_back(&mask.fields_to_hash, &mut new_mask.fields_to_hash);
    add_back(&old.regex_mask.patterns, &mut new.regex_mask.patterns);
    add_back(
        &old.value_patterns.patterns,
        &mut new.value_patterns.patterns,
    );
    if is_blocking(before) {
        add_back(
            &old.field_blocker.blocked_fields,
            &mut new.field_blocker.blocked_fields,
        );
    }
}

fn add_back<T: Clone + PartialEq>(old: &[T], new: &mut Vec<T>) {
    let missing: Vec<_> = old.iter().filter(|it| !new.contains(it)).cloned().collect();
    new.splice(..0, missing);
}

fn shortest(lengths: [Option<usize>; 2]) -> Option<usize> {
    lengths.into_iter().flatten().min()
}

fn is_blocking(settings: &Settings) -> bool {
    settings
        .core
        .redactors
        .contains(&RedactorKind::FieldBlocker)
}

/// Whether fields are shown that were blocked.
fn allows_more(before: &Settings, settings: &Settings) -> bool {
    let allowed = |it: &Settings| it.redactor_config.field_blocker.allowed_fields.clone();
    is_blocking(before) && has_more(&allowed(before), &allowed(settings))
}

/// Whether fields may get a pseudonym, which says more than a mask, that were masked, blocked or left
/// out.
fn hashes_more(before: &Settings, settings: &Settings) -> bool {
    let hashed = |it: &Settings| it.redactor_config.field_mask.fields_to_hash.clone();
    let (core, config) = (&before.core, &before.redactor_config);
    let hidden = [
        &core.redaction_presets,
        &config.field_mask.fields_to_mask,
        &config.field_mask.fields_to_remove,
        &config.regex_mask.patterns,
    ];
    let hides = is_blocking(before) || hidden.iter().any(|it| !it.is_empty());
    hides && has_more(&hashed(before), &hashed(settings))
}

fn has_more(old: &[String], new: &[String]) -> bool {
    new.iter().any(|name| !old.contains(name))
}

fn strictness(settings: &Settings) -> u8 {
    use super::FailMode::{Closed, Open, Warn};
    match settings.core.redaction_fail_mode {
        Open => 0,
        Warn => 1,
        Closed => 2,
    }
}

fn refuse(settings: &Settings, key: &'static str, problems: &mut Vec<Problem>) {
    let value = super::tree::find(key).map(|leaf| leaf.shown(settings));
    problems.push(Problem::new(
        key,
        value.unwrap_or_default(),
        settings.origin(key),
        "a variable that adds to redaction; this one would take some away",
        "remove it, or allow it in code: `env_may_weaken_redaction`",
    ));
}
