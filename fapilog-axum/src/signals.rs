//! The signals that end a server: the first politely, the second at once.

use std::{
    future::{Future, pending},
    io,
    pin::Pin,
    thread,
};

use fapilog_core::__private::exit_at_once;
use tokio::{runtime::Builder, sync::oneshot};

/// What ends a server.
pub(crate) enum Trigger {
    Process(Signals),
    Own(Pin<Box<dyn Future<Output = ()> + Send>>),
    Nothing,
}

impl Trigger {
    /// The signals of the process, if they are to be handled.
    pub(crate) fn of_process(handled: bool) -> io::Result<Self> {
        match handled {
            true => Signals::watch().map(Self::Process),
            false => Ok(Self::Nothing),
        }
    }

    /// Completes when the server is to end.
    pub(crate) async fn first(&mut self) {
        match self {
            Self::Process(signals) => signals.first().await,
            Self::Own(signal) => signal.await,
            Self::Nothing => pending().await,
        }
    }
}

/// Calls back at the first SIGTERM or SIGINT (Ctrl-C), and ends the process at the second.
///
/// It watches on a thread of its own, so that a service whose runtime is stuck can be ended too.
/// It stops watching when it is dropped before the first signal. After it, it watches as long as the
/// process lives: a signal that has once been watched does nothing by itself any more.
#[derive(Debug)]
pub(crate) struct Signals {
    first: oneshot::Receiver<()>,
    _watched: oneshot::Sender<()>,
}

impl Signals {
    pub(crate) fn watch() -> io::Result<Self> {
        let (first, called) = oneshot::channel();
        let (watched, unwatched) = oneshot::channel();
        let (ready, started) = std::sync::mpsc::sync_channel(1);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new()
            .name("fapilog-signals".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let mut kinds = match Kinds::new() {
                        Ok(kinds) => kinds,
                        Err(error) => return drop(ready.send(Err(error))),
                    };
                    // Whoever watches waits for this answer.
                    let _ = ready.send(Ok(()));
                    tokio::select! {
                        _ = kinds.next() => {}
                        _ = unwatched => return,
                    }
                    // Nobody may be waiting any more: then the next one still ends it.
                    let _ = first.send(());
                    let number = kinds.next().await;
                    // By custom 128 and the number of the signal.
                    exit_at_once(128 + number);
                });
            })?;
        started.recv().map_err(io::Error::other)??;
        Ok(Self {
            first: called,
            _watched: watched,
        })
    }

    /// Completes at the first signal.
    pub(crate) async fn first(&mut self) {
        // The sender lives as long as the watch, which lives as long as `self`.
        let _ = (&mut self.first).await;
    }
}

#[cfg(unix)]
struct Kinds {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Kinds {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The number of the next signal.
    async fn next(&mut self) -> i32 {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}

#[cfg(not(unix))]
struct Kinds;

#[cfg(not(unix))]
impl Kinds {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> i32 {
        // An error leaves Ctrl-C to the operating system: then there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
        2
    }
}
