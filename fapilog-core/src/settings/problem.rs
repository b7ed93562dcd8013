//! What is wrong with a setting, and how to mend it.

use std::fmt;

/// One problem of the configuration: what, where from, what was expected, and the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    key: String,
    value: Option<String>,
    source: String,
    expected: String,
    fix: String,
}

impl Problem {
    pub(crate) fn new(
        key: &str,
        value: impl fmt::Display,
        source: impl Into<String>,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            key: key.to_owned(),
            value: Some(value.to_string()),
            source: source.into(),
            expected: expected.into(),
            fix: fix.into(),
        }
    }

    pub(crate) fn unknown(key: &str, source: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            value: None,
            source: source.into(),
            expected: "the name of a setting".to_owned(),
            fix: fix.into(),
        }
    }

    /// The setting, or the name that was taken for one.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where the value came from: the name of a variable, or `builder`.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} = {value:?}", self.key)?,
            None => write!(f, "{}", self.key)?,
        }
        write!(
            f,
            "  (from {})\n     expected {}\n     fix: {}\n",
            self.source, self.expected, self.fix
        )
    }
}
