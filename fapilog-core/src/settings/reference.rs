//! What can be set: for documentation, and for editors.

use serde_json::{Map, Value as Json, json};

use super::{
    Settings,
    leaf::Leaf,
    pending,
    tree::leaves,
    variable::{of, short},
};

/// A setting, and how it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Its path in the tree.
    pub key: &'static str,
    /// The variables of the environment that set it: the short name of its group first.
    pub variables: Vec<String>,
    /// Its default, as text.
    pub default: String,
    /// What values it takes.
    pub expected: String,
    /// A value that works, as it stands in a variable.
    pub example: String,
    /// What it does.
    pub doc: String,
    /// Whether its value is never shown, and can also be read from the file that the variable with
    /// `_FILE` at its end names.
    pub is_secret: bool,
    /// What it waits for, if it is refused because that is not built yet.
    pub pending: Option<&'static str>,
}

impl Settings {
    /// Everything that can be set.
    pub fn reference() -> Vec<Setting> {
        let defaults = Self::default();
        let setting = |leaf: &Leaf| Setting {
            key: leaf.key,
            variables: short(leaf.key).into_iter().chain([of(leaf.key)]).collect(),
            default: leaf.shown(&defaults),
            expected: leaf.kind.expected(),
            example: leaf.kind.example(),
            doc: leaf.doc.concat().trim().to_owned(),
            is_secret: leaf.kind.is_secret(),
            pending: pending::part_of(leaf.key),
        };
        leaves().map(setting).collect()
    }

    /// The form of a file of settings, as JSON Schema (draft 2020-12).
    pub fn json_schema() -> String {
        let mut root = object();
        for leaf in leaves().filter(|leaf| pending::part_of(leaf.key).is_none()) {
            let mut schema = leaf.kind.schema();
            schema["description"] = json!(leaf.doc.concat().trim());
            let mut group = &mut root;
            let mut parts = leaf.key.split('.').peekable();
            while let Some(part) = parts.next() {
                let members = &mut group["properties"];
                if parts.peek().is_none() {
                    members[part] = schema.take();
                } else if members.get(part).is_none() {
                    members[part] = object();
                }
                group = &mut members[part];
            }
        }
        root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        root["title"] = json!("Settings of fapilog");
        format!("{root:#}\n")
    }
}

fn object() -> Json {
    json!({ "type": "object", "additionalProperties": false, "properties": Map::new() })
}
