//! What stdout gets.

use std::{
    env,
    error::Error,
    fmt,
    io::{self, IsTerminal},
    str::FromStr,
};

/// What stdout gets if a pipeline names no sink.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// [`Pretty`](Self::Pretty) if stdout is a terminal, else [`Json`](Self::Json). JSON too if the
    /// variable `CI` is set and not empty: what looks like a terminal there is a log file.
    #[default]
    Auto,
    /// One JSON object a line: [`StdoutJson`](crate::StdoutJson).
    Json,
    /// One line an event, for people: [`StdoutPretty`](crate::StdoutPretty).
    Pretty,
}

impl Format {
    /// Whether it is pretty, here and now.
    pub(crate) fn is_pretty(self) -> bool {
        match self {
            Format::Pretty => true,
            Format::Json => false,
            Format::Auto => {
                let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
                !is_ci && io::stdout().is_terminal()
            }
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Reads `auto`, `json` or `pretty`, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Format::Auto),
            "json" => Ok(Format::Json),
            "pretty" => Ok(Format::Pretty),
            _ => Err(UnknownFormat(text.to_owned())),
        }
    }
}

/// A name that is not a format's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.0;
        write!(f, "unknown format {name:?}; expected auto, json or pretty")
    }
}

impl Error for UnknownFormat {}
