//! Names that are no settings: misspelt ones, and those that have no meaning here.

use super::{Origin, Problem, tree::leaves};

/// Settings of the original that there is nothing to set for, and why; a name stands for all below it
/// too.
const REFUSED: &[(&str, &str)] = &[
    (
        "security",
        "nothing: fapilog encrypts no files and knows no roles; that is the work of the disk and of the network",
    ),
    (
        "observability",
        "nothing: the original never read these; sinks and metrics have settings of their own",
    ),
    (
        "plugins",
        "nothing: what runs is compiled in; stages and sinks of your own are given to the builder",
    ),
    ("strict_plugin_compat", "nothing: what runs is compiled in"),
    ("tamper_key", "nothing: there is no sealed sink"),
    (
        "debug",
        "nothing: the original never read these; `core.internal_logging_enabled` makes fapilog tell more of itself",
    ),
    ("schema_version", "nothing: there is one form of settings"),
    (
        "enricher_config.runtime_info",
        "nothing: `service`, `env` and `version` are set by their own names",
    ),
    (
        "enricher_config.context_vars",
        "nothing: left out of `core.enrichers`, the fields of the context are left out of events",
    ),
    (
        "enricher_config.host",
        "nothing: what it adds is what the machine is",
    ),
    (
        "enricher_config.integrity",
        "nothing: there is no sealed sink",
    ),
    (
        "enricher_config.extra",
        "nothing: enrichers of your own are given to the builder",
    ),
    (
        "sink_config.stdout_json",
        "nothing: that sink has no settings",
    ),
    (
        "sink_config.extra",
        "nothing: sinks of your own are given to the builder",
    ),
    (
        "sink_config.http",
        "the group `http`, for the sink of that name",
    ),
    ("sink_config.sealed", "nothing: there is no sealed sink"),
    ("http.url", "`http.endpoint`"),
    ("http.auth_token", "`http.headers`, with `authorization`"),
    (
        "redactor_config.extra",
        "nothing: redactors of your own are given to the builder",
    ),
    (
        "redactor_config.field_mask.block_on_unredactable",
        "`core.redaction_fail_mode`, which is of all redactors",
    ),
    (
        "redactor_config.regex_mask.block_on_unredactable",
        "`core.redaction_fail_mode`, which is of all redactors",
    ),
    ("filter_config.level", "`core.log_level`"),
    (
        "filter_config.extra",
        "nothing: filters of your own are given to the builder",
    ),
    (
        "filter_config.sampling.rate",
        "`filter_config.sampling.sample_rate`",
    ),
    (
        "processor_config.zero_copy",
        "nothing: no event is copied for a processor, and `zero_copy` has nothing to set",
    ),
    (
        "processor_config.extra",
        "nothing: processors of your own are given to the builder",
    ),
    (
        "core.sensitive_fields_policy",
        "nothing: the original only counted these; `redactor_config.field_mask.fields_to_mask` masks fields",
    ),
    (
        "core.redactors_order",
        "nothing: redactors run together, in one pass",
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

/// Limits that each redactor had, and that all have together.
const OF_ALL: [(&str, &str); 2] = [
    (
        "max_depth",
        "`core.redaction_max_depth`, which is of all redactors",
    ),
    (
        "max_keys_scanned",
        "`core.redaction_max_keys_scanned`, which is of all redactors",
    ),
];

/// What was expected instead of this key, if the original had it and it means nothing here.
pub(super) fn reason_against(key: &str) -> Option<&'static str> {
    let is_below = |name: &str| {
        let rest = key.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let found = REFUSED.iter().find(|(name, _)| is_below(name));
    let of_all = || {
        let (group, name) = key.rsplit_once('.')?;
        let is_redactor = group.starts_with("redactor_config.");
        OF_ALL.iter().find(|(it, _)| is_redactor && *it == name)
    };
    found.or_else(of_all).map(|(_, reason)| *reason)
}

/// The key that was probably meant, else what is known instead.
pub(super) fn suggestion(key: &str) -> Result<&'static str, String> {
    let (group, name) = split(key);
    let likeness = |other: &str| {
        let (other_group, other_name) = split(other);
        // In a short name, one slip is much.
        let is_slip = strsim::damerau_levenshtein(name, other_name) <= 1;
        let names = if is_slip { 0.95 } else { 0.0 };
        let names = strsim::jaro_winkler(name, other_name).max(names);
        match strsim::jaro_winkler(group, other_group) {
            // Whoever names no group may have left it out.
            _ if group.is_empty() => names,
            groups if groups > 0.9 => (names + groups) / 2.0,
            _ => 0.0,
        }
    };
    let best = leaves()
        .map(|leaf| (likeness(leaf.key), leaf.key))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let likely = best.filter(|(likeness, _)| *likeness > 0.9);
    likely.map(|(_, key)| key).ok_or_else(|| known(key))
}

/// What the group of a key has, if there is such a group.
fn known(key: &str) -> String {
    let below = |group: &str| -> Vec<_> {
        let names = leaves().filter(|leaf| split(leaf.key).0 == group);
        names.map(|leaf| split(leaf.key).1).collect()
    };
    // Somebody may have taken a group for a setting.
    for group in [key, split(key).0] {
        let names = below(group);
        if !group.is_empty() && !names.is_empty() {
            return format!("{group} has {}", names.join(", "));
        }
    }
    "docs/settings.md lists all there are".to_owned()
}

fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}

/// What is told of a key that is no setting.
pub(super) fn unknown(key: &str, origin: &Origin) -> Problem {
    if let Some(reason) = reason_against(key) {
        return Problem::unknown(key, origin, reason, "remove it".to_owned());
    }
    let fix = match suggestion(key) {
        Ok(near) => format!("did you mean {near}?"),
        Err(known) => format!("remove it; {known}"),
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
            let below = format!("{name}.");
            assert!(find(name).is_none(), "{name}");
            assert!(!leaves().any(|leaf| leaf.key.starts_with(&below)), "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_is_recognised_and_a_strange_one_is_not() {
        for (key, meant) in [
            ("core.log_levle", "core.log_level"),
            ("corre.log_level", "core.log_level"),
            ("log_level", "core.log_level"),
            ("servise", "service"),
            ("sink_config.loki.ulr", "sink_config.loki.url"),
            ("axum.catch_panic", "axum.catch_panics"),
        ] {
            assert_eq!(suggestion(key), Ok(meant), "{key}");
        }
        let file = suggestion("sink_config.rotating_file.path").unwrap_err();
        assert!(file.contains("directory, filename_prefix"), "{file}");
        let group = suggestion("filter_config.sampling").unwrap_err();
        assert!(
            group.contains("filter_config.sampling has sample_rate, seed"),
            "{group}"
        );
        assert!(suggestion("no.such.thing").is_err());
    }
}
