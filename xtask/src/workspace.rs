//! What cargo knows about our packages.

use serde_json::Value;

use crate::{
    Outcome,
    cargo::{cargo, output},
};

/// The crates that users depend on.
pub(crate) const LIBRARIES: [&str; 3] = ["fapilog-core", "fapilog-tower", "fapilog-axum"];

pub(crate) struct Workspace {
    packages: Vec<Value>,
}

impl Workspace {
    pub(crate) fn load() -> Outcome<Self> {
        let metadata = output(&mut cargo("metadata --no-deps --format-version 1 --locked"))?;
        let mut metadata: Value = serde_json::from_str(&metadata)?;
        match metadata["packages"].take() {
            Value::Array(packages) => Ok(Self { packages }),
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
