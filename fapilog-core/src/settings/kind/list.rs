//! Lists and maps: in a variable as JSON, or joined with commas.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Describe, Kind, Refused, text};
use crate::Sensitive;

/// Names, joined with commas in a variable.
pub(in crate::settings) struct Names {
    pub(in crate::settings) example: &'static str,
}

impl Describe for Names {
    fn expected(&self) -> String {
        "a list of names: JSON, or joined with commas".to_owned()
    }

    fn example(&self) -> String {
        self.example.to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "array", "items": { "type": "string" } })
    }
}

impl Kind for Names {
    type Value = Vec<String>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let parsed;
        let items = match (given, text(given)) {
            (Json::Array(items), _) => items,
            (_, Some(text)) if text.starts_with('[') => {
                parsed = parse::<Vec<Json>>(text)?;
                &parsed
            }
            (_, Some(text)) => {
                let names = text.split(',').map(str::trim);
                return Ok(names
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned)
                    .collect());
            }
            _ => return Err(Refused::default()),
        };
        let names = items.iter().map(|it| it.as_str().map(str::to_owned));
        names.collect::<Option<_>>().ok_or_else(Refused::default)
    }

    fn show(&self, value: &Self::Value) -> Json {
        json!(value)
    }
}

/// Names and texts: `a=1,b=2` in a variable.
pub(in crate::settings) struct Pairs;

impl Describe for Pairs {
    fn expected(&self) -> String {
        "a map of texts: JSON, or name=text joined with commas".to_owned()
    }

    fn example(&self) -> String {
        "app=shop,env=prod".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "object", "additionalProperties": { "type": "string" } })
    }
}

impl Kind for Pairs {
    type Value = BTreeMap<String, String>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let values = Values.read(given)?;
        let entries = values.into_iter().map(|(key, value)| match value {
            Json::String(text) => Ok((key, text)),
            other => Err(Refused(format!("{key} is {other}, and no text"))),
        });
        entries.collect()
    }

    fn show(&self, value: &Self::Value) -> Json {
        json!(value)
    }
}

/// Names and texts that must not be seen.
pub(in crate::settings) struct Hidden;

impl Describe for Hidden {
    fn expected(&self) -> String {
        Pairs.expected()
    }

    fn example(&self) -> String {
        "authorization=…".to_owned()
    }

    fn schema(&self) -> Json {
        Pairs.schema()
    }

    fn is_secret(&self) -> bool {
        true
    }
}

impl Kind for Hidden {
    type Value = BTreeMap<String, Sensitive<String>>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let pairs = Pairs.read(given).map_err(|_| Refused::default())?;
        Ok(pairs
            .into_iter()
            .map(|(key, text)| (key, text.into()))
            .collect())
    }

    fn show(&self, value: &Self::Value) -> Json {
        let texts = value
            .iter()
            .map(|(key, text)| (key.clone(), json!(text.expose())));
        Json::Object(texts.collect())
    }
}

/// Names and values of any kind.
pub(in crate::settings) struct Values;

impl Describe for Values {
    fn expected(&self) -> String {
        "a map: JSON, or name=text joined with commas".to_owned()
    }

    fn example(&self) -> String {
        "'{\"team\":\"checkout\"}'".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "object" })
    }
}

impl Kind for Values {
    type Value = BTreeMap<String, Json>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let entries = match (given, text(given)) {
            (Json::Object(entries), _) => entries.clone(),
            (_, Some(text)) if text.starts_with('{') => parse::<Map<String, Json>>(text)?,
            (_, Some(text)) => joined(text)?,
            _ => return Err(Refused::default()),
        };
        Ok(entries.into_iter().collect())
    }

    fn show(&self, value: &Self::Value) -> Json {
        json!(value)
    }
}

fn joined(text: &str) -> Result<Map<String, Json>, Refused> {
    let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').ok_or_else(|| no_pair(part))?;
        match name.trim() {
            "" => Err(no_pair(part)),
            name => Ok((name.to_owned(), json!(value.trim()))),
        }
    };
    parts.map(pair).collect()
}

fn no_pair(part: &str) -> Refused {
    Refused(format!("{part:?} is not name=text"))
}

pub(super) fn parse<T: for<'de> serde_core::Deserialize<'de>>(text: &str) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(|error| Refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_json_or_between_commas() {
        let names = Names { example: "" };
        for given in [json!("[\"a\", \"b\"]"), json!("a, b,"), json!(["a", "b"])] {
            assert_eq!(
                names.read(&given).ok(),
                Some(vec!["a".to_owned(), "b".to_owned()])
            );
        }
        assert!(names.read(&json!("[\"a\", 1]")).is_err());
        assert!(
            names
                .read(&json!("[\"a\""))
                .is_err_and(|it| it.0.contains("EOF"))
        );
    }

    #[test]
    fn maps_stand_in_json_or_between_commas() {
        let pairs = |given| Pairs.read(&given).ok();
        assert_eq!(pairs(json!("{\"a\":\"1\"}")), pairs(json!("a = 1")));
        assert_eq!(pairs(json!({ "a": "1" })), pairs(json!("a=1,")));
        assert_eq!(pairs(json!("{\"a\":1}")), None);
        assert_eq!(pairs(json!("a")), None);
    }
}
