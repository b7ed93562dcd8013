//! Settings from variables of the environment.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    path::PathBuf,
};

use serde_json::Value as Json;

use super::{
    Origin, Problem,
    merge::{Merge, PRESET},
    names::{reason_against, suggestion},
    tree::find,
    variable::{self, CONFIG, PREFIX},
};
use crate::sensitive::MASK;

/// The variables that may matter, by name. One that is empty is as good as none: that is how files of
/// variables leave one out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    all: BTreeMap<String, OsString>,
    are_of_process: bool,
}

impl Variables {
    /// Those of the process.
    pub(crate) fn of_process() -> Self {
        Self {
            are_of_process: true,
            ..Self::new(std::env::vars_os())
        }
    }

    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let variables = variables.into_iter();
        let filled = variables.filter(|(_, value)| !value.to_string_lossy().trim().is_empty());
        let all = filled.map(|(name, value)| (name.to_string_lossy().into_owned(), value));
        Self {
            all: all.collect(),
            are_of_process: false,
        }
    }

    pub(super) fn are_of_process(&self) -> bool {
        self.are_of_process
    }

    /// The value of a variable that is not ours.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name)?.to_str()
    }

    /// Where the file of settings is.
    pub(super) fn config(&self) -> Option<PathBuf> {
        let mut ours = self.ours();
        let found = ours.find(|(name, _)| name.eq_ignore_ascii_case(CONFIG));
        found.map(|(_, value)| PathBuf::from(value))
    }

    /// The name of the preset, and of its variable.
    pub(super) fn preset(&self) -> Option<(Json, Origin)> {
        let is_preset = |name: &str| variable::key(name).is_some_and(|key| key == PRESET);
        let (name, value) = self.ours().find(|(name, _)| is_preset(name))?;
        let value = value.to_string_lossy().into_owned();
        Some((Json::from(value), Origin::Variable(name.to_owned())))
    }

    fn ours(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        let is_ours = |name: &str| {
            let head = name.get(..PREFIX.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(PREFIX)) && !is_of_kubernetes(name)
        };
        let all = self.all.iter();
        all.map(|(name, value)| (name.as_str(), value.as_os_str()))
            .filter(move |(name, _)| is_ours(name))
    }

    /// Applies `RUST_LOG`.
    pub(super) fn apply_rust_log(&self, merge: &mut Merge) {
        if let Some(value) = self.text("RUST_LOG") {
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

/// Kubernetes tells every pod of its services: one that is called `fapilog`, or begins so, has such
/// variables.
fn is_of_kubernetes(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_port = |rest: &str| rest.is_empty() || rest.starts_with('_');
    !name.contains("__")
        && (name.ends_with("_SERVICE_HOST")
            || name.contains("_SERVICE_PORT")
            || name
                .split_once("_PORT")
                .is_some_and(|(_, rest)| is_port(rest)))
}

/// The setting that a variable stands for, and its value.
fn read(name: &str, value: &OsStr, merge: &mut Merge) -> Option<(String, Json)> {
    let key = variable::key(name)?;
    let origin = Origin::Variable(name.to_owned());
    if let Some(leaf) = find(&key) {
        let Some(value) = value.to_str() else {
            let fix = format!("{name}={}", leaf.kind.example());
            let problem = Problem::new(&key, MASK, origin, "text in UTF-8", fix);
            merge.problems.push(problem);
            return None;
        };
        return Some((key, Json::from(value)));
    }
    let secret = key.strip_suffix("_file").and_then(find);
    if let Some(leaf) = secret.filter(|leaf| leaf.kind.is_secret()) {
        match fs::read_to_string(value) {
            Ok(text) => return Some((leaf.key.to_owned(), Json::from(text.trim_end()))),
            // Who has mistaken the variable has put the secret itself here.
            Err(error) => merge.problems.push(Problem::new(
                leaf.key,
                MASK,
                origin,
                format!("the path of a file with the secret; {error}"),
                format!("{name}=/run/secrets/…"),
            )),
        }
    } else {
        merge.problems.push(unknown(name, &key, &origin));
    }
    None
}

fn unknown(name: &str, key: &str, origin: &Origin) -> Problem {
    if let Some(reason) = reason_against(key) {
        return Problem::unknown(key, origin, reason, "remove it".to_owned());
    }
    let fix = match suggestion(key) {
        Ok(near) => {
            let (long, short) = (variable::of(near), variable::short(near));
            format!("did you mean {}?", short.unwrap_or(long))
        }
        Err(known) => format!("remove it; {known}"),
    };
    Problem::unknown(name, origin, "the name of a setting", fix)
}

fn twice(key: &str, one: &str, other: &str) -> Problem {
    let origin = Origin::Variable(other.to_owned());
    let expected = format!("one variable of a setting; {one} is the same");
    Problem::unknown(key, &origin, &expected, format!("remove {one} or {other}"))
}
