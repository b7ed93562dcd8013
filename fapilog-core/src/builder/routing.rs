//! Which events go to which sinks: the rules of settings and of code, and the sinks they name.

use std::sync::Arc;

use super::{LoggerBuilder, NewSink, named};
use crate::{
    clock::Clock,
    diagnostics::Diagnostics,
    event::Event,
    route::{Condition, Limit, Router, Rule, Sinks},
    settings::{Problem, RoutingRule, Settings},
};

/// A rule of code.
pub(super) struct Route {
    sinks: Vec<String>,
    condition: Condition,
}

/// What is left of the rules when their names are resolved.
pub(super) type Routes = Option<(Vec<Rule>, Sinks)>;

impl LoggerBuilder {
    /// Sends events to the sinks of these rules alone, in the place of those that settings had; see
    /// [`route`](crate::route).
    pub fn with_routing(self, rules: impl IntoIterator<Item = RoutingRule>) -> Self {
        let rules: Vec<_> = rules.into_iter().collect();
        let keys = &["sink_routing.enabled", "sink_routing.rules"];
        self.set(keys, move |all| {
            all.sink_routing.enabled = true;
            all.sink_routing.rules.clone_from(&rules);
        })
    }

    /// Sends events to these sinks, too, or, without any rule, alone, for which this is true. Such
    /// rules come after those of settings.
    pub fn route_fn<S: Into<String>>(
        mut self,
        sinks: impl IntoIterator<Item = S>,
        is_for: impl Fn(&Event<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.routes.push(Route {
            sinks: sinks.into_iter().map(Into::into).collect(),
            condition: Arc::new(is_for),
        });
        self.set(&["sink_routing.enabled"], |all| {
            all.sink_routing.enabled = true
        })
    }

    /// Sends what no rule of routing matches to these sinks. By default it goes nowhere, and is
    /// counted.
    pub fn routing_fallback<S: Into<String>>(self, sinks: impl IntoIterator<Item = S>) -> Self {
        let sinks: Vec<String> = sinks.into_iter().map(Into::into).collect();
        self.set(&["sink_routing.fallback_sinks"], move |all| {
            all.sink_routing.fallback_sinks.clone_from(&sinks);
        })
    }

    /// Sets whether an event goes to the sinks of all rules that match it, or, if false, to those of
    /// the first alone. Defaults to true.
    pub fn routing_overlap(self, overlap: bool) -> Self {
        self.set(&["sink_routing.overlap"], move |all| {
            all.sink_routing.overlap = overlap;
        })
    }
}

/// Finds the sinks that rules name, and makes those that settings know and that are not there yet.
pub(super) fn resolve(
    settings: &Settings,
    own: Vec<Route>,
    sinks: &mut Vec<NewSink>,
    clock: &Arc<dyn Clock>,
    problems: &mut Vec<Problem>,
) -> Routes {
    let routing = &settings.sink_routing;
    if !routing.enabled {
        return None;
    }
    let mut seats = Seats {
        settings,
        sinks,
        clock,
        problems,
    };
    let mut rules = Vec::new();
    for rule in &routing.rules {
        if let Err(reason) = rule.check() {
            seats.problem("sink_routing.rules", &format!("{rule:?}"), reason);
        }
        rules.push(Rule::new(
            rule,
            seats.all("sink_routing.rules", &rule.sinks),
        ));
    }
    for route in own {
        let taken = seats.all("sink_routing.rules", &route.sinks);
        rules.push(Rule::of(route.condition, taken));
    }
    let fallback = seats.all("sink_routing.fallback_sinks", &routing.fallback_sinks);
    if rules.is_empty() && fallback == 0 {
        let text = "at least one rule: without any, no sink would get anything".to_owned();
        seats.problem("sink_routing.enabled", "true", text);
    }
    Some((rules, fallback))
}

/// The places of sinks by their names.
struct Seats<'s> {
    settings: &'s Settings,
    sinks: &'s mut Vec<NewSink>,
    clock: &'s Arc<dyn Clock>,
    problems: &'s mut Vec<Problem>,
}

impl Seats<'_> {
    fn all(&mut self, key: &str, names: &[String]) -> Sinks {
        let mut all = 0;
        for name in names {
            match self.place(name) {
                Some(place) if place < Router::MOST => all |= 1 << place,
                Some(_) => {
                    let text = format!("one of the first {} sinks", Router::MOST);
                    self.problem(key, name, text);
                }
                None => {
                    let names: Vec<_> = self.sinks.iter().map(|sink| &*sink.name).collect();
                    let text = format!("the name of a sink: one of settings, or {names:?}");
                    self.problem(key, name, text);
                }
            }
        }
        all
    }

    fn place(&mut self, name: &str) -> Option<usize> {
        let (place, _) = named::place(name, self.settings, self.sinks, self.clock, self.problems)?;
        Some(place)
    }

    fn problem(&mut self, key: &str, value: &str, expected: String) {
        let origin = self.settings.origin(key);
        let fix = "name a sink that there is, or add it with its name";
        self.problems
            .push(Problem::new(key, value, origin, expected, fix));
    }
}

/// What decides on the sinks of each event, if anything has to.
pub(super) fn router(
    routes: Routes,
    settings: &Settings,
    sinks: &[NewSink],
    diagnostics: &Diagnostics,
) -> Option<Router> {
    if let Some((rules, fallback)) = &routes {
        let named = rules.iter().fold(*fallback, |all, rule| all | rule.sinks());
        for (place, sink) in sinks.iter().enumerate() {
            if named >> place & 1 == 0 && !sink.options.limit.is_spare {
                let text = format!("no rule sends anything to the sink {}", sink.name);
                diagnostics.report("routing", &text);
            }
        }
    } else if !settings.sink_routing.rules.is_empty() {
        let text = "sink_routing.rules have no effect: sink_routing.enabled is false";
        diagnostics.report("routing", text);
    }
    let limits: Vec<Limit> = sinks.iter().map(|it| it.options.limit.clone()).collect();
    let overlaps = settings.sink_routing.overlap;
    Router::new(routes, overlaps, limits, diagnostics.clone())
}
