//! [`Trouble`]: what stands in the way of a sink.

use std::error::Error;

use crate::error::SinkError;

/// What stands in the way of a sink, and the setting that it is about.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// The name of the setting within its group.
    pub(crate) setting: &'static str,
    /// What is wrong with it, without its value.
    pub(crate) text: String,
}

impl Trouble {
    pub(in crate::sink) fn new(setting: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { setting, text }
    }
}

impl From<Trouble> for SinkError {
    fn from(trouble: Trouble) -> Self {
        SinkError::new(format!("{}: {}", trouble.setting, trouble.text))
    }
}

/// Bytes of what is told of an error: a part of it may come from the other side.
const LONGEST: usize = 300;

/// An error of the client with its causes, without the URL.
pub(in crate::sink) fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        if text.len() > LONGEST {
            break;
        }
        let next = error.to_string();
        // Some tell their causes themselves.
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}
