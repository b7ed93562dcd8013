//! [`serve`]: from the first request to the last flush.

use std::{
    fmt,
    future::{Future, IntoFuture, pending},
    io,
    net::SocketAddr,
    pin::Pin,
    time::Duration,
};

use axum::Router;
use fapilog_core::{
    __private::deadline, DrainReport, Logger, LoggerBuilder, Null, Pipeline, diagnostics::say,
};
use fapilog_tower::OpenRequests;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    time::{Instant, timeout_at},
};

use crate::{
    intake::{self, Intake},
    signals::Signals,
};

type Hook = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Serves an app until SIGTERM or Ctrl-C, then ends it well. Await what is returned.
///
/// At the signal it
///
/// 1. stops accepting, and lets open requests finish until the
///    [request deadline](Serve::request_deadline);
/// 2. ends those that are still open as `request_cancelled`, outcome `shutdown`;
/// 3. runs the [hooks](Serve::on_shutdown), whose events still count;
/// 4. drains the process-wide pipeline, or [another one](Serve::pipeline), until the
///    [log deadline](Serve::log_deadline);
/// 5. says on stderr, in one line, what became of all events.
///
/// A second signal ends the process at once, with exit code 128 and the number of the signal, also
/// after this has returned. The defaults, 5 s for requests and 3 s for logs, fit into the 10 s that
/// Docker gives.
///
/// If the pipeline must not lose events, `core.drop_on_full = false`, connections are accepted only
/// while there is room for an event: clients wait at the door, not in the house.
///
/// The address of the client is known to the layer. Connections speak HTTP/1.1, and HTTP/2 with
/// the feature `http2`.
///
/// ```no_run
/// # async fn run(app: axum::Router) -> std::io::Result<()> {
/// use std::time::Duration;
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// let report = fapilog_axum::serve(listener, app)
///     .request_deadline(Duration::from_secs(20))
///     .on_shutdown(|| async { /* close the database */ })
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If signals cannot be watched. Errors of single connections are not errors of the server.
///
/// # Cancel safety
///
/// Dropping the future ends the server without draining; connections that are open go on. If there
/// was no signal before, SIGTERM and Ctrl-C do nothing from then on, unless something else in the
/// process watches them.
pub fn serve(listener: TcpListener, app: Router) -> Serve {
    Serve {
        listener,
        app,
        request_deadline: None,
        log_deadline: None,
        pipeline: None,
        hooks: Vec::new(),
    }
}

/// A server that is not running yet; see [`serve`].
#[must_use = "the server runs when this is awaited"]
pub struct Serve {
    listener: TcpListener,
    app: Router,
    request_deadline: Option<Duration>,
    log_deadline: Option<Duration>,
    pipeline: Option<Pipeline>,
    hooks: Vec<Hook>,
}

impl Serve {
    /// How long open requests may take after the signal. Defaults to the pipeline's
    /// `axum.request_deadline_seconds`, 5 s.
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.request_deadline = Some(deadline);
        self
    }

    /// How long the hooks, and then the drain of the pipeline, may take each. Defaults to the
    /// pipeline's `core.shutdown_timeout_seconds`, 3 s.
    pub fn log_deadline(mut self, deadline: Duration) -> Self {
        self.log_deadline = Some(deadline);
        self
    }

    /// Drains this pipeline instead of the process-wide one.
    pub fn pipeline(mut self, pipeline: Pipeline) -> Self {
        self.pipeline = Some(pipeline);
        self
    }

    /// Runs a hook after the requests and before the drain, so that what it logs is delivered.
    /// Hooks run one after the other, in the order in which they were added.
    pub fn on_shutdown<F>(mut self, hook: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.hooks.push(Box::new(|| Box::pin(hook())));
        self
    }

    async fn run(self) -> io::Result<DrainReport> {
        // Found before the first request, so that the drain cannot miss what the app logs to.
        let pipeline = match self.pipeline.or_else(fapilog_core::pipeline) {
            Some(pipeline) => pipeline,
            None => nothing()?,
        };
        let logger = pipeline.logger();
        let settings = logger.settings();
        let mut signals = match settings.core.signal_handler_enabled {
            true => Some(Signals::watch()?),
            false => None,
        };
        let request_deadline = self.request_deadline;
        let request_deadline = request_deadline.unwrap_or(settings.axum.request_deadline);
        let open = OpenRequests::of(&logger);
        let log_deadline = self.log_deadline.unwrap_or(pipeline.shutdown_timeout());

        let (stop, stopped) = oneshot::channel();
        // The sender is used, or dropped with the whole server.
        let stopped = async { drop(stopped.await) };
        let mut server = server(self.listener, self.app, pipeline.logger(), stopped);
        let ended = tokio::select! {
            result = &mut server => Some(result),
            () = first(&mut signals) => None,
        };
        match ended {
            Some(result) => result?,
            None => {
                // It listens as long as the server lives, which is right here.
                let _ = stop.send(());
                let deadline = deadline(request_deadline);
                if timeout_at(deadline.into(), server).await.is_err() {
                    open.end_all();
                }
            }
        }
        run_hooks(self.hooks, deadline(log_deadline).into()).await;
        let report = pipeline.shutdown(log_deadline).await;
        say(&report.to_string());
        Ok(report)
    }
}

/// Completes at the first signal, if signals are watched.
async fn first(signals: &mut Option<Signals>) {
    match signals {
        Some(signals) => signals.first().await,
        None => pending().await,
    }
}

type Server = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// The server itself. If no event may be lost, it accepts only what there is room for.
fn server(
    listener: TcpListener,
    app: Router,
    logger: Logger,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Server {
    if logger.never_loses() {
        let intake = Intake { listener, logger };
        let server = axum::serve(intake, intake::service(app)).with_graceful_shutdown(stopped);
        return Box::pin(server.into_future());
    }
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, app).with_graceful_shutdown(stopped);
    Box::pin(server.into_future())
}

/// A hook that hangs must not keep the last events from their sinks.
async fn run_hooks(hooks: Vec<Hook>, deadline: Instant) {
    let count = hooks.len();
    for (index, hook) in hooks.into_iter().enumerate() {
        if timeout_at(deadline, hook()).await.is_err() {
            let number = index + 1;
            say(&format!(
                "shutdown hook {number} of {count} took too long and was left"
            ));
            return;
        }
    }
}

/// An app that logs nowhere is served all the same.
fn nothing() -> io::Result<Pipeline> {
    let built = LoggerBuilder::new().sink(Null).build();
    built
        .map(|(_, pipeline)| pipeline)
        .map_err(io::Error::other)
}

impl IntoFuture for Serve {
    type Output = io::Result<DrainReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Serve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("request_deadline", &self.request_deadline)
            .field("log_deadline", &self.log_deadline)
            .finish_non_exhaustive()
    }
}
