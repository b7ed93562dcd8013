//! Settings from a file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value as Json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Origin, Problem, merge::Merge, names::unknown, tree::find, variable::long_key};

/// What stands in a file: keys, values, and their lines.
#[derive(Debug, Default)]
pub(super) struct File {
    path: PathBuf,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    key: String,
    value: Json,
    line: usize,
}

impl File {
    pub(super) fn read(path: &Path, origin: &Origin) -> Result<Self, Problem> {
        let refused = |expected: String| {
            let fix = "name a file that can be read, or none".to_owned();
            Problem::new("config", path.display(), origin, expected, fix)
        };
        let text = fs::read_to_string(path)
            .map_err(|error| refused(format!("a file of settings; {error}")))?;
        let table = DeTable::parse(&text)
            .map_err(|error| refused(format!("a file in TOML; {}", error.to_string().trim())))?;
        let mut file = Self {
            path: path.to_owned(),
            entries: Vec::new(),
        };
        file.collect("", table.get_ref(), &text);
        Ok(file)
    }

    /// Takes all that stands in a table, tables that are groups too.
    fn collect(&mut self, prefix: &str, table: &DeTable<'_>, text: &str) {
        for (name, value) in table {
            let key = long_key(&format!("{prefix}{}", name.get_ref()));
            match value.get_ref() {
                DeValue::Table(inner) if find(&key).is_none() => {
                    self.collect(&long_key(&format!("{key}.")), inner, text);
                }
                value => {
                    let line = 1 + text[..name.span().start].matches('\n').count();
                    let value = json(value);
                    self.entries.push(Entry { key, value, line });
                }
            }
        }
    }

    /// The name of the preset, if there is one.
    pub(super) fn preset(&self) -> Option<(&str, Origin)> {
        let entry = self.entries.iter().find(|entry| entry.key == "preset")?;
        Some((entry.value.as_str()?, self.origin(entry)))
    }

    pub(super) fn apply(&self, merge: &mut Merge) {
        for entry in &self.entries {
            let origin = self.origin(entry);
            if !merge.give(&entry.key, &entry.value, origin.clone()) {
                merge.problems.push(unknown(&entry.key, &origin));
            }
        }
    }

    fn origin(&self, entry: &Entry) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line: entry.line,
        }
    }
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Boolean(flag) => Json::from(*flag),
        DeValue::Integer(number) => {
            let digits = i64::from_str_radix(number.as_str(), number.radix());
            digits.map_or_else(|_| Json::from(number.to_string()), Json::from)
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse::<f64>();
            parsed.map_or_else(|_| Json::from(number.to_string()), Json::from)
        }
        DeValue::Datetime(time) => Json::from(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                (key.to_string(), json(value.get_ref()))
            };
            Json::Object(table.iter().map(entry).collect::<Map<_, _>>())
        }
    }
}
