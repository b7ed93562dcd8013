//! The sinks that get what others do not deliver.

use std::sync::Arc;

use super::{NewSink, named};
use crate::{
    clock::Clock,
    settings::{Origin, Problem, Settings},
};

const KEY: &str = "core.sink_circuit_breaker_fallback_sink";

/// Finds the fallback of each sink that has one, and makes those that settings know and that are not
/// there yet: these get nothing else.
pub(super) fn resolve(
    settings: &Settings,
    sinks: &mut Vec<NewSink>,
    clock: &Arc<dyn Clock>,
    problems: &mut Vec<Problem>,
) {
    let usual = settings.core.sink_circuit_breaker_fallback_sink.clone();
    let mut find = |sinks: &mut Vec<NewSink>, index: usize, name: &str, is_usual: bool| {
        let expected = match named::place(name, settings, sinks, clock, problems) {
            None => "the name of a sink",
            Some((place, _)) if place == index && is_usual => return,
            Some((place, _)) if place == index => "another sink than its own",
            Some((place, is_new)) => {
                sinks[place].options.limit.is_spare |= is_new;
                sinks[index].fallback = Some(place);
                return;
            }
        };
        let origin = match is_usual {
            true => settings.origin(KEY),
            false => Origin::Code,
        };
        let fix = "name another sink of the pipeline, or one such as stderr";
        problems.push(Problem::new(KEY, name, origin, expected, fix));
    };
    for index in 0..sinks.len() {
        if let Some(name) = sinks[index].options.fallback.clone() {
            find(sinks, index, &name, false);
        }
    }
    for index in 0..sinks.len() {
        let is_fallback = sinks.iter().any(|it| it.fallback == Some(index));
        let has_own = sinks[index].options.fallback.is_some();
        if let Some(name) = usual.as_ref().filter(|_| !is_fallback && !has_own) {
            find(sinks, index, name, true);
        }
    }
    let is_chained = |it: &NewSink| it.fallback.is_some_and(|at| sinks[at].fallback.is_some());
    for sink in sinks.iter().filter(|it| is_chained(it)) {
        problems.push(Problem::new(
            KEY,
            &sink.name,
            "all sources together",
            "a fallback that has no fallback itself",
            "let both fall back to the same sink",
        ));
    }
}
