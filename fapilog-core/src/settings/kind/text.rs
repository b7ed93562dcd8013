//! Texts.

use std::{net::IpAddr, path::PathBuf};

use ipnet::IpNet;
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
        if text.trim_matches([',', ' ']).is_empty() {
            return Err(Refused::default());
        }
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

/// The name of a header, in lower case.
pub(in crate::settings) struct Header {
    pub(in crate::settings) example: &'static str,
}

impl Describe for Header {
    fn expected(&self) -> String {
        "the name of a header: letters, digits and hyphens".to_owned()
    }

    fn example(&self) -> String {
        self.example.to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "pattern": "^[A-Za-z0-9-]+$" })
    }
}

impl Kind for Header {
    type Value = String;

    fn read(&self, given: &Json) -> Result<String, Refused> {
        let name = Text.read(given)?.to_ascii_lowercase();
        let is_name = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then_some(name).ok_or_else(Refused::default)
    }

    fn show(&self, value: &String) -> Json {
        json!(value)
    }
}

/// Networks, or single addresses.
pub(in crate::settings) struct Networks;

impl Describe for Networks {
    fn expected(&self) -> String {
        "a list of networks such as 10.0.0.0/8, or addresses".to_owned()
    }

    fn example(&self) -> String {
        "10.0.0.0/8,fd00::/8".to_owned()
    }

    fn schema(&self) -> Json {
        NAMES.schema()
    }
}

impl Kind for Networks {
    type Value = Vec<IpNet>;

    fn read(&self, given: &Json) -> Result<Self::Value, Refused> {
        let names = NAMES.read(given)?;
        let network = |name: &String| {
            let address = || name.parse::<IpAddr>().map(IpNet::from);
            let network = name.parse().or_else(|_| address());
            network.map_err(|_| Refused(format!("{name:?} is none")))
        };
        names.iter().map(network).collect()
    }

    fn show(&self, value: &Self::Value) -> Json {
        value.iter().map(ToString::to_string).collect()
    }
}
