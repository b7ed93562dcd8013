//! What stdout gets.

use std::{
    env,
    error::Error,
    fmt,
    io::{self, IsTerminal},
    str::FromStr,
};

use super::kind::Choice;

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

impl Choice for Format {
    const ALL: &'static [(&'static str, Self)] = &[
        ("auto", Format::Auto),
        ("json", Format::Json),
        ("pretty", Format::Pretty),
    ];
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Reads `auto`, `json` or `pretty`, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        found
            .map(|(_, format)| *format)
            .ok_or_else(|| UnknownFormat(text.to_owned()))
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
