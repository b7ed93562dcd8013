//! [`RoutingRule`]: which events go to which sinks.

use serde_json::{Map, Value as Json, json};

use super::{
    Describe, Kind, Maybe, Refused, Text,
    list::{Names, parse},
    text, without_nulls,
};
use crate::{Level, filter::EventPath};

/// A rule of routing: all conditions that it has must hold. The page of [`route`](crate::route)
/// tells how rules go together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoutingRule {
    /// Names of levels; `*` makes it a rule for what no other one matches. All levels if empty.
    pub levels: Vec<String>,
    /// The logger, by its name, or by what that begins with: `shop` stands for `shop::orders` too.
    pub logger: Option<String>,
    /// The module that logs, likewise.
    pub target: Option<String>,
    /// A field that the event must have, by its path, such as `data.tenant`.
    pub field: Option<String>,
    /// What that field must be, as text.
    pub equals: Option<String>,
    /// Names of sinks.
    pub sinks: Vec<String>,
}

impl RoutingRule {
    /// Sends events of these levels to these sinks.
    pub fn new<L: Into<String>, S: Into<String>>(
        levels: impl IntoIterator<Item = L>,
        sinks: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            levels: levels.into_iter().map(Into::into).collect(),
            ..Self::to(sinks)
        }
    }

    /// Sends events of all levels to these sinks.
    pub fn to<S: Into<String>>(sinks: impl IntoIterator<Item = S>) -> Self {
        Self {
            sinks: sinks.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Only those of this logger, and of those below it.
    pub fn logger(mut self, name: impl Into<String>) -> Self {
        self.logger = Some(name.into());
        self
    }

    /// Only those of this module, and of those below it.
    pub fn target(mut self, module: impl Into<String>) -> Self {
        self.target = Some(module.into());
        self
    }

    /// Only those that have this field.
    pub fn field(mut self, path: impl Into<String>) -> Self {
        self.field = Some(path.into());
        self
    }

    /// Only those of which the field is this text, or a number or truth value that is written so.
    pub fn equals(mut self, value: impl ToString) -> Self {
        self.equals = Some(value.to_string());
        self
    }

    /// What is wrong with it.
    pub(crate) fn check(&self) -> Result<(), String> {
        for level in self.levels.iter().filter(|level| *level != "*") {
            level.parse::<Level>().map_err(|error| error.to_string())?;
        }
        if self.levels.len() > 1 && self.levels.iter().any(|level| level == "*") {
            return Err("beside \"*\", no other level can stand".to_owned());
        }
        if self.sinks.is_empty() {
            return Err("a rule needs \"sinks\"; \"null\" keeps nothing".to_owned());
        }
        match &self.field {
            Some(path) => {
                let path = path.parse::<EventPath>();
                path.map(|_| ()).map_err(|error| error.to_string())
            }
            None if self.equals.is_some() => {
                Err("\"equals\" needs a \"field\" to look at".to_owned())
            }
            None => Ok(()),
        }
    }
}

/// Rules of routing.
pub(in crate::settings) struct Rules;

const KEYS: [&str; 6] = ["levels", "logger", "target", "field", "equals", "sinks"];

impl Describe for Rules {
    fn expected(&self) -> String {
        format!(
            "a list of rules, each with some of {}, as JSON",
            KEYS.join(", ")
        )
    }

    fn example(&self) -> String {
        r#"'[{"levels":["ERROR"],"sinks":["stderr"]}]'"#.to_owned()
    }

    fn schema(&self) -> Json {
        let names = json!({ "type": "array", "items": { "type": "string" } });
        let text = json!({ "type": "string" });
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "levels": names, "logger": text, "target": text, "field": text,
                    "equals": { "type": ["string", "number", "boolean"] }, "sinks": names,
                },
                "required": ["sinks"],
                "additionalProperties": false,
            },
        })
    }
}

impl Kind for Rules {
    type Value = Vec<RoutingRule>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let rules = match (given, text(given)) {
            (Json::Array(rules), _) => rules.clone(),
            (_, Some(text)) => parse::<Vec<Json>>(text)?,
            _ => return Err(Refused::default()),
        };
        rules.iter().map(rule).collect()
    }

    fn show(&self, value: &Self::Value) -> Json {
        value.iter().map(shown).collect()
    }
}

fn rule(given: &Json) -> Result<RoutingRule, Refused> {
    let entries = given.as_object().ok_or_else(Refused::default)?;
    if let Some(key) = entries.keys().find(|key| !KEYS.contains(&&***key)) {
        return Err(Refused(format!("a rule has no {key:?}")));
    }
    let names = |key: &str| match entries.get(key) {
        Some(names) => Names { example: "" }.read(names),
        None => Ok(Vec::new()),
    };
    let equals = match entries.get("equals") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) => Some(text.clone()),
        Some(value @ (Json::Number(_) | Json::Bool(_))) => Some(value.to_string()),
        Some(_) => {
            return Err(Refused(
                "\"equals\" is a text, a number or true or false".into(),
            ));
        }
    };
    let rule = RoutingRule {
        levels: names("levels")?,
        logger: optional(entries, "logger")?,
        target: optional(entries, "target")?,
        field: optional(entries, "field")?,
        equals,
        sinks: names("sinks")?,
    };
    rule.check().map_err(Refused)?;
    Ok(rule)
}

fn optional(entries: &Map<String, Json>, key: &str) -> Result<Option<String>, Refused> {
    let given = entries.get(key).unwrap_or(&Json::Null);
    let read = Maybe(Text).read(given);
    read.map_err(|_| Refused(format!("its {key:?} is none")))
}

fn shown(rule: &RoutingRule) -> Json {
    let RoutingRule {
        levels,
        logger,
        target,
        field,
        equals,
        sinks,
    } = rule;
    without_nulls(json!({
        "levels": levels, "logger": logger, "target": target, "field": field, "equals": equals,
        "sinks": sinks,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_misspelt_ones_refused() {
        let rules = Rules.read(&json!(
            r#"[{"levels":["ERROR"],"sinks":"stdout,file"},{"field":"n","equals":5,"sinks":["null"]}]"#
        ));
        let rules = rules.unwrap();
        assert_eq!(rules[0].sinks, ["stdout", "file"]);
        assert_eq!(rules[1].equals.as_deref(), Some("5"));
        let shown = Rules.show(&rules);
        assert_eq!(Rules.read(&shown).unwrap(), rules);
        let refused = |text| Rules.read(&json!(text)).unwrap_err().0;
        assert!(refused(r#"[{"level":["ERROR"],"sinks":["null"]}]"#).contains("\"level\""));
        assert!(refused(r#"[{"levels":["ERROR"]}]"#).contains("\"sinks\""));
        assert!(refused(r#"[{"levels":["EROR"],"sinks":["null"]}]"#).contains("EROR"));
        assert!(refused(r#"[{"levels":["*","INFO"],"sinks":["null"]}]"#).contains("beside"));
        assert!(refused(r#"[{"equals":1,"sinks":["null"]}]"#).contains("\"field\""));
        assert!(refused(r#"[{"field":"a..b","sinks":["null"]}]"#).contains("a..b"));
    }
}
