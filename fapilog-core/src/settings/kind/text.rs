//! Texts.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::{Describe, Kind, Names, Refused, text};
use crate::{Level, Sensitive, UnknownLevel, filter::LevelFilter};

/// A text that is not blank.
pub(in crate::settings) struct Text;

impl Describe for Text {
    fn expected(&self) -> String {
        "a text that is not blank".to_owned()
    }

    fn example(&self) -> String {
        "shop".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Kind for Text {
    type Value = String;

    fn read(&self, given: &Json) -> Result<String, Refused> {
        match text(given) {
            None | Some("") => Err(Refused::default()),
            Some(text) => Ok(text.to_owned()),
        }
    }

    fn show(&self, value: &String) -> Json {
        json!(value)
    }
}

/// The path of a file or directory.
pub(in crate::settings) struct FilePath;

impl Describe for FilePath {
    fn expected(&self) -> String {
        "a path".to_owned()
    }

    fn example(&self) -> String {
        "/var/log/shop".to_owned()
    }

    fn schema(&self) -> Json {
        Text.schema()
    }
}

impl Kind for FilePath {
    type Value = PathBuf;

    fn read(&self, given: &Json) -> Result<PathBuf, Refused> {
        Text.read(given).map(PathBuf::from)
    }

    fn show(&self, value: &PathBuf) -> Json {
        json!(value.to_string_lossy())
    }
}

/// A text that must not be seen.
pub(in crate::settings) struct Secret;

impl Describe for Secret {
    fn expected(&self) -> String {
        Text.expected()
    }

    fn example(&self) -> String {
        "…".to_owned()
    }

    fn schema(&self) -> Json {
        Text.schema()
    }

    fn is_secret(&self) -> bool {
        true
    }
}

impl Kind for Secret {
    type Value = Sensitive<String>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        // Blanks and quotes may be part of it.
        match given.as_str() {
            None | Some("") => Err(Refused::default()),
            Some(secret) => Ok(Sensitive::new(secret.to_owned())),
        }
    }

    fn show(&self, value: &Self::Value) -> Json {
        json!(value.expose())
    }
}

/// Levels, by module.
pub(in crate::settings) struct Levels;

impl Describe for Levels {
    fn expected(&self) -> String {
        "a level, and levels by module".to_owned()
    }

    fn example(&self) -> String {
        "info,my_app=debug".to_owned()
    }

    fn schema(&self) -> Json {
        Text.schema()
    }
}

impl Kind for Levels {
    type Value = LevelFilter;

    fn read(&self, given: &Json) -> Result<LevelFilter, Refused> {
        let text = text(given).ok_or_else(Refused::default)?;
        text.parse()
            .map_err(|error: crate::filter::LevelFilterError| Refused(error.to_string()))
    }

    fn show(&self, value: &LevelFilter) -> Json {
        json!(value.to_string())
    }
}

/// Names of levels.
pub(in crate::settings) struct LevelNames;

impl Describe for LevelNames {
    fn expected(&self) -> String {
        "a list of levels: JSON, or joined with commas".to_owned()
    }

    fn example(&self) -> String {
        "ERROR,CRITICAL".to_owned()
    }

    fn schema(&self) -> Json {
        NAMES.schema()
    }
}

const NAMES: Names = Names { example: "" };

impl Kind for LevelNames {
    type Value = Vec<Level>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let names = NAMES.read(given)?;
        let level = |name: &String| {
            name.parse()
                .map_err(|error: UnknownLevel| Refused(error.to_string()))
        };
        names.iter().map(level).collect()
    }

    fn show(&self, value: &Self::Value) -> Json {
        value.iter().map(|level| level.as_str()).collect()
    }
}
