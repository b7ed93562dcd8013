//! The stages that settings name.

use crate::{
    filter::{AdaptiveSampling, Filter, FirstOccurrence, RateLimit, Sampling, TraceSampling},
    settings::{
        FILTERS, FilterConfig, FirstOccurrenceSettings, Origin, OverflowAction, RateLimitSettings,
        SamplingSettings, Settings,
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

/// What is set for stages that nobody has chosen.
pub(super) fn idle(settings: &Settings) -> Vec<String> {
    let chosen = |name: &str| {
        let mut names = settings.core.filters.iter();
        names.any(|it| FILTERS.named(it) == Ok(name))
    };
    let explained = settings.explain().into_iter();
    let set = explained.filter(|it| !matches!(it.origin, Origin::Default | Origin::Preset(_)));
    let idle = set.filter_map(|it| {
        let name = it.key.strip_prefix("filter_config.")?.split_once('.')?.0;
        (!chosen(name)).then(|| {
            let (key, origin) = (it.key, it.origin);
            format!("{key} ({origin}) has no effect: core.filters does not name {name}")
        })
    });
    idle.collect()
}
