//! A pipeline for as long as a closure runs.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::{BuildError, DrainReport, Logger, LoggerBuilder};

/// Runs a closure with a logger of the default pipeline, then drains the pipeline.
///
/// The environment may change its settings. See [`LoggerBuilder::run`] for the rest.
///
/// ```
/// use fapilog_core::{info, runtime};
///
/// let (sum, report) = runtime(|log| {
///     info!(logger: log, "adding");
///     1 + 1
/// })?;
/// assert_eq!((sum, report.exit_code()), (2, 0));
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
///
/// # Errors
///
/// If the environment has problems, or if the system has no thread to give.
pub fn runtime<T>(run: impl FnOnce(Logger) -> T) -> Result<(T, DrainReport), BuildError> {
    LoggerBuilder::new().env().run(run)
}

impl LoggerBuilder {
    /// Runs a closure with a logger of this pipeline, then drains the pipeline.
    ///
    /// The drain takes `core.shutdown_timeout_seconds` at most, 3 s by default, and blocks the
    /// thread. What is logged after it, by threads that the closure has left behind, is refused
    /// and counted.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build); then the closure does not run.
    ///
    /// # Panics
    ///
    /// If the closure does, with its panic, after the drain.
    pub fn run<T>(self, run: impl FnOnce(Logger) -> T) -> Result<(T, DrainReport), BuildError> {
        let (log, pipeline) = self.build()?;
        // Nothing of ours is left in the middle of something: the panic only waits for the drain.
        let outcome = catch_unwind(AssertUnwindSafe(|| run(log)));
        let report = pipeline.shutdown_blocking(pipeline.shutdown_timeout());
        match outcome {
            Ok(value) => Ok((value, report)),
            Err(panic) => resume_unwind(panic),
        }
    }
}
