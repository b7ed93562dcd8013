//! Who logs: service, environment, version, host, process.

use super::Enricher;
use crate::event::Fields;

/// Adds `service`, `env`, `version`, `host` and `pid` to the diagnostics of every event.
///
/// `service` and `env` default to `fapilog` and `dev`; `version` is left out unless it is set.
/// Part of every pipeline, unless `core.enrichers` leaves it out.
#[derive(Clone, Debug)]
pub struct RuntimeInfo {
    service: String,
    env: String,
    version: Option<String>,
}

impl RuntimeInfo {
    /// Names the service; `None` takes the default.
    pub fn new(service: Option<String>, env: Option<String>, version: Option<String>) -> Self {
        Self {
            service: service.unwrap_or_else(|| "fapilog".to_owned()),
            env: env.unwrap_or_else(|| "dev".to_owned()),
            version,
        }
    }
}

impl Enricher for RuntimeInfo {
    fn name(&self) -> &str {
        "runtime_info"
    }

    fn constants(&mut self, diagnostics: &mut Fields<'static>) {
        diagnostics.insert("service", self.service.clone());
        diagnostics.insert("env", self.env.clone());
        if let Some(version) = &self.version {
            diagnostics.insert("version", version.clone());
        }
        let host = gethostname::gethostname();
        diagnostics.insert("host", host.to_string_lossy().into_owned());
        diagnostics.insert("pid", std::process::id());
    }
}
