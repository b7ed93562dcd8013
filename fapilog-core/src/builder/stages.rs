//! The stages that settings name.

use std::env;

use crate::{
    enrich::{ContextVars, Enricher, Host, Kubernetes, RuntimeInfo},
    filter::{AdaptiveSampling, Filter, FirstOccurrence, RateLimit, Sampling, TraceSampling},
    pipeline::NewEnricher,
    process::{Processor, SizeGuard},
    settings::{
        ENRICHERS, FILTERS, FilterConfig, FirstOccurrenceSettings, Origin, OverflowAction,
        PROCESSORS, RateLimitSettings, SamplingSettings, Settings, Variables,
    },
};

/// The enrichers that settings name, in their order, the others of ours, switched off, and those of
/// code. Variables are those of the environment, unless others stand for them.
pub(super) fn enrichers(
    settings: &Settings,
    variables: Option<&Variables>,
    own: Vec<Box<dyn Enricher>>,
) -> Vec<NewEnricher> {
    let named = settings.core.enrichers.iter();
    let mut names: Vec<_> = named
        .filter_map(|name| ENRICHERS.named(name).ok())
        .collect();
    let chosen = names.len();
    let others = ENRICHERS.known().iter();
    let others: Vec<_> = others.filter(|name| !names.contains(name)).collect();
    names.extend(others);
    let ours = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| NewEnricher {
            enricher: enricher(name, settings, variables),
            is_built_in: true,
            is_on: index < chosen,
        });
    let own = own.into_iter().map(|enricher| NewEnricher {
        enricher,
        is_built_in: false,
        is_on: true,
    });
    ours.chain(own).collect()
}

fn enricher(name: &str, settings: &Settings, variables: Option<&Variables>) -> Box<dyn Enricher> {
    match name {
        "runtime_info" => Box::new(runtime_info(settings)),
        "kubernetes" => {
            let variable = |name: &str| match variables {
                Some(variables) => variables.text(name).map(str::to_owned),
                None => env::var(name).ok(),
            };
            Box::new(Kubernetes::new(
                &settings.enricher_config.kubernetes,
                variable,
            ))
        }
        "host" => Box::new(Host),
        _ => Box::new(ContextVars),
    }
}

fn runtime_info(settings: &Settings) -> RuntimeInfo {
    let app_name = settings.core.app_name.as_ref();
    let service = settings.service.as_ref().or(app_name);
    let (env, version) = (settings.env.clone(), settings.version.clone());
    RuntimeInfo::new(service.cloned(), env, version)
}

/// The filters that settings name, in their order.
pub(super) fn filters(settings: &Settings) -> Vec<Box<dyn Filter>> {
    let names = settings.core.filters.iter();
    // Settings hold no names but those of filters.
    let made = names.filter_map(|name| filter(FILTERS.named(name).ok()?, &settings.filter_config));
    made.collect()
}

fn filter(name: &str, config: &FilterConfig) -> Option<Box<dyn Filter>> {
    Some(match name {
        "sampling" => Box::new(sampling(&config.sampling)),
        "adaptive_sampling" => {
            let config = &config.adaptive_sampling;
            let filter = AdaptiveSampling::new(config.target_events_per_second)
                .rates(config.min_sample_rate, config.max_sample_rate)
                .window(config.window)
                .smoothing(config.smoothing_factor);
            Box::new(filter)
        }
        "trace_sampling" => Box::new(TraceSampling::new(config.trace_sampling.sample_rate)),
        "rate_limit" => Box::new(rate_limit(&config.rate_limit)),
        "first_occurrence" => Box::new(first_occurrence(&config.first_occurrence)),
        _ => return None,
    })
}

fn sampling(config: &SamplingSettings) -> Sampling {
    let filter = Sampling::new(config.sample_rate);
    match config.seed {
        Some(seed) => filter.seed(seed as u64),
        None => filter,
    }
}

fn rate_limit(config: &RateLimitSettings) -> RateLimit {
    let mut filter =
        RateLimit::new(config.capacity, config.refill_rate_per_sec).max_keys(config.max_keys);
    if let Some(path) = &config.key_field {
        filter = filter.key(path.clone());
    }
    match config.overflow_action {
        OverflowAction::Drop => filter,
        OverflowAction::Mark => filter.mark(),
    }
}

fn first_occurrence(config: &FirstOccurrenceSettings) -> FirstOccurrence {
    FirstOccurrence::new(config.window)
        .keys(config.key_fields.iter().cloned())
        .max_keys(config.max_keys)
        .repeats(config.subsequent_sample_rate)
}

/// The processors that settings name, in their order.
pub(super) fn processors(settings: &Settings) -> Vec<Box<dyn Processor>> {
    let names = settings.core.processors.iter();
    let made = names.filter_map(|name| processor(PROCESSORS.named(name).ok()?, settings));
    made.collect()
}

fn processor(name: &str, settings: &Settings) -> Option<Box<dyn Processor>> {
    let config = &settings.processor_config.size_guard;
    let size_guard = || {
        SizeGuard::new(config.max_bytes)
            .action(config.action)
            .preserve(config.preserve_fields.iter().cloned())
            .envelope(settings.core.envelope)
    };
    // The other one does nothing.
    (name == "size_guard").then(|| Box::new(size_guard()) as Box<dyn Processor>)
}

/// What is set for stages that nobody has chosen.
pub(super) fn idle(settings: &Settings) -> Vec<String> {
    let core = &settings.core;
    let kinds = [
        (
            "enricher_config.",
            "core.enrichers",
            ENRICHERS,
            &core.enrichers,
        ),
        ("filter_config.", "core.filters", FILTERS, &core.filters),
        (
            "processor_config.",
            "core.processors",
            PROCESSORS,
            &core.processors,
        ),
    ];
    let explained = settings.explain().into_iter();
    let set = explained.filter(|it| !matches!(it.origin, Origin::Default | Origin::Preset(_)));
    let idle = set.filter_map(|it| {
        let mut kinds = kinds.iter();
        let (group, list, known, chosen) = kinds.find(|kind| it.key.starts_with(kind.0))?;
        let name = it.key.strip_prefix(group)?.split_once('.')?.0;
        let is_chosen = chosen.iter().any(|it| known.named(it) == Ok(name));
        let (key, origin) = (it.key, it.origin);
        (!is_chosen).then(|| format!("{key} ({origin}) has no effect: {list} does not name {name}"))
    });
    idle.collect()
}
