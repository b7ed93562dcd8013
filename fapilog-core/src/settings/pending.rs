//! What has settings, and is not built yet: these are refused rather than accepted and ignored.

/// Settings, or groups of them, and the part that will read them.
const PENDING: &[(&str, &str)] = &[
    ("core.max_queue_size", "the limit by count"),
    ("core.protected_queue_size", "the limit by count"),
    ("core.error_dedupe_", "deduplication of errors"),
    ("core.enable_metrics", "metrics"),
    ("adaptive.", "adaptation"),
    ("sink_config.webhook.retry_", "retries of batches"),
    ("sink_config.webhook.batch_", "batching by sink"),
    ("sink_config.loki.", "the Loki sink"),
    ("sink_config.cloudwatch.", "the CloudWatch sink"),
    ("sink_config.postgres.", "the PostgreSQL sink"),
];

/// The part that will read this setting, if it is not built yet.
pub(super) fn part_of(key: &str) -> Option<&'static str> {
    let found = PENDING.iter().find(|(name, _)| key.starts_with(name));
    found.map(|(_, part)| *part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tree::leaves;

    #[test]
    fn all_that_is_pending_are_settings() {
        for (name, _) in PENDING {
            assert!(leaves().any(|leaf| leaf.key.starts_with(name)), "{name}");
        }
    }
}
