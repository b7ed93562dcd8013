//! The process-wide pipeline: what macros without a logger log to, and presets attach to.

use std::sync::{Arc, Mutex, MutexGuard};

use arc_swap::ArcSwapOption;

use super::{Pipeline, Shared, process};
use crate::{
    BuildError, Logger, LoggerBuilder,
    settings::{Origin, Preset},
    sync::unpoisoned,
};

static LOGGER: ArcSwapOption<Logger> = ArcSwapOption::const_empty();
static PROCESS: Mutex<Option<Process>> = Mutex::new(None);

struct Process {
    shared: Arc<Shared>,
    preset: Preset,
}

/// A logger of the process-wide pipeline, which is started with this preset on first use.
///
/// The environment has been applied to it. A pipeline that has been shut down is replaced by a
/// new one. When the process ends before the pipeline does, with `std::process::exit` or at the
/// end of `main`, the end waits until the last events are delivered, but no longer than
/// `core.atexit_drain_timeout_seconds`, 2 s by default; an abort does not.
///
/// # Errors
///
/// If the environment has problems, or if the pipeline runs with another preset already.
pub fn attach(preset: Preset) -> Result<Logger, BuildError> {
    let mut process = process();
    if let Some(running) = process.as_ref().filter(|it| !it.shared.has_begun_to_end()) {
        let is_forced = matches!(
            running.shared.settings.origin("preset"),
            Origin::Variable(_)
        );
        // Where the environment has chosen, code has no say.
        if running.preset != preset && !is_forced {
            return Err(BuildError::conflict(format!(
                "the process-wide pipeline runs with preset {:?} already; it cannot take preset {:?} too",
                running.preset.name(),
                preset.name()
            )));
        }
        return Ok(Logger::new(Arc::clone(&running.shared)));
    }
    let shared = LoggerBuilder::preset(preset).env().start()?;
    process::drain_at_exit();
    let logger = Logger::new(Arc::clone(&shared));
    LOGGER.store(Some(Arc::new(logger.clone())));
    *process = Some(Process { shared, preset });
    Ok(logger)
}

/// The process-wide pipeline, if one has been started: to shut it down, flush it, or look at it.
///
/// What is returned owns the pipeline like any other [`Pipeline`]: when it is dropped, the
/// process-wide pipeline ends.
pub fn pipeline() -> Option<Pipeline> {
    let process = process();
    let running = process.as_ref()?;
    Some(Pipeline::new(Arc::clone(&running.shared)))
}

/// The logger of the process-wide pipeline, if there is one.
#[inline]
pub(crate) fn process_logger() -> arc_swap::Guard<Option<Arc<Logger>>> {
    LOGGER.load()
}

fn process() -> MutexGuard<'static, Option<Process>> {
    unpoisoned(PROCESS.lock())
}
