//! [`FapilogLayer`]: the configuration.

mod setters;

use std::{error::Error, fmt, sync::Arc};

use fapilog_core::{BuildError, Logger, Preset};
use tower_layer::Layer;

use crate::{FapilogService, OpenRequests, options::Options};

/// Gives each request an id, a scope and one terminal event; see the [crate](crate) for all of it.
///
/// ```
/// use fapilog_core::{LoggerBuilder, Null};
/// use fapilog_tower::FapilogLayer;
///
/// let (log, pipeline) = LoggerBuilder::new().sink(Null).build()?;
/// let layer = FapilogLayer::new(log);
/// # Ok::<(), fapilog_core::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FapilogLayer {
    // Shared: axum clones its services with every request.
    config: Arc<Config>,
}

#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) logger: Logger,
    pub(crate) open: Arc<OpenRequests>,
    pub(crate) options: Options,
}

impl FapilogLayer {
    /// Logs to this logger, as the group `axum` of its pipeline's settings says: by default, panics
    /// of the service are logged and go on.
    pub fn new(logger: Logger) -> Self {
        Self {
            config: Arc::new(Config {
                open: OpenRequests::of(&logger),
                options: Options::new(&logger.settings().axum),
                logger,
            }),
        }
    }

    /// Logs to the process-wide pipeline, which starts on first use with the settings of the
    /// preset and of the environment.
    ///
    /// The group `axum` of the settings is for the layer: preset `axum`, for one, turns panics of
    /// the service into responses of status 500.
    ///
    /// # Panics
    ///
    /// If there is no such preset, if a variable of the environment cannot be read, or if the
    /// process-wide pipeline runs with another preset; [`try_preset`](Self::try_preset) returns
    /// all this as an error.
    #[track_caller]
    pub fn preset(name: &str) -> Self {
        match Self::try_preset(name) {
            Ok(layer) => layer,
            Err(error) => panic!("{error}"),
        }
    }

    /// The same as [`preset`](Self::preset), for those who want to handle what is wrong.
    ///
    /// # Errors
    ///
    /// Whatever makes [`preset`](Self::preset) panic.
    pub fn try_preset(name: &str) -> Result<Self, PresetError> {
        let preset: Preset = name.parse().map_err(|error| PresetError(Box::new(error)))?;
        let logger = fapilog_core::attach(preset)?;
        Ok(Self::new(logger))
    }
}

impl<S> Layer<S> for FapilogLayer {
    type Service = FapilogService<S>;

    fn layer(&self, inner: S) -> FapilogService<S> {
        FapilogService::new(inner, Arc::clone(&self.config))
    }
}

/// Why a preset could not be used.
#[derive(Debug)]
pub struct PresetError(Box<dyn Error + Send + Sync>);

impl fmt::Display for PresetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for PresetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl From<BuildError> for PresetError {
    fn from(error: BuildError) -> Self {
        Self(Box::new(error))
    }
}
