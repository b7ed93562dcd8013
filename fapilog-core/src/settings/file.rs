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

use super::{
    Origin, Problem,
    merge::{Merge, PRESET},
    names::unknown,
    tree::is_group,
    variable::long_key,
};

/// What stands in a file: keys, values, and their lines.
#[derive(Debug, Default)]
pub(super) struct File {
    path: PathBuf,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
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
        let table = DeTable::parse(&text).map_err(|error| {
            // Not the line itself: a secret may stand in it.
            let place = error.span().map_or(0, |span| span.start);
            let line = line(&text, place);
            refused(format!("a file in TOML; line {line}: {}", error.message()))
        })?;
        let mut file = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        file.collect("", table.get_ref(), &text);
        Ok(file)
    }

    /// Takes all that stands in a table, tables that are groups too.
    fn collect(&mut self, prefix: &str, table: &DeTable<'_>, text: &str) {
        for (name, value) in table {
            let key = long_key(&format!("{prefix}{}", name.get_ref()));
            let line = line(text, name.span().start);
            match value.get_ref() {
                DeValue::Table(inner) if is_group(&key) && !name.get_ref().contains('.') => {
                    self.collect(&long_key(&format!("{key}.")), inner, text);
                }
                _ if name.get_ref().contains('.') => {
                    let origin = self.origin(line);
                    let fix = "write the groups and the name apart, without quotes".to_owned();
                    self.problems
                        .push(Problem::unknown(&key, &origin, "a name without dots", fix));
                }
                value => {
                    let value = json(value);
                    self.take(Entry { key, value, line });
                }
            }
        }
    }

    fn take(&mut self, entry: Entry) {
        let same = self.entries.iter().find(|it| it.key == entry.key);
        let Some(same) = same else {
            return self.entries.push(entry);
        };
        let origin = self.origin(entry.line);
        let expected = format!("a setting once; line {} has it too", same.line);
        let fix = "remove one of the two".to_owned();
        self.problems
            .push(Problem::unknown(&entry.key, &origin, &expected, fix));
    }

    /// The name of the preset, if there is one.
    pub(super) fn preset(&self) -> Option<(Json, Origin)> {
        let entry = self.entries.iter().find(|entry| entry.key == PRESET)?;
        Some((entry.value.clone(), self.origin(entry.line)))
    }

    pub(super) fn apply(&self, merge: &mut Merge) {
        merge.problems.extend(self.problems.iter().cloned());
        for entry in &self.entries {
            let origin = self.origin(entry.line);
            if !merge.give(&entry.key, &entry.value, origin.clone()) {
                merge.problems.push(unknown(&entry.key, &origin));
            }
        }
    }

    fn origin(&self, line: usize) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line,
        }
    }
}

fn line(text: &str, place: usize) -> usize {
    let before = text.get(..place).unwrap_or(text);
    1 + before.matches('\n').count()
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
            let parsed = number.as_str().parse::<f64>().ok();
            // JSON has no infinity.
            let finite = parsed.filter(|number| number.is_finite());
            finite.map_or_else(|| Json::from(number.to_string()), Json::from)
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
