//! [`Credentials`]: who a sink says that it is, where that may change.

use std::sync::{Mutex, MutexGuard};

use http::HeaderValue;

use super::headers::value_of;
use crate::{
    error::{Action, SinkError},
    sync::unpoisoned,
};

type Ask = dyn Fn() -> String + Send + Sync;

/// The value of `Authorization`, from a closure of the user.
#[derive(Default)]
pub(in crate::sink) struct Credentials {
    ask: Option<Box<Ask>>,
    current: Mutex<Option<HeaderValue>>,
}

impl Credentials {
    pub(in crate::sink) fn new(ask: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self {
            ask: Some(Box::new(ask)),
            current: Mutex::default(),
        }
    }

    pub(in crate::sink) fn are_some(&self) -> bool {
        self.ask.is_some()
    }

    /// The value to be sent, asked for if there is none yet; `None` if nobody says any.
    pub(in crate::sink) fn current(&self) -> Result<Option<HeaderValue>, SinkError> {
        let current = self.lock().clone();
        match current {
            Some(value) => Ok(Some(value)),
            None => self.asked(),
        }
    }

    /// Another value than the one that was refused, if there is one by now.
    pub(in crate::sink) fn instead_of(
        &self,
        refused: &HeaderValue,
    ) -> Result<Option<HeaderValue>, SinkError> {
        let is_other = |value: &HeaderValue| value != refused;
        // Another batch may have asked meanwhile.
        if let Some(value) = self.lock().clone().filter(is_other) {
            return Ok(Some(value));
        }
        Ok(self.asked()?.filter(is_other))
    }

    /// Asks, without a lock: that may take its time.
    fn asked(&self) -> Result<Option<HeaderValue>, SinkError> {
        let Some(ask) = &self.ask else {
            return Ok(None);
        };
        let Some(value) = value_of(&ask()) else {
            let text = "what `authorization` returned cannot be sent";
            return Err(SinkError::with(Action::Pause, text));
        };
        *self.lock() = Some(value.clone());
        Ok(Some(value))
    }

    fn lock(&self) -> MutexGuard<'_, Option<HeaderValue>> {
        unpoisoned(self.current.lock())
    }
}
