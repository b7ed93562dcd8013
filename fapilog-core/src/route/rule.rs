//! [`Rule`]: the conditions of a rule, and its sinks.

use std::{borrow::Cow, sync::Arc};

use super::Sinks;
use crate::{
    Level, envelope,
    event::{Event, FieldValue},
    filter::EventPath,
    settings::RoutingRule,
};

/// A condition of code.
pub(crate) type Condition = Arc<dyn Fn(&Event<'_>) -> bool + Send + Sync>;

/// A rule whose names are resolved.
pub(crate) struct Rule {
    /// All of them if there is none.
    levels: Vec<Level>,
    /// It is for what no other rule matches.
    pub(super) is_rest: bool,
    logger: Option<String>,
    target: Option<String>,
    field: Option<(EventPath, Option<String>)>,
    condition: Option<Condition>,
    sinks: Sinks,
}

impl Rule {
    /// A rule of settings, which has been checked.
    pub(crate) fn new(rule: &RoutingRule, sinks: Sinks) -> Self {
        let levels = rule.levels.iter();
        let path = rule.field.as_ref().and_then(|path| path.parse().ok());
        Self {
            levels: levels.filter_map(|level| level.parse().ok()).collect(),
            is_rest: rule.levels.iter().any(|level| level == "*"),
            logger: rule.logger.clone(),
            target: rule.target.clone(),
            field: path.map(|path| (path, rule.equals.clone())),
            condition: None,
            sinks,
        }
    }

    /// A rule of code.
    pub(crate) fn of(condition: Condition, sinks: Sinks) -> Self {
        Self {
            condition: Some(condition),
            ..Self::new(&RoutingRule::default(), sinks)
        }
    }

    pub(crate) fn sinks(&self) -> Sinks {
        self.sinks
    }

    /// Whether it looks at more than the level.
    pub(super) fn needs_event(&self) -> bool {
        self.logger.is_some()
            || self.target.is_some()
            || self.field.is_some()
            || self.condition.is_some()
    }

    pub(super) fn takes_level(&self, level: Level) -> bool {
        self.levels.is_empty() || self.levels.contains(&level)
    }

    /// Whether all but the level is as it must be.
    pub(super) fn takes(&self, event: &Event<'_>) -> bool {
        let is_below = |name: &Option<String>, of: &str| {
            let name = name.as_ref();
            name.is_none_or(|name| is_or_below(of, name))
        };
        is_below(&self.logger, event.logger())
            && is_below(&self.target, event.target())
            && self.has_field(event)
            && self.condition.as_ref().is_none_or(|it| it(event))
    }

    fn has_field(&self, event: &Event<'_>) -> bool {
        let Some((path, wanted)) = &self.field else {
            return true;
        };
        let Some(value) = path.find(event) else {
            return false;
        };
        wanted.as_ref().is_none_or(|wanted| text(&value) == *wanted)
    }
}

/// Whether a name is this one, or of something below it.
fn is_or_below(name: &str, top: &str) -> bool {
    let rest = name.strip_prefix(top);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with('.'))
}

fn text<'v>(value: &'v FieldValue<'_>) -> Cow<'v, str> {
    match value.as_str() {
        Some(text) => text.into(),
        None => {
            let mut json = Vec::new();
            envelope::value(&mut json, value);
            String::from_utf8_lossy(&json).into_owned().into()
        }
    }
}
