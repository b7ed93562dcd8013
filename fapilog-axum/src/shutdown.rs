//! [`shutdown_on_signal`]: the end of a service that serves nothing over HTTP.

use std::{io, time::Duration};

use fapilog_core::{DrainReport, Pipeline};

use crate::signals::Signals;

/// Waits for SIGTERM or Ctrl-C, then shuts the pipeline down: for programs without
/// [`serve`](crate::serve).
///
/// A second signal ends the process at once, with exit code 128 and the number of the signal: while
/// this drains, also when the runtime is stuck, and after it has returned. Signals are watched from
/// the first poll on.
///
/// ```no_run
/// # async fn work() {}
/// use fapilog_axum::{LoggerBuilder, shutdown_on_signal};
/// use std::time::Duration;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (log, pipeline) = LoggerBuilder::new().build()?;
/// tokio::select! {
///     report = shutdown_on_signal(pipeline, Duration::from_secs(3)) => println!("{}", report?),
///     () = work() => {} // the pipeline is dropped, which drains it for up to 1 s
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If signals cannot be watched; the pipeline is dropped then.
///
/// # Cancel safety
///
/// Dropping the future before the signal drops the pipeline, and drains it as any drop does; from
/// then on SIGTERM and Ctrl-C do nothing, unless something else in the process watches them.
/// Dropping it later gives up the report, not the shutdown.
pub async fn shutdown_on_signal(pipeline: Pipeline, deadline: Duration) -> io::Result<DrainReport> {
    let mut signals = Signals::watch()?;
    signals.first().await;
    Ok(pipeline.shutdown(deadline).await)
}
