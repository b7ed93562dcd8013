//! What cargo knows about our packages.

use std::path::PathBuf;

use serde_json::Value;

use crate::{
    Outcome,
    cargo::{cargo, output},
};

/// The crates that users depend on.
pub(crate) const LIBRARIES: [&str; 3] = ["fapilog-core", "fapilog-tower", "fapilog-axum"];

pub(crate) struct Workspace {
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    packages: Vec<Value>,
}

impl Workspace {
    pub(crate) fn load() -> Outcome<Self> {
        let metadata = output(&mut cargo("metadata --no-deps --format-version 1 --locked"))?;
        let mut metadata: Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"].as_str().unwrap_or("target");
        let target = PathBuf::from(target);
        match metadata["packages"].take() {
            Value::Array(packages) => Ok(Self { target, packages }),
            _ => Err("`cargo metadata` lists no packages".into()),
        }
    }

    /// The names of our packages.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().filter_map(|p| p["name"].as_str())
    }

    /// The features of the package, but for `default`, which only names others.
    pub(crate) fn features(&self, package: &str) -> Outcome<impl Iterator<Item = &str>> {
        self.packages
            .iter()
            .find(|p| p["name"] == package)
            .and_then(|p| p["features"].as_object())
            .map(|features| features.keys().map(String::as_str))
            .map(|names| names.filter(|&name| name != "default"))
            .ok_or_else(|| format!("there is no package {package}").into())
    }
}
