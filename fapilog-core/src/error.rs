//! Errors that user code gives to the pipeline, and the pipeline to user code.

mod sink;

use std::{error::Error, fmt};

pub use self::sink::{Action, SinkError};
use crate::settings::Problem;

/// Why an enricher, redactor or processor could not do its work on an event.
#[derive(Debug)]
pub struct StageError(Box<dyn Error + Send + Sync>);

impl StageError {
    /// An error with a text, or with another error as its cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for StageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for StageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Why a pipeline could not be built: every problem of its settings at once, or the one thing
/// that the system refused.
#[derive(Debug)]
pub struct BuildError(BuildErrorKind);

#[derive(Debug)]
enum BuildErrorKind {
    Settings(Vec<Problem>),
    Conflict(String),
    Thread(std::io::Error),
}

impl BuildError {
    pub(crate) fn settings(problems: Vec<Problem>) -> Self {
        Self(BuildErrorKind::Settings(problems))
    }

    pub(crate) fn conflict(text: String) -> Self {
        Self(BuildErrorKind::Conflict(text))
    }

    pub(crate) fn thread(error: std::io::Error) -> Self {
        Self(BuildErrorKind::Thread(error))
    }

    /// The problems of the settings; empty if something else went wrong.
    pub fn problems(&self) -> &[Problem] {
        match &self.0 {
            BuildErrorKind::Settings(problems) => problems,
            _ => &[],
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = match &self.0 {
            BuildErrorKind::Settings(problems) => problems,
            BuildErrorKind::Conflict(text) => return f.write_str(text),
            BuildErrorKind::Thread(error) => {
                return write!(f, "fapilog could not start a thread: {error}");
            }
        };
        let plural = if problems.len() == 1 { "" } else { "s" };
        let count = problems.len();
        writeln!(
            f,
            "fapilog could not start: {count} problem{plural} in the configuration"
        )?;
        let mut numbered = problems.iter().enumerate();
        numbered.try_for_each(|(index, problem)| write!(f, "\n  {}. {problem}", index + 1))
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            BuildErrorKind::Thread(error) => Some(error),
            _ => None,
        }
    }
}
