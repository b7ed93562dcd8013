//! [`SinkTable`]: a sink with options of its own.

use serde_json::{Value as Json, json};

use super::{
    kind::{Choice, Choose, Describe, Kind, Maybe, Refused, Text, text, without_nulls},
    sinks::{SinkKind, is_name},
};
use crate::{Level, Pressure, UnknownLevel};

/// A sink with a name and options of its own: `[[sinks]]` in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkTable {
    /// What it is, by the names of `core.sinks`.
    pub kind: String,
    /// What it is called. Defaults to what it is.
    pub name: Option<String>,
    /// The least level of its events. Defaults to all that the pipeline takes.
    pub level: Option<Level>,
    /// What happens when it does not keep up. Defaults to what
    /// [`SinkOptions`](crate::SinkOptions) says.
    pub pressure: Option<Pressure>,
}

impl SinkTable {
    /// A sink of this type, with the default options.
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            name: None,
            level: None,
            pressure: None,
        }
    }
}

impl Choice for Pressure {
    const ALL: &'static [(&'static str, Self)] =
        &[("shed", Pressure::Shed), ("propagate", Pressure::Propagate)];
}

/// A list of sinks.
pub(super) struct Tables;

impl Describe for Tables {
    fn expected(&self) -> String {
        "a list of sinks, each with a type, as JSON".to_owned()
    }

    fn example(&self) -> String {
        r#"'[{"type":"stderr","name":"alerts","pressure":"shed"}]'"#.to_owned()
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn schema(&self) -> Json {
        json!({
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": Text.schema(),
                    "name": Text.schema(),
                    "level": Text.schema(),
                    "pressure": Choose::<Pressure>::NEW.schema(),
                },
                "required": ["type"],
                "additionalProperties": false,
            },
        })
    }
}

impl Kind for Tables {
    type Value = Vec<SinkTable>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let parsed;
        let tables = match given {
            Json::Array(tables) => tables,
            given => {
                let text = text(given).ok_or_else(Refused::default)?;
                parsed = serde_json::from_str::<Vec<Json>>(text)
                    .map_err(|error| Refused(error.to_string()))?;
                &parsed
            }
        };
        tables.iter().map(table).collect()
    }

    fn show(&self, value: &Self::Value) -> Json {
        let table = |it: &SinkTable| {
            let pressure = Maybe(Choose::<Pressure>::NEW).show(&it.pressure);
            let level = it.level.map(Level::as_str);
            without_nulls(json!({
                "type": it.kind, "name": it.name, "level": level, "pressure": pressure,
            }))
        };
        value.iter().map(table).collect()
    }
}

fn table(given: &Json) -> Result<SinkTable, Refused> {
    let entries = given.as_object().ok_or_else(Refused::default)?;
    let mut table = SinkTable::new("");
    for (key, value) in entries {
        let told = |_| Refused(format!("its {key:?} is none"));
        match key.as_str() {
            "type" => {
                table.kind = Text.read(value).map_err(told)?;
                SinkKind::named(&table.kind).map_err(Refused)?;
            }
            "name" => {
                table.name = Maybe(Text).read(value).map_err(told)?;
                if !table.name.as_deref().is_none_or(is_name) {
                    return Err(Refused(
                        "a name has 1 to 64 bytes, none of which controls".to_owned(),
                    ));
                }
            }
            "level" => {
                let level = Maybe(Text).read(value).map_err(told)?;
                let level = level.map(|it| it.parse()).transpose();
                table.level = level.map_err(|error: UnknownLevel| Refused(error.to_string()))?;
            }
            "pressure" => {
                table.pressure = Maybe(Choose::<Pressure>::NEW).read(value).map_err(told)?;
            }
            _ => return Err(Refused(format!("a sink has no option {key:?}"))),
        }
    }
    match table.kind.is_empty() {
        true => Err(Refused("a sink needs a \"type\"".to_owned())),
        false => Ok(table),
    }
}
