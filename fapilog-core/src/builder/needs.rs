//! What the sinks that settings name cannot do without.

#[cfg(feature = "http")]
use std::path::PathBuf;

#[cfg(feature = "webhook")]
use crate::sink::Webhook;
#[cfg(feature = "http")]
use crate::{
    MASK,
    sink::{Http, Trouble},
};
use crate::{
    RotatingFile, redact,
    settings::{Problem, Settings, SinkKind},
};

/// What a sink needs must be compiled in, and its own settings must work.
pub(super) fn check(kind: SinkKind, settings: &Settings, problems: &mut Vec<Problem>) {
    match kind {
        SinkKind::RotatingFile => check_compression(settings, problems),
        #[cfg(feature = "http")]
        SinkKind::Http => check_http(settings, problems),
        #[cfg(feature = "webhook")]
        SinkKind::Webhook => check_webhook(settings, problems),
        _ => {}
    }
}

/// The sink that an endpoint asks for, where it is not compiled in.
pub(super) fn absent(settings: &Settings, text: String) -> Problem {
    const KEY: &str = "http.endpoint";
    let endpoint = settings.http.endpoint.as_deref().unwrap_or("none");
    Problem::new(
        KEY,
        redact::clean(endpoint),
        settings.origin(KEY),
        format!("no endpoint: {text}"),
        "enable the feature \"http\" of fapilog-core, or remove it",
    )
}

fn check_compression(settings: &Settings, problems: &mut Vec<Problem>) {
    const KEY: &str = "sink_config.rotating_file.compress_rotated";
    if settings.sink_config.rotating_file.compress_rotated && !RotatingFile::COMPRESSES {
        problems.push(Problem::new(
            KEY,
            true,
            settings.origin(KEY),
            "false: the feature \"gzip\" is not compiled in",
            "enable the feature \"gzip\" of fapilog-core",
        ));
    }
}

#[cfg(feature = "http")]
fn check_http(settings: &Settings, problems: &mut Vec<Problem>) {
    let http = &settings.http;
    let Some(trouble) = Http::of_settings(http).trouble() else {
        return;
    };
    let value = match trouble.setting {
        "endpoint" => http.endpoint.clone(),
        "ca_file" => shown(&http.ca_file),
        "client_identity_file" => shown(&http.client_identity_file),
        "compress" | "untrusted_endpoint" => Some("true".to_owned()),
        _ => Some(MASK.to_owned()),
    };
    problems.push(unworkable("http", trouble, value, settings));
}

#[cfg(feature = "webhook")]
fn check_webhook(settings: &Settings, problems: &mut Vec<Problem>) {
    let webhook = &settings.sink_config.webhook;
    let Some(trouble) = Webhook::of_settings(webhook).trouble() else {
        return;
    };
    let value = match trouble.setting {
        "endpoint" => webhook.endpoint.clone(),
        "ca_file" => shown(&webhook.ca_file),
        "untrusted_endpoint" => Some("true".to_owned()),
        _ => Some(MASK.to_owned()),
    };
    problems.push(unworkable("sink_config.webhook", trouble, value, settings));
}

#[cfg(feature = "http")]
fn shown(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|it| it.display().to_string())
}

/// What stands in the way of a sink that posts.
#[cfg(feature = "http")]
fn unworkable(
    group: &str,
    Trouble { setting, text }: Trouble,
    value: Option<String>,
    settings: &Settings,
) -> Problem {
    let key = format!("{group}.{setting}");
    let fix = match setting {
        "endpoint" => "such as https://logs.example.com/ingest",
        "ca_file" | "client_identity_file" => "name another file, or none",
        "compress" => "enable the feature \"gzip\" of fapilog-core",
        "untrusted_endpoint" => "remove the proxy, or this",
        _ => "set another value, or none",
    };
    Problem::new(
        &key,
        redact::clean(value.as_deref().unwrap_or("none")),
        settings.origin(&key),
        format!("what can work: {text}"),
        fix,
    )
}
