//! What the environment may not do: take redaction away.

use super::{Problem, RedactorKind, Settings};

/// Puts back what variables have taken away from redaction, so that they only add; tells of what
/// cannot be put back.
pub(super) fn keep(before: &Settings, settings: &mut Settings, problems: &mut Vec<Problem>) {
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
    let was_blocking = before.core.redactors.contains(&RedactorKind::FieldBlocker);
    if was_blocking {
        let blocker = &mut new.field_blocker;
        add_back(
            &old.field_blocker.blocked_fields,
            &mut blocker.blocked_fields,
        );
        let is_more = |name: &String| !old.field_blocker.allowed_fields.contains(name);
        if blocker.allowed_fields.iter().any(is_more) {
            refuse(
                settings,
                "redactor_config.field_blocker.allowed_fields",
                problems,
            );
        }
    }
    if strictness(settings) < strictness(before) {
        refuse(settings, "core.redaction_fail_mode", problems);
    }
}

fn add_back<T: Clone + PartialEq>(old: &[T], new: &mut Vec<T>) {
    let missing: Vec<_> = old.iter().filter(|it| !new.contains(it)).cloned().collect();
    new.splice(..0, missing);
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
