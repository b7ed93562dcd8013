//! [`Hangup`]: opens files anew at SIGHUP.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    sync::mpsc,
    task::Poll,
    thread,
};

use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use super::FileHandle;
use crate::own::mark_thread;

/// Watches for the signal on a thread of its own, until it is dropped. From then on the signal does
/// nothing at all: one that has been watched does not end the process any more.
#[derive(Debug)]
pub(super) struct Hangup {
    _watched: oneshot::Sender<()>,
}

impl Hangup {
    pub(super) fn watch(handle: FileHandle) -> io::Result<Self> {
        let (watched, mut unwatched) = oneshot::channel();
        let (ready, started) = mpsc::sync_channel(1);
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let thread = thread::Builder::new().name("fapilog-hangup".to_owned());
        thread.spawn(move || {
            mark_thread();
            runtime.block_on(async {
                let mut hangups = match signal(SignalKind::hangup()) {
                    Ok(hangups) => hangups,
                    Err(error) => return drop(ready.send(Err(error))),
                };
                // Whoever watches waits for this answer.
                let _ = ready.send(Ok(()));
                poll_fn(|context| {
                    while let Poll::Ready(Some(())) = hangups.poll_recv(context) {
                        handle.reopen();
                    }
                    Pin::new(&mut unwatched).poll(context).map(drop)
                })
                .await
            });
        })?;
        started.recv().map_err(io::Error::other)??;
        Ok(Self { _watched: watched })
    }
}
