//! The tree of all settings.

use super::{
    format::Format,
    groups::*,
    kind::{Choose, Maybe, Text},
    leaf::{Leaf, leaf},
    origin::Origins,
    preset::Preset,
    tables::{SinkTable, Tables},
    variable::long_key,
};

/// All settings of a pipeline.
///
/// [`explain`](Self::explain) tells where each came from. Settings are equal if their values are,
/// wherever they came from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// Queue, levels, stages, life.
    pub core: CoreSettings,
    /// How the pipeline answers to pressure.
    pub adaptive: AdaptiveSettings,
    /// The sink `http`.
    pub http: HttpSettings,
    /// The other sinks.
    pub sink_config: SinkConfig,
    /// Which events go to which sinks.
    pub sink_routing: RoutingSettings,
    /// The redactors.
    pub redactor_config: RedactorConfig,
    /// The enrichers.
    pub enricher_config: EnricherConfig,
    /// The filters.
    pub filter_config: FilterConfig,
    /// The processors.
    pub processor_config: ProcessorConfig,
    /// The web layer.
    pub axum: AxumSettings,
    /// More sinks, each with its options; several may be of one type, under other names.
    pub sinks: Vec<SinkTable>,
    /// What the sink `stdout` writes. Defaults to [`Format::Auto`].
    pub format: Format,
    /// Stands in `diagnostics.service`. Defaults to `core.app_name`, else `fapilog`.
    pub service: Option<String>,
    /// Stands in `diagnostics.env`. Defaults to the variable `ENV`, else `dev`.
    pub env: Option<String>,
    /// Stands in `diagnostics.version`. Left out by default.
    pub version: Option<String>,
    /// The preset that these settings began with.
    pub(super) preset: Option<Preset>,
    pub(super) origins: Origins,
}

/// Groups of groups.
macro_rules! groups {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name { $($(#[$doc])* pub $field: $type,)+ }
    )+};
}

groups! {
    /// Settings of sinks, by name.
    SinkConfig {
        /// The rotating file.
        rotating_file: FileSettings,
        /// Webhooks.
        webhook: WebhookSettings,
        /// Grafana Loki.
        loki: LokiSettings,
        /// AWS CloudWatch Logs.
        cloudwatch: CloudWatchSettings,
        /// PostgreSQL.
        postgres: PostgresSettings,
    }

    /// Settings of redactors, by name.
    RedactorConfig {
        /// Masks fields by path.
        field_mask: FieldMaskSettings,
        /// Masks fields whose path matches.
        regex_mask: RegexMaskSettings,
        /// Takes credentials out of URLs.
        url_credentials: UrlCredentialsSettings,
        /// Keeps fields out by name.
        field_blocker: FieldBlockerSettings,
        /// Masks what looks like a secret.
        value_patterns: ValuePatternsSettings,
        /// Shortens strings.
        string_truncate: StringTruncateSettings,
    }

    /// Settings of enrichers, by name.
    EnricherConfig {
        /// Tells which pod it is.
        kubernetes: KubernetesSettings,
    }

    /// Settings of filters, by name.
    FilterConfig {
        /// Keeps a share of events.
        sampling: SamplingSettings,
        /// Keeps a share that follows the load.
        adaptive_sampling: AdaptiveSamplingSettings,
        /// Keeps a share of traces.
        trace_sampling: TraceSamplingSettings,
        /// Keeps so many a second.
        rate_limit: RateLimitSettings,
        /// Keeps the first of many alike.
        first_occurrence: FirstOccurrenceSettings,
    }

    /// Settings of processors, by name.
    ProcessorConfig {
        /// Cuts events to size.
        size_guard: SizeGuardSettings,
    }
}

const ROOT: &[Leaf] = &[
    leaf!([] preset "preset", Maybe(Choose::<Preset>::NEW), &[
        " The preset that the settings begin with. None by default.",
    ]),
    leaf!([] format "format", Choose::<Format>::NEW, &[
        " What the sink `stdout` writes: JSON, lines for people, or what suits it: lines for people on",
        " a terminal. Defaults to `auto`.",
    ]),
    leaf!([] service "service", Maybe(Text), &[
        " `diagnostics.service`. Defaults to `core.app_name`, else `fapilog`.",
    ]),
    leaf!([] env "env", Maybe(Text), &[
        " `diagnostics.env`. Defaults to the variable `ENV`, else `dev`.",
    ]),
    leaf!([] version "version", Maybe(Text), &[
        " `diagnostics.version`. Left out by default.",
    ]),
    leaf!([] sinks "sinks", Tables, &[
        " More sinks, each with its `type`, and with a `name` and options of its own. None by default.",
    ]),
];

const GROUPS: &[&[Leaf]] = &[
    ROOT,
    CoreSettings::LEAVES,
    AxumSettings::LEAVES,
    AdaptiveSettings::LEAVES,
    HttpSettings::LEAVES,
    FileSettings::LEAVES,
    WebhookSettings::LEAVES,
    LokiSettings::LEAVES,
    CloudWatchSettings::LEAVES,
    PostgresSettings::LEAVES,
    RoutingSettings::LEAVES,
    FieldMaskSettings::LEAVES,
    RegexMaskSettings::LEAVES,
    UrlCredentialsSettings::LEAVES,
    FieldBlockerSettings::LEAVES,
    ValuePatternsSettings::LEAVES,
    StringTruncateSettings::LEAVES,
    KubernetesSettings::LEAVES,
    SamplingSettings::LEAVES,
    AdaptiveSamplingSettings::LEAVES,
    TraceSamplingSettings::LEAVES,
    RateLimitSettings::LEAVES,
    FirstOccurrenceSettings::LEAVES,
    SizeGuardSettings::LEAVES,
];

impl Settings {
    /// The preset that these settings began with, if they began with one.
    pub fn preset(&self) -> Option<Preset> {
        self.preset
    }
}

/// All settings there are.
pub(super) fn leaves() -> impl Iterator<Item = &'static Leaf> {
    GROUPS.iter().copied().flatten()
}

/// The setting with this key.
pub(super) fn find(key: &str) -> Option<&'static Leaf> {
    leaves().find(|leaf| leaf.key == key)
}

/// Whether settings, or groups of them, stand below this key.
pub(super) fn is_group(key: &str) -> bool {
    let below = long_key(&format!("{key}."));
    let key = below.trim_end_matches('.');
    let is_below = |leaf: &Leaf| {
        let rest = leaf.key.strip_prefix(key);
        rest.is_some_and(|rest| rest.starts_with('.'))
    };
    leaves().any(is_below)
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        leaves().all(|leaf| (leaf.get)(self) == (leaf.get)(other))
    }
}
