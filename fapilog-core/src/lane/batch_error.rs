//! [`BatchError`]: what of a batch a sink could not take.

use std::fmt;

use crate::error::SinkError;

/// The events of a batch that a sink could not take; all others count as delivered.
#[derive(Debug)]
pub struct BatchError {
    pub(super) failed: Failed,
}

#[derive(Debug)]
pub(super) enum Failed {
    All(SinkError),
    Some(Vec<(usize, SinkError)>),
}

impl BatchError {
    /// None of the events was delivered.
    pub fn all(error: SinkError) -> Self {
        Self {
            failed: Failed::All(error),
        }
    }

    /// The events with these indices were not delivered.
    pub fn some(failed: Vec<(usize, SinkError)>) -> Self {
        Self {
            failed: Failed::Some(failed),
        }
    }

    /// `Err` with the failures, `Ok` if there are none.
    pub(crate) fn of(failed: Vec<(usize, SinkError)>) -> Result<(), Self> {
        if failed.is_empty() {
            Ok(())
        } else {
            Err(Self::some(failed))
        }
    }

    #[cfg(test)]
    /// How many events of a batch of `len` were not delivered. An index counts once.
    pub(crate) fn count(&self, len: usize) -> usize {
        match &self.failed {
            Failed::All(_) => len,
            Failed::Some(failed) => {
                let mut indices: Vec<_> = failed.iter().map(|(index, _)| *index).collect();
                indices.retain(|index| *index < len);
                indices.sort_unstable();
                indices.dedup();
                indices.len()
            }
        }
    }

    /// The first error.
    pub(crate) fn first(&self) -> Option<&SinkError> {
        match &self.failed {
            Failed::All(error) => Some(error),
            Failed::Some(failed) => failed.first().map(|(_, error)| error),
        }
    }
}

impl From<SinkError> for BatchError {
    fn from(error: SinkError) -> Self {
        Self::all(error)
    }
}

impl From<std::io::Error> for BatchError {
    fn from(error: std::io::Error) -> Self {
        Self::all(error.into())
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.failed, self.first()) {
            (Failed::All(error), _) => write!(f, "{error}"),
            (Failed::Some(failed), Some(first)) => {
                write!(f, "{} events failed, the first with: {first}", failed.len())
            }
            (Failed::Some(_), None) => f.write_str("no event failed"),
        }
    }
}

impl std::error::Error for BatchError {}
