//! No dead knob: every setting there is has a test that shows what it does.

use std::{collections::HashSet, fs, path::Path};

use fapilog_core::settings::Settings;
use fapilog_tests::alone;

use super::{
    delivery::*,
    effects::*,
    enrichers::*,
    file::*,
    filters::*,
    http::*,
    presets::{a_preset_by_variable_is_where_settings_begin, sinks_are_added_by_name},
    problems,
    process::*,
    processors::*,
    queue::*,
    redaction::*,
    routing::*,
    web::*,
    webhook::*,
};

/// What shows the effect of a setting.
enum Shown {
    /// A function, run here.
    Here(fn()),
    /// A test, in a file of this folder.
    In(&'static str, &'static str),
}
use Shown::{Here, In};

const KNOBS: &[(&str, Shown)] = &[
    ("preset", Here(a_preset_by_variable_is_where_settings_begin)),
    (
        "format",
        In(
            "console/pretty.rs",
            "a_terminal_gets_lines_for_people_and_everything_else_json",
        ),
    ),
    ("service", Here(constants_stand_in_diagnostics)),
    ("env", Here(constants_stand_in_diagnostics)),
    ("version", Here(constants_stand_in_diagnostics)),
    ("sinks", Here(tables_of_sinks_have_names_and_options)),
    ("core.app_name", Here(constants_stand_in_diagnostics)),
    ("core.log_level", Here(a_level_lets_events_through)),
    ("core.queue_budget", Here(a_budget_bounds_what_waits)),
    ("core.protected_reserve", Here(a_reserve_keeps_errors)),
    ("core.max_event_bytes", Here(an_event_is_cut_to_its_limits)),
    ("core.max_fields", Here(an_event_is_cut_to_its_limits)),
    ("core.max_depth", Here(an_event_is_cut_to_its_limits)),
    ("core.max_string_bytes", Here(an_event_is_cut_to_its_limits)),
    ("core.backpressure_wait_ms", Here(a_call_waits_for_room)),
    (
        "core.drop_on_full",
        Here(a_call_that_must_not_drop_waits_for_ever),
    ),
    (
        "core.protected_levels",
        Here(a_reserve_is_for_the_levels_that_are_named),
    ),
    (
        "core.batch_max_size",
        Here(a_batch_has_no_more_events_than_wanted),
    ),
    (
        "core.batch_timeout_seconds",
        Here(a_batch_waits_as_long_as_wanted_for_more_events),
    ),
    (
        "core.sink_concurrency",
        Here(so_many_batches_are_sent_at_once_as_wanted),
    ),
    (
        "core.sink_circuit_breaker_enabled",
        Here(a_sink_that_fails_is_left_alone_after_so_many_failures_as_wanted),
    ),
    (
        "core.sink_circuit_breaker_failure_threshold",
        Here(a_sink_that_fails_is_left_alone_after_so_many_failures_as_wanted),
    ),
    (
        "core.sink_circuit_breaker_recovery_timeout_seconds",
        Here(a_sink_that_fails_is_left_alone_as_long_as_wanted),
    ),
    (
        "core.sink_circuit_breaker_fallback_sink",
        Here(what_a_sink_does_not_deliver_goes_where_wanted),
    ),
    (
        "core.sink_dead_letter_file",
        Here(what_nobody_takes_is_kept_where_wanted),
    ),
    (
        "core.sink_dead_letter_max_bytes",
        Here(what_nobody_takes_is_kept_where_wanted),
    ),
    (
        "core.flush_on_critical",
        Here(a_critical_event_is_followed_by_a_flush_if_wanted),
    ),
    ("core.envelope", Here(an_event_stands_under_log_if_wanted)),
    (
        "core.serialize_in_flush",
        Here(what_cannot_be_otherwise_is_refused),
    ),
    (
        "core.worker_count",
        Here(what_cannot_be_otherwise_is_refused),
    ),
    ("core.sinks", Here(sinks_are_added_by_name)),
    ("core.enrichers", Here(enrichers_run_if_they_are_named)),
    ("core.filters", Here(filters_run_if_they_are_named)),
    ("core.processors", Here(processors_run_if_they_are_named)),
    (
        "core.default_bound_context",
        Here(every_event_has_the_default_context),
    ),
    (
        "core.exceptions_enabled",
        Here(a_stack_is_told_as_far_as_wanted),
    ),
    (
        "core.exceptions_max_frames",
        Here(a_stack_is_told_as_far_as_wanted),
    ),
    (
        "core.exceptions_max_stack_chars",
        Here(a_stack_is_told_as_far_as_wanted),
    ),
    (
        "core.shutdown_timeout_seconds",
        Here(the_final_flush_ends_in_time),
    ),
    (
        "core.atexit_drain_enabled",
        In("life/exit.rs", "an_end_that_need_not_drain_does_not_wait"),
    ),
    (
        "core.atexit_drain_timeout_seconds",
        In(
            "life/exit.rs",
            "an_end_that_a_sink_holds_up_waits_as_long_as_its_timeout",
        ),
    ),
    ("core.signal_handler_enabled", Here(signals_are_left_alone)),
    (
        "core.capture_unhandled_enabled",
        In(
            "life/panic.rs",
            "a_panic_is_an_event_with_its_text_thread_and_place",
        ),
    ),
    ("core.emit_drop_summary", Here(losses_are_told_if_wanted)),
    (
        "core.drop_summary_window_seconds",
        Here(losses_are_told_as_often_as_wanted),
    ),
    (
        "core.internal_logging_enabled",
        Here(each_problem_is_reported_if_wanted),
    ),
    (
        "enricher_config.kubernetes.pod_name_env",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "enricher_config.kubernetes.namespace_env",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "enricher_config.kubernetes.node_name_env",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "enricher_config.kubernetes.container_name_env",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "enricher_config.kubernetes.cluster_name_env",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "enricher_config.kubernetes.podinfo_dir",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "enricher_config.kubernetes.prefix",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "enricher_config.kubernetes.skip_if_not_k8s",
        Here(a_pod_is_told_of_as_wanted),
    ),
    (
        "filter_config.sampling.sample_rate",
        Here(a_sample_is_as_large_as_wanted),
    ),
    (
        "filter_config.sampling.seed",
        Here(a_sample_is_the_same_again_if_wanted),
    ),
    (
        "filter_config.adaptive_sampling.min_sample_rate",
        Here(a_share_follows_the_load_as_wanted),
    ),
    (
        "filter_config.adaptive_sampling.max_sample_rate",
        Here(a_share_follows_the_load_as_wanted),
    ),
    (
        "filter_config.adaptive_sampling.target_events_per_second",
        Here(a_share_follows_the_load_as_wanted),
    ),
    (
        "filter_config.adaptive_sampling.window_seconds",
        Here(a_share_follows_the_load_as_wanted),
    ),
    (
        "filter_config.adaptive_sampling.smoothing_factor",
        Here(a_share_follows_the_load_as_wanted),
    ),
    (
        "filter_config.trace_sampling.sample_rate",
        Here(as_many_traces_are_kept_as_wanted),
    ),
    (
        "filter_config.rate_limit.capacity",
        Here(events_are_limited_as_wanted),
    ),
    (
        "filter_config.rate_limit.refill_rate_per_sec",
        Here(events_are_limited_as_wanted),
    ),
    (
        "filter_config.rate_limit.key_field",
        Here(each_key_is_limited_as_wanted),
    ),
    (
        "filter_config.rate_limit.max_keys",
        Here(each_key_is_limited_as_wanted),
    ),
    (
        "filter_config.rate_limit.overflow_action",
        Here(each_key_is_limited_as_wanted),
    ),
    (
        "filter_config.first_occurrence.window_seconds",
        Here(the_first_of_events_that_are_alike_is_kept_as_wanted),
    ),
    (
        "filter_config.first_occurrence.max_keys",
        Here(the_first_of_events_that_are_alike_is_kept_as_wanted),
    ),
    (
        "filter_config.first_occurrence.key_fields",
        Here(the_first_of_events_that_are_alike_is_kept_as_wanted),
    ),
    (
        "filter_config.first_occurrence.subsequent_sample_rate",
        Here(the_first_of_events_that_are_alike_is_kept_as_wanted),
    ),
    (
        "processor_config.size_guard.max_bytes",
        Here(an_event_is_kept_to_a_size_as_wanted),
    ),
    (
        "processor_config.size_guard.action",
        Here(an_event_is_kept_to_a_size_as_wanted),
    ),
    (
        "processor_config.size_guard.preserve_fields",
        Here(an_event_is_kept_to_a_size_as_wanted),
    ),
    (
        "axum.catch_panics",
        Here(panics_of_handlers_become_responses_or_not),
    ),
    (
        "axum.request_deadline_seconds",
        Here(open_requests_are_given_as_long_as_wanted),
    ),
    (
        "axum.skip_paths",
        Here(paths_to_skip_are_not_logged_but_for_errors_if_wanted),
    ),
    (
        "axum.log_errors_on_skip",
        Here(paths_to_skip_are_not_logged_but_for_errors_if_wanted),
    ),
    (
        "axum.sample_rate",
        Here(a_sample_of_the_successes_is_logged),
    ),
    (
        "axum.slow_threshold_seconds",
        Here(slow_requests_are_warnings_and_always_logged),
    ),
    (
        "axum.log_start",
        Here(the_beginning_of_a_request_is_logged_if_wanted),
    ),
    (
        "axum.include_headers",
        Here(headers_are_logged_as_far_as_wanted_and_credentials_never),
    ),
    (
        "axum.redact_headers",
        Here(headers_are_logged_as_far_as_wanted_and_credentials_never),
    ),
    (
        "axum.max_header_bytes",
        Here(headers_are_logged_as_far_as_wanted_and_credentials_never),
    ),
    (
        "axum.include_query",
        Here(the_query_is_logged_if_wanted_and_credentials_never),
    ),
    (
        "axum.redact_query",
        Here(the_query_is_logged_if_wanted_and_credentials_never),
    ),
    (
        "axum.capture_request_body",
        In(
            "web/captured.rs",
            "bodies_are_logged_as_the_structure_that_they_are_if_wanted",
        ),
    ),
    (
        "axum.capture_response_body",
        In(
            "web/captured.rs",
            "bodies_are_logged_as_the_structure_that_they_are_if_wanted",
        ),
    ),
    (
        "axum.max_body_bytes",
        In(
            "web/captured.rs",
            "of_a_body_over_the_limit_only_text_is_logged",
        ),
    ),
    (
        "axum.body_content_types",
        In(
            "web/captured.rs",
            "only_bodies_of_the_types_that_are_wanted_are_captured",
        ),
    ),
    (
        "axum.trusted_proxies",
        Here(a_trusted_proxy_tells_who_the_client_is),
    ),
    (
        "axum.user_header",
        Here(a_trusted_proxy_tells_who_the_client_is),
    ),
    (
        "axum.tenant_header",
        Here(a_trusted_proxy_tells_who_the_client_is),
    ),
    (
        "axum.request_id_header",
        Here(the_id_of_a_request_stands_where_it_should_and_is_believed_if_wanted),
    ),
    (
        "axum.trust_request_id",
        Here(the_id_of_a_request_stands_where_it_should_and_is_believed_if_wanted),
    ),
    ("axum.trace_context", Here(a_trace_is_taken_over_if_wanted)),
    (
        "axum.traceresponse",
        Here(a_response_tells_its_trace_if_wanted),
    ),
    (
        "core.redactors",
        Here(redactors_are_chosen_and_variables_only_add),
    ),
    ("core.redaction_presets", Here(presets_are_named)),
    (
        "core.redaction_max_depth",
        Here(what_lies_too_deep_or_comes_too_late_is_masked),
    ),
    (
        "core.redaction_max_keys_scanned",
        Here(what_lies_too_deep_or_comes_too_late_is_masked),
    ),
    (
        "core.redaction_fail_mode",
        Here(a_redactor_that_fails_closes_warns_or_lets_go_on),
    ),
    (
        "redactor_config.field_mask.fields_to_mask",
        Here(fields_are_masked_by_name_and_path),
    ),
    (
        "redactor_config.field_mask.mask_string",
        Here(fields_are_masked_by_name_and_path),
    ),
    (
        "redactor_config.field_mask.fields_to_remove",
        Here(fields_are_removed_or_get_a_pseudonym),
    ),
    (
        "redactor_config.field_mask.fields_to_hash",
        Here(fields_are_removed_or_get_a_pseudonym),
    ),
    (
        "redactor_config.field_mask.hash_key",
        Here(fields_are_removed_or_get_a_pseudonym),
    ),
    (
        "redactor_config.regex_mask.patterns",
        Here(fields_are_masked_where_their_path_matches),
    ),
    (
        "redactor_config.regex_mask.mask_string",
        Here(fields_are_masked_where_their_path_matches),
    ),
    (
        "redactor_config.url_credentials.max_string_length",
        Here(urls_lose_their_credentials),
    ),
    (
        "redactor_config.field_blocker.blocked_fields",
        Here(fields_of_whole_bodies_are_blocked),
    ),
    (
        "redactor_config.field_blocker.allowed_fields",
        Here(fields_of_whole_bodies_are_blocked),
    ),
    (
        "redactor_config.field_blocker.replacement",
        Here(fields_of_whole_bodies_are_blocked),
    ),
    (
        "redactor_config.value_patterns.patterns",
        Here(texts_are_searched_for_what_looks_like_a_secret),
    ),
    (
        "redactor_config.string_truncate.max_string_length",
        Here(strings_are_cut_to_a_length),
    ),
    (
        "sink_config.rotating_file.directory",
        Here(files_are_where_and_called_as_wanted),
    ),
    (
        "sink_config.rotating_file.filename_prefix",
        Here(files_are_where_and_called_as_wanted),
    ),
    (
        "sink_config.rotating_file.mode",
        Here(files_hold_json_or_lines_for_people),
    ),
    (
        "sink_config.rotating_file.max_bytes",
        Here(a_file_is_begun_when_one_is_full),
    ),
    (
        "sink_config.rotating_file.interval_seconds",
        Here(a_file_is_begun_when_its_time_is_over),
    ),
    (
        "sink_config.rotating_file.time_zone",
        Here(a_file_is_begun_when_its_time_is_over),
    ),
    (
        "sink_config.rotating_file.max_files",
        Here(old_files_are_kept_as_far_as_wanted),
    ),
    (
        "sink_config.rotating_file.max_age_seconds",
        Here(old_files_are_kept_as_far_as_wanted),
    ),
    (
        "sink_config.rotating_file.max_total_bytes",
        Here(old_files_are_kept_as_far_as_wanted),
    ),
    (
        "sink_config.rotating_file.compress_rotated",
        Here(old_files_are_compressed_if_wanted),
    ),
    (
        "sink_config.rotating_file.append",
        Here(the_file_of_an_earlier_process_is_continued_if_wanted),
    ),
    (
        "sink_routing.enabled",
        Here(rules_send_events_to_their_sinks),
    ),
    ("sink_routing.rules", Here(rules_send_events_to_their_sinks)),
    (
        "sink_routing.overlap",
        Here(rules_send_events_to_their_sinks),
    ),
    (
        "sink_routing.fallback_sinks",
        Here(rules_send_events_to_their_sinks),
    ),
    (
        "sink_config.rotating_file.sync",
        In(
            "file/synced.rs",
            "a_batch_is_forced_onto_the_disk_before_it_counts_if_wanted_and_never_unless",
        ),
    ),
    (
        "sink_config.rotating_file.sync_interval_seconds",
        In(
            "file/synced.rs",
            "a_file_is_forced_onto_the_disk_within_the_interval_without_another_event",
        ),
    ),
    (
        "sink_config.rotating_file.latest_link",
        Here(a_link_shows_to_the_latest_file_if_wanted),
    ),
    (
        "sink_config.rotating_file.reopen_on_hangup",
        In(
            "file/moved.rs",
            "a_file_is_opened_anew_at_the_signal_that_is_meant_for_that",
        ),
    ),
    (
        "http.endpoint",
        Here(an_endpoint_is_where_events_go_if_no_sink_is_named),
    ),
    ("http.headers", Here(headers_of_settings_are_sent)),
    (
        "http.retry_max_attempts",
        Here(a_batch_is_tried_as_often_as_wanted),
    ),
    (
        "http.retry_backoff_seconds",
        Here(attempts_follow_each_other_as_fast_as_wanted),
    ),
    ("http.batch_size", Here(batches_are_as_large_as_wanted)),
    (
        "http.batch_timeout_seconds",
        Here(an_event_waits_for_others_as_long_as_wanted),
    ),
    (
        "http.timeout_seconds",
        Here(an_attempt_takes_as_long_as_wanted),
    ),
    (
        "http.connect_timeout_seconds",
        Here(an_attempt_takes_as_long_as_wanted),
    ),
    (
        "http.batch_format",
        Here(a_body_has_the_form_that_is_wanted),
    ),
    (
        "http.batch_wrapper_key",
        Here(a_body_has_the_form_that_is_wanted),
    ),
    ("http.compress", Here(a_body_has_the_form_that_is_wanted)),
    ("http.pool_max_idle", Here(connections_are_kept_as_wanted)),
    (
        "http.pool_idle_timeout_seconds",
        Here(idle_connections_are_closed_after_the_time_that_is_wanted),
    ),
    (
        "http.allow_insecure_http",
        Here(plain_text_goes_over_the_network_only_if_that_is_allowed),
    ),
    (
        "http.untrusted_endpoint",
        Here(an_endpoint_that_is_not_trusted_must_be_public),
    ),
    (
        "http.ca_file",
        In(
            "http/tls.rs",
            "certificates_are_read_from_the_files_that_settings_name",
        ),
    ),
    (
        "http.client_identity_file",
        In(
            "http/tls.rs",
            "certificates_are_read_from_the_files_that_settings_name",
        ),
    ),
    (
        "http.proxy",
        In(
            "http/proxies.rs",
            "the_proxy_of_settings_is_taken_and_that_of_the_environment_is_not",
        ),
    ),
    (
        "sink_config.webhook.endpoint",
        Here(a_webhook_is_called_if_it_is_named),
    ),
    (
        "sink_config.webhook.secret",
        Here(a_secret_signs_and_so_does_the_one_before),
    ),
    (
        "sink_config.webhook.secret_previous",
        Here(a_secret_signs_and_so_does_the_one_before),
    ),
    (
        "sink_config.webhook.headers",
        Here(headers_of_settings_go_to_the_webhook),
    ),
    (
        "sink_config.webhook.retry_max_attempts",
        Here(a_webhook_is_tried_as_often_as_wanted),
    ),
    (
        "sink_config.webhook.retry_backoff_seconds",
        Here(a_webhook_is_tried_again_as_fast_as_wanted),
    ),
    (
        "sink_config.webhook.batch_size",
        Here(so_many_events_are_in_a_request_as_wanted),
    ),
    (
        "sink_config.webhook.batch_timeout_seconds",
        Here(an_event_waits_for_others_as_long_as_wanted_for_a_webhook),
    ),
    (
        "sink_config.webhook.timeout_seconds",
        Here(an_attempt_for_a_webhook_takes_as_long_as_wanted),
    ),
    (
        "sink_config.webhook.ca_file",
        Here(a_webhook_has_a_certificate_of_the_authority_that_is_wanted),
    ),
    (
        "sink_config.webhook.proxy",
        Here(a_webhook_is_called_through_the_proxy_that_is_wanted),
    ),
    (
        "sink_config.webhook.allow_insecure_http",
        Here(a_webhook_is_called_through_the_proxy_that_is_wanted),
    ),
    (
        "sink_config.webhook.untrusted_endpoint",
        Here(a_webhook_that_is_not_trusted_must_be_public),
    ),
];

#[test]
fn every_setting_does_something_that_can_be_seen() {
    let _alone = alone();
    let mut shown = HashSet::new();
    for setting in Settings::reference() {
        let knob = KNOBS.iter().find(|(key, _)| *key == setting.key);
        let key = setting.key;
        match (knob, setting.pending) {
            (Some(_), Some(_)) => panic!("{key} is built: no longer pending"),
            (None, None) => panic!("{key} has no test that shows what it does"),
            (None, Some(part)) => {
                for variable in &setting.variables {
                    let refused = problems(&[(variable, &setting.example)]);
                    for needed in [key, variable.as_str(), part, "not built yet"] {
                        assert!(refused.contains(needed), "{needed:?} is not in {refused}");
                    }
                }
            }
            (Some((_, Here(show))), None) => {
                println!("{key}");
                // One may show several.
                if shown.insert(*show as usize) {
                    show();
                }
            }
            (Some((_, In(file, test))), None) => {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("it").join(file);
                let source = fs::read_to_string(path).unwrap();
                let stands = |text: &str| source.contains(text);
                assert!(stands(&format!("fn {test}()")), "{file} has no {test}");
                let variable = setting.variables.iter().any(|it| stands(it));
                assert!(variable, "{file} does not set {key}");
            }
        }
    }
}

#[test]
fn every_test_of_a_setting_is_of_one_that_there_is() {
    let settings = Settings::reference();
    for (key, _) in KNOBS {
        assert!(settings.iter().any(|setting| setting.key == *key), "{key}");
    }
}
