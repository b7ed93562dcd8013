//! The stages that settings name.

use crate::{
    filter::{AdaptiveSampling, Filter, FirstOccurrence, RateLimit, Sampling, TraceSampling},
    process::{Processor, SizeGuard},
    settings::{
        FILTERS, FilterConfig, FirstOccurrenceSettings, Origin, OverflowAction, PROCESSORS,
        RateLimitSettings, SamplingSettings, Settings,
    },
};

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
