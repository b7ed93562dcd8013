//! [`serve`]: from the first request to the last flush.

use std::{
    fmt,
    future::{Future, IntoFuture},
    io,
    pin::Pin,
    time::Duration,
};

use axum::{Router, serve::Listener};
use fapilog_core::{
    __private::deadline, DrainReport, Logger, LoggerBuilder, Null, Pipeline, diagnostics::say,
};
use fapilog_tower::OpenRequests;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout_at},
};

use crate::{
    hooks::Hooks,
    intake::{self, Server},
    overdue,
    signals::Trigger,
};

/// How often a server that has ended looks whether connections are open.
const LOOK: Duration = Duration::from_millis(5);

/// Serves an app until SIGTERM or Ctrl-C, or until [another signal](Serve::signal), then ends it well.
/// Await what is returned.
///
/// At the signal it
///
/// 1. stops accepting, and lets open requests, and connections that were
///    [upgraded](crate::RequestLogger::upgraded), finish until the
///    [request deadline](Serve::request_deadline), while the [first hooks](Serve::before_shutdown) run;
/// 2. says on stderr which are still open, and ends them as `request_cancelled` or
///    `connection_closed`, outcome `shutdown`;
/// 3. runs the [hooks](Serve::on_shutdown) whose events still count;
/// 4. drains the process-wide pipeline, or [another one](Serve::pipeline), until the
///    [log deadline](Serve::log_deadline);
/// 5. says on stderr, in one line, what became of all events;
/// 6. hands this report to the [last hooks](Serve::after_drain), then returns it.
///
/// A second SIGTERM or Ctrl-C ends the process at once, with exit code 128 and the number of the
/// signal, also after this has returned. The defaults, 5 s for requests and 3 s for logs, fit into the
/// 10 s that Docker gives, if hooks are quick.
///
/// It listens on TCP, on a Unix socket, or on any other [`Listener`] of axum. Handlers get the address
/// of the client as `ConnectInfo` of the listener's address; the layer knows it where that is a
/// `SocketAddr`, and elsewhere `client_ip` is null. Connections speak HTTP/1.1, and HTTP/2 with the
/// feature `http2`.
///
/// If the pipeline must not lose events, `core.drop_on_full = false`, connections are accepted only
/// while there is room for an event: clients wait at the door, not in the house.
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
/// Dropping the future ends the server without draining; connections that are open go on, and so does
/// a hook that has begun. If there was no signal before, SIGTERM and Ctrl-C do nothing from then on,
/// unless something else in the process watches them, or they were not watched here.
pub fn serve<L>(listener: L, app: Router) -> Serve
where
    L: Listener,
    L::Addr: Clone + fmt::Debug + Sync + 'static,
{
    Serve {
        start: Box::new(|logger, stopped| intake::server(listener, app, logger, stopped)),
        request_deadline: None,
        log_deadline: None,
        pipeline: None,
        signal: None,
        before_shutdown: Hooks::new("before_shutdown"),
        on_shutdown: Hooks::new("on_shutdown"),
        after_drain: Hooks::new("after_drain"),
    }
}

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;
/// Starts the server; it stops accepting when the second one completes.
type Start = Box<dyn FnOnce(Logger, Signal) -> Server + Send>;

/// A server that is not running yet; see [`serve`].
#[must_use = "the server runs when this is awaited"]
pub struct Serve {
    start: Start,
    request_deadline: Option<Duration>,
    log_deadline: Option<Duration>,
    pipeline: Option<Pipeline>,
    signal: Option<Signal>,
    before_shutdown: Hooks<()>,
    on_shutdown: Hooks<()>,
    after_drain: Hooks<DrainReport>,
}

impl Serve {
    /// How long open requests, and the hooks that run meanwhile, may take after the signal. Defaults to the pipeline's
    /// `axum.request_deadline_seconds`, 5 s.
    pub fn request_deadline(mut self, deadline: Duration) -> Self {
        self.request_deadline = Some(deadline);
        self
    }

    /// How long each may take: the hooks before the drain, the drain of the pipeline, and the hooks
    /// after it. Defaults to the pipeline's `core.shutdown_timeout_seconds`, 3 s.
    pub fn log_deadline(mut self, deadline: Duration) -> Self {
        self.log_deadline = Some(deadline);
        self
    }

    /// Drains this pipeline instead of the process-wide one.
    pub fn pipeline(mut self, pipeline: Pipeline) -> Self {
        self.pipeline = Some(pipeline);
        self
    }

    /// Ends the server when this completes, instead of at SIGTERM or Ctrl-C: these are left to
    /// whatever else handles them, and there is no second signal. The end is the same.
    ///
    /// Without it, and with `core.signal_handler_enabled` off, nothing ends the server.
    ///
    /// ```no_run
    /// # async fn run(listener: tokio::net::TcpListener, app: axum::Router) -> std::io::Result<()> {
    /// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    /// let server = fapilog_axum::serve(listener, app).signal(async { drop(stopped.await) });
    /// # drop(stop);
    /// server.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn signal(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.signal = Some(Box::pin(signal));
        self
    }

    /// Runs a hook at the signal, while open requests finish: to give up a lease, or to make a
    /// readiness probe fail that is served elsewhere. It has until the
    /// [request deadline](Self::request_deadline), and the server waits so long for it.
    ///
    /// What holds for [`on_shutdown`](Self::on_shutdown) holds for it as well.
    #[track_caller]
    pub fn before_shutdown<F>(mut self, hook: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.before_shutdown.add(|()| hook());
        self
    }

    /// Runs a hook after the requests and before the drain, so that what it logs is delivered.
    ///
    /// Hooks run one after the other, in the order in which they were added, each on a thread of
    /// its own within the runtime. One that panics is told of on stderr, by the place where it was
    /// added. So is one that has not ended at the deadline: it goes on, nobody waits for it any
    /// longer, and those after it do not run. None of them keeps the last events from their sinks.
    #[track_caller]
    pub fn on_shutdown<F>(mut self, hook: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.on_shutdown.add(|()| hook());
        self
    }

    /// Runs a hook after the drain, with its report: to tell somebody of events that were lost. What
    /// it logs is refused.
    ///
    /// What holds for [`on_shutdown`](Self::on_shutdown) holds for it as well.
    ///
    /// ```no_run
    /// # async fn run(listener: tokio::net::TcpListener, app: axum::Router) -> std::io::Result<()> {
    /// # async fn push(exit_code: u8) {}
    /// fapilog_axum::serve(listener, app)
    ///     .after_drain(|report| push(report.exit_code()))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn after_drain<F>(mut self, hook: impl FnOnce(&DrainReport) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.after_drain.add(hook);
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
        let mut trigger = match self.signal {
            Some(signal) => Trigger::Own(signal),
            None => Trigger::of_process(settings.core.signal_handler_enabled)?,
        };
        let request_deadline = self.request_deadline;
        let request_deadline = request_deadline.unwrap_or(settings.axum.request_deadline);
        let open = OpenRequests::of(&logger);
        let log_deadline = self.log_deadline.unwrap_or(pipeline.shutdown_timeout());

        let (stop, stopped) = oneshot::channel();
        // The sender is used, or dropped with the whole server.
        let stopped = async { drop(stopped.await) };
        let mut server = (self.start)(logger, Box::pin(stopped));
        let ended = tokio::select! {
            result = &mut server => Some(result),
            () = trigger.first() => None,
        };
        match ended {
            Some(result) => result?,
            None => {
                let deadline = deadline(request_deadline).into();
                tokio::join!(
                    self.before_shutdown.run(&(), deadline),
                    finish(server, stop, &open, deadline),
                );
            }
        }
        let hooks = self.on_shutdown;
        hooks.run(&(), deadline(log_deadline).into()).await;
        let report = pipeline.shutdown(log_deadline).await;
        say(&report.to_string());
        let hooks = self.after_drain;
        hooks.run(&report, deadline(log_deadline).into()).await;
        Ok(report)
    }
}

/// Stops accepting, and ends the requests and connections that outlive the deadline.
async fn finish(server: Server, stop: oneshot::Sender<()>, open: &OpenRequests, deadline: Instant) {
    // It listens as long as the server lives, which is right here.
    let _ = stop.send(());
    let finished = async {
        // Nothing is accepted any more, whether it failed or not.
        let _ = server.await;
        // Connections that were upgraded are not the server's any more. Nobody tells of their end,
        // so that requests, which end by the thousand, need not tell of theirs.
        while !open.is_empty() {
            sleep(LOOK).await;
        }
    };
    if timeout_at(deadline, finished).await.is_err() {
        overdue::tell(open);
        open.end_all();
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
