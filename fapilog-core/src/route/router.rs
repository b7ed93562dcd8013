//! [`Router`]: the sinks that an event goes to.

use super::{Condition, Rule};
use crate::{Level, diagnostics::Diagnostics, event::Event, panics};

/// Sinks by their place in the pipeline, a bit each.
pub(crate) type Sinks = u64;

/// What a sink takes at all.
#[derive(Clone, Default)]
pub(crate) struct Limit {
    pub(crate) level: Option<Level>,
    pub(crate) filter: Option<Condition>,
    /// It takes only what other sinks could not deliver.
    pub(crate) is_spare: bool,
}

/// Decides for each event which sinks get it.
pub(crate) struct Router {
    rules: Vec<Rule>,
    /// The sinks of what no rule matches.
    fallback: Sinks,
    overlaps: bool,
    /// Of each sink, in their order.
    limits: Vec<Limit>,
    diagnostics: Diagnostics,
}

impl Router {
    /// All sinks that a pipeline can route to.
    pub(crate) const MOST: usize = Sinks::BITS as usize;

    /// `None` if every sink takes everything.
    pub(crate) fn new(
        rules: Option<(Vec<Rule>, Sinks)>,
        overlaps: bool,
        limits: Vec<Limit>,
        diagnostics: Diagnostics,
    ) -> Option<Self> {
        let is_limit = |limit: &Limit| limit.level.is_some() || limit.filter.is_some();
        if rules.is_none() && !limits.iter().any(is_limit) {
            return None;
        }
        let regular = limits.iter().enumerate().filter(|(_, it)| !it.is_spare);
        let regular = regular.fold(0, |all, (place, _)| all | 1 << place);
        let (rules, fallback) = rules.unwrap_or((Vec::new(), regular));
        Some(Self {
            rules,
            fallback,
            overlaps,
            limits,
            diagnostics,
        })
    }

    /// Whether levels alone do not decide.
    pub(crate) fn needs_events(&self) -> bool {
        self.rules.iter().any(Rule::needs_event)
            || self.limits.iter().any(|limit| limit.filter.is_some())
    }

    /// The sinks of an event; it is given if that is needed.
    pub(crate) fn route(&self, level: Level, event: Option<&Event<'_>>) -> Sinks {
        let found = self.matching(false, level, event);
        let found = found.or_else(|| self.matching(true, level, event));
        let mut sinks = found.unwrap_or(self.fallback);
        for (index, limit) in self.limits.iter().enumerate() {
            let bit = 1 << index;
            if sinks & bit != 0 && !self.is_within(limit, level, event) {
                sinks &= !bit;
            }
        }
        sinks
    }

    /// The sinks of the rules that match; `None` if none does.
    fn matching(&self, is_rest: bool, level: Level, event: Option<&Event<'_>>) -> Option<Sinks> {
        let mut found = None;
        for rule in self.rules.iter().filter(|rule| rule.is_rest == is_rest) {
            if rule.takes_level(level) && self.takes(rule, event) {
                *found.get_or_insert(0) |= rule.sinks();
                if !self.overlaps {
                    break;
                }
            }
        }
        found
    }

    fn takes(&self, rule: &Rule, event: Option<&Event<'_>>) -> bool {
        match event {
            Some(event) if rule.needs_event() => self.asked(|| rule.takes(event)),
            _ => true,
        }
    }

    fn is_within(&self, limit: &Limit, level: Level, event: Option<&Event<'_>>) -> bool {
        if !limit.level.is_none_or(|least| level.reaches(least)) {
            return false;
        }
        match (&limit.filter, event) {
            (Some(filter), Some(event)) => self.asked(|| filter(event)),
            _ => true,
        }
    }

    /// What a condition says; a panic is a no.
    fn asked(&self, ask: impl FnOnce() -> bool) -> bool {
        panics::caught(ask).unwrap_or_else(|panic| {
            let text = format!("a condition failed: {panic}");
            self.diagnostics.report("routing", &text);
            false
        })
    }
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Router")
            .field("rules", &self.rules.len())
            .field("overlaps", &self.overlaps)
            .finish_non_exhaustive()
    }
}
