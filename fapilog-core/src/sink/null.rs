//! Events nowhere.

use super::{BlockingSink, SerializedView};
use crate::{
    error::SinkError,
    event::Event,
    lane::{Batch, BatchError},
};

/// Takes every event and keeps none: for measuring a pipeline, or switching one off.
///
/// The books call it `null`, and its events delivered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl BlockingSink for Null {
    fn name(&self) -> &str {
        "null"
    }

    fn takes_serialized(&self) -> bool {
        true
    }

    fn write(&mut self, _event: &Event<'static>) -> Result<(), SinkError> {
        Ok(())
    }

    fn write_serialized(&mut self, _view: SerializedView<'_>) -> Result<(), SinkError> {
        Ok(())
    }

    fn write_batch(&mut self, _batch: &Batch) -> Result<(), BatchError> {
        Ok(())
    }
}
