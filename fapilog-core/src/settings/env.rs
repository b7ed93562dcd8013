//! Settings from variables of the environment.

use std::{collections::BTreeMap, ffi::OsString, fs, path::PathBuf};

use serde_json::Value as Json;

use super::{
    Origin, Problem,
    merge::Merge,
    names::{reason_against, suggestion},
    tree::find,
    variable::{self, CONFIG, PREFIX},
};

/// The variables that may matter, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Those of the process.
    pub(crate) fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let text = |text: OsString| text.to_string_lossy().into_owned();
        let variables = variables.into_iter();
        Self(
            variables
                .map(|(name, value)| (text(name), text(value)))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// Where the file of settings is.
    pub(super) fn config(&self) -> Option<PathBuf> {
        self.get(CONFIG).map(PathBuf::from)
    }

    /// The name of the preset, and of its variable.
    pub(super) fn preset(&self) -> Option<(&str, Origin)> {
        let ours = self.ours();
        let (name, value) = ours
            .into_iter()
            .find(|(name, _)| variable::key(name).is_some_and(|key| key == "preset"))?;
        Some((value, Origin::Variable(name.to_owned())))
    }

    fn ours(&self) -> Vec<(&str, &str)> {
        let has_prefix = |name: &str| {
            let head = name.get(..PREFIX.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(PREFIX))
        };
        let variables = self
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        variables.filter(|(name, _)| has_prefix(name)).collect()
    }

    /// Applies `RUST_LOG`.
    pub(super) fn apply_rust_log(&self, merge: &mut Merge) {
        if let Some(value) = self.get("RUST_LOG") {
            let origin = Origin::Variable("RUST_LOG".to_owned());
            merge.give("core.log_level", &Json::from(value), origin);
        }
    }

    /// Applies all that begin with `FAPILOG_`.
    pub(super) fn apply(&self, merge: &mut Merge) {
        let mut given = BTreeMap::new();
        for (name, value) in self.ours() {
            if name.eq_ignore_ascii_case(CONFIG) {
                continue;
            }
            let Some((key, value)) = read(name, value, merge) else {
                continue;
            };
            if let Some(other) = given.insert(key.clone(), name) {
                merge.problems.push(twice(&key, other, name));
            } else {
                merge.give(&key, &value, Origin::Variable(name.to_owned()));
            }
        }
    }
}

/// The setting that a variable stands for, and its value.
fn read(name: &str, value: &str, merge: &mut Merge) -> Option<(String, Json)> {
    let key = variable::key(name)?;
    if find(&key).is_some() {
        return Some((key, Json::from(value)));
    }
    let secret = key.strip_suffix("_file").and_then(find);
    let secret = secret.filter(|leaf| leaf.kind.is_secret());
    let origin = Origin::Variable(name.to_owned());
    if let Some(leaf) = secret {
        match fs::read_to_string(value) {
            Ok(text) => return Some((leaf.key.to_owned(), Json::from(text.trim_end()))),
            Err(error) => merge.problems.push(Problem::new(
                leaf.key,
                value,
                origin,
                format!("the path of a file with the secret; {error}"),
                format!("{name}=/run/secrets/…"),
            )),
        }
    } else if let Some(reason) = reason_against(&key) {
        let fix = "remove it".to_owned();
        merge
            .problems
            .push(Problem::unknown(&key, &origin, reason, fix));
    } else {
        let fix = match suggestion(&key) {
            Some(near) => {
                let (long, short) = (variable::of(near), variable::short(near));
                format!("did you mean {}?", short.unwrap_or(long))
            }
            None => "remove it; docs/settings.md lists all that are known".to_owned(),
        };
        let expected = "the name of a setting";
        merge
            .problems
            .push(Problem::unknown(name, &origin, expected, fix));
    }
    None
}

fn twice(key: &str, one: &str, other: &str) -> Problem {
    let origin = Origin::Variable(other.to_owned());
    let expected = format!("one variable of a setting; {one} is the same");
    Problem::unknown(key, &origin, &expected, format!("remove {one} or {other}"))
}
