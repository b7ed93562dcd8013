//! [`json`]: the structure of a value.

use serde_core::Serialize;

use crate::{
    record::{ValueWriter, serialize},
    value::Value,
};

/// Logs the structure of a value: its fields, lists and maps, as its [`Serialize`] gives them.
///
/// This is asked for at each call and never done by itself, so that deriving `Serialize` for
/// another purpose does not begin to log what a type holds.
///
/// What is nested deeper than `core.max_depth` becomes `…[truncated]`; what exceeds
/// `core.max_event_bytes` ends with that mark, even if it has no end. An error or a panic of
/// `Serialize` costs this value alone: a text says so in its place. Keys of maps that are not
/// text, numbers or booleans are errors.
///
/// ```
/// use fapilog_core::{FieldValue, LoggerBuilder, Memory, info, json};
///
/// let memory = Memory::new();
/// let (log, pipeline) = LoggerBuilder::new().sink(memory.clone()).build()?;
/// info!(logger: log, sizes = json(["S", "M"]), "order placed");
/// pipeline.shutdown_blocking(std::time::Duration::from_secs(3));
///
/// let sizes = FieldValue::List(vec!["S".into(), "M".into()]);
/// assert_eq!(memory.events()[0].data().get("sizes"), Some(&sizes));
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
pub fn json<T: Serialize>(value: T) -> Json<T> {
    Json(value)
}

/// A value that is logged with its structure; made by [`json`].
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(T);

impl<T: Serialize> Value for Json<T> {
    fn record(&self, writer: ValueWriter<'_>) {
        serialize(&self.0, writer);
    }
}
