//! Names that those know who come from the Python library.

use std::time::Duration;

use super::LoggerBuilder;

impl LoggerBuilder {
    /// Begins with the settings of the preset of this name, like [`preset`](Self::preset). There
    /// being none is told when the pipeline is built.
    pub fn with_preset(mut self, name: impl Into<String>) -> Self {
        self.sources.preset = Some(name.into());
        self
    }

    /// Sets what happens when the queue is full: [`backpressure_wait`](Self::backpressure_wait) in
    /// milliseconds, and [`drop_on_full`](Self::drop_on_full).
    pub fn with_backpressure(self, wait_ms: u64, drop_on_full: bool) -> Self {
        self.backpressure_wait(Duration::from_millis(wait_ms))
            .drop_on_full(drop_on_full)
    }
}
