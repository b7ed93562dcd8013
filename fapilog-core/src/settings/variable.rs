//! The names of variables.

pub(super) const PREFIX: &str = "FAPILOG_";

/// The file of settings. Not a setting itself.
pub(super) const CONFIG: &str = "FAPILOG_CONFIG";

/// Groups that have a short name too.
const SHORT: [(&str, &str); 6] = [
    ("sink_config.rotating_file.", "file."),
    ("sink_config.webhook.", "webhook."),
    ("sink_config.loki.", "loki."),
    ("sink_config.cloudwatch.", "cloudwatch."),
    ("sink_config.postgres.", "postgres."),
    ("processor_config.size_guard.", "size_guard."),
];

/// The original's names of groups, and of a setting.
const FORMER: [(&str, &str); 2] = [("axum.", "fastapi."), ("http.headers", "http.headers_json")];

/// The key with the long name of its group.
pub(super) fn long_key(key: &str) -> String {
    let long = SHORT.iter().chain(&FORMER).find_map(|(long, short)| {
        let rest = key.strip_prefix(short)?;
        Some(format!("{long}{rest}"))
    });
    long.unwrap_or_else(|| key.to_owned())
}

/// The variable of the setting with this key.
pub(super) fn of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// Its short name, if it has one.
pub(super) fn short(key: &str) -> Option<String> {
    SHORT.iter().find_map(|(long, short)| {
        let rest = key.strip_prefix(long)?;
        Some(of(&format!("{short}{rest}")))
    })
}

/// The key that the name of a variable stands for.
pub(super) fn key(name: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    let rest = upper.strip_prefix(PREFIX)?;
    Some(long_key(&rest.replace("__", ".").to_ascii_lowercase()))
}
