//! What machine it is.

use super::Enricher;
use crate::event::Fields;

/// Adds `os`, `arch` and `cpu_count` to the diagnostics of every event: the system and the processor
/// that the program was built for, and how many threads the process may run at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Enricher for Host {
    fn name(&self) -> &str {
        "host"
    }

    fn constants(&mut self, diagnostics: &mut Fields<'static>) {
        diagnostics.insert("os", std::env::consts::OS);
        diagnostics.insert("arch", std::env::consts::ARCH);
        if let Ok(count) = std::thread::available_parallelism() {
            diagnostics.insert("cpu_count", count.get() as u64);
        }
    }
}
