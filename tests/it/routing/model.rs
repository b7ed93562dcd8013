//! Random rules and events, beside a model that is too simple to be wrong.

use fapilog_tests::{random, scaled};

use super::*;

const LEVELS: [Level; 4] = [Level::Debug, Level::Info, Level::Warning, Level::Error];
const SINKS: [&str; 3] = ["a", "b", "c"];

/// A rule as the model knows it: which levels, `None` for `*`, and which sinks.
#[derive(Clone)]
struct Rule {
    levels: Option<Vec<Level>>,
    with_tenant: bool,
    sinks: Vec<&'static str>,
}

impl Rule {
    fn random(random: &mut fastrand::Rng) -> Self {
        let mut some = |count: usize| -> Vec<usize> {
            let all = (0..count).filter(|_| random.bool());
            all.collect()
        };
        let levels = some(LEVELS.len()).into_iter().map(|it| LEVELS[it]);
        let levels: Vec<_> = levels.collect();
        let mut sinks: Vec<_> = some(SINKS.len()).into_iter().map(|it| SINKS[it]).collect();
        if sinks.is_empty() {
            sinks.push("c");
        }
        Self {
            levels: random.u8(..5).gt(&0).then_some(levels),
            with_tenant: random.u8(..3) == 0,
            sinks,
        }
    }

    fn real(&self) -> RoutingRule {
        let rule = match &self.levels {
            Some(levels) => {
                RoutingRule::new(levels.iter().map(|it| it.as_str()), self.sinks.clone())
            }
            None => RoutingRule::new(["*"], self.sinks.clone()),
        };
        match self.with_tenant {
            true => rule.field("tenant"),
            false => rule,
        }
    }

    fn matches(&self, level: Level, has_tenant: bool) -> bool {
        let levels = self.levels.as_ref();
        let is_level = levels.is_none_or(|it| it.is_empty() || it.contains(&level));
        is_level && (has_tenant || !self.with_tenant)
    }
}

fn model(rules: &[Rule], overlap: bool, level: Level, has_tenant: bool) -> Vec<&'static str> {
    for is_star in [false, true] {
        let rules = rules.iter().filter(|rule| rule.levels.is_none() == is_star);
        let matching = rules.filter(|rule| rule.matches(level, has_tenant));
        let taken: Vec<_> = matching.take(if overlap { 99 } else { 1 }).collect();
        if !taken.is_empty() {
            return taken
                .into_iter()
                .flat_map(|rule| rule.sinks.clone())
                .collect();
        }
    }
    Vec::new()
}

#[test]
fn random_events_go_where_random_rules_send_them() {
    let mut random = random();
    for _ in 0..scaled(100) {
        let rules: Vec<_> = (0..random.usize(1..6))
            .map(|_| Rule::random(&mut random))
            .collect();
        let overlap = random.bool();
        let events: Vec<_> = (0..200)
            .map(|_| (LEVELS[random.usize(..4)], random.bool()))
            .collect();
        let set = |builder: LoggerBuilder| {
            let builder = builder.with_routing(rules.iter().map(Rule::real));
            builder.routing_overlap(overlap)
        };
        let (got, report) = routed(set, |log| {
            for (number, (level, has_tenant)) in events.iter().enumerate() {
                let message = number.to_string();
                let log = log.event(*level, &message);
                match has_tenant {
                    true => log.field("tenant", "acme").emit(),
                    false => log.emit(),
                }
            }
        });
        let mut nowhere = 0;
        let mut wanted = [const { Vec::new() }; 3];
        for (number, (level, has_tenant)) in events.iter().enumerate() {
            let sinks = model(&rules, overlap, *level, *has_tenant);
            nowhere += u64::from(sinks.is_empty());
            for (name, wanted) in SINKS.iter().zip(&mut wanted) {
                if sinks.contains(name) {
                    wanted.push(number.to_string());
                }
            }
        }
        assert_eq!(got, wanted);
        assert_eq!(report.stats.unrouted, nowhere);
    }
}
