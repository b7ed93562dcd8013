//! [`Intake`]: accepting connections, where events must be kept no faster than that can be done.

use std::{fmt, future::Future, future::IntoFuture, io, pin::Pin};

use axum::{
    Router,
    serve::{Listener, ListenerExt},
};
use fapilog_core::Logger;

/// A server that runs.
pub(crate) type Server = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// The server of this app, until it is told to stop. If no event may be lost, it accepts only what
/// there is room for.
pub(crate) fn server<L>(
    listener: L,
    app: Router,
    logger: Logger,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Server
where
    L: Listener,
    L::Addr: Clone + fmt::Debug + Sync + 'static,
{
    let keeper = logger.never_loses().then_some(logger);
    let intake = Intake { listener, keeper };
    // axum tells handlers the address behind any listener of its own kind, such as this one.
    let intake = intake.tap_io(|_| ());
    let app = app.into_make_service_with_connect_info::<L::Addr>();
    let server = axum::serve(intake, app).with_graceful_shutdown(stopped);
    Box::pin(server.into_future())
}

/// Accepts a connection, if there is a keeper when there is room for an event.
#[derive(Debug)]
struct Intake<L> {
    listener: L,
    /// Of the events, where none may be lost.
    keeper: Option<Logger>,
}

impl<L: Listener> Listener for Intake<L> {
    type Io = L::Io;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (L::Io, L::Addr) {
        if let Some(keeper) = &self.keeper {
            // Given back at once: each request asks for its own.
            drop(keeper.permit().await);
        }
        self.listener.accept().await
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }
}
