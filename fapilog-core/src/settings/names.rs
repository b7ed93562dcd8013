//! Names that are no settings: misspelt ones, and those that have no meaning here.

use super::{Origin, Problem, tree::leaves};

/// Settings of the original that there is nothing to set for, and why.
const REFUSED: &[(&str, &str)] = &[
    (
        "security.",
        "nothing: fapilog encrypts no files and knows no roles; that is the work of the disk and of the network",
    ),
    (
        "observability.",
        "nothing: the original never read these; sinks and metrics have settings of their own",
    ),
    (
        "plugins.",
        "nothing: what runs is compiled in; stages and sinks of your own are given to the builder",
    ),
    ("schema_version", "nothing: there is one form of settings"),
    (
        "enricher_config.",
        "nothing: `service`, `env` and `version` are set by their own names; other enrichers are given to the builder",
    ),
    (
        "sink_config.http.",
        "the group `http`, for the sink of that name",
    ),
    ("sink_config.sealed.", "nothing: there is no sealed sink"),
    (
        "core.sensitive_fields_policy",
        "nothing: the original only counted these; `redactor_config.field_mask.fields_to_mask` masks fields",
    ),
    (
        "core.redactors_order",
        "nothing: redactors run in the order of `core.redactors`",
    ),
    (
        "core.enable_redactors",
        "nothing: an empty list in `core.redactors` disables them",
    ),
    (
        "core.resource_pool_max_size",
        "nothing: sinks keep their own connections",
    ),
    (
        "core.resource_pool_acquire_timeout_seconds",
        "nothing: sinks keep their own connections",
    ),
    (
        "core.benchmark_file_path",
        "nothing: benches are not part of the library",
    ),
    (
        "core.strict_envelope_mode",
        "nothing: every event has the same envelope, and no value can make one fail",
    ),
    (
        "core.sink_parallel_writes",
        "nothing: every sink has a thread of its own",
    ),
    (
        "core.fallback_redact_mode",
        "nothing: a fallback gets what the sink would have got, redacted as it is",
    ),
    (
        "core.fallback_scrub_raw",
        "nothing: a fallback gets what the sink would have got, redacted as it is",
    ),
    (
        "core.fallback_raw_max_bytes",
        "nothing: a fallback gets what the sink would have got, redacted as it is",
    ),
    (
        "core.diagnostics_output",
        "nothing: stdout carries nothing but events; `LoggerBuilder::on_diagnostic` takes fapilog's reports anywhere else",
    ),
    (
        "core.context_binding_enabled",
        "nothing: what is not bound costs nothing; `core.default_bound_context` binds fields",
    ),
    (
        "adaptive.worker_scaling",
        "nothing: a pipeline has one worker, so that events keep their order",
    ),
];

/// What was expected instead of this key, if the original had it and it means nothing here.
pub(super) fn reason_against(key: &str) -> Option<&'static str> {
    let is_it = |name: &str| key == name || (name.ends_with('.') && key.starts_with(name));
    let found = REFUSED.iter().find(|(name, _)| is_it(name));
    found.map(|(_, reason)| *reason)
}

/// The key that was probably meant.
pub(super) fn suggestion(key: &str) -> Option<&'static str> {
    let likeness = |other: &str| strsim::jaro_winkler(key, other);
    let best = leaves()
        .map(|leaf| (likeness(leaf.key), leaf.key))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.93)
        .map(|(_, key)| key)
}

/// What is told of a key that is no setting.
pub(super) fn unknown(key: &str, origin: &Origin) -> Problem {
    if let Some(reason) = reason_against(key) {
        return Problem::unknown(key, origin, reason, "remove it".to_owned());
    }
    let group = key.rsplit_once('.').map_or("", |(group, _)| group);
    let fix = match suggestion(key) {
        Some(near) => format!("did you mean {near}?"),
        None if leaves().any(|leaf| leaf.key.starts_with(&format!("{group}."))) => {
            format!("remove it; docs/settings.md lists what is in {group}")
        }
        None => "remove it; docs/settings.md lists all that are known".to_owned(),
    };
    Problem::unknown(key, origin, "the name of a setting", fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tree::find;

    #[test]
    fn what_is_refused_is_no_setting() {
        for (name, _) in REFUSED {
            assert!(find(name).is_none(), "{name}");
            assert!(
                !leaves().any(|leaf| name.ends_with('.') && leaf.key.starts_with(name)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_misspelt_name_is_recognised_and_a_strange_one_is_not() {
        assert_eq!(suggestion("core.log_levle"), Some("core.log_level"));
        assert_eq!(
            suggestion("sink_config.loki.ulr"),
            Some("sink_config.loki.url")
        );
        assert_eq!(suggestion("no.such.thing"), None);
    }
}
